//! What the terminal does with accounts. Refusals are French sentences for the person who typed.

use sqlx::{Connection, PgConnection};

use super::granting::{self, Asked};
use super::store::grant::Filter;
use super::store::{account, grant as grants};
use super::{model, password};
use crate::journal::model::Act;
use crate::kernel::clock::Clock;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// What was asked cannot be; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The database.
    #[error("la base de données a refusé : {0}")]
    Sql(#[from] sqlx::Error),
    /// A fault of ours.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

fn refused<T>(sentence: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError::Refused(sentence.into()))
}

fn no_account<T>(email: &str) -> Result<T, CommandError> {
    refused(format!("Aucun compte à l’adresse « {email} » : créez-le d’abord avec « cpom user add »."))
}

/// `cpom user add EMAIL`: an account without a password nor a role yet.
pub async fn add(conn: &mut PgConnection, clock: &Clock, email: &str, function: &str) -> Result<(), CommandError> {
    let email = model::email(email).map_err(CommandError::Refused)?;
    let function = model::function(function).map_err(CommandError::Refused)?;
    let act = Act::command("user add", clock.now());
    let mut tx = conn.begin().await?;
    if account::create(&mut tx, &act, &email, &function, false).await?.is_none() {
        return refused(format!("Un compte existe déjà à l’adresse « {email} »."));
    }
    tx.commit().await?;
    Ok(())
}

/// `cpom user password EMAIL`: keeps the password and ends the account's sessions.
pub async fn set_password(
    conn: &mut PgConnection,
    clock: &Clock,
    email: &str,
    clear: &str,
) -> Result<(), CommandError> {
    let email = model::email(email).map_err(CommandError::Refused)?;
    let Some(found) = account::by_email(conn, &email).await? else { return no_account(&email) };
    password::check(clear, &email, &found.function).map_err(CommandError::Refused)?;
    let hash = hash(clear.to_owned()).await?;
    let mut act = Act::command("user password", clock.now());
    act.reason = Some(password::CHANGED.into());
    let mut tx = conn.begin().await?;
    account::set_password(&mut tx, &act, &found, &hash).await?;
    tx.commit().await?;
    Ok(())
}

/// `cpom user grant EMAIL ROLE [SCOPE]`: the scope is a structure's code, or `PLAN:13,J16.a` for a contributor.
pub async fn grant(
    conn: &mut PgConnection,
    clock: &Clock,
    email: &str,
    role: &str,
    scope: Option<&str>,
) -> Result<(), CommandError> {
    let email = model::email(email).map_err(CommandError::Refused)?;
    let mut tx = conn.begin().await?;
    let Some(found) = account::by_email(&mut tx, &email).await? else { return no_account(&email) };
    let held = grants::list(&mut tx, &Filter { account_id: Some(found.id), ..Filter::default() }).await?;
    let places = grants::places(&mut tx).await?;
    let new = granting::read(&Asked::command(role, scope), &places, &held, clock.today())
        .map_err(|refused| CommandError::Refused(refused.sentences()))?;
    grants::add(&mut tx, &Act::command("user grant", clock.now()), found.id, &found.function, &new).await?;
    tx.commit().await?;
    Ok(())
}

/// Argon2 off the thread that drives the command.
pub(super) async fn hash(clear: String) -> anyhow::Result<String> {
    tokio::task::spawn_blocking(move || password::hash(&clear)).await?
}
