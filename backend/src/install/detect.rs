//! Finding out what an address holds.

use std::time::Duration;

use reqwest::Url;

use super::address::{self, Address, a_disc_image, shown};
use super::http::{Answer, Fetcher, Patience};
use super::{InstallTree, arch, debian, treeinfo};
use crate::error::{Error, ErrorKind, Result};

/// Longest that finding out may take; each fetch has its own, shorter bounds.
const DEADLINE: Duration = Duration::from_mins(1);
/// How much of a page is looked at to say what it is.
const LONGEST_PAGE: usize = 256 * 1024;

/// See [`super::detect`].
pub(super) async fn detect(input: &str, wanted: &str, patience: Patience) -> Result<InstallTree> {
    let address = address::understand(input)?;
    let wanted = arch::libvirt_name(wanted.trim());
    let looked = tokio::time::timeout(DEADLINE, look(&address.url, wanted, patience)).await;
    let looked = looked.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Unreachable,
            format!("{} answers too slowly.", shown(&address.url)),
        )
        .with_remedy("Try again, or use another mirror."))
    });
    looked.map_err(|error| mention_assumption(error, &address))
}

async fn look(base: &Url, wanted: &str, patience: Patience) -> Result<InstallTree> {
    let fetcher = Fetcher::new(base, patience)?;
    let tree = if debian::is_likely(base) {
        match debian::look(&fetcher, base, wanted).await? {
            Some(tree) => Some(tree),
            None => treeinfo::look(&fetcher, base, wanted).await?,
        }
    } else {
        match treeinfo::look(&fetcher, base, wanted).await? {
            Some(tree) => Some(tree),
            None => debian::look(&fetcher, base, wanted).await?,
        }
    };
    if let Some(tree) = tree {
        return Ok(tree);
    }
    // The address of something above a tree.
    for folder in treeinfo::usual_folders(wanted) {
        if let Ok(url) = base.join(&folder)
            && let Some(tree) = treeinfo::look(&fetcher, &url, wanted).await?
        {
            return Ok(tree);
        }
    }
    if !debian::is_likely(base) {
        for folder in debian::USUAL_FOLDERS {
            if let Ok(url) = base.join(folder)
                && let Some(tree) = debian::look(&fetcher, &url, wanted).await?
            {
                return Ok(tree);
            }
        }
    }
    Err(diagnose(&fetcher, base).await)
}

/// Says what is at an address that holds no tree.
async fn diagnose(fetcher: &Fetcher, base: &Url) -> Error {
    let none = |message: String| Error::new(ErrorKind::NotAnInstallTree, message);
    let host = base.host_str().unwrap_or("The server");
    // The address as the user wrote it had perhaps no slash; a file answers only without.
    let mut file = base.clone();
    file.set_path(base.path().trim_end_matches('/'));
    let head = fetcher.head(&file).await;
    if let Ok(Answer::Found(head)) = &head
        && address::refuse_images(&head.url).is_err()
    {
        return a_disc_image();
    }
    let text = match fetcher.text(base, LONGEST_PAGE).await {
        Err(error) if error.kind() == ErrorKind::NotAnInstallTree => {
            return none(String::from("This is a large file, not an install tree.")).with_remedy(
                "Give the address of the distribution's install tree, the folder that holds \
                 dists or .treeinfo.",
            );
        }
        Err(error) => return error,
        Ok(Answer::Absent(status)) if status.as_u16() == 403 => {
            return none(format!(
                "{host} does not let this address be seen (error 403), and no install tree was \
                 found under it."
            ))
            .with_remedy("Check the address, or use another mirror.");
        }
        Ok(Answer::Absent(_)) => {
            return none(format!("{host} has nothing at this address."))
                .with_remedy("Check the address in a web browser, or use another mirror.");
        }
        Ok(Answer::Found(text)) => text,
    };
    let media_type = text.media_type.as_deref().unwrap_or_default();
    let is_page = media_type.starts_with("text/html");
    if text.body.to_ascii_lowercase().contains(".iso\"") {
        return none(String::from(
            "This is a page of disc images, not an install tree.",
        ))
        .with_remedy(
            "Give the address of the distribution's install tree instead, the folder that holds \
             dists or .treeinfo.",
        );
    }
    let message = if is_page {
        "This is a web page, not an install tree."
    } else {
        "There is no install tree at this address."
    };
    none(String::from(message)).with_remedy(
        "Install trees are folders that hold dists (Debian, Ubuntu) or .treeinfo (Fedora, RHEL and \
         kin), for example https://ftp.debian.org/debian/.",
    )
}

/// Where `https://` was our guess, a failure may be due to that.
fn mention_assumption(error: Error, address: &Address) -> Error {
    if !address.scheme_assumed || error.kind() != ErrorKind::Unreachable {
        return error;
    }
    let remedy = format!(
        "The address was taken as {}. If the server only speaks http, write http:// before it.{}",
        shown(&address.url),
        error
            .remedy()
            .map(|remedy| format!(" Otherwise: {remedy}"))
            .unwrap_or_default(),
    );
    error.with_remedy(remedy)
}
