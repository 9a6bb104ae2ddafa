//! Avenants against the real contract: prepared, edited, agreed by two, brought into force by a campaign, shown beside
//! the original; and the steps by which a contract and its avenants are adopted.

use cpom::accounts::model::Role;
use cpom::avenants::model::Avenant;
use cpom::document;
use cpom::document::store as documents;
use cpom::journal::model::Act;
use cpom::kernel::canonical;
use cpom::kernel::ids::Code;
use scraper::{Html, Selector};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::dialogue::CODE;
use crate::support::{Answer, TestApp, Visitor, count};

const AVENANTS: &str = "/plans/uca-iut-2021-2026/avenants";
const ONE: &str = "/plans/uca-iut-2021-2026/avenants/1";
const CONTENT: [(&str, &str); 3] =
    [("reference", "CA 2025-44"), ("dated_on", "2025-09-10"), ("reason", "Ouverture d’un parcours de plus")];
const WINDOW: [(&str, &str); 4] =
    [("year", "2026"), ("opens_on", "2026-09-01"), ("closes_on", "2026-09-30"), ("threshold", "")];

async fn text(app: &TestApp, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap()
}

fn act(app: &TestApp) -> Act {
    Act::command("test", app.app.clock.now())
}

async fn exported(app: &TestApp) -> Vec<u8> {
    let mut conn = app.app.conn().await.unwrap();
    documents::load(&mut conn, CODE).await.unwrap().unwrap().1.to_bytes()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Why an import over the base wrote nothing; nothing when it did.
async fn refused(app: &TestApp, file: &Value) -> Vec<String> {
    let mut conn = app.app.conn().await.unwrap();
    match document::import(&mut conn, &act(app), file.to_string().as_bytes(), true).await {
        Ok(_) => Vec::new(),
        Err(document::ImportError::Problems(problems)) => problems.iter().map(ToString::to_string).collect(),
        Err(error) => panic!("{error}"),
    }
}

/// Prepares avenant 1: a target, a date, a definition.
async fn prepare(app: &TestApp) {
    let pilotage = app.visitor(Role::Pilotage).await;
    let prepared = pilotage.post(AVENANTS, &CONTENT).await;
    assert_eq!((prepared.status.as_u16(), prepared.location()), (303, ONE), "{}", prepared.body);
    for (place, fields) in [
        ("cible/1", &[("figure", "14"), ("yearly.0.period", "2024-2025"), ("yearly.0.value", "12,5")][..]),
        ("jalon/J3", &[("precision", "annee"), ("due_on", "2026-05-02")][..]),
    ] {
        let saved = pilotage.post(&format!("{ONE}/changes/{place}"), fields).await;
        assert_eq!(saved.status, 303, "{place} {}", saved.body);
    }
    let form = pilotage.get(&format!("{ONE}/changes/indicateur/1")).await;
    let mut fields = shown(&form);
    fields.insert("label".into(), "Parcours ouverts".into());
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let saved = pilotage.post(&format!("{ONE}/changes/indicateur/1"), &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
}

/// The fields of the form of a change, as a browser would post them.
fn shown(page: &Answer) -> std::collections::BTreeMap<String, String> {
    let form = "form.form--fields";
    let mut fields = std::collections::BTreeMap::new();
    let named = |tag: &str| page.attributes(&format!("{form} {tag}"), "name");
    for (name, value) in named("input[name]").into_iter().zip(page.attributes(&format!("{form} input[name]"), "value"))
    {
        fields.insert(name, value);
    }
    // As it stands: lines are not folded.
    let whole = Html::parse_document(&page.body);
    for area in whole.select(&Selector::parse(&format!("{form} textarea")).unwrap()) {
        fields.insert(area.attr("name").unwrap().to_owned(), area.text().collect());
    }
    for name in named("select") {
        let chosen = page.attributes(&format!("{form} select[name='{name}'] option[selected]"), "value");
        fields.insert(name, chosen.first().cloned().unwrap_or_default());
    }
    fields
}

async fn version(visitor: &Visitor) -> String {
    visitor.get(ONE).await.attributes("[name=version]", "value")[0].clone()
}

/// Gives the accord of whoever looks.
async fn agree(visitor: &Visitor) -> Answer {
    let page = visitor.get(ONE).await;
    let version = page.attributes("form[action*='/accord'] [name=version]", "value")[0].clone();
    let party = page.attributes("form[action*='/accord'] [name=party]", "value")[0].clone();
    visitor.post(&format!("{ONE}/accord"), &[("party", &party), ("version", &version)]).await
}

async fn agreed_by_both(app: &TestApp) {
    for role in [Role::Director, Role::Directoire] {
        let answer = agree(&app.visitor(role).await).await;
        assert_eq!(answer.status, 303, "{role:?} {}", answer.body);
    }
}

#[sqlx::test(migrations = false)]
async fn an_avenant_is_prepared_agreed_and_brought_into_force_by_the_next_campaign(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let before = exported(&app).await;
    prepare(&app).await;
    let [pilotage, director, directoire] =
        [app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await, app.visitor(Role::Directoire).await];
    // The contract is what it was: the avenant alone is new.
    let (was, is) = (json(&before), json(&exported(&app).await));
    for list in ["indicators", "measures", "targets", "jalons"] {
        assert_eq!(was[list], is[list], "{list}");
    }
    assert_eq!(is["avenants"][0]["changes"].as_array().unwrap().len(), 3);
    let page = director.get(ONE).await;
    assert_eq!(page.texts(".subtitle .pill"), ["Préparé"]);
    let cells = page.texts("#changements td");
    assert!(cells.contains(&"11".to_owned()) && cells.contains(&"14".to_owned()), "{cells:?}");
    assert!(cells.contains(&"31 déc. 2026".to_owned()), "the last day of its year: {cells:?}");
    // Both inboxes ask for it, with a link; the other roles' do not.
    for visitor in [&director, &directoire] {
        let home = visitor.get("/").await;
        assert!(home.attributes(".inbox a", "href").contains(&ONE.to_owned()), "{}", home.body);
    }
    assert!(!pilotage.get("/").await.body.contains("à accorder"));

    // Two acts. An edit takes both back, and says so.
    agreed_by_both(&app).await;
    assert_eq!(director.get(ONE).await.texts(".subtitle .pill"), ["Accordé"]);
    assert!(!director.get("/").await.attributes(".inbox a", "href").contains(&ONE.to_owned()));
    let mut edit = CONTENT.to_vec();
    edit[2] = ("reason", "Ouverture de deux parcours de plus");
    let edited = pilotage.post(ONE, &edit).await;
    assert_eq!(edited.status, 303, "{}", edited.body);
    let page = pilotage.get(ONE).await;
    assert!(page.texts("[role=status]")[0].contains("annulés"), "{:?}", page.texts("[role=status]"));
    assert_eq!(page.texts(".subtitle .pill"), ["Préparé"]);
    let history = page.texts(".history .change");
    assert!(history[0].contains("Annulé par cette modification : l’accord de la direction"), "{history:?}");
    agreed_by_both(&app).await;

    // The preview of the campaign says what its opening does.
    let preview =
        pilotage.get("/admin/campaigns/new?year=2026&opens_on=2026-09-01&closes_on=2026-09-30&threshold=").await;
    let told = preview.texts(".notice li");
    assert!(told.iter().any(|it| it.contains("Cible de la mesure 1 : cible 11 → 14")), "{told:?}");
    let grid = director.get("/plans/uca-iut-2021-2026/entry/2025").await;
    let opened = pilotage.post("/admin/campaigns", &WINDOW).await;
    assert_eq!(opened.status, 303, "{}", opened.body);

    // In force, in one transaction with the opening, each change with the avenant as its why.
    assert_eq!(director.get(ONE).await.texts(".subtitle .pill"), ["En vigueur depuis la campagne 2026"]);
    let journaled: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "SELECT kind, code, reason FROM journal_entry WHERE reason LIKE 'Avenant 1 : %' ORDER BY kind, code",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    let things: Vec<(&str, &str)> = journaled.iter().map(|(kind, code, _)| (kind.as_str(), code.as_str())).collect();
    assert_eq!(things, [("avenant", "1"), ("cible", "1/1"), ("indicateur", "1"), ("jalon", "J3")]);
    assert_eq!(journaled[0].2.as_deref(), Some("Avenant 1 : Ouverture de deux parcours de plus"));

    // Every screen says which target it compares with; the chart shows both.
    let fiche = director.get("/plans/uca-iut-2021-2026/indicators/1").await;
    assert_eq!(fiche.texts("h1"), ["1 · Parcours ouverts"]);
    let aim = "avenant 1, en vigueur depuis la campagne 2026";
    assert!(
        fiche.texts("dd").iter().any(|it| it.contains("14 en 2025-2026") && it.contains(aim)),
        "{:?}",
        fiche.texts("dd")
    );
    assert!(fiche.texts("dd").iter().any(|it| it.starts_with("11 en 2025-2026, contrat signé")));
    assert!(fiche.texts("dd").iter().any(|it| it.contains("libellé, avant : « ")), "{:?}", fiche.texts("dd"));
    assert!(
        fiche.texts(".formula li").iter().any(|it| it.contains("cible de l’avenant 1") && it.contains("origine : 11"))
    );
    assert_eq!(
        (
            fiche.attributes(".chart > .chart-target", "y1").len(),
            fiche.attributes(".chart > .chart-origin", "y1").len()
        ),
        (1, 1)
    );
    let now = director.get("/plans/uca-iut-2021-2026/entry/2026").await;
    let summary = |page: &Answer| page.texts(".measure").into_iter().find(|it| it.starts_with("1 ")).unwrap();
    assert!(
        summary(&now).contains("cible 14 (cible de l’avenant 1, en vigueur depuis la campagne 2026 ; origine : 11)"),
        "{}",
        summary(&now)
    );
    let contract = director.get("/plans/uca-iut-2021-2026").await;
    assert!(contract.texts("td").iter().any(|it| it.contains("avenant 1, 2026 ; origine : 11")));
    assert!(contract.attributes("a", "href").contains(&ONE.to_owned()));
    let board = directoire.get("/directoire").await;
    assert!(board.body.contains("avenant 1, 2026 ; origine : 11"));
    let jalon = director.get("/plans/uca-iut-2021-2026/jalons/J3").await;
    let facts = jalon.texts("dd");
    assert!(facts.contains(&"31 déc. 2026 : avenant 1, en vigueur depuis la campagne 2026".to_owned()), "{facts:?}");
    assert!(jalon.texts("dt").contains(&"Première échéance".to_owned()));
    let list = director.get("/plans/uca-iut-2021-2026/jalons").await;
    assert!(list.texts("td").iter().any(|it| it.contains("par l’avenant 1")));

    // A campaign opened before reads what it opened with.
    let older = director.get("/plans/uca-iut-2021-2026/entry/2025").await;
    assert_eq!(summary(&older), summary(&grid));
    assert!(summary(&older).contains("cible 11 (cible du contrat signé)"));

    // Told in the reader's terms.
    let journal = director.get("/plans/uca-iut-2021-2026/journal?kind=avenant").await;
    assert!(journal.body.contains("préparé : Ouverture d’un parcours de plus"));
    assert!(journal.texts("td").iter().any(|it| it.contains("Cible de la mesure 1 : cible 11 → 14")));
    let compared = director.get("/plans/uca-iut-2021-2026/compare?from=2025-ouverture&to=2026-ouverture").await;
    assert!(compared.body.contains("Cible, indicateur 1, avenant 1"), "{:?}", compared.texts("th"));
    assert!(compared.body.contains("cible 14, depuis la campagne 2026"));

    // The whole document travels: another base gives the same bytes, and says the same.
    let bytes = exported(&app).await;
    assert_eq!(json(&bytes)["targets"].as_array().unwrap().iter().filter(|it| it["measure"] == "1").count(), 2);
    let mut conn = app.app.conn().await.unwrap();
    let plan_id = sqlx::query_scalar("SELECT id FROM plan").fetch_one(&mut *conn).await.unwrap();
    let replayed = documents::as_of(&mut conn, plan_id, app.app.clock.now()).await.unwrap().unwrap();
    assert!(replayed.to_bytes() == bytes, "replaying the journal gives the export");
}

#[sqlx::test(migrations = false)]
async fn a_fresh_database_gives_the_same_bytes(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut file = document::model::Document::parse(include_bytes!("../../demo/contrat-signe.json")).unwrap();
    let one: Avenant = canonical::from_text(
        r#"{"code": "1", "reference": "CA 2025-44", "dated_on": "2025-09-10", "reason": "Parcours de plus",
            "changes": [{"kind": "cible", "code": "1", "after": {"figure": {"status": "valeur", "value": "14"}}},
                        {"kind": "jalon", "code": "J3", "after": {"precision": "annee", "due_on": "2025-12-31"}},
                        {"kind": "mesure", "code": "13.a", "after": {"scope": "BUT", "direction": "hausse"}},
                        {"kind": "indicateur", "code": "13", "after": {"label": "Autrement dit"}}],
            "director": {"on": "2025-09-11", "by": "Direction"}, "directoire": {"on": "2025-09-12", "by": "Directoire"}}"#,
    )
    .unwrap();
    let step = r#"{"code": "E1", "body": "Conseil", "act": "adoption", "label": "Avenant 1", "avenant": "1"}"#;
    file.steps.push(canonical::from_text(step).unwrap());
    file.avenants = vec![one.clone(), Avenant { code: Code::new("2").unwrap(), ..one.clone() }];
    let bytes = file.enforced(&one, 2026).unwrap().to_bytes();
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(&app), &bytes, false).await.unwrap();
    drop(conn);
    assert!(exported(&app).await == bytes);
    assert_eq!(refused(&app, &json(&bytes)).await, Vec::<String>::new());
}

