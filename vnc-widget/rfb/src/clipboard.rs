//! Cut texts in Latin-1, all that the basic protocol knows (RFC 6143, sections 7.5.6 and 7.6.4).

/// The longest text accepted from a server; longer ones are skipped. It is far above what people
/// copy and far below what hurts.
pub(crate) const MAX_TEXT: usize = 4 << 20;

/// A text from its Latin-1 bytes.
pub(crate) fn from_latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The Latin-1 bytes of a text, with `?` for what Latin-1 cannot express and line feeds alone as
/// line ends, as the protocol wants.
pub(crate) fn to_latin1(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\n")
        .chars()
        .map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin1_both_ways() {
        assert_eq!(to_latin1("naïve\r\n€"), b"na\xefve\n?");
        assert_eq!(from_latin1(b"na\xefve"), "naïve");
    }
}
