//! The avenants of a plan, and one of them.

use axum::extract::State;

use super::{Found, frame, signed, verdict};
use crate::access::Thing;
use crate::accounts::CurrentUser;
use crate::avenants::store;
use crate::avenants::views::avenant::{AvenantPage, Back};
use crate::avenants::views::list::ListPage;
use crate::web::extract::Path;
use crate::web::{App, Result};

/// `GET /plans/{code}/avenants`
pub async fn all(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<ListPage> {
    let mut conn = app.conn().await?;
    let header = signed(&mut conn, &user, &code).await?;
    let avenants = store::of_plan(&mut conn, header.id).await?;
    let page = frame(&mut conn, &user, &header, format!("Avenants · {}", header.plan.name())).await?;
    let may = verdict(&user, &app, &Thing::Avenant { closed: header.closed });
    Ok(ListPage::new(page, &header, &avenants, &may))
}

/// `GET /plans/{code}/avenants/{avenant}`
pub async fn one(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, avenant)): Path<(String, String)>,
) -> Result<AvenantPage> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &code, &avenant).await?;
    found.page(&mut conn, &user, &app, Back::None).await
}
