//! What every page of a plan begins with.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use super::past::{self, Asked, Shown};
use super::store::{self, Header};
use super::views::{NoPastPage, OnDay};
use crate::accounts::model::User;
use crate::journal::store as journal;
use crate::kernel::clock::{self, Clock};
use crate::web::page::Page;
use crate::web::{Error, Result};

/// The plan of an address, for someone who reads it; 404 otherwise.
pub async fn readable_plan(conn: &mut PgConnection, user: &User, code: &str) -> Result<Header> {
    store::seen(conn, code, &user.reach()).await?.ok_or(Error::NotFound)
}

/// What a page shows of a plan that this person reads: the present, or the day asked for, with its things of these
/// kinds. `end` is the end of the page's address: `/jalons`.
pub async fn look(
    conn: &mut PgConnection,
    user: &User,
    header: &Header,
    asked: &Asked,
    kinds: &[&str],
    end: &str,
    clock: &Clock,
) -> Result<(OnDay, Shown)> {
    let mut on = OnDay::new(header.plan.code.as_str(), end, clock.today(), &asked.on);
    let day = match past::day(&asked.on, clock.today()) {
        Ok(None) => return Ok((on, Shown::Present)),
        Ok(Some(day)) => day,
        Err(unread) => return Ok((on, Shown::Nothing(unread.sentence().into()))),
    };
    let Some(past) = store::past(conn, header, day, kinds).await? else {
        let beginning = journal::beginning(conn, header.id).await?.map(clock::day);
        return Ok((on, Shown::Nothing(past::not_yet(day, beginning))));
    };
    if past.header.plan.draft && !user.reads_drafts(header.structure_id) {
        return Ok((on, Shown::Nothing(past::still_a_draft(day))));
    }
    on.show(day);
    Ok((on, Shown::Past(Box::new(past))))
}

/// The page that shows no state, and says why.
pub fn no_past(page: Page, header: &Header, on: OnDay, why: String) -> Response {
    let page = NoPastPage::new(page, header.plan.name(), on, why);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
