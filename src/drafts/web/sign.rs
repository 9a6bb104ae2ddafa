//! The signature: what makes a contract of a draft, and closes its workshop.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde_json::Value;
use sqlx::Connection;

use super::Held;
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::drafts::signature::{FIELDS, sign as signed};
use crate::drafts::views::workshop::WorkshopPage;
use crate::web::extract::Path;
use crate::web::fields::{self, Form, Options, Posted};
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// `POST /plans/{code}/draft/signature`
pub async fn sign(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let held = Held::take(&mut tx, &user, &app, &code).await?;
    let thing = Thing::Signature { draft: held.header.plan.draft };
    let verdict = access::may_edit(Who::User(&user), &thing, app.clock.today());
    if !verdict.allowed() {
        return Err(Error::Forbidden(verdict.sentence()));
    }
    let posted = Posted::new(FIELDS, &pairs);
    let (item, mut refusals) = fields::read(FIELDS, &posted.typed, &Value::Null);
    match signed(&held.document, &item, app.clock.today()) {
        Ok(after) if refusals.is_empty() => {
            held.write(&mut tx, &user, &app, &after).await?;
            tx.commit().await?;
            // Where its steps show the signature; a browser would else keep the anchor of the form, which is not there.
            Ok(flash::redirect(&app.settings, Done::Signed, &format!("/plans/{code}#adoption")))
        }
        other => {
            let told: Vec<String> = refusals.iter().map(|it| it.at.clone()).collect();
            refusals.extend(other.err().unwrap_or_default().into_iter().filter(|it| !told.contains(&it.at)));
            let form = Form::with(FIELDS, &posted.typed, &Options::new(), refusals, String::new());
            let page = WorkshopPage::new(&user, &held.header, &held.document, Some(form), Vec::new());
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
