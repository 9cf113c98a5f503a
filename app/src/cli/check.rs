//! `guesthouse check`: whether a host is fit for guests.

use std::io::IsTerminal;
use std::process::ExitCode;

use backend::check::{self, Line, Report, Scope, Section, Verdict};
use serde::Serialize;

use super::{CheckArguments, ask, output};
use crate::runtime;

/// Longest line of sentences; commands are never broken.
const WIDTH: usize = 92;

/// Where sentences begin, right of the verdict's word.
const INDENT: usize = 11;

/// A report as `--json` prints it. Names here are an interface that scripts rely on.
#[derive(Serialize)]
struct ReportEntry<'a> {
    uri: &'a str,
    /// Whether this machine itself was looked at, or only what libvirt tells of another.
    local: bool,
    verdict: &'static str,
    lines: Vec<LineEntry<'a>>,
}

#[derive(Serialize)]
struct LineEntry<'a> {
    topic: &'static str,
    verdict: &'static str,
    message: &'a str,
    detail: Option<&'a str>,
    remedy: Option<&'a str>,
    command: Option<&'a str>,
}

impl<'a> From<&'a Report> for ReportEntry<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            uri: &report.uri,
            local: report.scope == Scope::ThisComputer,
            verdict: report.verdict().word(),
            lines: report.lines.iter().map(LineEntry::from).collect(),
        }
    }
}

impl<'a> From<&'a Line> for LineEntry<'a> {
    fn from(line: &'a Line) -> Self {
        let remedy = line.remedy.as_ref();
        Self {
            topic: line.topic.key(),
            verdict: line.verdict.word(),
            message: &line.message,
            detail: line.detail.as_deref(),
            remedy: remedy.map(|remedy| &*remedy.sentence),
            command: remedy.and_then(|remedy| remedy.command.as_deref()),
        }
    }
}

pub(super) async fn run(arguments: &CheckArguments, connect: Option<&str>) -> ExitCode {
    let report = match ask::terminal() {
        Some(asker) => check::check_asking(connect, asker, &runtime::handle()).await,
        None => check::check(connect, &runtime::handle()).await,
    };
    if arguments.json {
        output::print_json(&ReportEntry::from(&report));
    } else {
        output::print(&describe(&report, wants_colour()));
    }
    match report.verdict() {
        Verdict::Problem => ExitCode::FAILURE,
        Verdict::Good | Verdict::Note => ExitCode::SUCCESS,
    }
}

/// On a terminal that has colours, unless <https://no-color.org> says otherwise.
fn wants_colour() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_some_and(|terminal| terminal != "dumb")
}

fn describe(report: &Report, colour: bool) -> String {
    let uri = output::printable(&report.uri);
    let mut text = match report.scope {
        Scope::ThisComputer => format!("This machine, for {uri}\n"),
        _ => wrapped(
            "",
            &format!(
                "{uri}, as its libvirt tells; what only that machine itself can see was not \
                 looked at"
            ),
            0,
        ),
    };
    let mut section: Option<Section> = None;
    for line in &report.lines {
        let this = line.topic.section();
        if section != Some(this) {
            text.push_str(&format!("\n{}\n", this.title()));
            section = Some(this);
        }
        text.push_str(&describe_line(line, colour));
    }
    text.push_str(&format!("\n{}\n", summary(report)));
    text
}

fn describe_line(line: &Line, colour: bool) -> String {
    let word = line.verdict.word();
    // The word says it; colour only helps to find it.
    let shown = match (colour, line.verdict) {
        (false, _) => word.to_owned(),
        (true, Verdict::Good) => format!("\u{1b}[32m{word}\u{1b}[0m"),
        (true, Verdict::Note) => format!("\u{1b}[33m{word}\u{1b}[0m"),
        (true, Verdict::Problem) => format!("\u{1b}[1;31m{word}\u{1b}[0m"),
    };
    let space = " ".repeat(INDENT - 2 - word.len());
    let mut text = wrapped(&format!("  {shown}{space}"), &line.message, INDENT);
    let margin = " ".repeat(INDENT);
    if let Some(detail) = &line.detail {
        text.push_str(&wrapped(&margin, &format!("({detail})"), INDENT));
    }
    if let Some(remedy) = &line.remedy {
        text.push_str(&wrapped(&margin, &remedy.sentence, INDENT));
        if let Some(command) = &remedy.command {
            text.push_str(&format!("{margin}  {}\n", output::printable(command)));
        }
    }
    text
}

/// `begin`, which is `indent` wide, and `sentence` broken between words, the further lines indented.
fn wrapped(begin: &str, sentence: &str, indent: usize) -> String {
    let mut text = begin.to_owned();
    let mut column = indent;
    for (at, word) in sentence.split_whitespace().enumerate() {
        let word = output::printable(word);
        let width = word.chars().count();
        if at > 0 && column + 1 + width > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if at > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(&word);
        column += width;
    }
    text.push('\n');
    text
}

fn summary(report: &Report) -> String {
    let count = |verdict, one: &str, many: &str| match report.count(verdict) {
        0 => format!("No {many}"),
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    };
    format!(
        "{}, {}.",
        count(Verdict::Problem, "problem", "problems"),
        count(Verdict::Note, "note", "notes").to_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use backend::check::{Remedy, Topic};

    fn line(topic: Topic, verdict: Verdict, message: &str) -> Line {
        Line {
            topic,
            verdict,
            message: message.into(),
            detail: None,
            remedy: None,
        }
    }

    fn report() -> Report {
        Report {
            uri: "qemu:///system".into(),
            scope: Scope::ThisComputer,
            lines: vec![
                line(Topic::Processor, Verdict::Good, "It can."),
                Line {
                    detail: Some("No such\nfile".into()),
                    remedy: Some(Remedy {
                        sentence: "Start it.".into(),
                        command: Some("sudo libvirtd --daemon".into()),
                    }),
                    ..line(Topic::Connection, Verdict::Problem, "Nothing answers.")
                },
            ],
        }
    }

    #[test]
    fn a_report_is_grouped_and_says_verdicts_in_words() {
        assert_eq!(
            describe(&report(), false),
            "This machine, for qemu:///system\n\
             \n\
             Processor and KVM\n\
             \x20 good     It can.\n\
             \n\
             Hypervisor service\n\
             \x20 problem  Nothing answers.\n\
             \x20          (No such file)\n\
             \x20          Start it.\n\
             \x20            sudo libvirtd --daemon\n\
             \n\
             1 problem, no notes.\n"
        );
        let coloured = describe(&report(), true);
        assert!(coloured.contains("\u{1b}[1;31mproblem\u{1b}[0m  Nothing"));
    }

    #[test]
    fn long_sentences_are_broken_and_cannot_drive_the_terminal() {
        let long = "word ".repeat(60);
        let text = wrapped("           ", &format!("{long}\u{1b}[2J"), INDENT);
        assert!(text.lines().count() > 2);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(line.starts_with("           w") || line.contains('?'));
        }
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn json_has_the_same_in_stable_names() {
        let report = report();
        let json = serde_json::to_value(ReportEntry::from(&report)).unwrap();
        assert_eq!(json["verdict"], "problem");
        assert_eq!(json["local"], true);
        assert_eq!(json["lines"][0]["topic"], "processor");
        assert_eq!(json["lines"][0]["command"], serde_json::Value::Null);
        assert_eq!(json["lines"][1]["remedy"], "Start it.");
        assert_eq!(json["lines"][1]["command"], "sudo libvirtd --daemon");
    }
}
