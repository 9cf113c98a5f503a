//! The same for the keys of devices.

use super::*;

#[test]
fn framebuffers() {
    let graphics = |item: &str| devices(&domain(&format!("vfb=['{item}']")), "graphics").remove(0);
    assert_eq!(
        graphics("type=vnc"),
        "<graphics autoport='yes' port='-1' type='vnc'><listen type='address'/></graphics>"
    );
    assert!(graphics("vnc=1,vncdisplay=3").contains("autoport='no' port='5903'"));
    assert!(graphics("vnclisten=127.0.0.1:2").contains("port='5902'"));
    assert!(graphics("vnclisten=127.0.0.1:2").contains("<listen address='127.0.0.1'"));
    assert!(graphics("vnclisten=[::1]:2").contains("<listen address='::1'"));
    assert!(graphics("vnclisten=::").contains("<listen address='::'"));
    assert!(graphics("vncunused=0").contains("port='5900'"));
    assert!(graphics("keymap=de").contains("keymap='de'"));
    assert_eq!(
        graphics("type=sdl,display=:0.0,xauthority=/x"),
        "<graphics display=':0.0' type='sdl' xauth='/x'/>"
    );
    // The keys of the emulated card make a framebuffer too.
    let domain = domain("vnc=1; vnclisten='0.0.0.0'; vncpasswd='p'");
    assert!(devices(&domain, "graphics")[0].contains("passwd='p'"));
    assert!(devices(&domain, "video")[0].contains("type='xen'"));
    for (item, word) in [
        ("vncdisplay=x", "number"),
        ("vncdisplay=99999999", "number"),
        ("vncunused=1,vncdisplay=5", "free port"),
        ("vncpaswd=hidden", "not understood"),
        ("vncunused=x", "not understood"),
        ("vnc=0", "left out"),
        ("sdl=1,vnc=1", "one way"),
        ("videoram=8", "videoram"),
    ] {
        let told = notes(&format!("vfb=['{item}']")).join(" ");
        assert!(
            told.contains(word) && !told.contains("hidden"),
            "{item}: {told}"
        );
    }
}

#[test]
fn emulated_displays() {
    let kinds = |lines: &str| {
        let domain = hvm(lines);
        let devices = domain.child("devices").unwrap();
        let kinds = devices
            .all("graphics")
            .filter_map(|graphics| graphics.attribute("type"));
        kinds.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kinds(""), "vnc");
    assert_eq!(kinds("vnc=0"), "");
    assert_eq!(kinds("nographic=1"), "");
    assert_eq!(kinds("sdl=1"), "sdl");
    assert_eq!(kinds("sdl=1; vnc=1"), "vnc sdl");
    let spice = hvm(
        "spice=1; spicehost='127.0.0.1'; spiceport=6000; spicetls_port=6001\n\
         spicepasswd='p'; spiceagent_mouse=1; spicevdagent=1; spice_clipboard_sharing=0",
    );
    assert_eq!(
        devices(&spice, "graphics"),
        [
            "<graphics autoport='no' listen='127.0.0.1' passwd='p' port='6000' tlsPort='6001' \
          type='spice'><listen address='127.0.0.1' type='address'/><mouse mode='client'/>\
          <clipboard copypaste='no'/></graphics>"
        ]
    );
    let card = |lines: &str| devices(&hvm(lines), "video").remove(0);
    assert!(card("").contains("heads='1' primary='yes' type='cirrus' vram='8192'"));
    assert!(card("stdvga=1; videoram=16").contains("type='vga' vram='16384'"));
    assert!(card("vga='qxl'").contains("type='qxl'"));
    assert_eq!(card("vga='none'"), "<video><model type='none'/></video>");
    let told =
        notes("type='hvm'\nvnc=0; vncpasswd='hidden'\nspicepasswd='hidden'; vga='odd'").join(" ");
    for word in ["Line 3, vncpasswd", "Line 4, spicepasswd", "Line 4, vga"] {
        assert!(told.contains(word), "{told}");
    }
    assert!(!told.contains("hidden"));
}

#[test]
fn ports_and_sound() {
    let serial = |text: &str| devices(&hvm(&format!("serial='{text}'")), "serial").join("");
    let target = "<target port='0'/></serial>";
    assert_eq!(serial("pty"), format!("<serial type='pty'>{target}"));
    assert_eq!(serial("none"), "");
    assert_eq!(
        serial("/dev/ttyS0"),
        format!("<serial type='dev'><source path='/dev/ttyS0'/>{target}")
    );
    assert_eq!(
        serial("file:/l"),
        format!("<serial type='file'><source path='/l'/>{target}")
    );
    assert_eq!(
        serial("unix:/s,server,nowait"),
        format!("<serial type='unix'><source mode='bind' path='/s'/>{target}")
    );
    assert_eq!(
        serial("telnet:h:23"),
        format!(
            "<serial type='tcp'><source host='h' mode='connect' service='23'/>\
                 <protocol type='telnet'/>{target}"
        )
    );
    let two = hvm("serial=['pty','null']; parallel='none'");
    assert_eq!(devices(&two, "serial").len(), 2);
    assert_eq!(
        devices(&two, "console"),
        ["<console type='pty'><target port='0' type='serial'/></console>"]
    );
    assert_eq!(
        devices(&hvm("soundhw='hda,ac97'"), "sound"),
        ["<sound model='ich6'/>", "<sound model='ac97'/>"]
    );
    let channels = domain("channel=['connection=pty,name=a','connection=SOCKET,path=/s,name=b']");
    assert_eq!(
        devices(&channels, "channel"),
        [
            "<channel type='pty'><target name='a' type='xen'/></channel>",
            "<channel type='unix'><source mode='bind' path='/s'/><target name='b' type='xen'/></channel>"
        ]
    );
    for lines in [
        "serial='msmouse'",
        "serial='tcp:h:x'",
        "parallel='pty'",
        "soundhw='all'",
    ] {
        assert_eq!(notes(&format!("type='hvm'\n{lines}")).len(), 1, "{lines}");
    }
    assert!(notes("channel=['name=a']")[0].contains("needs"));
}

