//! Asking on the terminal what a host wants to know. What ssh asks, ssh asks there by itself.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use backend::question::{About, Asker, Field, Question, Secret};
use tokio::runtime::Handle;

use crate::printable::printable;

/// The terminal the program was started from, which stays when its output goes elsewhere.
const TERMINAL: &str = "/dev/tty";

/// Asks on the terminal; nothing where there is none, as for a program that a timer starts.
pub(super) fn terminal() -> Option<Asker> {
    File::open(TERMINAL).ok()?;
    let (asker, mut questions) = Asker::new();
    let runtime = Handle::current();
    runtime.clone().spawn(async move {
        while let Some(question) = questions.recv().await {
            // A question that is not answered is dropped with this, which cancels.
            let _ = runtime.spawn_blocking(move || put(question)).await;
        }
    });
    Some(asker)
}

/// Puts one question. Ctrl+C and the end of input drop it.
fn put(question: Question) -> io::Result<()> {
    let About::Credentials { fields, refused } = question.about() else {
        // ssh alone asks others, and does so by itself.
        return Ok(());
    };
    let mut terminal = File::options().write(true).open(TERMINAL)?;
    let uri = printable(question.uri());
    let refused = if *refused {
        "That was not accepted. "
    } else {
        ""
    };
    writeln!(terminal, "{refused}{uri} asks:")?;
    let answers: io::Result<Vec<Secret>> = fields.iter().map(ask).collect();
    question.answer(answers?);
    Ok(())
}

/// Asks for one thing. The prompt may have several lines.
pub(super) fn ask(field: &Field) -> io::Result<Secret> {
    let lines: Vec<String> = field.prompt.lines().map(printable).collect();
    let prompt = lines.join("\n");
    if field.secret {
        return rpassword::prompt_password(format!("{prompt}: ")).map(Secret::from);
    }
    let default = field.default.as_deref().map(printable);
    let mut terminal = File::options().write(true).open(TERMINAL)?;
    match &default {
        Some(default) => write!(terminal, "{prompt} [{default}]: ")?,
        None => write!(terminal, "{prompt}: ")?,
    }
    terminal.flush()?;
    let mut line = String::new();
    if BufReader::new(File::open(TERMINAL)?).read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let typed = line.trim_end_matches(['\n', '\r']);
    Ok(match &field.default {
        Some(default) if typed.is_empty() => default.as_str().into(),
        _ => typed.into(),
    })
}
