//! Where a new guest's disk can go, and what its creation would do.

use uuid::Uuid;
use virt::connect::Connect;

use super::check::{self, Checked, GIB, amount, session_folder};
use super::create::definitions;
use super::domain_xml::DiskSource;
use super::metadata::file_name;
use super::remote::{self, SHORT};
use super::spot::{self, BOOT_FOLDER, Spot};
use super::{CreateRequest, DiskPlace, PlaceReport, Preview, RemoteFile};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::model::{HypervisorKind, VirtualizationType};

/// The pool that libvirt's tools make and expect.
pub(crate) const DEFAULT_POOL: &str = "default";
/// Where that pool is on the system connection.
pub(crate) const IMAGES_FOLDER: &str = "/var/lib/libvirt/images";
/// How many names are tried beside the plain one: NAME-1 and so on.
const MOST_NAMES: u32 = 99;

/// See [`super::inspect_place`].
pub(super) async fn inspect(host: &Host, place: &DiskPlace) -> Result<PlaceReport> {
    let may_make = host.snapshot().info.as_deref().and_then(session_folder);
    let spot = Spot::of(place, may_make.as_deref())?;
    let look = remote::on(host, SHORT, move |connect| spot::look(connect, &spot)).await?;
    Ok(PlaceReport {
        available: look.available,
        exists: look.exists,
    })
}

/// See [`super::propose_place`].
pub(super) async fn propose(host: &Host, name: &str) -> Result<DiskPlace> {
    let stem = file_stem(name);
    let ending = match host.snapshot().info.as_deref() {
        Some(info) if info.kind == HypervisorKind::Xen => "img",
        _ => "qcow2",
    };
    let folder = host
        .snapshot()
        .info
        .as_deref()
        .and_then(session_folder)
        .unwrap_or_else(|| IMAGES_FOLDER.to_owned());
    remote::on(host, SHORT, move |connect| {
        let mut first = None;
        for number in 0..=MOST_NAMES {
            let file = match number {
                0 => format!("{stem}.{ending}"),
                number => format!("{stem}-{number}.{ending}"),
            };
            let place = place_for(connect, &folder, file);
            let spot = Spot::of(&place, Some(&folder))?;
            match spot::look(connect, &spot) {
                Ok(look) if look.exists => {}
                // A place that cannot be used is still the one to talk about.
                _ => return Ok(place),
            }
            first.get_or_insert(place);
        }
        first.ok_or_else(|| {
            Error::new(
                crate::error::ErrorKind::AlreadyExists,
                "Every name that could be proposed for the disk is taken.",
            )
        })
    })
    .await
}

fn place_for(connect: &Connect, folder: &str, file: String) -> DiskPlace {
    let default = connect
        .lookup_storage_pool_by_name(DEFAULT_POOL)
        .is_ok_and(|pool| pool.is_active().unwrap_or(false));
    if default {
        DiskPlace::Volume {
            pool: DEFAULT_POOL.to_owned(),
            name: file,
        }
    } else {
        DiskPlace::Path(format!("{folder}/{file}"))
    }
}

/// A file name made of a guest's name: plain enough for every file system and shell.
fn file_stem(name: &str) -> String {
    let plain: String = name
        .trim()
        .chars()
        .map(|char| {
            if char.is_alphanumeric() || matches!(char, '.' | '_' | '-') {
                char
            } else {
                '-'
            }
        })
        .collect();
    let mut stem = plain.trim_matches(['-', '.']).to_owned();
    while stem.len() > 200 {
        stem.pop();
    }
    if stem.is_empty() {
        String::from("guest")
    } else {
        stem
    }
}

/// See [`super::preview`].
pub(super) async fn preview(host: &Host, request: &CreateRequest) -> Result<Preview> {
    check::check_request(request)?;
    let info = check::check_host(host, request)?;
    let asked = request.clone();
    let (checked, disk) = remote::on(host, SHORT, move |connect| {
        let checked = check::check(connect, &asked, &info)?;
        let raw = asked.virtualization.is_xen();
        let disk = spot::foresee_disk(connect, &checked.disk, raw)?;
        Ok((checked, disk))
    })
    .await?;
    let id = Uuid::new_v4();
    let folder = if checked.session {
        disk.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    } else {
        BOOT_FOLDER
    };
    let files = ["kernel", "initrd"].map(|ending| format!("{folder}/{}", file_name(id, ending)));
    let xml = definitions(request, &checked, id, disk.clone(), files)?.lasting;
    Ok(Preview {
        xml,
        steps: steps(request, &checked, &disk)?,
        warnings: check::space_warning(&checked, request)
            .into_iter()
            .collect(),
    })
}

fn steps(request: &CreateRequest, checked: &Checked, disk: &DiskSource) -> Result<Vec<String>> {
    let installer = check::installer(request)?;
    let (kernel, initrd) = check::boot_files(request)?;
    let kind = if installer.graphical {
        "graphical"
    } else {
        "text"
    };
    let mut steps = vec![
        format!(
            "Fetch the {kind} installer of {}: kernel{} and initrd{}, from {}.",
            request.tree.system(),
            size(kernel),
            size(initrd),
            server(kernel),
        ),
        String::from("Hand both to the host, which deletes them when the installer has ended."),
        format!(
            "Make the disk {} ({}), which the guest sees as {} GiB and which grows as it is used.",
            disk.path, disk.format, request.disk_gib
        ),
    ];
    if let (true, Some(network)) = (checked.starts_network, request.network.network()) {
        steps.push(format!("Start the network {network}."));
    }
    let how = match request.virtualization {
        VirtualizationType::Kvm => "by KVM",
        VirtualizationType::Emulation => "emulated, which is slow",
        VirtualizationType::XenPv => "by Xen, paravirtual",
        VirtualizationType::XenPvh => "by Xen, as PVH",
        VirtualizationType::XenHvm => "by Xen, fully virtual",
    };
    steps.push(format!(
        "Define the guest {} with {} of memory (up to {} while it runs) and {} {}, run {how}.",
        request.name,
        amount(request.memory_mib * (GIB / 1024)),
        amount(request.maximum_memory_mib * (GIB / 1024)),
        request.vcpus,
        if request.vcpus == 1 {
            "processor"
        } else {
            "processors"
        },
    ));
    steps.push(String::from(
        "Start the installer; when it reboots the guest, start it from its disk.",
    ));
    Ok(steps)
}

fn size(file: &RemoteFile) -> String {
    file.size
        .map(|size| format!(" ({:.1} MB)", size as f64 / 1e6))
        .unwrap_or_default()
}

fn server(file: &RemoteFile) -> String {
    reqwest::Url::parse(&file.url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| String::from("the server"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_plain_file_names() {
        for (name, stem) in [
            ("debian12", "debian12"),
            (" My guest/1 ", "My-guest-1"),
            ("../../etc", "etc"),
            ("käse 🐧", "käse"),
            ("<&>", "guest"),
            ("", "guest"),
        ] {
            assert_eq!(file_stem(name), stem, "{name}");
        }
        assert!(file_stem(&"ü".repeat(500)).len() <= 200);
    }
}
