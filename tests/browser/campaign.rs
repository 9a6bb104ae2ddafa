//! The year's round, from its opening to its closing: two institutes, pilotage, two directors, the directoire and finance,
//! each in a browser of their own, over six weeks.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, Desk, journey_over};
use crate::house::{Ground, PLAN};

const CAMPAIGN: &str = "/admin/campaigns/2026";
const DIALOGUE: &str = "/plans/uca-iut-2021-2026/dialogues/2026";
const ENTRY: &str = "/plans/uca-iut-2021-2026/entry/2026";
const ENGINEERS: &str = "/plans/uca-eng-2021-2026";
const ENGINEERS_DIRECTOR: &str = "director.eng@demo.invalid";
const RETURNED: &str = "Préciser les étudiants étrangers de 2024-2025";
const REOPENED: &str = "Le décompte des conventions est à reprendre";

/// The people of this story. The director of the IUT works without scripts.
struct People {
    pilotage: Browser,
    director: Browser,
    engineers: Browser,
    directoire: Browser,
    finance: Browser,
}

impl People {
    async fn of(desk: &Desk) -> Self {
        Self {
            pilotage: desk.signed_in(Role::Pilotage, true).await,
            director: desk.signed_in(Role::Director, false).await,
            engineers: desk.signed_in_as(ENGINEERS_DIRECTOR, true).await,
            directoire: desk.signed_in(Role::Directoire, true).await,
            finance: desk.signed_in(Role::Finance, true).await,
        }
    }
}

/// Another morning: sessions of the day before are over.
async fn wake(desk: &Desk, day: &str, sleepers: &[(&Browser, &str)]) {
    desk.house.at(&format!("{day}T07:30:00Z"));
    for (browser, name) in sleepers {
        browser.sign_in(&format!("{name}@demo.invalid")).await;
    }
}

#[sqlx::test(migrations = false)]
async fn a_campaign_goes_from_its_opening_to_its_closing(_: PgPoolOptions, options: PgConnectOptions) {
    journey_over(Ground::University, options, walk).await;
}

async fn walk(desk: Desk) {
    let people = People::of(&desk).await;
    let People { pilotage, director, engineers, directoire, finance } = &people;

    open(pilotage).await;

    wake(&desk, "2026-09-28", &[(director, "director"), (pilotage, "pilotage"), (engineers, "director.eng")]).await;
    submit_what_is_missing(director).await;
    give_more_time(pilotage, engineers).await;

    wake(&desk, "2026-10-01", &[(directoire, "directoire"), (director, "director")]).await;
    send_back(directoire, director).await;

    wake(&desk, "2026-10-05", &[(directoire, "directoire"), (director, "director"), (finance, "finance")]).await;
    review(directoire, DIALOGUE).await;
    grant_in_review(finance).await;
    validate(directoire, "2026-10-05").await;
    reopen(directoire, director).await;

    // The campaign is over; those who were given more time still answer.
    wake(&desk, "2026-10-14", &[(engineers, "director.eng")]).await;
    answer_in_extra_time(engineers).await;

    wake(&desk, "2026-10-20", &[(directoire, "directoire"), (pilotage, "pilotage"), (director, "director")]).await;
    review(directoire, &format!("{ENGINEERS}/dialogues/2026")).await;
    validate(directoire, "2026-10-20").await;
    for place in [DIALOGUE, &format!("{ENGINEERS}/dialogues/2026")] {
        close(directoire, place).await;
    }
    pilotage.goto(CAMPAIGN).await;
    for institute in ["Institut universitaire de technologie", "École d’ingénieurs"] {
        let rows = pilotage.texts("main tbody tr").await;
        assert!(rows.iter().any(|row| row.contains(institute) && row.contains("Clos")), "{rows:?}");
    }
    pilotage.accessible().await;
    look_back(director).await;
    print_it(director).await;
}

