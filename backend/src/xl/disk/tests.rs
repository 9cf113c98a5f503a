use super::*;

/// A disk that is understood without a word.
fn read(text: &str) -> Disk {
    let (disk, notes) = parse(text);
    assert!(notes.is_empty(), "{text}: {notes:?}");
    disk.unwrap()
}

fn told(text: &str) -> (Option<Disk>, String) {
    let (disk, notes) = parse(text);
    assert!(!notes.is_empty(), "{text}");
    (disk, notes.join(" "))
}

fn volume() -> Disk {
    Disk {
        target: Some("/dev/vg/web".into()),
        format: "raw".into(),
        vdev: "hda".into(),
        ..Disk::default()
    }
}

fn drive() -> Disk {
    Disk {
        target: Some("/root/image.iso".into()),
        format: "raw".into(),
        vdev: "hdc".into(),
        read_only: true,
        cdrom: true,
        ..Disk::default()
    }
}

#[test]
fn a_volume_in_every_spelling() {
    for text in [
        "/dev/vg/web,,hda",
        "/dev/vg/web,raw,hda",
        "/dev/vg/web,raw,hda,rw",
        "/dev/vg/web, raw, hda, w",
        "/dev/vg/web,,hda,",
        "vg/web,raw,hda,rw",
        "format=raw, vdev=hda, access=rw, target=/dev/vg/web",
        "vdev=hda,target=/dev/vg/web",
        "vdev=hda, target = /dev/vg/web",
        "vdev=hda,/dev/vg/web",
        "vdev=hda,,raw,target=/dev/vg/web",
        "/dev/vg/web,vdev=hda,format=raw,access=w",
        "raw:/dev/vg/web,hda,w",
        "phy:/dev/vg/web,hda,w",
        "phy:vg/web,hda,w",
        "phy:/dev/vg/web,ioemu:hda,w",
        "phy:/dev/vg/web,hda:disk,w",
        "phy:/dev/vg/web,hda,w,0",
        "tap:aio:/dev/vg/web,hda,w",
        "tap2:aio:/dev/vg/web,hda,w",
        "tapdisk:aio:/dev/vg/web,hda,w",
        "ioemu:phy:/dev/vg/web,hda,w",
        "/dev/vg/web,hda,w",
        "/dev/vg/web,hda",
    ] {
        assert_eq!(read(text), volume(), "{text}");
    }
}

#[test]
fn a_drive_in_every_spelling() {
    for text in [
        "/root/image.iso,,hdc,cdrom",
        "/root/image.iso,,hdc,,cdrom",
        "/root/image.iso,raw,hdc,devtype=cdrom",
        "/root/image.iso,raw,hdc,rw,cdrom",
        "format=raw, vdev=hdc, access=ro, devtype=cdrom, target=/root/image.iso",
        "cdrom,vdev=hdc,target=/root/image.iso",
        "raw:/root/image.iso,hdc:cdrom,ro",
        "file:/root/image.iso,hdc:cdrom,r",
        "file:/root/image.iso,ioemu:hdc:cdrom,r",
    ] {
        assert_eq!(read(text), drive(), "{text}");
    }
}

#[test]
fn an_empty_drive_in_every_spelling() {
    let empty = Disk {
        target: None,
        ..drive()
    };
    for text in [
        ",,hdc,,cdrom",
        ",,hdc,cdrom",
        ",raw,hdc,ro,cdrom",
        ",hdc:cdrom,r",
        "vdev=hdc,cdrom",
        "vdev=hdc,devtype=cdrom,target=",
        "cdrom,,,hdc",
    ] {
        assert_eq!(read(text), empty, "{text}");
    }
}

#[test]
fn formats_by_prefix_and_by_name() {
    for format in FORMATS {
        let disk = Disk {
            target: Some("/srv/a.img".into()),
            format: format.into(),
            vdev: "xvda".into(),
            ..Disk::default()
        };
        for text in [
            format!("/srv/a.img,{format},xvda"),
            format!("vdev=xvda,format={format},target=/srv/a.img"),
            format!("tap:{format}:/srv/a.img,xvda,w"),
            format!("tap2:tapdisk:{format}:/srv/a.img,xvda,w"),
            format!("{format}:/srv/a.img,xvda,w"),
        ] {
            assert_eq!(read(&text), disk, "{text}");
        }
    }
    assert_eq!(read("file:/srv/a.img,xvda,w").format, "raw");
}

