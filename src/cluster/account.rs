//! As whom PostgreSQL runs: never as root, and never outliving us.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::ClusterError;

/// The account PostgreSQL runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// Ours: we are an ordinary user.
    Own,
    /// Another: we are root, who drops to it.
    Other { uid: u32, gid: u32 },
}

/// Whether the program dies with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// A short command whose end we wait for.
    Loose,
    /// A server: SIGINT (fast shutdown) when the thread that started it ends, whatever killed it.
    Tied,
}

impl Account {
    /// For a cluster that exists, its owner; for a new one, Debian's `postgres` when we are root, else ourselves.
    pub(super) fn for_cluster(pg: &Path) -> Result<Self, ClusterError> {
        let me = effective_uid()?;
        match (fs::symlink_metadata(pg), me) {
            (Ok(data), 0) if data.uid() != 0 => Ok(Self::Other { uid: data.uid(), gid: data.gid() }),
            (Ok(data), me) if me != 0 && data.uid() != me => Err(ClusterError::NotOurs { dir: pg.to_owned() }),
            (_, 0) => {
                let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
                let (uid, gid) = find_user(&users, "postgres").ok_or(ClusterError::NoAccount)?;
                Ok(Self::Other { uid, gid })
            }
            _ => Ok(Self::Own),
        }
    }

    /// A program to run as this account, with a clean environment: no secret of ours shows in PostgreSQL's.
    pub(super) fn command(&self, program: &Path, tie: Tie) -> Command {
        let mut command = if (self, tie) == (&Self::Own, Tie::Loose) {
            Command::new(program)
        } else {
            let mut command = Command::new("setpriv");
            if let Self::Other { uid, gid } = self {
                command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
            }
            if tie == Tie::Tied {
                command.args(["--pdeathsig", "INT"]);
            }
            command.arg(program);
            command
        };
        command
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            // Messages in one language: we read some of them.
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    /// Whether this account can go through `dir` and all its parents. Asked to the system itself: access lists and
    /// mount options count too.
    pub(super) fn reaches(&self, dir: &Path) -> Result<bool, ClusterError> {
        if *self == Self::Own {
            return Ok(true);
        }
        let status = self
            .command(Path::new("test"), Tie::Loose)
            .arg("-x")
            .arg(dir)
            .current_dir("/")
            .stderr(Stdio::null())
            .status()
            .map_err(spawn_error)?;
        Ok(status.success())
    }

    /// Gives a new, open file to this account.
    pub(super) fn own_file(&self, file: &fs::File) -> std::io::Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => std::os::unix::fs::fchown(file, Some(*uid), Some(*gid)),
        }
    }

    /// Gives a new directory to this account.
    pub(super) fn own(&self, dir: &Path) -> Result<(), ClusterError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => std::os::unix::fs::lchown(dir, Some(*uid), Some(*gid))
                .map_err(super::io("le changement de propriétaire", dir)),
        }
    }
}

/// A program that could not be started at all: the only one we do not look for beforehand is `setpriv`.
pub(super) fn spawn_error(source: std::io::Error) -> ClusterError {
    if source.kind() == std::io::ErrorKind::NotFound {
        ClusterError::NoSetpriv
    } else {
        super::io("le lancement", Path::new("setpriv"))(source)
    }
}

fn effective_uid() -> Result<u32, ClusterError> {
    // The kernel gives a process's own directory to its effective user; the C call would need unsafe code.
    let own = Path::new("/proc/self");
    Ok(fs::metadata(own).map_err(super::io("la lecture", own))?.uid())
}

/// The uid and gid of `name` in the text of `/etc/passwd`.
fn find_user(users: &str, name: &str) -> Option<(u32, u32)> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some((uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use super::find_user;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\npostgresql:x:7:8::/:/bin/sh\nbroken\n\
                         postgres:x:104:112:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        assert_eq!(find_user(USERS, "postgres"), Some((104, 112)));
        assert_eq!(find_user(USERS, "postgre"), None);
        assert_eq!(find_user("postgres:x:not-a-number:1::/:/bin/sh", "postgres"), None);
        assert_eq!(find_user("", "postgres"), None);
    }
}
