//! Structures and their sites.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde_json::Value;
use sqlx::Connection;

use super::{Pilot, disputed};
use crate::document::model::{Element, Kind, changes, placed};
use crate::document::store as documents;
use crate::establishment::model::{STRUCTURE, given, shape};
use crate::establishment::store;
use crate::establishment::views::{FormPage, StructuresPage, Tab, frame};
use crate::kernel::canonical::Canonical;
use crate::plans::model::Structure;
use crate::plans::store as plans;
use crate::web::extract::Path;
use crate::web::fields::{self, Field, Form, Options, Posted, Refusal, without_code};
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

const LIST: &str = "/admin/structures";

/// `GET /admin/structures`
pub async fn list(State(app): State<App>, Pilot(user): Pilot) -> Result<StructuresPage> {
    let mut conn = app.conn().await?;
    let structures = store::structures(&mut conn).await?;
    Ok(StructuresPage { page: frame(&user, "Structures et sites", false), structures })
}

fn page(user: &Pilot, heading: String, code: Option<&str>, form: Form) -> FormPage {
    FormPage {
        page: frame(&user.0, &heading, form.is_refused()),
        tab: Tab::Structures,
        heading,
        subtitle: code.map_or_else(String::new, |code| format!("Code {code}")),
        action: code.map_or_else(|| LIST.to_owned(), |code| format!("{LIST}/{code}")),
        back: code.map_or_else(|| format!("{LIST}/new"), |code| format!("{LIST}/{code}")),
        form,
    }
}

/// `GET /admin/structures/new`
pub async fn new(user: Pilot) -> FormPage {
    page(&user, "Nouvelle structure".into(), None, Form::of(STRUCTURE, &Value::Null, &Options::new()))
}

/// `GET /admin/structures/{structure}`
pub async fn show(State(app): State<App>, user: Pilot, Path(code): Path<String>) -> Result<FormPage> {
    let mut conn = app.conn().await?;
    let (_, kept) = plans::structure(&mut conn, &code).await?.ok_or(Error::NotFound)?;
    let form = Form::of(without_code(STRUCTURE), &kept.write(), &Options::new());
    Ok(page(&user, kept.label, Some(&code), form))
}

/// What becomes of a structure that was read: the database may still need a site of it.
async fn judged(
    conn: &mut sqlx::PgConnection,
    fields: &'static [Field],
    item: &Value,
    kept: Option<&Structure>,
) -> Result<Result<Structure, Vec<Refusal>>> {
    let read = match shape::<Structure>(fields, item) {
        Ok(read) => read,
        Err(refusals) => return Ok(Err(refusals)),
    };
    let mut codes: Vec<String> = read.sites.iter().map(|site| site.code.to_string()).collect();
    let count = codes.len();
    codes.sort();
    codes.dedup();
    if codes.len() < count {
        return Ok(Err(vec![Refusal::new("sites.0.code", "Deux sites ont le même code.")]));
    }
    if kept.is_none() {
        let taken = plans::structure(conn, read.code.as_str()).await?.is_some();
        return Ok(given(read.code.as_str(), taken).map(|()| read));
    }
    let used = store::sites_still_used(conn, read.code.as_str(), &codes).await?;
    if used.is_empty() {
        return Ok(Ok(read));
    }
    let sentence = format!("Ce site sert encore au budget : {}.", used.join(", "));
    Ok(Err(vec![Refusal::new("sites.0.code", sentence)]))
}

/// `POST /admin/structures`
pub async fn add(State(app): State<App>, user: Pilot, Pairs(pairs): Pairs<Vec<(String, String)>>) -> Result<Response> {
    let posted = Posted::new(STRUCTURE, &pairs);
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::lock(&mut tx).await?;
    let (item, mut refusals) = fields::read(STRUCTURE, &posted.typed, &Value::Null);
    match judged(&mut tx, STRUCTURE, &item, None).await? {
        Ok(structure) if refusals.is_empty() => {
            let changes = changes(&[], placed([structure], Element::Structure));
            documents::write_shared(&mut tx, &user.0.act(app.clock.now()), &changes).await?;
            tx.commit().await?;
            return Ok(flash::redirect(&app.settings, Done::GroundSaved, LIST));
        }
        Ok(_) => {}
        Err(more) => refusals.extend(more),
    }
    let form = Form::with(STRUCTURE, &posted.typed, &Options::new(), refusals, String::new());
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&user, "Nouvelle structure".into(), None, form)).into_response())
}

/// `POST /admin/structures/{structure}`
pub async fn save(
    State(app): State<App>,
    user: Pilot,
    Path(code): Path<String>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let form = without_code(STRUCTURE);
    let posted = Posted::new(form, &pairs);
    let options = Options::new();
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::lock(&mut tx).await?;
    let (_, kept) = plans::structure(&mut tx, &code).await?.ok_or(Error::NotFound)?;
    let state = kept.write();
    let (item, mut refusals) = fields::read(form, &posted.typed, &state);
    if posted.conflicts(&state, &item) {
        let shown = disputed(&mut tx, Kind::Structure, &code, form, &options, &posted, &state).await?;
        return Ok((StatusCode::CONFLICT, page(&user, kept.label, Some(&code), shown)).into_response());
    }
    match judged(&mut tx, form, &item, Some(&kept)).await? {
        Ok(structure) if refusals.is_empty() => {
            let changes = changes(&placed([kept], Element::Structure), placed([structure], Element::Structure));
            documents::write_shared(&mut tx, &user.0.act(app.clock.now()), &changes).await?;
            tx.commit().await?;
            return Ok(flash::redirect(&app.settings, Done::GroundSaved, LIST));
        }
        Ok(_) => {}
        Err(more) => refusals.extend(more),
    }
    let shown = Form::with(form, &posted.typed, &options, refusals, state.to_string());
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&user, kept.label, Some(&code), shown)).into_response())
}
