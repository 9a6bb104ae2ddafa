//! The pool, the two roles, the migrations, and what a constraint's refusal means.
//!
//! One address, two roles: the one of the address owns the schema and migrates; every serving connection becomes
//! [`APP_ROLE`], which may only read and add journal entries. An owner would see every row and could rewrite the
//! journal, so serving as one is refused.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection};

use crate::kernel::canonical::{self, Canonical};

/// The role the application serves under: no login, no ownership.
pub const APP_ROLE: &str = "cpom_app";

/// Every schema change ever made, in order; they only go forward.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Longest a statement may run before PostgreSQL stops it.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest a request waits for a connection before it is told that the service is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the database cannot be used; French sentences for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Wrong role after `SET ROLE`.
    #[error(
        "le rôle « {0} » est superutilisateur, propriétaire des tables ou exempté de la sécurité par ligne : le service refuse de tourner avec ces droits"
    )]
    Privileged(String),
    /// The schema is older or newer than this program.
    #[error(
        "le schéma de la base ne correspond pas à ce programme ; lancez « cpom migrate » avec la version la plus récente"
    )]
    Schema,
    /// PostgreSQL too old.
    #[error("PostgreSQL {0} est trop ancien : il faut la version 15 ou une plus récente")]
    Version(String),
    /// What the server answered.
    #[error("la base de données a refusé : {0}")]
    Sql(#[from] sqlx::Error),
    /// A migration failed.
    #[error("la mise à jour du schéma a échoué : {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// Brings the schema up to date as the owner: role, migrations. Safe when two servers start together.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), DbError> {
    let mut conn = PgConnection::connect_with(options).await?;
    let (version,): (i32,) =
        sqlx::query_as("SELECT current_setting('server_version_num')::int").fetch_one(&mut conn).await?;
    if version < 150_000 {
        return Err(DbError::Version((version / 10_000).to_string()));
    }
    ensure_role(&mut conn).await?;
    // sqlx holds an advisory lock for the run: the second of two servers waits, then finds nothing to do.
    MIGRATOR.run(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

/// Creates the serving role when it is missing and lets the present role become it.
///
/// Roles belong to the whole server and advisory locks to one database: two databases of one server may do this at
/// the same time, so « it exists already » is an answer, not an error.
pub async fn ensure_role(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cpom_app') THEN
                CREATE ROLE cpom_app NOLOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$;
        DO $$ BEGIN
            IF NOT pg_has_role(current_user, 'cpom_app', 'MEMBER') THEN
                EXECUTE format('GRANT cpom_app TO %I', current_user);
            END IF;
        EXCEPTION WHEN unique_violation OR internal_error THEN NULL;
        END $$;",
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// A pool whose every connection is the serving role.
pub async fn pool(options: PgConnectOptions, size: u32) -> Result<PgPool, DbError> {
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|conn, _| {
            Box::pin(async move {
                sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
                    "SET ROLE {APP_ROLE}; SET statement_timeout = {}; SET TIME ZONE 'UTC';",
                    STATEMENT_TIMEOUT.as_millis()
                )))
                .execute(conn)
                .await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Refuses to serve under a role that could see every row or rewrite the journal.
pub async fn check_role(pool: &PgPool) -> Result<(), DbError> {
    let (role, privileged): (String, bool) = sqlx::query_as(
        "SELECT current_user::text,
                r.rolsuper OR r.rolbypassrls
                OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND pg_has_role(r.oid, c.relowner, 'USAGE'))
                OR has_table_privilege('journal_entry', 'UPDATE') OR has_table_privilege('journal_entry', 'DELETE')
         FROM pg_roles r WHERE r.rolname = current_user",
    )
    .fetch_one(pool)
    .await?;
    if privileged { Err(DbError::Privileged(role)) } else { Ok(()) }
}

/// Whether the schema is the one this program was built for: what `/readyz` asks.
pub async fn check_schema(pool: &PgPool) -> Result<(), DbError> {
    let (applied,): (Option<i64>,) =
        sqlx::query_as("SELECT max(version) FROM _sqlx_migrations WHERE success").fetch_one(pool).await?;
    let built = MIGRATOR.iter().map(|migration| migration.version).max();
    if applied == built { Ok(()) } else { Err(DbError::Schema) }
}

/// A word or a code that the table's own constraints should have kept sound: one that does not fit fails loudly.
pub fn sound<T>(column: &str, value: Option<T>) -> sqlx::Result<T> {
    value.ok_or_else(|| sqlx::Error::Decode(format!("column {column} does not fit").into()))
}

/// A JSON column, read through its shape's own reading.
pub fn json<T: Canonical>(column: &str, text: &str) -> sqlx::Result<T> {
    sound(column, canonical::from_text(text))
}

/// The canonical text of a shape, for a JSON column.
pub fn json_text<T: Canonical>(value: &T) -> String {
    value.write().to_string()
}

/// Uniqueness is the database's answer: turns the refusal of one constraint into the caller's own value.
pub trait OnConstraint<T> {
    /// `Err(value)` when this very constraint refused, the error unchanged otherwise.
    fn on_constraint<E>(self, name: &str, refused: impl FnOnce() -> E) -> Result<Result<T, E>, sqlx::Error>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint<E>(self, name: &str, refused: impl FnOnce() -> E) -> Result<Result<T, E>, sqlx::Error> {
        match self {
            Ok(value) => Ok(Ok(value)),
            Err(sqlx::Error::Database(error)) if error.constraint() == Some(name) => Ok(Err(refused())),
            Err(error) => Err(error),
        }
    }
}
