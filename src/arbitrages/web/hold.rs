//! What every act begins with, once in its transaction.

use sqlx::PgConnection;

use super::record::refuse;
use crate::access::{self, Season, Thing, Who};
use crate::accounts::model::User;
use crate::web::{App, Result};

/// The same thing under what is known now.
const fn renewed<'a>(thing: Thing<'a>, season: &Season, state: Option<access::DialogueState>) -> Thing<'a> {
    let closed = season.closed;
    match thing {
        Thing::Decision { on, .. } => Thing::Decision { on, closed },
        Thing::Opinion { on, .. } => Thing::Opinion { on, closed },
        Thing::Condition { .. } => Thing::Condition { closed },
        Thing::BudgetLine { .. } => Thing::BudgetLine { closed },
        Thing::PostLine { .. } => Thing::PostLine { closed },
        Thing::Demand { structure_id, .. } => Thing::Demand { structure_id, dialogue: state, closed },
        other => other,
    }
}

/// Holds a plan for the transaction of an act, and asks again whether it may be done: a submission or a closing may have
/// come since the page was read.
///
/// # Errors
/// 403 with the reason when it may not any more.
pub async fn hold(
    conn: &mut PgConnection,
    app: &App,
    user: &User,
    (plan, plan_id): (&str, i64),
    thing: Thing<'_>,
) -> Result<()> {
    access::store::hold(conn, plan).await?;
    let season = access::store::season(conn, plan_id).await?;
    let thing = renewed(thing, &season, season.state());
    refuse(access::may_edit(Who::User(user), &thing, app.clock.today()))
}
