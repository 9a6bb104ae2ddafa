//! The page of controls, and what other pages ask of them.

use std::collections::HashMap;

use axum::extract::{Query, State};
use serde::Deserialize;
use sqlx::PgConnection;

use super::model::{self, Filter, Gaps};
use super::store;
use super::views::ControlsPage;
use crate::access;
use crate::accounts::CurrentUser;
use crate::accounts::model::User;
use crate::plans::readable_plan;
use crate::plans::store::{self as plans, Header};
use crate::plans::views::{PlanPage, within_plan};
use crate::printed::Outcome;
use crate::reserves;
use crate::web::extract::Path;
use crate::web::{App, Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new().get("/plans/{code}/controls", show)
}

/// The controls of a plan that this person sees, in one statement.
pub async fn of_plan(conn: &mut PgConnection, user: &User, header: &Header) -> sqlx::Result<Vec<Outcome>> {
    let facts = store::of_plan(conn, header.id).await?;
    Ok(model::seen(&facts, user, header.structure_id))
}

/// What the memory keeps of a plan here.
const GAPS: &str = "controls in gap";

/// How many controls that this person sees are in gap, for those of these plans where some are: in one statement for all
/// the plans of which something was written since they were last counted, in none when there is no such plan.
pub async fn gaps(
    conn: &mut PgConnection,
    app: &App,
    user: &User,
    headers: &[&Header],
) -> sqlx::Result<HashMap<i64, usize>> {
    let marks = headers.iter().map(|header| header.mark);
    let mut gaps = app.memory.recall::<Gaps>(GAPS, app.clock.today(), marks);
    let missing = gaps.missing();
    if !missing.is_empty() {
        for (id, facts) in store::facts(conn, &missing).await? {
            gaps.keep(id, Gaps::of(&model::outcomes(&facts)));
        }
    }
    let gaps = gaps.all();
    let seen = |header: &&Header| Some((header.id, gaps.get(&header.id)?.seen_by(user, header.structure_id)));
    Ok(headers.iter().filter_map(seen).filter(|(_, count)| *count > 0).collect())
}

/// Which controls are shown. Anything unreadable keeps all: a filter is no place for an error page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    family: String,
    verdict: String,
}

/// `GET /plans/{code}/controls`
async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<ControlsPage> {
    let mut conn = app.conn().await?;
    let header = readable_plan(&mut conn, &user, &code).await?;
    let outcomes = of_plan(&mut conn, &user, &header).await?;
    let reserves = reserves::of_plan(&mut conn, &user, &header).await?;
    let enters = access::enters(&user, header.id, header.structure_id);
    let year = if enters { plans::campaign_year(&mut conn, header.id).await? } else { None };
    let title = format!("Contrôles · {}", header.plan.name());
    let page = within_plan(user.page(title, ""), &user, header.structure_id, &code, year, PlanPage::Controls);
    let filter = Filter::read(&asked.family, &asked.verdict);
    Ok(ControlsPage::new(page, &header, outcomes, filter, &reserves))
}
