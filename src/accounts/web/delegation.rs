//! A director gives a part of the entry to someone, for dated periods (docs/regles.md §8).

use axum::Form;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::user::CurrentUser;
use crate::accounts::granting::{self, Asked, Refused};
use crate::accounts::model::{self, Role, Scope};
use crate::accounts::store::grant::Filter;
use crate::accounts::store::{account, grant as grants};
use crate::accounts::views::DelegationsPage;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

const LIST: &str = "/delegations";

/// Someone who directs, and the structures they direct.
pub struct Director(CurrentUser, Vec<i64>);

impl FromRequestParts<App> for Director {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let user = CurrentUser::from_request_parts(parts, app).await?;
        user.only(Role::Director).map_err(IntoResponse::into_response)?;
        let directed = user.grants.iter().filter_map(|grant| match grant.scope {
            Scope::Structure { id, .. } if grant.role == Role::Director => Some(id),
            _ => None,
        });
        let directed = directed.collect();
        Ok(Self(user, directed))
    }
}

/// `GET /delegations`
pub async fn list(State(app): State<App>, Director(user, directed): Director) -> Result<Response> {
    let mut conn = app.conn().await?;
    let form = DelegationForm::default();
    Ok(page(&app, &mut conn, &user, &directed, form, Refused::default(), String::new()).await?.into_response())
}

async fn page(
    app: &App,
    conn: &mut PgConnection,
    user: &CurrentUser,
    directed: &[i64],
    form: DelegationForm,
    refused: Refused,
    email_error: String,
) -> Result<DelegationsPage> {
    let filter = Filter { delegated_in: Some(directed.to_vec()), ..Filter::default() };
    let mut plans = grants::places(conn).await?.plans;
    plans.retain(|plan| directed.contains(&plan.structure_id));
    let wrong = refused != Refused::default() || !email_error.is_empty();
    let title = if wrong { "Erreur : délégations" } else { "Délégations" };
    Ok(DelegationsPage {
        page: user.page(title, LIST),
        delegations: grants::list(conn, &filter).await?,
        plans,
        today: app.clock.today(),
        email: form.email.clone(),
        asked: form.asked(),
        refused,
        email_error,
    })
}

/// What the form posts.
#[derive(Default, Deserialize)]
pub struct DelegationForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    items: String,
    #[serde(default)]
    starts_on: String,
    #[serde(default)]
    ends_on: String,
}

impl DelegationForm {
    fn asked(self) -> Asked {
        let Self { place, items, starts_on, ends_on, .. } = self;
        Asked { role: Role::Contributor.word().into(), place, items, starts_on, ends_on }
    }
}

/// `POST /delegations`
pub async fn add(
    State(app): State<App>,
    Director(user, directed): Director,
    Form(form): Form<DelegationForm>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let found = account::by_email(&mut tx, &model::email(&form.email).unwrap_or_default()).await?;
    let found = found.filter(|account| account.suspended_at.is_none());
    let email_error = match &found {
        None => "Aucun compte ouvert à cette adresse. Demandez à la personne qui administre de l’inviter.",
        Some(account) if account.id == user.account_id => "C’est votre propre compte.",
        Some(_) => "",
    };
    let filter = Filter { account_id: Some(found.as_ref().map_or(0, |account| account.id)), ..Filter::default() };
    let held = grants::list(&mut tx, &filter).await?;
    let places = grants::places(&mut tx).await?;
    let email = form.email.clone();
    let asked = form.asked();
    let read = granting::read_delegation(&asked, &places, &held, &directed, app.clock.today());
    match (found, read) {
        (Some(account), Ok(new)) if email_error.is_empty() => {
            grants::add(&mut tx, &user.act(app.clock.now()), account.id, &account.function, &new).await?;
            tx.commit().await?;
            Ok(flash::redirect(&app.settings, Done::Delegated, LIST))
        }
        (_, read) => {
            let refused = read.err().unwrap_or_default();
            let Asked { place, items, starts_on, ends_on, .. } = asked;
            let form = DelegationForm { email, place, items, starts_on, ends_on };
            let page = page(&app, &mut tx, &user, &directed, form, refused, email_error.to_owned()).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `POST /delegations/{grant}/end`
pub async fn end(
    State(app): State<App>,
    Director(user, directed): Director,
    Path(grant): Path<i64>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let filter = Filter { id: Some(grant), delegated_in: Some(directed), ..Filter::default() };
    let held = grants::list(&mut tx, &filter).await?.pop().ok_or(Error::NotFound)?;
    grants::revoke(&mut tx, &user.act(app.clock.now()), &held).await?;
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::DelegationEnded, LIST))
}
