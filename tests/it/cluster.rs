//! The embedded cluster against Debian's real binaries.
//!
//! These tests make clusters of their own and need no `DATABASE_URL`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpom::cluster::{Cluster, ClusterError, Held};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

/// A directory PostgreSQL's account can reach, also when the tests run as root.
pub fn data_dir() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::Builder::new().prefix("cpom-test-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

/// Processes whose working directory is the cluster's: PostgreSQL and its children. A container's root may not see any.
fn processes(dir: &Path) -> Vec<String> {
    let pg = dir.join("pg");
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|process| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == pg))
        .map(|process| process.file_name().to_string_lossy().into_owned())
        .collect()
}

/// A postmaster and its children, seen through their parent.
fn family(postmaster: u32) -> Vec<u32> {
    let numbers = fs::read_dir("/proc").unwrap().flatten();
    let numbers = numbers.filter_map(|process| process.file_name().to_str()?.parse().ok());
    let of = |pid: &u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.contains(&format!("\nPPid:\t{postmaster}\n")) || *pid == postmaster
    };
    numbers.filter(of).collect()
}

fn kill(signal: &str, pid: u32) {
    let status = Command::new("/bin/sh").args(["-c", &format!("kill -{signal} {pid}")]).status().unwrap();
    assert!(status.success());
}

/// Until it holds; the tests' patience is one minute.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < Duration::from_mins(1), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn one(cluster: &Cluster, sql: &'static str) -> Result<i64, sqlx::Error> {
    let mut connection = cluster.options().connect().await?;
    let answer = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(answer)
}

