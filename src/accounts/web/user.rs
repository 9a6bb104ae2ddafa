//! Who is asking: the extractors every handler begins with.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use chrono::{DateTime, Utc};

use crate::accounts::model::{Role, User};
use crate::accounts::session::{SEEN_EVERY, Token};
use crate::accounts::{store, views};
use crate::journal::model::{Act, Actor};
use crate::web::error::{Dressed, url_encode};
use crate::web::flash::Announced;
use crate::web::local::LocalPath;
use crate::web::page::{Flash, Page};
use crate::web::{App, Error, Settings, cookie, is_htmx};

const COOKIE: &str = "cpom_session";

/// The cookie of a session.
pub fn session_cookie(settings: &Settings, token: &Token) -> Cookie<'static> {
    cookie::cookie(settings, COOKIE, token.text())
}

/// What takes it back.
pub fn session_removal(settings: &Settings) -> Cookie<'static> {
    cookie::removal(settings, COOKIE)
}

/// What the cookie of a request holds, believed or not.
pub fn presented(settings: &Settings, jar: &CookieJar) -> Option<Token> {
    jar.get(&cookie::name(settings, COOKIE)).and_then(|cookie| Token::parse(cookie.value()))
}

/// A signed-in person; it derefs to [`User`], whose methods say what they read. Nobody signed in: the visitor is sent
/// to sign in and comes back afterwards.
#[derive(Debug)]
pub struct CurrentUser {
    user: User,
    establishment: String,
    session: uuid::Uuid,
    flash: Option<Flash>,
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.user
    }
}

impl CurrentUser {
    /// The frame of a page of theirs, with what the previous page left to announce; `current` is the address of its
    /// entry in the navigation.
    pub fn page(&self, title: impl Into<String>, current: &str) -> Page {
        Page { flash: self.flash.clone(), ..views::frame(&self.user, &self.establishment, title, current) }
    }

    /// The session that was presented.
    pub const fn session(&self) -> uuid::Uuid {
        self.session
    }

    /// Who the journal names.
    pub fn actor(&self) -> Actor {
        Actor { account_id: Some(self.account_id), function: self.function.clone() }
    }

    /// An act of theirs on a page.
    pub fn act(&self, at: DateTime<Utc>) -> Act {
        Act::page(self.actor(), at)
    }

    /// A page that exists only for some roles is not there for the others.
    pub fn only(&self, role: Role) -> Result<(), Error> {
        if self.has(role) { Ok(()) } else { Err(Error::NotFound) }
    }
}

/// A person who may or may not be signed in.
pub struct MaybeUser(pub Option<CurrentUser>);

impl FromRequestParts<App> for MaybeUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(token) = presented(&app.settings, &jar) else { return Ok(Self(None)) };
        let now = app.clock.now();
        let mut conn = app.conn().await?;
        let Some(found) = store::session::find(&mut conn, token.id, now, app.clock.today()).await? else {
            return Ok(Self(None));
        };
        if !token.secret.matches(&found.secret_hash) {
            return Ok(Self(None));
        }
        if now - found.last_seen_at >= SEEN_EVERY {
            store::session::touch(&mut conn, token.id, now).await?;
        }
        drop(conn);
        let Ok(Announced(flash)) = Announced::from_request_parts(parts, app).await;
        let user = CurrentUser { user: found.user, establishment: found.establishment, session: token.id, flash };
        Ok(Self(Some(user)))
    }
}

impl FromRequestParts<App> for CurrentUser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let MaybeUser(user) = MaybeUser::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        user.ok_or_else(|| sign_in(parts))
    }
}

/// Sends to the sign-in form, which comes back to the page asked for; for an act, to the page it was made from.
fn sign_in(parts: &Parts) -> Response {
    let asked = || LocalPath::parse(parts.uri.path_and_query()?.as_str());
    let reads = parts.method == Method::GET && !is_htmx(&parts.headers);
    let next = if reads { asked() } else { LocalPath::origin(&parts.headers) };
    let next = next.map_or_else(String::new, |next| next.as_str().to_owned());
    if !is_htmx(&parts.headers) {
        return Error::SignIn { next }.into_response();
    }
    // htmx would follow a redirect and put the sign-in form inside the page.
    let address = format!("/session?suite={}", url_encode(&next));
    let mut response = (StatusCode::UNAUTHORIZED, [(HeaderName::from_static("hx-redirect"), address)]).into_response();
    response.extensions_mut().insert(Dressed);
    response
}
