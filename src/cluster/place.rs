//! The data directory: where it really is, who may use it now, and what lies in it.
//!
//! | Name | What |
//! |---|---|
//! | `pg/` | the cluster, 0700, of PostgreSQL's account; the socket too, when its path is short enough |
//! | `postgresql.log` | what PostgreSQL has to say; the previous one beside it, `.1` |
//! | `cpom.lock` | held by the process that started the cluster, and its purpose |
//! | `guests.lock` | shared by the commands that joined it |

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::{ClusterError, io};
use crate::config::DEFAULT_DATA_DIR;

/// Where data goes when root has typed no directory and PostgreSQL cannot reach `./data`.
pub(super) const SYSTEM_DIR: &str = "/var/lib/cpom";
/// What fits in the address of a Unix socket, its final NUL aside.
const SOCKET_PATH_MAX: usize = 107;

/// Why a process holds the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Serve,
    Command,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Serve => "serve\n",
            Self::Command => "command\n",
        }
    }
}

/// A data directory, canonical, that PostgreSQL's account can reach.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) dir: PathBuf,
    pub(super) pg: PathBuf,
    pub(super) account: Account,
}

impl Place {
    /// Resolves the directory and creates it.
    pub(super) async fn open(asked: &Path) -> Result<Self, ClusterError> {
        let asked = asked.to_owned();
        let place = tokio::task::spawn_blocking(move || Self::open_now(&asked)).await;
        place.map_err(|error| io("l’ouverture", Path::new("."))(error.into()))?
    }

    fn open_now(asked: &Path) -> Result<Self, ClusterError> {
        match Self::try_open(asked) {
            // Only the default moves: a directory that was typed is used or refused, never replaced.
            Err(ClusterError::Unreachable { dir }) if asked == Path::new(DEFAULT_DATA_DIR) => {
                tracing::warn!(
                    "le compte de PostgreSQL n’a pas accès à {} : les données sont dans {SYSTEM_DIR} (CPOM_DATA_DIR en choisit un autre)",
                    dir.display()
                );
                Self::try_open(Path::new(SYSTEM_DIR))
            }
            other => other,
        }
    }

    fn try_open(asked: &Path) -> Result<Self, ClusterError> {
        let asked = std::path::absolute(asked).map_err(io("la lecture", asked))?;
        let account = Account::for_cluster(&asked.join("pg"))?;
        let nearest = asked.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"));
        if !account.reaches(nearest)? {
            return Err(ClusterError::Unreachable { dir: asked });
        }
        if nearest != asked {
            // Explicit: root's umask may close to others what it creates, and PostgreSQL must go through.
            let made = io("la création du dossier", &asked);
            DirBuilder::new().recursive(true).mode(0o755).create(&asked).map_err(made)?;
            for dir in asked.ancestors().take_while(|dir| *dir != nearest) {
                fs::set_permissions(dir, fs::Permissions::from_mode(0o755))
                    .map_err(io("l’ouverture des droits", dir))?;
            }
        }
        let dir = fs::canonicalize(&asked).map_err(io("la lecture", &asked))?;
        let pg = dir.join("pg");
        Ok(Self { dir, pg, account })
    }

    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("postgresql.log")
    }

    pub(super) fn is_initialised(&self) -> bool {
        self.pg.join("PG_VERSION").exists()
    }

    /// Takes the directory for this process, unless another has it.
    pub(super) fn try_own(&self, purpose: Purpose) -> Result<Option<File>, ClusterError> {
        let path = self.dir.join("cpom.lock");
        let Some(mut file) = locked(self.lock_file(&path)?, &path, File::try_lock)? else {
            return Ok(None);
        };
        file.set_len(0).and_then(|()| file.write_all(purpose.word().as_bytes())).map_err(io("l’écriture", &path))?;
        Ok(Some(file))
    }

    /// Why the process that has the directory took it.
    pub(super) fn purpose(&self) -> Option<Purpose> {
        let text = fs::read_to_string(self.dir.join("cpom.lock")).ok()?;
        [Purpose::Serve, Purpose::Command].into_iter().find(|purpose| purpose.word() == text)
    }

    /// Comes as a guest, unless the owner is closing.
    pub(super) fn try_visit(&self) -> Result<Option<File>, ClusterError> {
        let path = self.dir.join("guests.lock");
        locked(self.lock_file(&path)?, &path, File::try_lock_shared)
    }

    /// Closes the door to guests, once the last has left.
    pub(super) fn try_close_door(&self) -> Result<Option<File>, ClusterError> {
        let path = self.dir.join("guests.lock");
        locked(self.lock_file(&path)?, &path, File::try_lock)
    }

    /// 0600: anyone who could open it could hold it.
    fn lock_file(&self, path: &Path) -> Result<File, ClusterError> {
        let mut options = OpenOptions::new();
        private_file(&self.account, path, options.read(true).write(true)).map_err(|source| match source.kind() {
            std::io::ErrorKind::PermissionDenied => ClusterError::NotOurs { dir: self.dir.clone() },
            _ => io("l’ouverture", path)(source),
        })
    }

    /// An empty directory for `initdb`, beside the final one: a leftover is that of a start cut short.
    pub(super) fn new_cluster_dir(&self) -> Result<PathBuf, ClusterError> {
        let new = self.dir.join("pg.new");
        if fs::symlink_metadata(&new).is_ok() {
            fs::remove_dir_all(&new).map_err(io("le retrait", &new))?;
        }
        self.private_dir(&new)?;
        Ok(new)
    }

    /// Puts the new cluster in its place.
    pub(super) fn adopt(&self, new: &Path) -> Result<(), ClusterError> {
        fs::rename(new, &self.pg).map_err(io("la mise en place", &self.pg))?;
        // The rename must survive a power cut as surely as what it names.
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(io("l’écriture", &self.dir))
    }

    /// Where the socket goes: with the data when the path fits, else in a short private directory of its own.
    pub(super) fn socket_dir(&self) -> Result<PathBuf, ClusterError> {
        if fits_a_socket(&self.pg, super::PORT) {
            return Ok(self.pg.clone());
        }
        let short = Path::new("/tmp").join(format!("cpom-{:016x}", rand::random::<u64>()));
        self.private_dir(&short)?;
        Ok(short)
    }

    fn private_dir(&self, dir: &Path) -> Result<(), ClusterError> {
        // `create` refuses what exists, links included: nobody prepares the place for us.
        DirBuilder::new().mode(0o700).create(dir).map_err(io("la création du dossier", dir))?;
        self.account.own(dir)
    }
}

