//! Structures, sites and the framework, kept on pages of pilotage.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, TestApp};

fn error(page: &Answer, field: &str) -> String {
    page.texts(&format!("[id='{field}-error']")).join(" ")
}

#[sqlx::test(migrations = false)]
async fn a_university_begins_from_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let pilotage = app.newcomer(Role::Pilotage).await;
    let page = pilotage.get("/admin/plans").await;
    assert!(page.texts(".empty").join(" ").contains("Nommez d’abord l’établissement"));
    // Without an establishment there is nothing to begin under.
    let plan =
        [("structure", "droit"), ("kind", "cpom"), ("first_year", "2027"), ("last_year", "2032"), ("title", "CPOM")];
    assert_eq!(pilotage.post("/admin/plans", &plan).await.status, 422);
    let fields = [
        ("code", "ufc"),
        ("name", "Université"),
        ("acronym", "UFC"),
        ("facts.0.label", "Forme"),
        ("facts.0.text", "EPE"),
        ("framework_title", "Le cadre"),
        ("framework_levels", "Domaine\r\nThématique\r\nObjectif"),
    ];
    assert_eq!(pilotage.post("/admin/establishment", &fields).await.status, 303);
    assert_eq!(pilotage.get("/admin/establishment").await.attributes("[name='facts.0.text']", "value"), ["EPE"]);
    let row = [("code", "C01"), ("domain", "Formation"), ("theme", "Réussite"), ("objective", "Accompagner")];
    assert_eq!(pilotage.post("/admin/framework", &row).await.status, 303);
    assert_eq!(pilotage.get("/admin/framework").await.texts(".order-head h2"), ["Formation"]);
    let structure = [("code", "droit"), ("kind", "composante"), ("label", "École de droit"), ("acronym", "Droit")];
    assert_eq!(pilotage.post("/admin/structures", &structure).await.status, 303);
    assert_eq!(pilotage.post("/admin/plans", &plan).await.location(), "/plans/ufc-droit-2027-2032/draft");
    let node = [("code", "D1"), ("label", "Formation"), ("framework_rows", "C01")];
    assert_eq!(pilotage.post("/plans/ufc-droit-2027-2032/draft/nodes", &node).await.status, 303);
    assert_eq!(pilotage.post("/admin/framework/C01/removal", &[]).await.status, 422);
}

#[sqlx::test(migrations = false)]
async fn structures_are_added_and_edited_and_a_site_in_use_stays(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let fields = [
        ("code", "droit"),
        ("kind", "composante"),
        ("label", "École de droit"),
        ("acronym", "Droit"),
        ("sites.1.code", "centre"),
        ("sites.1.label", "Centre"),
    ];
    assert_eq!(pilotage.post("/admin/structures", &fields).await.status, 303);
    let page = pilotage.post("/admin/structures", &fields).await;
    assert_eq!(page.status, 422);
    assert!(error(&page, "code").contains("déjà pris"));
    assert_eq!(page.attributes("[name='sites.0.code']", "value"), ["centre"]);
    let list = pilotage.get("/admin/structures").await;
    assert_eq!(list.texts("tbody th"), ["Institut universitaire de technologie (IUT)", "École de droit (Droit)"]);

    // Montluçon is named by a budget line: it stays.
    let without = [
        ("kind", "institut"),
        ("label", "IUT"),
        ("acronym", "IUT"),
        ("sites.0.code", "aubiere"),
        ("sites.0.label", "Aubière"),
    ];
    let page = pilotage.post("/admin/structures/iut", &without).await;
    assert_eq!(page.status, 422);
    assert!(
        error(&page, "sites.0.code").contains("montlucon (ligne B5 de uca-iut-2021-2026)"),
        "{:?}",
        page.texts(".error")
    );
    assert_eq!(pilotage.get("/admin/structures/inconnue").await.status, 404);

    // A new plan of the new structure.
    let plan = [
        ("structure", "droit"),
        ("kind", "contribution_regionale"),
        ("first_year", "2026"),
        ("last_year", "2027"),
        ("title", "Contribution"),
    ];
    assert_eq!(pilotage.post("/admin/plans", &plan).await.location(), "/plans/uca-droit-2026-2027/draft");
    let entries: i64 = sqlx::query_scalar("SELECT count(*) FROM journal_entry WHERE plan_id IS NULL AND kind = 'structure' AND code = 'droit' AND source = 'page'")
        .fetch_one(app.pool())
        .await
        .unwrap();
    assert_eq!(entries, 1);
    // It is another director's: the IUT's does not see it.
    assert_eq!(app.visitor(Role::Director).await.get("/plans/uca-droit-2026-2027/draft").await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn the_framework_is_written_ordered_and_keeps_what_is_declined(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let codes = async || pilotage.get("/admin/framework").await.attributes("[data-code]", "data-code");
    let before = codes().await;
    assert_eq!(before.len(), 47);
    let page = pilotage.get("/admin/framework/new").await;
    assert_eq!(page.attributes("#code", "value"), ["C48"]);
    let row = [("code", "C48"), ("domain", "Nouveau domaine"), ("theme", "Thème"), ("objective", "Un objectif")];
    assert_eq!(pilotage.post("/admin/framework", &row).await.location(), "/admin/framework#C48");
    assert!(error(&pilotage.post("/admin/framework", &row).await, "code").contains("déjà pris"));

    let moved = pilotage.post("/admin/framework/C48/move", &[("direction", "up")]).await;
    assert_eq!(moved.location(), "/admin/framework#up-framework-C48");
    assert_eq!(codes().await[46], "C48");
    pilotage.post("/admin/framework/C48/move", &[("before", before[0].as_str())]).await;
    assert_eq!(codes().await[0], "C48");

    let used = pilotage.get("/admin/framework").await;
    let declined = used.attributes("li:not(:has(form[action$='/removal']))[data-code]", "data-code");
    assert!(!declined.is_empty() && declined.len() < 47);
    let page = pilotage.post(&format!("/admin/framework/{}/removal", declined[0]), &[]).await;
    assert_eq!(page.status, 422);
    assert!(page.texts("[role=alert]").join(" ").contains("uca-iut-2021-2026"));
    assert_eq!(pilotage.post("/admin/framework/C48/removal", &[]).await.status, 303);
    assert_eq!(codes().await, before);

    // Two people on one row.
    let path = "/admin/framework/C01";
    let was = pilotage.get(path).await.attributes("[name='was']", "value").remove(0);
    let write = |objective: &'static str| {
        [("domain", "D"), ("theme", "T"), ("objective", objective), ("was", "")]
            .map(|(name, value)| (name, if name == "was" { was.clone() } else { value.to_owned() }))
    };
    let save = async |objective| {
        let pairs = write(objective);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pilotage.post(path, &pairs).await
    };
    assert_eq!(save("Le premier").await.status, 303);
    let page = save("Le second").await;
    assert_eq!(page.status, 409);
    assert!(page.texts(".side p").contains(&"Le premier".to_owned()));
}
