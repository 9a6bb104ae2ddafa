//! The embedded default: a private PostgreSQL cluster in the data directory, made of Debian's binaries.
//!
//! Without `DATABASE_URL`, the application brings its own server: nothing to configure, real durability, and nobody
//! else on it. What holds:
//!
//! - **Who may talk to it.** It listens on a Unix socket only. The socket lives in a 0700 directory and is itself 0700,
//!   so the kernel lets in only the account that owns the data and root, who can both read the files anyway. Behind
//!   that door authentication is `trust`: a password would have to lie in the same directory, and `peer` would refuse
//!   root, who is not the account PostgreSQL runs as. Network connections are rejected besides, should one be opened.
//! - **Which role.** The application's role owns its database and nothing more: it is neither a superuser nor able to
//!   create roles, so a hole in our SQL does not open a shell through `COPY … PROGRAM`.
//! - **Whose life.** One process owns the cluster and holds a lock on the directory, which the kernel drops with it.
//!   PostgreSQL gets SIGINT (fast shutdown) when its parent dies, even by kill -9.
//! - **Who shares it.** One `serve` per directory. Other commands join the running cluster, or start it for themselves
//!   and, before stopping it, wait for those who joined.

mod account;
mod binaries;
mod pidfile;
mod place;
mod supervisor;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

pub use binaries::{Binaries, Kit};
use place::Place;
use supervisor::{Launch, Server};

/// The database of the embedded cluster.
const DATABASE: &str = "cpom";
/// The role that owns it: it migrates, and backs up.
const OWNER: &str = "cpom";
/// The role under which pages are served; it cannot log in, the owner becomes it (`SET ROLE`).
const RUNTIME: &str = "cpom_app";
/// Only used here, to create the two others.
const SUPERUSER: &str = "postgres";
const PORT: u16 = 5432;

/// How long a directory may stay busy before we give up: a dying server writes its last checkpoint.
const BUSY_WAIT: Duration = Duration::from_secs(30);
/// How long another `serve` may hold the lock before it is refused: only the time of a fork.
const SERVE_WAIT: Duration = Duration::from_secs(1);
/// After kill -9 of everything, orphans keep the old shared memory for some seconds.
const LOCK_WAIT: Duration = Duration::from_secs(20);
/// A start may have to replay a crash's journal (`max_wal_size` keeps it short).
const START_WAIT: Duration = Duration::from_mins(2);
/// A command that started the cluster waits this long for the commands that joined it.
const GUESTS_WAIT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(5);

