//! The SQL of accounts, sessions, grants and sign-in.

pub mod account;
pub mod grant;
pub mod session;
pub mod signin;

use sqlx::PgConnection;

/// The establishment's name; empty before anything was imported.
pub async fn establishment(conn: &mut PgConnection) -> sqlx::Result<String> {
    let name = sqlx::query_scalar!("SELECT name FROM establishment").fetch_optional(conn).await?;
    Ok(name.unwrap_or_default())
}

/// A row that the table's own constraints should have refused: said loudly rather than guessed.
fn broken(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("broken row: {what}").into())
}
