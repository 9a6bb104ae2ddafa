//! The pages of posts: the tables, one line, what human resources change of it.

mod confidential;
mod decide;
mod demand;
mod line;
mod table;

use sqlx::PgConnection;

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::kernel::clock::Clock;
use crate::plans::store::{self as plans, Header};
use crate::web::{Error, Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/posts", table::show)
        .get("/plans/{code}/posts/{line}", line::show)
        .post("/plans/{code}/posts/{line}", line::save)
        .post("/plans/{code}/posts/{line}/arbitrages", decide::decide)
        .post("/plans/{code}/posts/{line}/opinions", decide::opine)
        .post("/plans/{code}/posts/{line}/amendments", demand::amend)
        .post("/plans/{code}/posts/{line}/withdrawal", decide::withdraw)
        .post("/plans/{code}/posts/{line}/removal", demand::remove)
        .get("/plans/{code}/demands/posts", demand::form)
        .post("/plans/{code}/demands/posts", demand::add)
        .post("/plans/{code}/posts/{line}/realisation", line::realise)
        .post("/plans/{code}/posts/{line}/confidential", confidential::save)
}

/// The plan of an address, for someone who sees its posts; 404 otherwise.
async fn seen(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<Header> {
    let header = plans::seen(conn, code, &user.reach()).await?.ok_or(Error::NotFound)?;
    if user.reads_posts(header.structure_id) { Ok(header) } else { Err(Error::NotFound) }
}

/// Someone who may not edit is told why.
fn allow(user: &CurrentUser, closed: Option<i32>, clock: &Clock) -> Result<()> {
    let verdict = access::may_edit(Who::User(user), &Thing::PostLine { closed }, clock.today());
    if verdict.allowed() { Ok(()) } else { Err(Error::Forbidden(verdict.sentence())) }
}

/// A field of a form; empty when it was not posted.
fn field(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(field, _)| field == name).map(|(_, text)| text.clone()).unwrap_or_default()
}

/// The version that a form showed; 0 for none.
fn version(pairs: &[(String, String)]) -> Result<i32> {
    match field(pairs, "version").as_str() {
        "" => Ok(0),
        text => text.parse().map_err(|_| Error::Malformed("version of a post")),
    }
}
