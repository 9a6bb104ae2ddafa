//! One element of a draft: its form, and what becomes of it.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde::Deserialize;
use serde_json::{Map, Value};
use sqlx::{Connection, PgConnection};

use super::{Held, editable};
use crate::accounts::CurrentUser;
use crate::accounts::model::Role;
use crate::document::model::{Document, Kind};
use crate::document::store as documents;
use crate::drafts::codes::next_code;
use crate::drafts::model::{Edit, Place, apply, item};
use crate::drafts::views::element::ElementPage;
use crate::journal::store as journal;
use crate::plans::store as plans;
use crate::web::extract::Path;
use crate::web::fields::{self, Choice, Form, Options, Posted, Refusal};
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// What the form chooses from.
fn options(document: &Document) -> Options {
    let named =
        |code: &dyn ToString, label: &str| Choice::new(code.to_string(), format!("{} · {label}", code.to_string()));
    let nodes: Vec<Choice> = document.nodes.iter().map(|it| named(&it.code, &it.label)).collect();
    let groups = document.jalons.iter().filter(|it| it.is_group);
    let mut categories: Vec<&String> = document.budget.iter().map(|it| &it.category).collect();
    categories.sort();
    categories.dedup();
    BTreeMap::from([
        ("parents", nodes.clone()),
        ("nodes", nodes),
        (
            "framework",
            document.framework.iter().map(|it| named(&it.code, &format!("{} ({})", it.objective, it.theme))).collect(),
        ),
        ("indicators", document.indicators.iter().map(|it| named(&it.code, &it.label)).collect()),
        ("groups", groups.map(|it| named(&it.code, it.label.as_deref().unwrap_or("groupe"))).collect()),
        ("headings", document.headings.iter().map(|it| named(&it.code, &it.title)).collect()),
        ("requests", document.requests.iter().map(|it| named(&it.code, &it.label)).collect()),
        ("sites", document.structure.sites.iter().map(|it| Choice::new(it.code.as_str(), &it.label)).collect()),
        ("categories", categories.into_iter().map(|it| Choice::new(it, it)).collect()),
    ])
}

/// The part of the draft that a form needs: the tree, its own list, and for a node the whole framework.
async fn surroundings(conn: &mut PgConnection, header: &plans::Header, place: Place) -> Result<Document> {
    let mut document = documents::definitions(conn, header.clone(), |kind| kind == place.kind()).await?;
    if place.kind() == Kind::Node {
        document.framework = plans::framework(conn).await?;
    }
    Ok(document)
}

/// Under what a new element stands: `?under=13`.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    under: String,
}

/// What the form of a new element says already.
fn begun(document: &Document, place: Place, under: &str) -> Value {
    let Place::Part(part) = place else { return Value::Null };
    let mut begun = Map::new();
    begun.insert("code".into(), next_code(document, part, Some(under)).into());
    // A request stands in no list of its heading's, and still begins under it.
    let field = part.under.field().or(match part.kind {
        Kind::Request => Some("heading"),
        Kind::Envelope => Some("request"),
        _ => None,
    });
    if let Some(field) = field.filter(|_| !under.is_empty()) {
        begun.insert(field.into(), under.into());
    }
    if let Some(of) = document.indicators.iter().find(|it| part.kind == Kind::Measure && it.code.as_str() == under) {
        begun.insert("unit".into(), of.unit.clone().into());
        if !of.is_group {
            begun.insert("label".into(), of.label.clone().into());
        }
    }
    if let Some(group) = document.jalons.iter().find(|it| part.kind == Kind::Jalon && it.code.as_str() == under) {
        begun.insert("node".into(), group.node.as_str().into());
    }
    Value::Object(begun)
}

fn place_of(list: &str) -> Result<Place> {
    Place::of(list).ok_or(Error::NotFound)
}