/// Why the embedded cluster cannot be had; each is a sentence for the person who typed the command.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Nothing to run.
    #[error(
        "PostgreSQL est introuvable. Installez le paquet Debian « postgresql » (apt-get install postgresql), ou \
         indiquez le dossier de ses programmes dans CPOM_PG_BINDIR, ou une base existante dans DATABASE_URL."
    )]
    NoBinaries,
    /// `CPOM_PG_BINDIR` was typed and does not hold what it should.
    #[error("CPOM_PG_BINDIR désigne {}, où il manque le programme « {program} » de PostgreSQL.", dir.display())]
    NotABindir {
        /// What was typed.
        dir: PathBuf,
        /// The first missing program.
        program: &'static str,
    },
    /// Older than what the migrations need.
    #[error("PostgreSQL {found} est trop ancien : il faut la version {} ou une plus récente.", binaries::OLDEST)]
    TooOld {
        /// Its major version.
        found: u32,
    },
    /// The data was made by a version that is no longer here (a distribution upgrade).
    #[error(
        "Les données de {} sont celles de PostgreSQL {data}, dont les programmes sont introuvables{}. Installez le \
         paquet « postgresql-{data} », ou indiquez le dossier de ses programmes dans CPOM_PG_BINDIR. Pour passer à une \
         autre version : avec la {data}, « cpom backup FICHIER » ; puis, dans un nouveau CPOM_DATA_DIR, \
         « cpom restore FICHIER ».",
        dir.display(), .found.map(|found| format!(" (trouvée : version {found})")).unwrap_or_default()
    )]
    OtherVersion {
        /// The cluster.
        dir: PathBuf,
        /// The major version that made it.
        data: u32,
        /// The one that was found instead.
        found: Option<u32>,
    },
    /// `setpriv` is how PostgreSQL is tied to us.
    #[error("Le programme « setpriv » est introuvable : installez le paquet Debian « util-linux ».")]
    NoSetpriv,
    /// PostgreSQL refuses to run as root, and Debian's package makes the account it should run as.
    #[error(
        "PostgreSQL ne s’exécute pas en tant que root, et le compte « postgres » n’existe pas : installez le paquet \
         Debian « postgresql », ou lancez cpom depuis un compte ordinaire."
    )]
    NoAccount,
    /// As root, with a directory under, say, /root.
    #[error(
        "Le compte de PostgreSQL n’a pas accès à {} (un dossier parent lui est fermé). Choisissez un autre dossier dans \
         CPOM_DATA_DIR, par exemple {}.", dir.display(), place::SYSTEM_DIR
    )]
    Unreachable {
        /// The directory asked for.
        dir: PathBuf,
    },
    /// The cluster belongs to another account, and we are not root.
    #[error(
        "Le dossier {} appartient à un autre compte. Lancez cpom depuis ce compte, ou choisissez un autre dossier dans \
         CPOM_DATA_DIR.", dir.display()
    )]
    NotOurs {
        /// The cluster.
        dir: PathBuf,
    },
    /// A second `serve`.
    #[error("Une autre commande « cpom serve » utilise déjà {}. Arrêtez-la, ou choisissez un autre dossier dans CPOM_DATA_DIR.", dir.display())]
    AlreadyServed {
        /// The data directory.
        dir: PathBuf,
    },
    /// Another command started the cluster for itself and has not finished.
    #[error("Une autre commande cpom travaille encore dans {}. Réessayez quand elle aura fini.", dir.display())]
    Busy {
        /// The data directory.
        dir: PathBuf,
    },
    /// A server that no `cpom` owns runs on our files.
    #[error(
        "Un serveur PostgreSQL (processus {pid}) utilise déjà {}, sans qu’aucune commande cpom ne le tienne. Arrêtez-le \
         (kill -INT {pid}), puis recommencez.", dir.display()
    )]
    HeldByStranger {
        /// The cluster.
        dir: PathBuf,
        /// The postmaster.
        pid: u32,
    },
    /// `initdb` failed.
    #[error("La base n’a pas pu être créée dans {}. PostgreSQL répond :\n{answer}", dir.display())]
    Init {
        /// Where it was tried.
        dir: PathBuf,
        /// What `initdb` said.
        answer: String,
    },
    /// The server did not come up.
    #[error("PostgreSQL n’a pas démarré. Son journal, {}, dit :\n{tail}", log.display())]
    Start {
        /// Its log.
        log: PathBuf,
        /// The end of the log.
        tail: String,
    },
    /// It did not go down.
    #[error("PostgreSQL (processus {pid}) ne s’est pas arrêté.")]
    Stop {
        /// The postmaster.
        pid: u32,
    },
    /// The server is up and refuses us.
    #[error("La base de {} ne répond pas : {source}", dir.display())]
    Sql {
        /// The data directory.
        dir: PathBuf,
        /// What it answered.
        source: sqlx::Error,
    },
    /// The file system refused.
    #[error("{} : {doing} a échoué ({source}).", path.display())]
    Io {
        /// What was tried, as a noun: « la création du dossier ».
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
}

/// Whether this process started the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// We started it, and it stops with us.
    Ours,
    /// Another `cpom` holds it.
    Joined,
}

/// A running cluster. Call [`Cluster::stop`] at the end; dropped without it, the server is told to stop and not waited for.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    binaries: Binaries,
    socket: PathBuf,
    port: u16,
    hold: Hold,
}

#[derive(Debug)]
enum Hold {
    // The order is that of the drops: the server is told to stop before the directory is let go.
    Ours { server: Server, owner: File },
    Joined { _guest: File },
}

