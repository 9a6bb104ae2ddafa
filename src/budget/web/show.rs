//! Budget, now or on an earlier day.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::readable_budget;
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::store as arbitrages;
use crate::budget::store::PAST_KINDS;
use crate::budget::views::budget::BudgetPage;
use crate::budget::{controls, store};
use crate::plans;
use crate::plans::past::{Asked as Day, Shown};
use crate::printed::model::MENTION_KIND;
use crate::printed::{self, Mentions, Shortlist};
use crate::reserves;
use crate::web::extract::Path;
use crate::web::{App, Result};

/// Which total is open.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    total: String,
}

/// `GET /plans/{code}/budget`; `?total=cout` opens a total into the lines that make it, `?on=2025-09-12` shows the end of
/// that day.
pub async fn budget(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
    Query(day): Query<Day>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let header = readable_budget(&mut conn, &user, &code).await?;
    let (on, shown) = plans::look(&mut conn, &user, &header, &day, PAST_KINDS, "/budget", &app.clock).await?;
    let around = store::surroundings(&mut conn, header.id).await?;
    let page = match shown {
        Shown::Nothing(why) => {
            let page = BudgetPage::frame(&user, &header, plans::past::TITLE.into(), around.year);
            return Ok(plans::no_past(page, &header, on, why));
        }
        Shown::Past(past) => {
            let (lines, _, around) = store::past(&past, around.year)?;
            let reserves = reserves::of_past(&user, &past)?;
            let mentions = Mentions(past.things(MENTION_KIND)?);
            let controls = Shortlist::of(controls::outcomes(&lines, around.printed.as_ref(), &mentions));
            BudgetPage::new(&user, &past.header, &lines, &around, &asked.total, false, reserves, controls, on)
        }
        Shown::Present => {
            let dossier = arbitrages::dossier(&mut conn, header.id).await?;
            let lines = store::asked(&mut conn, header.id, &dossier).await?;
            let (structure_id, closed) = (header.structure_id, header.closed);
            let thing = Thing::Demand { structure_id, dialogue: dossier.dialogue, closed };
            let may_ask = access::may_edit(Who::User(&user), &thing, app.clock.today()).allowed();
            let reserves = reserves::of_plan(&mut conn, &user, &header).await?;
            let mentions = printed::store::of_plan(&mut conn, header.id).await?;
            let controls = Shortlist::of(controls::outcomes(&lines, around.printed.as_ref(), &mentions));
            BudgetPage::new(&user, &header, &lines, &around, &asked.total, may_ask, reserves, controls, on)
        }
    };
    Ok(page.into_response())
}
