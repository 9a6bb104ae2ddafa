//! The PostgreSQL process: started, watched, restarted, stopped.
//!
//! It is started and waited for by a thread of its own. The signal that ties it to us (`setpriv --pdeathsig`) fires when
//! the *thread* that started it ends, and the threads of the async runtime come and go.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::account::{Account, Tie, spawn_error};
use super::{ClusterError, PAUSE, io, pidfile, place};

/// Backoff between starts that fail: the first is quick, since a page is waiting.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A fast shutdown waits for one checkpoint; past this the next, harder signal is sent.
const FAST_WAIT: Duration = Duration::from_secs(30);
const IMMEDIATE_WAIT: Duration = Duration::from_secs(10);
const KILL_WAIT: Duration = Duration::from_secs(5);
const RESEND: Duration = Duration::from_millis(500);
/// PostgreSQL's own log is short (nothing but warnings and errors); it is set aside past this size.
const LOG_MAX: u64 = 5 * 1024 * 1024;

/// Everything needed to start the server, again and again.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) postgres: PathBuf,
    pub(super) pg_ctl: PathBuf,
    pub(super) pg: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) port: u16,
    pub(super) log: PathBuf,
    pub(super) account: Account,
}

impl Launch {
    /// Settings travel on the command line: they follow the program's version, not the day the data was made.
    fn settings(&self) -> Vec<String> {
        vec![
            "listen_addresses=".to_owned(),
            format!("unix_socket_directories={}", self.socket.display()),
            "unix_socket_permissions=0700".to_owned(),
            format!("port={}", self.port),
            "max_connections=100".to_owned(),
            "shared_buffers=128MB".to_owned(),
            // What was saved is on the disk when the page says so.
            "fsync=on".to_owned(),
            "synchronous_commit=on".to_owned(),
            "full_page_writes=on".to_owned(),
            // Bounds the disk used, and the time a crash takes to replay.
            "max_wal_size=256MB".to_owned(),
            // After a crash the data directory is synced before anything is replayed: file by file, that took ten times
            // longer than all the rest, while pages waited.
            "recovery_init_sync_method=syncfs".to_owned(),
            // Short queries: compiling them costs more than it saves.
            "jit=off".to_owned(),
            // The log carries no statement, hence no figure and no address, even beside an error.
            "log_statement=none".to_owned(),
            "log_min_duration_statement=-1".to_owned(),
            "log_min_error_statement=panic".to_owned(),
            "log_checkpoints=off".to_owned(),
            "log_destination=stderr".to_owned(),
            "logging_collector=off".to_owned(),
            "log_line_prefix=%m [%p] ".to_owned(),
        ]
    }

    fn spawn(&self) -> Result<Child, ClusterError> {
        pidfile::strike_foreign(&self.pg, &self.socket, self.port);
        let log = self.open_log()?;
        let errors = log.try_clone().map_err(io("l’ouverture", &self.log))?;
        let mut command = self.account.command(&self.postgres, Tie::Tied);
        command.arg("-D").arg(&self.pg);
        for setting in self.settings() {
            command.arg("-c").arg(setting);
        }
        command
            .current_dir("/")
            .stdout(Stdio::from(log))
            .stderr(Stdio::from(errors))
            // A Ctrl-C goes to the whole group of the terminal: PostgreSQL must outlive the requests we finish.
            .process_group(0);
        command.spawn().map_err(spawn_error)
    }

    fn open_log(&self) -> Result<File, ClusterError> {
        if fs::metadata(&self.log).is_ok_and(|log| log.len() > LOG_MAX) {
            fs::rename(&self.log, self.log.with_extension("log.1")).map_err(io("la rotation", &self.log))?;
        }
        place::private_file(&self.account, &self.log, OpenOptions::new().append(true))
            .map_err(io("l’ouverture", &self.log))
    }

    fn signal(&self, name: &str, pid: u32) {
        // `pg_ctl kill` is how PostgreSQL's own package sends a signal; the C call would need unsafe code.
        let sent = self
            .account
            .command(&self.pg_ctl, Tie::Loose)
            .args(["kill", name, &pid.to_string()])
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if let Err(error) = sent {
            tracing::warn!(%error, pid, "PostgreSQL n’a pas pu être prévenu");
        }
    }
}

#[derive(Debug)]
struct Watched {
    /// The running process.
    pid: Option<u32>,
    /// Whether the thread has nothing left to watch.
    over: bool,
    stopping: bool,
    keep_up: bool,
}

#[derive(Debug)]
struct Shared {
    watched: Mutex<Watched>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        // The guarded fields are plain flags: a panic elsewhere cannot leave them half written.
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server and the thread that watches it.
#[derive(Debug)]
pub(super) struct Server {
    launch: Arc<Launch>,
    shared: Arc<Shared>,
    /// Where its log began, to quote only what this start said.
    log_start: u64,
}

impl Server {
    /// Starts the server once; it is not ready yet.
    pub(super) fn launch(launch: Launch) -> Result<Self, ClusterError> {
        let log_start = fs::metadata(&launch.log).map_or(0, |log| log.len());
        let log_start = if log_start > LOG_MAX { 0 } else { log_start };
        let watched = Watched { pid: None, over: false, stopping: false, keep_up: false };
        let shared = Arc::new(Shared { watched: Mutex::new(watched), changed: Condvar::new() });
        let launch = Arc::new(launch);
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("postgresql".to_owned())
            .spawn({
                let (launch, shared) = (Arc::clone(&launch), Arc::clone(&shared));
                move || watch(&launch, &shared, &tell)
            })
            .map_err(io("le lancement", &launch.postgres))?;
        match told.recv() {
            Ok(Some(error)) => Err(error),
            _ => Ok(Self { launch, shared, log_start }),
        }
    }

