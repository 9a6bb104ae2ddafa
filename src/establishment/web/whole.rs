//! The establishment itself, and the list of what is prepared.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde_json::Value;
use sqlx::Connection;

use super::{Pilot, disputed};
use crate::document::model::{Element, Kind, changes, placed};
use crate::document::store as documents;
use crate::establishment::model::{ESTABLISHMENT, shape};
use crate::establishment::store;
use crate::establishment::views::{FormPage, PlansPage, Tab, frame};
use crate::kernel::canonical::Canonical;
use crate::plans::model::Establishment;
use crate::plans::store as plans;
use crate::web::fields::{self, Field, Form, Options, Posted, without_code};
use crate::web::flash::{self, Done};
use crate::web::{App, Result};

/// `GET /admin/plans`
pub async fn plans(State(app): State<App>, Pilot(user): Pilot) -> Result<PlansPage> {
    let mut conn = app.conn().await?;
    let headers = plans::list(&mut conn, &user.reach()).await?;
    let ready = !store::structures(&mut conn).await?.is_empty();
    let (drafts, contracts) = headers.into_iter().partition(|header| header.plan.draft);
    Ok(PlansPage { page: frame(&user, "Préparation des contrats", false), drafts, contracts, ready })
}

fn page(user: &Pilot, form: Form) -> FormPage {
    let address = "/admin/establishment";
    FormPage {
        page: frame(&user.0, "Établissement", form.is_refused()),
        tab: Tab::Establishment,
        heading: "Établissement".into(),
        subtitle: "Ce que tous les contrats disent de l’université.".into(),
        action: address.into(),
        back: address.into(),
        form,
    }
}

/// What may be typed: its code is in every document of its contracts, hence given once.
const fn form_of(kept: Option<&Establishment>) -> &'static [Field] {
    if kept.is_some() { without_code(ESTABLISHMENT) } else { ESTABLISHMENT }
}

/// `GET /admin/establishment`
pub async fn show(State(app): State<App>, user: Pilot) -> Result<FormPage> {
    let mut conn = app.conn().await?;
    let kept = plans::establishment(&mut conn).await?;
    let state = kept.as_ref().map_or(Value::Null, Establishment::write);
    Ok(page(&user, Form::of(form_of(kept.as_ref()), &state, &Options::new())))
}

/// `POST /admin/establishment`
pub async fn save(State(app): State<App>, user: Pilot, Pairs(pairs): Pairs<Vec<(String, String)>>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::lock(&mut tx).await?;
    let kept = plans::establishment(&mut tx).await?;
    let fields = form_of(kept.as_ref());
    let posted = Posted::new(fields, &pairs);
    let state = kept.as_ref().map_or(Value::Null, Establishment::write);
    let (item, mut refusals) = fields::read(fields, &posted.typed, &state);
    let options = Options::new();
    if posted.conflicts(&state, &item) {
        let code = state["code"].as_str().unwrap_or_default();
        let form = disputed(&mut tx, Kind::Establishment, code, fields, &options, &posted, &state).await?;
        return Ok((StatusCode::CONFLICT, page(&user, form)).into_response());
    }
    let read = shape::<Establishment>(fields, &item);
    if let (Ok(establishment), true) = (&read, refusals.is_empty()) {
        let before = placed(kept, Element::Establishment);
        let changes = changes(&before, placed([establishment.clone()], Element::Establishment));
        documents::write_shared(&mut tx, &user.0.act(app.clock.now()), &changes).await?;
        tx.commit().await?;
        return Ok(flash::redirect(&app.settings, Done::GroundSaved, "/admin/establishment"));
    }
    refusals.extend(read.err().unwrap_or_default());
    let was = if state.is_null() { String::new() } else { state.to_string() };
    let form = Form::with(fields, &posted.typed, &options, refusals, was);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&user, form)).into_response())
}
