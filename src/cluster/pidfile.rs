//! What `postmaster.pid` says, and whether to believe it.
//!
//! The file outlives a kill -9, and its number may since belong to anything: another program, or another cluster. So it
//! counts only when that process is a PostgreSQL on this very directory.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::place;

/// One above the largest number that Linux gives: never a process.
const NOBODY: u32 = 4_194_305;

/// The lines of `postmaster.pid` (`miscadmin.h` numbers them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Postmaster {
    /// Line 1.
    pub(super) pid: u32,
    /// Line 4.
    pub(super) port: u16,
    /// Line 5, empty until it listens.
    pub(super) socket: Option<PathBuf>,
    /// Line 8, padded with spaces.
    status: String,
}

impl Postmaster {
    /// Whether it takes connections.
    pub(super) fn is_ready(&self) -> bool {
        self.status == "ready"
    }
}

/// The file as it stands; `None` when it is missing or half written.
pub(super) fn read(pg: &Path) -> Option<Postmaster> {
    parse(&fs::read_to_string(pg.join("postmaster.pid")).ok()?)
}

fn parse(text: &str) -> Option<Postmaster> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    Some(Postmaster {
        pid: lines.first()?.parse().ok()?,
        port: lines.get(3)?.parse().ok()?,
        socket: lines.get(4).filter(|line| !line.is_empty()).map(PathBuf::from),
        status: lines.get(7).copied().unwrap_or_default().to_owned(),
    })
}

/// The postmaster that runs on `pg`, if one does.
pub(super) fn live(pg: &Path) -> Option<u32> {
    let pid = first_number(&pg.join("postmaster.pid"))?;
    is_postgres_on(pid, pg).then_some(pid)
}

/// Strikes out, in the lock files, the number of a process that is there and is not PostgreSQL on `pg`.
///
/// PostgreSQL clears a dead number itself and refuses to start on one that answers: after a reboot it may be anything of
/// its own account, after kill -9 a corpse that nobody has collected yet. The rest of the file is kept, since it names
/// the shared memory by which PostgreSQL sees whether orphans of the old server still run.
pub(super) fn strike_foreign(pg: &Path, socket: &Path, port: u16) {
    for file in [pg.join("postmaster.pid"), socket.join(format!(".s.PGSQL.{port}.lock"))] {
        let Some(pid) = first_number(&file) else { continue };
        if Path::new("/proc").join(pid.to_string()).exists() && !is_postgres_on(pid, pg) {
            tracing::info!(pid, file = %file.display(), "verrou d’un ancien PostgreSQL levé");
            if let Err(error) = strike(&file) {
                tracing::warn!(%error, file = %file.display(), "ce verrou n’a pas pu être levé");
            }
        }
    }
}

fn strike(path: &Path) -> std::io::Result<()> {
    let mut file = place::open_own(path, OpenOptions::new().read(true).write(true))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{NOBODY}\n{rest}")
}

fn first_number(file: &Path) -> Option<u32> {
    // The socket's lock is written with the same layout.
    fs::read_to_string(file).ok()?.lines().next()?.trim().parse().ok()
}

fn is_postgres_on(pid: u32, pg: &Path) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    if name.trim() != "postgres" {
        return false;
    }
    match fs::read_link(process.join("cwd")) {
        // A postmaster goes to its data directory and stays there.
        Ok(cwd) => cwd == pg,
        // Root in a container may not look there; the command line is readable by all, and we write it ourselves.
        Err(_) => fs::read(process.join("cmdline")).is_ok_and(|line| mentions(&line, pg)),
    }
}

/// Whether one of the NUL-separated words is `pg`.
fn mentions(cmdline: &[u8], pg: &Path) -> bool {
    cmdline.split(|byte| *byte == 0).any(|word| word == pg.as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4242\n/srv/data/pg\n1760000000\n5432\n/srv/data/pg\n\n 26345 3\nready   \n";

    #[test]
    fn a_ready_postmaster_says_where_it_listens() {
        let found = parse(READY).unwrap();
        assert!(found.is_ready());
        assert_eq!((found.pid, found.port), (4242, 5432));
        assert_eq!(found.socket, Some(PathBuf::from("/srv/data/pg")));
    }

    #[test]
    fn a_half_written_file_is_not_ready() {
        assert!(!parse("4242\n/srv/data/pg\n1760000000\n5432\n\n").unwrap().is_ready());
        assert!(!parse(&READY.replace("ready   ", "starting")).unwrap().is_ready());
        assert_eq!(parse("4242\n"), None);
        assert_eq!(parse(""), None);
        assert_eq!(parse("not a number\n\n\n5432"), None);
    }

    #[test]
    fn a_living_process_that_is_not_postgresql_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postmaster.pid");
        fs::write(&file, READY.replace("4242", &std::process::id().to_string())).unwrap();
        assert_eq!(live(folder.path()), None);
        strike_foreign(folder.path(), folder.path(), 5432);
        assert_eq!(fs::read_to_string(&file).unwrap(), READY.replace("4242", "4194305"));
    }

    #[test]
    fn the_lock_of_a_dead_process_is_left_to_postgresql() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postmaster.pid");
        let dead = READY.replace("4242", "4194306");
        fs::write(&file, &dead).unwrap();
        assert_eq!(live(folder.path()), None);
        strike_foreign(folder.path(), folder.path(), 5432);
        assert_eq!(fs::read_to_string(&file).unwrap(), dead);
    }

    #[test]
    fn a_command_line_names_its_directory_whole() {
        let line = b"/usr/lib/postgresql/15/bin/postgres\0-D\0/srv/data/pg\0-c\0fsync=on\0";
        assert!(mentions(line, Path::new("/srv/data/pg")));
        assert!(!mentions(line, Path::new("/srv/data")));
        assert!(!mentions(b"", Path::new("/srv/data/pg")));
    }
}
