//! An ssh server inside a sandbox, with keys, users and passwords of its own: another computer, as far
//! as the program under test can tell.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{sandbox, wait};

/// Root's password in here.
pub const PASSWORD: &str = "geheim & ünlös";

/// Another, for a password that was changed.
pub const OTHER_PASSWORD: &str = "another";

/// A user without any rights over libvirt, who gets in with the key.
pub const NOBODY: &str = "daemon";

/// A running sshd. Its messages are printed when a test fails.
#[derive(Debug)]
pub struct SshServer {
    port: u16,
    folder: PathBuf,
    process: Child,
}

impl SshServer {
    /// Starts one at that port of 127.0.0.1 and waits until it listens.
    ///
    /// # Panics
    /// Outside a sandbox; when it does not start.
    pub fn start(port: u16) -> Self {
        Self::start_with(port, "")
    }

    /// The same with settings of its own, which go before the usual ones.
    ///
    /// # Panics
    /// As for [`Self::start`].
    pub fn start_with(port: u16, settings: &str) -> Self {
        assert!(sandbox::is_inside(), "users and passwords are replaced");
        users();
        let folder = PathBuf::from(format!("/run/ssh-{port}"));
        fs::create_dir_all(&folder).expect("a folder can be made");
        make_key(&folder.join("host-key"));
        let log = folder.join("log").display().to_string();
        let config = folder.join("config");
        let key = folder.join("host-key").display().to_string();
        fs::write(
            &config,
            format!(
                "{settings}Port {port}\nListenAddress 127.0.0.1\nHostKey {key}\nPidFile none\n\
                 PermitRootLogin yes\nUsePAM no\nStrictModes no\nLogLevel VERBOSE\n\
                 AuthorizedKeysFile /run/ssh-user/key.pub\n\
                 PasswordAuthentication yes\nKbdInteractiveAuthentication no\n\
                 AllowTcpForwarding yes\nMaxStartups 100\n"
            ),
        )
        .expect("the configuration can be written");
        let process = spawn(&config, &log);
        let server = Self {
            port,
            folder,
            process,
        };
        server.wait_until_it_listens();
        server
    }

