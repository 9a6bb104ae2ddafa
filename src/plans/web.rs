//! What every page of a plan begins with.

use sqlx::PgConnection;

use super::store::{self, Header};
use crate::accounts::model::User;
use crate::web::{Error, Result};

/// The plan of an address, for someone who reads it; 404 otherwise.
pub async fn readable_plan(conn: &mut PgConnection, user: &User, code: &str) -> Result<Header> {
    let header = store::header(conn, code).await?.ok_or(Error::NotFound)?;
    if user.reads_plan(header.id, header.structure_id) { Ok(header) } else { Err(Error::NotFound) }
}
