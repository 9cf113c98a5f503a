//! The program under test, as a user starts it.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use crate::display::Display;

/// The built binary: `guesthouse` beside the folder of the test binaries.
///
/// # Panics
/// When it has not been built.
pub fn binary() -> PathBuf {
    sibling("guesthouse")
}

/// An example program of this crate; cargo builds them with the tests.
///
/// # Panics
/// When it has not been built.
pub fn example(name: &str) -> PathBuf {
    sibling(&format!("examples/{name}"))
}

fn sibling(path: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a test knows its own binary");
    // target/debug/deps/suites-HASH or target/release/measure
    let folder = own.parent().expect("a binary is in a folder");
    let profile = if folder.ends_with("deps") {
        folder.parent().expect("deps is in a folder")
    } else {
        folder
    };
    let program = profile.join(path);
    assert!(
        program.is_file(),
        "{} is not built: run cargo build --bin guesthouse first, as make test does",
        program.display()
    );
    program
}

/// Runs `guesthouse` with these arguments, without a display, and gives what came of it.
///
/// # Panics
/// When it cannot be started.
pub fn run(arguments: &[&str]) -> Output {
    Command::new(binary())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("guesthouse starts")
}

/// A program with windows on a display; ended when this is dropped.
#[derive(Debug)]
pub struct Windowed(Child);

impl Windowed {
    /// Starts `program` with these arguments.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(display: &Display, program: PathBuf, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        let child = display
            .use_for(&mut command)
            .args(arguments)
            .stdin(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self(child)
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().expect("a child can be asked").is_none()
    }

    /// Ends it as a crash does (SIGKILL).
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Windowed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
