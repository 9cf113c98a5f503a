//! Processes stopped in the middle of their work, so that a test can look at it or break it off.

use std::fs;
use std::process::Command;

use crate::{sandbox, wait};

/// A process of the sandbox that stands still; it goes on when this is dropped.
#[derive(Debug)]
pub struct Held(String);

impl Held {
    /// Stops the first process whose command line holds `part`, as soon as there is one.
    ///
    /// # Panics
    /// Outside a sandbox; when none comes.
    pub fn catch(part: &str) -> Self {
        assert!(sandbox::is_inside(), "the machine's own are left alone");
        let own = std::process::id().to_string();
        let start = std::time::Instant::now();
        // Without pauses: what is looked for may be quick.
        loop {
            let found = processes().find(|process| *process != own && runs(process, part));
            if let Some(process) = found {
                signal(&process, "STOP");
                return Self(process);
            }
            assert!(start.elapsed() < wait::LIMIT, "no process {part}");
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // It may have been ended meanwhile.
        signal(&self.0, "CONT");
    }
}

fn processes() -> impl Iterator<Item = String> {
    let entries = fs::read_dir("/proc").expect("a sandbox has its own processes");
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

fn runs(process: &str, part: &str) -> bool {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    line.contains(part)
}

fn signal(process: &str, name: &str) {
    let sent = Command::new("kill").args(["-s", name, process]).output();
    assert!(sent.is_ok(), "kill can be run");
}
