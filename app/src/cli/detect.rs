//! `guesthouse detect`.

use std::process::ExitCode;

use backend::Result;
use backend::install::{self, InstallTree, RemoteFile, XenBoot};
use backend::model::VirtualizationType;
use serde::Serialize;

use super::{DetectArguments, output};
use crate::progress;

/// A tree as `--json` prints it. Names here are an interface that scripts rely on.
#[derive(Serialize)]
struct TreeEntry<'a> {
    url: &'a str,
    distribution: &'a str,
    version: &'a str,
    codename: Option<&'a str>,
    os_id: Option<&'a str>,
    arch: &'a str,
    minimum_memory_mib: u64,
    recommended_memory_mib: u64,
    recommended_disk_gib: u64,
    installers: Vec<InstallerEntry<'a>>,
}

#[derive(Serialize)]
struct InstallerEntry<'a> {
    graphical: bool,
    kernel: FileEntry,
    initrd: FileEntry,
    arguments: &'a str,
    /// What it starts with in a paravirtual guest of Xen; null where it cannot.
    paravirtual: Option<FilesEntry>,
}

#[derive(Serialize)]
struct FilesEntry {
    kernel: FileEntry,
    initrd: FileEntry,
}

#[derive(Serialize)]
struct FileEntry {
    url: String,
    size: Option<u64>,
}

impl From<&RemoteFile> for FileEntry {
    fn from(file: &RemoteFile) -> Self {
        Self {
            url: file.shown_url(),
            size: file.size,
        }
    }
}

impl<'a> From<&'a InstallTree> for TreeEntry<'a> {
    fn from(tree: &'a InstallTree) -> Self {
        let installers = tree.installers.iter().map(|installer| InstallerEntry {
            graphical: installer.graphical,
            kernel: (&installer.kernel).into(),
            initrd: (&installer.initrd).into(),
            arguments: &installer.arguments,
            paravirtual: installer
                .files_for(VirtualizationType::XenPv)
                .map(|(kernel, initrd)| FilesEntry {
                    kernel: kernel.into(),
                    initrd: initrd.into(),
                }),
        });
        Self {
            url: &tree.url,
            distribution: &tree.distribution,
            version: &tree.version,
            codename: tree.codename.as_deref(),
            os_id: tree.os_id.as_deref(),
            arch: &tree.arch,
            minimum_memory_mib: tree.minimum_memory_mib,
            recommended_memory_mib: tree.recommended_memory_mib,
            recommended_disk_gib: tree.recommended_disk_gib,
            installers: installers.collect(),
        }
    }
}

pub(super) async fn run(arguments: &DetectArguments) -> Result<ExitCode> {
    let tree = install::detect(&arguments.url, &arguments.arch).await?;
    if arguments.json {
        output::print_json(&TreeEntry::from(&tree));
    } else {
        output::print(&describe(&tree));
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(tree: &InstallTree) -> String {
    let mut text = format!("{}, {}\n", tree.system(), tree.arch);
    for installer in &tree.installers {
        let kind = if installer.graphical {
            "Graphical installer"
        } else {
            "Text installer"
        };
        text.push_str(&format!("{kind}:\n"));
        let mut files = vec![("kernel", &installer.kernel), ("initrd", &installer.initrd)];
        if let XenBoot::Own { kernel, initrd } = &installer.on_xen {
            files.extend([("kernel for Xen", kernel), ("initrd for Xen", initrd)]);
        }
        for (what, file) in files {
            let size = file
                .size
                .map_or("size not told".to_owned(), progress::bytes);
            text.push_str(&format!("  {what}  {}  ({size})\n", file.shown_url()));
        }
    }
    text.push_str(&format!(
        "Memory: at least {} MiB, better {} MiB. Disk: {} GiB.\n",
        tree.minimum_memory_mib, tree.recommended_memory_mib, tree.recommended_disk_gib
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use backend::install::{Installer, TreeFamily};

    #[test]
    fn a_tree_is_told_in_a_few_lines() {
        let file = |name: &str, size| RemoteFile {
            url: format!("http://example.org/{name}"),
            size,
            sha256: None,
        };
        let tree = InstallTree {
            url: "http://example.org/".into(),
            family: TreeFamily::Debian,
            distribution: "Debian".into(),
            version: "12".into(),
            codename: Some("bookworm".into()),
            os_id: None,
            arch: "x86_64".into(),
            installers: vec![Installer {
                graphical: true,
                kernel: file("linux", Some(8_000_000)),
                initrd: file("initrd.gz", None),
                arguments: String::new(),
                on_xen: XenBoot::Usual,
            }],
            minimum_memory_mib: 780,
            recommended_memory_mib: 2048,
            recommended_disk_gib: 20,
        };
        assert_eq!(
            describe(&tree),
            "Debian 12 (bookworm), x86_64\n\
             Graphical installer:\n\
             \x20 kernel  http://example.org/linux  (8.0 MB)\n\
             \x20 initrd  http://example.org/initrd.gz  (size not told)\n\
             Memory: at least 780 MiB, better 2048 MiB. Disk: 20 GiB.\n"
        );
    }
}