/// Opens a file of the data directory, or makes it, 0600 and of PostgreSQL's account: the next command may be its own.
pub(super) fn private_file(account: &Account, path: &Path, options: &OpenOptions) -> std::io::Result<File> {
    match options.clone().create_new(true).mode(0o600).open(path) {
        Ok(file) => account.own_file(&file).map(|()| file),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => open_own(path, options),
        Err(error) => Err(error),
    }
}

/// Opens a file that exists, and not what a link leads to.
///
/// As root in a directory that is not root's, a name may have been prepared as a link to something of root's: what was
/// opened is used only if the name is that very file, and its only one.
pub(super) fn open_own(path: &Path, options: &OpenOptions) -> std::io::Result<File> {
    let file = options.open(path)?;
    let (opened, named) = (file.metadata()?, fs::symlink_metadata(path)?);
    let same = (opened.dev(), opened.ino()) == (named.dev(), named.ino());
    if same && opened.is_file() && opened.nlink() == 1 {
        Ok(file)
    } else {
        Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "un lien tient la place du fichier"))
    }
}

fn locked(
    file: File,
    path: &Path,
    lock: impl FnOnce(&File) -> Result<(), TryLockError>,
) -> Result<Option<File>, ClusterError> {
    match lock(&file) {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(io("le verrouillage", path)(source)),
    }
}

/// Whether PostgreSQL can listen in `dir`, and we connect to it.
fn fits_a_socket(dir: &Path, port: u16) -> bool {
    // PostgreSQL takes a list of directories: commas separate them and quotes group.
    dir.to_str().is_some_and(|text| {
        !text.contains([',', '"', '\n']) && format!("{text}/.s.PGSQL.{port}").len() <= SOCKET_PATH_MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_has_107_bytes_at_most() {
        let exactly = format!("/{}", "d".repeat(SOCKET_PATH_MAX - "/.s.PGSQL.5432".len() - 1));
        assert!(fits_a_socket(Path::new(&exactly), 5432));
        assert!(!fits_a_socket(Path::new(&format!("{exactly}d")), 5432));
        // Bytes, not letters.
        assert!(!fits_a_socket(Path::new(&exactly.replacen('d', "é", 1)), 5432));
        assert!(fits_a_socket(Path::new("/srv/mes données/pg"), 5432));
        assert!(!fits_a_socket(Path::new("/srv/a,b/pg"), 5432));
    }

    #[test]
    fn a_directory_is_owned_once_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().to_owned();
        let place = Place { pg: dir.join("pg"), dir, account: Account::Own };
        assert_eq!(place.purpose(), None);
        let held = place.try_own(Purpose::Serve).unwrap().unwrap();
        assert!(place.try_own(Purpose::Command).unwrap().is_none());
        assert_eq!(place.purpose(), Some(Purpose::Serve));
        drop(held);
        let again = place.try_own(Purpose::Command).unwrap();
        assert!(again.is_some());
        assert_eq!(place.purpose(), Some(Purpose::Command));
    }

    #[test]
    fn a_link_in_place_of_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        fs::write(&precious, "kept").unwrap();
        let dir = folder.path().join("data");
        fs::create_dir(&dir).unwrap();
        let place = Place { pg: dir.join("pg"), dir: dir.clone(), account: Account::Own };
        std::os::unix::fs::symlink(&precious, dir.join("cpom.lock")).unwrap();
        assert!(place.try_own(Purpose::Serve).is_err());
        fs::remove_file(dir.join("cpom.lock")).unwrap();
        fs::hard_link(&precious, dir.join("cpom.lock")).unwrap();
        assert!(place.try_own(Purpose::Serve).is_err());
        assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
    }

    #[test]
    fn the_door_closes_after_the_last_guest() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().to_owned();
        let place = Place { pg: dir.join("pg"), dir, account: Account::Own };
        let first = place.try_visit().unwrap();
        let second = place.try_visit().unwrap();
        assert!(first.is_some() && second.is_some());
        assert!(place.try_close_door().unwrap().is_none());
        drop((first, second));
        let door = place.try_close_door().unwrap();
        assert!(door.is_some() && place.try_visit().unwrap().is_none());
    }
}
