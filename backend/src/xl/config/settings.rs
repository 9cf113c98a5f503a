//! The settings of a file as they are asked for: what has been read is gone, so that what remains
//! at the end is what nobody carried over.

use std::collections::BTreeMap;

use crate::xl::Note;
use crate::xl::guest::Secret;
use crate::xl::spec;
use crate::xl::syntax::{Item, Setting, Value};

/// Settings and what there is to tell about them.
pub(super) struct Settings {
    left: BTreeMap<String, Setting>,
    pub(super) notes: Vec<Note>,
}

/// A text and the line it stands in.
pub(super) type Line = (usize, String);

impl Settings {
    pub(super) fn new(left: BTreeMap<String, Setting>, notes: Vec<Note>) -> Self {
        Self { left, notes }
    }

    pub(super) fn note(&mut self, line: usize, key: &str, why: impl Into<String>) {
        self.notes.push(Note::at_line(line, key, why));
    }

    fn take(&mut self, key: &str) -> Option<Setting> {
        let setting = self.left.remove(key)?;
        (setting.value != Value::Nothing).then_some(setting)
    }

    /// A text or a number as written, with its line. Empty texts count as not set.
    pub(super) fn line(&mut self, key: &str) -> Option<Line> {
        let setting = self.take(key)?;
        match setting.value {
            Value::Text(text) | Value::Number(text) => {
                Some((setting.line, text)).filter(|(_, text)| !text.trim().is_empty())
            }
            _ => {
                self.note(
                    setting.line,
                    key,
                    "A list stands where one value belongs; it is left out.",
                );
                None
            }
        }
    }

    /// The same without the line and the blanks around it, which XML would not keep.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.line(key).map(|(_, text)| text.trim().into())
    }

    /// A password, just as it is written.
    pub(super) fn secret(&mut self, key: &str) -> Option<Secret> {
        self.line(key).map(|(_, text)| Secret(text))
    }

    /// A number, not negative.
    pub(super) fn size(&mut self, key: &str) -> Option<u64> {
        self.read(key, "A number", |text| {
            u64::try_from(spec::number(text)?).ok()
        })
    }

    /// A number with a sign.
    pub(super) fn number(&mut self, key: &str) -> Option<i64> {
        self.read(key, "A number", spec::number)
    }

    /// A truth value.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, "0 or 1", spec::flag)
    }

    fn read<T>(&mut self, key: &str, kind: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (line, text) = self.line(key)?;
        let value = parse(&text);
        if value.is_none() {
            let why = format!("{kind} belongs here; what stands here is left out.");
            self.note(line, key, why);
        }
        value
    }

    /// A list of texts; a text alone is a list of one. Empty texts stay: an interface may be one.
    pub(super) fn list(&mut self, key: &str) -> Vec<Line> {
        let Some(setting) = self.take(key) else {
            return Vec::new();
        };
        let items = match setting.value {
            Value::List(items) => items,
            value => vec![Item {
                line: setting.line,
                value,
            }],
        };
        let mut texts = Vec::new();
        for item in items {
            match item.value {
                Value::Text(text) | Value::Number(text) => texts.push((item.line, text)),
                _ => self.note(
                    item.line,
                    key,
                    "A list inside of this list is not understood; it is left out.",
                ),
            }
        }
        texts
    }

    /// Whether a key is set to a list.
    pub(super) fn is_list(&self, key: &str) -> bool {
        matches!(
            self.left.get(key),
            Some(Setting {
                value: Value::List(_),
                ..
            })
        )
    }

    /// Reads a truth value that says what is so anyway; tells where it does not.
    pub(super) fn only(&mut self, key: &str, expected: bool, why: &str) {
        if let Some(setting) = self.left.get(key) {
            let line = setting.line;
            if self.flag(key) == Some(!expected) {
                self.note(line, key, why);
            }
        }
    }

    /// What nobody has asked for, with its lines.
    pub(super) fn into_left(self) -> (Vec<(usize, String)>, Vec<Note>) {
        let left = self
            .left
            .into_iter()
            .filter(|(_, setting)| setting.value != Value::Nothing)
            .map(|(key, setting)| (setting.line, key))
            .collect();
        (left, self.notes)
    }
}
