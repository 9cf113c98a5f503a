//! The form of a configuration file, before anything is known about its keys: `key = value`, one
//! to a line or set apart by `;`.
//!
//! Read are the syntax of xl.cfg(5) and what of Python the files of xm were written in as data:
//! both kinds of quotes and the triple ones, lists and tuples over several lines, variables, and
//! texts and lists joined by `+`. What would have to be executed is not: such statements are told
//! to the user, and so is everything else that is no setting.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorKind, Result};

use super::Note;
use lexer::{Lexer, Token};

mod lexer;
#[cfg(test)]
mod tests;

/// No configuration is larger; the largest seen have some kilobytes.
const SIZE_LIMIT: usize = 256 * 1024;
/// Lists in lists. xl.cfg(5) has none deeper than two.
const DEPTH_LIMIT: usize = 16;
/// What values may grow to by variables and joining, in all.
const GROWTH_LIMIT: usize = 1024 * 1024;
/// A file with more statements that are not understood is something else.
const STRANGE_LIMIT: usize = 200;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// What stood in quotes.
    Text(String),
    /// A number as written; Python's truth values are 1 and 0.
    Number(String),
    /// Python's `None`.
    Nothing,
    /// A list.
    List(Vec<Item>),
}

/// An element of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The line it begins in.
    pub(super) line: usize,
    /// What it is.
    pub(super) value: Value,
}

/// What a key is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    /// The line it is set in.
    pub(super) line: usize,
    /// To what.
    pub(super) value: Value,
}

/// A file that has been read.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Every key with what it is set to in the end.
    pub(super) settings: BTreeMap<String, Setting>,
    /// Keys whose values other lines are made with.
    pub(super) variables: BTreeSet<String>,
    /// What could not be understood.
    pub(super) notes: Vec<Note>,
}

/// Why a statement cannot be taken.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is none of ours; the next one may be.
    Strange(&'static str),
    /// The file is broken from here on.
    Broken(Error),
}

impl Trouble {
    fn unclosed_quote(line: usize) -> Self {
        Self::Broken(broken(line, "a quotation mark is opened and not closed"))
    }
}

const PYTHON: &str = "This is not a plain setting. Files for xm could hold Python, which is not \
                      run; set what it results in by hand.";
const NO_SETTING: &str = "This line is not understood: it is no setting.";
const CONTROL: &str = "The value has control characters in it, which no setting can have.";

fn broken(line: usize, what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("The configuration is broken in line {line}: {what}."),
    )
    .with_remedy("Correct that line and try again.")
}