#[test]
fn a_target_by_name_takes_the_rest() {
    let disk = read("vdev=xvda,target=/srv/a,b=c,cdrom");
    assert_eq!(disk.target.as_deref(), Some("/srv/a,b=c,cdrom"));
    assert!(!disk.cdrom);
    let disk = read(",,xvda,target=/srv/a");
    assert_eq!(disk.target.as_deref(), Some("/srv/a"));
    // The sign is not a key's where no key is before it.
    let disk = read("/srv/a=b,,xvda");
    assert_eq!(disk.target.as_deref(), Some("/srv/a=b"));
}

#[test]
fn the_other_keys() {
    let disk = read("/srv/a,,xvda,r,backendtype=qdisk,backend=store,discard");
    assert_eq!(disk.backend_type.as_deref(), Some("qdisk"));
    assert_eq!(disk.backend.as_deref(), Some("store"));
    assert_eq!((disk.discard, disk.read_only), (Some(true), true));
    assert_eq!(read("/srv/a,,xvda,no-discard").discard, Some(false));
    assert_eq!(read("/srv/a,,xvda,backend=0").backend, None);
    assert_eq!(
        read("phy:/dev/a,xvda,w,store").backend.as_deref(),
        Some("store")
    );
    let shared = read("phy:/dev/a,xvda,w!");
    assert!(shared.shared && !shared.read_only);
}

#[test]
fn what_holds_a_disk() {
    assert!(read("/dev/vg/a,,xvda").on_device());
    assert!(read("/srv/a,,xvda,backendtype=phy").on_device());
    assert!(!read("/srv/a,,xvda").on_device());
    assert!(!read("/dev/vg/a,,xvda,backendtype=qdisk").on_device());
    assert!(!read("/dev/vg/a,qcow2,xvda").on_device());
}

#[test]
fn names_in_the_guest() {
    for (vdev, name) in [
        ("xvda", "xvda"),
        ("xvda1", "xvda1"),
        ("xvdaa", "xvdaa"),
        ("sda2", "sda2"),
        ("d0", "xvda"),
        ("d1p2", "xvdb2"),
        ("d25p0", "xvdz"),
        ("d26", "xvdaa"),
        ("d701", "xvdzz"),
        ("d702", "xvdaaa"),
    ] {
        assert_eq!(read(&format!("/a,,{vdev}")).vdev, name);
    }
    for vdev in [
        "vda",
        "0xca00",
        "51712",
        "d",
        "dx",
        "d1px",
        "xvd",
        "d99999999999",
        "xvd/a",
    ] {
        let (disk, why) = told(&format!("/a,raw,{vdev}"));
        assert!(disk.is_none(), "{vdev}");
        assert!(why.contains(vdev), "{why}");
    }
}

#[test]
fn what_is_left_out_is_told_and_the_rest_stays() {
    for (more, word) in [
        ("direct-io-safe", "direct-io-safe"),
        ("colo", "colo"),
        ("colo-host=a", "colo-host"),
        ("active-disk=/a", "active-disk"),
        ("backendtype=odd", "odd"),
        ("specification=virtio", "specification"),
        ("speed=3", "speed"),
        ("untrusted", "untrusted"),
    ] {
        let (disk, why) = told(&format!("/dev/vg/web,,hda,rw,{more}"));
        assert_eq!(disk, Some(volume()), "{more}");
        assert!(why.contains(word), "{why}");
    }
    let (disk, why) = told("/dev/vg/web,raw,hda,rw,odd,odd");
    assert_eq!(disk, Some(volume()));
    assert!(why.contains("more parts"), "{why}");
}

#[test]
fn a_disk_that_would_be_another_is_left_out() {
    for (text, word) in [
        ("", "called in the guest"),
        ("/a", "called in the guest"),
        ("/a,,", "called in the guest"),
        ("/a,odd,xvda", "odd"),
        ("/a,format=odd,vdev=xvda", "odd"),
        (",,xvda", "Neither file nor device"),
        ("/a,,xvda,x", "access"),
        ("/a,,xvda,devtype=floppy", "floppy"),
        ("/a,xvda:tape,w", "tape"),
        ("iscsi:iqn.2001,xvda,w", "script"),
        ("drbd:r0,xvda,w", "script"),
        ("script=block-drbd,vdev=xvda,target=r0", "script"),
        ("vdev=xvda,target=rbd:pool/image", "rbd"),
        ("tap:vmdk:/a,xvda,w", "vmdk"),
    ] {
        let (disk, why) = told(text);
        assert!(disk.is_none(), "{text}");
        assert!(
            why.contains(word) && why.ends_with("left out."),
            "{text}: {why}"
        );
    }
}
