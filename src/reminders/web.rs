//! Rappels, for those who administer; for anyone else these pages are not there.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use super::model::is_reachable;
use super::store;
use super::views::{RemindersPage, trial};
use crate::accounts::CurrentUser;
use crate::accounts::model::Role;
use crate::mail::{Failure, Message, Relay, Session};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result, Routes};

const PAGE: &str = "/admin/reminders";
/// Most messages listed.
const LISTED: i64 = 200;
/// Days over which what left is counted.
const COUNTED_DAYS: u64 = 30;
/// How long a trial waits: less than a page may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The room's routes.
pub fn router() -> Routes {
    Routes::new().get(PAGE, show).post("/admin/reminders/test", test).post("/admin/reminders/{id}/retry", retry)
}

/// `GET /admin/reminders`
async fn show(State(app): State<App>, user: CurrentUser) -> Result<Response> {
    user.only(Role::Admin)?;
    let mut conn = app.conn().await?;
    Ok(page(&app, &mut conn, &user, None).await?.into_response())
}

async fn page(
    app: &App,
    conn: &mut PgConnection,
    user: &CurrentUser,
    refused: Option<String>,
) -> Result<RemindersPage> {
    let since = app.clock.today() - chrono::Days::new(COUNTED_DAYS);
    Ok(RemindersPage {
        page: user.page(if refused.is_some() { "Erreur : rappels" } else { "Rappels" }, PAGE),
        relay: app.settings.mail.clone(),
        last: store::last_round(conn).await?,
        sent: store::sent_since(conn, since).await?,
        troubles: store::troubles(conn, None, LISTED).await?,
        email: user.email.clone(),
        refused,
        now: app.clock.now(),
    })
}

/// `POST /admin/reminders/test`: a message to oneself, now; the page waits for the mail server's answer.
async fn test(State(app): State<App>, user: CurrentUser) -> Result<Response> {
    user.only(Role::Admin)?;
    let refused = async |status: StatusCode, sentence: String| {
        let mut conn = app.conn().await?;
        Ok((status, page(&app, &mut conn, &user, Some(sentence)).await?).into_response())
    };
    let Some(relay) = &app.settings.mail else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "Aucun serveur de courrier n’est réglé.".into()).await;
    };
    if !is_reachable(&user.email) {
        let sentence = format!("L’adresse {} ne peut rien recevoir : c’est un compte de démonstration.", user.email);
        return refused(StatusCode::UNPROCESSABLE_ENTITY, sentence).await;
    }
    let message = trial(&user.email, &app.settings.public_url, app.clock.now())?;
    match tokio::time::timeout(PATIENCE, send(relay, &message)).await {
        Ok(Ok(())) => Ok(flash::redirect(&app.settings, Done::TrialSent, PAGE)),
        Ok(Err(failure)) => refused(StatusCode::BAD_GATEWAY, format!("L’essai n’est pas parti. {failure}")).await,
        Err(_) => {
            let sentence = "L’essai n’a pas abouti : le serveur de courrier n’a pas répondu en dix secondes.";
            refused(StatusCode::BAD_GATEWAY, sentence.into()).await
        }
    }
}

async fn send(relay: &Relay, message: &Message) -> Result<(), Failure> {
    let mut session = Session::open(relay).await?;
    let answer = session.send(message).await;
    session.close().await;
    answer
}

/// `POST /admin/reminders/{id}/retry`
async fn retry(State(app): State<App>, user: CurrentUser, Path(id): Path<i64>) -> Result<Response> {
    user.only(Role::Admin)?;
    let mut conn = app.conn().await?;
    if store::let_leave(&mut conn, id, app.clock.now()).await? {
        return Ok(flash::redirect(&app.settings, Done::ReminderBack, PAGE));
    }
    let found = store::troubles(&mut conn, Some(id), 1).await?.pop().ok_or(Error::NotFound)?;
    Err(Error::Forbidden(format!(
        "Ce courriel est à l’état « {} » : il ne se renvoie pas.",
        found.state.label().to_lowercase()
    )))
}
