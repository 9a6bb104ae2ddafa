//! A plan begins, from nothing or from the shape of another.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::Role;
use crate::document::store as documents;
use crate::drafts::shape::{self, Ground, NEW};
use crate::drafts::views::element::NewPage;
use crate::establishment::store as establishment;
use crate::kernel::ids::Code;
use crate::plans::store as plans;
use crate::web::fields::{self, Choice, Form, Options, Posted, Refusal};
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// Pilotage begins plans; for anyone else the page is not there.
fn allow(user: &CurrentUser, app: &App) -> Result<()> {
    user.only(Role::Pilotage)?;
    let verdict = access::may_edit(Who::User(user), &Thing::Establishment, app.clock.today());
    if verdict.allowed() { Ok(()) } else { Err(Error::Forbidden(verdict.sentence())) }
}

async fn options(conn: &mut PgConnection, user: &CurrentUser) -> Result<Options> {
    let structures = establishment::structures(conn).await?;
    let known = plans::list(conn, &user.reach()).await?;
    let structures = structures.into_iter().map(|it| Choice::new(it.structure.code.as_str(), it.structure.label));
    let known = known.into_iter().map(|it| {
        Choice::new(
            it.plan.code.as_str(),
            format!("{} · {} {}", it.structure.acronym, it.plan.kind.short(), it.plan.years()),
        )
    });
    Ok(Options::from([("structures", structures.collect()), ("plans", known.collect())]))
}

/// `GET /admin/plans/new`
pub async fn form(user: CurrentUser, State(app): State<App>) -> Result<NewPage> {
    allow(&user, &app)?;
    let mut conn = app.conn().await?;
    let options = options(&mut conn, &user).await?;
    Ok(NewPage::new(&user, Form::of(NEW, &Value::Null, &options)))
}

/// `POST /admin/plans`
pub async fn begin(
    user: CurrentUser,
    State(app): State<App>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    allow(&user, &app)?;
    let posted = Posted::new(NEW, &pairs);
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    // Two plans do not begin under one code.
    establishment::lock(&mut tx).await?;
    let refusals = match begun(&mut tx, &user, &app, &posted).await? {
        Ok(code) => {
            tx.commit().await?;
            return Ok(flash::redirect(&app.settings, Done::DraftBegun, &format!("/plans/{code}/draft")));
        }
        Err(refusals) => refusals,
    };
    let options = options(&mut tx, &user).await?;
    let form = Form::with(NEW, &posted.typed, &options, refusals, String::new());
    Ok((StatusCode::UNPROCESSABLE_ENTITY, NewPage::new(&user, form)).into_response())
}

/// Writes the draft and gives its code, or tells why there is none.
async fn begun(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    posted: &Posted,
) -> Result<Result<String, Vec<Refusal>>> {
    let (item, refusals) = fields::read(NEW, &posted.typed, &Value::Null);
    // What is no code is in no list.
    let chosen =
        |key: &str| item.get(key).and_then(Value::as_str).filter(|it| Code::new(it).is_some()).unwrap_or_default();
    let establishment = plans::establishment(conn).await?;
    let structure = plans::structure(conn, chosen("structure")).await?;
    let (Some(establishment), Some((_, structure)), true) = (establishment, structure, refusals.is_empty()) else {
        let choose = Refusal::new("structure", "Choisissez une structure dans la liste.");
        return Ok(Err(if refusals.is_empty() { vec![choose] } else { refusals }));
    };
    let like = match chosen("shape") {
        "" if item.get("shape").is_none() => None,
        code => match plans::seen(conn, code, &user.reach()).await? {
            Some(header) => Some(documents::whole(conn, header).await?),
            None => return Ok(Err(vec![Refusal::new("shape", "Choisissez un contrat dans la liste.")])),
        },
    };
    let shared = documents::shared(conn, structure.code.as_str()).await?;
    let ground = Ground { establishment, framework: plans::framework(conn).await?, structure };
    let document = match shape::begin(ground, item, like.as_ref()) {
        Ok(document) => document,
        Err(refusals) => return Ok(Err(refusals)),
    };
    let code = document.plan.code.to_string();
    if plans::lock_plan(conn, &code).await?.is_some() {
        return Ok(Err(vec![Refusal::new("code", format!("Le contrat « {code} » existe déjà."))]));
    }
    documents::write(conn, &user.act(app.clock.now()), &document, &document.changes_from(&shared)).await?;
    Ok(Ok(code))
}
