//! The meeting on one page: what it shows to whom, what is decided there, what it keeps once it is closed; and the past
//! of the demo, which has every state of a dialogue.

use std::collections::BTreeSet;

use cpom::accounts::model::Role;
use cpom::dialogue::model::Transition;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::dialogue::{CODE, PAGE, complete, moved};
use crate::support::TestApp;

/// No page may run more.
const STATEMENTS: u32 = 10;

fn heads(answer: &crate::support::Answer, section: &str) -> Vec<String> {
    answer.texts(&format!("[aria-labelledby={section}] thead th"))
}

#[sqlx::test(migrations = false)]
async fn the_meeting_shows_the_worst_first_with_what_was_said(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Directoire).await.get(PAGE).await;
    assert_eq!(page.status, 200);
    let rows = page.texts("[aria-labelledby=mesures] tbody tr");
    assert_eq!(rows.len(), 22, "every measure is there, the favourable ones folded");
    let states = page.texts("[aria-labelledby=mesures] tbody td[data-label='État'] .pill");
    let order = ["En recul", "En retard", "Non évaluable", "Sans donnée", "Conforme", "Atteinte", "Non applicable"];
    let ranks: Vec<usize> = states.iter().map(|it| order.iter().position(|known| known == it).unwrap()).collect();
    assert!(ranks.is_sorted(), "{states:?}");
    assert!(rows.iter().any(|row| row.contains("Signatures reportées à la rentrée suivante.")), "{rows:?}");
    assert!(page.texts("[aria-labelledby=jalons] h3").contains(&"En retard".to_owned()));
    let jalons = page.texts("[aria-labelledby=jalons] tbody th a");
    assert!(["J3", "J16.c", "J10", "J11"].iter().all(|code| jalons.iter().any(|it| it == code)), "{jalons:?}");
    let conditions = page.texts("[aria-labelledby=conditions] li a");
    assert_eq!(conditions, ["C-M1.1", "C-H1"]);
    assert_eq!(page.texts("[aria-labelledby=reserves] li").len(), 70);
    // What does not add up, as the page of controls has it.
    let gaps = page.texts("[aria-labelledby=controles] tbody tr").len();
    let controls = app.visitor(Role::Directoire).await.get(&format!("/plans/{CODE}/controls?verdict=ecart")).await;
    assert_eq!(gaps, controls.texts(".table--controls tbody tr").len());
    assert!(gaps > 0);
    // Two are to be decided; those that the contract left to the next dialogue are on this one's agenda.
    let why = page.texts("[aria-labelledby=ordre-du-jour] .inbox p");
    assert_eq!(why.iter().filter(|it| it.starts_with("à décider")).count(), 2, "{why:?}");
    assert!(why.iter().any(|it| it.starts_with("à revoir à ce dialogue")), "{why:?}");
}