impl Cluster {
    /// The cluster of `serve`: held for the life of the process, restarted if PostgreSQL dies without being asked to.
    ///
    /// `dir` is the data directory (the cluster is its subfolder `pg`), `bindir` what `CPOM_PG_BINDIR` says.
    /// Refused at once when another `serve` holds the directory.
    pub async fn serve(dir: &Path, bindir: Option<&Path>) -> Result<Self, ClusterError> {
        let place = Place::open(dir).await?;
        let since = Instant::now();
        loop {
            if let Some(owner) = place.try_own(place::Purpose::Serve)? {
                let cluster = Self::start(place, bindir, owner).await?;
                if let Hold::Ours { server, .. } = &cluster.hold {
                    server.keep_up();
                }
                return Ok(cluster);
            }
            match place.purpose() {
                Some(place::Purpose::Serve) if since.elapsed() > SERVE_WAIT => {
                    return Err(ClusterError::AlreadyServed { dir: place.dir });
                }
                _ if since.elapsed() > BUSY_WAIT => {
                    return Err(ClusterError::Busy { dir: place.dir });
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// The cluster of every other command: the running one, or one started for the command's own duration.
    pub async fn join_or_start(dir: &Path, bindir: Option<&Path>) -> Result<Self, ClusterError> {
        let place = Place::open(dir).await?;
        let since = Instant::now();
        loop {
            if let Some(owner) = place.try_own(place::Purpose::Command)? {
                return Self::start(place, bindir, owner).await;
            }
            // As a guest we keep a shared lock: a command that started the cluster for itself waits for it.
            let mut refused = None;
            if let Some(guest) = place.try_visit()?
                && let Some(running) = pidfile::read(&place.pg).filter(pidfile::Postmaster::is_ready)
                && let Some(socket) = running.socket
            {
                let binaries = Binaries::for_cluster(&place.pg, bindir)?;
                let hold = Hold::Joined { _guest: guest };
                let cluster = Self { place: place.clone(), binaries, socket, port: running.port, hold };
                match cluster.connect(OWNER, DATABASE).await {
                    Ok(connection) => {
                        connection.close().await.map_err(|source| cluster.sql(source))?;
                        return Ok(cluster);
                    }
                    // The file may be a dead server's, whose owner is starting the next one.
                    Err(source) => refused = Some(cluster.sql(source)),
                }
            }
            if since.elapsed() > BUSY_WAIT {
                return Err(refused.unwrap_or(ClusterError::Busy { dir: place.dir }));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// How to connect to the database, as its owner.
    pub fn options(&self) -> PgConnectOptions {
        self.options_for(OWNER, DATABASE)
    }

    /// Where `pg_dump` and `pg_restore` of the cluster's own version are.
    pub fn bindir(&self) -> &Path {
        &self.binaries.dir
    }

    /// The data directory in effect: not always the one asked for (see [`Cluster::serve`] as root, under `/root`).
    pub fn dir(&self) -> &Path {
        &self.place.dir
    }

    /// Whether this process started it.
    pub fn held(&self) -> Held {
        match self.hold {
            Hold::Ours { .. } => Held::Ours,
            Hold::Joined { .. } => Held::Joined,
        }
    }

    /// The server's process, when it is ours and runs; for tests and for the log.
    pub fn pid(&self) -> Option<u32> {
        match &self.hold {
            Hold::Ours { server, .. } => server.pid(),
            Hold::Joined { .. } => None,
        }
    }

    /// Stops the cluster if it is ours and waits for its last process; leaves a joined one alone.
    pub async fn stop(self) -> Result<(), ClusterError> {
        let Hold::Ours { server, owner } = self.hold else {
            return Ok(());
        };
        // `serve` owes nothing to guests; a command that started the cluster lets those who joined it finish.
        let mut door = None;
        let since = Instant::now();
        while !server.is_kept_up() && since.elapsed() < GUESTS_WAIT {
            door = self.place.try_close_door()?;
            if door.is_some() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        server.stop().await?;
        // Held until now: who comes meanwhile waits for the directory instead of joining a server that leaves.
        drop(door);
        drop(owner);
        Ok(())
    }

    async fn start(place: Place, bindir: Option<&Path>, owner: File) -> Result<Self, ClusterError> {
        let binaries = if place.is_initialised() {
            Binaries::for_cluster(&place.pg, bindir)?
        } else {
            let binaries = Binaries::newest(bindir)?;
            initialise(&place, &binaries).await?;
            binaries
        };
        wait_for_strangers(&place).await?;
        let socket = place.socket_dir()?;
        let server = launch(&place, &binaries, &socket).await?;
        let cluster = Self { place, binaries, socket, port: PORT, hold: Hold::Ours { server, owner } };
        cluster.prepare().await.map_err(|source| cluster.sql(source))?;
        Ok(cluster)
    }

    /// Creates the two roles and the database if they are missing: after the very first start, or after one that was
    /// cut short.
    async fn prepare(&self) -> Result<(), sqlx::Error> {
        const ROLE: &str = "SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)";
        const BASE: &str = "SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
        if let Ok(connection) = self.connect(OWNER, DATABASE).await {
            return connection.close().await;
        }
        let mut connection = self.connect(SUPERUSER, "postgres").await?;
        let missing = |kind: &'static str, name: &'static str| sqlx::query_scalar::<_, bool>(kind).bind(name);
        if missing(ROLE, OWNER).fetch_one(&mut connection).await? {
            sqlx::query("CREATE ROLE cpom LOGIN").execute(&mut connection).await?;
        }
        if missing(ROLE, RUNTIME).fetch_one(&mut connection).await? {
            sqlx::query("CREATE ROLE cpom_app NOLOGIN").execute(&mut connection).await?;
        }
        sqlx::query("GRANT cpom_app TO cpom").execute(&mut connection).await?;
        if missing(BASE, DATABASE).fetch_one(&mut connection).await? {
            sqlx::query("CREATE DATABASE cpom OWNER cpom").execute(&mut connection).await?;
        }
        connection.close().await
    }

    async fn connect(&self, role: &str, database: &str) -> Result<PgConnection, sqlx::Error> {
        self.options_for(role, database).connect().await
    }

    fn options_for(&self, role: &str, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket)
            .port(self.port)
            .username(role)
            .database(database)
            // A PGSSLMODE meant for another server would make sqlx ask for TLS on a socket, which has none.
            .ssl_mode(PgSslMode::Disable)
    }

    fn sql(&self, source: sqlx::Error) -> ClusterError {
        ClusterError::Sql { dir: self.place.dir.clone(), source }
    }
}

/// Makes the cluster beside its final place and renames it, so that one cut short is never taken for a whole one.
async fn initialise(place: &Place, binaries: &Binaries) -> Result<(), ClusterError> {
    let new = place.new_cluster_dir()?;
    let mut command = place.account.command(&binaries.program("initdb"), account::Tie::Loose);
    command
        .arg("--pgdata")
        .arg(&new)
        // C sorts by code point and never changes under us; what people read is sorted by a named ICU collation.
        .args(["--username", SUPERUSER, "--encoding", "UTF8", "--locale", "C.UTF-8"])
        .args(["--auth-local", "trust", "--auth-host", "reject", "--data-checksums", "--no-instructions"])
        .current_dir("/");
    let output = tokio::process::Command::from(command).output().await.map_err(account::spawn_error)?;
    if !output.status.success() {
        return Err(ClusterError::Init {
            dir: place.dir.clone(),
            answer: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    place.adopt(&new)
}

/// We own the directory, so a postmaster still on it has lost its `cpom` and is shutting down: let it finish.
async fn wait_for_strangers(place: &Place) -> Result<(), ClusterError> {
    let since = Instant::now();
    let mut told = false;
    while let Some(pid) = pidfile::live(&place.pg) {
        if since.elapsed() > BUSY_WAIT {
            return Err(ClusterError::HeldByStranger { dir: place.pg.clone(), pid });
        }
        if !told && since.elapsed() > Duration::from_secs(1) {
            told = true;
            tracing::warn!(pid, "le PostgreSQL d’une commande interrompue s’arrête encore, on l’attend");
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn launch(place: &Place, binaries: &Binaries, socket: &Path) -> Result<Server, ClusterError> {
    let launch = Launch {
        postgres: binaries.program("postgres"),
        pg_ctl: binaries.program("pg_ctl"),
        pg: place.pg.clone(),
        socket: socket.to_owned(),
        port: PORT,
        log: place.log(),
        account: place.account.clone(),
    };
    let since = Instant::now();
    loop {
        let server = Server::launch(launch.clone())?;
        let Err(tail) = server.ready(START_WAIT).await else {
            return Ok(server);
        };
        if !supervisor::is_lock_trouble(&tail) || since.elapsed() > LOCK_WAIT {
            return Err(ClusterError::Start { log: place.log(), tail });
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Shorthand for the file system's refusals.
fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> ClusterError {
    move |source| ClusterError::Io { doing, path: path.to_owned(), source }
}
