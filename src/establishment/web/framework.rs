//! The rows of the strategic framework: written, ordered, taken away when nothing declines them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::{Pilot, disputed};
use crate::document::model::{Element, Kind, changes, placed};
use crate::document::store as documents;
use crate::establishment::model::{ROW, To, given, next_code, put, shape, shift as shifted};
use crate::establishment::store;
use crate::establishment::views::{FormPage, FrameworkPage, Tab, frame};
use crate::kernel::canonical::Canonical;
use crate::plans::model::FrameworkRow;
use crate::plans::store as plans;
use crate::web::extract::Path;
use crate::web::fields::{self, Choice, Form, Options, Posted, without_code};
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

const LIST: &str = "/admin/framework";

async fn all(conn: &mut PgConnection, user: &Pilot, refused: String) -> Result<FrameworkPage> {
    let title = plans::establishment(conn).await?.map(|it| it.framework_title).unwrap_or_default();
    let rows = plans::framework(conn).await?;
    let declined = store::framework_uses(conn).await?;
    Ok(FrameworkPage::new(&user.0, title, rows, declined, refused))
}

/// `GET /admin/framework`
pub async fn list(State(app): State<App>, user: Pilot) -> Result<FrameworkPage> {
    let mut conn = app.conn().await?;
    all(&mut conn, &user, String::new()).await
}

/// Domains and themes that are there already.
fn options(rows: &[FrameworkRow]) -> Options {
    let distinct = |of: fn(&FrameworkRow) -> &String| {
        let mut seen: Vec<&String> = Vec::new();
        rows.iter().map(of).for_each(|it| {
            if !seen.contains(&it) {
                seen.push(it);
            }
        });
        seen.into_iter().map(|it| Choice::new(it, it)).collect::<Vec<_>>()
    };
    Options::from([("domains", distinct(|it| &it.domain)), ("themes", distinct(|it| &it.theme))])
}

fn page(user: &Pilot, code: Option<&str>, form: Form) -> FormPage {
    let heading = code.map_or_else(|| "Nouvelle ligne du cadre".to_owned(), |code| format!("Ligne {code} du cadre"));
    FormPage {
        page: frame(&user.0, &heading, form.is_refused()),
        tab: Tab::Framework,
        heading,
        subtitle: String::new(),
        action: code.map_or_else(|| LIST.to_owned(), |code| format!("{LIST}/{code}")),
        back: code.map_or_else(|| format!("{LIST}/new"), |code| format!("{LIST}/{code}")),
        form,
    }
}

/// `GET /admin/framework/new`
pub async fn new(State(app): State<App>, user: Pilot) -> Result<FormPage> {
    let mut conn = app.conn().await?;
    let rows = plans::framework(&mut conn).await?;
    let form = Form::of(ROW, &json!({ "code": next_code(&rows) }), &options(&rows));
    Ok(page(&user, None, Form { was: String::new(), ..form }))
}

/// `GET /admin/framework/{row}`
pub async fn show(State(app): State<App>, user: Pilot, Path(code): Path<String>) -> Result<FormPage> {
    let mut conn = app.conn().await?;
    let rows = plans::framework(&mut conn).await?;
    let row = rows.iter().find(|it| it.code.as_str() == code).ok_or(Error::NotFound)?;
    Ok(page(&user, Some(&code), Form::of(without_code(ROW), &row.write(), &options(&rows))))
}

/// Writes the rows that changed.
async fn write(
    app: &App,
    user: &Pilot,
    conn: &mut PgConnection,
    before: Vec<FrameworkRow>,
    after: Vec<FrameworkRow>,
) -> Result<()> {
    let changes = changes(&placed(before, Element::FrameworkRow), placed(after, Element::FrameworkRow));
    documents::write_shared(conn, &user.0.act(app.clock.now()), &changes).await?;
    Ok(())
}

