//! What each command does, once its arguments are read.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection, PgPool};
use tokio::net::TcpListener;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::cluster::Cluster;
use crate::config::Settings;
use crate::journal::model::Act;
use crate::kernel::clock::Clock;
use crate::web::request::StatementCounter;
use crate::web::{App, Settings as WebSettings};
use crate::{accounts, backup as backups, db, demo, document, listen, reminders, routes, synthetic};

/// Connections of a server. PostgreSQL answers faster to a few busy connections than to many waiting ones.
const SERVE_POOL: u32 = 16;
/// Connections of any other command.
const COMMAND_POOL: u32 = 2;
/// How long requests may finish after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// Starts the technical log: JSON lines on standard error, and the statement counter when it is asked for.
pub fn start_log(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_filter(filter);
    let counter = settings.timing.then(|| {
        StatementCounter.with_filter(tracing_subscriber::filter::filter_fn(|meta| meta.target() == "sqlx::query"))
    });
    // A second start (a test) keeps the first log.
    let _ = tracing_subscriber::registry().with(lines).with(counter).try_init();
}

/// A database for the time of a command.
struct Database {
    cluster: Option<Cluster>,
    options: PgConnectOptions,
    bindir: Option<PathBuf>,
}

impl Database {
    /// The given server, or the embedded cluster, joined when it runs already.
    async fn join(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.database {
            Some(options) => Ok(Self::given(settings, options)),
            None => {
                Ok(Self::embedded(Cluster::join_or_start(&settings.data_dir, settings.pg_bindir.as_deref()).await?))
            }
        }
    }

    /// The same, refusing a directory that another server holds.
    async fn hold(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.database {
            Some(options) => Ok(Self::given(settings, options)),
            None => Ok(Self::embedded(Cluster::serve(&settings.data_dir, settings.pg_bindir.as_deref()).await?)),
        }
    }

    fn given(settings: &Settings, options: &PgConnectOptions) -> Self {
        Self { cluster: None, options: options.clone(), bindir: settings.pg_bindir.clone() }
    }

    fn embedded(cluster: Cluster) -> Self {
        Self { options: cluster.options(), bindir: Some(cluster.bindir().to_owned()), cluster: Some(cluster) }
    }

    /// Where files of ours go beside the database.
    fn dir(&self, settings: &Settings) -> PathBuf {
        self.cluster.as_ref().map_or_else(|| settings.data_dir.clone(), |cluster| cluster.dir().to_owned())
    }

    /// Migrates, then opens a pool under the serving role.
    async fn pool(&self, size: u32) -> anyhow::Result<PgPool> {
        db::migrate(&self.options).await?;
        let pool = db::pool(self.options.clone(), size).await?;
        db::check_role(&pool).await?;
        db::check_schema(&pool).await?;
        Ok(pool)
    }

    async fn release(self) -> anyhow::Result<()> {
        if let Some(cluster) = self.cluster {
            cluster.stop().await?;
        }
        Ok(())
    }
}

/// Runs one piece of work on a migrated database, and gives the cluster back whatever happens.
async fn with_pool<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&PgPool, &Clock, &Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let database = Database::join(settings).await?;
    let dir = database.dir(settings);
    let result = async {
        let pool = database.pool(COMMAND_POOL).await?;
        let clock = clock(settings, &pool).await?;
        let result = work(&pool, &clock, &dir).await;
        pool.close().await;
        result
    }
    .await;
    let released = database.release().await;
    let value = result?;
    released?;
    Ok(value)
}

async fn has_accounts(conn: &mut PgConnection) -> sqlx::Result<bool> {
    Ok(!accounts::store::account::list(conn).await?.is_empty())
}

/// The clock: fixed by `CPOM_NOW` on a demo database, or on one that is about to become it.
async fn clock(settings: &Settings, pool: &PgPool) -> anyhow::Result<Clock> {
    let Some(now) = settings.now else { return Ok(Clock::system()) };
    let mut conn = pool.acquire().await?;
    let used = has_accounts(&mut conn).await?;
    if used && !accounts::demo::exists(&mut conn).await? {
        bail!("CPOM_NOW arrête l’horloge : ce réglage n’est accepté que sur une base de démonstration");
    }
    Ok(Clock::fixed(now))
}

/// `cpom serve`.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    let database = Database::hold(&settings).await?;
    let result = serve_on(&settings, &database).await;
    let released = database.release().await;
    result?;
    released
}

