//! One change of an avenant: the element is picked, then edited in a form that shows what it says now beside.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form as Pairs;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::{Found, allowed, frame, verdict};
use crate::accounts::CurrentUser;
use crate::avenants::fields as forms;
use crate::avenants::ground::{changed, difference};
use crate::avenants::model::Subject;
use crate::avenants::views::avenant::Back;
use crate::avenants::views::change::ChangePage;
use crate::kernel::canonical::Fields;
use crate::kernel::ids::Code;
use crate::web::extract::Path;
use crate::web::fields::{self, Form, Options, Posted, Refusal};
use crate::web::{App, Error, Result};

type Place = Path<(String, String, String, String)>;

/// `cible/13.a`, as a list or another page names a thing.
pub fn element(text: &str) -> Option<(Subject, String)> {
    let (kind, code) = text.split_once('/')?;
    Some((Subject::from_word(kind)?, code.to_owned()))
}

/// What the list posts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Picked {
    element: String,
}

/// `GET /plans/{code}/avenants/{avenant}/changes`: from the list to the form of what was picked.
pub async fn pick(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, avenant)): Path<(String, String)>,
    Query(picked): Query<Picked>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &code, &avenant).await?;
    allowed(&verdict(&user, &app, &found.prepares()))?;
    let address = match element(&picked.element).filter(|(kind, code)| found.ground.present(*kind, code).is_some()) {
        Some((kind, code)) => format!("{}/changes/{}/{code}", found.address(), kind.word()),
        None => format!("{}#changer", found.address()),
    };
    Ok(Redirect::to(&address).into_response())
}

/// What is to be changed: there, in the contract as it is.
struct Element {
    kind: Subject,
    code: Code,
    present: Fields,
    /// As the avenant leaves it, so far.
    proposed: Value,
}

impl Element {
    fn of(found: &Found, kind: &str, code: &str) -> Result<Self> {
        let kind = Subject::from_word(kind).ok_or(Error::NotFound)?;
        let code = Code::new(code).ok_or(Error::NotFound)?;
        let present = found.ground.present(kind, code.as_str()).ok_or(Error::NotFound)?;
        let change = found.kept.avenant.change(kind, code.as_str());
        let proposed = change.map_or_else(|| present.clone(), |change| changed(&present, change));
        Ok(Self { kind, code, present, proposed: Value::Object(proposed.0) })
    }

    async fn page(&self, conn: &mut PgConnection, user: &CurrentUser, found: &Found, form: Form) -> Result<ChangePage> {
        let name = self.kind.name(self.code.as_str());
        let title = if form.is_refused() { format!("Erreur : {name}") } else { name };
        let page = frame(conn, user, &found.header, title).await?;
        Ok(ChangePage::new(
            page,
            &found.header,
            &found.kept.avenant,
            &found.ground,
            self.kind,
            &self.code,
            &self.present,
            form,
        ))
    }
}

/// `GET /plans/{code}/avenants/{avenant}/changes/{kind}/{element}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, avenant, kind, element)): Place,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &code, &avenant).await?;
    allowed(&verdict(&user, &app, &found.prepares()))?;
    let element = Element::of(&found, &kind, &element)?;
    if let Err(sentence) = found.kept.avenant.open() {
        return found.refused(&mut conn, &user, &app, StatusCode::CONFLICT, Back::Stale(sentence)).await;
    }
    let form = Form::of(forms::of(element.kind), &element.proposed, &Options::new());
    Ok(element.page(&mut conn, &user, &found, form).await?.into_response())
}

/// A day said to the month or to the year is the last of it.
fn settle(kind: Subject, item: &mut Value) {
    let Some(object) = item.as_object_mut().filter(|_| kind == Subject::Jalon) else { return };
    let day = object.get("due_on").and_then(Value::as_str).and_then(|day| day.parse::<NaiveDate>().ok());
    let last = |day: NaiveDate| match object.get("precision").and_then(Value::as_str) {
        Some("mois") => day.with_day(1)?.checked_add_months(chrono::Months::new(1))?.pred_opt(),
        Some("annee") => NaiveDate::from_ymd_opt(day.year(), 12, 31),
        _ => None,
    };
    if let Some(day) = day.and_then(last) {
        object.insert("due_on".into(), day.to_string().into());
    }
}

/// `POST /plans/{code}/avenants/{avenant}/changes/{kind}/{element}`
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, avenant, kind, element)): Place,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let found = Found::hold(&mut tx, &user, &code, &avenant).await?;
    allowed(&verdict(&user, &app, &found.prepares()))?;
    let element = Element::of(&found, &kind, &element)?;
    if let Err(sentence) = found.kept.avenant.open() {
        return found.refused(&mut tx, &user, &app, StatusCode::CONFLICT, Back::Stale(sentence)).await;
    }
    let fields = forms::of(element.kind);
    let posted = Posted::new(fields, &pairs);
    let (mut item, mut refusals) = fields::read(fields, &posted.typed, &Value::Object(element.present.0.clone()));
    settle(element.kind, &mut item);
    let kept = &element.proposed;
    let back = |refusals| Form::with(fields, &posted.typed, &Options::new(), refusals, kept.to_string());
    if posted.conflicts(kept, &item) {
        let form = posted.disputed(fields, kept, &Options::new(), found.latest());
        let page = element.page(&mut tx, &user, &found, form).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let wanted = Fields(item.as_object().cloned().unwrap_or_default());
    let change = difference(element.kind, &element.code, &element.present, &wanted);
    if let Some(change) = change.as_ref().filter(|_| refusals.is_empty()) {
        let problems = found.ground.problems(&found.header.plan, &found.kept.avenant, change);
        refusals.extend(fields::beside(fields, problems));
    }
    // The same as now is no change: said, so that nobody believes they proposed one.
    if change.is_none()
        && refusals.is_empty()
        && found.kept.avenant.change(element.kind, element.code.as_str()).is_none()
    {
        refusals.push(Refusal::new("", "Rien ne change : modifiez ce que l’avenant doit changer."));
    }
    if !refusals.is_empty() {
        let page = element.page(&mut tx, &user, &found, back(refusals)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let after = found.kept.avenant.with_change(element.kind, &element.code, change);
    found.write(tx, &user, &app, &after, (found.done(&after), "#changements")).await
}

/// `POST /plans/{code}/avenants/{avenant}/changes/{kind}/{element}/removal`
pub async fn remove(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, avenant, kind, element)): Place,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let found = Found::hold(&mut tx, &user, &code, &avenant).await?;
    allowed(&verdict(&user, &app, &found.prepares()))?;
    if let Err(sentence) = found.kept.avenant.open() {
        return found.refused(&mut tx, &user, &app, StatusCode::CONFLICT, Back::Stale(sentence)).await;
    }
    let kind = Subject::from_word(&kind).ok_or(Error::NotFound)?;
    let change = found.kept.avenant.change(kind, &element).ok_or(Error::NotFound)?;
    let after = found.kept.avenant.with_change(kind, &change.code.clone(), None);
    found.write(tx, &user, &app, &after, (found.done(&after), "#changements")).await
}
