//! Help, the site's plan, the accessibility declaration.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::views::{AccessibilityPage, HelpPage, RolePage, SitemapPage};
use crate::accounts::model::Role;
use crate::accounts::{CurrentUser, MaybeUser, store, views};
use crate::plans::store::{self as plans, Header};
use crate::web::extract::Path;
use crate::web::page::Page;
use crate::web::{App, Error, Result, Routes};
use crate::{access, dialogue};

/// The room's routes.
pub fn router() -> Routes {
    Routes::new()
        .get("/help", hub)
        .get("/help/{role}", role)
        .get("/sitemap", sitemap)
        .get("/accessibility", accessibility)
}

/// The frame of a page open to all: a signed-in visitor keeps their navigation.
async fn frame(app: &App, user: Option<&CurrentUser>, title: &str) -> Result<Page> {
    if let Some(user) = user {
        return Ok(user.page(title, ""));
    }
    let mut conn = app.conn().await?;
    Ok(views::bare(&store::establishment(&mut conn).await?, title, None))
}

/// `GET /help`
async fn hub(State(app): State<App>, MaybeUser(user): MaybeUser) -> Result<Response> {
    let page = frame(&app, user.as_ref(), "Aide").await?;
    let held = |role: &Role| user.as_ref().is_some_and(|user| user.has(*role));
    let (mut roles, others): (Vec<Role>, Vec<Role>) = Role::ALL.iter().partition(|role| held(role));
    let own = roles.len();
    roles.extend(others);
    Ok(HelpPage { page, roles, own }.into_response())
}

/// `GET /help/{role}`
async fn role(State(app): State<App>, MaybeUser(user): MaybeUser, Path(word): Path<String>) -> Result<Response> {
    let role = Role::from_word(&word).ok_or(Error::NotFound)?;
    let page = frame(&app, user.as_ref(), &format!("Aide : {}", role.label())).await?;
    Ok(RolePage { page, role }.into_response())
}

/// `GET /sitemap`
async fn sitemap(State(app): State<App>, MaybeUser(user): MaybeUser) -> Result<Response> {
    let page = frame(&app, user.as_ref(), "Plan du site").await?;
    let plans = match &user {
        Some(user) => readable(&app, user).await?,
        None => Vec::new(),
    };
    let is = |role| user.as_ref().is_some_and(|user| user.has(role));
    let (pilotage, director, admin) = (is(Role::Pilotage), is(Role::Director), is(Role::Admin));
    let decisions = director || user.as_ref().is_some_and(|user| user.reach().everything);
    let campaigns = user.as_ref().is_some_and(|user| user.runs_campaigns());
    let followed = plans.iter().map(|(header, _)| header);
    let followed = followed
        .filter(|header| user.as_ref().is_some_and(|user| user.reads_dialogues(header.structure_id)))
        .map(|header| header.id)
        .collect();
    Ok(SitemapPage { page, plans, decisions, followed, campaigns, pilotage, director, admin }.into_response())
}

/// The plans a person reads, each with the year of its latest campaign when they enter something there.
async fn readable(app: &App, user: &CurrentUser) -> Result<Vec<(Header, Option<i32>)>> {
    let mut conn = app.conn().await?;
    let headers = plans::list(&mut conn, &user.reach()).await?;
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let parts = dialogue::store::parts(&mut conn, &ids, None).await?;
    let year = |header: &Header| {
        let part = parts.iter().find(|part| part.plan_id == header.id)?;
        access::enters(user, header.id, header.structure_id).then_some(part.year)
    };
    Ok(headers.into_iter().map(|header| (year(&header), header)).map(|(year, header)| (header, year)).collect())
}

/// `GET /accessibility`
async fn accessibility(State(app): State<App>, MaybeUser(user): MaybeUser) -> Result<Response> {
    let page = frame(&app, user.as_ref(), "Accessibilité : non conforme").await?;
    Ok(AccessibilityPage { page }.into_response())
}
