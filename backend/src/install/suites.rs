//! Which suites a Debian-like archive has, for when it is given without one.

use reqwest::Url;

use super::http::{Answer, Fetcher};
use super::treeinfo::inside;
use crate::error::Result;

const LONGEST_LISTING: usize = 512 * 1024;

/// Suites to prefer when a mirror is given without one. Ubuntu has no network installer of this
/// kind after focal.
const PREFERRED_SUITES: [&str; 13] = [
    "stable",
    "trixie",
    "bookworm",
    "bullseye",
    "buster",
    "oldstable",
    "excalibur",
    "daedalus",
    "focal",
    "bionic",
    "kali-rolling",
    "testing",
    "sid",
];

/// Suites to try in an archive, best first: what its listing shows, or what there usually is.
///
/// # Errors
/// Whatever keeps the server from answering.
pub(super) async fn suites(fetcher: &Fetcher, root: &Url) -> Result<Vec<String>> {
    let Some(dists) = inside(root, "dists/") else {
        return Ok(Vec::new());
    };
    // Servers that show no listings say 403, object stores say 404 to folders: neither tells
    // whether there is an archive.
    let listing = match fetcher.text(&dists, LONGEST_LISTING).await? {
        Answer::Found(page) => listed_folders(&page.body),
        Answer::Absent(_) => Vec::new(),
    };
    if listing.is_empty() {
        return Ok(PREFERRED_SUITES.map(str::to_owned).to_vec());
    }
    let mut suites: Vec<String> = PREFERRED_SUITES
        .iter()
        .filter(|suite| listing.iter().any(|listed| listed == *suite))
        .map(|suite| (*suite).to_owned())
        .collect();
    let others = listing.into_iter().filter(|suite| {
        !PREFERRED_SUITES.contains(&suite.as_str())
            // Pockets of a suite: NAME-updates, NAME-security, NAME-backports and the like.
            && !suite.contains('-')
    });
    suites.extend(others.take(8).collect::<Vec<_>>());
    Ok(suites)
}

/// Names of folders that a web server's listing links to.
fn listed_folders(page: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for link in page.split("href=").skip(1).take(2000) {
        let link = link.trim_start_matches(['"', '\'']);
        let Some(end) = link.find(['"', '\'', '>', ' ']) else {
            continue;
        };
        let name = link[..end].trim_end_matches('/').trim_start_matches("./");
        if !name.is_empty()
            && name.len() <= 60
            && link[..end].ends_with('/')
            && name.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+')
            })
            && name != ".."
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_of_the_usual_servers_are_read() {
        let apache = r#"<a href="?C=N;O=D">Name</a> <a href="/debian/">Up</a>
            <a href="bookworm/">bookworm/</a> <a href="README">README</a>"#;
        assert_eq!(listed_folders(apache), ["bookworm"]);
        let python = "<li><a href=\"../\">..</a></li><li><a href=\"sid/\">sid/</a></li>";
        assert_eq!(listed_folders(python), ["sid"]);
        assert_eq!(listed_folders("<a href=./focal/>"), ["focal"]);
        assert!(listed_folders("href=\"").is_empty());
    }
}
