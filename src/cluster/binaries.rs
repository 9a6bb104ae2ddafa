//! Which of the installed PostgreSQL versions to run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// The oldest major version the migrations run on.
pub(super) const OLDEST: u32 = 15;
/// Where Debian puts one folder per major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What the programs are wanted for; Debian packs the two apart, in the same folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kit {
    /// To run a cluster (package `postgresql`).
    Server,
    /// To back up and restore (package `postgresql-client`).
    Client,
}

impl Kit {
    /// Its programs; the first is asked for its version.
    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Server => &["postgres", "initdb", "pg_ctl"],
            Self::Client => &["pg_dump", "pg_restore"],
        }
    }

    fn missing_from(self, dir: &Path) -> Option<&'static str> {
        self.programs().iter().copied().find(|program| !dir.join(program).is_file())
    }

    fn version_in(self, dir: &Path) -> Option<u32> {
        let output = Command::new(dir.join(self.programs()[0])).arg("--version").output().ok()?;
        parse_version(&String::from_utf8_lossy(&output.stdout))
    }
}

/// The programs of one PostgreSQL version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder.
    pub dir: PathBuf,
    /// The major version.
    pub major: u32,
}

impl Binaries {
    /// For a new cluster: the ones that were typed, else the newest.
    pub(super) fn newest(typed: Option<&Path>) -> Result<Self, ClusterError> {
        let found = match typed {
            Some(dir) => Self::typed(Kit::Server, dir)?,
            None => {
                Self::installed(Kit::Server).into_iter().max_by_key(|one| one.major).ok_or(ClusterError::NoBinaries)?
            }
        };
        if found.major < OLDEST {
            return Err(ClusterError::TooOld { found: found.major });
        }
        Ok(found)
    }

    /// For a cluster that exists: the typed ones, else those of the version that made it. Another version cannot read it.
    pub(super) fn for_cluster(pg: &Path, typed: Option<&Path>) -> Result<Self, ClusterError> {
        let file = pg.join("PG_VERSION");
        let text = fs::read_to_string(&file).map_err(super::io("la lecture", &file))?;
        let data = major(text.trim()).unwrap_or_default();
        let candidates = match typed {
            Some(dir) => vec![Self::typed(Kit::Server, dir)?],
            None => Self::installed(Kit::Server),
        };
        let newest = candidates.iter().map(|one| one.major).max();
        match (candidates.into_iter().find(|one| one.major == data), newest) {
            (Some(found), _) => Ok(found),
            (None, None) if data == 0 => Err(ClusterError::NoBinaries),
            (None, found) => Err(ClusterError::OtherVersion { dir: pg.to_owned(), data, found }),
        }
    }

    /// Every version of this machine: Debian's folders, else the one on PATH.
    pub fn installed(kit: Kit) -> Vec<Self> {
        let folders = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
        let found: Vec<Self> = folders
            .filter_map(|folder| {
                let major = folder.file_name().to_str().and_then(major)?;
                let dir = folder.path().join("bin");
                kit.missing_from(&dir).is_none().then_some(Self { dir, major })
            })
            .collect();
        if !found.is_empty() {
            // What is on PATH is then a link to one of these, and asking its version would cost each start some time.
            return found;
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .filter(|dir| dir.is_absolute() && kit.missing_from(dir).is_none())
            .find_map(|dir| Some(Self { major: kit.version_in(&dir)?, dir }))
            .into_iter()
            .collect()
    }

    /// The ones of the folder that was typed.
    pub fn typed(kit: Kit, dir: &Path) -> Result<Self, ClusterError> {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        match (kit.missing_from(&dir), kit.version_in(&dir)) {
            (None, Some(major)) => Ok(Self { dir, major }),
            (program, _) => Err(ClusterError::NotABindir { dir, program: program.unwrap_or(kit.programs()[0]) }),
        }
    }

    /// The path of one of its programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`: 15.
fn parse_version(text: &str) -> Option<u32> {
    major(text.split_once("(PostgreSQL)")?.1.trim_start())
}

/// The whole number a version begins with: `15.18`, `18beta1`.
fn major(text: &str) -> Option<u32> {
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_says() {
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_version("pg_dump (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_version("bash: postgres: command not found"), None);
        assert_eq!(major("bin"), None);
    }

    #[test]
    fn a_folder_without_postgresql_is_named_in_french() {
        let refused = Binaries::newest(Some(Path::new("/usr/share"))).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "CPOM_PG_BINDIR désigne /usr/share, où il manque le programme « postgres » de PostgreSQL."
        );
    }

    #[test]
    fn data_of_a_missing_version_tells_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("PG_VERSION"), "9\n").unwrap();
        let refused = Binaries::for_cluster(folder.path(), None).unwrap_err().to_string();
        assert!(refused.contains("postgresql-9") && refused.contains("cpom restore"), "{refused}");
    }
}
