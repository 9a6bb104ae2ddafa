//! Budget.

use axum::extract::{Query, State};
use serde::Deserialize;

use super::readable_budget;
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::store as arbitrages;
use crate::budget::views::budget::BudgetPage;
use crate::budget::{controls, store};
use crate::printed::{self, Shortlist};
use crate::reserves;
use crate::web::extract::Path;
use crate::web::{App, Result};

/// Which total is open.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    total: String,
}

/// `GET /plans/{code}/budget`; `?total=cout` opens a total into the lines that make it.
pub async fn budget(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<BudgetPage> {
    let mut conn = app.conn().await?;
    let header = readable_budget(&mut conn, &user, &code).await?;
    let dossier = arbitrages::dossier(&mut conn, header.id).await?;
    let lines = store::asked(&mut conn, header.id, &dossier).await?;
    let around = store::surroundings(&mut conn, header.id).await?;
    let (structure_id, closed) = (header.structure_id, header.closed);
    let thing = Thing::Demand { structure_id, dialogue: dossier.dialogue, closed };
    let may_ask = access::may_edit(Who::User(&user), &thing, app.clock.today()).allowed();
    let reserves = reserves::of_plan(&mut conn, &user, &header).await?;
    let mentions = printed::store::of_plan(&mut conn, header.id).await?;
    let controls = Shortlist::of(controls::outcomes(&lines, around.printed.as_ref(), &mentions));
    let mut page = BudgetPage::new(&user, &header, &lines, &around, &asked.total, may_ask, reserves);
    page.controls = controls;
    Ok(page)
}
