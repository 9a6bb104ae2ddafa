//! `cpom backup` and `cpom restore`: one file holds everything, and an empty database becomes the same again.
//!
//! `pg_dump` reads one snapshot of the database, so a backup is right while people save. The role the application serves
//! under does not travel in the file (roles belong to the server): it is created first, or its grants would be lost.

use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio::process::Command;

use crate::cluster::{Binaries, ClusterError, Kit};
use crate::db;

/// What a file in PostgreSQL's custom format begins with.
const MAGIC: &[u8] = b"PGDMP";

/// Why a backup was not made, or not restored; each is a sentence for the person who typed the command.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The typed folder of programs is not one.
    #[error(transparent)]
    Binaries(#[from] ClusterError),
    /// `pg_dump` refuses a server newer than itself.
    #[error(
        "Le serveur est un PostgreSQL {server}, et les outils de cette machine {}. Installez le paquet Debian \
         « postgresql-client-{server} », ou indiquez leur dossier dans CPOM_PG_BINDIR.",
        .found.map_or_else(|| "sont introuvables".to_owned(), |found| format!("sont ceux de la version {found}"))
    )]
    NoTool {
        /// The server's major version.
        server: u32,
        /// The newest one found here.
        found: Option<u32>,
    },
    /// The server cannot be reached or answered wrongly.
    #[error("La base ne répond pas : {0}")]
    Sql(#[from] sqlx::Error),
    /// The file, or the folder it goes to.
    #[error("{} : {doing} a échoué ({source}).", path.display())]
    Io {
        /// What was tried, as a noun: « la lecture ».
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// `pg_dump` or `pg_restore` failed.
    #[error("{program} a échoué, rien n’a été {kept}. Il répond :\n{answer}")]
    Tool {
        /// Which.
        program: &'static str,
        /// « écrit » or « restauré ».
        kept: &'static str,
        /// What it said.
        answer: String,
    },
    /// Not one of our files.
    #[error("{} n’est pas une sauvegarde de cpom.", file.display())]
    NotABackup {
        /// What was typed.
        file: PathBuf,
    },
    /// Restoring never overwrites.
    #[error(
        "La base contient déjà des tables : une sauvegarde se restaure dans une base vide. Indiquez un nouveau dossier \
         dans CPOM_DATA_DIR, ou une base vide dans DATABASE_URL ; rien n’a été changé."
    )]
    NotEmpty,
}

/// Writes the whole database to `file`, readable by its owner only. The file appears when it is whole, in one go; one of
/// the same name is replaced then, and kept if anything fails.
pub async fn backup(options: &PgConnectOptions, bindir: Option<&Path>, file: &Path) -> Result<(), BackupError> {
    let tools = tools(options, bindir).await?;
    let draft = Draft::create(file)?;
    let out = draft.file.try_clone().map_err(io("l’écriture", file))?;
    let mut command = tool(&tools, "pg_dump", options);
    command.args(["--format=custom", "--no-password"]).stdout(Stdio::from(out));
    run(command, "pg_dump", "écrit").await?;
    draft.keep(file)
}

/// Fills an empty database from `file`, wholly or not at all.
pub async fn restore(options: &PgConnectOptions, bindir: Option<&Path>, file: &Path) -> Result<(), BackupError> {
    let mut start = [0; MAGIC.len()];
    let read = File::open(file).and_then(|mut opened| opened.read_exact(&mut start));
    match read {
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            return Err(io("la lecture", file)(error));
        }
        Ok(()) if start == MAGIC => {}
        _ => {
            return Err(BackupError::NotABackup { file: file.to_owned() });
        }
    }
    let tools = tools(options, bindir).await?;
    let mut connection = options.connect().await?;
    if !is_empty(&mut connection).await? {
        return Err(BackupError::NotEmpty);
    }
    // The grants of the file name the serving role.
    db::ensure_role(&mut connection).await?;
    let mut command = tool(&tools, "pg_restore", options);
    command
        .args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-password"])
        .arg(format!("--dbname={}", database(options)))
        .arg(file)
        .stdout(Stdio::null());
    run(command, "pg_restore", "restauré").await?;
    // A restored table has no statistics: the first pages would be slow until the server makes them by itself.
    sqlx::query("ANALYZE").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Whether nobody has put anything in this database.
