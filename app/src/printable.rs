//! Text of others on its way to a terminal.

/// `text` with control characters as `?`, so that it cannot drive a terminal.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}