/// Reads a file.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for lists and quotes that are not closed, for absurd sizes and for
/// text that is no configuration at all.
pub(super) fn parse(text: &str) -> Result<File> {
    if text.len() > SIZE_LIMIT {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "This file is too large for the configuration of a guest.",
        ));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text),
        file: File::default(),
        doubtful: BTreeSet::new(),
        growth: 0,
    };
    parser.run()?;
    Ok(parser.file)
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    file: File,
    /// Keys that statements which are not run may set as well.
    doubtful: BTreeSet<String>,
    growth: usize,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<()> {
        let mut indent = 0;
        let mut block = None;
        loop {
            if !self.lexer.next_statement(&mut indent) {
                return Ok(());
            }
            // What an `if` or a `def` holds would be wrong to take without running it.
            if block.is_some_and(|opened| indent <= opened) {
                block = None;
            }
            let begin = self.lexer.place;
            let result = if block.is_some() {
                Err(Trouble::Strange(PYTHON))
            } else {
                self.statement()
            };
            match result {
                Ok(()) => {}
                Err(Trouble::Broken(error)) => return Err(error),
                Err(Trouble::Strange(why)) => {
                    self.lexer.place = begin;
                    self.lexer.open = 0;
                    self.note_strange(why)?;
                    self.lexer.place = begin;
                    if self.lexer.skip_statement() && block.is_none() {
                        block = Some(indent);
                    }
                }
            }
        }
    }

    fn note_strange(&mut self, why: &'static str) -> Result<()> {
        let line = self.lexer.place.line;
        if self.file.notes.len() >= STRANGE_LIMIT {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "This is not a configuration of xl or xm: hardly any of its lines are settings.",
            )
            .with_remedy("Choose the file that the guest is started from, as by “xl create”."));
        }
        let name = self.lexer.name().unwrap_or_default();
        self.lexer.skip_blanks();
        let sets = self.assignment().is_some();
        if sets {
            self.doubtful.insert(name.clone());
        }
        // The line itself is not repeated: it may hold a password.
        let key = if sets { name } else { String::new() };
        self.file.notes.push(Note::at_line(line, key, why));
        Ok(())
    }

    /// Goes on over `=` or `+=` and says whether it was the latter.
    fn assignment(&mut self) -> Option<bool> {
        let added = self.lexer.eat("+=");
        let set = added || (self.lexer.eat("=") && self.lexer.peek() != Some('='));
        set.then_some(added)
    }

    fn statement(&mut self) -> Result<(), Trouble> {
        let line = self.lexer.place.line;
        let key = self.lexer.name().ok_or(Trouble::Strange(NO_SETTING))?;
        self.lexer.skip_blanks();
        let Some(added) = self.assignment() else {
            let python = [
                "if", "else", "elif", "for", "while", "def", "import", "from", "try",
            ];
            let called = matches!(self.lexer.peek(), Some('(' | '.' | '['));
            let why = if called || python.contains(&key.as_str()) {
                PYTHON
            } else {
                NO_SETTING
            };
            return Err(Trouble::Strange(why));
        };
        let mut value = self.expression(0)?;
        if self.lexer.token()? != Token::End {
            return Err(Trouble::Strange(PYTHON));
        }
        if has_control_characters(&value) {
            return Err(Trouble::Strange(CONTROL));
        }
        let before = self.file.settings.remove(&key);
        match before {
            Some(before) if added => value = self.joined(before.value, value)?,
            Some(before) if !self.file.variables.contains(&key) => {
                self.file.notes.push(Note::at_line(
                    before.line,
                    key.clone(),
                    format!("The same key is set again in line {line}, and that counts."),
                ));
            }
            _ => {}
        }
        self.file.settings.insert(key, Setting { line, value });
        Ok(())
    }

    fn expression(&mut self, depth: usize) -> Result<Value, Trouble> {
        let mut value = self.term(depth)?;
        loop {
            self.lexer.skip_blanks();
            if !self.lexer.eat("+") {
                return Ok(value);
            }
            let right = self.term(depth)?;
            value = self.joined(value, right)?;
        }
    }

    fn term(&mut self, depth: usize) -> Result<Value, Trouble> {
        match self.lexer.token()? {
            Token::Text(mut text) => loop {
                // Texts side by side are one, as in Python.
                self.lexer.skip_blanks();
                if !matches!(self.lexer.peek(), Some('"' | '\'')) {
                    return Ok(Value::Text(text));
                }
                match self.lexer.token()? {
                    Token::Text(more) => text.push_str(&more),
                    _ => return Err(Trouble::Strange(PYTHON)),
                }
            },
            Token::Number(number) => Ok(Value::Number(number)),
            Token::Name(name) => self.variable(name),
            Token::Mark('[') => self.list(']', depth),
            Token::Mark('(') => self.list(')', depth),
            Token::End => Err(Trouble::Strange(
                "There is no value behind the equals sign.",
            )),
            Token::Mark(_) => Err(Trouble::Strange(PYTHON)),
        }
    }

    fn variable(&mut self, name: String) -> Result<Value, Trouble> {
        match name.as_str() {
            "True" => return Ok(Value::Number("1".into())),
            "False" => return Ok(Value::Number("0".into())),
            "None" => return Ok(Value::Nothing),
            _ => {}
        }
        if self.lexer.open > 0 {
            let here = self.lexer.place;
            self.lexer.skip_blanks();
            // A setting where the next element should be.
            if self.assignment().is_some() {
                return Err(Trouble::Broken(broken(
                    here.line,
                    "a setting begins inside of a list that is not closed",
                )));
            }
            self.lexer.place = here;
        }
        if self.doubtful.contains(&name) {
            return Err(Trouble::Strange(PYTHON));
        }
        let setting = self.file.settings.get(&name);
        let value = setting.ok_or(Trouble::Strange(PYTHON))?.value.clone();
        self.file.variables.insert(name);
        self.grown(size(&value))?;
        Ok(value)
    }

    fn list(&mut self, end: char, depth: usize) -> Result<Value, Trouble> {
        let begun = self.lexer.place.line;
        if depth >= DEPTH_LIMIT {
            return Err(Trouble::Broken(broken(
                begun,
                "lists are nested too deeply",
            )));
        }
        self.lexer.open += 1;
        let mut items = Vec::new();
        let mut commas = 0;
        loop {
            self.lexer.skip_blanks();
            let line = self.lexer.place.line;
            match self.lexer.peek() {
                None => {
                    return Err(Trouble::Broken(broken(
                        begun,
                        "a list is opened and not closed",
                    )));
                }
                Some(mark) if mark == end => {
                    self.lexer.token()?;
                    self.lexer.open -= 1;
                    break;
                }
                Some(',') => {
                    self.lexer.token()?;
                    commas += 1;
                    if commas > items.len() {
                        return Err(Trouble::Broken(broken(
                            line,
                            "a list has two commas with nothing between them",
                        )));
                    }
                }
                Some(_) if items.len() > commas => {
                    return Err(Trouble::Strange(PYTHON));
                }
                Some(_) => {
                    let value = self.expression(depth + 1)?;
                    items.push(Item { line, value });
                }
            }
        }
        // Round brackets alone only group; a comma makes them a tuple.
        if end == ')' && commas == 0 {
            return items
                .pop()
                .map(|item| item.value)
                .ok_or(Trouble::Strange(PYTHON));
        }
        Ok(Value::List(items))
    }

    /// Two values joined as `+` does: texts or lists.
    fn joined(&mut self, left: Value, right: Value) -> Result<Value, Trouble> {
        self.grown(size(&left) + size(&right))?;
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => Ok(Value::Text(left + &right)),
            (Value::List(mut left), Value::List(right)) => {
                left.extend(right);
                Ok(Value::List(left))
            }
            _ => Err(Trouble::Strange(PYTHON)),
        }
    }

    fn grown(&mut self, by: usize) -> Result<(), Trouble> {
        self.growth = self.growth.saturating_add(by);
        if self.growth > GROWTH_LIMIT {
            let line = self.lexer.place.line;
            return Err(Trouble::Broken(broken(line, "the values grow without end")));
        }
        Ok(())
    }
}

/// What a value costs, about. Depth is bounded by [`DEPTH_LIMIT`] and by joining, which keeps it.
fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Number(text) => text.len() + 16,
        Value::Nothing => 16,
        Value::List(items) => {
            items
                .iter()
                .map(|item| 48 + size(&item.value))
                .sum::<usize>()
                + 16
        }
    }
}

/// XML has no way to write them, and no path or name has them.
fn has_control_characters(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Number(text) => text.chars().any(|letter| {
            (letter.is_control() && !matches!(letter, '\n' | '\t'))
                || matches!(letter, '\u{fffe}' | '\u{ffff}')
        }),
        Value::Nothing => false,
        Value::List(items) => items.iter().any(|item| has_control_characters(&item.value)),
    }
}