#[sqlx::test(migrations = false)]
async fn what_a_role_does_not_see_is_left_out(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for (role, posts, budget) in [
        (Role::Director, true, true),
        (Role::Directoire, true, true),
        (Role::Finance, false, true),
        (Role::Rh, true, false),
        (Role::Pilotage, true, true),
    ] {
        let page = app.visitor(role).await.get(PAGE).await;
        let columns = heads(&page, "moyens");
        assert_eq!(columns.contains(&"Postes".to_owned()), posts, "{role:?} {columns:?}");
        assert_eq!(columns.contains(&"Lignes budgétaires".to_owned()), budget, "{role:?} {columns:?}");
        let sums = page.texts("[aria-labelledby=moyens] dt");
        assert_eq!(sums.iter().any(|it| it == "Postes demandés"), posts, "{role:?} {sums:?}");
        assert_eq!(sums.iter().any(|it| it == "Participation demandée"), budget, "{role:?} {sums:?}");
        let links = page.attributes("main a", "href");
        assert_eq!(links.iter().any(|it| it.contains("/budget/")), budget, "{role:?}");
        assert!(posts || !links.iter().any(|it| it.contains("/posts/")), "{role:?}");
        // A réserve is told to whoever sees all that it touches.
        let told = page.texts("[aria-labelledby=reserves] li").len();
        assert!(if posts && budget { told == 70 } else { told < 70 }, "{role:?} {told}");
        // Only the directoire and those who record its decisions have the forms; no post is to be decided on.
        let forms = page.attributes("[aria-labelledby=ordre-du-jour] form", "action");
        assert_eq!(!forms.is_empty(), matches!(role, Role::Directoire | Role::Finance), "{role:?} {forms:?}");
    }
    assert_eq!(app.visitor(Role::Contributor).await.get(PAGE).await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn a_decision_is_typed_at_the_meeting_and_written_in_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let directoire = app.visitor(Role::Directoire).await;
    let page = directoire.get(PAGE).await;
    let before = page.texts("[aria-labelledby=ordre-du-jour] .inbox li").len();
    let action = page
        .attributes("[aria-labelledby=ordre-du-jour] form", "action")
        .into_iter()
        .find(|it| it.contains("/budget/"))
        .unwrap();
    let (path, _) = action.split_once('#').unwrap();
    let rank = page.attributes(&format!("form[action='{action}'] [name=rank]"), "value").remove(0);
    let mut fields = vec![("rank", rank.as_str()), ("dialogue", "2025"), ("decided_by", "Directoire")];
    // A condition is missing: the page of the line says it, and still leads back to the meeting.
    fields.extend([("session_on", "2025-09-12"), ("state", "favorable_sous_condition")]);
    let refused = directoire.post(path, &fields).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("#decider [name=dialogue]", "value"), ["2025"]);
    *fields.last_mut().unwrap() = ("state", "favorable");
    fields.push(("wording", "Favorable en 2026"));
    let decided = directoire.post(path, &fields).await;
    assert_eq!((decided.status.as_u16(), decided.location()), (303, format!("{PAGE}#decisions").as_str()));
    let page = directoire.get(PAGE).await;
    assert_eq!(page.texts("[aria-labelledby=ordre-du-jour] .inbox li").len(), before - 1);
    let told = page.texts("[aria-labelledby=decisions] tbody tr");
    assert!(told.len() == 1 && told[0].contains("Favorable en 2026") && told[0].contains("12 sept. 2025"), "{told:?}");
    // Human resources do not see what is decided on money.
    let rh = app.visitor(Role::Rh).await.get(PAGE).await;
    assert_eq!(rh.texts("[aria-labelledby=decisions] tbody tr").len(), 0);
}

#[sqlx::test(migrations = false)]
async fn what_is_to_be_seen_again_enters_the_next_agenda(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    let directoire = app.visitor(Role::Directoire).await;
    let heading = |page: &crate::support::Answer| {
        page.texts("#moyens + .inbox h3").into_iter().find(|it| it.contains("à revoir"))
    };
    let first = heading(&directoire.get("/").await).expect("the signed contract left some to the first dialogue");
    let count: usize = first.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(directoire.get("/decisions").await.texts("[aria-labelledby=a-revoir] tbody tr").len(), count);
    // Left again to the next one, it is no more on this one's agenda.
    let line = directoire.get("/decisions").await.attributes("[aria-labelledby=a-revoir] tbody a", "href").remove(0);
    let rank = directoire.get(&line).await.attributes("#decider [name=rank]", "value").remove(0);
    let fields = [
        ("rank", rank.as_str()),
        ("state", "a_revoir"),
        ("session_on", "2025-09-12"),
        ("decided_by", "Directoire"),
        ("reason", "chiffrage attendu"),
    ];
    assert_eq!(directoire.post(&format!("{line}/arbitrages"), &fields).await.status, 303);
    let left = directoire.get("/decisions").await.texts("[aria-labelledby=a-revoir] tbody tr").len();
    assert_eq!(left, count - 1);
    for transition in [Transition::Submission, Transition::Review, Transition::Validation, Transition::Closure] {
        moved(&app, 2025, transition).await;
    }
    // Between two campaigns nothing is on an agenda.
    assert_eq!(heading(&directoire.get("/").await), None);
    let later = app.later(chrono::TimeDelta::days(340));
    let directoire = later.visitor(Role::Directoire).await;
    let window = [("year", "2026"), ("opens_on", "2026-08-18"), ("closes_on", "2026-09-30"), ("threshold", "")];
    assert_eq!(directoire.post("/admin/campaigns", &window).await.status, 303);
    assert_eq!(directoire.get("/decisions").await.texts("[aria-labelledby=a-revoir] tbody tr").len(), count);
    let agenda = directoire.get(&format!("/plans/{CODE}/dialogues/2026")).await;
    let links = agenda.attributes("[aria-labelledby=ordre-du-jour] h3 a", "href");
    assert!(links.contains(&line), "{links:?}");
}

