//! Cut texts in Latin-1, all that the basic protocol knows (RFC 6143, sections 7.5.6 and 7.6.4).

/// A text from its Latin-1 bytes.
pub(crate) fn from_latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The Latin-1 bytes of a text, with `?` for what Latin-1 cannot express and line feeds alone as
/// line ends, as the protocol wants.
fn to_latin1(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\n")
        .chars()
        .map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?'))
        .collect()
}

/// The message from a client.
pub(crate) fn cut_text(out: &mut Vec<u8>, text: &str) {
    let latin1 = to_latin1(text);
    out.extend_from_slice(&[6, 0, 0, 0]);
    out.extend_from_slice(&(latin1.len() as u32).to_be_bytes());
    out.extend_from_slice(&latin1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin1_both_ways() {
        assert_eq!(to_latin1("naïve\r\n€"), b"na\xefve\n?");
        assert_eq!(from_latin1(b"na\xefve"), "naïve");
    }

    #[test]
    fn texts_on_the_wire() {
        let mut out = Vec::new();
        cut_text(&mut out, "ab");
        assert_eq!(out, [6, 0, 0, 0, 0, 0, 0, 2, b'a', b'b']);
    }
}