#[test]
fn devices_of_the_host() {
    let usb = hvm("usb=1; usbdevice=['tablet','host:1d6b:2','host:8.2']");
    assert!(devices(&usb, "input")[0].contains("bus='usb' type='tablet'"));
    assert_eq!(devices(&usb, "hostdev").len(), 2);
    assert!(devices(&usb, "hostdev")[0].contains("<product id='0x0002'/>"));
    assert!(devices(&usb, "hostdev")[1].contains("<address bus='8' device='2'/>"));
    assert!(devices(&hvm("usb=1; usbdevice='mouse'"), "input")[0].contains("bus='usb'"));
    let usb = domain("usbctrl=['type=auto,version=1,ports=4']; usbdev=['hostbus=1,hostaddr=3']");
    assert!(devices(&usb, "controller")[1].contains("model='qusb1' ports='4'"));
    assert!(devices(&usb, "hostdev")[0].contains("<address bus='1' device='3'/>"));
    let pci = domain("pci=['01:1a.1','0002:03:00.0,permissive=1,seize=1','bdf=04:00.0']");
    let pci = devices(&pci, "hostdev");
    assert!(pci[0].contains("bus='0x01' domain='0x0000' function='0x1' slot='0x1a'"));
    assert!(pci[1].contains("managed='yes'") && pci[1].contains("writeFiltering='no'"));
    assert!(pci[2].contains("bus='0x04'"));
    assert!(
        devices(&domain("pci=['01:00.0']; pci_permissive=1"), "hostdev")[0]
            .contains("writeFiltering")
    );
    for (lines, key) in [
        ("usb=1", "usb"),
        ("usb=1; usbdevice='braille'", "usbdevice"),
        ("usbctrl=['type=devicemodel']", "usbctrl"),
        ("usbctrl=['ports=99']", "usbctrl"),
        ("usbdev=['hostbus=1']", "usbdev"),
        ("usbdev=['hostbus=1,hostaddr=2,controller=0']", "usbdev"),
        ("pci=['01:00.*']", "pci"),
        ("pci=['0:0:0:0.0']", "pci"),
        ("pci=['99:99.9']", "pci"),
        ("pci=['01:00.0@5']", "pci"),
        ("pci=['01:00.0,msitranslate=1']", "pci"),
        ("pci=['01:00.0,permissive=x']", "pci"),
        ("pci_msitranslate=1", "pci_msitranslate"),
    ] {
        let told = notes(&format!("type='hvm'\n{lines}"));
        assert_eq!(told.len(), 1, "{lines}: {told:?}");
        assert!(told[0].starts_with(&format!("Line 3, {key}: ")), "{told:?}");
    }
}

#[test]
fn disks_and_interfaces() {
    let domain = hvm(
        "disk=['phy:/dev/vg/a,hda,w','/i.iso,,hdc,cdrom','/b,qcow2,sda','/c,,xvdb,r,backend=s,discard']\n\
         vif=['mac=00:16:3e:00:00:01,bridge=br0,model=e1000','','type=vif,ip=10.0.0.1/24 fe80::1']",
    );
    assert_eq!(
        devices(&domain, "disk"),
        [
            "<disk device='disk' type='block'><driver name='phy' type='raw'/><source dev='/dev/vg/a'/>\
         <target bus='ide' dev='hda'/></disk>",
            "<disk device='cdrom' type='file'><driver name='qemu' type='raw'/><source file='/i.iso'/>\
         <target bus='ide' dev='hdc'/><readonly/></disk>",
            "<disk device='disk' type='file'><driver name='qemu' type='qcow2'/><source file='/b'/>\
         <target bus='scsi' dev='sda'/></disk>",
            "<disk device='disk' type='file'><driver discard='unmap' name='qemu' type='raw'/>\
         <source file='/c'/><backenddomain name='s'/><target bus='xen' dev='xvdb'/><readonly/></disk>",
        ]
    );
    assert_eq!(
        devices(&domain, "interface"),
        [
            "<interface type='bridge'><mac address='00:16:3e:00:00:01'/><source bridge='br0'/>\
         <model type='e1000'/></interface>",
            "<interface type='ethernet'/>",
            "<interface type='ethernet'><ip address='10.0.0.1' family='ipv4' prefix='24'/>\
         <ip address='fe80::1' family='ipv6'/><model type='netfront'/></interface>",
        ]
    );
    let told = notes("disk=['/a,,xvda','/b,,xvda']\nvif=['model=e1000']\ndisk+=[['x']]");
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("xvda already"));
}