#[sqlx::test(migrations = false)]
async fn a_conditional_jalon_waits_once_a_year(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let asked = async |app: &TestApp, role| {
        let home = app.visitor(role).await.get("/").await;
        home.texts(".inbox h3").into_iter().find(|it| it.contains("sous condition")).unwrap_or_default()
    };
    for role in [Role::Director, Role::Directoire] {
        assert_eq!(asked(&app, role).await, "2 jalons sous condition", "{role:?}");
    }
    // Nobody else answers for them.
    for role in [Role::Contributor, Role::Finance, Role::Rh, Role::Pilotage] {
        assert_eq!(asked(&app, role).await, "", "{role:?}");
    }
    let director = app.visitor(Role::Director).await;
    let jalon = format!("/plans/{CODE}/jalons/J10");
    let version = director.get(&jalon).await.attributes("[name=version]", "value").remove(0);
    let said = [("state", "en_cours"), ("comment", "L’UCA instruit le dossier"), ("version", version.as_str())];
    assert_eq!(director.post(&format!("{jalon}/progress"), &said).await.status, 303);
    for role in [Role::Director, Role::Directoire] {
        assert_eq!(asked(&app, role).await, "1 jalon sous condition", "{role:?}");
    }
    let home = director.get("/").await;
    assert!(home.attributes(".inbox a.button", "href").contains(&format!("/plans/{CODE}/jalons/J11")));
    // The next year asks again.
    assert_eq!(asked(&app.later(chrono::TimeDelta::days(120)), Role::Directoire).await, "2 jalons sous condition");
}

#[sqlx::test(migrations = false)]
async fn a_closed_dialogue_keeps_what_it_was_closed_on(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    // Through the doors: what raw statements write, the journal does not tell.
    enter_all(&app).await;
    sqlx::query("UPDATE dialogue SET is_final = true").execute(app.pool()).await.unwrap();
    for transition in [Transition::Submission, Transition::Review, Transition::Validation, Transition::Closure] {
        moved(&app, 2025, transition).await;
    }
    let before = director.get(PAGE).await;
    assert!(before.texts("#ordre-du-jour").is_empty() && before.texts("#nouvelle-suite").is_empty());
    assert!(before.body.contains("est son bilan"), "{}", before.body);
    // Whatever comes after, the minutes stay.
    sqlx::query("UPDATE cell SET value = value + 1000, status = 'valeur' WHERE value IS NOT NULL")
        .execute(app.pool())
        .await
        .unwrap();
    let year = app.later(chrono::TimeDelta::days(300));
    let director = year.visitor(Role::Director).await;
    let after = director.get(PAGE).await;
    for section in ["mesures", "jalons", "moyens", "suites"] {
        let rows = |page: &crate::support::Answer| page.texts(&format!("[aria-labelledby={section}] tbody tr"));
        assert_eq!(rows(&after), rows(&before), "{section}");
    }
    assert_eq!(after.texts("[aria-labelledby=etat] dd"), before.texts("[aria-labelledby=etat] dd"));
    // The contract leads to it.
    let contract = director.get(&format!("/plans/{CODE}")).await;
    assert_eq!(contract.attributes("[aria-labelledby=dialogue] p > a", "href"), [PAGE]);
    assert_eq!(contract.texts("[aria-labelledby=dialogue] p > a"), ["Bilan"]);
}

