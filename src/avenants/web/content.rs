//! What is said of an avenant, its changes apart: its preparation, and its correction.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde::Deserialize;
use serde_json::Value;
use sqlx::Connection;

use super::{Found, allowed, frame, ground, signed, to, verdict};
use crate::access::Thing;
use crate::accounts::CurrentUser;
use crate::avenants::fields::CONTENT;
use crate::avenants::model::{AVENANT_KIND, Avenant, Content, TEXT_MAX, next_code};
use crate::avenants::store;
use crate::avenants::views::avenant::Back;
use crate::avenants::views::list::NewPage;
use crate::avenants::web::change::element;
use crate::journal::model::Change as Journaled;
use crate::journal::store as journal;
use crate::kernel::canonical::{Canonical, Reader};
use crate::plans::store as plans;
use crate::web::extract::Path;
use crate::web::fields::{self, Form, Options, Posted, Refusal};
use crate::web::flash::Done;
use crate::web::{App, Error, Result};

/// What an avenant is to change first: `?element=cible/13.a`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    element: String,
}

/// Reads a form, its shape judging; the reason is bounded like every reason.
fn read(posted: &Posted, base: &Value) -> (Value, Result<Content, Vec<Refusal>>) {
    let (item, mut refusals) = fields::read(CONTENT, &posted.typed, base);
    let mut reader = Reader::default();
    let content = Content::read(&item, &mut reader);
    let told: Vec<String> = refusals.iter().map(|it| it.at.clone()).collect();
    refusals.extend(fields::beside(CONTENT, reader.into_problems()).into_iter().filter(|it| !told.contains(&it.at)));
    if content.as_ref().is_some_and(|it| it.reason.chars().count() > TEXT_MAX) {
        refusals.push(Refusal::new("reason", format!("Le texte dépasse {TEXT_MAX} caractères.")));
    }
    for refusal in refusals.iter_mut().filter(|it| it.at == "reason" && item.get("reason").is_none()) {
        *refusal = Refusal::new("reason", "Indiquez pourquoi le contrat change.");
    }
    match content {
        Some(content) if refusals.is_empty() => (item, Ok(content)),
        _ => (item, Err(refusals)),
    }
}

/// `GET /plans/{code}/avenants/new`: a new one, or one that is being prepared already.
pub async fn new(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<NewPage> {
    let mut conn = app.conn().await?;
    let header = signed(&mut conn, &user, &code).await?;
    allowed(&verdict(&user, &app, &Thing::Avenant { closed: header.closed }))?;
    let avenants = store::of_plan(&mut conn, header.id).await?;
    let (ground, _) = ground(&mut conn, header.id).await?;
    let page = frame(&mut conn, &user, &header, "Préparer un avenant".into()).await?;
    let form = Form::of(CONTENT, &Value::Null, &Options::new());
    Ok(NewPage::new(page, &header, &avenants, &ground, element(&asked.element), form))
}

/// `POST /plans/{code}/avenants`
pub async fn prepare(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let asked = pairs.iter().find(|(name, _)| name == "element").map(|(_, text)| text.clone()).unwrap_or_default();
    let pairs: Vec<(String, String)> = pairs.into_iter().filter(|(name, _)| name != "element").collect();
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    // Whole: two avenants prepared at once take two numbers.
    plans::lock_plan(&mut tx, &code).await?;
    let header = signed(&mut tx, &user, &code).await?;
    allowed(&verdict(&user, &app, &Thing::Avenant { closed: header.closed }))?;
    let avenants = store::of_plan(&mut tx, header.id).await?;
    let posted = Posted::new(CONTENT, &pairs);
    let (ground, _) = ground(&mut tx, header.id).await?;
    let element = element(&asked).filter(|(kind, code)| ground.present(*kind, code).is_some());
    let content = match read(&posted, &Value::Null).1 {
        Ok(content) => content,
        Err(refusals) => {
            let page = frame(&mut tx, &user, &header, "Erreur : préparer un avenant".into()).await?;
            let form = Form::with(CONTENT, &posted.typed, &Options::new(), refusals, String::new());
            let page = NewPage::new(page, &header, &avenants, &ground, element, form);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let number = next_code(avenants.iter().map(|it| &it.avenant.code));
    let number = number.ok_or_else(|| Error::Internal(anyhow::anyhow!("no number left for an avenant")))?;
    let avenant = Avenant::new(number, content);
    let position = avenants.iter().map(|it| it.position + 1).max().unwrap_or(0);
    let version = store::put_avenant(&mut tx, header.id, &avenant, position).await?;
    let entry = Journaled {
        plan_id: Some(header.id),
        kind: AVENANT_KIND,
        code: avenant.code.as_str(),
        version,
        before: None,
        after: Some(avenant.write()),
        position: Some(position),
    };
    journal::append(&mut tx, &user.act(app.clock.now()), entry).await?;
    tx.commit().await?;
    let address = format!("/plans/{code}/avenants/{}", avenant.code);
    let address = match element {
        Some((kind, code)) => format!("{address}/changes/{}/{code}", kind.word()),
        None => address,
    };
    Ok(to(&app, Done::AvenantPrepared, &address))
}

/// `POST /plans/{code}/avenants/{avenant}`
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, avenant)): Path<(String, String)>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let found = Found::hold(&mut tx, &user, &code, &avenant).await?;
    allowed(&verdict(&user, &app, &found.prepares()))?;
    if let Err(sentence) = found.kept.avenant.open() {
        return found.refused(&mut tx, &user, &app, StatusCode::CONFLICT, Back::Stale(sentence)).await;
    }
    let posted = Posted::new(CONTENT, &pairs);
    let kept = found.kept.avenant.content().write();
    let (item, content) = read(&posted, &kept);
    let back = |refusals| Form::with(CONTENT, &posted.typed, &Options::new(), refusals, kept.to_string());
    if posted.conflicts(&kept, &item) {
        let form = posted.disputed(CONTENT, &kept, &Options::new(), found.latest());
        return found.refused(&mut tx, &user, &app, StatusCode::CONFLICT, Back::Content(Box::new(form))).await;
    }
    let after = match content {
        Ok(content) => found.kept.avenant.with_content(content),
        Err(refusals) => {
            let back = Back::Content(Box::new(back(refusals)));
            return found.refused(&mut tx, &user, &app, StatusCode::UNPROCESSABLE_ENTITY, back).await;
        }
    };
    found.write(tx, &user, &app, &after, (found.done(&after), "")).await
}
