//! Accueil, Contrat and the journals against the real contract: who sees what, in how many statements.

use cpom::accounts::model::Role;
use cpom::journal::model::{Act, Actor, Change};
use cpom::journal::store as journal;
use cpom::web::Settings;
use cpom::web::request::StatementCounter;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Answer, TestApp};

const CONTRACT: &str = "/plans/uca-iut-2021-2026";
const JOURNAL: &str = "/plans/uca-iut-2021-2026/journal";
const COMPARE: &str = "/plans/uca-iut-2021-2026/compare";
const FIGURE: &str = "/plans/uca-iut-2021-2026/measures/4/cells/2022-2023/journal";
/// No page of a plan may need more.
const STATEMENTS: u32 = 8;
/// Accueil also says what is to be decided, and what does not add up.
const HOME_STATEMENTS: u32 = 10;
/// Nor may a comparison.
const STATEMENTS_COMPARED: u32 = 10;

static COUNTING: std::sync::Once = std::sync::Once::new();

/// A page read by a person, with the number of statements it took.
pub async fn counted(app: &TestApp, role: Role, path: &str) -> (Answer, u32) {
    let app = app.with(Settings { timing: true, ..Settings::default() });
    let visitor = app.visitor(role).await;
    // For the whole binary: each request counts its own statements, whatever runs beside.
    COUNTING.call_once(|| {
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(StatementCounter));
    });
    let answer = visitor.get(path).await;
    let timing = answer.header("server-timing").to_owned();
    let count = timing.split("desc=\"").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap();
    (answer, count)
}

/// Writes one entry of the journal, as a page would.
async fn change(app: &TestApp, kind: &str, code: &str, before: serde_json::Value, after: serde_json::Value) {
    let mut conn = app.app.conn().await.unwrap();
    let plan_id: i64 = sqlx::query_scalar("SELECT id FROM plan").fetch_one(&mut *conn).await.unwrap();
    let actor = Actor { account_id: None, function: "SAPCG".into() };
    let act = Act { reason: Some("après relecture".into()), ..Act::page(actor, app.app.clock.now()) };
    let change = Change {
        plan_id: Some(plan_id),
        kind,
        code,
        version: 2,
        before: Some(before).filter(|state| !state.is_null()),
        after: Some(after).filter(|state| !state.is_null()),
        position: None,
    };
    journal::append(&mut conn, &act, change).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn the_director_finds_what_waits_first(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Director).await.get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("h1"), ["Institut universitaire de technologie"]);
    assert_eq!(page.texts(".inbox h3")[0], "1 situation à saisir");
    assert_eq!(page.attributes(".inbox a.button", "href")[0], "/plans/uca-iut-2021-2026/entry/2025?show=due");
    assert_eq!(page.texts("section:nth-of-type(2) tbody tr").len(), 8);
    assert_eq!(page.attributes("section:nth-of-type(2) tbody a", "href")[0], "/plans/uca-iut-2021-2026#n-T1.1");
}

#[sqlx::test(migrations = false)]
async fn a_return_comes_first_with_its_reason(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    sqlx::query("UPDATE dialogue SET state = 'retourne', reason = 'Préciser le 17.b', version = version + 1")
        .execute(app.pool())
        .await
        .unwrap();
    let page = app.visitor(Role::Director).await.get("/").await;
    assert_eq!(page.texts(".inbox li.is-urgent h3"), ["1 dialogue 2025 retourné par le directoire"]);
    assert_eq!(page.texts(".inbox li.is-urgent .quote"), ["Préciser le 17.b"]);
    // The reason is for the director; a contributor goes on with what was given.
    let contributor = app.visitor(Role::Contributor).await.get("/").await;
    assert_eq!(contributor.texts(".inbox li.is-urgent"), Vec::<String>::new());
}

