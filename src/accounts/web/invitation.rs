//! A one-time link: its holder chooses a password.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::user::{presented, session_removal};
use crate::accounts::model::Account;
use crate::accounts::password::{self, Errors};
use crate::accounts::session::Secret;
use crate::accounts::store::account;
use crate::accounts::views::{self, InvitationOverPage, InvitationPage};
use crate::accounts::{hashing, store};
use crate::journal::model::{Act, Actor};
use crate::web::extract::Path;
use crate::web::flash::{Done, carry};
use crate::web::{App, Result};

/// What a link opens.
enum Link {
    /// The account whose password may be chosen, and the row that serves for it.
    Serves(Account, i64),
    /// It served, it is too old, or the account is suspended.
    Over,
    /// Nobody made it, or another replaced it.
    Unknown,
}

async fn link(app: &App, conn: &mut PgConnection, token: &str) -> sqlx::Result<Link> {
    let Some(secret) = Secret::parse(token) else { return Ok(Link::Unknown) };
    let Some(invitation) = account::invitation(conn, &secret).await? else { return Ok(Link::Unknown) };
    let account = account::by_id(conn, invitation.account_id).await?;
    Ok(match account {
        Some(account)
            if invitation.used_at.is_none()
                && app.clock.now() < invitation.expires_at
                && account.suspended_at.is_none() =>
        {
            Link::Serves(account, invitation.id)
        }
        _ => Link::Over,
    })
}

/// The page of a link that opens nothing.
async fn over(conn: &mut PgConnection, known: bool) -> Result<Response> {
    let status = if known { StatusCode::GONE } else { StatusCode::NOT_FOUND };
    let page = views::bare(&store::establishment(conn).await?, "Ce lien ne sert plus", None);
    Ok((status, InvitationOverPage { page, known }).into_response())
}

/// `GET /invitations/{token}`
pub async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Response> {
    let mut conn = app.conn().await?;
    match link(&app, &mut conn, &token).await? {
        Link::Serves(account, _) => form(&mut conn, &account, Errors::default()).await,
        Link::Over => over(&mut conn, true).await,
        Link::Unknown => over(&mut conn, false).await,
    }
}

async fn form(conn: &mut PgConnection, account: &Account, errors: Errors) -> Result<Response> {
    let (status, title) = if errors.is_empty() {
        (StatusCode::OK, "Choisir un mot de passe")
    } else {
        (StatusCode::UNPROCESSABLE_ENTITY, "Erreur : choisir un mot de passe")
    };
    let page = views::bare(&store::establishment(conn).await?, title, None);
    let page = InvitationPage {
        page,
        email: account.email.clone(),
        function: account.function.clone(),
        first: !account.has_password,
        errors,
    };
    Ok((status, page).into_response())
}

/// What the form posts.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

/// `POST /invitations/{token}`
pub async fn accept(
    State(app): State<App>,
    Path(token): Path<String>,
    jar: CookieJar,
    Form(chosen): Form<Chosen>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let account = match link(&app, &mut conn, &token).await? {
        Link::Serves(account, _) => account,
        Link::Over => return over(&mut conn, true).await,
        Link::Unknown => return over(&mut conn, false).await,
    };
    let errors = Errors::of(&chosen.new, &chosen.again, &account.email, &account.function);
    if !errors.is_empty() {
        return form(&mut conn, &account, errors).await;
    }
    // Hashing waits for its turn: no connection is held meanwhile.
    drop(conn);
    let hash = hashing::hash(&app.hashing, chosen.new).await?;
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    // Read again under its lock: of two people with the same link, one is first.
    let Link::Serves(account, invitation) = link(&app, &mut tx, &token).await? else {
        drop(tx);
        return over(&mut conn, true).await;
    };
    let actor = Actor { account_id: Some(account.id), function: account.function.clone() };
    let mut act = Act::page(actor, app.clock.now());
    act.reason = Some(password::CHOSEN.into());
    account::accept(&mut tx, &act, &account, invitation, &hash).await?;
    // Another person's session may be open in this browser: the sign-in form must be the next page.
    if let Some(old) = presented(&app.settings, &jar) {
        store::session::close(&mut tx, &old).await?;
    }
    tx.commit().await?;
    let jar = jar.remove(session_removal(&app.settings)).add(carry(&app.settings, Done::PasswordChosen));
    Ok((jar, Redirect::to("/session")).into_response())
}
