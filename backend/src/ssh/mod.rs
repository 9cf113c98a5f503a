//! One ssh session for everything that goes to a host.
//!
//! libvirt would start an ssh of its own for its connection, and every display another one, each with
//! a login. Here the login happens once, in the user's own ssh (so that its configuration, agents and
//! jump hosts count); libvirt and the displays are channels of that session. `guard.sh` ends it when
//! the program ends, however it does.

mod askpass;
mod destination;
mod tunnel;
mod words;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::UnixListener;
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::runtime::Handle;

use crate::asking::{self, Attempt};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi;
pub use askpass::answer_for_ssh;
pub(crate) use destination::Destination;
use words::explain;
pub(crate) use words::recognise;

/// How often it is looked whether ssh is ready; it tells nobody.
const LOOK: Duration = Duration::from_millis(20);

/// Seconds after which ssh gives up a host that does not answer at all.
const CONNECT_TIMEOUT: &str = "ConnectTimeout=30";

/// How much of what ssh says is kept: the end of it.
const WORDS_KEPT: usize = 16 << 10;

/// How long is waited for the last words of an ssh that has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Longest folder whose sockets still have names that the system takes.
const LONGEST_FOLDER: usize = 60;

/// A session with a host, through which others go. Ends when dropped.
pub(crate) struct Master {
    destination: Destination,
    folder: PathBuf,
    /// Closing it ends ssh and removes the folder.
    _life: ChildStdin,
    words: Words,
    runtime: Handle,
}

impl Master {
    /// Logs in at `destination`, asking through `attempt` what ssh asks.
    ///
    /// # Errors
    /// Why it failed; [`ErrorKind::Cancelled`] when a question was not answered or the attempt called
    /// off.
    pub(crate) async fn start(
        destination: Destination,
        attempt: &Attempt,
        runtime: &Handle,
    ) -> Result<Self> {
        let folder = tokio::task::spawn_blocking(private_folder)
            .await
            .map_err(|_| asking::cancelled())??;
        let listener = UnixListener::bind(folder.path().join("ask")).map_err(|e| no_ssh(&e))?;
        let mut command = command(&destination, folder.path(), attempt);
        let mut guard = command.spawn().map_err(|error| no_ssh(&error))?;
        // Taken now: waiting for the child would close it.
        let life = guard.stdin.take().ok_or_else(asking::cancelled)?;
        let mut master = Self {
            destination,
            // The guard removes it from now on.
            folder: folder.keep(),
            _life: life,
            words: Words::collect(guard.stderr.take(), runtime),
            runtime: runtime.clone(),
        };
        let failed = tokio::select! {
            ready = master.until_ready() => ready.err(),
            _ = guard.wait() => {
                let said = master.words.last().await;
                Some(explain(&master.destination.host, &said))
            }
            () = askpass::serve(&listener, attempt) => Some(not_answered(attempt)),
            () = attempt.called_off() => Some(asking::cancelled()),
        };
        reap(guard, runtime);
        match failed {
            None => Ok(master),
            Some(error) => Err(error),
        }
    }

