//! Every door of the house, and what stands around all of them.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::web::{App, Error, Routes, error, flash, request, security, statics};
use crate::{
    accounts, arbitrages, avenants, budget, commitments, contract, controls, db, dialogue, directoire, drafts,
    establishment, followups, help, home, indicators, jalons, posts, reminders, reserves,
};

/// Largest body accepted.
pub const BODY_MAX: usize = 1024 * 1024;
/// Longest a page may take: beyond the statement's own limit, so that the database gives up first.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// The routes, recorded: what `cpom routes` prints and the role table of the tests covers.
pub fn routes() -> Routes {
    Routes::new()
        .get("/static/{file}", statics::file)
        .get("/healthz", healthz)
        .get("/readyz", readyz)
        .merge(accounts::router())
        .merge(arbitrages::router())
        .merge(indicators::router())
        .merge(posts::router())
        .merge(commitments::router())
        .merge(jalons::router())
        .merge(avenants::router())
        .merge(reserves::router())
        .merge(budget::router())
        .merge(followups::router())
        .merge(dialogue::router())
        .merge(contract::router())
        .merge(controls::router())
        .merge(establishment::router())
        .merge(drafts::router())
        .merge(help::router())
        .merge(directoire::router())
        .merge(home::router())
        .merge(reminders::router())
}

/// The whole application.
pub fn app(app: App) -> Router {
    around(routes(), app, REQUEST_TIMEOUT)
}

/// Stands what every answer needs around some routes: no refusal leaves without a page, its headers and a request
/// number. Layers run from the last to the first written here.
pub fn around(routes: Routes, app: App, timeout: Duration) -> Router {
    routes
        .into_router()
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(app.clone(), flash::clear))
        // Refuses acts that another site sends (Sec-Fetch-Site, Origin): forms carry no token.
        .layer(CsrfLayer::new())
        .layer(RequestBodyLimitLayer::new(BODY_MAX))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        // Outside all that refuses without a page.
        .layer(middleware::from_fn(error::dress))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), security::headers))
        // Outermost: every layer's log line has the request's number, and the time counts them all. Like every layer
        // of an axum router it runs after routing, so the pattern of the route is known.
        .layer(middleware::from_fn_with_state(app.clone(), request::observe))
        .with_state(app)
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers, with the schema this program was built for.
async fn readyz(State(app): State<App>) -> Result<&'static str, StatusCode> {
    match db::check_schema(&app.pool).await {
        Ok(()) => Ok("ok\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

async fn not_found() -> Error {
    Error::NotFound
}
