//! What a user types or pastes as the address of an install tree, turned into a URL of a folder.

use reqwest::Url;

use crate::error::{Error, ErrorKind, Result};

/// Longest address that is looked at, in bytes; browsers stop at about the same.
const LONGEST: usize = 2048;

/// Files that sit in known places of an install tree. Who pastes the address of one of them means
/// the tree around it.
const TREE_FILES: [&str; 11] = [
    ".treeinfo",
    "treeinfo",
    "index.html",
    "Release",
    "InRelease",
    "MANIFEST",
    "SHA256SUMS",
    "linux",
    "vmlinuz",
    "initrd.gz",
    "initrd.img",
];

/// Endings of files that are disc or disk images rather than trees.
const IMAGE_ENDINGS: [&str; 8] = [
    ".iso",
    ".iso.torrent",
    ".img",
    ".qcow2",
    ".vmdk",
    ".raw",
    ".img.xz",
    ".raw.xz",
];

/// An address that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// A folder: no query, no fragment, a slash at the end.
    pub(super) url: Url,
    /// Whether `https` is our guess because the user gave no scheme.
    pub(super) scheme_assumed: bool,
}

/// Understands what the user gave.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for what is no web address, [`ErrorKind::NotAnInstallTree`] for what
/// can be seen to be something else without asking the server.
pub(super) fn understand(input: &str) -> Result<Address> {
    let text = unwrap_quotes(input.trim());
    if text.is_empty() {
        return Err(invalid("No address was given.").with_remedy(
            "Type the address of an install tree, for example https://ftp.debian.org/debian/.",
        ));
    }
    if text.len() > LONGEST {
        return Err(invalid("This is too long to be an address.")
            .with_remedy("Check what was pasted; an address is one short line."));
    }
    if text
        .chars()
        .any(|char| char.is_whitespace() || char.is_control())
    {
        return Err(
            invalid("The address has a space or a line break in the middle.")
                .with_remedy("Remove it, or write a space that belongs there as %20."),
        );
    }
    if text.starts_with('/') || text.starts_with("file:") {
        return Err(
            invalid("This is a file on a computer, not the address of a web server.").with_remedy(
                "Give an address that starts with https:// or http://. A folder can be served \
                 with any small web server.",
            ),
        );
    }
    let (scheme, assumed) = match text.split_once("://") {
        Some((scheme, _)) => (scheme.to_ascii_lowercase(), false),
        None => (String::from("https"), true),
    };
    if scheme != "http" && scheme != "https" {
        return Err(invalid(format!(
            "Addresses that start with {scheme}:// cannot be used."
        ))
        .with_remedy("Most servers offer the same tree at an address with https:// or http://."));
    }
    let parsed = if assumed {
        Url::parse(&format!("https://{text}"))
    } else {
        Url::parse(text)
    };
    let mut url = parsed.map_err(|error| no_address(text).with_detail(error.to_string()))?;
    if !url.host_str().is_some_and(is_plausible_host)
        || assumed
            && (!url.username().is_empty()
                || !looks_like_host(url.host_str().unwrap_or_default(), text))
    {
        return Err(no_address(text));
    }
    url.set_fragment(None);
    url.set_query(None);
    refuse_images(&url)?;
    make_folder(&mut url);
    Ok(Address {
        url,
        scheme_assumed: assumed,
    })
}

/// `url` without the user's name and password that may be part of it.
pub(super) fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for addresses without a host, which have neither.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url
}

/// `url` for people: without the password that may be part of it.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.password().is_some() {
        // Fails only for addresses without a host, which have no password either.
        let _ = url.set_password(None);
    }
    url.to_string()
}

/// Refuses what is a disc image by its name.
pub(super) fn refuse_images(url: &Url) -> Result<()> {
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    if IMAGE_ENDINGS.iter().any(|ending| path.ends_with(ending)) {
        return Err(a_disc_image());
    }
    Ok(())
}

/// The error for a link to a disc image.
pub(super) fn a_disc_image() -> Error {
    Error::new(
        ErrorKind::NotAnInstallTree,
        "This is a link to a disc image, not to an install tree.",
    )
    .with_remedy(
        "Give the address of the distribution's install tree instead, for example \
         https://ftp.debian.org/debian/ or the os folder of a Fedora mirror.",
    )
}

