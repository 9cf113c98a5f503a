//! Texts that are not printed.

use std::{fmt, ops::Deref};

/// A text of a clipboard. People copy passwords: its debug output tells how long it is, and no more.
#[derive(Clone, PartialEq, Eq)]
pub struct ClipboardText(String);

impl fmt::Debug for ClipboardText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClipboardText({} bytes)", self.0.len())
    }
}

impl Deref for ClipboardText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for ClipboardText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for ClipboardText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<ClipboardText> for String {
    fn from(text: ClipboardText) -> Self {
        text.0
    }
}
