//! The pages with which pilotage prepares contracts; for anyone else they are not there.

mod framework;
mod structures;
mod whole;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sqlx::PgConnection;

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::Role;
use crate::document::model::Kind;
use crate::journal::store as journal;
use crate::web::fields::{Field, Form, Options, Posted};
use crate::web::{App, Error, Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/admin/plans", whole::plans)
        .get("/admin/establishment", whole::show)
        .post("/admin/establishment", whole::save)
        .get("/admin/structures", structures::list)
        .post("/admin/structures", structures::add)
        .get("/admin/structures/new", structures::new)
        .get("/admin/structures/{structure}", structures::show)
        .post("/admin/structures/{structure}", structures::save)
        .get("/admin/framework", framework::list)
        .post("/admin/framework", framework::add)
        .get("/admin/framework/new", framework::new)
        .get("/admin/framework/{row}", framework::show)
        .post("/admin/framework/{row}", framework::save)
        .post("/admin/framework/{row}/move", framework::shift)
        .post("/admin/framework/{row}/removal", framework::remove)
}

/// Someone of pilotage who may edit what contracts share.
pub struct Pilot(pub CurrentUser);

impl FromRequestParts<App> for Pilot {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let user = CurrentUser::from_request_parts(parts, app).await?;
        user.only(Role::Pilotage).map_err(IntoResponse::into_response)?;
        let verdict = access::may_edit(Who::User(&user), &Thing::Establishment, app.clock.today());
        if verdict.allowed() { Ok(Self(user)) } else { Err(Error::Forbidden(verdict.sentence()).into_response()) }
    }
}

/// The form of a shared thing again, beside what somebody else kept meanwhile.
async fn disputed(
    conn: &mut PgConnection,
    kind: Kind,
    code: &str,
    fields: &[Field],
    options: &Options,
    posted: &Posted,
    kept: &Value,
) -> Result<Form> {
    let latest = journal::latest(conn, None, kind.word(), code).await?;
    Ok(posted.disputed(fields, kept, options, latest))
}