/// Pilotage opens the year's campaign, one situation let go with its reason.
async fn open(pilotage: &Browser) {
    pilotage.goto("/admin/campaigns").await;
    pilotage.follow("Ouvrir une campagne").await;
    pilotage.fill(&[("year", "2026"), ("opens_on", "2026-09-11"), ("closes_on", "2026-10-11")]).await;
    pilotage.press("Voir ce qui sera demandé").await;
    pilotage.wait_for("main h2", "Institut universitaire de technologie").await;
    let iut = "section[aria-labelledby='plan-uca-iut-2021-2026']";
    pilotage.wait_for(iut, "89 situations attendues").await;
    pilotage.accessible().await;
    pilotage.click(&format!("{iut} summary")).await;
    pilotage.fill(&[("x-uca-iut-2021-2026/19/2025-2026", "")]).await;
    pilotage.press("Ouvrir la campagne").await;
    pilotage.wait_for("#e-uca-iut-2021-2026", "motif").await;
    pilotage.accessible().await;
    pilotage.fill(&[("reason-uca-iut-2021-2026", "Catalogue des formations connu en novembre")]).await;
    pilotage.press("Ouvrir la campagne").await;
    pilotage.wait_for("[role=status]", "Campagne ouverte.").await;
    let rows = pilotage.texts("main tbody tr").await;
    assert!(rows.iter().any(|row| row.contains("Institut universitaire") && row.contains("sur 88")), "{rows:?}");
}

/// The director is told what is missing, goes there from the list, and submits when nothing is.
async fn submit_what_is_missing(director: &Browser) {
    director.goto(DIALOGUE).await;
    director.press("Soumettre au directoire").await;
    director.wait_for("[role=alert]", "Le dialogue n’est pas soumis.").await;
    director.wait_for("main", "Catalogue des formations connu en novembre").await;
    director.accessible().await;

    // A line of the list leads to its field.
    director.leave_by(&format!("#avant ~ .checks a[href='{ENTRY}#row-4/2024-2025']")).await;
    director.wait_for("h1", "Saisie 2026").await;
    director.fill(&[("value/4/2024-2025", "19"), ("comment/4/2024-2025", "Deux conventions de plus")]).await;
    director.press("Enregistrer").await;
    director.wait_for("[role=status]", "enregistrée").await;
    answer_all(director, ENTRY).await;
    update_jalons(director).await;

    director.goto(DIALOGUE).await;
    director.wait_for("main", "Rien ne manque").await;
    director.press("Soumettre au directoire").await;
    director.wait_for("[role=status]", "Dialogue soumis au directoire.").await;
    director.accessible().await;
    director.goto(ENTRY).await;
    assert_eq!(director.texts("tbody.entry textarea").await.len(), 0, "what was submitted is frozen");
}

/// Every answer and every explanation that the grid still asks for.
async fn answer_all(director: &Browser, entry: &str) {
    const FILL: &str = "for (const line of document.querySelectorAll('tbody.entry')) {
            const [value] = line.querySelectorAll('input[name^=\"value/\"]');
            const [num] = line.querySelectorAll('input[name^=\"num/\"]'), [den] = line.querySelectorAll('input[name^=\"den/\"]');
            if (value && !value.value) value.value = '3';
            if (num && !num.value) { num.value = '1'; den.value = '2'; }
            const [comment] = line.querySelectorAll('textarea');
            if (!comment.value) comment.value = 'Vu avec les services';
        }";
    for (show, nothing) in [("due", "Tout est répondu."), ("gaps", "Rien à expliquer.")] {
        director.goto(&format!("{entry}?show={show}")).await;
        director.run(FILL).await;
        director.press("Enregistrer").await;
        director.wait_for("main .empty", nothing).await;
    }
}

/// Says of each jalon that is due where it stands, from the links of the list.
async fn update_jalons(director: &Browser) {
    const LINKS: &str = "return [...document.querySelectorAll('.checks a[href*=\"/jalons/\"]')]
            .map((it) => it.getAttribute('href'));";
    director.goto(DIALOGUE).await;
    let links = director.run(LINKS).await;
    let links: Vec<&str> = links.as_array().unwrap().iter().filter_map(|it| it.as_str()).collect();
    assert!(!links.is_empty());
    for link in links {
        director.goto(link).await;
        director.click("#progress > summary").await;
        director.fill(&[("state-en-cours", ""), ("comment", "Repris à la rentrée")]).await;
        director.press("Enregistrer").await;
        director.wait_for("[role=status]", "Avancement du jalon enregistré.").await;
    }
}