/// Answers, explains and updates what a submission demands, by a file.
pub async fn enter_all(app: &TestApp) {
    use cpom::document;
    use cpom::indicators::model::{Cell, Status};
    use cpom::kernel::ids::Code;
    let mut conn = app.app.conn().await.unwrap();
    let (_, mut whole) = document::store::load(&mut conn, CODE).await.unwrap().unwrap();
    whole.cells.push(Cell {
        status: Some(Status::NotApplicable),
        ..Cell::empty(Code::new("9").unwrap(), cpom::kernel::period::Period::civil(2024))
    });
    for cell in &mut whole.cells {
        cell.comment.get_or_insert_with(|| "expliqué".into());
    }
    for jalon in whole.jalons.iter_mut().filter(|jalon| jalon.is_leaf() && !jalon.state().is_over()) {
        jalon.comment = Some("point fait".into());
    }
    let act = cpom::journal::model::Act::command("test", app.app.clock.now());
    document::import(&mut conn, &act, &whole.to_bytes(), true).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn the_meeting_keeps_to_its_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let mut before = Vec::new();
    for role in [Role::Director, Role::Directoire, Role::Finance] {
        let (page, count) = counted(&app.anew(), role, PAGE).await;
        assert_eq!(page.status, 200);
        assert!(count <= STATEMENTS, "{role:?}: {count}");
        before.push((role, count));
    }
    // Twice the rows of everything that it shows.
    let mut conn = app.app.conn().await.unwrap();
    let (_, whole) = cpom::document::store::load(&mut conn, CODE).await.unwrap().unwrap();
    let mut more = whole.clone();
    let twice = |code: &cpom::kernel::ids::Code| cpom::kernel::ids::Code::new(&format!("{code}x")).unwrap();
    macro_rules! double {
        ($($list:ident),*) => { $(
            let copies: Vec<_> = whole.$list.iter().cloned().map(|mut it| { it.code = twice(&it.code); it }).collect();
            more.$list.extend(copies);
        )* };
    }
    double!(posts, budget, requests, conditions, reserves);
    more.arbitrages.extend(
        whole.arbitrages.iter().filter(|it| it.subject != cpom::arbitrages::Subject::Heading).cloned().map(|mut it| {
            it.code = twice(&it.code);
            it
        }),
    );
    let act = cpom::journal::model::Act::command("test", app.app.clock.now());
    cpom::document::import(&mut conn, &act, &more.to_bytes(), true).await.unwrap();
    drop(conn);
    for (role, count) in before {
        assert_eq!(counted(&app.anew(), role, PAGE).await.1, count, "{role:?}");
    }
}

/// The states on a page of dialogues.
fn pills(page: &crate::support::Answer, selector: &str) -> BTreeSet<String> {
    page.texts(selector).into_iter().collect()
}

