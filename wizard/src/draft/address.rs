//! Install URLs as typed, pasted or remembered.

/// The longest text from the clipboard that is looked at, in bytes.
const MAX_PASTED: usize = 2048;

/// The address in `text` when the whole of it looks like one: a web or FTP URL on one line.
pub fn from_clipboard(text: &str) -> Option<&str> {
    let text = text.trim();
    if text.len() > MAX_PASTED || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let is_fetched = ["http", "https", "ftp"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (is_fetched && !host.is_empty()).then_some(text)
}

/// Whether an address looks so much like an install tree that it may be fetched unasked.
///
/// A clipboard may hold a link that works only once, or one that says who follows it; those are
/// offered, never followed.
pub fn looks_like_tree(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let Some((host, path)) = rest.split_once('/') else {
        return false;
    };
    if host.contains('@') || path.contains(['?', '#']) {
        return false;
    }
    let path = path.to_ascii_lowercase();
    path.split('/').any(|part| {
        matches!(
            part,
            "dists" | "debian" | "ubuntu" | "os" | "releases" | "baseos"
        ) || part.starts_with("installer-")
    })
}

/// A place that always holds an installer, for those who have no URL at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WellKnown {
    /// The system for people.
    pub title: &'static str,
    /// Its install URL.
    pub url: &'static str,
}

/// Addresses to offer on a host of this architecture (libvirt's name). Only such as stay right
/// when the distribution goes on.
pub fn well_known(arch: &str) -> &'static [WellKnown] {
    match arch {
        "x86_64" => &[
            WellKnown {
                title: "Debian stable",
                url: "https://ftp.debian.org/debian/dists/stable/main/installer-amd64/",
            },
            WellKnown {
                title: "CentOS Stream 10",
                url: "https://mirror.stream.centos.org/10-stream/BaseOS/x86_64/os/",
            },
        ],
        "aarch64" => &[
            WellKnown {
                title: "Debian stable",
                url: "https://ftp.debian.org/debian/dists/stable/main/installer-arm64/",
            },
            WellKnown {
                title: "CentOS Stream 10",
                url: "https://mirror.stream.centos.org/10-stream/BaseOS/aarch64/os/",
            },
        ],
        _ => &[],
    }
}

/// The scheme's, user's and password's part left out: what may be shown and remembered.
pub fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_addresses_are_taken_from_the_clipboard() {
        assert_eq!(
            from_clipboard(" https://ftp.debian.org/debian/ \n"),
            Some("https://ftp.debian.org/debian/")
        );
        assert!(from_clipboard("HTTP://127.0.0.1:8000").is_some());
        assert!(from_clipboard("ftp://ftp.example.org/pub/").is_some());
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "",
            "hello",
            "see https://example.org/ for more",
            "https://",
            "https:///path",
            "file:///etc/passwd",
            "https://a.example/\nhttps://b.example/",
        ] {
            assert_eq!(from_clipboard(text), None, "{text:?}");
        }
        assert_eq!(
            from_clipboard(&format!("http://a/{}", "x".repeat(5000))),
            None
        );
    }

    #[test]
    fn only_trees_are_fetched_unasked() {
        for url in [
            "https://ftp.debian.org/debian/",
            "http://a.example/ubuntu/dists/jammy/main/installer-amd64/",
            "https://dl.example/pub/fedora/linux/releases/43/Everything/x86_64/os",
            "https://mirror.example/10-stream/BaseOS/x86_64/os/",
        ] {
            assert!(looks_like_tree(url), "{url}");
        }
        for url in [
            "https://login.example/reset?token=debian",
            "https://example.org/debian/?who=me",
            "https://me:secret@example.org/debian/",
            "https://example.org",
            "https://example.org/blog/post",
            "debian/dists",
        ] {
            assert!(!looks_like_tree(url), "{url}");
        }
    }

    #[test]
    fn the_well_known_are_trees() {
        for arch in ["x86_64", "aarch64"] {
            for place in well_known(arch) {
                assert_eq!(from_clipboard(place.url), Some(place.url));
                assert!(looks_like_tree(place.url), "{}", place.url);
            }
        }
        assert!(well_known("s390x").is_empty());
    }

    #[test]
    fn credentials_are_left_out() {
        assert_eq!(
            without_credentials("http://me:pa@ss@host:80/debian/@x"),
            "http://host:80/debian/@x"
        );
        assert_eq!(without_credentials("http://host/a@b"), "http://host/a@b");
        assert_eq!(without_credentials("nonsense@x"), "nonsense@x");
    }
}
