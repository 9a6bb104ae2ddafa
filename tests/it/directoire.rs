//! Directoire over the six structures of the demo: who sees it, what it counts, what a filter keeps, in how many
//! statements.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::support::{Answer, TestApp};

const PATH: &str = "/directoire";
/// No page of this kind may run more.
const STATEMENTS: u32 = 10;

/// Figures compare without the narrow spaces that typography asks for.
fn plain(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.replace(['\u{202f}', '\u{a0}'], " ")).collect()
}

/// The structures of the first table.
fn structures(page: &Answer) -> Vec<String> {
    page.texts("section[aria-labelledby='dialogues'] tbody th a")
}

/// One line of the first table.
fn line(page: &Answer, place: usize) -> Vec<String> {
    plain(page.texts(&format!("section[aria-labelledby='dialogues'] tbody tr:nth-of-type({place}) td")))
}

#[sqlx::test(migrations = false)]
async fn every_structure_is_there_with_its_dialogue_and_its_money(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::university(options).await;
    let page = app.visitor(Role::Directoire).await.get(PATH).await;
    assert_eq!(page.status, 200);
    assert_eq!(structures(&page).len(), 6);
    assert_eq!(structures(&page)[0], "Institut universitaire de technologie");
    let iut = line(&page, 1);
    assert!(iut[0].contains("Saisie 2025"), "{iut:?}");
    assert!(iut[1].ends_with("66 sur 67"), "{iut:?}");
    assert_eq!(
        iut[3..6],
        [
            "Jalons de Institut universitaire de technologie : 7dont 2 selon la lecture",
            "Demandé : 684 280 €",
            "Accordé imprimé : 607 k€"
        ]
    );
    assert_eq!(iut[6], "—4 au k€ seul");
    // What has not begun is to be opened, and owes nothing.
    let to_come = line(&page, 6);
    assert_eq!(to_come[0], "À ouvrirle contrat commence en 2027");
    assert_eq!(to_come[1..3], ["—", "—"]);
    let sums = plain(page.texts("section[aria-labelledby='dialogues'] tfoot td"));
    assert_eq!(sums[4..7], ["2 383 280 €", "1 406 k€", "679 370 €11 au k€ seul"]);
}

#[sqlx::test(migrations = false)]
async fn a_crossing_opens_the_contract_at_its_node(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::university(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let page = pilotage.get(PATH).await;
    let places = page.attributes(".matrix tbody td a", "href");
    assert!(places.len() > 30, "{places:?}");
    for place in &places {
        let (contract, node) = place.split_once('#').unwrap_or((place, ""));
        let opened = pilotage.get(contract).await;
        assert_eq!(opened.status, 200, "{place}");
        assert!(node.is_empty() || opened.body.contains(&format!("id=\"{node}\"")), "{place}");
    }
    // The other figures open too.
    for link in page.attributes("section[aria-labelledby='dialogues'] tbody a", "href") {
        assert_eq!(pilotage.get(link.split('#').next().unwrap()).await.status, 200, "{link}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_filter_is_in_the_address(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::university(options).await;
    let directoire = app.visitor(Role::Directoire).await;
    let page = directoire.get(PATH).await;
    // Every tab and every head of a column is an address that answers, one click away.
    let links = [page.attributes(".tabs a", "href"), page.attributes("thead a", "href")].concat();
    assert!(links.len() > 20, "{links:?}");
    for link in links {
        let kept = directoire.get(&link).await;
        assert!(kept.status == 200 && !structures(&kept).is_empty(), "{link}");
    }
    let to_open = directoire.get("/directoire?state=a_ouvrir").await;
    assert_eq!(structures(&to_open), ["Service de la formation tout au long de la vie (fictif)"]);
    assert_eq!(to_open.texts(".tabs [aria-current]"), ["À ouvrir 1"]);
    let services = directoire.get("/directoire?kind=service").await;
    assert_eq!(structures(&services), structures(&to_open));
    assert_eq!(
        directoire.get("/directoire?year=2025").await.texts("section[aria-labelledby='dialogues'] tbody tr").len(),
        5
    );
    let late = directoire.get("/directoire?late=1&theme=hors-cadre").await;
    assert_eq!(structures(&late), ["École d’ingénieurs (fictive)"]);
    assert_eq!(late.attributes("#f-late", "checked").len(), 1);
    let first = directoire.get("/directoire?sort=demande").await;
    assert_eq!(structures(&first)[0], "École d’ingénieurs (fictive)");
    let nothing = directoire.get("/directoire?theme=%3Cb%3E").await;
    assert_eq!(nothing.texts(".empty strong"), ["Aucun contrat ne répond à ce filtre."]);
}

#[sqlx::test(migrations = false)]
async fn the_page_keeps_to_its_statements_when_contracts_double(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::university(options).await;
    let (page, before) = counted(&app, Role::Directoire, PATH).await;
    assert!(before <= STATEMENTS, "{before} statements");
    let mut conn = app.app.conn().await.unwrap();
    for bytes in cpom::demo::OTHERS {
        let document = String::from_utf8(bytes.to_vec()).unwrap().replace("\"code\": \"uca-", "\"code\": \"bis-");
        let act = cpom::journal::model::Act::command("test", app.app.clock.now());
        cpom::document::import(&mut conn, &act, document.as_bytes(), true).await.unwrap();
    }
    drop(conn);
    let (more, after) = counted(&app, Role::Directoire, PATH).await;
    assert_eq!((structures(&page).len(), structures(&more).len()), (6, 11));
    assert_eq!(after, before);
}

#[sqlx::test(migrations = false)]
async fn without_a_campaign_every_dialogue_is_to_be_opened(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    for statement in ["DELETE FROM expected_cell", "DELETE FROM dialogue"] {
        sqlx::query(statement).execute(app.pool()).await.unwrap();
    }
    let page = app.visitor(Role::Directoire).await.get(PATH).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts(".tabs a")[1], "À ouvrir 2");
}
