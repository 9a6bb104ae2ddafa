//! Contrat.

use axum::extract::State;

use super::{frame, seen};
use crate::access;
use crate::accounts::CurrentUser;
use crate::contract::views::contract::{Contents, ContractPage};
use crate::controls;
use crate::indicators::sheet;
use crate::indicators::store::{self as indicators, CellFilter};
use crate::jalons::model::Calendar;
use crate::jalons::store as jalons;
use crate::plans::store as plans;
use crate::plans::views::PlanPage;
use crate::printed::Shortlist;
use crate::reserves;
use crate::web::extract::Path;
use crate::web::{App, Result};

/// The contract on one page.
pub async fn contract(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<ContractPage> {
    let mut conn = app.conn().await?;
    let (header, part) = seen(&mut conn, &user, &code).await?;
    let outline = plans::outline(&mut conn, header.id).await?;
    let definitions = indicators::definitions(&mut conn, header.id, None).await?;
    let cells = indicators::cells(&mut conn, header.id, CellFilter::default()).await?;
    let jalons = jalons::of_outline(&outline)?;
    let reserves = reserves::of_plan(&mut conn, &user, &header).await?;
    let controls = Shortlist::of(controls::of_plan(&mut conn, &user, &header).await?);
    let contents = Contents::of(&header.plan, &outline, &definitions, &jalons);
    Ok(ContractPage {
        page: frame(&user, &header, part.as_ref(), header.plan.name(), PlanPage::Contract),
        enters: access::enters(&user, header.id, header.structure_id),
        follows: user.reads_dialogues(header.structure_id),
        lines: sheet::lines(header.plan.first_year, header.plan.last_year, definitions, &cells),
        calendar: Calendar::new(app.clock.today(), reserves.dates().clone()),
        reserves,
        controls,
        contents,
        jalons,
        header,
        part,
        outline,
    })
}