#[sqlx::test(migrations = false)]
async fn a_contributor_is_asked_only_what_was_given(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    // Everything expected becomes empty: the director has 67 to enter, the contributor those of 4 and 13.
    sqlx::query("UPDATE cell SET status = NULL, value = NULL, numerator = NULL, denominator = NULL")
        .execute(app.pool())
        .await
        .unwrap();
    let director = app.visitor(Role::Director).await.get("/").await;
    assert_eq!(director.texts(".inbox h3")[0], "67 situations à saisir");
    let contributor = app.visitor(Role::Contributor).await.get("/").await;
    let asked: usize = contributor.texts(".inbox .count")[0].parse().unwrap();
    assert!(asked > 0 && asked < 20, "{asked}");
}

#[sqlx::test(migrations = false)]
async fn each_role_has_its_own_home(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let home = async |role| app.visitor(role).await.get("/").await;
    let directoire = home(Role::Directoire).await;
    assert_eq!(directoire.texts("h1"), ["Contrats et dialogues 2025"]);
    let inbox = [
        "0 dialogue soumis à examiner",
        "2 jalons sous condition",
        "2 moyens à décider",
        "2 moyens à revoir",
        "2 conditions en attente",
        "12 contrôles en écart",
    ];
    assert_eq!(directoire.texts(".inbox h3"), inbox);
    for role in [Role::Finance, Role::Rh] {
        assert_eq!(home(role).await.texts("tbody tr").len(), 1);
    }
    assert_eq!(home(Role::Pilotage).await.texts(".inbox h3")[0], "0 situation à saisir");
    assert_eq!(home(Role::Reader).await.texts(".empty h2"), ["Rien n’est encore publié"]);
    let admin = home(Role::Admin).await;
    assert_eq!(admin.texts("h1"), ["Administration"]);
    assert_eq!(admin.attributes(".inbox a", "href"), ["/admin/accounts"]);
    assert_eq!(app.anonymous().get("/").await.location(), "/session");
}

#[sqlx::test(migrations = false)]
async fn a_submitted_dialogue_waits_for_the_directoire(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    sqlx::query("UPDATE dialogue SET state = 'soumis'").execute(app.pool()).await.unwrap();
    let page = app.visitor(Role::Directoire).await.get("/").await;
    assert_eq!(page.texts(".inbox h3")[0], "1 dialogue soumis à examiner");
    assert_eq!(page.attributes(".inbox a", "href")[0], format!("{CONTRACT}/dialogues/2025"));
}