/// Pilotage gives an institute more time, which its director sees first.
async fn give_more_time(pilotage: &Browser, engineers: &Browser) {
    pilotage.goto(CAMPAIGN).await;
    pilotage.leave_by(&format!("main a[href='{CAMPAIGN}/plans/uca-eng-2021-2026']")).await;
    pilotage.fill(&[("to", "2026-10-01")]).await;
    pilotage.press("Accorder le délai").await;
    pilotage.see("#to-error").await;
    pilotage.see("#reason-error").await;
    pilotage.accessible().await;
    pilotage.fill(&[("to", "2026-10-25"), ("reason", "Changement de direction en septembre")]).await;
    pilotage.press("Accorder le délai").await;
    pilotage.wait_for("[role=status]", "Délai enregistré.").await;
    engineers.goto("/").await;
    engineers.wait_for("main", "25 oct. 2026").await;
    engineers.goto(&format!("{ENGINEERS}/dialogues/2026")).await;
    engineers.wait_for("main", "Changement de direction en septembre").await;
    engineers.accessible().await;
}

async fn review(directoire: &Browser, place: &str) {
    directoire.goto("/").await;
    directoire.wait_for("main .inbox h3", "dialogue soumis à examiner").await;
    directoire.goto(place).await;
    directoire.press("Passer en revue").await;
    directoire.wait_for("[role=status]", "Dialogue en revue.").await;
    directoire.accessible().await;
}

/// The directoire sends the dialogue back; its director reads why first, corrects and submits again.
async fn send_back(directoire: &Browser, director: &Browser) {
    review(directoire, DIALOGUE).await;
    directoire.press("Retourner à la direction").await;
    directoire.wait_for("#e-return", "motif").await;
    directoire.fill(&[("reason-return", RETURNED)]).await;
    directoire.press("Retourner à la direction").await;
    directoire.wait_for("[role=status]", "Dialogue retourné à la direction").await;

    for place in ["/", DIALOGUE, ENTRY] {
        director.goto(place).await;
        assert_eq!(director.text("main .quote").await, RETURNED, "{place}");
        director.accessible().await;
    }
    correct(director, "4/2024-2025", "21").await;
    director.goto(DIALOGUE).await;
    director.press("Soumettre au directoire").await;
    director.wait_for("[role=status]", "Dialogue soumis au directoire.").await;
}

/// Corrects a value that was submitted once.
async fn correct(director: &Browser, cell: &str, value: &str) {
    director.goto(ENTRY).await;
    director.fill(&[(&format!("value/{cell}"), value)]).await;
    director.press("Enregistrer").await;
    director.wait_for("[role=status]", "enregistrée").await;
}

/// Finance says, during the review, what was spent on a line.
async fn grant_in_review(finance: &Browser) {
    finance.goto(DIALOGUE).await;
    finance.wait_for("main", "En revue").await;
    finance.accessible().await;
    finance.goto(&format!("{PLAN}/budget/B1")).await;
    let amount = [("year", "2026"), ("kind", "execute"), ("amount", "41 250,50"), ("source", "Compte financier, août")];
    finance.fill(&amount).await;
    finance.fill(&[("dated_on", "2026-08-31")]).await;
    finance.press("Enregistrer le montant").await;
    finance.wait_for("[role=status]", "Montant enregistré.").await;
}

/// Validated in a séance that has a day.
async fn validate(directoire: &Browser, day: &str) {
    directoire.press("Valider").await;
    directoire.wait_for("#session_on-error", "séance").await;
    directoire.fill(&[("session_on", day)]).await;
    directoire.press("Valider").await;
    directoire.wait_for("[role=status]", "Dialogue validé.").await;
    directoire.accessible().await;
}

/// Opened again for a reason that stays; corrected, submitted and validated once more.
async fn reopen(directoire: &Browser, director: &Browser) {
    directoire.press("Rouvrir").await;
    directoire.wait_for("#e-reopening", "motif").await;
    directoire.fill(&[("reason-reopening", REOPENED)]).await;
    directoire.press("Rouvrir").await;
    directoire.wait_for("[role=status]", "Dialogue rouvert.").await;
    director.goto("/").await;
    assert_eq!(director.text("main .quote").await, REOPENED);
    correct(director, "1/2024-2025", "11").await;
    director.goto(DIALOGUE).await;
    director.press("Soumettre au directoire").await;
    director.wait_for("[role=status]", "Dialogue soumis au directoire.").await;
    review(directoire, DIALOGUE).await;
    validate(directoire, "2026-10-05").await;
    directoire.wait_for("main", REOPENED).await;
}

