//! A report as text, for the terminal and the clipboard.

use backend::check::{Line, Report, Scope, Verdict};

use crate::printable::printable;

/// Longest line of sentences; commands are never broken.
const WIDTH: usize = 92;

/// Where sentences begin, right of the verdict's word.
const INDENT: usize = 11;

/// The whole report; verdicts in colour where that is wanted.
pub fn describe(report: &Report, colour: bool) -> String {
    let mut text = wrapped("", &subject(report), 0);
    for (section, lines) in report.sections() {
        text.push_str(&format!("\n{}\n", section.title()));
        for line in lines {
            text.push_str(&describe_line(line, colour));
        }
    }
    text.push_str(&format!("\n{}.\n", summary(report)));
    text
}

/// What was looked at.
pub fn subject(report: &Report) -> String {
    let uri = &report.uri;
    match report.scope {
        Scope::ThisComputer => format!("This computer, for {uri}"),
        _ => format!(
            "{uri}, as its libvirt tells; what only that computer itself can see was not looked at"
        ),
    }
}

/// What came of it, in few words.
pub fn summary(report: &Report) -> String {
    let count = |verdict, one: &str, many: &str| match report.count(verdict) {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {many}")),
    };
    let parts: Vec<String> = [
        count(Verdict::Problem, "problem", "problems"),
        count(Verdict::Note, "note", "notes"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return "Everything is fine".to_owned();
    }
    parts.join(", ")
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
            text.push_str(&format!("{margin}  {}\n", printable(command)));
        }
    }
    text
}

/// `begin`, which is `indent` wide, and `sentence` broken between words, the further lines indented.
fn wrapped(begin: &str, sentence: &str, indent: usize) -> String {
    let mut text = begin.to_owned();
    let mut column = indent;
    for (at, word) in sentence.split_whitespace().enumerate() {
        let word = printable(word);
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

#[cfg(test)]
pub(crate) mod tests {
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

    /// A line that is good, and a problem with a remedy.
    pub(crate) fn report() -> Report {
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
                        mend: None,
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
            "This computer, for qemu:///system\n\
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
             1 problem.\n"
        );
        let coloured = describe(&report(), true);
        assert!(coloured.contains("\u{1b}[1;31mproblem\u{1b}[0m  Nothing"));
    }

    #[test]
    fn the_summary_counts_what_is_to_be_looked_at() {
        let mut report = report();
        report
            .lines
            .extend(["A.", "B."].map(|message| line(Topic::Space, Verdict::Note, message)));
        assert_eq!(summary(&report), "1 problem, 2 notes");
        report.lines.truncate(1);
        assert_eq!(summary(&report), "Everything is fine");
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
}
