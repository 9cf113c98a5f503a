//! The program in a terminal, as a person at a shell has it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::{program, wait};

/// `guesthouse` on a pseudo-terminal; ended when this is dropped.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    /// What the terminal's user holds: keys go in, text comes out.
    user: File,
    /// The side of the program, kept so that its modes can be looked at when the program is gone.
    line: File,
    shown: Arc<Mutex<String>>,
}

impl Terminal {
    /// Starts `guesthouse` with these arguments.
    ///
    /// # Panics
    /// When there is no terminal to be had, or the program does not start.
    pub fn run(arguments: &[&str]) -> Self {
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
        grantpt(&user).expect("it is ours");
        unlockpt(&user).expect("it is ours");
        let name = ptsname(&user, Vec::new()).expect("it has a name");
        let path = std::ffi::OsStr::from_bytes(name.as_bytes());
        let line = File::options().read(true).write(true).open(path);
        let line = line.expect("the other side can be opened");
        let side = || line.try_clone().expect("descriptors can be copied");
        let child = Command::new(program::binary())
            .args(arguments)
            .stdin(side())
            .stdout(side())
            .stderr(side())
            .spawn()
            .expect("guesthouse starts");
        let user = File::from(user);
        let shown = Arc::new(Mutex::new(String::new()));
        let (mut from, told) = (
            user.try_clone().expect("descriptors can be copied"),
            shown.clone(),
        );
        // Ends with the terminal.
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..count]);
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                told.push_str(&text);
            }
        });
        Self {
            child,
            user,
            line,
            shown,
        }
    }

    /// Types these bytes.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn type_keys(&mut self, keys: &[u8]) {
        self.user.write_all(keys).expect("a terminal takes keys");
    }

    /// Everything that was shown so far.
    pub fn shown(&self) -> String {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.clone()
    }

    /// Waits until `text` has been shown.
    ///
    /// # Panics
    /// When it never is.
    pub fn wait_for(&self, text: &str) {
        let what = format!("{text:?} on the terminal");
        wait::until_true(&what, wait::LIMIT, || self.shown().contains(text));
    }

    /// Sends the program a signal, by its name.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -s {name}");
    }

    /// Waits until the program has ended.
    ///
    /// # Panics
    /// When it does not end.
    pub fn wait(&mut self) -> ExitStatus {
        wait::until("the program ends", wait::LIMIT, || {
            self.child.try_wait().expect("a child can be waited for")
        })
    }

    /// Whether lines are typed at it as at a shell: shown, and handed over when they are whole.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn is_ordinary(&self) -> bool {
        let modes = tcgetattr(&self.line).expect("it is a terminal").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- terminal\n{}", self.shown());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