/// The one situation that the engineers still owe, typed by hand; their jalons; their submission, taken back once.
async fn answer_in_extra_time(engineers: &Browser) {
    let (dialogue, entry) = (format!("{ENGINEERS}/dialogues/2026"), format!("{ENGINEERS}/entry/2026"));
    engineers.goto("/").await;
    engineers.wait_for("main", "25 oct. 2026").await;
    engineers.goto(&format!("{entry}?show=due")).await;
    answer_all_by_hand(engineers).await;
    engineers.goto(&dialogue).await;
    engineers.unfold().await;
    let jalons = engineers.run(
        "return [...document.querySelectorAll('.checks a[href*=\"/jalons/\"]')].map((it) => it.getAttribute('href'));",
    );
    for link in jalons.await.as_array().unwrap().iter().filter_map(|it| it.as_str()) {
        engineers.goto(link).await;
        engineers.click("#progress > summary").await;
        engineers.fill(&[("state-en-cours", ""), ("comment", "Repris après le changement de direction")]).await;
        engineers.press("Enregistrer").await;
        engineers.wait_for("[role=status]", "Avancement du jalon enregistré.").await;
    }
    engineers.goto(&dialogue).await;
    engineers.press("Soumettre au directoire").await;
    engineers.wait_for("[role=status]", "Dialogue soumis au directoire.").await;
    engineers.press("Rappeler la soumission").await;
    engineers.wait_for("[role=status]", "Soumission rappelée.").await;
    engineers.press("Soumettre au directoire").await;
    engineers.wait_for("[role=status]", "Dialogue soumis au directoire.").await;
}

/// Each field left empty, typed, then left for the next line, which saves it.
async fn answer_all_by_hand(engineers: &Browser) {
    const EMPTY: &str = "return [...document.querySelectorAll('tbody.entry [data-col]')]
            .filter((it) => !it.value).map((it) => it.name);";
    let empty = engineers.run(EMPTY).await;
    let empty: Vec<&str> = empty.as_array().unwrap().iter().filter_map(|it| it.as_str()).collect();
    assert!(empty.iter().any(|name| !name.starts_with("comment/")), "{empty:?}");
    for name in &empty {
        let text = match name.split('/').next().unwrap() {
            "comment" => "Vu avec le nouveau bureau",
            "den" => "16",
            _ => "12",
        };
        engineers.write(&format!("[name='{name}']"), text).await;
    }
    engineers.press("Enregistrer").await;
    engineers.wait_for("main .empty", "Tout est répondu.").await;
}

async fn close(directoire: &Browser, place: &str) {
    directoire.goto(place).await;
    directoire.press("Clore").await;
    directoire.wait_for("[role=status]", "Dialogue clos.").await;
    directoire.wait_for("main", "Ce dialogue est clos.").await;
    directoire.accessible().await;
}

/// What changed from the opening to the closing, in the reader's words.
async fn look_back(director: &Browser) {
    director.goto(&format!("{PLAN}/compare")).await;
    director.choose("#from", "2026-ouverture").await;
    director.choose("#to", "2026-cloture").await;
    director.press("Comparer").await;
    let rows = director.texts("section[aria-labelledby='differences'] tbody tr").await;
    let row = |about: &str| rows.iter().find(|row| row.contains(about)).unwrap_or_else(|| panic!("{about}: {rows:?}"));
    let foreign = row("Indicateur 4, 2024-2025");
    assert!(foreign.contains("21") && foreign.contains("Direction de l’IUT"), "{foreign}");
    let spent = row("B1");
    assert!(spent.contains("Direction des finances"), "{spent}");
    director.accessible().await;

    // Between two submissions, only what was corrected.
    director.goto(&format!("{PLAN}/compare?from=2026-soumission&to=2026-soumission-2")).await;
    let rows = director.texts("section[aria-labelledby='differences'] tbody tr").await;
    assert!(rows.len() == 1 && rows[0].contains("19") && rows[0].contains("21"), "{rows:?}");
}

/// The page of the dialogue is its minutes: on paper, in black, without a button.
async fn print_it(director: &Browser) {
    director.goto(DIALOGUE).await;
    let (text, sheets) = director.printed("dialogue").await;
    assert!((1..=12).contains(&sheets), "{sheets} sheets");
    // Lines break where the paper ends, after a hyphen too.
    let tight = |text: &str| text.split_whitespace().collect::<String>();
    for said in ["Dialogue 2026", "Institut universitaire de technologie", "Clos", "5 oct. 2026", RETURNED, REOPENED] {
        assert!(tight(&text).contains(&tight(said)), "« {said} » is not printed: {text}");
    }
    for screen in ["Se déconnecter", "Ouvrir la saisie", "Plan du site"] {
        assert!(!text.contains(screen), "« {screen} » is printed");
    }
}
