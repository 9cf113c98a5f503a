//! `guesthouse check`: whether a host is fit for guests.

use std::io::IsTerminal;
use std::process::ExitCode;

use backend::check::{self, Line, Report, Scope, Verdict};
use serde::Serialize;

use super::{CheckArguments, ask, output};
use crate::check::text;
use crate::runtime;

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
        output::print(&text::describe(&report, wants_colour()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::text::tests::report;

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
