//! Accounts and their invitations. Every change is written with its journal entry.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::accounts::model::Account;
use crate::accounts::session::Secret;
use crate::journal::model::{Act, Change};
use crate::journal::store::append;

/// The journal's word for an account.
const KIND: &str = "compte";

/// Accounts, by address: all of them, one by number, or one by address.
async fn accounts(conn: &mut PgConnection, id: Option<i64>, email: Option<&str>) -> sqlx::Result<Vec<Account>> {
    sqlx::query_as!(
        Account,
        r#"SELECT id, version, email, function, demo, password_hash IS NOT NULL AS "has_password!", suspended_at,
                  last_sign_in_at, reminders,
                  (SELECT max(expires_at) FROM invitation WHERE account_id = account.id AND used_at IS NULL) AS invited_until
           FROM account
           WHERE ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR email = $2)
           ORDER BY email COLLATE french_natural"#,
        id,
        email,
    )
    .fetch_all(conn)
    .await
}

/// Every account.
pub async fn list(conn: &mut PgConnection) -> sqlx::Result<Vec<Account>> {
    accounts(conn, None, None).await
}

/// One.
pub async fn by_id(conn: &mut PgConnection, id: i64) -> sqlx::Result<Option<Account>> {
    Ok(accounts(conn, Some(id), None).await?.pop())
}

/// The one of an address.
pub async fn by_email(conn: &mut PgConnection, email: &str) -> sqlx::Result<Option<Account>> {
    Ok(accounts(conn, None, Some(email)).await?.pop())
}

/// Whether a demo account exists.
pub async fn has_demo(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM account WHERE demo) AS "exists!""#).fetch_one(conn).await
}

/// The state that the journal keeps: no address (the journal is for ever, and an address is often a name), no secret.
fn state(account: &Account) -> Value {
    let word = if account.suspended_at.is_some() {
        "suspendu"
    } else if account.has_password {
        "actif"
    } else {
        "invité"
    };
    json!({ "function": account.function, "state": word, "invited_until": account.invited_until,
            "reminders": account.reminders })
}

/// Creates one without a password; `None` when the address is taken.
pub async fn create(
    conn: &mut PgConnection,
    act: &Act,
    email: &str,
    function: &str,
    demo: bool,
) -> sqlx::Result<Option<Account>> {
    // Not an error to recover from: a refused INSERT would end the caller's transaction.
    let created = sqlx::query_scalar!(
        "INSERT INTO account (email, function, demo, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT ON CONSTRAINT account_email_key DO NOTHING RETURNING id",
        email,
        function,
        demo,
        act.at,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(id) = created else { return Ok(None) };
    let account = Account {
        id,
        version: 1,
        email: email.to_owned(),
        function: function.to_owned(),
        demo,
        has_password: false,
        suspended_at: None,
        last_sign_in_at: None,
        invited_until: None,
        reminders: true,
    };
    let code = id.to_string();
    let after = Some(state(&account));
    append(
        conn,
        act,
        Change { plan_id: None, kind: KIND, code: &code, version: 1, before: None, after, position: None },
    )
    .await?;
    Ok(Some(account))
}

/// Raises the account's version and journals what it became.
async fn changed(conn: &mut PgConnection, act: &Act, before: &Account) -> sqlx::Result<()> {
    sqlx::query!("UPDATE account SET version = version + 1 WHERE id = $1", before.id).execute(&mut *conn).await?;
    let after = by_id(conn, before.id).await?.ok_or(sqlx::Error::RowNotFound)?;
    let change = Change {
        plan_id: None,
        kind: KIND,
        code: &before.id.to_string(),
        version: after.version,
        before: Some(state(before)),
        after: Some(state(&after)),
        position: None,
    };
    append(conn, act, change).await
}

/// Closes the account to its holder: no session, no link.
pub async fn suspend(conn: &mut PgConnection, act: &Act, account: &Account) -> sqlx::Result<()> {
    sqlx::query!("UPDATE account SET suspended_at = $2 WHERE id = $1", account.id, act.at).execute(&mut *conn).await?;
    super::session::close_all(conn, account.id).await?;
    drop_invitations(conn, account.id).await?;
    changed(conn, act, account).await
}

/// Opens it again.
pub async fn reinstate(conn: &mut PgConnection, act: &Act, account: &Account) -> sqlx::Result<()> {
    sqlx::query!("UPDATE account SET suspended_at = NULL WHERE id = $1", account.id).execute(&mut *conn).await?;
    changed(conn, act, account).await
}

/// Notes whether its holder takes reminders by mail.
pub async fn set_reminders(conn: &mut PgConnection, act: &Act, account: &Account, wanted: bool) -> sqlx::Result<()> {
    sqlx::query!("UPDATE account SET reminders = $2 WHERE id = $1", account.id, wanted).execute(&mut *conn).await?;
    changed(conn, act, account).await
}

async fn drop_invitations(conn: &mut PgConnection, account_id: i64) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM invitation WHERE account_id = $1 AND used_at IS NULL", account_id).execute(conn).await?;
    Ok(())
}

/// Makes a one-time link, which replaces the one before; only its hash is kept.
pub async fn invite(
    conn: &mut PgConnection,
    act: &Act,
    account: &Account,
    secret: &Secret,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    drop_invitations(conn, account.id).await?;
    sqlx::query!(
        "INSERT INTO invitation (account_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        account.id,
        &secret.hash()[..],
        act.at,
        until,
    )
    .execute(&mut *conn)
    .await?;
    changed(conn, act, account).await
}

/// A link that exists: whose, and whether it still serves.
pub struct Invitation {
    /// The row.
    pub id: i64,
    /// The account it opens.
    pub account_id: i64,
    /// Last instant.
    pub expires_at: DateTime<Utc>,
    /// When it served.
    pub used_at: Option<DateTime<Utc>>,
}

/// The invitation of a link, locked so that it serves once.
pub async fn invitation(conn: &mut PgConnection, secret: &Secret) -> sqlx::Result<Option<Invitation>> {
    sqlx::query_as!(
        Invitation,
        "SELECT id, account_id, expires_at, used_at FROM invitation WHERE token_hash = $1 FOR UPDATE",
        &secret.hash()[..],
    )
    .fetch_optional(conn)
    .await
}

/// Uses up a link: the password is kept, every session of the account ends.
pub async fn accept(
    conn: &mut PgConnection,
    act: &Act,
    account: &Account,
    invitation_id: i64,
    password_hash: &str,
) -> sqlx::Result<()> {
    sqlx::query!("UPDATE invitation SET used_at = $2 WHERE id = $1", invitation_id, act.at).execute(&mut *conn).await?;
    set_password(conn, act, account, password_hash).await
}

/// Keeps a new password and ends every session of the account.
pub async fn set_password(
    conn: &mut PgConnection,
    act: &Act,
    account: &Account,
    password_hash: &str,
) -> sqlx::Result<()> {
    sqlx::query!("UPDATE account SET password_hash = $2 WHERE id = $1", account.id, password_hash)
        .execute(&mut *conn)
        .await?;
    // A link made for a forgotten password would outlive the password that replaced it.
    drop_invitations(conn, account.id).await?;
    super::session::close_all(conn, account.id).await?;
    changed(conn, act, account).await
}
