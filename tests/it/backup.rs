//! Backup and restore, through the embedded cluster and through an address.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cpom::backup::{BackupError, backup, restore};
use cpom::cluster::Cluster;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use crate::cluster::data_dir;

/// The shape that matters: a total kept beside its lines, a journal the runtime role may only add to, a policy.
const SCHEMA: &str = "
    CREATE COLLATION natural_order (provider = icu, locale = 'fr-u-kn-true');
    CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, value bigint NOT NULL);
    CREATE TABLE total (value bigint NOT NULL);
    INSERT INTO total VALUES (0);
    CREATE TABLE journal (id bigint GENERATED ALWAYS AS IDENTITY, entry text COLLATE natural_order);
    ALTER TABLE journal ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON journal USING (entry = nullif(current_setting('cpom.user', true), '')) WITH CHECK (true);
    INSERT INTO journal (entry) VALUES ('à garder');
    GRANT USAGE ON SCHEMA public TO cpom_app;
    GRANT SELECT, INSERT ON line, journal TO cpom_app;";

async fn count(options: &PgConnectOptions, sql: &'static str) -> i64 {
    let mut connection = options.connect().await.unwrap();
    let answer = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

async fn fill(options: &PgConnectOptions) {
    let mut connection = options.connect().await.unwrap();
    let create = "DO $$ BEGIN
                      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cpom_app') THEN CREATE ROLE cpom_app; END IF;
                  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
    sqlx::raw_sql(SCHEMA).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The restored database is whole, coherent, and as closed as the first.
async fn check(options: &PgConnectOptions) {
    let coherent = "SELECT count(*) FROM total WHERE value = (SELECT coalesce(sum(value), 0) FROM line)";
    assert_eq!(count(options, coherent).await, 1);
    assert_eq!(count(options, "SELECT count(*) FROM journal").await, 1);
    let grants = "SELECT count(*) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS power
                  WHERE has_table_privilege('cpom_app', 'journal', power) = (power IN ('SELECT', 'INSERT'))";
    assert_eq!(count(options, grants).await, 4);
    // Under the runtime role the policy still hides what is not ours.
    let mut connection = options.connect().await.unwrap();
    sqlx::query("SET ROLE cpom_app").execute(&mut connection).await.unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM journal").fetch_one(&mut connection).await.unwrap();
    assert_eq!(seen, 0);
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_people_save_restores_coherent_elsewhere() {
    let (from, to) = (data_dir(), data_dir());
    let file = from.path().join("cpom.backup");
    let serve = Cluster::serve(from.path(), None).await.unwrap();
    fill(&serve.options()).await;

    let busy = Arc::new(AtomicBool::new(true));
    let saving = tokio::spawn({
        let (options, busy) = (serve.options(), Arc::clone(&busy));
        async move {
            let mut connection = options.connect().await.unwrap();
            let mut saved = 0_i64;
            while busy.load(Ordering::Relaxed) {
                let mut transaction = connection.begin().await.unwrap();
                sqlx::query("INSERT INTO line (value) VALUES (7)").execute(&mut *transaction).await.unwrap();
                sqlx::query("UPDATE total SET value = value + 7").execute(&mut *transaction).await.unwrap();
                transaction.commit().await.unwrap();
                saved += 1;
            }
            saved
        }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    // As the command does: through the cluster that `serve` runs.
    let guest = Cluster::join_or_start(from.path(), None).await.unwrap();
    backup(&guest.options(), Some(guest.bindir()), &file).await.unwrap();
    guest.stop().await.unwrap();
    busy.store(false, Ordering::Relaxed);
    assert!(saving.await.unwrap() > 0);
    serve.stop().await.unwrap();

    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::read_dir(from.path())
            .unwrap()
            .flatten()
            .filter(|one| one.path().extension().is_some_and(|end| end == "part"))
            .count(),
        0
    );

    let cluster = Cluster::join_or_start(to.path(), None).await.unwrap();
    restore(&cluster.options(), Some(cluster.bindir()), &file).await.unwrap();
    check(&cluster.options()).await;
    let lines = count(&cluster.options(), "SELECT count(*) FROM line").await;
    assert!(lines > 0);

    let refused = restore(&cluster.options(), Some(cluster.bindir()), &file).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty), "{refused}");
    assert_eq!(count(&cluster.options(), "SELECT count(*) FROM line").await, lines);
    cluster.stop().await.unwrap();
}

/// The database of `DATABASE_URL`, whose owner has another name than the embedded one's.
#[sqlx::test(migrations = false)]
async fn a_server_s_backup_restores_in_the_embedded_cluster_and_back(
    options: PgPoolOptions,
    connect: PgConnectOptions,
) {
    let dir = data_dir();
    let file = dir.path().join("cpom.backup");
    fill(&connect).await;
    backup(&connect, None, &file).await.unwrap();

    let cluster = Cluster::join_or_start(dir.path(), None).await.unwrap();
    restore(&cluster.options(), Some(cluster.bindir()), &file).await.unwrap();
    check(&cluster.options()).await;
    backup(&cluster.options(), Some(cluster.bindir()), &file).await.unwrap();
    cluster.stop().await.unwrap();

    let pool: PgPool = options.connect_with(connect.clone()).await.unwrap();
    sqlx::raw_sql("DROP TABLE line, total, journal; DROP COLLATION natural_order").execute(&pool).await.unwrap();
    restore(&connect, None, &file).await.unwrap();
    check(&connect).await;
}

#[sqlx::test(migrations = false)]
async fn what_is_not_a_backup_changes_nothing(_options: PgPoolOptions, connect: PgConnectOptions) {
    let dir = data_dir();
    let file = dir.path().join("notes.txt");
    let missing = restore(&connect, None, &file).await.unwrap_err();
    assert!(matches!(missing, BackupError::Io { .. }), "{missing}");
    for content in [&b""[..], b"PGDM", b"bonjour, ceci est un texte"] {
        fs::write(&file, content).unwrap();
        let refused = restore(&connect, None, &file).await.unwrap_err();
        assert!(matches!(refused, BackupError::NotABackup { .. }), "{refused}");
    }
    // Cut in the middle: nothing of it stays.
    fill(&connect).await;
    backup(&connect, None, &file).await.unwrap();
    let whole = fs::read(&file).unwrap();
    let mut connection = connect.connect().await.unwrap();
    sqlx::raw_sql("DROP TABLE line, total, journal; DROP COLLATION natural_order")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    fs::write(&file, &whole[..whole.len() - 40]).unwrap();
    let refused = restore(&connect, None, &file).await.unwrap_err();
    assert!(matches!(refused, BackupError::Tool { program: "pg_restore", .. }), "{refused}");
    assert_eq!(count(&connect, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").await, 0);
}

#[sqlx::test(migrations = false)]
async fn a_backup_that_fails_leaves_the_previous_one(_options: PgPoolOptions, connect: PgConnectOptions) {
    let dir = data_dir();
    let file = dir.path().join("cpom.backup");
    fs::write(&file, "the previous one").unwrap();
    let nowhere = connect.clone().database("no_such_database");
    assert!(backup(&nowhere, None, &file).await.is_err());
    assert!(backup(&connect, Some(dir.path()), &file).await.is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "the previous one");
    backup(&connect, None, &file).await.unwrap();
    assert!(fs::read(&file).unwrap().starts_with(b"PGDMP"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
