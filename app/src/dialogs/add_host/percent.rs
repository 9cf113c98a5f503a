//! Percent-encoding of the parts of an address (RFC 3986, section 2.1).

/// What stands for itself anywhere in an address.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// `text` with everything encoded but what stands for itself and the bytes of `plain`.
pub fn encode(text: &str, plain: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_unreserved(byte) || plain.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What `encoded` stands for; nothing where it is broken or no text.
pub fn decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_of_its_own_is_encoded() {
        assert_eq!(encode("me@work", b""), "me%40work");
        assert_eq!(encode("/a key/ü", b"/"), "/a%20key/%C3%BC");
        assert_eq!(decode("/a%20key/%c3%bc").as_deref(), Some("/a key/ü"));
        for broken in ["%", "%2", "%zz", "%FF", "%+1"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }
}