/// Drops the name of a well-known file at the end, and makes sure of the slash.
fn make_folder(url: &mut Url) {
    let path = url.path().to_owned();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
    if TREE_FILES.contains(&file) {
        url.set_path(&format!("{folder}/"));
    } else if !file.is_empty() {
        url.set_path(&format!("{path}/"));
    }
}

fn unwrap_quotes(text: &str) -> &str {
    for (open, close) in [('<', '>'), ('"', '"'), ('\'', '\''), ('`', '`')] {
        if let Some(inner) = text
            .strip_prefix(open)
            .and_then(|text| text.strip_suffix(close))
        {
            return inner.trim();
        }
    }
    text
}

fn is_plausible_host(host: &str) -> bool {
    !host.is_empty() && !host.starts_with('.') && !host.contains("..")
}

/// Without a scheme almost any word parses as a host; one with a dot, a port, an address in
/// brackets or the name of this machine is likely meant as one.
fn looks_like_host(host: &str, text: &str) -> bool {
    host.contains('.') || host.starts_with('[') || host == "localhost" || {
        let authority = text.split('/').next().unwrap_or_default();
        authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
    }
}

fn no_address(text: &str) -> Error {
    let mut start: String = text.chars().take(60).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    invalid(format!("“{start}” is not a web address.")).with_remedy(
        "An address looks like https://ftp.debian.org/debian/dists/stable/main/installer-amd64/.",
    )
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(input: &str) -> String {
        understand(input).unwrap().url.to_string()
    }

    #[test]
    fn addresses_become_folders() {
        assert_eq!(url("http://a.b/debian"), "http://a.b/debian/");
        assert_eq!(url("  https://a.b/x/?C=N#top \n"), "https://a.b/x/");
        assert_eq!(url("<https://a.b/os/.treeinfo>"), "https://a.b/os/");
        assert_eq!(url("\"https://a.b\""), "https://a.b/");
        assert_eq!(url("http://a.b/dists/x/Release"), "http://a.b/dists/x/");
        assert_eq!(url("HTTP://A.B/Debian"), "http://a.b/Debian/");
    }

    #[test]
    fn a_missing_scheme_is_taken_as_https_and_said() {
        for (input, expected) in [
            ("ftp.debian.org/debian", "https://ftp.debian.org/debian/"),
            ("localhost:8000/debian", "https://localhost:8000/debian/"),
            ("mirror:8080", "https://mirror:8080/"),
            ("[::1]/x", "https://[::1]/x/"),
        ] {
            let address = understand(input).unwrap();
            assert_eq!(address.url.as_str(), expected);
            assert!(address.scheme_assumed);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_remedy() {
        for input in [
            "",
            "   ",
            "debian",
            "debian 12",
            "https://ftp.debian.org/ debian",
            "https://a.b/x\nhttps://c.d/y",
            "/srv/trees/debian",
            "file:///srv/trees",
            "ftp://ftp.debian.org/debian",
            "nfs://server/path",
            "https://",
            "http://..",
            "https://[::1",
            "https://a.b:99999/",
            "mailto:someone@example.org",
            "javascript:alert(1)",
            &format!("https://a.b/{}", "x".repeat(5000)),
        ] {
            let error = understand(input).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{input}: {error}");
            assert!(error.remedy().is_some(), "{input}");
        }
    }

    #[test]
    fn disc_images_are_recognised_by_name() {
        for input in [
            "https://a.b/debian-12.iso",
            "https://a.b/x.ISO?mirror=1",
            "a.b/cloud.qcow2",
            "https://a.b/netboot/mini.iso/",
        ] {
            let error = understand(input).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotAnInstallTree, "{input}");
            assert!(error.message().contains("disc image"));
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        let address = understand("https://me:secret@a.b/x").unwrap();
        assert_eq!(shown(&address.url), "https://me@a.b/x/");
        let bare = without_credentials(&address.url);
        assert_eq!(bare.as_str(), "https://a.b/x/");
    }
}
