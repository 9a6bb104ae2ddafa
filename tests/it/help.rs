//! The pages that every footer links to.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

#[sqlx::test(migrations = false)]
async fn every_role_has_its_help_and_no_other_word_does(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let anonymous = app.anonymous();
    for role in Role::ALL {
        let answer = anonymous.get(&format!("/help/{}", role.word())).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.texts("h1"), [format!("Aide : {}", role.label())]);
        assert!(answer.texts("h2").len() <= 14 && !answer.texts(".prose > p").is_empty(), "{role:?}");
    }
    assert_eq!(anonymous.get("/help/directeur").await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn the_hub_puts_ones_own_role_first(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let hub = app.visitor(Role::Rh).await.get("/help").await;
    let roles = hub.attributes("main h2 a", "href");
    assert_eq!((roles.len(), roles[0].as_str()), (Role::ALL.len(), "/help/rh"));
    assert_eq!(hub.texts("main .tag"), ["votre rôle"]);
    assert_eq!(app.anonymous().get("/help").await.texts("main .tag"), Vec::<String>::new());
}

#[sqlx::test(migrations = false)]
async fn the_sitemap_names_only_what_its_visitor_can_open(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let links = async |visitor: crate::support::Visitor| {
        let mut links = visitor.get("/sitemap").await.attributes("main .prose a", "href");
        links.retain(|link| !["/help", "/accessibility", "/account", "/"].contains(&link.as_str()));
        links
    };
    assert_eq!(links(app.anonymous()).await, ["/session"]);
    assert_eq!(links(app.visitor(Role::Reader).await).await, Vec::<String>::new());
    assert_eq!(links(app.visitor(Role::Admin).await).await, ["/admin/accounts", "/admin/reminders"]);
    let plan = "/plans/uca-iut-2021-2026";
    let director = links(app.visitor(Role::Director).await).await;
    assert_eq!(
        director,
        [
            plan,
            &format!("{plan}/entry/2025"),
            &format!("{plan}/jalons"),
            &format!("{plan}/controls"),
            &format!("{plan}/reserves"),
            &format!("{plan}/dialogues"),
            &format!("{plan}/journal"),
            "/decisions",
            "/followups",
            "/delegations"
        ]
    );
    // Nothing to enter there: Saisie is no page of theirs.
    let rh = links(app.visitor(Role::Rh).await).await;
    assert!(rh.contains(&plan.to_owned()) && !rh.iter().any(|link| link.contains("/entry/")));
}

#[sqlx::test(migrations = false)]
async fn the_declaration_says_where_to_complain(_: PgPoolOptions, options: PgConnectOptions) {
    let page = TestApp::empty(options).await.anonymous().get("/accessibility").await;
    assert!(page.body.contains("<strong>non conforme</strong>"));
    assert!(page.body.contains("Défenseur des droits"));
}
