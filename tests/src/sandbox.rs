//! Runs a test in namespaces of its own: mounts, network, processes. It sees a fresh libvirt, an
//! empty loopback and an empty process table; whatever it starts dies with it, however it ends.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::tier::Tier;

/// Set inside a sandbox, to the file in which the test proves that it ran.
const PROOF: &str = "GUESTHOUSE_SANDBOX_PROOF";

/// How long a test may take unless it says otherwise: longer than all it waits for may take on a
/// busy machine, so that what hangs is named by the wait that hung.
const LIMIT: Duration = Duration::from_mins(20);

/// Runs `body`, the closure of a test function, in a sandbox, if `tier` is here.
///
/// The test binary is started again inside, for this one test; the test's name is taken from the
/// closure's type, so `body` must be a closure written in the test function itself.
///
/// # Panics
/// When the test fails or does not end in time, with its output.
pub fn run(tier: Tier, body: impl FnOnce()) {
    run_within(LIMIT, tier, body);
}

/// [`run`] with another limit, for tests that boot something large.
///
/// # Panics
/// As [`run`].
pub fn run_within<F: FnOnce()>(limit: Duration, tier: Tier, body: F) {
    if let Some(proof) = std::env::var_os(PROOF) {
        body();
        std::fs::write(proof, "ran").expect("the proof can be written");
        return;
    }
    if !tier.is_here() {
        return;
    }

    let test = test_name(std::any::type_name::<F>());
    let proof = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let binary = std::env::current_exe().expect("a test knows its own binary");
    let mut child = command(binary)
        .args(["--exact", &test, "--nocapture", "--test-threads=1"])
        .env(PROOF, proof.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("unshare was found by the tier");
    let out = collect(child.stdout.take());
    let err = collect(child.stderr.take());
    let status = wait(&mut child, limit);
    // Both end at once: the sandbox is gone with everything that held the other ends.
    let out = out.join().expect("the reader does not panic");
    let err = err.join().expect("the reader does not panic");
    let report = format!("--- output\n{out}--- messages\n{err}");
    match status {
        None => panic!("{test} did not end within {} s\n{report}", limit.as_secs()),
        Some(status) => assert!(status.success(), "{test} failed in its sandbox\n{report}"),
    }
    let ran = std::fs::read_to_string(proof.path()).is_ok_and(|text| text == "ran");
    assert!(ran, "{test} was not found in its own binary\n{report}");
}

/// Starts this program again in a sandbox, with the same arguments, and gives its exit status;
/// `None` when this already is inside, and the program's own work is to be done.
///
/// # Errors
/// When the sandbox cannot be made.
pub fn enter() -> std::io::Result<Option<ExitStatus>> {
    if is_inside() {
        return Ok(None);
    }
    command(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(PROOF, "/dev/null")
        .status()
        .map(Some)
}

/// Whether this process is inside a sandbox.
pub fn is_inside() -> bool {
    std::env::var_os(PROOF).is_some()
}

/// A command that runs `program` in new namespaces, prepared for tests. It dies with the thread
/// that starts it.
pub(crate) fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "SIGKILL", "unshare"]);
    if !is_root() {
        // All the ids the user may map, because daemons change to users of their own.
        command.args(["--user", "--map-root-user", "--map-auto"]);
    }
    command
        .args([
            "--mount",
            "--net",
            "--pid",
            "--ipc",
            "--fork",
            "--kill-child",
        ])
        .args(["--mount-proc", "--propagation", "private"])
        .args(["sh", "-c", include_str!("sandbox.sh"), "sh"])
        .arg(program.as_ref());
    // A known place to start from: nothing of the user's desktop, settings or servers.
    command
        .env_clear()
        .env("PATH", search_path())
        .env("HOME", "/run/home")
        .env("XDG_RUNTIME_DIR", "/run/user")
        .env("LANG", "C.UTF-8")
        .env("GSETTINGS_BACKEND", "memory")
        .env("GIO_USE_VFS", "local")
        .env("GSK_RENDERER", "cairo")
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null());
    for kept in [
        "GUESTHOUSE_REQUIRE_TIERS",
        "CARGO_TARGET_DIR",
        "GUESTHOUSE_LOG",
    ] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The distribution's own programs first, and the administrator's, which an ordinary user's path
/// lacks.
fn search_path() -> String {
    let own = std::env::var("PATH").unwrap_or_default();
    format!("/usr/bin:/usr/sbin:/bin:/sbin:{own}")
}

/// `suites::daemon::starts::{{closure}}` is the test `daemon::starts`.
fn test_name(closure: &str) -> String {
    let path = closure.split("::{{closure}}").next().unwrap_or(closure);
    path.split_once("::")
        .map_or(path, |(_, rest)| rest)
        .to_owned()
}

fn collect(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        let Some(stream) = stream else { return text };
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line), Ok(count) if count > 0) {
            text.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
        text
    })
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    loop {
        match child.try_wait().expect("a child can be waited for") {
            Some(status) => return Some(status),
            None if start.elapsed() > limit => {
                // Already gone is as good.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::test_name;

    #[test]
    fn a_test_is_named_by_its_closure() {
        assert_eq!(
            test_name("suites::daemon::starts::{{closure}}"),
            "daemon::starts"
        );
        assert_eq!(test_name("suites::starts::{{closure}}"), "starts");
    }
}