async fn is_empty(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT NOT EXISTS (
             SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
             WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
               AND NOT EXISTS (SELECT FROM pg_depend
                               WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'))",
    )
    .fetch_one(connection)
    .await
}

/// The oldest tools that fit the server: the file of a newer `pg_dump` may hold settings the server does not know.
async fn tools(options: &PgConnectOptions, bindir: Option<&Path>) -> Result<Binaries, BackupError> {
    let mut connection = options.connect().await?;
    let number: i32 =
        sqlx::query_scalar("SELECT current_setting('server_version_num')::int").fetch_one(&mut connection).await?;
    connection.close().await?;
    let server = u32::try_from(number / 10_000).unwrap_or_default();
    let candidates = match bindir {
        Some(dir) => vec![Binaries::typed(Kit::Client, dir)?],
        None => Binaries::installed(Kit::Client),
    };
    let found = candidates.iter().map(|one| one.major).max();
    fitting(candidates, server).ok_or(BackupError::NoTool { server, found })
}

fn fitting(candidates: Vec<Binaries>, server: u32) -> Option<Binaries> {
    candidates.into_iter().filter(|one| one.major >= server).min_by_key(|one| one.major)
}

/// One of PostgreSQL's client programs, told where the database is.
fn tool(tools: &Binaries, name: &str, options: &PgConnectOptions) -> Command {
    let mut command = Command::new(tools.program(name));
    // In the environment: every account of the machine reads the arguments of a process, only ours its environment.
    for (variable, value) in variables(options) {
        command.env(variable, value);
    }
    command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// libpq's variables for the same connection.
fn variables(options: &PgConnectOptions) -> Vec<(&'static str, String)> {
    let host = options
        .get_socket()
        .map_or_else(|| options.get_host().trim_matches(['[', ']']).to_owned(), |socket| socket.display().to_string());
    let mut variables = vec![
        ("PGHOST", host),
        ("PGPORT", options.get_port().to_string()),
        ("PGUSER", options.get_username().to_owned()),
        ("PGDATABASE", database(options)),
    ];
    // The password and the certificates have no getter, only the address that is made of them; the parts that could
    // break it are set aside first.
    let plain = options.clone().username("x").host("x").database("x");
    let url = PgConnectOptions::to_url_lossy(&plain);
    if let Some(password) = url.password() {
        variables.push(("PGPASSWORD", percent_decoded(password)));
    }
    for (name, value) in url.query_pairs() {
        let variable = match &*name {
            "sslmode" => "PGSSLMODE",
            "sslrootcert" => "PGSSLROOTCERT",
            "sslcert" => "PGSSLCERT",
            "sslkey" => "PGSSLKEY",
            _ => continue,
        };
        variables.push((variable, value.into_owned()));
    }
    variables
}

/// A server takes the role's name for the database's when none is given.
fn database(options: &PgConnectOptions) -> String {
    options.get_database().unwrap_or(options.get_username()).to_owned()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let coded = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = coded.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn run(mut command: Command, program: &'static str, kept: &'static str) -> Result<(), BackupError> {
    let child = command.spawn().map_err(io("le lancement", Path::new(program)))?;
    let output = child.wait_with_output().await.map_err(io("l’attente", Path::new(program)))?;
    if output.status.success() {
        return Ok(());
    }
    let answer = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(BackupError::Tool { program, kept, answer })
}

/// The file while it is written: beside its final place, under another name, removed if it does not get there.
#[derive(Debug)]
struct Draft {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Draft {
    fn create(target: &Path) -> Result<Self, BackupError> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".{:08x}.part", rand::random::<u32>()));
        let path = target.with_file_name(name);
        let mut options = OpenOptions::new();
        // Accounts, comments, figures before their vote: nobody else's to read.
        let file = options.write(true).create_new(true).mode(0o600).open(&path).map_err(io("l’écriture", target))?;
        Ok(Self { path, file, kept: false })
    }

    fn keep(mut self, target: &Path) -> Result<(), BackupError> {
        self.file.sync_all().map_err(io("l’écriture", target))?;
        fs::rename(&self.path, target).map_err(io("la mise en place", target))?;
        self.kept = true;
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|folder| folder.sync_all()).map_err(io("l’écriture", parent))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, file = %self.path.display(), "une sauvegarde inachevée est restée");
        }
    }
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    move |source| BackupError::Io { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(options: &str, name: &str) -> Option<String> {
        let options: PgConnectOptions = options.parse().unwrap();
        variables(&options).into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    #[test]
    fn the_address_becomes_the_variables_of_libpq() {
        let url = "postgres://ana:p%40%C3%A9%2525%2F@db.example:5433/contrats?sslmode=require";
        assert_eq!(value(url, "PGHOST").unwrap(), "db.example");
        assert_eq!(value(url, "PGPORT").unwrap(), "5433");
        assert_eq!(value(url, "PGUSER").unwrap(), "ana");
        assert_eq!(value(url, "PGDATABASE").unwrap(), "contrats");
        assert_eq!(value(url, "PGPASSWORD").unwrap(), "p@é%25/");
        assert_eq!(value(url, "PGSSLMODE").unwrap(), "require");
    }

    #[test]
    fn sockets_and_odd_names_pass() {
        assert_eq!(value("postgres://x/base?host=/run/postgresql", "PGHOST").unwrap(), "/run/postgresql");
        assert_eq!(value("postgres://ana@[::1]/base", "PGHOST").unwrap(), "::1");
        assert_eq!(value("postgres://a%2Fb%40c@db/base", "PGUSER").unwrap(), "a/b@c");
        assert_eq!(value("postgres://ana@db", "PGDATABASE").unwrap(), "ana");
    }

    #[test]
    fn the_oldest_tools_that_fit_are_taken() {
        let at = |major| Binaries { dir: PathBuf::new(), major };
        assert_eq!(fitting(vec![at(17), at(15), at(16)], 16).unwrap().major, 16);
        assert_eq!(fitting(vec![at(17), at(15)], 16).unwrap().major, 17);
        assert_eq!(fitting(vec![at(15)], 16), None);
    }

    #[test]
    fn the_missing_tool_is_named() {
        let refused = BackupError::NoTool { server: 17, found: Some(15) }.to_string();
        assert!(refused.contains("« postgresql-client-17 »") && refused.contains("version 15"), "{refused}");
    }
}