#[sqlx::test(migrations = false)]
async fn emptiness_is_said_in_words(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    for statement in ["DELETE FROM expected_cell", "DELETE FROM dialogue"] {
        sqlx::query(statement).execute(app.pool()).await.unwrap();
    }
    let director = app.visitor(Role::Director).await;
    let page = director.get("/").await;
    assert_eq!(page.texts(".empty strong")[0], "Aucune campagne n’est ouverte pour ce contrat.");
    let page = director.get(CONTRACT).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Aucune campagne n’a encore été ouverte"));
    assert_eq!(director.get(JOURNAL).await.texts(".empty strong"), ["Aucun changement."]);
    assert_eq!(director.get("/plans/uca-droit-2021-2026").await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn the_contract_is_shown_whole(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Rh).await.get(CONTRACT).await;
    assert_eq!(page.texts("h1"), ["Contrat 2021-2026 · IUT"]);
    assert!(page.body.contains("9 objectifs, 19 indicateurs dont 2 groupes, 22 mesures"));
    assert_eq!(page.texts(".tree summary").len(), 20);
    assert_eq!(page.texts(".tree tbody tr:not(:has(.group))").len(), 22);
    assert_eq!(page.texts(".tree .group").len(), 2);
    assert_eq!(page.texts(".figures dd"), ["41", "28", "23", "1", "4"]);
    assert!(page.texts("td[data-label=Transmission]").iter().all(|text| text == "non renseignée"));
    assert_eq!(page.texts(".heading .tag"), ["donnée fictive"]);
    assert_eq!(page.texts("[aria-labelledby=textes] details.more").len(), 4);
    // Reading is not entering: no button towards Saisie.
    assert_eq!(page.texts(".actions a"), ["Journal"]);
}

#[sqlx::test(migrations = false)]
async fn an_import_is_one_line_of_the_journal(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(JOURNAL).await;
    // Two imports and the opening of the dialogue.
    let lines = page.texts("tbody > tr > th");
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(page.texts("summary")[1].contains(" changements : "), "{:?}", page.texts("summary"));
    assert_eq!(page.texts("details.more li").len(), 40);
    let whole = director.get(&page.attributes("details.more > p > a", "href")[0]).await;
    assert_eq!(whole.texts("tbody > tr > th").len(), 50);
    let older = whole.attributes("nav a[rel=next]", "href");
    let next = director.get(&older[0]).await;
    assert!(!next.texts("tbody > tr > th").is_empty());
    assert_ne!(next.texts("tbody > tr > th")[0], whole.texts("tbody > tr > th")[0]);
}

#[sqlx::test(migrations = false)]
async fn changes_are_told_filtered_and_paged(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let cell = |value: &str| json!({"measure": "4", "period": "2022-2023", "status": "valeur", "value": value});
    change(&app, "situation", "4/2022-2023", cell("16"), cell("19")).await;
    let measure = |direction: &str| json!({"code": "13.b", "label": "Taux", "direction": direction});
    change(&app, "mesure", "13.b", measure("a_choisir"), measure("hausse")).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(JOURNAL).await;
    let told = &page.texts("tbody > tr")[0];
    assert!(told.contains("sens : de à choisir → à à la hausse"), "{told}");
    let told = &page.texts("tbody > tr")[1];
    assert!(told.contains("Indicateur 4, 2022-2023"), "{told}");
    assert!(told.contains("de 16 → à 19après relectureSAPCGpage"), "{told}");
    let found = async |query: &str| director.get(&format!("{JOURNAL}?{query}")).await.texts("tbody > tr > th").len();
    assert_eq!(found("kind=mesure&source=page").await, 1);
    assert_eq!(found("code=4,%202022-2023&source=page").await, 1);
    assert_eq!(found("code=13&source=page&kind=").await, 1);
    assert_eq!(found("code=1&source=page").await, 0);
    assert_eq!(found("import=&before=abc&source=inconnue").await, 5);
    let empty = director.get(&format!("{JOURNAL}?code=zzz%25_")).await;
    assert_eq!(empty.texts(".empty strong"), ["Aucun changement ne répond à ce filtre."]);
    for turn in 0..60 {
        change(&app, "situation", "4/2022-2023", cell(&turn.to_string()), cell(&(turn + 1).to_string())).await;
    }
    let page = director.get(&format!("{JOURNAL}?code=4")).await;
    assert_eq!(page.texts("tbody > tr > th").len(), 50);
    let older = page.attributes("nav a[rel=next]", "href");
    assert!(older[0].contains("code=4&before="), "{older:?}");
    assert!(director.get(&older[0]).await.texts("tbody > tr > th").len() >= 11);
    assert_eq!(director.get(FIGURE).await.texts(".history > li").len(), 62);
}

#[sqlx::test(migrations = false)]
async fn a_figure_tells_its_versions(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(FIGURE).await;
    assert_eq!(page.texts("h1"), ["Historique · Indicateur 4, 2022-2023"]);
    assert_eq!(page.attributes(".actions a", "href"), ["/plans/uca-iut-2021-2026/indicators/4"]);
    for wrong in ["99/cells/2022-2023", "4/cells/2030-2031", "4/cells/2022", "4/cells/hier"] {
        let path = format!("/plans/uca-iut-2021-2026/measures/{wrong}/journal");
        assert_eq!(director.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(app.visitor(Role::Admin).await.get(FIGURE).await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn pages_keep_to_their_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pages = [
        (Role::Director, "/"),
        (Role::Contributor, "/"),
        (Role::Directoire, "/"),
        (Role::Pilotage, "/"),
        (Role::Director, CONTRACT),
        (Role::Director, JOURNAL),
        (Role::Director, FIGURE),
        (Role::Director, "/plans/uca-iut-2021-2026/entry/2025"),
        (Role::Director, "/plans/uca-iut-2021-2026/indicators/13"),
        (Role::Director, "/plans/uca-iut-2021-2026/indicators/13?cell=13.b/2022-2023"),
    ];
    let mut before = Vec::new();
    for (role, path) in pages {
        let (answer, count) = counted(&app, role, path).await;
        assert_eq!(answer.status, 200, "{path}");
        let most = if path == "/" { HOME_STATEMENTS } else { STATEMENTS };
        assert!(count > 0 && count <= most, "{path}: {count}");
        before.push(count);
    }
    // Twice the plans, twice the journal, twice the measures.
    let mut conn = app.app.conn().await.unwrap();
    for statement in [
        "INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels)
         SELECT 'double', kind, title, structure_id, first_year - 5, last_year - 5, levels FROM plan",
        "INSERT INTO indicator (plan_id, position, code, node_id, label, is_group, unit, period_kind, availability, origin)
         SELECT plan_id, position + 100, code || 'x', node_id, label, is_group, unit, period_kind, availability, origin
         FROM indicator",
        "INSERT INTO measure (plan_id, position, code, indicator_id, label, unit, unit_kind, nature, nature_confirmed,
                              direction, direction_confirmed)
         SELECT plan_id, position + 100, code || 'x', indicator_id, label, unit, unit_kind, nature, nature_confirmed,
                direction, direction_confirmed FROM measure",
        "INSERT INTO journal_entry (plan_id, kind, code, version, before, after, at, actor, source)
         SELECT plan_id, kind, code, version, before, after, at, actor, 'page' FROM journal_entry WHERE plan_id = 1",
    ] {
        sqlx::query(statement).execute(&mut *conn).await.unwrap();
    }
    drop(conn);
    for ((role, path), before) in pages.into_iter().zip(before) {
        let (answer, count) = counted(&app, role, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(count <= before, "{path}: {count} statements instead of {before}");
    }
}

#[sqlx::test(migrations = false)]
async fn two_states_are_compared_in_a_readers_terms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (page, count) = counted(&app, Role::Directoire, COMPARE).await;
    assert_eq!((page.status.as_u16(), page.texts("#differences")), (200, vec!["Aucune différence".to_owned()]));
    assert!(count <= STATEMENTS_COMPARED, "{count}");
    assert_eq!(page.texts("code.digest").iter().map(String::len).collect::<Vec<_>>(), [64]);

    let tomorrow = app.later(chrono::TimeDelta::days(1));
    let director = tomorrow.visitor(Role::Director).await;
    let jalon = "/plans/uca-iut-2021-2026/jalons/J3";
    let version = director.get(jalon).await.attributes("#closure [name=version]", "value").remove(0);
    let fields = [("version", version.as_str()), ("reached_on", "02/05/2023"), ("evidence", "Bilan du forum")];
    assert_eq!(director.post(&format!("{jalon}/closure"), &fields).await.status, 303);

    let page = director.get(COMPARE).await;
    assert_eq!(page.texts("#differences"), ["1 différence"]);
    let row = &page.texts("section section tbody tr")[0];
    for told in ["Jalon J3", "état : de À venir → à Atteint", "Direction de l’IUT", "13 sept. 2025"] {
        assert!(row.contains(told), "{told}: {row}");
    }
    // The same, between two days, whatever their order; a day before the contract, or to come, is told beside its field.
    let day = |from: &str, to: &str| format!("{COMPARE}?from_day={from}&to_day={to}");
    let (before, after) = (app.app.clock.today().to_string(), tomorrow.app.clock.today().to_string());
    for address in [day(&before, &after), day(&after, &before)] {
        assert_eq!(director.get(&address).await.texts("#differences"), ["1 différence"], "{address}");
    }
    for (wrong, sentence) in
        [("2019-01-01", "n’était pas encore dans l’application"), ("2199-01-01", "futur"), ("hier", "date")]
    {
        let page = director.get(&day(wrong, &after)).await;
        assert_eq!(page.status, 422);
        assert!(page.texts("#from-problem")[0].contains(sentence), "{}", page.texts("#from-problem")[0]);
        assert_eq!(page.attributes("#from_day", "value"), [wrong]);
    }
}
