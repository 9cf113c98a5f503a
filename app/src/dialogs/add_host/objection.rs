//! Why a text cannot be a connection URI.

/// Why `uri` cannot be a libvirt connection URI; `known` are those in the list.
pub fn objection(uri: &str, known: &[String]) -> Option<&'static str> {
    if uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("An address has no spaces.");
    }
    let Some((scheme, rest)) = uri.split_once(':') else {
        return Some("An address begins with the driver, such as “qemu+ssh:”.");
    };
    let (driver, transport) = scheme.split_once('+').unwrap_or((scheme, ""));
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !is_word(driver) {
        return Some("The driver before the colon is a word, such as “qemu” or “xen”.");
    }
    if !["", "ssh", "libssh", "libssh2", "tls", "tcp", "unix", "ext"].contains(&transport) {
        return Some("The transport after the plus is one of ssh, tls, tcp or unix.");
    }
    let Some(place) = rest.strip_prefix("//") else {
        return Some("After the colon come two slashes.");
    };
    let authority = place.split(['/', '?']).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if matches!(transport, "ssh" | "libssh" | "libssh2" | "tls" | "tcp") && host.is_empty() {
        return Some("With this transport the address names a host.");
    }
    if user.contains(':') {
        return Some(
            "A password has no place in an address: it would be kept where others see it.",
        );
    }
    if !place.contains('/') {
        return Some("After the host comes a path, such as “/system”.");
    }
    if known.iter().any(|known| known == uri) {
        return Some("That host is in the list already.");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_with_a_reason() {
        let known = ["qemu+ssh://a/system".to_owned()];
        for good in [
            "qemu:///system",
            "qemu:///session",
            "qemu+ssh://root@b/system",
            "qemu+ssh://b:2222/system?keyfile=/k",
            "xen+tls://xen1/",
            "test:///default",
            "qemu+unix:///system?socket=/run/x",
        ] {
            assert_eq!(objection(good, &known), None, "{good}");
        }
        for bad in [
            "",
            "host",
            "qemu",
            "qemu:/system",
            "://x/",
            "qemu+carrier://x/system",
            "qemu+ssh:///system",
            "qemu+ssh://b",
            "qemu+ssh://b c/system",
            "qemu+ssh://a/system",
            "qemu+ssh://me@/system",
            "qemu+ssh://me:secret@b/system",
        ] {
            assert!(objection(bad, &known).is_some(), "{bad}");
        }
    }
}
