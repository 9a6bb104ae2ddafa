//! What a contract promises and gives, moved by those who may: a jalon closed late, a post corrected, a request decided,
//! a grant made exact.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, Desk, journey};
use crate::house::PLAN;

/// Text with its spaces made plain: what is compared is what is read.
async fn read(browser: &Browser, css: &str) -> String {
    browser.text(css).await.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The number before the words of an item of the inbox.
async fn counted(browser: &Browser, words: &str) -> usize {
    browser.wait_for("main .inbox h3", words).await;
    let found = browser.texts("main .inbox h3").await.into_iter().find(|it| it.contains(words)).unwrap();
    found.split_whitespace().next().unwrap().parse().unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_director_closes_a_jalon_late_with_its_evidence(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, close_late).await;
}

async fn close_late(desk: Desk) {
    for (jalon, scripts) in [("J3", true), ("J2", false)] {
        let browser = desk.signed_in(Role::Director, scripts).await;
        let late = counted(&browser, "jalons échus").await;
        browser.follow("Mettre à jour les jalons échus").await;
        browser.accessible().await;
        browser.leave_by(&format!("main a[href='{PLAN}/jalons/{jalon}']")).await;
        browser.wait_for("h1", &format!("{jalon} · ")).await;
        browser.wait_for(".subtitle", "En retard").await;

        // Neither a day to come nor a word without its evidence; what was typed stays.
        browser.click("#closure > summary").await;
        browser.fill(&[("reached_on", "2026-12-01")]).await;
        browser.press("Déclarer atteint").await;
        browser.wait_for("#reached_on-error", "pas encore venu").await;
        browser.wait_for("#evidence-error", "ce qui le prouve").await;
        assert_eq!(browser.value("#reached_on").await, "2026-12-01");
        browser.accessible().await;

        browser.fill(&[("reached_on", "2026-06-18"), ("evidence", "Bilan de l’Université Foraine, juin 2026")]).await;
        browser.press("Déclarer atteint").await;
        browser.wait_for("[role=status]", "Jalon enregistré comme atteint.").await;
        browser.wait_for(".subtitle", "Atteint").await;
        let told = read(&browser, ".facts").await;
        assert!(told.contains("18 juin 2026") && told.contains("Bilan de l’Université Foraine"), "{told}");
        browser.wait_for(".history", "Direction de l’IUT").await;
        browser.accessible().await;
        browser.goto("/").await;
        assert_eq!(counted(&browser, "jalons échus").await, late - 1, "{jalon}");
    }
}

#[sqlx::test(migrations = false)]
async fn rh_corrects_a_post_line_and_the_share_moves(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, move_the_share).await;
}

async fn move_the_share(desk: Desk) {
    const SHARE: &str = "section[aria-labelledby='shares'] tbody tr:first-child";
    // 9 of the 46 vacancies are dynamic; one more, then back again without scripts.
    let turns = [
        (true, "part_20", "9 46 19,57 % sous 20 %", "10 46 21,74 % règle tenue"),
        (false, "part_80", "10 46 21,74 % règle tenue", "9 46 19,57 % sous 20 %"),
    ];
    for (scripts, part, before, after) in turns {
        let browser = desk.signed_in(Role::Rh, scripts).await;
        browser.goto(&format!("{PLAN}/posts")).await;
        let share = read(&browser, SHARE).await;
        assert!(numbers(&share).ends_with(before), "{share}");
        browser.click("section[aria-labelledby='lines'] summary").await;
        browser.leave_by(&format!("main a[href='{PLAN}/posts/P24']")).await;
        browser.wait_for("h1", "Poste P24").await;

        // A figure is refused beside its field.
        browser.fill(&[("part", part), ("count", "un")]).await;
        browser.press("Enregistrer la ligne").await;
        browser.wait_for("[role=alert]", "Rien n’est enregistré.").await;
        assert_eq!((browser.value("#count").await.as_str(), browser.value("#part").await.as_str()), ("un", part));
        browser.accessible().await;

        // What served an objective by the first turn serves none after the second.
        browser.fill(&[("count", "1"), ("o-O5", ""), ("reason", "Profil revu avec la direction")]).await;
        browser.press("Enregistrer la ligne").await;
        browser.wait_for("[role=status]", "Poste enregistré.").await;
        browser.wait_for(".history", "Profil revu avec la direction").await;
        browser.accessible().await;
        browser.goto(&format!("{PLAN}/posts")).await;
        let share = read(&browser, SHARE).await;
        assert!(numbers(&share).ends_with(after), "{share}");
        browser.accessible().await;
    }
}

/// A row without the words that name its links to those who do not see.
fn numbers(row: &str) -> String {
    let mut kept = String::new();
    let mut rest = row;
    while let Some((before, after)) = rest.split_once("Voir les lignes") {
        kept.push_str(before);
        rest = after.split_once(" : ").map_or("", |(_, rest)| rest);
    }
    kept.push_str(rest);
    kept
}

#[sqlx::test(migrations = false)]
async fn the_directoire_turns_a_request_and_its_director_sees_it(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, turn_a_request).await;
}

