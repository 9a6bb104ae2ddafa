//! What a director asks: a new request, or another thing than at first. The original stays.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::{Connection, PgConnection};

use super::{allowed, verdict};
use crate::access;
use crate::accounts::CurrentUser;
use crate::arbitrages::Subject;
use crate::arbitrages::amendment::{Amendment, Course, Step};
use crate::arbitrages::entry::{Matter, step};
use crate::arbitrages::store as arbitrages;
use crate::arbitrages::web::{append, entry, hold, may_demand, refuse};
use crate::commitments::entry::{RequestRefused, RequestTyped, read_new, read_request};
use crate::commitments::model::{REQUEST_KIND, Request};
use crate::commitments::store;
use crate::commitments::views::demand::NewRequestPage;
use crate::commitments::views::means::{Back, Means};
use crate::commitments::views::sheet::Sheet;
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::plans::model::Node;
use crate::plans::store as plans;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Result};

/// What the form of a new request needs.
async fn load(conn: &mut PgConnection, user: &CurrentUser, app: &App, code: &str) -> Result<(Sheet, Vec<Node>)> {
    let sheet = Sheet::load(conn, user, code).await?;
    allowed(&verdict(user, app, &sheet.demand()))?;
    let nodes = plans::outline(conn, sheet.header.id).await?.nodes;
    Ok((sheet, nodes))
}

/// `GET /plans/{code}/demands/requests`
pub async fn form(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<NewRequestPage> {
    let mut conn = app.conn().await?;
    let (sheet, nodes) = load(&mut conn, &user, &app, &code).await?;
    let (typed, refused) = (RequestTyped::default(), RequestRefused::default());
    Ok(NewRequestPage::new(&user, &sheet, &nodes, typed, refused, false))
}

/// `POST /plans/{code}/demands/requests`
pub async fn add(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Form(typed): Form<RequestTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let (sheet, nodes) = load(&mut conn, &user, &app, &code).await?;
    let (request, reason) = match read_new(&typed, &sheet.all.requests, &sheet.all.headings, &nodes) {
        Ok(read) => read,
        Err(refused) => {
            let page = NewRequestPage::new(&user, &sheet, &nodes, typed, refused, false);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    if write(&mut conn, &user, &app, &sheet, &request, reason).await? {
        let address = Subject::Request.address(&code, request.code.as_str());
        return Ok(flash::redirect(&app.settings, Done::DemandAdded, &address));
    }
    let (sheet, nodes) = load(&mut conn, &user, &app, &code).await?;
    let page = NewRequestPage::new(&user, &sheet, &nodes, typed, RequestRefused::default(), true);
    Ok((StatusCode::CONFLICT, page).into_response())
}

/// Writes a new request and the step that says who asked for it and why. `false`: its code was taken meanwhile.
async fn write(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    sheet: &Sheet,
    request: &Request,
    reason: String,
) -> Result<bool> {
    let matter = Matter { subject: Subject::Request, code: &request.code, ledger: &[], conditions: &[] };
    let added = step(&matter, &Course::default(), Step::Added, Some(reason), app.clock.today());
    let header = &sheet.header;
    let plan_id = header.id;
    let mut tx = conn.begin().await?;
    hold(&mut tx, app, user, (header.plan.code.as_str(), plan_id), sheet.demand()).await?;
    let Some((version, position)) = store::append_request(&mut tx, plan_id, request).await? else { return Ok(false) };
    let Some(step_version) = arbitrages::append_amendment(&mut tx, plan_id, &added).await? else { return Ok(false) };
    let made = Change {
        plan_id: Some(plan_id),
        kind: REQUEST_KIND,
        code: request.code.as_str(),
        version,
        before: None,
        after: Some(request.write()),
        position: Some(position),
    };
    let key = added.key();
    let mut act = user.act(app.clock.now());
    act.reason.clone_from(&added.reason);
    journal::append_all(&mut tx, &act, vec![made, entry(plan_id, &key, step_version, &added)]).await?;
    access::store::edited(&mut tx, user, &act, plan_id, header.structure_id).await?;
    tx.commit().await?;
    Ok(true)
}

/// `POST /plans/{code}/requests/{request}/amendments`
pub async fn amend(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<RequestTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Means::load(&mut conn, &user, &plan, Subject::Request, &code).await?;
    let case = found.case();
    refuse(may_demand(&user, &case, &app))?;
    let back = |typed, refused| Back { amendment: Some((typed, refused)), ..Back::default() };
    let (asked, reason) = match read_request(&typed) {
        Ok(read) => read,
        Err(refused) => {
            let page = found.page(&user, &app, back(typed, refused));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let amended = step(&case.matter, &case.course, Step::Amended, Some(reason), app.clock.today());
    let amended = Amendment { request: Some(asked), ..amended };
    if append(&mut conn, &app, &user, &case, case.demand(), &amended, &typed.rank).await? {
        return Ok(flash::redirect(&app.settings, Done::DemandAmended, &found.address()));
    }
    // What the other person wrote is on the page, beside what was typed.
    let found = Means::load(&mut conn, &user, &plan, Subject::Request, &code).await?;
    let back = Back { conflict: true, ..back(typed, RequestRefused::default()) };
    Ok((StatusCode::CONFLICT, found.page(&user, &app, back)).into_response())
}