async fn serve_on(settings: &Settings, database: &Database) -> anyhow::Result<()> {
    let pool = database.pool(SERVE_POOL).await?;
    let clock = clock(settings, &pool).await?;
    {
        let mut conn = pool.acquire().await?;
        if accounts::demo::exists(&mut conn).await? && !settings.listen.ip().is_loopback() && !settings.demo_exposed {
            bail!(
                "cette base contient les comptes de démonstration : elle n’est servie que sur cette machine \
                 (127.0.0.1). Pour l’exposer quand même, posez CPOM_DEMO_EXPOSED=1"
            );
        }
    }
    let app = App::new(pool.clone(), clock, web_settings(settings));
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("l’adresse {} ne peut pas être ouverte", settings.listen))?;
    let metrics = serve_metrics(settings.metrics_listen).await;
    let address = listener.local_addr()?;
    tracing::info!(%address, "ready");
    println!("CPOM répond sur http://{address}");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut drained = stopped.clone();
    let reminders = match &settings.mail {
        Some(relay) => {
            tracing::info!(%relay, "reminders are sent");
            Some(tokio::spawn(reminders::round::keep(app.clone(), stopped)))
        }
        None => None,
    };
    let server = tokio::spawn(async move {
        let stop = async move {
            let _ = drained.wait_for(|stop| *stop).await;
        };
        listen::serve(listener, routes::app(app), listen::HEAD_PATIENCE, stop).await;
    });
    termination().await?;
    tracing::info!("stopping");
    let _ = stop.send(true);
    // Requests in flight get their answer; a connection that lingers does not hold the stop back.
    if tokio::time::timeout(GRACE, server).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    // The message in hand is sent to its end: cut short, it would be doubtful for ever.
    if let Some(reminders) = reminders
        && tokio::time::timeout(GRACE, reminders).await.is_err()
    {
        tracing::warn!("a reminder was being sent");
    }
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    let _ = tokio::time::timeout(Duration::from_secs(2), pool.close()).await;
    Ok(())
}

/// What pages and rounds depend on, out of all the settings.
fn web_settings(settings: &Settings) -> WebSettings {
    WebSettings {
        secure_cookies: settings.public_url.is_secure(),
        public_url: settings.public_url.origin().to_owned(),
        trusted_proxies: settings.trusted_proxies.clone(),
        timing: settings.timing,
        mail: settings.mail.clone(),
    }
}

/// Waits for SIGTERM or SIGINT.
async fn termination() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
    Ok(())
}

/// Prometheus metrics on a listener of their own, loopback only; a taken port is a warning, not a refusal.
async fn serve_metrics(address: Option<SocketAddr>) -> Option<tokio::task::JoinHandle<()>> {
    let address = address?;
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new()
        .set_buckets(&[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
        .ok()?
        .install_recorder()
        .ok()?;
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%address, %error, "metrics are not served");
            return None;
        }
    };
    let upkeep = recorder.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });
    let router =
        axum::Router::new().route("/metrics", axum::routing::get(move || std::future::ready(recorder.render())));
    Some(tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    }))
}

/// `cpom migrate`.
pub async fn migrate(settings: Settings) -> anyhow::Result<()> {
    let database = Database::join(&settings).await?;
    let result = db::migrate(&database.options).await;
    database.release().await?;
    result?;
    println!("Le schéma de la base est à jour.");
    Ok(())
}

/// `cpom demo`: the contracts, their campaigns, the accounts. Does nothing on a demo database.
pub async fn demo(settings: Settings) -> anyhow::Result<()> {
    with_pool(&settings, async |pool, clock, dir| {
        let mut conn = pool.acquire().await?;
        if accounts::demo::exists(&mut conn).await? {
            println!("La base de démonstration est déjà là.");
        } else {
            if has_accounts(&mut conn).await? {
                bail!("cette base a déjà des comptes : la démonstration ne s’installe que dans une base vide");
            }
            let password = match &settings.demo_password {
                Some(password) => password.reveal().to_owned(),
                None => accounts::password::generate(),
            };
            demo::load(&mut conn, clock).await?;
            keep_password(dir, &password)?;
            let people = [accounts::demo::PEOPLE, accounts::demo::OTHERS].concat();
            accounts::demo::create_all(&mut conn, clock, &people, &password).await?;
        }
        print_accounts(dir, &settings);
        Ok(())
    })
    .await
}

/// Keeps the password where only its owner reads it.
fn keep_password(dir: &Path, password: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join("demo-password");
    let _ = std::fs::remove_file(&path);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    writeln!(file, "{password}")?;
    Ok(())
}

fn print_accounts(dir: &Path, settings: &Settings) {
    println!("\nAdresse : http://{}\nComptes de démonstration :", settings.listen);
    for person in accounts::demo::PEOPLE.iter().chain(accounts::demo::OTHERS) {
        println!("  {:28} {} : {}", person.email(), person.role.label(), person.function);
    }
    let path = dir.join("demo-password");
    match std::fs::read_to_string(&path) {
        Ok(password) => println!("Mot de passe : {}  (gardé dans {})\n", password.trim(), path.display()),
        Err(_) => println!("Mot de passe : celui qui a été choisi à la création de la démonstration\n"),
    }
}