async fn run(cluster: &Cluster, sql: &'static str) {
    let mut connection = cluster.options().connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart_and_nothing_runs_between() {
    let dir = data_dir();
    let cluster = Cluster::serve(dir.path(), None).await.unwrap();
    assert_eq!(cluster.held(), Held::Ours);
    run(&cluster, "CREATE TABLE kept (value bigint); INSERT INTO kept VALUES (42)").await;
    let family = family(cluster.pid().unwrap());
    assert!(family.len() > 2);
    cluster.stop().await.unwrap();
    let alive = |pid: &&u32| Path::new(&format!("/proc/{pid}")).exists();
    assert_eq!(family.iter().filter(alive).count(), 0);
    assert_eq!(processes(dir.path()), Vec::<String>::new());
    assert!(!dir.path().join("pg/postmaster.pid").exists());

    let cluster = Cluster::join_or_start(dir.path(), None).await.unwrap();
    assert_eq!(one(&cluster, "SELECT value FROM kept").await.unwrap(), 42);
    cluster.stop().await.unwrap();
    assert_eq!(processes(dir.path()), Vec::<String>::new());
}

#[tokio::test]
async fn the_roles_can_do_their_work_and_nothing_more() {
    let dir = data_dir();
    let cluster = Cluster::serve(dir.path(), None).await.unwrap();
    // The owner is not a superuser, makes no roles, and owns no more than its database.
    let powers = "SELECT count(*) FROM pg_roles WHERE rolname IN ('cpom', 'cpom_app')
                  AND NOT rolsuper AND NOT rolcreaterole AND NOT rolcreatedb AND NOT rolbypassrls AND NOT rolreplication";
    assert_eq!(one(&cluster, powers).await.unwrap(), 2);
    run(&cluster, "CREATE TABLE page (n int); SET ROLE cpom_app; SELECT 1").await;
    let refused = one(&cluster, "SELECT count(*) FROM pg_read_file('postgresql.conf')").await;
    assert!(refused.is_err());
    // What the migrations count on.
    run(&cluster, "CREATE COLLATION natural_order (provider = icu, locale = 'fr-u-kn-true')").await;
    let sorted = "SELECT count(*) FROM (SELECT array_agg(code ORDER BY code COLLATE natural_order) AS codes
                  FROM unnest(ARRAY['J10', 'J2']) AS code) AS list WHERE codes = ARRAY['J2', 'J10']";
    assert_eq!(one(&cluster, sorted).await.unwrap(), 1);
    let durable = "SELECT count(*) FROM pg_settings WHERE (name, setting) IN
                   (('fsync', 'on'), ('full_page_writes', 'on'), ('synchronous_commit', 'on'),
                    ('listen_addresses', ''), ('server_encoding', 'UTF8'))";
    assert_eq!(one(&cluster, durable).await.unwrap(), 5);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn only_the_owner_and_root_reach_the_socket_and_no_secret_reaches_postgresql() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = data_dir();
    let cluster = Cluster::serve(dir.path(), None).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir.path().join("pg")), 0o700);
    assert_eq!(mode(&dir.path().join("pg/.s.PGSQL.5432")), 0o700);
    assert_eq!(mode(&dir.path().join("postgresql.log")), 0o600);
    assert_eq!(mode(&dir.path().join("cpom.lock")), 0o600);
    let environment = fs::read(format!("/proc/{}/environ", cluster.pid().unwrap())).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("CARGO"));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_serve_is_refused_with_a_sentence() {
    let dir = data_dir();
    let first = Cluster::serve(dir.path(), None).await.unwrap();
    let refused = Cluster::serve(dir.path(), None).await.unwrap_err();
    assert!(matches!(refused, ClusterError::AlreadyServed { .. }), "{refused}");
    assert!(refused.to_string().starts_with("Une autre commande « cpom serve » utilise déjà "));
    assert_eq!(one(&first, "SELECT 1::bigint").await.unwrap(), 1);
    first.stop().await.unwrap();
    Cluster::serve(dir.path(), None).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn another_command_joins_and_leaves_the_server_alone() {
    let dir = data_dir();
    let serve = Cluster::serve(dir.path(), None).await.unwrap();
    let guest = Cluster::join_or_start(dir.path(), None).await.unwrap();
    assert_eq!((guest.held(), guest.pid()), (Held::Joined, None));
    assert_eq!(guest.bindir(), serve.bindir());
    assert_eq!(one(&guest, "SELECT 1::bigint").await.unwrap(), 1);
    guest.stop().await.unwrap();
    assert_eq!(one(&serve, "SELECT 1::bigint").await.unwrap(), 1);
    serve.stop().await.unwrap();
}

#[tokio::test]
async fn commands_share_a_cluster_and_the_first_waits_for_the_last() {
    let dir = data_dir();
    let (first, second) =
        tokio::join!(Cluster::join_or_start(dir.path(), None), Cluster::join_or_start(dir.path(), None));
    let (first, second) = (first.unwrap(), second.unwrap());
    let (owner, guest) = if first.held() == Held::Ours { (first, second) } else { (second, first) };
    assert_eq!((owner.held(), guest.held()), (Held::Ours, Held::Joined));

    let stopping = tokio::spawn(owner.stop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(one(&guest, "SELECT 1::bigint").await.unwrap(), 1);
    // `serve` waits for both.
    let serving = tokio::spawn({
        let dir = dir.path().to_owned();
        async move { Cluster::serve(&dir, None).await }
    });
    guest.stop().await.unwrap();
    stopping.await.unwrap().unwrap();
    let serve = serving.await.unwrap().unwrap();
    assert_eq!(one(&serve, "SELECT 1::bigint").await.unwrap(), 1);
    serve.stop().await.unwrap();
    assert_eq!(processes(dir.path()), Vec::<String>::new());
}

#[tokio::test]
async fn postgresql_killed_comes_back_by_itself() {
    let dir = data_dir();
    let cluster = Cluster::serve(dir.path(), None).await.unwrap();
    run(&cluster, "CREATE TABLE kept (value bigint); INSERT INTO kept VALUES (42)").await;
    for _ in 0..2 {
        let killed = cluster.pid().unwrap();
        kill("KILL", killed);
        until("another postmaster", async || cluster.pid().is_some_and(|pid| pid != killed)).await;
        until("an answer", async || one(&cluster, "SELECT value FROM kept").await.is_ok()).await;
    }
    assert_eq!(one(&cluster, "SELECT value FROM kept").await.unwrap(), 42);
    cluster.stop().await.unwrap();
    assert_eq!(processes(dir.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_restart_waits_for_the_orphans_of_the_killed_server() {
    let dir = data_dir();
    let cluster = Cluster::serve(dir.path(), None).await.unwrap();
    let mut connection = cluster.options().connect().await.unwrap();
    // Computes without ever looking whether its postmaster lives.
    let busy = tokio::spawn(async move {
        let sum = "SELECT sum(value) FROM generate_series(1, 15000000) AS value";
        sqlx::raw_sql(sum).execute(&mut connection).await.ok();
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    kill("KILL", cluster.pid().unwrap());
    until("an answer", async || one(&cluster, "SELECT 1::bigint").await.is_ok()).await;
    assert!(busy.is_finished(), "two servers ran on the same files");
    let log = fs::read_to_string(dir.path().join("postgresql.log")).unwrap();
    assert!(log.contains("is still in use"), "{log}");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_dropped_cluster_stops_and_the_next_waits_for_it() {
    let dir = data_dir();
    drop(Cluster::serve(dir.path(), None).await.unwrap());
    let next = Cluster::serve(dir.path(), None).await.unwrap();
    assert_eq!(one(&next, "SELECT 1::bigint").await.unwrap(), 1);
    next.stop().await.unwrap();
    assert_eq!(processes(dir.path()), Vec::<String>::new());
}

/// The file as kill -9 leaves it, with another process's number.
fn forge_pid_file(dir: &Path, pid: u32) {
    let pg = dir.join("pg").display().to_string();
    let text = format!("{pid}\n{pg}\n1760000000\n5432\n{pg}\n\n  5432001    262144\nready   \n");
    fs::write(dir.join("pg/postmaster.pid"), text).unwrap();
    fs::write(dir.join("pg/.s.PGSQL.5432.lock"), format!("{pid}\n{pg}\n1760000000\n5432\n{pg}\n")).unwrap();
}

#[tokio::test]
async fn a_stale_or_foreign_lock_does_not_count() {
    let dir = data_dir();
    Cluster::serve(dir.path(), None).await.unwrap().stop().await.unwrap();

    // Dead: above the largest number the kernel gives.
    forge_pid_file(dir.path(), 4_194_306);
    let cluster = Cluster::serve(dir.path(), None).await.unwrap();
    assert_eq!(one(&cluster, "SELECT 1::bigint").await.unwrap(), 1);
    cluster.stop().await.unwrap();

    // Alive, and of the very account PostgreSQL runs as: it would refuse to start by itself.
    let other = data_dir();
    let another = Cluster::serve(other.path(), None).await.unwrap();
    forge_pid_file(dir.path(), another.pid().unwrap());
    let cluster = Cluster::join_or_start(dir.path(), None).await.unwrap();
    assert_eq!(cluster.held(), Held::Ours);
    assert_eq!(one(&cluster, "SELECT 1::bigint").await.unwrap(), 1);
    cluster.stop().await.unwrap();
    assert_eq!(one(&another, "SELECT 1::bigint").await.unwrap(), 1);
    another.stop().await.unwrap();
}

#[tokio::test]
async fn a_long_path_and_an_odd_one_work() {
    let dir = data_dir();
    for name in ["d".repeat(120), "les données, \"à moi\"".to_owned()] {
        let data = dir.path().join(name).join("data");
        let serve = Cluster::serve(&data, None).await.unwrap();
        let socket = serve.options().get_socket().unwrap().clone();
        assert!(!socket.starts_with(dir.path()) && socket.as_os_str().len() < 40);
        let guest = Cluster::join_or_start(&data, None).await.unwrap();
        assert_eq!(one(&guest, "SELECT 1::bigint").await.unwrap(), 1);
        guest.stop().await.unwrap();
        serve.stop().await.unwrap();
        assert!(!socket.exists());
    }
}

#[tokio::test]
async fn a_first_start_cut_short_is_begun_again() {
    let dir = data_dir();
    fs::create_dir(dir.path().join("pg.new")).unwrap();
    fs::write(dir.path().join("pg.new/PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::serve(dir.path(), None).await.unwrap();
    assert_eq!(one(&cluster, "SELECT 1::bigint").await.unwrap(), 1);
    cluster.stop().await.unwrap();
    assert!(!dir.path().join("pg.new").exists());
}

#[tokio::test]
async fn a_server_that_cannot_start_tells_why() {
    let dir = data_dir();
    Cluster::serve(dir.path(), None).await.unwrap().stop().await.unwrap();
    fs::write(dir.path().join("pg/postgresql.auto.conf"), "no such setting = 1\n").unwrap();
    let refused = Cluster::serve(dir.path(), None).await.unwrap_err();
    assert!(matches!(refused, ClusterError::Start { .. }), "{refused}");
    assert!(refused.to_string().contains("postgresql.auto.conf"), "{refused}");
}

#[tokio::test]
async fn a_directory_postgresql_cannot_reach_is_refused_in_words() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let dir = data_dir();
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        // Only root drops to another account.
        return;
    }
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let refused = Cluster::serve(&dir.path().join("data"), None).await.unwrap_err();
    assert!(matches!(refused, ClusterError::Unreachable { .. }), "{refused}");
    assert!(refused.to_string().contains("CPOM_DATA_DIR"), "{refused}");
    assert!(!dir.path().join("data").exists());
}

// ───────────────────────────────────────────── killing the program itself ──

const CHILD_DIR: &str = "CLUSTER_TEST_DIR";

/// Not a test: the body of the program that the next one kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the_program_killed_takes_postgresql_with_it, in a process of its own"]
async fn serve_until_killed() {
    let dir = std::env::var_os(CHILD_DIR).unwrap();
    let cluster = Cluster::serve(Path::new(&dir), None).await.unwrap();
    run(&cluster, "CREATE TABLE IF NOT EXISTS kept (value bigint); INSERT INTO kept VALUES (42)").await;
    // Renamed, so that who waits for the file never reads it half written.
    let written = Path::new(&dir).join("up.part");
    fs::write(&written, cluster.pid().unwrap().to_string()).unwrap();
    fs::rename(&written, Path::new(&dir).join("up")).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn the_program_killed_takes_postgresql_with_it_and_the_next_recovers() {
    let dir = data_dir();
    let up = dir.path().join("up");
    // The parent alone, then both, the parent first and PostgreSQL first.
    for (round, both) in [false, true, true].into_iter().enumerate() {
        let mut program = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "cluster::serve_until_killed"])
            .env(CHILD_DIR, dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        until("the program is up", async || up.exists()).await;
        let postgres: u32 = fs::read_to_string(&up).unwrap().parse().unwrap();
        fs::remove_file(&up).unwrap();
        if both && round == 2 {
            kill("KILL", postgres);
        }
        program.kill().unwrap();
        if both && round == 1 {
            kill("KILL", postgres);
        }
        program.wait().unwrap();

        let next = Cluster::serve(dir.path(), None).await.unwrap();
        assert_eq!(one(&next, "SELECT count(*) FROM kept").await.unwrap(), i64::try_from(round).unwrap() + 1);
        next.stop().await.unwrap();
        assert_eq!(processes(dir.path()), Vec::<String>::new());
    }
}
