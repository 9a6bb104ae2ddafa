//! Sessions.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;
use sqlx::{PgConnection, types::Uuid};

use super::broken;
use super::grant::GrantRow;
use crate::accounts::model::{Grant, User};
use crate::accounts::session::{IDLE, LIFE, Open, Token};

/// What a cookie's session says, before its secret is checked.
pub struct Found {
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    /// Last page, to [`crate::accounts::session::SEEN_EVERY`].
    pub last_seen_at: DateTime<Utc>,
    /// Its holder, with the grants in force.
    pub user: User,
    /// The establishment's name, which every page shows.
    pub establishment: String,
}

/// Session, account and grants in force, in one statement: every page begins here. A session that is over, or whose
/// account is suspended, is not there.
pub async fn find(
    conn: &mut PgConnection,
    id: Uuid,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> sqlx::Result<Option<Found>> {
    let row = sqlx::query!(
        r#"SELECT session.secret_hash, session.last_seen_at, account.id, account.email, account.function,
                  coalesce((SELECT name FROM establishment), '') AS "establishment!",
                  (SELECT coalesce(json_agg(json_build_object(
                              'role', held.role, 'structure_id', held.structure_id, 'structure', structure.code,
                              'plan_id', held.plan_id, 'plan', plan.code, 'items', held.items,
                              'starts_on', held.starts_on, 'ends_on', held.ends_on) ORDER BY held.id), '[]')
                   FROM account_grant held
                        LEFT JOIN structure ON structure.id = held.structure_id
                        LEFT JOIN plan ON plan.id = held.plan_id
                   WHERE held.account_id = account.id AND held.revoked_at IS NULL
                         AND (held.starts_on IS NULL OR held.starts_on <= $3)
                         AND (held.ends_on IS NULL OR held.ends_on >= $3)) AS "grants!: Json<Vec<GrantRow>>"
           FROM session JOIN account ON account.id = session.account_id
           WHERE session.id = $1 AND account.suspended_at IS NULL
                 AND session.expires_at > $2 AND session.last_seen_at > $4"#,
        id,
        now,
        today,
        now - IDLE,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let Json(grants) = row.grants;
        let grants: Option<Vec<Grant>> = grants.into_iter().map(GrantRow::decode).collect();
        Ok(Found {
            secret_hash: row.secret_hash,
            last_seen_at: row.last_seen_at,
            user: User {
                account_id: row.id,
                email: row.email,
                function: row.function,
                grants: grants.ok_or_else(|| broken("account_grant"))?,
            },
            establishment: row.establishment,
        })
    })
    .transpose()
}

/// Notes that the session is used.
pub async fn touch(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE session SET last_seen_at = $2 WHERE id = $1", id, now).execute(conn).await?;
    Ok(())
}

/// Opens one, and sweeps those that are over.
pub async fn open(conn: &mut PgConnection, account_id: i64, now: DateTime<Utc>) -> sqlx::Result<Token> {
    let token = Token::generate();
    sqlx::query!("DELETE FROM session WHERE expires_at <= $1 OR last_seen_at <= $2", now, now - IDLE)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "INSERT INTO session (id, account_id, secret_hash, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $4, $5)",
        token.id,
        account_id,
        &token.secret.hash()[..],
        now,
        now + LIFE,
    )
    .execute(conn)
    .await?;
    Ok(token)
}

/// Closes one, when the secret is the right one: a number alone, seen in a log, closes nothing.
pub async fn close(conn: &mut PgConnection, token: &Token) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM session WHERE id = $1 AND secret_hash = $2", token.id, &token.secret.hash()[..])
        .execute(conn)
        .await?;
    Ok(())
}

/// Closes all those of an account.
pub async fn close_all(conn: &mut PgConnection, account_id: i64) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM session WHERE account_id = $1", account_id).execute(conn).await?;
    Ok(())
}

/// Those open now, the latest used first.
pub async fn list(conn: &mut PgConnection, account_id: i64, now: DateTime<Utc>) -> sqlx::Result<Vec<Open>> {
    sqlx::query_as!(
        Open,
        "SELECT id, created_at, last_seen_at FROM session
         WHERE account_id = $1 AND expires_at > $2 AND last_seen_at > $3 ORDER BY last_seen_at DESC, id",
        account_id,
        now,
        now - IDLE,
    )
    .fetch_all(conn)
    .await
}
