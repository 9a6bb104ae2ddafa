//! The accords of the two parties, their withdrawal, and the abandonment.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::Connection;

use super::{Found, allowed, verdict};
use crate::access::{Party, Thing};
use crate::accounts::CurrentUser;
use crate::avenants::model::Avenant;
use crate::avenants::views::avenant::Back;
use crate::web::extract::Path;
use crate::web::flash::Done;
use crate::web::{App, Result};

/// What the forms post: as whom, and what was under this person's eyes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    party: String,
    version: String,
    reason: String,
}

/// One of the acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Agree,
    Withdraw,
    Abandon,
}

/// `POST /plans/{code}/avenants/{avenant}/accord`
pub async fn agree(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Agree, &user, &app, place, form).await
}

/// `POST /plans/{code}/avenants/{avenant}/accord/end`
pub async fn withdraw(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Withdraw, &user, &app, place, form).await
}

/// `POST /plans/{code}/avenants/{avenant}/abandonment`
pub async fn abandon(user: CurrentUser, State(app): State<App>, place: Place, form: Form<Posted>) -> Result<Response> {
    act(Act::Abandon, &user, &app, place, form).await
}

type Place = Path<(String, String)>;

/// As whom: what the form says, or the only party that this person is.
fn party(found: &Found, user: &CurrentUser, said: &str) -> Party {
    match said {
        "direction" => Party::Director,
        "directoire" => Party::Directoire,
        _ if user.directs(found.header.structure_id) => Party::Director,
        _ => Party::Directoire,
    }
}

async fn act(
    act: Act,
    user: &CurrentUser,
    app: &App,
    Path((code, avenant)): Place,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let found = Found::hold(&mut tx, user, &code, &avenant).await?;
    let party = party(&found, user, &posted.party);
    let thing: Thing<'_> = if act == Act::Abandon { found.prepares() } else { found.accord(party) };
    allowed(&verdict(user, app, &thing))?;
    let kept = &found.kept.avenant;
    if let Err(sentence) = kept.open() {
        return found.refused(&mut tx, user, app, StatusCode::CONFLICT, Back::Stale(sentence)).await;
    }
    // Nobody agrees to what they have not read.
    if posted.version.parse() != Ok(found.kept.version) {
        return found.refused(&mut tx, user, app, StatusCode::CONFLICT, Back::meanwhile()).await;
    }
    let today = app.clock.today();
    let (after, done): (Result<Avenant, String>, Done) = match act {
        Act::Agree => (kept.agree(party, today, &user.function), Done::AvenantAgreed),
        Act::Withdraw => (kept.withdraw(party), Done::AvenantWithdrawn),
        Act::Abandon => (kept.abandon(today, &user.function, &posted.reason), Done::AvenantAbandoned),
    };
    let after = match after {
        Ok(after) => after,
        Err(sentence) => {
            let back = match act {
                Act::Abandon => Back::Abandonment { reason: posted.reason, sentence },
                Act::Agree | Act::Withdraw => Back::Accord(sentence),
            };
            return found.refused(&mut tx, user, app, StatusCode::UNPROCESSABLE_ENTITY, back).await;
        }
    };
    let done = if after == *kept { Done::NothingChanged } else { done };
    found.write(tx, user, app, &after, (done, "")).await
}
