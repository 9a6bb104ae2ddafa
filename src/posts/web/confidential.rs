//! The confidential fields of a line. Their history is their own: the plan's journal, which more people read, never
//! holds them (docs/regles.md §8).

use axum::extract::State;
use axum::response::Response;
use axum_extra::extract::Form;
use sqlx::Connection;

use super::line::back;
use super::{allow, field, version};
use crate::access;
use crate::accounts::CurrentUser;
use crate::posts::entry::{ConfidentialFields, Decision};
use crate::posts::store;
use crate::posts::views::line::{Back, Loaded, Why};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// `POST /plans/{code}/posts/{line}/confidential`
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let fields = ConfidentialFields {
        support_number: field(&pairs, "support_number"),
        departure_reason: field(&pairs, "departure_reason"),
        departure_on: field(&pairs, "departure_on"),
        version: version(&pairs)?,
    };
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    let Some(kept) = &loaded.confidential else { return Err(Error::NotFound) };
    allow(&user, loaded.header.closed, &app.clock)?;
    let why = match fields.decide(&kept.fields, kept.version) {
        Decision::Unchanged => return Ok(flash::redirect(&app.settings, Done::NothingChanged, &loaded.address())),
        Decision::Save(read) => {
            let mut tx = conn.begin().await?;
            allow(&user, access::store::hold(&mut tx, loaded.header.plan.code.as_str()).await?, &app.clock)?;
            store::as_user(&mut tx, &user, app.clock.today()).await?;
            let (plan, now) = (loaded.header.id, app.clock.now());
            let saved = store::save_confidential(&mut tx, plan, &loaded.kept, &read, kept.version, &user, now).await?;
            if saved.is_some() {
                tx.commit().await?;
                return Ok(flash::redirect(&app.settings, Done::PostConfidentialSaved, &loaded.address()));
            }
            tx.rollback().await?;
            Why::Conflict
        }
        Decision::Refused(refusals) => Why::Refused(refusals),
        Decision::Conflict => Why::Conflict,
    };
    back(&mut conn, &user, &app, loaded, Back::Confidential(fields, why)).await
}
