//! Files in the manner of xm's time, with what people did in them.

use super::*;

const FULLY_VIRTUALIZED: &str = r#"#  -*- mode: python; -*-
import os, re
lib = 'lib'
if re.search('64', os.uname()[4]):
    lib = 'lib64'
kernel = "/usr/lib/xen/boot/hvmloader"
builder='hvm'
memory = 1024
shadow_memory = 8
name = "OldDesktop"
vcpus=2
vif = [ 'type=ioemu, mac=00:16:3e:00:00:11, bridge=xenbr0' ]
disk = [ 'file:/srv/desktop.img,hda,w', 'file:/srv/cd.iso,ioemu:hdc:cdrom,r' ]
device_model = '/usr/' + lib + '/xen/bin/qemu-dm'
boot='cd'
sdl=0
vnc=1
vncviewer=1
vncunused=1
stdvga=0
serial='pty'
usb=1
usbdevice='tablet'
localtime=1
acpi=1; apic=1; pae=1
"#;

const PARAVIRTUALIZED: &str = r#"
kernel  = '/boot/vmlinuz-2.6.18-6-xen-686'
ramdisk = '/boot/initrd.img-2.6.18-6-xen-686'
memory  = '256'
root    = '/dev/sda1 ro'
host    = 'etch'
disk    = [ 'phy:vg0/' + host + '-disk,sda1,w',
            'phy:vg0/' + host + '-swap,sda2,w', ]
name    = host
vif  = [ 'ip=192.168.1.5,script=vif-route' ]
nics = 1
extra = '2 console=xvc0'
vnc = 0
dhcp = "dhcp"
"#;

/// Lines and keys of what is told.
fn told(imported: &Imported) -> Vec<(usize, &str)> {
    let notes = imported.notes.iter();
    notes
        .map(|note| (note.line.unwrap_or(0), note.key.as_str()))
        .collect()
}

#[test]
fn a_fully_virtualized_guest() {
    let imported = import(FULLY_VIRTUALIZED).unwrap();
    assert_eq!(imported.kind, Kind::Hvm);
    assert_eq!(
        told(&imported),
        [
            (2, ""),
            (3, "lib"),
            (4, ""),
            (5, "lib"),
            (9, "shadow_memory"),
            (14, "device_model"),
            (18, "vncviewer"),
        ]
    );
    let domain = comparable(&imported.xml);
    assert_eq!(domain.at(&["os", "kernel"]), None);
    let disks = devices(&domain, "disk");
    assert!(disks[0].contains("<source file='/srv/desktop.img'/><target bus='ide' dev='hda'/>"));
    assert!(disks[1].contains("device='cdrom'") && disks[1].contains("dev='hdc'"));
    assert_eq!(
        devices(&domain, "interface"),
        [
            "<interface type='bridge'><mac address='00:16:3e:00:00:11'/><source bridge='xenbr0'/>\
         </interface>"
        ]
    );
    assert_eq!(
        devices(&domain, "input")[0],
        "<input bus='usb' type='tablet'/>"
    );
    assert_eq!(devices(&domain, "graphics").len(), 1);
}

#[test]
fn a_paravirtualized_guest() {
    let imported = import(PARAVIRTUALIZED).unwrap();
    assert_eq!((imported.kind, imported.name.as_str()), (Kind::Pv, "etch"));
    assert_eq!(told(&imported), [(11, "nics"), (14, "dhcp")]);
    let domain = comparable(&imported.xml);
    assert_eq!(
        domain.text_at(&["os", "cmdline"]).as_deref(),
        Some("root=/dev/sda1 ro 2 console=xvc0")
    );
    assert_eq!(
        devices(&domain, "disk")[1],
        "<disk device='disk' type='block'><driver name='phy' type='raw'/>\
         <source dev='/dev/vg0/etch-swap'/><target bus='xen' dev='sda2'/></disk>"
    );
    assert_eq!(devices(&domain, "graphics"), Vec::<String>::new());
}