#[sqlx::test(migrations = false)]
async fn what_a_campaign_made_of_a_contract_travels(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    prepare(&app).await;
    agreed_by_both(&app).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(pilotage.post("/admin/campaigns", &WINDOW).await.status, 303);
    let step = [("label", "Avenant 1"), ("body", "Conseil"), ("act", "adoption"), ("avenant", "1")];
    assert_eq!(pilotage.post("/plans/uca-iut-2021-2026/steps", &step).await.status, 303);
    let bytes = exported(&app).await;
    // Under another code it is another contract of this base, with nothing of the first.
    let other = String::from_utf8(bytes.clone()).unwrap().replace(CODE, "uca-iut-copie");
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(&app), other.as_bytes(), false).await.unwrap();
    let (_, copy) = documents::load(&mut conn, "uca-iut-copie").await.unwrap().unwrap();
    assert!(copy.to_bytes() == other.into_bytes());
    assert_eq!(document::import(&mut conn, &act(&app), &bytes, true).await.unwrap().changes, 0);
}

/// What a file changes, and the place where it is refused.
type Door = (&'static str, fn(&mut Value));

#[sqlx::test(migrations = false)]
async fn a_signed_contract_changes_by_no_other_door(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let bytes = exported(&app).await;
    let tried = async |change: fn(&mut Value)| {
        let mut file = json(&bytes);
        change(&mut file);
        refused(&app, &file).await
    };
    let rule = "ses définitions ne changent que par avenant";
    let doors: [Door; 9] = [
        ("indicateur 1", |it| it["indicators"][0]["label"] = "Autre".into()),
        ("mesure 1", |it| it["measures"][0]["scope"] = "Autre".into()),
        ("cible 1/0", |it| it["targets"][0]["figure"]["value"] = "99".into()),
        ("jalon J1", |it| it["jalons"][0]["label"] = "Autre".into()),
        ("objectif D1", |it| it["nodes"][0]["label"] = "Autre".into()),
        ("contrat uca-iut-2021-2026", |it| it["plan"]["last_year"] = 2027.into()),
        ("cible 1/1", |it| {
            let mut more = it["targets"][0].clone();
            more["rank"] = 1.into();
            it["targets"].as_array_mut().unwrap().insert(1, more);
        }),
        ("cible 1/0", |it| drop(it["targets"].as_array_mut().unwrap().remove(0))),
        ("jalon J1", |it| {
            // Réserves speak of it.
            it["reserves"] = Value::Array(Vec::new());
            it["jalons"].as_array_mut().unwrap().remove(0);
        }),
    ];
    for (place, change) in doors {
        let told = tried(change).await;
        assert!(told.iter().any(|it| it.starts_with(place) && it.contains(rule)), "{place}: {told:?}");
    }
    // What was printed, and what nobody confirmed, may still be said better.
    assert_eq!(tried(|it| it["targets"][0]["figure"]["printed"] = "11 parcours".into()).await, Vec::<String>::new());
    sqlx::query("UPDATE measure SET direction_confirmed = false WHERE code = '1'").execute(app.pool()).await.unwrap();
    let confirm: fn(&mut Value) = |it| it["measures"][0]["direction_confirmed"] = true.into();
    assert_eq!(tried(confirm).await, Vec::<String>::new());
    let again = tried(|it| {
        it["measures"][0]["direction"] = "baisse".into();
        it["measures"][0]["direction_confirmed"] = true.into();
    });
    assert!(again.await.iter().any(|it| it.contains(rule)), "what is confirmed is settled");
    // Nor is the workshop of drafts a way in.
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(pilotage.get(&format!("/plans/{CODE}/draft")).await.status, 403);
    assert_eq!(pilotage.post(&format!("/plans/{CODE}/draft/indicators/1"), &[("label", "x")]).await.status, 403);
}

#[sqlx::test(migrations = false)]
async fn an_import_brings_an_avenant_with_what_it_changed_and_none_is_lost(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let before = exported(&app).await;
    prepare(&app).await;
    agreed_by_both(&app).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(pilotage.post("/admin/campaigns", &WINDOW).await.status, 303);
    let after = exported(&app).await;
    // The older file would take it back.
    let told = refused(&app, &json(&before)).await;
    assert!(told.iter().any(|it| it.contains("en vigueur : il ne change plus et ne se retire pas")), "{told:?}");
    // Nor does it change.
    let mut edited = json(&after);
    edited["avenants"][0]["reason"] = "Autre".into();
    assert!(!refused(&app, &edited).await.is_empty());
    // A base that has the older contract takes the newer file whole, and not one where the two disagree.
    let fresh = String::from_utf8(before).unwrap().replace(CODE, "uca-iut-copie");
    let newer = String::from_utf8(after).unwrap().replace(CODE, "uca-iut-copie");
    let mut conn = app.app.conn().await.unwrap();
    document::import(&mut conn, &act(&app), fresh.as_bytes(), false).await.unwrap();
    let mut lying = json(newer.as_bytes());
    let target = lying["targets"].as_array_mut().unwrap().iter_mut().find(|it| it["rank"] == 1).unwrap();
    target["figure"]["value"] = "15".into();
    let told = refused(&app, &lying).await;
    assert!(told.iter().any(|it| it.starts_with("cible 1/1")), "{told:?}");
    document::import(&mut conn, &act(&app), newer.as_bytes(), true).await.unwrap();
    let (_, copy) = documents::load(&mut conn, "uca-iut-copie").await.unwrap().unwrap();
    assert!(copy.to_bytes() == newer.into_bytes());
}

#[sqlx::test(migrations = false)]
async fn who_prepares_who_agrees_and_who_reads(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    prepare(&app).await;
    let [pilotage, director, directoire, finance] = [
        app.visitor(Role::Pilotage).await,
        app.visitor(Role::Director).await,
        app.visitor(Role::Directoire).await,
        app.visitor(Role::Finance).await,
    ];
    assert_eq!(director.post(ONE, &CONTENT).await.status, 403);
    assert_eq!(director.post(&format!("{ONE}/changes/cible/1"), &[("figure", "15")]).await.status, 403);
    assert_eq!(directoire.post(ONE, &CONTENT).await.status, 303);
    assert_eq!(finance.get(ONE).await.attributes("main form", "action"), Vec::<String>::new());
    assert_eq!(pilotage.get(ONE).await.attributes("form[action*='/accord']", "action"), Vec::<String>::new());
    let base = version(&pilotage).await;
    let accord = |party: &'static str| [("party", party), ("version", "")];
    assert_eq!(pilotage.post(&format!("{ONE}/accord"), &accord("directoire")).await.status, 403);
    assert_eq!(director.post(&format!("{ONE}/accord"), &accord("directoire")).await.status, 403);
    assert_eq!(directoire.post(&format!("{ONE}/accord"), &accord("direction")).await.status, 403);
    // Nobody agrees to what they have not read.
    let blind = director.post(&format!("{ONE}/accord"), &accord("direction")).await;
    assert_eq!(blind.status, 409);
    assert!(blind.texts("[role=alert]")[0].contains("relisez-le"));
    assert_eq!(agree(&director).await.status, 303);
    let stale = directoire.post(&format!("{ONE}/accord"), &[("party", "directoire"), ("version", &base)]).await;
    assert_eq!(stale.status, 409);
    // Either may take it back until it is in force.
    let page = director.get(ONE).await;
    let version = page.attributes("form[action*='/accord'] [name=version]", "value")[0].clone();
    let taken = director.post(&format!("{ONE}/accord/end"), &[("party", "direction"), ("version", &version)]).await;
    assert_eq!(taken.status, 303);
    assert!(director.get(ONE).await.texts("#accords .void").len() == 2);
    // A change that only repeats the contract, or that does not read, comes back as typed.
    let same = pilotage.post(&format!("{ONE}/changes/cible/2"), &[]).await;
    assert_eq!(same.status, 422, "{}", same.location());
    let bad = [("figure", "beaucoup"), ("yearly.0.period", "1999"), ("yearly.0.value", "3")];
    let bad = pilotage.post(&format!("{ONE}/changes/cible/2"), &bad).await;
    assert_eq!(bad.status, 422);
    assert!(!bad.texts("#figure-error").is_empty());
    assert_eq!(bad.attributes("#figure", "value"), ["beaucoup"]);
    for nowhere in ["cible/99", "jalon/J16", "poste/P01", "mesure/x y"] {
        let at = format!("{ONE}/changes/{}", nowhere.replace(' ', "%20"));
        assert_eq!(pilotage.get(&at).await.status, 404, "{nowhere}");
    }
    // Picked from the list, or on its page.
    let picked = pilotage.get(&format!("{ONE}/changes?element=mesure/13.a")).await;
    assert_eq!(picked.location(), format!("{ONE}/changes/mesure/13.a"));
    let fiche = pilotage.get("/plans/uca-iut-2021-2026/indicators/13").await;
    let links = fiche.attributes("a[href*='avenants/new']", "href");
    assert!(links.contains(&format!("{AVENANTS}/new?element=cible/13.a")), "{links:?}");
    assert!(
        director
            .get("/plans/uca-iut-2021-2026/indicators/13")
            .await
            .attributes("a[href*='avenants/new']", "href")
            .is_empty()
    );
    let form = pilotage.get(&links[0]).await;
    assert_eq!(form.attributes("[name=element]", "value"), ["cible/13.a"]);
    assert!(form.attributes("a", "href").contains(&format!("{ONE}/changes/cible/13.a")));
    let mut fields = CONTENT.to_vec();
    fields.push(("element", "cible/13.a"));
    let second = pilotage.post(AVENANTS, &fields).await;
    assert_eq!(second.location(), format!("{AVENANTS}/2/changes/cible/13.a"));
    // Given up, with its reason: it moves no more.
    let two = format!("{AVENANTS}/2");
    let page = pilotage.get(&two).await;
    let version = page.attributes("form[action*='/abandonment'] [name=version]", "value")[0].clone();
    let blank = pilotage.post(&format!("{two}/abandonment"), &[("version", &version), ("reason", " ")]).await;
    assert_eq!(blank.status, 422);
    let gone = pilotage.post(&format!("{two}/abandonment"), &[("version", &version), ("reason", "Inutile")]).await;
    assert_eq!(gone.status, 303);
    let page = pilotage.get(&two).await;
    assert_eq!(page.texts(".subtitle .pill"), ["Abandonné"]);
    assert!(page.body.contains("Inutile") && page.attributes("main form", "action").is_empty());
    assert_eq!(pilotage.post(&two, &CONTENT).await.status, 409);
    assert_eq!(pilotage.get(&format!("{two}/changes/cible/13.a")).await.status, 409);
    assert_eq!(
        text(&app, "SELECT reason FROM journal_entry WHERE kind = 'avenant' ORDER BY id DESC LIMIT 1").await,
        "Inutile"
    );
}

#[sqlx::test(migrations = false)]
async fn two_people_who_edit_one_avenant_see_each_other(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    prepare(&app).await;
    let (pilotage, directoire) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Directoire).await);
    let at = format!("{ONE}/changes/cible/1");
    let fields = |page: &Answer, figure: &str| {
        let mut fields = shown(page);
        fields.insert("figure".into(), figure.into());
        fields.into_iter().collect::<Vec<_>>()
    };
    let mine = fields(&pilotage.get(&at).await, "16");
    let theirs = fields(&directoire.get(&at).await, "15");
    let post = async |visitor: &Visitor, fields: &[(String, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        visitor.post(&at, &fields).await
    };
    assert_eq!(post(&directoire, &theirs).await.status, 303);
    let conflict = post(&pilotage, &mine).await;
    assert_eq!(conflict.status, 409);
    let sides = conflict.texts(".conflict .side");
    assert!(sides[0].contains("16") && sides[1].contains("15") && sides[2].contains("14"), "{sides:?}");
    assert_eq!(conflict.attributes("#figure", "value"), ["16"]);
    // Saved again, over the other with open eyes.
    assert_eq!(post(&pilotage, &fields(&conflict, "16")).await.status, 303);
    // The same for what it says.
    let page = pilotage.get(ONE).await;
    let mut first = shown(&page);
    let mut second = first.clone();
    first.insert("reason".into(), "Une raison".into());
    second.insert("reason".into(), "Une autre".into());
    let pairs = |fields: &std::collections::BTreeMap<String, String>| fields.clone().into_iter().collect::<Vec<_>>();
    let save = async |visitor: &Visitor, fields: &[(String, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        visitor.post(ONE, &fields).await
    };
    assert_eq!(save(&pilotage, &pairs(&first)).await.status, 303);
    assert_eq!(save(&directoire, &pairs(&second)).await.status, 409);
    assert_eq!(text(&app, "SELECT reason FROM avenant WHERE code = '1'").await, "Une raison");
}

#[sqlx::test(migrations = false)]
async fn a_plan_that_came_late_has_its_avenants_too_and_one_not_agreed_waits(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    prepare(&app).await;
    assert_eq!(agree(&app.visitor(Role::Director).await).await.status, 303);
    let pilotage = app.visitor(Role::Pilotage).await;
    assert_eq!(pilotage.post("/admin/campaigns", &WINDOW).await.status, 303);
    assert_eq!(count(&app, "SELECT count(*) FROM avenant WHERE since IS NOT NULL").await, 0, "half an accord is none");
    assert_eq!(count(&app, "SELECT count(*) FROM target WHERE rank > 0").await, 0);
    assert_eq!(agree(&app.visitor(Role::Directoire).await).await.status, 303);
    // As if this contract had been signed after the opening of 2027.
    sqlx::query("UPDATE plan SET draft = true").execute(app.pool()).await.unwrap();
    let next = [("year", "2027"), ("opens_on", "2027-09-01"), ("closes_on", "2027-09-30"), ("threshold", "")];
    assert_eq!(pilotage.post("/admin/campaigns", &next).await.status, 303);
    sqlx::query("UPDATE plan SET draft = false").execute(app.pool()).await.unwrap();
    assert_eq!(count(&app, "SELECT count(*) FROM avenant WHERE since IS NOT NULL").await, 0);
    let opened = pilotage.post(&format!("/admin/campaigns/2027/plans/{CODE}/opening"), &[]).await;
    assert_eq!(opened.status, 303, "{}", opened.body);
    assert_eq!(count(&app, "SELECT count(*) FROM avenant WHERE since = 2027").await, 1);
    let snapshot: Vec<u8> = sqlx::query_scalar("SELECT document FROM snapshot ORDER BY id DESC LIMIT 1")
        .fetch_one(app.pool())
        .await
        .unwrap();
    assert!(json(&snapshot)["targets"].as_array().unwrap().iter().any(|it| it["rank"] == 1));
}

#[sqlx::test(migrations = false)]
async fn steps_are_recorded_after_the_signature_with_the_control_of_their_vote(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    prepare(&app).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    let contract = format!("/plans/{CODE}");
    // The real vote holds.
    let page = director.get(&contract).await;
    let checks = page.texts("#adoption ~ * .vote-checks li, .vote-checks li");
    assert!(checks.iter().any(|it| it == "pour + contre + abstentions (28) = votants (28)"), "{checks:?}");
    assert!(!page.body.contains("ne se vérifie pas"));
    assert!(page.attributes("a[href*='/steps/']", "href").is_empty(), "the director reads them");
    // A transmission and a publication, recorded later.
    let step = text(&app, "SELECT code FROM adoption_step WHERE vote IS NOT NULL LIMIT 1").await;
    let at = format!("{contract}/steps/{step}");
    let form = pilotage.get(&at).await;
    assert_eq!(form.status, 200);
    let mut fields = shown(&form);
    fields.insert("transmitted_on".into(), "2025-09-02".into());
    fields.insert("vote.abstentions".into(), "5".into());
    let save = async |fields: &std::collections::BTreeMap<String, String>| {
        let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        pilotage.post(&at, &pairs).await
    };
    let saved = save(&fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    // A fault warns, and blocks nothing.
    let page = director.get(&contract).await;
    assert!(
        page.body.contains("pour + contre + abstentions (29) = votants (28)")
            && page.body.contains("ne se vérifie pas")
    );
    assert!(page.texts("td").contains(&"2 sept. 2025".to_owned()));
    assert_eq!(save(&fields).await.status, 303, "the same thing said twice is no conflict");
    fields.insert("transmitted_on".into(), "2025-09-03".into());
    assert_eq!(save(&fields).await.status, 409, "what was shown is not what is kept");
    fields.remove("was");
    fields.insert("vote.against".into(), "-1".into());
    fields.insert("body".into(), String::new());
    let refused = save(&fields).await;
    assert_eq!(refused.status, 422);
    assert!(!refused.texts("#body-error").is_empty());
    // A step of an avenant stands on its page, and nowhere among the contract's.
    let vote = [
        ("label", "Adoption de l’avenant"),
        ("body", "Conseil d’administration"),
        ("act", "adoption"),
        ("vote.present", "20"),
        ("vote.represented", "0"),
        ("vote.voters", "28"),
        ("avenant", "1"),
    ];
    let added = pilotage.post(&format!("{contract}/steps"), &vote).await;
    assert_eq!(added.location(), format!("{ONE}#adoption"), "{}", added.body);
    let avenant = director.get(ONE).await;
    assert!(avenant.body.contains("Adoption de l’avenant"));
    assert!(avenant.body.contains("votants (28) ≤ présents + représentés (20)"));
    assert!(!director.get(&contract).await.body.contains("Adoption de l’avenant"));
    assert_eq!(pilotage.post(&format!("{contract}/steps"), &[("avenant", "9"), ("label", "x")]).await.status, 404);
    assert_eq!(director.post(&format!("{contract}/steps"), &vote).await.status, 403);
    assert_eq!(count(&app, "SELECT count(*) FROM journal_entry WHERE kind = 'adoption' AND source = 'page'").await, 2);
    let journal = director.get(&format!("{contract}/journal?kind=adoption")).await;
    assert!(journal.body.contains("transmission au recteur"));
}

#[sqlx::test(migrations = false)]
async fn a_step_recorded_by_mistake_is_taken_away_unless_something_needs_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    prepare(&app).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let steps = format!("/plans/{CODE}/steps");
    let kept = async || count(&app, "SELECT count(*) FROM adoption_step").await;
    // What the signed document lists stays, whatever the reason.
    let before = kept().await;
    let own = "SELECT string_agg(code, ' ') FROM adoption_step
               WHERE plan_id = (SELECT id FROM plan WHERE code = 'uca-iut-2021-2026')
                 AND coalesce(held_on::text, date_printed) IS NOT NULL";
    for code in text(&app, own).await.split(' ') {
        let refused = pilotage.post(&format!("{steps}/{code}/removal"), &[("reason", "Saisie à tort")]).await;
        assert_eq!(refused.status, 422, "{code}");
        assert_eq!(refused.texts("#retrait-reason-error").len(), 1, "{code}");
        assert_eq!(refused.texts("#retrait-reason"), ["Saisie à tort"], "{code}");
    }
    assert_eq!(kept().await, before);
    // One of an avenant that is being prepared goes, with a reason, once it was read.
    let step = [("label", "Adoption"), ("body", "Conseil"), ("act", "adoption"), ("avenant", "1")];
    assert_eq!(pilotage.post(&steps, &step).await.status, 303);
    let code = text(&app, "SELECT code FROM adoption_step WHERE avenant = '1'").await;
    let at = format!("{steps}/{code}");
    let page = pilotage.get(&at).await;
    let version = page.attributes("form[action*='/removal'] [name=version]", "value")[0].clone();
    let remove = async |reason: &str, version: &str| {
        pilotage.post(&format!("{at}/removal"), &[("reason", reason), ("version", version)]).await
    };
    assert_eq!(remove(" ", &version).await.status, 422);
    let mut fields = shown(&page);
    fields.insert("body".into(), "Conseil d’administration".into());
    fields.retain(|name, _| !matches!(name.as_str(), "reason" | "version"));
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(pilotage.post(&at, &pairs).await.status, 303);
    let overtaken = remove("Doublon", &version).await;
    assert_eq!(overtaken.status, 409);
    assert_eq!(overtaken.texts("#retrait-reason"), ["Doublon"]);
    let version = overtaken.attributes("form[action*='/removal'] [name=version]", "value")[0].clone();
    assert_eq!(remove("Doublon", &version).await.location(), format!("{ONE}#adoption"));
    assert_eq!((kept().await, pilotage.get(&at).await.status.as_u16()), (before, 404));
    let last = "SELECT reason FROM journal_entry WHERE kind = 'adoption' AND after IS NULL ORDER BY id DESC LIMIT 1";
    assert_eq!(text(&app, last).await, "Doublon");
    // The next one takes a place of its own, after those that stay.
    assert_eq!(pilotage.post(&steps, &step).await.status, 303);
    let doubled =
        "SELECT count(*) FROM (SELECT FROM adoption_step GROUP BY plan_id, position HAVING count(*) > 1) AS it";
    assert_eq!(count(&app, doubled).await, 0);
}

#[sqlx::test(migrations = false)]
async fn pages_of_avenants_keep_to_their_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    prepare(&app).await;
    let contract = format!("/plans/{CODE}");
    let pages = [
        AVENANTS.to_owned(),
        ONE.to_owned(),
        format!("{AVENANTS}/new?element=cible/1"),
        format!("{ONE}/changes/mesure/13.a"),
        format!("{contract}/steps/new?avenant=1"),
        contract.clone(),
        "/".to_owned(),
    ];
    let mut before = Vec::new();
    for path in &pages {
        let role = if path.contains("/steps/") { Role::Pilotage } else { Role::Directoire };
        let (answer, statements) = counted(&app, role, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(statements <= 10, "{path}: {statements}");
        before.push((role, statements));
    }
    // Ten times the avenants.
    sqlx::query(
        "INSERT INTO avenant (plan_id, position, code, reference, dated_on, reason, changes)
         SELECT plan_id, position + number, (number + 1)::text, reference, dated_on, reason, changes
         FROM avenant, generate_series(1, 9) AS number",
    )
    .execute(app.pool())
    .await
    .unwrap();
    for (path, (role, statements)) in pages.iter().zip(before) {
        let count = counted(&app, role, path).await.1;
        assert!(count <= statements, "{path}: {count} instead of {statements}");
    }
}