#[sqlx::test(migrations = false)]
async fn the_demo_has_a_past_and_every_state(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::history(options, "2026-11-29T11:00:00Z").await;
    let directoire = app.visitor(Role::Directoire).await;
    assert_eq!(directoire.get("/admin/campaigns").await.texts("tbody tr").len(), 3);
    let mut states = BTreeSet::new();
    let now = pills(&directoire.get("/directoire").await, "[aria-labelledby=dialogues] tbody td:first-of-type .pill");
    assert_eq!(now, ["À ouvrir", "Saisie", "Soumis", "En revue", "Retourné", "Clos"].map(str::to_owned).into(),);
    states.extend(now);
    for code in
        ["uca-iut-2021-2026", "uca-eng-2021-2026", "uca-hum-2022-2026", "uca-viv-2023-2027", "uca-deg-2018-2022"]
    {
        let list = directoire.get(&format!("/plans/{code}/dialogues")).await;
        let count = list.texts("tbody tr").len();
        assert_eq!(count, if code.contains("deg") { 2 } else { 3 }, "{code}");
        states.extend(pills(&list, "tbody .pill"));
        for year in [2024, 2025] {
            let page = directoire.get(&format!("/plans/{code}/dialogues/{year}")).await;
            assert_eq!(page.status, 200, "{code} {year}");
        }
    }
    assert_eq!(states.len(), 7, "{states:?}");
    // One return with its reason, one reopening, one extension.
    let told = async |path: &str| directoire.get(path).await.texts("[aria-labelledby=suivi] .change").join(" | ");
    assert!(told("/plans/uca-eng-2021-2026/dialogues/2024").await.contains("Retour à la direction"));
    assert!(told("/plans/uca-eng-2021-2026/dialogues/2024").await.contains("Reprise de la saisie"));
    assert!(told("/plans/uca-hum-2022-2026/dialogues/2025").await.contains("Réouverture"));
    let extended = directoire.get("/plans/uca-viv-2023-2027/dialogues/2025").await;
    assert!(extended.body.contains("Délai accordé jusqu’au 15 oct. 2025"));
    // One finished and closed, whose contract leads to its bilan; one that was never opened.
    let closed = directoire.get("/plans/uca-deg-2018-2022").await;
    assert_eq!(
        closed.attributes("[aria-labelledby=dialogue] p > a", "href"),
        ["/plans/uca-deg-2018-2022/dialogues/2025"]
    );
    assert!(directoire.get("/plans/uca-ftlv-2027-2031/dialogues").await.texts("tbody tr").is_empty());
    // What the meetings asked comes back; what is settled does not.
    let meeting = directoire.get("/plans/uca-iut-2021-2026/dialogues/2026").await;
    assert_eq!(meeting.texts("[aria-labelledby=suites] tbody th a"), ["S2024-2", "S2025-1"]);
    let minutes = directoire.get("/plans/uca-iut-2021-2026/dialogues/2024").await;
    assert_eq!(minutes.texts("[aria-labelledby=suites] tbody .pill"), ["À faire", "À faire", "À faire"]);
    // An avenant is on its way: the direction agreed, the directoire has yet to.
    let avenant = directoire.get("/plans/uca-viv-2023-2027/avenants/1").await;
    assert_eq!(avenant.texts(".subtitle .pill"), ["Préparé"]);
    assert_eq!(avenant.attributes("#accords form", "action").len(), 1, "{:?}", avenant.texts("#accords"));
    // The export is what the journal tells, marks included.
    let mut conn = app.app.conn().await.unwrap();
    for code in ["uca-iut-2021-2026", "uca-viv-2023-2027", "uca-deg-2018-2022"] {
        let (plan_id, kept) = cpom::document::store::load(&mut conn, code).await.unwrap().unwrap();
        let told = cpom::document::store::as_of(&mut conn, plan_id, app.app.clock.now()).await.unwrap().unwrap();
        assert!(told.to_bytes() == kept.to_bytes(), "{code}");
        assert!(String::from_utf8(kept.to_bytes()).unwrap().contains("donnée fictive"), "{code}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_demo_is_made_whatever_the_day(_: PgPoolOptions, options: PgConnectOptions) {
    // The first day of a year before the past of these contracts, and a far one.
    let app = TestApp::history(options, "2031-01-01T00:30:00Z").await;
    let page = app.visitor(Role::Directoire).await.get("/directoire").await;
    assert_eq!(page.texts("[aria-labelledby=dialogues] tbody tr").len(), 6);
}
