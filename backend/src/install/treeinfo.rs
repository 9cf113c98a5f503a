//! Trees that describe themselves in a `.treeinfo` file: Fedora, RHEL and those rebuilt from it,
//! and openSUSE.

use reqwest::Url;

use super::address::{shown, without_credentials};
use super::http::{Answer, Fetcher, Text};
use super::ini::{Sections, label};
use super::needs::{self, Family};
use super::{InstallTree, Installer, RemoteFile, TreeFamily, XenBoot, arch};
use crate::error::{Error, ErrorKind, Result};

/// Real ones have 1 to 20 KiB; those that list many checksums more.
const LONGEST: usize = 1024 * 1024;

/// Looks for a described tree right at `base`.
///
/// # Errors
/// Whatever keeps the server from answering, and what is wrong with a tree that is there.
pub(super) async fn look(
    fetcher: &Fetcher,
    base: &Url,
    wanted: &str,
) -> Result<Option<InstallTree>> {
    for name in [".treeinfo", "treeinfo"] {
        let Ok(url) = base.join(name) else { continue };
        if let Answer::Found(text) = fetcher.text(&url, LONGEST).await?
            // Some servers answer every address with a page.
            && text.body.contains("[general]") | text.body.contains("[release]")
        {
            return read(fetcher, base, &text, wanted).await.map(Some);
        }
    }
    Ok(None)
}

/// Folders under which trees lie when the address of something above them is given, most likely
/// first.
pub(super) fn usual_folders(wanted: &str) -> Vec<String> {
    vec![
        String::from("os/"),
        format!("{wanted}/os/"),
        format!("os/{wanted}/"),
        format!("Everything/{wanted}/os/"),
        format!("BaseOS/{wanted}/os/"),
        format!("Server/{wanted}/os/"),
    ]
}

async fn read(fetcher: &Fetcher, base: &Url, found: &Text, wanted: &str) -> Result<InstallTree> {
    let info = Sections::parse(&found.body);
    let distribution = info
        .first(&[("release", "name"), ("general", "family")])
        .map_or_else(|| String::from("Linux"), label);
    let version = info
        .first(&[("release", "version"), ("general", "version")])
        .map(label)
        .unwrap_or_default();
    let tree_arch = info
        .first(&[("tree", "arch"), ("general", "arch")])
        .map(arch::libvirt_name);
    if let Some(tree_arch) = tree_arch
        && tree_arch != wanted
    {
        return Err(wrong_arch(
            &distribution,
            &version,
            &label(tree_arch),
            wanted,
        ));
    }
    let images = info
        .sections_after("images-")
        .into_iter()
        .find(|name| arch::libvirt_name(name) == wanted)
        .map(|name| format!("images-{name}"));
    let (Some(kernel), Some(initrd)) = (
        images
            .as_deref()
            .and_then(|section| info.get(section, "kernel")),
        images
            .as_deref()
            .and_then(|section| info.get(section, "initrd")),
    ) else {
        return Err(no_kernel(&distribution, &version, base));
    };
    // The folder that the description came from in the end: mirror redirectors would otherwise
    // give each file from another mirror, which need not be equally fresh.
    let folder = found.url.join("./").unwrap_or_else(|_| base.clone());
    let (kernel, initrd) = tokio::try_join!(
        file(fetcher, &folder, kernel, &info),
        file(fetcher, &folder, initrd, &info),
    )?;
    let (Some(kernel), Some(initrd)) = (kernel, initrd) else {
        return Err(no_kernel(&distribution, &version, base));
    };
    let family = Family::of(&distribution);
    let on_xen = on_xen(fetcher, &folder, &info, family, wanted).await?;
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    let needs = needs::of_treeinfo(family, major);
    Ok(InstallTree {
        url: shown(base),
        family: TreeFamily::TreeInfo,
        os_id: needs::treeinfo_os_id(&distribution, &version),
        distribution,
        version,
        codename: None,
        arch: wanted.to_owned(),
        installers: vec![Installer {
            graphical: true,
            kernel,
            initrd,
            arguments: arguments(family, major, base),
            on_xen,
        }],
        minimum_memory_mib: needs.minimum_memory_mib,
        recommended_memory_mib: needs.recommended_memory_mib,
        recommended_disk_gib: needs.recommended_disk_gib,
    })
}

