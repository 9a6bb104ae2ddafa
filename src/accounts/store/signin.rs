//! Sign-in: who may try, and who is there.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::accounts::throttle::{
    ACCOUNT_LIMIT, ACCOUNT_WINDOW_SECONDS, ADDRESS_LIMIT, ADDRESS_WINDOW_SECONDS, KNOWN_DAYS, PAIR_WINDOW_SECONDS,
    Tries,
};

/// What sign-in needs of an account that may be signed in to.
pub struct Candidate {
    /// The account.
    pub account_id: i64,
    /// Its password, hashed; `None` until one was chosen.
    pub password_hash: Option<String>,
}

/// The account of an address, unless it is suspended.
pub async fn candidate(conn: &mut PgConnection, email: &str) -> sqlx::Result<Option<Candidate>> {
    sqlx::query_as!(
        Candidate,
        "SELECT id AS account_id, password_hash FROM account WHERE email = $1 AND suspended_at IS NULL",
        email,
    )
    .fetch_optional(conn)
    .await
}

/// Counts a try before it is looked at, as a failure until it succeeds: a hundred tries sent at once see each other.
pub async fn attempt(conn: &mut PgConnection, email_hash: &[u8], address: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO signin_attempt (email_hash, address) VALUES ($1, $2) RETURNING id",
        email_hash,
        address,
    )
    .fetch_one(conn)
    .await
}

/// What was tried before this attempt.
pub async fn tries(conn: &mut PgConnection, attempt: i64, email_hash: &[u8], address: &str) -> sqlx::Result<Tries> {
    let row = sqlx::query!(
        r#"WITH tried AS (
               SELECT *, extract(epoch FROM clock_timestamp() - at)::float8 AS age
               FROM signin_attempt WHERE id <> $1 AND (email_hash = $2 OR address = $3)
           ), pair AS (SELECT * FROM tried WHERE email_hash = $2 AND address = $3),
           since AS (SELECT min(age) AS age FROM pair WHERE succeeded)
           SELECT (SELECT count(*) FROM pair, since
                   WHERE NOT succeeded AND pair.age < $4 AND (since.age IS NULL OR pair.age < since.age)) AS "pair_failures!",
                  (SELECT min(age) FROM pair WHERE NOT succeeded) AS pair_last_age,
                  (SELECT age FROM tried WHERE email_hash = $2 AND NOT succeeded ORDER BY age OFFSET $5 LIMIT 1) AS account_age,
                  (SELECT age FROM tried WHERE address = $3 AND NOT succeeded ORDER BY age OFFSET $6 LIMIT 1) AS address_age,
                  EXISTS (SELECT FROM since WHERE age < $7) AS "known!""#,
        attempt,
        email_hash,
        address,
        f64::from(PAIR_WINDOW_SECONDS),
        i64::from(ACCOUNT_LIMIT) - 1,
        i64::from(ADDRESS_LIMIT) - 1,
        f64::from(KNOWN_DAYS) * 86_400.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(Tries {
        pair_failures: u32::try_from(row.pair_failures).unwrap_or(u32::MAX),
        pair_last_age: row.pair_last_age.map(seconds),
        account_age: row.account_age.map(seconds),
        address_age: row.address_age.map(seconds),
        known: row.known,
    })
}

/// An age in whole seconds, rounded down: the wait it gives is then never too short.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the type's own bounds")]
fn seconds(age: f64) -> u32 {
    age.clamp(0.0, f64::from(u32::MAX)) as u32
}

/// Forgets a try that was not looked at: hammering during a delay does not lengthen it.
pub async fn withdraw(conn: &mut PgConnection, attempt: i64) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM signin_attempt WHERE id = $1", attempt).execute(conn).await?;
    Ok(())
}

/// Notes a success, and forgets the tries that count for nothing any more.
pub async fn succeed(conn: &mut PgConnection, attempt: i64) -> sqlx::Result<()> {
    sqlx::query!("UPDATE signin_attempt SET succeeded = true WHERE id = $1", attempt).execute(&mut *conn).await?;
    sqlx::query!(
        "DELETE FROM signin_attempt
         WHERE at < clock_timestamp() - make_interval(days => $1)
            OR (NOT succeeded AND at < clock_timestamp() - make_interval(secs => $2))",
        KNOWN_DAYS,
        f64::from(PAIR_WINDOW_SECONDS.max(ACCOUNT_WINDOW_SECONDS).max(ADDRESS_WINDOW_SECONDS)),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes when the account was last signed in to.
pub async fn seen(conn: &mut PgConnection, account_id: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE account SET last_sign_in_at = $2 WHERE id = $1", account_id, now).execute(conn).await?;
    Ok(())
}