    fn wait_until_it_listens(&self) {
        wait::until_true("sshd listens", wait::LIMIT, || {
            std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
    }

    /// The address of the libvirt behind it, for `user`, with more for the end of it.
    pub fn uri(&self, user: &str, more: &str) -> String {
        format!(
            "qemu+ssh://{user}@127.0.0.1:{}/system?known_hosts={}{more}",
            self.port,
            self.known_hosts().display()
        )
    }

    /// Where clients that use [`Self::uri`] keep the keys they trust.
    pub fn known_hosts(&self) -> PathBuf {
        self.folder.join("known_hosts")
    }

    /// Has clients trust the server's key.
    ///
    /// # Panics
    /// When the key cannot be read.
    pub fn make_known(&self) {
        let key = fs::read_to_string(self.folder.join("host-key.pub")).expect("it has a key");
        let line = format!("[127.0.0.1]:{} {key}", self.port);
        fs::write(self.known_hosts(), line).expect("the file can be written");
    }

    /// The server's key as its administrator sees it: "SHA256:…".
    ///
    /// # Panics
    /// When there is none.
    pub fn fingerprint(&self) -> String {
        let output = Command::new("ssh-keygen")
            .arg("-lf")
            .arg(self.folder.join("host-key.pub"))
            .output()
            .expect("ssh-keygen starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let fingerprint = text.split_whitespace().nth(1);
        fingerprint.expect("ssh-keygen tells it").to_owned()
    }

    /// How many logins it has let in so far.
    pub fn logins(&self) -> usize {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        log.lines()
            .filter(|line| line.starts_with("Accepted p") && line.contains(" for "))
            .count()
    }

    /// Ends it with all its sessions, as a computer that is switched off.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub fn cut(&mut self) {
        // Sessions are processes of their own, in whose command line the server put its name.
        let _ = self.process.kill();
        let _ = self.process.wait();
        for process in processes("sshd:") {
            let _ = Command::new("kill").args(["-9", &process]).status();
        }
    }

    /// Starts it again after [`Self::cut`].
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        let log = self.folder.join("log").display().to_string();
        self.process = spawn(&self.folder.join("config"), &log);
        self.wait_until_it_listens();
    }

    /// Starts it again with another key.
    ///
    /// # Panics
    /// When it does not start.
    pub fn change_key(&mut self) {
        self.cut();
        for name in ["host-key", "host-key.pub"] {
            fs::remove_file(self.folder.join(name)).expect("it has a key");
        }
        make_key(&self.folder.join("host-key"));
        self.restart();
    }

    /// Stops it where it is: connections are taken and nothing is said.
    ///
    /// # Panics
    /// When it cannot be stopped.
    pub fn freeze(&self) {
        let process = self.process.id().to_string();
        let status = Command::new("kill").args(["-s", "STOP", &process]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -s STOP");
    }
}

impl Drop for SshServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            eprintln!("--- sshd at {}\n{log}", self.port);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The key that opens every account here.
pub fn key() -> &'static Path {
    Path::new("/run/ssh-user/key")
}

/// A key that opens every account here as well, locked with a passphrase.
///
/// # Panics
/// When it cannot be made.
pub fn locked_key(passphrase: &str) -> PathBuf {
    let locked = PathBuf::from("/run/ssh-user/locked");
    make_key_with(&locked, passphrase);
    let own = fs::read_to_string(locked.with_extension("pub")).expect("it was made");
    let accepted = key().with_extension("pub");
    let others = fs::read_to_string(&accepted).expect("there is a key");
    fs::write(accepted, others + &own).expect("keys can be written");
    locked
}

/// Gives root this password.
///
/// # Panics
/// When it cannot be set.
pub fn set_password(password: &str) {
    let hashed = Command::new("openssl")
        .args(["passwd", "-6", password])
        .output()
        .expect("openssl starts");
    let hash = String::from_utf8_lossy(&hashed.stdout);
    let lines = format!(
        "root:{}:19000:0:99999:7:::\n{NOBODY}:*:19000::::::\n",
        hash.trim()
    );
    fs::write("/run/shadow", lines).expect("passwords can be written");
}

/// The processes of this sandbox whose command lines hold `part`, by their numbers.
///
/// # Panics
/// When processes are not listed.
pub fn processes(part: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("processes are listed");
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|number| {
            let line = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line)
                .replace('\0', " ")
                .contains(part)
        })
        .collect()
}

/// Replaces the users of this computer, in this sandbox only: a server asks the system for them, and
/// ssh takes the home of its user from there.
fn users() {
    if Path::new("/run/passwd").exists() {
        return;
    }
    let users = fs::read_to_string("/etc/passwd").expect("there are users");
    let users: String = users
        .lines()
        .map(|line| match line.split(':').next() {
            Some("root") => "root:x:0:0:root:/run/home:/bin/sh\n".to_owned(),
            Some(NOBODY) => format!("{NOBODY}:x:1:1:{NOBODY}:/run:/bin/sh\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    fs::write("/run/passwd", users).expect("users can be written");
    set_password(PASSWORD);
    for name in ["passwd", "shadow"] {
        let status = Command::new("mount")
            .args(["--bind", &format!("/run/{name}"), &format!("/etc/{name}")])
            .status();
        assert!(status.is_ok_and(|status| status.success()), "mount {name}");
    }
    for folder in ["/run/sshd", "/run/ssh-user"] {
        fs::create_dir_all(folder).expect("a folder can be made");
    }
    make_key(key());
}

fn make_key(file: &Path) {
    make_key_with(file, "");
}

fn make_key_with(file: &Path, passphrase: &str) {
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", passphrase, "-f"])
        .arg(file)
        .status();
    assert!(status.is_ok_and(|status| status.success()), "ssh-keygen");
}

fn spawn(config: &Path, log: &str) -> Child {
    // It insists on being started by its whole name.
    Command::new("/usr/sbin/sshd")
        .args(["-D", "-E", log, "-f"])
        .arg(config)
        .stdin(Stdio::null())
        .spawn()
        .expect("sshd starts")
}
