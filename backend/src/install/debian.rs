//! Trees of Debian, Ubuntu (to 20.04) and kin: `dists/SUITE/main/installer-ARCH/current/images`.

use reqwest::Url;

use super::address::shown;
use super::http::{Answer, Fetcher, is_this_machine};
use super::ini::{field, label, sha256};
use super::suites::suites;
use super::treeinfo::inside;
use super::{InstallTree, Installer, RemoteFile, TreeFamily, XenBoot, arch, needs};
use crate::error::{Error, ErrorKind, Result};

/// `Release` lists a checksum for every index of the suite: 200 KiB on real mirrors.
const LONGEST_RELEASE: usize = 8 * 1024 * 1024;
const LONGEST_SUMS: usize = 4 * 1024 * 1024;

/// Folders in which mirrors keep an archive, under their root.
pub(super) const USUAL_FOLDERS: [&str; 2] = ["debian/", "ubuntu/"];

/// Where installers lie below `installer-ARCH/current`; Ubuntu moved them in 20.04.
const IMAGE_FOLDERS: [&str; 2] = ["images/", "legacy-images/"];

/// What an address says about a place in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// The archive: the folder that has `dists`.
    root: Url,
    /// The suite, if the address goes that deep.
    suite: Option<String>,
    /// The Debian name of the processor, if the address goes that deep.
    arch: Option<String>,
}

impl Place {
    fn of(base: &Url) -> Self {
        let segments: Vec<&str> = base
            .path_segments()
            .map(|segments| segments.filter(|segment| !segment.is_empty()).collect())
            .unwrap_or_default();
        // The last one: a mirror may itself live in a folder called dists.
        let Some(dists) = segments.iter().rposition(|segment| *segment == "dists") else {
            return Self {
                root: base.clone(),
                suite: None,
                arch: None,
            };
        };
        let mut root = base.clone();
        let folder = segments[..dists].join("/");
        root.set_path(&if folder.is_empty() {
            String::from("/")
        } else {
            format!("/{folder}/")
        });
        Self {
            root,
            suite: segments.get(dists + 1).map(|suite| (*suite).to_owned()),
            arch: segments[dists..]
                .iter()
                .find_map(|segment| segment.strip_prefix("installer-"))
                .map(str::to_owned),
        }
    }
}

/// Whether the address itself points into an archive.
pub(super) fn is_likely(base: &Url) -> bool {
    base.path()
        .split('/')
        .any(|segment| segment == "dists" || USUAL_FOLDERS.contains(&&*format!("{segment}/")))
}

