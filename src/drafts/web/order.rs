//! The order of a draft's lists, and what is taken out of them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde::Deserialize;
use sqlx::Connection;

use super::Held;
use crate::accounts::CurrentUser;
use crate::drafts::model::{Edit, Place, To, apply, item};
use crate::web::extract::Path;
use crate::web::fields::Refusal;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// Where an element is to go: one place up or down, or before another.
#[derive(Deserialize)]
pub struct Move {
    #[serde(default)]
    direction: String,
    before: Option<String>,
}

impl Move {
    fn to(self) -> Result<To> {
        match (self.direction.as_str(), self.before) {
            ("up", _) => Ok(To::Up),
            ("down", _) => Ok(To::Down),
            (_, Some(before)) => Ok(To::Before(before)),
            _ => Err(Error::Malformed("direction of a move")),
        }
    }
}

fn sentences(refused: Vec<Refusal>) -> Vec<String> {
    refused.into_iter().map(|it| it.sentence).collect()
}

/// `POST /plans/{code}/draft/{list}/{element}/move`
pub async fn shift(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, list, element)): Path<(String, String, String)>,
    Pairs(asked): Pairs<Move>,
) -> Result<Response> {
    let Some(place @ Place::Part(_)) = Place::of(&list) else { return Err(Error::NotFound) };
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let held = Held::take(&mut tx, &user, &app, &code).await?;
    item(&held.document, place, &element).ok_or(Error::NotFound)?;
    let to = asked.to()?;
    // Focus comes back to the button that was pressed; where the list ends, the page gives it to the other one.
    let way = if to == To::Down { "down" } else { "up" };
    match apply(&held.document, place, Edit::Move { code: element.clone(), to }) {
        Ok(after) => {
            let moved = held.write(&mut tx, &user, &app, &after).await?;
            tx.commit().await?;
            let done = if moved { Done::ElementMoved } else { Done::NothingChanged };
            Ok(flash::redirect(&app.settings, done, &format!("/plans/{code}/draft#{way}-{list}-{element}")))
        }
        Err(refused) => Ok((StatusCode::UNPROCESSABLE_ENTITY, held.refused(&user, sentences(refused))).into_response()),
    }
}

/// `POST /plans/{code}/draft/{list}/{element}/removal`
pub async fn remove(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, list, element)): Path<(String, String, String)>,
) -> Result<Response> {
    let Some(place @ Place::Part(_)) = Place::of(&list) else { return Err(Error::NotFound) };
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let held = Held::take(&mut tx, &user, &app, &code).await?;
    item(&held.document, place, &element).ok_or(Error::NotFound)?;
    match apply(&held.document, place, Edit::Remove { code: element }) {
        Ok(after) => {
            held.write(&mut tx, &user, &app, &after).await?;
            tx.commit().await?;
            Ok(flash::redirect(&app.settings, Done::ElementRemoved, &format!("/plans/{code}/draft#{list}")))
        }
        Err(refused) => Ok((StatusCode::UNPROCESSABLE_ENTITY, held.refused(&user, sentences(refused))).into_response()),
    }
}
