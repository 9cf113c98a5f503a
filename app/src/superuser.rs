//! Commands for the superuser: run as they are by the superuser, through polkit by others.

use std::process::{Command, Stdio};

use backend::check::as_typed;
use backend::{Error, ErrorKind, Result};

use crate::daemon;

/// What asks polkit, and where every distribution has it.
const PKEXEC: &str = "/usr/bin/pkexec";

/// pkexec's exit status when its question was dismissed, and when the answer was no.
const DISMISSED: i32 = 126;
const REFUSED: i32 = 127;

/// A command, as it will be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuperuserCommand {
    words: Vec<String>,
    asks: bool,
}

impl SuperuserCommand {
    /// `words` for whoever runs this program; nothing where there is no way. Looks at files.
    pub fn of(words: &[String]) -> Option<Self> {
        let asks = !daemon::is_root();
        if asks && !std::path::Path::new(PKEXEC).is_file() {
            return None;
        }
        Some(Self::new(words, asks))
    }

    fn new(words: &[String], asks: bool) -> Self {
        let before = asks.then(|| "pkexec".to_owned());
        let words = before.into_iter().chain(words.iter().cloned()).collect();
        Self { words, asks }
    }

    /// Whether the system asks for a password first.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// The whole of it, as it is typed into a shell.
    pub fn text(&self) -> String {
        as_typed(&self.words)
    }

    /// Runs it to its end. Blocks, as long as the system's question for a password is open.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when the user dismissed that question,
    /// [`ErrorKind::PermissionDenied`] when the system does not let this user; else what the command
    /// said.
    pub fn run(&self) -> Result<()> {
        let Some((program, arguments)) = self.words.split_first() else {
            return Ok(());
        };
        let output = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| self.failed(&error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        let words = daemon::last_words(&output);
        Err(match output.status.code() {
            Some(DISMISSED) if self.asks => {
                Error::new(ErrorKind::Cancelled, "Nothing was done.").with_detail(words)
            }
            Some(REFUSED) if self.asks => Error::new(
                ErrorKind::PermissionDenied,
                "The system did not let you run that as the superuser.",
            )
            .with_remedy(
                "Copy the command and run it in a terminal, or ask who administers this computer.",
            )
            .with_detail(words),
            _ => self.failed(&words),
        })
    }

    fn failed(&self, detail: &str) -> Error {
        Error::new(ErrorKind::Hypervisor, "The command failed.")
            .with_remedy("The details tell why. Mend it, then try again.")
            .with_detail(format!("{}\n{detail}", self.text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_is_shown_is_what_is_run() {
        let command = SuperuserCommand::new(&words(&["sh", "-c", "a; b"]), true);
        assert_eq!(command.text(), "pkexec sh -c 'a; b'");
        assert_eq!(
            SuperuserCommand::new(&words(&["true"]), false).run(),
            Ok(())
        );
    }

    #[test]
    fn failures_are_told_apart() {
        let ends = |status: &str, asks| {
            let command = SuperuserCommand {
                words: words(&["sh", "-c", &format!("echo why >&2; exit {status}")]),
                asks,
            };
            command.run().unwrap_err()
        };
        assert_eq!(ends("126", true).kind(), ErrorKind::Cancelled);
        assert_eq!(ends("127", true).kind(), ErrorKind::PermissionDenied);
        let error = ends("127", false);
        assert_eq!(error.kind(), ErrorKind::Hypervisor);
        assert!(error.detail().unwrap().ends_with("why"), "{error:?}");
        let missing = SuperuserCommand::new(&words(&["/nonexistent/program"]), false);
        assert!(missing.run().unwrap_err().detail().is_some());
    }
}