    /// Resolves when ssh listens for those that go through it, or says that it will not.
    async fn until_ready(&self) -> Result<()> {
        let socket = self.folder.join("master");
        while !tokio::fs::try_exists(&socket).await.unwrap_or_default() {
            let said = self.words.since(0);
            if said.contains("disabling multiplexing") {
                return Err(no_ssh(&said));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// The program that stands for ssh here: it takes ssh's arguments and goes through this session.
    pub(crate) fn program(&self) -> PathBuf {
        self.folder.join("ssh")
    }

    /// `uri` as libvirt has to be given it, to go through this session.
    pub(crate) fn through(&self, uri: &str) -> String {
        let joint = if uri.contains('?') { '&' } else { '?' };
        format!("{uri}{joint}command={}", self.program().display())
    }
}

impl std::fmt::Debug for Master {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Master")
            .field("host", &self.destination.host)
            .finish_non_exhaustive()
    }
}

/// The guard with the master's command line.
fn command(destination: &Destination, folder: &Path, attempt: &Attempt) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", include_str!("guard.sh"), "guesthouse-ssh"])
        .arg(folder)
        .args(["ssh", "-M", "-N", "-T", "-a", "-x", "-e", "none", "-S"])
        .arg(folder.join("master"));
    for option in [
        "ControlPersist=no",
        // The user's own forwardings are for the user's own sessions.
        "ClearAllForwardings=yes",
        "ServerAliveInterval=15",
        "ServerAliveCountMax=3",
        CONNECT_TIMEOUT,
        // What failed is read from what it says.
        "LogLevel=INFO",
    ] {
        command.args(["-o", option]);
    }
    let askpass = attempt.asker().map(crate::question::Asker::askpass);
    match askpass {
        Some(Some(program)) if destination.may_ask() => {
            let socket = folder.join("ask");
            command.envs(askpass::environment(program, &socket));
        }
        // ssh asks by itself, on the terminal.
        Some(None) if destination.may_ask() => {}
        _ => {
            command.args(["-o", "BatchMode=yes"]);
        }
    }
    command
        .args(destination.login_options())
        .args(destination.arguments())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// A folder that nobody else can look into, with a short name, on a file system whose programs can
/// be started. Blocks.
fn private_folder() -> Result<tempfile::TempDir> {
    let cache = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let places = [
        std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
        Some(std::env::temp_dir()),
        cache,
    ];
    let mut failure = std::io::Error::from(std::io::ErrorKind::NotFound);
    for place in places.into_iter().flatten() {
        // ssh would read the sign in its options.
        let fits = place.is_absolute()
            && place.as_os_str().len() <= LONGEST_FOLDER
            && place
                .to_str()
                .is_some_and(|path| !path.contains(['%', '&', '#', ' ', '"']))
            && ffi::space::lets_start_programs(&place);
        if !fits {
            continue;
        }
        match tempfile::Builder::new()
            .prefix("guesthouse-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&place)
        {
            Ok(folder) => return Ok(folder),
            Err(error) => failure = error,
        }
    }
    Err(no_ssh(&failure))
}

fn not_answered(attempt: &Attempt) -> Error {
    attempt.ended().unwrap_or_else(|| {
        Error::new(
            ErrorKind::AuthenticationFailed,
            "The host asked for the same again and again.",
        )
    })
}

fn no_ssh(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Hypervisor,
        "The ssh of this computer cannot be started.",
    )
    .with_remedy("Connections by ssh need OpenSSH's client and a private folder to work in.")
    .with_detail(error.to_string())
}

/// Waits for a child in the background, so that nothing is left of it.
fn reap(mut child: Child, runtime: &Handle) {
    runtime.spawn(async move {
        let _ = child.wait().await;
    });
}

/// What a program says on standard error, read as it comes, so that it never has to wait.
struct Words {
    said: Arc<Mutex<Said>>,
    reader: tokio::task::JoinHandle<()>,
}

/// The end of what was said, and how much there was in all.
#[derive(Default)]
struct Said {
    kept: Vec<u8>,
    total: usize,
}

impl Words {
    fn collect(stream: Option<ChildStderr>, runtime: &Handle) -> Self {
        let said = Arc::new(Mutex::new(Said::default()));
        let heard = said.clone();
        let reader = runtime.spawn(async move {
            let Some(mut stream) = stream else { return };
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                let mut said = heard.lock().unwrap_or_else(PoisonError::into_inner);
                said.kept.extend_from_slice(&buffer[..count]);
                said.total += count;
                let surplus = said.kept.len().saturating_sub(WORDS_KEPT);
                said.kept.drain(..surplus);
            }
        });
        Self { said, reader }
    }

    /// How much was said so far.
    fn so_far(&self) -> usize {
        self.said().total
    }

    /// What was said after so much, as far as it is kept.
    fn since(&self, before: usize) -> String {
        let said = self.said();
        let new = said.total.saturating_sub(before).min(said.kept.len());
        String::from_utf8_lossy(&said.kept[said.kept.len() - new..]).into_owned()
    }

    /// What was said, when the program has ended.
    async fn last(&mut self) -> String {
        // Something it has started may live on and keep the pipe open.
        let _ = tokio::time::timeout(LAST_WORDS, &mut self.reader).await;
        self.since(0)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_looks_into_the_folder() {
        let folder = private_folder().unwrap();
        let mode = folder.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        // A socket in it has a name that the system takes, with what ssh adds while it makes one.
        let socket = folder.path().join("master.0123456789abcdef");
        std::os::unix::net::SocketAddr::from_pathname(&socket).unwrap();
    }
}
