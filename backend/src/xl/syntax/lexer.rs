//! The characters of a file as tokens: what a value is made of, and how a statement that is not
//! understood is passed over.

use super::Trouble;

/// Statements that are not understood are followed over open brackets for so many lines.
const CONTINUED_LINES: usize = 100;

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name: of a variable, or one of Python's words.
    Name(String),
    /// What stood in quotes, escapes resolved.
    Text(String),
    /// A number as written.
    Number(String),
    /// Any other character.
    Mark(char),
    /// The end of the statement.
    End,
}

/// Where reading has come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The byte.
    pub(super) at: usize,
    /// The line, counted from one.
    pub(super) line: usize,
}

/// Reads tokens.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    /// Where the next token begins.
    pub(super) place: Place,
    /// How many brackets are open: inside of them a line's end is a blank.
    pub(super) open: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            place: Place { at: 0, line: 1 },
            open: 0,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.place.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.place.at += next.len_utf8();
        if next == '\n' {
            self.place.line += 1;
        }
        Some(next)
    }

    /// Goes on by `mark` if that is what comes.
    pub(super) fn eat(&mut self, mark: &str) -> bool {
        let found = self.rest().starts_with(mark);
        if found {
            self.place.at += mark.len();
        }
        found
    }

    /// Passes over blanks, comments and joined lines; over the ends of lines too inside of brackets.
    pub(super) fn skip_blanks(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                '\n' if self.open > 0 => {
                    self.advance();
                }
                '\n' => return,
                '#' => self.skip_comment(),
                '\\' if self.joins_lines() => {
                    self.advance();
                    self.eat("\r");
                    self.advance();
                }
                blank if blank.is_whitespace() => {
                    self.advance();
                }
                _ => return,
            }
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.rest();
        self.place.at += rest.find('\n').unwrap_or(rest.len());
    }

    fn joins_lines(&self) -> bool {
        ["\\\n", "\\\r\n"]
            .iter()
            .any(|joined| self.rest().starts_with(joined))
    }

    /// How far the statement that comes is indented, once everything empty before it is passed
    /// over; nothing at the end of the file.
    pub(super) fn next_statement(&mut self, indent: &mut usize) -> bool {
        loop {
            match self.peek() {
                None => return false,
                Some('\n') => {
                    self.advance();
                    *indent = 0;
                }
                Some('#') => self.skip_comment(),
                Some(';') => {
                    self.advance();
                }
                Some('\t') => {
                    self.advance();
                    *indent += 8;
                }
                Some(blank) if blank.is_whitespace() || blank == '\u{feff}' => {
                    self.advance();
                    *indent += 1;
                }
                Some(_) => return true,
            }
        }
    }

    /// A name, if one comes.
    pub(super) fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        if !rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            return None;
        }
        Some(self.word(|letter| letter.is_ascii_alphanumeric() || letter == '_'))
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let length = rest.find(|letter| !belongs(letter)).unwrap_or(rest.len());
        self.place.at += length;
        rest.get(..length).unwrap_or_default().into()
    }

    /// The next token.
    pub(super) fn token(&mut self) -> Result<Token, Trouble> {
        self.skip_blanks();
        let Some(next) = self.peek() else {
            return Ok(Token::End);
        };
        if let Some(name) = self.name() {
            return Ok(Token::Name(name));
        }
        match next {
            '\n' | ';' => Ok(Token::End),
            '"' | '\'' => self.quoted(next).map(Token::Text),
            '0'..='9' => {
                Ok(Token::Number(self.word(|letter| {
                    letter.is_ascii_alphanumeric() || letter == '.'
                })))
            }
            '-' => {
                self.advance();
                let digits = self.word(|letter| letter.is_ascii_digit());
                if digits.is_empty() {
                    return Ok(Token::Mark('-'));
                }
                Ok(Token::Number(format!("-{digits}")))
            }
            other => {
                self.advance();
                Ok(Token::Mark(other))
            }
        }
    }

    /// What stands in quotes, single or triple.
    fn quoted(&mut self, quote: char) -> Result<String, Trouble> {
        let begun = self.place.line;
        let single = if quote == '"' { "\"" } else { "'" };
        let triple = if quote == '"' { "\"\"\"" } else { "'''" };
        let long = self.eat(triple);
        let end = if long { triple } else { single };
        if !long {
            self.advance();
        }
        let mut content = String::new();
        loop {
            if self.eat(end) {
                return Ok(content);
            }
            match self.peek() {
                None => return Err(Trouble::unclosed_quote(begun)),
                Some('\n') if !long => return Err(Trouble::unclosed_quote(begun)),
                Some('\\') => self.escape(&mut content),
                Some('\r') => {
                    self.advance();
                }
                Some(other) => {
                    self.advance();
                    content.push(other);
                }
            }
        }
    }

    /// Resolves the escapes that libxlu and Python have in common; others stay as written, which is
    /// what Python does.
    fn escape(&mut self, content: &mut String) {
        if self.joins_lines() {
            self.advance();
            self.eat("\r");
            self.advance();
            return;
        }
        self.advance();
        let plain = match self.peek() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some(same @ ('\\' | '\'' | '"')) => same,
            Some('x') => return self.numeric(1, 2, 16, content),
            Some('0'..='7') => return self.numeric(0, 3, 8, content),
            _ => {
                content.push('\\');
                return;
            }
        };
        self.advance();
        content.push(plain);
    }

    fn numeric(&mut self, prefix: usize, most: usize, radix: u32, content: &mut String) {
        let digits: String = self
            .rest()
            .chars()
            .skip(prefix)
            .take(most)
            .take_while(|digit| digit.is_digit(radix))
            .collect();
        match u32::from_str_radix(&digits, radix)
            .ok()
            .and_then(char::from_u32)
        {
            Some(found) => {
                // All of them are ASCII.
                self.place.at += prefix + digits.len();
                content.push(found);
            }
            None => content.push('\\'),
        }
    }

    /// Passes over a statement that is not understood, with the lines its brackets and quotes go on
    /// for. Says whether it opens a block, as Python's `if` and `def` do.
    pub(super) fn skip_statement(&mut self) -> bool {
        let begin = self.place;
        if let Some(opens) = self.skip_continued(true) {
            return opens;
        }
        // Brackets that are never closed say nothing about the lines that follow.
        self.place = begin;
        self.skip_continued(false).unwrap_or(false)
    }

    fn skip_continued(&mut self, over_lines: bool) -> Option<bool> {
        let begun = self.place.line;
        let mut depth = 0_usize;
        let mut last = ' ';
        while let Some(next) = self.peek() {
            if self.place.line > begun + CONTINUED_LINES {
                return None;
            }
            match next {
                '\n' if depth == 0 || !over_lines => return Some(last == ':'),
                '#' => {
                    self.skip_comment();
                    continue;
                }
                '\\' if self.joins_lines() => {
                    self.advance();
                    self.eat("\r");
                }
                '"' | '\'' => {
                    last = next;
                    let before = self.place;
                    let closed = self.quoted(next).is_ok();
                    if !closed || (!over_lines && self.place.line > before.line) {
                        self.place = before;
                        self.advance();
                    }
                    continue;
                }
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if !next.is_whitespace() {
                last = next;
            }
            self.advance();
        }
        (depth == 0 || !over_lines).then_some(last == ':')
    }
}