/// How the installer starts in a guest whose kernel has to know Xen: with files of its own where the
/// tree has them, as Fedora's had until 19 and RHEL's until 6; with the usual ones where the
/// distribution builds its one kernel for that too.
async fn on_xen(
    fetcher: &Fetcher,
    folder: &Url,
    info: &Sections<'_>,
    family: Family,
    wanted: &str,
) -> Result<XenBoot> {
    let images = ["images-xen", &format!("images-xen-{wanted}")]
        .map(|section| (info.get(section, "kernel"), info.get(section, "initrd")));
    for pair in images {
        let (Some(kernel), Some(initrd)) = pair else {
            continue;
        };
        let (kernel, initrd) = tokio::try_join!(
            file(fetcher, folder, kernel, info),
            file(fetcher, folder, initrd, info),
        )?;
        if let (Some(kernel), Some(initrd)) = (kernel, initrd) {
            return Ok(XenBoot::Own { kernel, initrd });
        }
    }
    Ok(match family {
        Family::Fedora | Family::Suse if wanted == "x86_64" => XenBoot::Usual,
        _ => XenBoot::No,
    })
}

/// Dracut's anaconda module took the `inst.` prefix with RHEL 7 and Fedora 19; before, `method=`.
fn arguments(family: Family, major: Option<u32>, base: &Url) -> String {
    let old = match (family, major) {
        (Family::RedHat, Some(major)) => major < 7,
        (Family::Fedora, Some(major)) => major < 19,
        _ => false,
    };
    // A password would stand in the kernel's command line, for everybody to see; the installer asks
    // where it needs one.
    let base = without_credentials(base);
    match family {
        Family::Suse => format!("install={base}"),
        _ if old => format!("method={base}"),
        _ => format!("inst.repo={base}"),
    }
}

/// One file that the description names, if it is there.
async fn file(
    fetcher: &Fetcher,
    folder: &Url,
    path: &str,
    info: &Sections<'_>,
) -> Result<Option<RemoteFile>> {
    let Some(url) = inside(folder, path) else {
        return Err(Error::new(
            ErrorKind::NotAnInstallTree,
            "The tree's description names a file outside the tree.",
        )
        .with_remedy("Do not use this tree; take another mirror.")
        .with_detail(label(path)));
    };
    Ok(fetcher.head(&url).await?.found().map(|head| RemoteFile {
        url: head.url.to_string(),
        size: head.size,
        sha256: info.checksum(path),
    }))
}

/// The address of `path` below `folder`, unless it leads out of it.
pub(super) fn inside(folder: &Url, path: &str) -> Option<Url> {
    let url = folder.join(path).ok()?;
    (url.origin() == folder.origin()
        && url.path().starts_with(folder.path())
        && url.path() != folder.path()
        && url.query().is_none()
        && url.fragment().is_none())
    .then_some(url)
}

fn wrong_arch(distribution: &str, version: &str, has: &str, wanted: &str) -> Error {
    Error::new(
        ErrorKind::WrongArchitecture,
        format!(
            "This tree installs {distribution} {version} for {}; the guest will be {}.",
            arch::shown(has),
            arch::shown(wanted),
        ),
    )
    .with_remedy(format!(
        "Look for {wanted} in place of {has} on the same server."
    ))
}

fn no_kernel(distribution: &str, version: &str, base: &Url) -> Error {
    Error::new(
        ErrorKind::NotAnInstallTree,
        format!(
            "This is {distribution} {version}, but its installer's kernel and initrd are not there."
        ),
    )
    .with_remedy(
        "Trees that only hold packages cannot start an installer. For RHEL and kin use the BaseOS \
         tree, for Fedora Everything or Server; or use another mirror.",
    )
    .with_detail(shown(base))
}
