//! Sign-in and sign-out.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use sqlx::Connection;

use super::tries::{self, Tried};
use super::user::{MaybeUser, presented, session_cookie, session_removal};
use crate::accounts::store;
use crate::accounts::views::{self, SignInPage};
use crate::web::client::Client;
use crate::web::flash::{Announced, Done, carry};
use crate::web::local::LocalPath;
use crate::web::{App, Result};

/// Where to go once signed in.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    suite: String,
}

/// `GET /session`
pub async fn form(
    State(app): State<App>,
    MaybeUser(user): MaybeUser,
    Announced(flash): Announced,
    Query(next): Query<Next>,
) -> Result<Response> {
    if user.is_some() {
        return Ok(Redirect::to(&destination(&next.suite)).into_response());
    }
    let mut conn = app.conn().await?;
    let mut page = SignInPage::new(views::bare(&store::establishment(&mut conn).await?, "Connexion", flash));
    page.suite = next.suite;
    Ok(page.into_response())
}

/// What the form posts.
#[derive(Deserialize)]
pub struct SignIn {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    suite: String,
}

/// `POST /session`
pub async fn open(
    State(app): State<App>,
    client: Client,
    jar: CookieJar,
    Form(form): Form<SignIn>,
) -> Result<Response> {
    let (account_id, attempt) = match tries::check(&app, client, &form.email, form.password.clone()).await? {
        Tried::Right { account_id, attempt } => (account_id, attempt),
        Tried::Wrong => return refuse(&app, form, None).await,
        Tried::TooSoon(seconds) => return refuse(&app, form, Some(seconds)).await,
    };
    let now = app.clock.now();
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::signin::succeed(&mut tx, attempt).await?;
    store::signin::seen(&mut tx, account_id, now).await?;
    // A new session each time: one that somebody planted in this browser ends here.
    if let Some(old) = presented(&app.settings, &jar) {
        store::session::close(&mut tx, &old).await?;
    }
    let token = store::session::open(&mut tx, account_id, now).await?;
    tx.commit().await?;
    let jar = jar.add(session_cookie(&app.settings, &token));
    Ok((jar, Redirect::to(&destination(&form.suite))).into_response())
}

/// The form again, with what was typed, the password aside.
async fn refuse(app: &App, form: SignIn, wait: Option<u32>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut page = SignInPage::new(views::bare(&store::establishment(&mut conn).await?, "Erreur : connexion", None));
    page.email = form.email;
    page.suite = form.suite;
    let status = match wait {
        None => {
            "Courriel ou mot de passe incorrect. Après plusieurs essais, il faut patienter un peu."
                .clone_into(&mut page.error);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(seconds) => {
            page.error = Tried::wait_sentence(seconds);
            StatusCode::TOO_MANY_REQUESTS
        }
    };
    let mut response = (status, page).into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

/// `POST /session/end`
pub async fn end(State(app): State<App>, jar: CookieJar) -> Result<Response> {
    if let Some(token) = presented(&app.settings, &jar) {
        let mut conn = app.conn().await?;
        store::session::close(&mut conn, &token).await?;
    }
    let jar = jar.remove(session_removal(&app.settings)).add(carry(&app.settings, Done::SignedOut));
    Ok((jar, Redirect::to("/session")).into_response())
}

/// The page asked for, if it is one of ours.
fn destination(suite: &str) -> String {
    LocalPath::parse(suite).map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned())
}