/// `cpom import`.
pub async fn import(settings: Settings, bytes: Vec<u8>, replace: bool) -> anyhow::Result<()> {
    with_pool(&settings, async |pool, clock, _| {
        let mut conn = pool.acquire().await?;
        let act = Act::command("import", clock.now());
        let done = demo::told(document::import(&mut conn, &act, &bytes, replace).await)?;
        println!("Contrat « {} » : {} élément(s) écrit(s).", done.code, done.changes);
        Ok(())
    })
    .await
}

/// `cpom export`: the document on standard output, and nothing else.
pub async fn export(settings: Settings, code: &str) -> anyhow::Result<()> {
    let bytes = with_pool(&settings, async |pool, _, _| {
        let mut conn = pool.acquire().await?;
        let found = document::store::load(&mut conn, code).await?;
        let (_, document) = found.with_context(|| format!("aucun contrat n’a le code « {code} »"))?;
        Ok(document.to_bytes())
    })
    .await?;
    std::io::stdout().write_all(&bytes)?;
    Ok(())
}

/// `cpom user add`.
pub async fn user_add(settings: Settings, email: &str, function: &str) -> anyhow::Result<()> {
    with_pool(&settings, async |pool, clock, _| {
        let mut conn = pool.acquire().await?;
        accounts::commands::add(&mut conn, clock, email, function).await?;
        println!("Compte créé : {email}. Posez son mot de passe avec « cpom user password {email} ».");
        Ok(())
    })
    .await
}

/// `cpom user password`.
pub async fn user_password(settings: Settings, email: &str, password: String) -> anyhow::Result<()> {
    with_pool(&settings, async |pool, clock, _| {
        let mut conn = pool.acquire().await?;
        accounts::commands::set_password(&mut conn, clock, email, &password).await?;
        println!("Mot de passe posé pour {email} ; ses sessions sont closes.");
        Ok(())
    })
    .await
}

/// `cpom user grant`.
pub async fn user_grant(settings: Settings, email: &str, role: &str, scope: Option<&str>) -> anyhow::Result<()> {
    with_pool(&settings, async |pool, clock, _| {
        let mut conn = pool.acquire().await?;
        accounts::commands::grant(&mut conn, clock, email, role, scope).await?;
        println!("Rôle « {role} » donné à {email}.");
        Ok(())
    })
    .await
}

/// `cpom remind`: one round now, whatever the hour; or only what it would send.
pub async fn remind(settings: Settings, dry: bool) -> anyhow::Result<()> {
    if !dry && settings.mail.is_none() {
        bail!("aucun serveur de courrier n’est réglé : posez CPOM_SMTP_URL, CPOM_SMTP_FROM et CPOM_PUBLIC_URL");
    }
    with_pool(&settings, async |pool, clock, _| {
        let app = App::new(pool.clone(), clock.clone(), web_settings(&settings));
        if dry {
            let letters = reminders::round::preview(&app).await?;
            for (user, letter) in &letters {
                println!("{} ({})\n  {}", user.email, user.function, letter.subject());
                for item in letter.items() {
                    println!("  - {} — {}", item.heading, item.sentence);
                }
            }
            let told = match letters.len() {
                0 => "Aucun courriel ne partirait maintenant.".to_owned(),
                1 => "1 courriel partirait maintenant.".to_owned(),
                count => format!("{count} courriels partiraient maintenant."),
            };
            println!("{told}");
            return Ok(());
        }
        let (_never, stop) = tokio::sync::watch::channel(false);
        let round = reminders::round::run(&app, &stop).await?;
        println!("{}.", round.sentence());
        round.problem.map_or(Ok(()), |problem| bail!(problem))
    })
    .await
}

/// `cpom bench-data`: an invented establishment in an empty database, for `make bench`.
pub async fn bench_data(settings: Settings, structures: u32) -> anyhow::Result<()> {
    let database = Database::join(&settings).await?;
    let result = async {
        let password = settings.demo_password.as_ref().context("posez CPOM_DEMO_PASSWORD")?;
        db::migrate(&database.options).await?;
        let mut conn = database.options.clone().disable_statement_logging().connect().await?;
        let clock = settings.now.map_or(Clock::system(), Clock::fixed);
        synthetic::fill(&mut conn, &clock, password.reveal(), structures).await
    }
    .await;
    database.release().await?;
    result
}

/// `cpom backup`.
pub async fn backup(settings: Settings, file: &Path) -> anyhow::Result<()> {
    let database = Database::join(&settings).await?;
    let result = backups::backup(&database.options, database.bindir.as_deref(), file).await;
    database.release().await?;
    result?;
    println!("Sauvegarde écrite : {}", file.display());
    Ok(())
}

/// `cpom restore`.
pub async fn restore(settings: Settings, file: &Path) -> anyhow::Result<()> {
    let database = Database::join(&settings).await?;
    let result = backups::restore(&database.options, database.bindir.as_deref(), file).await;
    database.release().await?;
    result?;
    println!("Sauvegarde restaurée : {}", file.display());
    Ok(())
}