/// `GET /plans/{code}/draft/{list}/new`
pub async fn new(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, list)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<ElementPage> {
    let place = place_of(&list)?;
    if matches!(place, Place::Plan) {
        return Err(Error::NotFound);
    }
    let mut conn = app.conn().await?;
    let header = editable(&mut conn, &user, &app, &code).await?;
    let document = surroundings(&mut conn, &header, place).await?;
    let form = Form::of(place.fields(), &begun(&document, place, &asked.under), &options(&document));
    Ok(ElementPage::new(&user, &header, place, None, Form { was: String::new(), ..form }))
}

/// `GET /plans/{code}/draft/{list}/{element}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, list, element)): Path<(String, String, String)>,
) -> Result<ElementPage> {
    let place = place_of(&list)?;
    let mut conn = app.conn().await?;
    let header = editable(&mut conn, &user, &app, &code).await?;
    let document = surroundings(&mut conn, &header, place).await?;
    let state = item(&document, place, &element).ok_or(Error::NotFound)?;
    let form = Form::of(place.fields(), &state, &options(&document));
    Ok(ElementPage::new(&user, &header, place, Some(&element), form))
}

/// `POST /plans/{code}/draft/{list}`
pub async fn add(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, list)): Path<(String, String)>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    put(&user, &app, &code, place_of(&list)?, None, &pairs).await
}

/// `POST /plans/{code}/draft/{list}/{element}`
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, list, element)): Path<(String, String, String)>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    put(&user, &app, &code, place_of(&list)?, Some(&element), &pairs).await
}

/// Reads the form over what is kept, applies it, and writes the document it leads to.
async fn put(
    user: &CurrentUser,
    app: &App,
    code: &str,
    place: Place,
    element: Option<&str>,
    pairs: &[(String, String)],
) -> Result<Response> {
    let form = place.fields();
    let posted = Posted::new(form, pairs);
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let held = Held::take(&mut tx, user, app, code).await?;
    let kept = element.and_then(|element| item(&held.document, place, element));
    // What was never there is not found; what was there and is gone is a disagreement.
    if kept.is_none() && (element.is_some() && posted.was.is_none() || matches!(place, Place::Plan)) {
        return Err(Error::NotFound);
    }
    let state = kept.clone().unwrap_or(Value::Null);
    let (read, mut refusals) = fields::read(form, &posted.typed, &state);
    if element.is_some() && posted.conflicts(&state, &read) {
        let (id, word) = (held.header.id, place.kind().word());
        let latest = journal::latest(&mut tx, Some(id), word, element.unwrap_or_default()).await?;
        let shown = posted.disputed(form, &state, &options(&held.document), latest);
        let page = ElementPage::new(user, &held.header, place, element.filter(|_| kept.is_some()), shown);
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let named = read.get("code").and_then(Value::as_str).map(str::to_owned);
    if named.as_deref() == Some(crate::establishment::model::RESERVED) {
        refusals.push(Refusal::new("code", "Ce code est réservé."));
    }
    let edit = Edit::Put { code: element.map(str::to_owned), item: read, confirmed: user.has(Role::Pilotage) };
    match apply(&held.document, place, edit) {
        Ok(after) if refusals.is_empty() => {
            let done =
                if held.write(&mut tx, user, app, &after).await? { Done::ElementSaved } else { Done::NothingChanged };
            tx.commit().await?;
            let to = match named {
                Some(named) if !matches!(place, Place::Plan) => format!("{}-{named}", place.kind().field()),
                _ => "plan".to_owned(),
            };
            Ok(flash::redirect(&app.settings, done, &format!("/plans/{code}/draft#{to}")))
        }
        other => {
            // What does not read at all is told once, in the form's own words.
            let told: Vec<String> = refusals.iter().map(|it| it.at.clone()).collect();
            refusals.extend(other.err().unwrap_or_default().into_iter().filter(|it| !told.contains(&it.at)));
            let was = if state.is_null() { String::new() } else { state.to_string() };
            let shown = Form::with(form, &posted.typed, &options(&held.document), refusals, was);
            let page = ElementPage::new(user, &held.header, place, element, shown);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
