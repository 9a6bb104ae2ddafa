//! What a director asks in money, new or amended, and what finance says it costs. The original stays.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::{Connection, PgConnection};

use super::{allowed, readable_budget};
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::Subject;
use crate::arbitrages::amendment::{Amendment, Course, Step};
use crate::arbitrages::entry::{Matter, step};
use crate::arbitrages::store as arbitrages;
use crate::arbitrages::web::{append, entry, hold, may_demand, refuse};
use crate::budget::entry::{MoneyRefused, MoneyTyped, read_money, read_new};
use crate::budget::model::{BUDGET_KIND, BudgetLine};
use crate::budget::store;
use crate::budget::sums::Asked;
use crate::budget::views::demand::NewLinePage;
use crate::budget::views::line::{Back, Line};
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::plans::model::Node;
use crate::plans::store::Header;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Result};

/// What the form of a new line needs.
struct Around {
    header: Header,
    lines: Vec<Asked>,
    nodes: Vec<Node>,
}

impl Around {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, app: &App, code: &str) -> Result<Self> {
        let header = readable_budget(conn, user, code).await?;
        let dossier = arbitrages::dossier(conn, header.id).await?;
        let (structure_id, closed) = (header.structure_id, header.closed);
        let thing = Thing::Demand { structure_id, dialogue: dossier.dialogue, closed };
        refuse(access::may_edit(Who::User(user), &thing, app.clock.today()))?;
        let lines = store::asked(conn, header.id, &dossier).await?;
        let nodes = store::surroundings(conn, header.id).await?.nodes;
        Ok(Self { header, lines, nodes })
    }

    fn page(&self, user: &CurrentUser, typed: MoneyTyped, refused: MoneyRefused, conflict: bool) -> NewLinePage {
        NewLinePage::new(user, &self.header, &self.nodes, typed, refused, conflict)
    }
}

/// `GET /plans/{code}/demands/budget`.
pub async fn form(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<NewLinePage> {
    let mut conn = app.conn().await?;
    let around = Around::load(&mut conn, &user, &app, &code).await?;
    Ok(around.page(&user, MoneyTyped::default(), MoneyRefused::default(), false))
}

/// `POST /plans/{code}/demands/budget`.
pub async fn add(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Form(typed): Form<MoneyTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let around = Around::load(&mut conn, &user, &app, &code).await?;
    let plan = &around.header.plan;
    let (line, reason) = match read_new(&typed, &(plan.first_year..=plan.last_year), &around.lines, &around.nodes) {
        Ok(read) => read,
        Err(refused) => {
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, around.page(&user, typed, *refused, false)).into_response());
        }
    };
    if write(&mut conn, &user, &app, &around.header, &line, reason).await? {
        let address = Subject::BudgetLine.address(&code, line.code.as_str());
        return Ok(flash::redirect(&app.settings, Done::DemandAdded, &address));
    }
    Ok((StatusCode::CONFLICT, around.page(&user, typed, MoneyRefused::default(), true)).into_response())
}

/// Writes a new line and the step that says who asked for it and why. `false`: its code was taken meanwhile.
async fn write(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    header: &Header,
    line: &BudgetLine,
    reason: String,
) -> Result<bool> {
    let matter = Matter { subject: Subject::BudgetLine, code: &line.code, ledger: &[], conditions: &[] };
    let added = step(&matter, &Course::default(), Step::Added, Some(reason), app.clock.today());
    let (plan_id, structure_id) = (header.id, header.structure_id);
    let mut tx = conn.begin().await?;
    let thing = Thing::Demand { structure_id, dialogue: None, closed: None };
    hold(&mut tx, app, user, (header.plan.code.as_str(), plan_id), thing).await?;
    let Some((version, position)) = store::append_line(&mut tx, plan_id, line).await? else { return Ok(false) };
    let Some(step_version) = arbitrages::append_amendment(&mut tx, plan_id, &added).await? else { return Ok(false) };
    let made = Change {
        plan_id: Some(plan_id),
        kind: BUDGET_KIND,
        code: line.code.as_str(),
        version,
        before: None,
        after: Some(line.write()),
        position: Some(position),
    };
    let key = added.key();
    let mut act = user.act(app.clock.now());
    act.reason.clone_from(&added.reason);
    journal::append_all(&mut tx, &act, vec![made, entry(plan_id, &key, step_version, &added)]).await?;
    access::store::edited(&mut tx, user, &act, plan_id, structure_id).await?;
    tx.commit().await?;
    Ok(true)
}

/// `POST /plans/{code}/budget/{line}/amendments`.
pub async fn amend(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<MoneyTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Line::load(&mut conn, &user, &code, &line).await?;
    refuse(may_demand(&user, &found.case(), &app))?;
    let back = |typed, refused, conflict| Back { amendment: Some((typed, refused)), conflict, ..Back::default() };
    let plan = &found.header.plan;
    let (asked, reason) = match read_money(&typed, &(plan.first_year..=plan.last_year), None) {
        Ok(read) => read,
        Err(refused) => return found.returned(&mut conn, &user, &app, false, back(typed, *refused, false)).await,
    };
    let case = found.case();
    let amended = step(&case.matter, &case.course, Step::Amended, Some(reason), app.clock.today());
    let amended = Amendment { money: Some(asked), ..amended };
    if append(&mut conn, &app, &user, &case, case.demand(), &amended, &typed.rank).await? {
        return Ok(flash::redirect(&app.settings, Done::DemandAmended, &found.address()));
    }
    drop(case);
    found.returned(&mut conn, &user, &app, true, back(typed, MoneyRefused::default(), true)).await
}

/// `POST /plans/{code}/budget/{line}/costings`: what finance says it costs, beside what is asked.
pub async fn cost(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(typed): Form<MoneyTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Line::load(&mut conn, &user, &code, &line).await?;
    allowed(&user, found.header.closed, &app)?;
    let back = |typed, refused, conflict| Back { costing: Some((typed, refused)), conflict, ..Back::default() };
    let plan = &found.header.plan;
    let (costed, reason) =
        match read_money(&typed, &(plan.first_year..=plan.last_year), Some(&found.asked.line.asked())) {
            Ok(read) => read,
            Err(refused) => return found.returned(&mut conn, &user, &app, false, back(typed, *refused, false)).await,
        };
    let case = found.case();
    let costing = step(&case.matter, &case.course, Step::Costed, Some(reason), app.clock.today());
    let costing = Amendment { money: Some(costed), ..costing };
    if append(&mut conn, &app, &user, &case, Thing::BudgetLine { closed: None }, &costing, &typed.rank).await? {
        return Ok(flash::redirect(&app.settings, Done::DemandCosted, &found.address()));
    }
    drop(case);
    found.returned(&mut conn, &user, &app, true, back(typed, MoneyRefused::default(), true)).await
}
