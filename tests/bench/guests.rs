//! Hosts of libvirt's test driver with any number of guests.

use std::fmt::Write;
use std::path::PathBuf;

/// Writes a host with `count` guests, one in ten of them running, and gives the file: its address
/// is `test://FILE`.
pub fn write(count: usize) -> PathBuf {
    let mut xml = String::from("<node>\n");
    for number in 0..count {
        // 1: running, 5: off (virDomainState).
        let state = if number % 10 == 0 { 1 } else { 5 };
        let _ = write!(
            xml,
            "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
  <name>guest-{number:03}</name>
  <uuid>00000000-0000-4000-8000-{number:012}</uuid>
  <memory unit='MiB'>{memory}</memory>
  <vcpu>{vcpus}</vcpu>
  <os><type arch='x86_64'>hvm</type><boot dev='hd'/></os>
  <devices>
    <disk type='file' device='disk'>
      <source file='/var/lib/guests/guest-{number:03}.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <graphics type='vnc' port='{port}'/>
  </devices>
  <test:runstate>{state}</test:runstate>
</domain>\n",
            memory = 512 * (1 + number % 8),
            vcpus = 1 + number % 4,
            port = 5900 + number,
        );
    }
    xml.push_str("</node>\n");
    let file = PathBuf::from(format!("/run/guests-{count}.xml"));
    std::fs::write(&file, xml).expect("/run is the sandbox's own");
    file
}
