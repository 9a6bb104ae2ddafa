//! Contrat, now or on an earlier day.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use sqlx::PgConnection;

use super::{frame, seen};
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::avenants::model::Avenant;
use crate::avenants::store as avenants;
use crate::contract::views::contract::{Contents, ContractPage};
use crate::controls;
use crate::document::store as documents;
use crate::indicators::sheet;
use crate::indicators::store::{self as indicators, CellFilter, Definitions, KeptCell};
use crate::jalons::model::{Calendar, Jalon};
use crate::jalons::store as jalons;
use crate::plans as pages;
use crate::plans::model::FrameworkRow;
use crate::plans::past::{Asked, Shown, TITLE};
use crate::plans::store::{self as plans, Header, Outline, Past};
use crate::plans::views::{OnDay, PlanPage};
use crate::printed::Shortlist;
use crate::reserves::{self, Reserves};
use crate::web::extract::Path;
use crate::web::page::Page;
use crate::web::{App, Error, Result};

/// What the page is made of, from its tables or from the journal.
struct Found {
    outline: Outline,
    definitions: Definitions,
    cells: Vec<KeptCell>,
    jalons: Vec<Jalon>,
    avenants: Vec<Avenant>,
    reserves: Reserves,
    controls: Shortlist,
}

/// The contract on one page; `?on=2025-09-12` shows the end of that day.
pub async fn contract(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let (header, part) = seen(&mut conn, &user, &code).await?;
    let (on, shown) = pages::look(&mut conn, &user, &header, &asked, &documents::kinds(), "", &app.clock).await?;
    let title = header.plan.name();
    let frame = |title| on.keep(frame(&user, &header, part.as_ref(), title, PlanPage::Contract));
    match shown {
        Shown::Nothing(why) => {
            let page = frame(TITLE.into());
            Ok(pages::no_past(page, &header, on, why))
        }
        Shown::Present => {
            let (page, found) = (frame(title), present(&mut conn, &user, &header).await?);
            let enters = access::enters(&user, header.id, header.structure_id);
            let follows = user.reads_dialogues(header.structure_id);
            let today = app.clock.today();
            let may = |thing| access::may_edit(Who::User(&user), &thing, today).allowed();
            let amends = !header.plan.draft && may(Thing::Avenant { closed: header.closed });
            let records = may(Thing::Step { draft: header.plan.draft, closed: header.closed });
            let standing = assembled(page, header, found, today, on);
            Ok(ContractPage { part, enters, follows, amends, records, ..standing }.into_response())
        }
        Shown::Past(then) => {
            let (page, day, header) = (frame(title), then.day, then.header.clone());
            let found = earlier(&user, *then)?;
            Ok(assembled(page, header, found, day, on).into_response())
        }
    }
}

async fn present(conn: &mut PgConnection, user: &CurrentUser, header: &Header) -> Result<Found> {
    let outline = plans::outline(conn, header.id).await?;
    let jalons = jalons::of_outline(&outline)?;
    Ok(Found {
        definitions: indicators::definitions(conn, header.id, None).await?,
        cells: indicators::cells(conn, header.id, CellFilter::default()).await?,
        reserves: reserves::of_plan(conn, user, header).await?,
        controls: Shortlist::of(controls::of_plan(conn, user, header).await?),
        avenants: avenants::of_outline(&outline)?,
        outline,
        jalons,
    })
}

fn earlier(user: &CurrentUser, past: Past) -> Result<Found> {
    let Past { header, standing, .. } = past;
    let document = documents::of_standing(standing)?.ok_or(Error::NotFound)?;
    // Of the framework, what the tree declines, as in the present.
    let declined = |row: &FrameworkRow| document.nodes.iter().any(|node| node.framework_rows.contains(&row.code));
    let framework = document.framework.iter().filter(|row| declined(row)).cloned().collect();
    let all = document.reserves.into_iter().map(reserves::store::Kept::of).collect();
    Ok(Found {
        reserves: Reserves::of(&header, user, all),
        // They are run over what stands: their own page tells them.
        controls: Shortlist::default(),
        cells: document.cells.into_iter().map(KeptCell::alone).collect(),
        definitions: Definitions {
            indicators: document.indicators,
            measures: document.measures,
            targets: document.targets,
        },
        outline: Outline {
            sections: document.sections,
            steps: document.steps,
            nodes: document.nodes,
            framework,
            jalons: String::new(),
            avenants: String::new(),
        },
        jalons: document.jalons,
        avenants: document.avenants,
    })
}

/// The page of a day, without what is done in the present.
fn assembled(page: Page, header: Header, found: Found, day: NaiveDate, on: OnDay) -> ContractPage {
    let Found { outline, definitions, cells, jalons, avenants, reserves, controls } = found;
    ContractPage {
        page,
        part: None,
        contents: Contents::of(&header.plan, &outline, &definitions, &jalons),
        lines: sheet::lines(header.plan.first_year, header.plan.last_year, definitions, &cells),
        calendar: Calendar::new(day, reserves.dates().clone()),
        enters: false,
        follows: false,
        avenants,
        amends: false,
        records: false,
        reserves,
        controls,
        jalons,
        outline,
        header,
        on,
    }
}
