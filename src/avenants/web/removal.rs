//! An adoption step recorded by mistake is taken away, while nothing needs it; the journal keeps it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::step::{STEP_KIND, Steps, form};
use super::to;
use crate::accounts::CurrentUser;
use crate::avenants::model::{Avenant, TEXT_MAX};
use crate::avenants::removal::{Around, kept_by};
use crate::avenants::store;
use crate::avenants::views::step::Removal;
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::kernel::typed::required;
use crate::plans::model::AdoptionStep;
use crate::plans::store as plans;
use crate::printed::store as printed;
use crate::reserves::model::Reserve;
use crate::reserves::store as reserves;
use crate::web::extract::Path;
use crate::web::flash::Done;
use crate::web::{App, Result};

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    reason: String,
    version: String,
}

/// Why this step stays, when something needs it.
async fn needed(conn: &mut PgConnection, steps: &Steps, step: &AdoptionStep) -> Result<Option<String>> {
    let plan_id = steps.header.id;
    let avenants: Vec<Avenant> = store::of_plan(conn, plan_id).await?.into_iter().map(|it| it.avenant).collect();
    let reserves: Vec<Reserve> = reserves::of_plan(conn, plan_id).await?.into_iter().map(|it| it.reserve).collect();
    let mentions = printed::of_plan(conn, plan_id).await?;
    let all: Vec<&AdoptionStep> = steps.steps.iter().map(|it| &it.step).collect();
    Ok(kept_by(step, &Around { steps: &all, avenants: &avenants, reserves: &reserves, mentions: &mentions }))
}

/// `POST /plans/{code}/steps/{step}/removal`
pub async fn remove(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, step)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    // Whole: nobody else writes a step until the end.
    plans::lock_plan(&mut tx, &code).await?;
    let steps = Steps::load(&mut tx, &user, &app, &code).await?;
    let kept = steps.find(&step)?;
    let back = |refused: String, conflict| Removal { reason: typed.reason.clone(), refused, conflict };
    let read = required(&typed.reason, TEXT_MAX, "Dites pourquoi l’étape est retirée.");
    let (status, removal) = match (needed(&mut tx, &steps, &kept.step).await?, read) {
        (Some(sentence), _) | (None, Err(sentence)) => (StatusCode::UNPROCESSABLE_ENTITY, back(sentence, false)),
        // A version that does not read is one that nobody saw.
        (None, Ok(_)) if typed.version.parse() != Ok(kept.version) => (StatusCode::CONFLICT, back(String::new(), true)),
        (None, Ok(reason)) => {
            plans::remove_step(&mut tx, steps.header.id, kept.step.code.as_str()).await?;
            let gone = Change {
                plan_id: Some(steps.header.id),
                kind: STEP_KIND,
                code: kept.step.code.as_str(),
                version: kept.version + 1,
                before: Some(kept.step.write()),
                after: None,
                position: None,
            };
            let mut act = user.act(app.clock.now());
            act.reason = Some(reason);
            journal::append(&mut tx, &act, gone).await?;
            tx.commit().await?;
            return Ok(to(&app, Done::StepRemoved, &steps.address(kept.step.avenant.as_ref())));
        }
    };
    let page = steps.page(&mut tx, &user, kept, form(&kept.step), removal).await?;
    Ok((status, page).into_response())
}