/// `POST /admin/framework`
pub async fn add(State(app): State<App>, user: Pilot, Pairs(pairs): Pairs<Vec<(String, String)>>) -> Result<Response> {
    let posted = Posted::new(ROW, &pairs);
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::lock(&mut tx).await?;
    let rows = plans::framework(&mut tx).await?;
    let (item, mut refusals) = fields::read(ROW, &posted.typed, &Value::Null);
    let read = shape::<FrameworkRow>(ROW, &item)
        .and_then(|row| given(row.code.as_str(), rows.iter().any(|it| it.code == row.code)).map(|()| row));
    match read {
        Ok(row) if refusals.is_empty() => {
            let to = format!("{LIST}#{}", row.code);
            let after = put(&rows, row);
            write(&app, &user, &mut tx, rows, after).await?;
            tx.commit().await?;
            return Ok(flash::redirect(&app.settings, Done::GroundSaved, &to));
        }
        Ok(_) => {}
        Err(more) => refusals.extend(more),
    }
    let form = Form::with(ROW, &posted.typed, &options(&rows), refusals, String::new());
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&user, None, form)).into_response())
}

/// `POST /admin/framework/{row}`
pub async fn save(
    State(app): State<App>,
    user: Pilot,
    Path(code): Path<String>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let form = without_code(ROW);
    let posted = Posted::new(form, &pairs);
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::lock(&mut tx).await?;
    let rows = plans::framework(&mut tx).await?;
    let state = rows.iter().find(|it| it.code.as_str() == code).ok_or(Error::NotFound)?.write();
    let (item, mut refusals) = fields::read(form, &posted.typed, &state);
    let options = options(&rows);
    if posted.conflicts(&state, &item) {
        let shown = disputed(&mut tx, Kind::FrameworkRow, &code, form, &options, &posted, &state).await?;
        return Ok((StatusCode::CONFLICT, page(&user, Some(&code), shown)).into_response());
    }
    match shape::<FrameworkRow>(form, &item) {
        Ok(row) if refusals.is_empty() => {
            let after = put(&rows, row);
            write(&app, &user, &mut tx, rows, after).await?;
            tx.commit().await?;
            return Ok(flash::redirect(&app.settings, Done::GroundSaved, &format!("{LIST}#{code}")));
        }
        Ok(_) => {}
        Err(more) => refusals.extend(more),
    }
    let shown = Form::with(form, &posted.typed, &options, refusals, state.to_string());
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&user, Some(&code), shown)).into_response())
}

/// Where a row is to go.
#[derive(Deserialize)]
pub struct Move {
    #[serde(default)]
    direction: String,
    before: Option<String>,
}

/// `POST /admin/framework/{row}/move`
pub async fn shift(
    State(app): State<App>,
    user: Pilot,
    Path(code): Path<String>,
    Pairs(asked): Pairs<Move>,
) -> Result<Response> {
    let to = match (asked.direction.as_str(), &asked.before) {
        ("up", _) => To::Up,
        ("down", _) => To::Down,
        (_, Some(before)) => To::Before(before),
        _ => return Err(Error::Malformed("direction of a move")),
    };
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::lock(&mut tx).await?;
    let rows = plans::framework(&mut tx).await?;
    if !rows.iter().any(|it| it.code.as_str() == code) {
        return Err(Error::NotFound);
    }
    let after = shifted(&rows, &code, to);
    let at = after.iter().position(|it| it.code.as_str() == code).unwrap_or_default();
    // The button that was pressed, or the other one where the list ends.
    let way = if at == 0 || (at + 1 < after.len() && to == To::Down) { "down" } else { "up" };
    write(&app, &user, &mut tx, rows, after).await?;
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::ElementMoved, &format!("{LIST}#{way}-framework-{code}")))
}

/// `POST /admin/framework/{row}/removal`
pub async fn remove(State(app): State<App>, user: Pilot, Path(code): Path<String>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    store::lock(&mut tx).await?;
    let rows = plans::framework(&mut tx).await?;
    let mut after = rows.clone();
    after.retain(|it| it.code.as_str() != code);
    if after.len() == rows.len() {
        return Err(Error::NotFound);
    }
    if let Some(users) = store::framework_uses(&mut tx).await?.remove(&code) {
        let refused = format!("La ligne {code} sert encore : {}. Rien n’est retiré.", users.join(", "));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, all(&mut tx, &user, refused).await?).into_response());
    }
    write(&app, &user, &mut tx, rows, after).await?;
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::RowRemoved, LIST))
}