    /// From now on an unexpected end is followed by a restart.
    pub(super) fn keep_up(&self) {
        self.shared.lock().keep_up = true;
    }

    pub(super) fn is_kept_up(&self) -> bool {
        self.shared.lock().keep_up
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.shared.lock().pid
    }

    /// Waits until it takes connections. The error is the end of its log.
    pub(super) async fn ready(&self, at_most: Duration) -> Result<(), String> {
        let since = Instant::now();
        loop {
            let pid = {
                let watched = self.shared.lock();
                if watched.over || since.elapsed() > at_most {
                    return Err(tail(&self.launch.log, self.log_start));
                }
                watched.pid
            };
            // Line 1 is our own child: the file of another server, dead or alive, does not count.
            if pidfile::read(&self.launch.pg).is_some_and(|found| Some(found.pid) == pid && found.is_ready()) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Fast shutdown: sessions are cut, what was saved is on the disk. Then harder, if it does not answer.
    pub(super) async fn stop(self) -> Result<(), ClusterError> {
        self.order_stop();
        let mut last = None;
        for (name, at_most) in [("INT", FAST_WAIT), ("QUIT", IMMEDIATE_WAIT), ("KILL", KILL_WAIT)] {
            let since = Instant::now();
            let mut sent: Option<Instant> = None;
            while since.elapsed() < at_most {
                let pid = {
                    let watched = self.shared.lock();
                    if watched.over {
                        self.forget_short_socket();
                        return Ok(());
                    }
                    watched.pid
                };
                if let Some(pid) = pid
                    && sent.is_none_or(|sent| sent.elapsed() > RESEND)
                {
                    // Again and again: one sent before PostgreSQL took its own account or its handlers is lost.
                    self.launch.signal(name, pid);
                    sent = Some(Instant::now());
                    last = Some(pid);
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        Err(ClusterError::Stop { pid: last.unwrap_or_default() })
    }

    fn order_stop(&self) {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_all();
    }

    /// A socket directory made for this run is of no use to the next.
    fn forget_short_socket(&self) {
        if self.launch.socket != self.launch.pg
            && let Err(error) = fs::remove_dir(&self.launch.socket)
        {
            tracing::debug!(%error, "the socket's directory stays");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.order_stop();
        if let Some(pid) = self.pid() {
            self.launch.signal("INT", pid);
        }
    }
}

/// The body of the watching thread; `tell` hears once whether the program could be run at all.
fn watch(launch: &Launch, shared: &Shared, tell: &std::sync::mpsc::Sender<Option<ClusterError>>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let child = {
            let mut watched = shared.lock();
            // Under the lock: who orders a stop sees either no process and none to come, or its number.
            if watched.stopping {
                watched.over = true;
                return;
            }
            launch.spawn().inspect(|child| watched.pid = Some(child.id()))
        };
        let end = match child {
            Ok(mut child) => {
                // Nobody listens any more after the first start.
                tell.send(None).ok();
                let end = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
                // One that took connections was healthy, however short its life: only starts that fail are spaced out.
                // Killed, it leaves its file as it was.
                if pidfile::read(&launch.pg).is_some_and(|file| file.pid == child.id() && file.is_ready()) {
                    pause = FIRST_PAUSE;
                }
                end
            }
            Err(error) => {
                let text = error.to_string();
                tell.send(Some(error)).ok();
                text
            }
        };
        let mut watched = shared.lock();
        watched.pid = None;
        if watched.stopping || !watched.keep_up {
            watched.over = true;
            return;
        }
        tracing::error!(
            end,
            log = %launch.log.display(),
            "PostgreSQL s’est arrêté sans qu’on le lui demande, on le relance"
        );
        let waited = shared.changed.wait_timeout_while(watched, pause, |watched| !watched.stopping);
        drop(waited);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether a start failed because something of the previous server is still there: it passes in some seconds.
pub(super) fn is_lock_trouble(tail: &str) -> bool {
    ["lock file", "shared memory block", "could not bind Unix address", "could not create any Unix-domain sockets"]
        .iter()
        .any(|sign| tail.contains(sign))
}

/// The last lines of the log, from `start` on.
fn tail(log: &Path, start: u64) -> String {
    let mut bytes = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        file.seek(SeekFrom::Start(start))?;
        file.take(LOG_MAX).read_to_end(&mut bytes)
    });
    if let Err(error) = read {
        return error.to_string();
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        assert!(is_lock_trouble("FATAL:  lock file \"postmaster.pid\" already exists"));
        assert!(is_lock_trouble("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use"));
        assert!(!is_lock_trouble("FATAL:  data directory \"/srv/pg\" has invalid permissions"));
    }

    #[test]
    fn only_the_end_of_this_start_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let old = "old\n";
        let lines: Vec<String> = (1..=12).map(|number| number.to_string()).collect();
        fs::write(&log, format!("{old}{}", lines.join("\n"))).unwrap();
        assert_eq!(tail(&log, old.len() as u64), "5\n6\n7\n8\n9\n10\n11\n12");
    }
}
