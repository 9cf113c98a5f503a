//! `<metadata>`: what others and we note beside a domain.

use crate::model::OsInfo;
use crate::xml::document::Element;

/// libosinfo's namespace, which virt-manager, GNOME Boxes and others share.
pub(crate) const LIBOSINFO: &str = "http://libosinfo.org/xmlns/libvirt/domain/1.0";

/// Ours: notes on an installation whose second stage is still to come.
pub(crate) const INSTALLATION: &str = "https://guesthouse.github.io/xmlns/installation/1";

/// The element of that namespace inside `<metadata>`, whatever its prefix.
pub(crate) fn of_namespace<'a>(metadata: &'a Element, namespace: &str) -> Option<&'a Element> {
    metadata.elements().find(|element| {
        let prefix = element.name.split_once(':').map(|(prefix, _)| prefix);
        let declaration = prefix.map_or_else(|| "xmlns".into(), |prefix| format!("xmlns:{prefix}"));
        element.attribute(&declaration) == Some(namespace)
    })
}

/// The system recorded in libosinfo's way.
pub(crate) fn os(metadata: &Element) -> Option<OsInfo> {
    let libosinfo = of_namespace(metadata, LIBOSINFO)?;
    let id = libosinfo
        .elements()
        .find(|element| local_name(element) == "os")?
        .attribute("id")?;
    Some(OsInfo {
        id: id.into(),
        name: os_name(id),
    })
}

fn local_name(element: &Element) -> &str {
    let name = element.name.as_str();
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// A name for people, made of the identifier: `http://debian.org/debian/12` is "Debian 12".
fn os_name(id: &str) -> String {
    let path = id.split_once("://").map_or(id, |(_, rest)| rest);
    let mut parts = path.split('/').skip(1).filter(|part| !part.is_empty());
    let (Some(system), version) = (parts.next(), parts.next()) else {
        return id.into();
    };
    let system = match system {
        "almalinux" => "AlmaLinux".into(),
        "alpinelinux" => "Alpine Linux".into(),
        "archlinux" => "Arch Linux".into(),
        "centos" => "CentOS".into(),
        "centos-stream" => "CentOS Stream".into(),
        "freebsd" => "FreeBSD".into(),
        "macosx" => "macOS".into(),
        "netbsd" => "NetBSD".into(),
        "nixos" => "NixOS".into(),
        "ol" => "Oracle Linux".into(),
        "openbsd" => "OpenBSD".into(),
        "opensuse" => "openSUSE".into(),
        "rhel" => "RHEL".into(),
        "sle" | "sles" => "SLES".into(),
        "win" => "Windows".into(),
        other => {
            let mut characters = other.chars();
            match characters.next() {
                Some(first) => first.to_uppercase().chain(characters).collect(),
                None => String::new(),
            }
        }
    };
    match version {
        Some("unknown") | None => system,
        Some(version) => format!("{system} {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::document::Document;

    #[test]
    fn the_system_is_found_under_any_prefix() {
        for text in [
            "<metadata><libosinfo:libosinfo \
             xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'>\
             <libosinfo:os id='http://debian.org/debian/12'/></libosinfo:libosinfo></metadata>",
            "<metadata><other/><x xmlns='http://libosinfo.org/xmlns/libvirt/domain/1.0'>\
             <os id='http://debian.org/debian/12'/></x></metadata>",
        ] {
            let root = Document::parse(text).unwrap().root;
            assert_eq!(os(&root).unwrap().name, "Debian 12");
        }
    }

    #[test]
    fn names_for_people() {
        assert_eq!(os_name("http://fedoraproject.org/fedora/43"), "Fedora 43");
        assert_eq!(os_name("http://microsoft.com/win/11"), "Windows 11");
        assert_eq!(os_name("http://redhat.com/rhel/9.4"), "RHEL 9.4");
        assert_eq!(os_name("http://libosinfo.org/linux/2022"), "Linux 2022");
        assert_eq!(os_name("nonsense"), "nonsense");
    }
}