/// Looks for an archive at or around `base`.
///
/// # Errors
/// Whatever keeps the server from answering, and what is wrong with a tree that is there.
pub(super) async fn look(
    fetcher: &Fetcher,
    base: &Url,
    wanted: &str,
) -> Result<Option<InstallTree>> {
    let place = Place::of(base);
    if let Some(suite) = place.suite.clone() {
        return match release(fetcher, &place.root, &suite).await? {
            Some(release) => read(fetcher, &place, &release, wanted).await.map(Some),
            // A copy of an installer need not come with the rest of the archive.
            None if place.arch.is_some() => read(fetcher, &place, &Release::bare(&suite), wanted)
                .await
                .map(Some),
            None => Ok(None),
        };
    }
    let mut first_failure = None;
    for suite in suites(fetcher, &place.root).await? {
        let Some(release) = release(fetcher, &place.root, &suite).await? else {
            continue;
        };
        match read(fetcher, &place, &release, wanted).await {
            Ok(tree) => return Ok(Some(tree)),
            // An archive has suites without installer (backports, security); a later one may do.
            Err(error) if error.kind() != ErrorKind::Unreachable => {
                first_failure.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    first_failure.map_or(Ok(None), Err)
}

/// What a suite's `Release` says.
#[derive(Debug)]
struct Release {
    /// The folder under `dists`.
    suite: String,
    origin: String,
    version: String,
    codename: Option<String>,
}

impl Release {
    fn parse(suite: &str, text: &str) -> Self {
        let get = |key| field(text, key).map(label);
        let codename = get("Codename");
        Self {
            origin: get("Origin")
                .or_else(|| get("Label"))
                .unwrap_or_else(|| String::from("Debian")),
            // Debian's testing and unstable have no number.
            version: get("Version")
                .or_else(|| get("Suite"))
                .unwrap_or_else(|| label(suite)),
            codename,
            suite: suite.to_owned(),
        }
    }

    /// What is known where there is no `Release`.
    fn bare(suite: &str) -> Self {
        Self {
            suite: suite.to_owned(),
            origin: String::from("Debian"),
            version: label(suite),
            codename: None,
        }
    }

    /// The version as people say it: Debian counts point releases that mean little here.
    fn short_version(&self) -> &str {
        if self.origin == "Debian" {
            self.version.split('.').next().unwrap_or(&self.version)
        } else {
            &self.version
        }
    }

    fn system(&self) -> String {
        let version = self.short_version();
        match &self.codename {
            Some(codename) if codename != version => {
                format!("{} {version} ({codename})", self.origin)
            }
            _ => format!("{} {version}", self.origin),
        }
    }
}

async fn release(fetcher: &Fetcher, root: &Url, suite: &str) -> Result<Option<Release>> {
    let Some(url) = inside(root, &format!("dists/{suite}/Release")) else {
        return Ok(None);
    };
    let Answer::Found(text) = fetcher.text(&url, LONGEST_RELEASE).await? else {
        return Ok(None);
    };
    // Some servers answer every address with a page.
    let is_one = field(&text.body, "Suite").is_some() || field(&text.body, "Codename").is_some();
    Ok(is_one.then(|| Release::parse(suite, &text.body)))
}

async fn read(
    fetcher: &Fetcher,
    place: &Place,
    release: &Release,
    wanted: &str,
) -> Result<InstallTree> {
    let wanted_debian = arch::debian_name(wanted);
    if let Some(given) = &place.arch
        && arch::libvirt_name(given) != arch::libvirt_name(wanted_debian)
    {
        return Err(wrong_arch(release, &[label(given)], wanted));
    }
    for images in IMAGE_FOLDERS {
        let folder = format!(
            "dists/{}/main/installer-{wanted_debian}/current/{images}",
            release.suite
        );
        let Some(folder) = inside(&place.root, &folder) else {
            continue;
        };
        let installers = installers(fetcher, place, &folder, wanted_debian).await?;
        if let Some(first) = installers.first() {
            let needs = needs::of_debian(first.graphical);
            return Ok(InstallTree {
                url: shown(&place.root),
                family: TreeFamily::Debian,
                distribution: release.origin.clone(),
                version: release.short_version().to_owned(),
                codename: release.codename.clone(),
                os_id: needs::debian_os_id(&release.origin, &release.version),
                arch: wanted.to_owned(),
                installers,
                minimum_memory_mib: needs.minimum_memory_mib,
                recommended_memory_mib: needs.recommended_memory_mib,
                recommended_disk_gib: needs.recommended_disk_gib,
            });
        }
    }
    let others = other_archs(fetcher, place, release, wanted_debian).await?;
    if !others.is_empty() {
        return Err(wrong_arch(release, &others, wanted));
    }
    Err(no_installer(release, place))
}

/// The installers in an images folder, graphical before text.
async fn installers(
    fetcher: &Fetcher,
    place: &Place,
    folder: &Url,
    debian_arch: &str,
) -> Result<Vec<Installer>> {
    let sums = match inside(folder, "SHA256SUMS") {
        Some(url) => fetcher.text(&url, LONGEST_SUMS).await?.found(),
        None => None,
    };
    // As for `.treeinfo`: stay on the mirror that a redirector chose.
    let folder = sums
        .as_ref()
        .and_then(|sums| sums.url.join("./").ok())
        .unwrap_or_else(|| folder.clone());
    let sums = sums.map(|sums| sums.body);
    let mut installers = Vec::new();
    for graphical in [true, false] {
        for (kernel, initrd) in candidates(debian_arch, graphical) {
            if let Some(sums) = &sums
                && (checksum(sums, &kernel).is_none() || checksum(sums, &initrd).is_none())
            {
                continue;
            }
            let (kernel, initrd) = tokio::try_join!(
                file(fetcher, &folder, &kernel, sums.as_deref()),
                file(fetcher, &folder, &initrd, sums.as_deref()),
            )?;
            if let (Some(kernel), Some(initrd)) = (kernel, initrd) {
                let on_xen = on_xen(fetcher, &folder, debian_arch, graphical, sums.as_deref());
                installers.push(Installer {
                    graphical,
                    kernel,
                    initrd,
                    arguments: arguments(&place.root),
                    on_xen: on_xen.await?,
                });
                break;
            }
        }
    }
    Ok(installers)
}

/// How the installer starts in a guest whose kernel has to know Xen. On 64 bits Debian's usual
/// kernels do since 2.6.37; on 32 bits there is a kernel of its own, with the text installer.
async fn on_xen(
    fetcher: &Fetcher,
    folder: &Url,
    debian_arch: &str,
    graphical: bool,
    sums: Option<&str>,
) -> Result<XenBoot> {
    match debian_arch {
        "amd64" => return Ok(XenBoot::Usual),
        "i386" if !graphical => {}
        _ => return Ok(XenBoot::No),
    }
    let (kernel, initrd) = tokio::try_join!(
        file(fetcher, folder, "netboot/xen/vmlinuz", sums),
        file(fetcher, folder, "netboot/xen/initrd.gz", sums),
    )?;
    Ok(match (kernel, initrd) {
        (Some(kernel), Some(initrd)) => XenBoot::Own { kernel, initrd },
        _ => XenBoot::No,
    })
}

/// Where kernel and initrd may lie below an images folder.
fn candidates(debian_arch: &str, graphical: bool) -> Vec<(String, String)> {
    let kernels: &[&str] = match debian_arch {
        "ppc64el" | "ppc64" => &["vmlinux", "linux"],
        _ => &["linux", "vmlinuz"],
    };
    let mut places = Vec::new();
    if debian_arch == "s390x" && !graphical {
        places.push((
            String::from("generic/kernel.debian"),
            String::from("generic/initrd.debian"),
        ));
    }
    for kin in ["debian-installer", "ubuntu-installer"] {
        for kernel in kernels {
            let folder = if graphical {
                format!("netboot/gtk/{kin}/{debian_arch}")
            } else {
                format!("netboot/{kin}/{debian_arch}")
            };
            places.push((format!("{folder}/{kernel}"), format!("{folder}/initrd.gz")));
        }
    }
    places
}

/// The SHA-256 of `path` in a list as `sha256sum` writes it.
fn checksum(sums: &str, path: &str) -> Option<String> {
    sums.lines().find_map(|line| {
        let (hex, name) = line.split_once([' ', '\t'])?;
        let name = name.trim_start_matches([' ', '\t', '*']);
        (name.strip_prefix("./").unwrap_or(name) == path)
            .then(|| sha256(hex))
            .flatten()
    })
}

async fn file(
    fetcher: &Fetcher,
    folder: &Url,
    path: &str,
    sums: Option<&str>,
) -> Result<Option<RemoteFile>> {
    let Some(url) = inside(folder, path) else {
        return Ok(None);
    };
    Ok(fetcher.head(&url).await?.found().map(|head| RemoteFile {
        url: head.url.to_string(),
        size: head.size,
        sha256: sums.and_then(|sums| checksum(sums, path)),
    }))
}

/// Answers to the installer's questions about the mirror, so that it installs from where the user
/// said. A server on this machine means another machine to the guest: then it asks.
fn arguments(root: &Url) -> String {
    let (Some(host), false) = (root.host_str(), is_this_machine(root)) else {
        return String::new();
    };
    let host = root
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let scheme = root.scheme();
    let folder = match root.path().trim_end_matches('/') {
        "" => "/",
        folder => folder,
    };
    format!(
        "mirror/country=manual mirror/protocol={scheme} mirror/{scheme}/hostname={host} \
         mirror/{scheme}/directory={folder}"
    )
}

/// Processors, by Debian's names, for which the suite has an installer.
async fn other_archs(
    fetcher: &Fetcher,
    place: &Place,
    release: &Release,
    wanted_debian: &str,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in arch::debian_names().filter(|name| *name != wanted_debian) {
        for images in IMAGE_FOLDERS {
            let path = format!(
                "dists/{}/main/installer-{name}/current/{images}SHA256SUMS",
                release.suite
            );
            if let Some(url) = inside(&place.root, &path)
                && fetcher.head(&url).await?.found().is_some()
            {
                found.push(name.to_owned());
                break;
            }
        }
    }
    Ok(found)
}

fn wrong_arch(release: &Release, has: &[String], wanted: &str) -> Error {
    let names: Vec<String> = has.iter().map(|name| arch::shown(name)).collect();
    let debian = arch::debian_name(wanted);
    Error::new(
        ErrorKind::WrongArchitecture,
        format!(
            "This tree installs {} for {}; the guest will be {}.",
            release.system(),
            names.join(", "),
            arch::shown(wanted),
        ),
    )
    .with_remedy(format!(
        "Use a mirror that has installer-{debian}, or give the address of the archive's top \
         folder."
    ))
}

fn no_installer(release: &Release, place: &Place) -> Error {
    let error = Error::new(
        ErrorKind::NotAnInstallTree,
        format!(
            "This is {}, but its installer's kernel and initrd are not there.",
            release.system()
        ),
    )
    .with_detail(shown(&place.root));
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok());
    let mut parts = release.version.split('.');
    let version = (number(parts.next()), number(parts.next()));
    if release.origin == "Ubuntu" && version > (Some(20), Some(4)) {
        return error.with_remedy(
            "The last Ubuntu release with a network installer of this kind is 20.04: add \
             dists/focal/ to the address of the mirror.",
        );
    }
    error.with_remedy(
        "Suites that only hold packages (updates, security, backports) cannot start an installer. \
         Give the address of the mirror itself, or of another one.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> (String, Option<String>, Option<String>) {
        let place = Place::of(&Url::parse(url).unwrap());
        (place.root.to_string(), place.suite, place.arch)
    }

    #[test]
    fn every_depth_of_address_is_understood() {
        let root = String::from("http://a.b/debian/");
        assert_eq!(place("http://a.b/debian/"), (root.clone(), None, None));
        assert_eq!(
            place("http://a.b/debian/dists/"),
            (root.clone(), None, None)
        );
        let bookworm = Some(String::from("bookworm"));
        assert_eq!(
            place("http://a.b/debian/dists/bookworm/"),
            (root.clone(), bookworm.clone(), None)
        );
        assert_eq!(
            place("http://a.b/debian/dists/bookworm/main/installer-arm64/current/images/netboot/"),
            (root, bookworm, Some(String::from("arm64")))
        );
        assert_eq!(
            place("http://a.b/dists/sid/"),
            (String::from("http://a.b/"), Some(String::from("sid")), None)
        );
    }

    #[test]
    fn sums_are_read_with_or_without_dots_and_stars() {
        let hex = "ab".repeat(32);
        let sums = format!("zz  ./x\n{hex}  ./netboot/linux\n{hex} *plain\n");
        assert_eq!(checksum(&sums, "netboot/linux"), Some(hex.clone()));
        assert_eq!(checksum(&sums, "plain"), Some(hex));
        assert_eq!(checksum(&sums, "x"), None);
    }

    #[test]
    fn the_mirror_is_handed_on_unless_it_is_this_machine() {
        let of = |url| arguments(&Url::parse(url).unwrap());
        assert_eq!(
            of("https://ftp.debian.org/debian/"),
            "mirror/country=manual mirror/protocol=https \
             mirror/https/hostname=ftp.debian.org mirror/https/directory=/debian"
        );
        assert!(of("http://m:81/").contains("hostname=m:81 mirror/http/directory=/"));
        assert_eq!(of("http://127.0.0.1:8000/debian/"), "");
        assert_eq!(of("http://[::1]/debian/"), "");
    }
}
