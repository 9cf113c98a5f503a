//! Texts made of parts with commas between them, as devices are written in xl.cfg(5).

/// A part: `key=value`, or a key alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// The key, or everything where there is no `=`.
    pub(super) key: &'a str,
    /// The value, without the blanks around it.
    pub(super) value: Option<&'a str>,
}

/// The parts of a text; empty ones are left out.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(part)
}

/// One part.
pub(super) fn part(text: &str) -> Part<'_> {
    match text.split_once('=') {
        Some((key, value)) => Part {
            key: key.trim(),
            value: Some(value.trim()),
        },
        None => Part {
            key: text.trim(),
            value: None,
        },
    }
}

/// A number as xl reads it: decimal, octal with a leading `0`, hexadecimal with `0x`.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let size = match hexadecimal {
        Some(hexadecimal) if hexadecimal.starts_with(|c: char| c.is_ascii_hexdigit()) => {
            i64::from_str_radix(hexadecimal, 16).ok()?
        }
        Some(_) => return None,
        None if digits.len() > 1 && digits.starts_with('0') => {
            i64::from_str_radix(digits, 8).ok()?
        }
        None => digits.parse().ok()?,
    };
    Some(if negative { -size } else { size })
}

/// A truth value: a number, or the words people write.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim() {
        "yes" | "true" | "on" | "True" => Some(true),
        "no" | "false" | "off" | "False" => Some(false),
        other => number(other).map(|number| number != 0),
    }
}