async fn turn_a_request(desk: Desk) {
    const CONDITION: &str = "Sous réserve de 120 étudiants de plus à Montluçon";
    let browser = desk.signed_in(Role::Directoire, true).await;
    browser.goto(&format!("{PLAN}/commitments")).await;
    browser.unfold().await;
    browser.leave_by(&format!("main a[href='{PLAN}/requests/M5.2']")).await;
    browser.wait_for(".subtitle", "À retravailler").await;

    // A decision names its séance, and a conditional one its condition.
    browser.fill(&[("decision-state", "favorable_sous_condition"), ("decision-decided_by", "Directoire")]).await;
    browser.press("Enregistrer la décision").await;
    browser.wait_for("#decision-session_on-error", "séance").await;
    browser.wait_for("#decision-condition-error", "Choisissez la condition").await;
    assert_eq!(browser.value("#decision-state").await, "favorable_sous_condition");
    browser.accessible().await;
    browser
        .fill(&[
            ("decision-session_on", "2026-09-08"),
            ("decision-condition", "nouvelle"),
            ("decision-condition_text", CONDITION),
            ("decision-reason", "La direction a chiffré les deux postes"),
        ])
        .await;
    browser.press("Enregistrer la décision").await;
    browser.wait_for("[role=status]", "Décision enregistrée.").await;
    browser.wait_for(".subtitle", "Favorable sous condition").await;
    let ledger = read(&browser, "section[aria-labelledby='arbitrages'] tbody").await;
    for said in ["À retravailler", "Favorable sous condition", "en vigueur", "8 sept. 2026", CONDITION] {
        assert!(ledger.contains(said), "{said} is not in {ledger}");
    }
    browser.accessible().await;

    // Its director finds it on the first page, with the day, and what it depends on.
    for scripts in [true, false] {
        let director = desk.signed_in(Role::Director, scripts).await;
        director.wait_for("main .inbox h3", "décision récente").await;
        director.wait_for("main .inbox", "Demande M5.2 : favorable sous condition, séance du 8 sept. 2026").await;
        director.accessible().await;
        director.leave_by(&format!("main .inbox a[href='{PLAN}/requests/M5.2']")).await;
        director.wait_for(".subtitle", "Favorable sous condition").await;
        director.wait_for("section[aria-labelledby='arbitrages'] tbody", CONDITION).await;
        director.accessible().await;
    }
}

/// What the control of B1's exact grant says: printed, computed, gap, verdict.
async fn control(browser: &Browser) -> Vec<String> {
    const ROW: &str = "tr[id='budget.accorde-exact.B1'] td";
    browser.goto(&format!("{PLAN}/controls")).await;
    browser.unfold().await;
    browser.see(ROW).await;
    let fold = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    browser.texts(ROW).await.into_iter().map(fold).take(4).collect()
}

#[sqlx::test(migrations = false)]
async fn finance_makes_a_grant_exact_and_its_total_and_its_control_move(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, make_exact).await;
}

async fn make_exact(desk: Desk) {
    const TOTAL: &str = "section[aria-labelledby='lignes'] tfoot td:last-child";
    const FINANCE: &str = "section[aria-labelledby='sommes'] dl";
    let browser = desk.signed_in(Role::Finance, true).await;
    browser.goto("/finance").await;
    let sums = read(&browser, FINANCE).await;
    assert!(sums.contains("607 k€") && sums.ends_with("Accordé exact —"), "{sums}");
    assert_eq!(control(&browser).await[..2], ["390 k€", "—"], "nothing exact to compare yet");
    browser.goto(&format!("{PLAN}/budget")).await;
    let before = read(&browser, TOTAL).await;
    assert!(!before.contains("389 280"), "{before}");
    browser.leave_by(&format!("section[aria-labelledby='lignes'] a[href='{PLAN}/budget/B1']")).await;
    browser.wait_for("h1", "B1 · ").await;

    // In euros, and in full.
    browser
        .fill(&[
            ("decision-state", "favorable"),
            ("decision-granted", "390 k€"),
            ("decision-session_on", "2026-09-08"),
            ("decision-decided_by", "Directoire"),
        ])
        .await;
    browser.press("Enregistrer la décision").await;
    browser.see("#decision-granted-error").await;
    assert_eq!(browser.value("#decision-granted").await, "390 k€");
    browser.accessible().await;
    browser.fill(&[("decision-granted", "389 280")]).await;
    browser.press("Enregistrer la décision").await;
    browser.wait_for("[role=status]", "Décision enregistrée.").await;
    let ledger = read(&browser, "section[aria-labelledby='arbitrages'] tbody").await;
    assert!(ledger.contains("390 k€") && ledger.contains("389 280 €"), "both stay, never mixed: {ledger}");
    browser.accessible().await;

    // The total opens into its one term; the same total wherever it is read, scripts or none.
    for scripts in [true, false] {
        let browser = desk.signed_in(Role::Finance, scripts).await;
        browser.goto(&format!("{PLAN}/budget")).await;
        let after = read(&browser, TOTAL).await;
        assert!(after.ends_with("389 280 €"), "{after}");
        browser.leave_by(&format!("{TOTAL} a")).await;
        browser.wait_for("#total-title", "389").await;
        assert!(read(&browser, "#total .facts").await.starts_with("Ligne B1 389 280 €"));
        browser.accessible().await;
        browser.goto("/finance").await;
        let sums = read(&browser, FINANCE).await;
        assert!(sums.contains("607 k€") && sums.ends_with("Accordé exact 389 280 €"), "{sums}");
        browser.accessible().await;
        assert_eq!(control(&browser).await, ["390 k€", "389 k€", "+1 k€", "1 k€ d’arrondi"], "scripts: {scripts}");
        browser.accessible().await;
    }
}
