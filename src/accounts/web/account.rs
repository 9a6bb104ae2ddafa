//! One's own account: what it may do, its password, its sessions.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use sqlx::Connection;

use super::tries::{self, Tried};
use super::user::{CurrentUser, session_cookie, session_removal};
use crate::accounts::password::{self, Errors};
use crate::accounts::store::grant::Filter;
use crate::accounts::views::AccountPage;
use crate::accounts::{hashing, store};
use crate::web::client::Client;
use crate::web::flash::{Done, carry, redirect};
use crate::web::{App, Error, Result};

/// `GET /account`
pub async fn show(State(app): State<App>, user: CurrentUser) -> Result<Response> {
    Ok(page(&app, &user, Errors::default()).await?.into_response())
}

async fn page(app: &App, user: &CurrentUser, errors: Errors) -> Result<AccountPage> {
    let mut conn = app.conn().await?;
    let filter = Filter { account_id: Some(user.account_id), ..Filter::default() };
    let account = store::account::by_id(&mut conn, user.account_id).await?.ok_or(Error::NotFound)?;
    let title = if errors.is_empty() { "Mon compte" } else { "Erreur : mon compte" };
    Ok(AccountPage {
        page: user.page(title, "/account"),
        email: user.email.clone(),
        function: user.function.clone(),
        grants: store::grant::list(&mut conn, &filter).await?,
        sessions: store::session::list(&mut conn, user.account_id, app.clock.now()).await?,
        this: user.session(),
        today: app.clock.today(),
        errors,
        reminders: account.reminders,
        mails: app.settings.mail.is_some(),
    })
}

/// What the form posts.
#[derive(Deserialize)]
pub struct NewPassword {
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

/// `POST /account/password`
pub async fn change_password(
    State(app): State<App>,
    client: Client,
    jar: CookieJar,
    user: CurrentUser,
    Form(form): Form<NewPassword>,
) -> Result<Response> {
    let errors = Errors::of(&form.new, &form.again, &user.email, &user.function);
    if !errors.is_empty() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&app, &user, errors).await?).into_response());
    }
    let mut errors = errors;
    // A session left open must not serve to guess the password: tries are counted as at sign-in.
    let attempt = match tries::check(&app, client, &user.email, form.current).await? {
        Tried::Right { attempt, .. } => attempt,
        Tried::Wrong => {
            "Ce n’est pas votre mot de passe actuel.".clone_into(&mut errors.current);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&app, &user, errors).await?).into_response());
        }
        Tried::TooSoon(seconds) => {
            errors.current = Tried::wait_sentence(seconds);
            return Ok((StatusCode::TOO_MANY_REQUESTS, page(&app, &user, errors).await?).into_response());
        }
    };
    let hash = hashing::hash(&app.hashing, form.new).await?;
    let now = app.clock.now();
    let mut act = user.act(now);
    act.reason = Some(password::CHANGED.into());
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::signin::succeed(&mut tx, attempt).await?;
    let account = store::account::by_id(&mut tx, user.account_id).await?.ok_or(Error::NotFound)?;
    store::account::set_password(&mut tx, &act, &account, &hash).await?;
    // Whoever else held a session is out; this browser goes on, under a new one.
    let token = store::session::open(&mut tx, user.account_id, now).await?;
    tx.commit().await?;
    let jar = jar.add(session_cookie(&app.settings, &token)).add(carry(&app.settings, Done::PasswordChanged));
    Ok((jar, Redirect::to("/account")).into_response())
}

/// What the reminders form posts.
#[derive(Deserialize)]
pub struct Choice {
    #[serde(default)]
    wanted: String,
}

/// `POST /account/reminders`
pub async fn choose_reminders(State(app): State<App>, user: CurrentUser, Form(form): Form<Choice>) -> Result<Response> {
    let wanted = match form.wanted.as_str() {
        "oui" => true,
        "non" => false,
        _ => return Err(Error::Malformed("reminders choice")),
    };
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let account = store::account::by_id(&mut tx, user.account_id).await?.ok_or(Error::NotFound)?;
    if account.reminders != wanted {
        store::account::set_reminders(&mut tx, &user.act(app.clock.now()), &account, wanted).await?;
    }
    tx.commit().await?;
    let done = if wanted { Done::RemindersWanted } else { Done::RemindersStopped };
    Ok(redirect(&app.settings, done, "/account"))
}

/// `POST /account/sessions/end`
pub async fn end_sessions(State(app): State<App>, jar: CookieJar, user: CurrentUser) -> Result<Response> {
    let mut conn = app.conn().await?;
    store::session::close_all(&mut conn, user.account_id).await?;
    let jar = jar.remove(session_removal(&app.settings)).add(carry(&app.settings, Done::SignedOutEverywhere));
    Ok((jar, Redirect::to("/session")).into_response())
}
