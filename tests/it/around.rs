//! What stands around every page: errors as pages, headers, the refusal of other sites' acts, health.

use axum::body::Body;
use axum::http::Method;
use cpom::accounts::model::Role;
use cpom::web::{Error, Routes};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{DIRECTOR, PASSWORD, TestApp, sign_in};

#[sqlx::test(migrations = false)]
async fn every_refusal_is_a_page_with_its_headers(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let director = app.visitor(Role::Director).await;
    let bad = app.around(
        Routes::new()
            .get("/panic", async || -> &'static str { panic!("on purpose") })
            .get("/slow", async || std::future::pending::<&'static str>().await)
            .get("/fault", async || -> Result<&'static str, Error> { Err(sqlx::Error::RowNotFound.into()) }),
    );
    let big = "x".repeat(1024 * 1024 + 1);
    let cross = app.anonymous().sending("sec-fetch-site", "cross-site");
    let answers = [
        (404, app.anonymous().get("/nowhere").await),
        (404, director.get("/admin/accounts").await),
        (404, app.visitor(Role::Admin).await.get("/admin/accounts/abc").await),
        (404, app.visitor(Role::Admin).await.get("/admin/accounts/99").await),
        (404, app.anonymous().get("/static/nothing.css").await),
        (405, app.anonymous().get("/session/end").await),
        (405, app.anonymous().send(Method::DELETE, "/session", Body::empty()).await),
        (403, cross.post("/session", &[("email", DIRECTOR), ("password", PASSWORD)]).await),
        (413, app.anonymous().send(Method::POST, "/session", Body::from(big)).await),
        (403, app.visitor(Role::Admin).await.post("/admin/accounts/8/suspension", &[]).await),
        (415, app.anonymous().sending("content-type", "text/plain").post("/session", &[]).await),
        (500, bad.anonymous().get("/panic").await),
        (500, bad.anonymous().get("/fault").await),
        (503, bad.anonymous().get("/slow").await),
    ];
    for (expected, answer) in answers {
        assert_eq!(answer.status, expected, "{}", answer.body);
        assert!(answer.header("content-type").starts_with("text/html"), "{expected}");
        assert!(answer.body.len() > 50 && !answer.body.contains("on purpose"), "{}", answer.body);
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{expected}");
        for (name, value) in
            [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("cache-control", "no-store")]
        {
            assert_eq!(answer.header(name), value, "{expected}");
        }
        assert_eq!(answer.header("x-request-id").len(), 32, "{expected}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_same_site_act_and_a_plain_client_pass(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    for visitor in [
        app.anonymous().sending("sec-fetch-site", "same-origin"),
        app.anonymous().sending("origin", "http://cpom.test"),
        app.anonymous(),
    ] {
        assert_eq!(sign_in(&visitor, DIRECTOR, PASSWORD).await.status, 303);
    }
    let foreign = app.anonymous().sending("origin", "http://evil.example");
    assert_eq!(sign_in(&foreign, DIRECTOR, PASSWORD).await.status, 403);
}

#[sqlx::test(migrations = false)]
async fn the_house_says_whether_it_is_ready(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    assert_eq!(app.anonymous().get("/readyz").await.status, 200);
    app.pool().close().await;
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
    let away = app.anonymous().get("/readyz").await;
    assert_eq!((away.status.as_u16(), away.header("retry-after")), (503, "5"));
    let page = app.anonymous().get("/session").await;
    assert_eq!(page.status, 503);
    assert!(page.header("content-type").starts_with("text/html"));
}

#[sqlx::test(migrations = false)]
async fn pages_are_compressed_and_files_kept(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let page = app.anonymous().sending("accept-encoding", "gzip").get("/session").await;
    assert_eq!(page.header("content-encoding"), "gzip");
    let address = app.anonymous().get("/session").await.attributes("link[rel=stylesheet]", "href")[0].clone();
    assert!(app.anonymous().get(&address).await.header("cache-control").contains("immutable"));
    assert_eq!(app.anonymous().get("/static/app.css").await.header("cache-control"), "no-cache");
}
