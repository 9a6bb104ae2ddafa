//! Migrations over sample rows, the serving role, and two servers that start together.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};

/// Rows as the first release left them: each later migration must carry them over.
const SAMPLE: &str = include_str!("first_release.sql");

/// Rows that avenants meet: a target, a step, a jalon put off.
const BEFORE_AVENANTS: &str = "
    INSERT INTO target (plan_id, measure_id, rank, status, value) SELECT plan_id, id, 0, 'valeur', 25 FROM measure;
    INSERT INTO adoption_step (plan_id, position, code, body, act, label) SELECT id, 0, 'ca', 'CA', 'vote', 'x' FROM plan;
    INSERT INTO jalon (plan_id, position, code, node_id, label, precision, due_on, state, postponed_to, reason)
    SELECT plan_id, 0, 'J1', id, 'Jalon', 'annee', '2022-12-31', 'reporte', '2023-12-31', 'retard' FROM node;";

#[sqlx::test(migrations = false)]
async fn migrations_carry_the_rows_of_the_first_release(_: PgPoolOptions, options: PgConnectOptions) {
    // The role stands outside migrations; db::migrate creates it when another test has not.
    cpom::db::migrate(&options).await.unwrap();
    let mut conn = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;").execute(&mut conn).await.unwrap();
    let (first, later): (Vec<_>, Vec<_>) = cpom::db::MIGRATOR.iter().partition(|migration| migration.version == 1);
    assert_eq!(first.len(), 1);
    sqlx::raw_sql(sqlx::AssertSqlSafe("CREATE TABLE _sqlx_migrations ()".to_owned())).execute(&mut conn).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(first[0].sql.as_str().to_owned())).execute(&mut conn).await.unwrap();
    sqlx::raw_sql(SAMPLE).execute(&mut conn).await.unwrap();
    let counts = "SELECT count(*) FROM plan UNION ALL SELECT count(*) FROM measure UNION ALL SELECT count(*) FROM cell";
    let before: Vec<i64> = sqlx::query_scalar(counts).fetch_all(&mut conn).await.unwrap();
    for migration in later {
        if migration.version == 15 {
            sqlx::raw_sql(BEFORE_AVENANTS).execute(&mut conn).await.unwrap();
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(migration.sql.as_str().to_owned())).execute(&mut conn).await.unwrap();
    }
    let after: Vec<i64> = sqlx::query_scalar(counts).fetch_all(&mut conn).await.unwrap();
    assert_eq!(before, after);
    assert!(before[0] > 0 && before[1] > 0);
    // What was signed says that no avenant touched it.
    let untouched: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM measure JOIN target ON target.measure_id = measure.id AND target.avenant IS NULL
         JOIN jalon ON jalon.plan_id = measure.plan_id AND jalon.redated::text = '[]'
         JOIN adoption_step ON adoption_step.plan_id = measure.plan_id AND adoption_step.avenant IS NULL
         WHERE measure.amended::text = '[]'",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert_eq!(untouched, before[1]);
}

#[sqlx::test(migrations = false)]
async fn two_servers_started_together_on_an_empty_database_both_serve(_: PgPoolOptions, options: PgConnectOptions) {
    let (one, other) = tokio::join!(cpom::db::migrate(&options), cpom::db::migrate(&options));
    one.unwrap();
    other.unwrap();
    for _ in 0..2 {
        let pool = cpom::db::pool(options.clone(), 2).await.unwrap();
        cpom::db::check_role(&pool).await.unwrap();
        cpom::db::check_schema(&pool).await.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn an_owner_does_not_serve(_: PgPoolOptions, options: PgConnectOptions) {
    cpom::db::migrate(&options).await.unwrap();
    let owner = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let refused = cpom::db::check_role(&owner).await.unwrap_err();
    assert!(refused.to_string().contains("refuse de tourner"), "{refused}");
}

#[sqlx::test(migrations = false)]
async fn an_older_schema_is_told(_: PgPoolOptions, options: PgConnectOptions) {
    cpom::db::migrate(&options).await.unwrap();
    let owner = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 0 WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .execute(&owner)
        .await
        .unwrap();
    let pool = cpom::db::pool(options, 1).await.unwrap();
    assert!(cpom::db::check_schema(&pool).await.is_err());
}
