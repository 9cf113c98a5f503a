//! What goes to the terminal: errors in whole, tables.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use crate::printable::printable;
use backend::{Error, ErrorKind, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What happened, what to do, and the library's own words, on standard error.
pub(super) fn print_error(error: &Error) {
    eprintln!("guesthouse: {}", error.message());
    if let Some(remedy) = error.remedy() {
        eprintln!("  {remedy}");
    }
    if let Some(left) = error.left_behind() {
        eprintln!("  {left}");
    }
    if let Some(detail) = error.detail() {
        eprintln!("  ({detail})");
    }
}

/// The exit status for a failure, as `--help` lists them.
pub(super) fn exit_code(error: &Error) -> ExitCode {
    match error.kind() {
        ErrorKind::Cancelled => ExitCode::from(130),
        _ => ExitCode::FAILURE,
    }
}

/// Ctrl+C as a message: from here on it ends nothing by itself.
///
/// # Errors
/// When the system does not tell.
pub(super) fn interrupts() -> Result<Signal> {
    signal(SignalKind::interrupt()).map_err(|error| {
        let message = "The system does not tell this program about Ctrl+C.";
        Error::new(ErrorKind::NotSupported, message).with_detail(error.to_string())
    })
}

/// Writes to standard output. A reader that went away (`| head`) is no failure of ours; anything else,
/// such as a full disk, ends the program: half an answer must not pass for a whole one.
pub(super) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("guesthouse: the output could not be written: {error}");
        backend::end_process(1);
    }
}

/// Writes `value` as indented JSON.
pub(super) fn print_json<T: serde::Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&(text + "\n")),
        // Only maps with keys that are not text fail, and nothing here has such.
        Err(error) => eprintln!("guesthouse: {error}"),
    }
}

/// Whether somebody watches standard error on a terminal.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// A column of a table.
pub(super) struct Column {
    /// Its heading.
    pub(super) title: &'static str,
    /// Numbers stand at the right.
    pub(super) right: bool,
}

/// Rows under headings, each column as wide as its widest cell. Control characters, which a
/// hostile guest name could carry to the terminal, are shown as `?`.
pub(super) fn table(columns: &[Column], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| printable(cell)).collect())
        .collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.chars().count())
                .chain([column.title.chars().count()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let titles = columns.iter().map(|column| column.title.to_owned());
    let mut text = String::new();
    for row in std::iter::once(titles.collect()).chain(rows) {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(columns).zip(&widths) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            if column.right {
                line.push_str(&space);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&space);
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 2] = [
        Column {
            title: "Name",
            right: false,
        },
        Column {
            title: "Memory",
            right: true,
        },
    ];

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["debian".to_owned(), "1024".to_owned()],
            vec!["ü".to_owned(), "65536000".to_owned()],
        ];
        assert_eq!(
            table(&COLUMNS, &rows),
            "Name      Memory\ndebian      1024\nü       65536000\n"
        );
    }

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        let rows = [vec!["a\u{1b}[2Jb\n".to_owned(), "1".to_owned()]];
        assert!(!table(&COLUMNS, &rows).contains('\u{1b}'));
        assert_eq!(table(&COLUMNS, &rows).lines().count(), 2);
    }
}
