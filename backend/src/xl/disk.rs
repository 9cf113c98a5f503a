//! Disks, in every spelling of xl-disk-configuration(5): by position, by key, with the prefixes of
//! xend, and mixed.

use super::spec;

/// A disk or drive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Disk {
    /// File or device; nothing for an empty drive.
    pub(super) target: Option<String>,
    /// `raw`, `qcow`, `qcow2`, `qed` or `vhd`.
    pub(super) format: String,
    /// Its name in the guest, as libvirt writes it.
    pub(super) vdev: String,
    pub(super) read_only: bool,
    pub(super) cdrom: bool,
    /// xend's `w!`: several guests may write to it.
    pub(super) shared: bool,
    /// `phy`, `qdisk` or `tap`.
    pub(super) backend_type: Option<String>,
    /// The guest that provides it; nothing for domain 0.
    pub(super) backend: Option<String>,
    pub(super) discard: Option<bool>,
}

impl Disk {
    /// Whether a device of the host holds it. Where the file does not say, the path does, as xl
    /// looks at what is there.
    pub(super) fn on_device(&self) -> bool {
        let device = |target: &String| target.starts_with("/dev/");
        match self.backend_type.as_deref() {
            Some("phy") => true,
            Some(_) => false,
            None => self.format == "raw" && self.target.as_ref().is_some_and(device),
        }
    }
}

const FORMATS: [&str; 5] = ["raw", "qcow", "qcow2", "qed", "vhd"];
/// Prefixes that xend needed and xl ignores.
const IGNORED: [&str; 7] = ["tapdisk", "tap2", "tap", "aio", "ioemu", "file", "phy"];
const SCRIPTED: [&str; 4] = ["iscsi", "nbd", "enbd", "drbd"];

/// Reads a disk, and says in sentences what of it is not carried over. No disk comes out where it
/// would not be the one meant.
pub(super) fn parse(text: &str) -> (Option<Disk>, Vec<String>) {
    let mut reader = Reader::default();
    let mut rest = text.trim_start();
    // A target given by name takes everything behind it, commas included.
    loop {
        if let Some(("target", target)) = rest.split_once('=').map(|(key, rest)| (key.trim(), rest))
        {
            reader.target = Some(target.trim_start().into());
            break;
        }
        let (part, more) = match rest.split_once(',') {
            Some((part, more)) => (part, Some(more)),
            None => (rest, None),
        };
        reader.part(part.trim());
        match more {
            Some(more) => rest = more.trim_start(),
            None => break,
        }
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    target: Option<String>,
    format: Option<String>,
    vdev: Option<String>,
    access: Option<String>,
    /// How many of the four were passed by position.
    position: usize,
    /// Whether the second was the virtual device already, as in xend's form.
    old: bool,
    cdrom: bool,
    backend_type: Option<String>,
    backend: Option<String>,
    discard: Option<bool>,
    scripted: bool,
    notes: Vec<String>,
    /// A key that changes what the disk is, and is not known.
    unusable: Option<String>,
}

impl Reader {
    fn part(&mut self, text: &str) {
        let part = spec::part(text);
        match (part.key, part.value) {
            ("cdrom", None) => self.cdrom = true,
            ("discard", None) => self.discard = Some(true),
            ("no-discard", None) => self.discard = Some(false),
            ("direct-io-safe", None) => {
                self.note(
                    "“direct-io-safe” has no counterpart in libvirt; the disk is opened as usual.",
                );
            }
            (flag @ ("colo" | "trusted" | "untrusted"), None) => {
                self.note(format!(
                    "“{flag}” has no counterpart in libvirt and is left out."
                ));
            }
            (key, Some(value)) if is_key(key) => self.named(key, value),
            // A path may have the sign in it too.
            _ => self.positional(text),
        }
    }

    fn named(&mut self, key: &str, value: &str) {
        let value = Some(String::from(value)).filter(|value| !value.is_empty());
        match key {
            "format" => self.format = value,
            "vdev" => {
                self.vdev = None;
                self.device(value.as_deref().unwrap_or_default());
            }
            "access" => self.access = value,
            "devtype" => match value.as_deref() {
                Some("cdrom") => self.cdrom = true,
                Some("disk") | None => {}
                Some(other) => {
                    self.unusable = Some(format!("The device type “{other}” is not known."));
                }
            },
            "backendtype" => match value.as_deref() {
                None => {}
                Some("phy" | "qdisk" | "tap") => self.backend_type = value,
                Some(other) => self.note(format!(
                    "The backend type “{other}” has no counterpart in libvirt; the host chooses."
                )),
            },
            "backend" => self.backend = value.filter(|backend| !is_domain_0(backend)),
            "script" => self.scripted |= value.is_some(),
            "specification" | "transport" | "grant_usage" => {
                self.note(format!(
                    "“{key}” has no counterpart in libvirt and is left out."
                ));
            }
            _ if key.starts_with("colo") || key.ends_with("-disk") => {
                self.note(format!(
                    "“{key}” has no counterpart in libvirt and is left out."
                ));
            }
            _ => self.note(format!(
                "“{key}” is no key of a disk that is known; it is left out."
            )),
        }
    }

    fn positional(&mut self, text: &str) {
        loop {
            let position = self.position;
            self.position += 1;
            match position {
                // An empty one may be given by name later.
                0 if self.target.is_none() => return self.prefixed(text),
                1 if self.format.is_none() && !self.old => {
                    if text.is_empty() || FORMATS.contains(&text) || text == "aio" {
                        self.format = Some(text.into())
                            .filter(|text: &String| !text.is_empty() && text != "aio");
                        return;
                    }
                    // xend's form has no format here.
                    self.old = true;
                }
                2 if self.vdev.is_none() => return self.device(text),
                3 if self.access.is_none() => {
                    self.access = Some(text.into()).filter(|text: &String| !text.is_empty());
                    return;
                }
                4 if self.old => {
                    self.backend = Some(text.into())
                        .filter(|text: &String| !text.is_empty() && !is_domain_0(text));
                    return;
                }
                0..=4 => {}
                _ if text.is_empty() => return,
                _ => {
                    return self
                        .note("There are more parts than a disk has; the last ones are left out.");
                }
            }
        }
    }

    /// A target with what xend wanted before it.
    fn prefixed(&mut self, text: &str) {
        let mut text = text;
        while let Some((prefix, rest)) = text.split_once(':') {
            if FORMATS.contains(&prefix) {
                self.format = Some(prefix.into());
            } else if SCRIPTED.contains(&prefix) {
                self.scripted = true;
            } else if prefix == "vmdk" {
                self.unusable = Some("xl cannot open disks of the format “vmdk”.".into());
            } else if !IGNORED.contains(&prefix) {
                break;
            }
            text = rest;
        }
        self.target = Some(text.into()).filter(|text: &String| !text.is_empty());
    }

    fn device(&mut self, text: &str) {
        let text = text.strip_prefix("ioemu:").unwrap_or(text);
        let (device, devtype) = match text.split_once(':') {
            Some((device, devtype)) => (device, Some(devtype)),
            None => (text, None),
        };
        match devtype {
            Some("cdrom") => self.cdrom = true,
            Some("disk" | "") | None => {}
            Some(other) => self.unusable = Some(format!("The device type “{other}” is not known.")),
        }
        self.vdev = Some(device.into()).filter(|device: &String| !device.is_empty());
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn finish(mut self) -> (Option<Disk>, Vec<String>) {
        if self.scripted {
            self.unusable = Some(
                "The disk is attached by a block script, which libvirt cannot run; attach it on the \
                 host and name its device instead."
                    .into(),
            );
        }
        match self.disk() {
            Ok(disk) => (Some(disk), self.notes),
            Err(why) => {
                self.notes.push(format!("{why} The disk is left out."));
                (None, self.notes)
            }
        }
    }

    fn disk(&mut self) -> Result<Disk, String> {
        if let Some(why) = self.unusable.take() {
            return Err(why);
        }
        let vdev = self
            .vdev
            .take()
            .ok_or("It is not said what the disk is called in the guest.")?;
        let vdev = device_name(&vdev).ok_or_else(|| {
            format!("“{vdev}” is no name of a disk that libvirt knows, such as xvda, hda or sda.")
        })?;
        let format = self.format.take().unwrap_or_else(|| "raw".into());
        if !FORMATS.contains(&format.as_str()) {
            return Err(format!("The format “{format}” is not known."));
        }
        let target = self.target.take().filter(|target| !target.is_empty());
        if target.is_none() && !self.cdrom {
            return Err("Neither file nor device is named for it.".into());
        }
        let (writable, shared) = match self.access.as_deref() {
            Some("r" | "ro") => (false, false),
            Some("r!" | "ro!") => (false, true),
            Some("w!" | "rw!") => (!self.cdrom, true),
            Some("w" | "rw") | None => (!self.cdrom, false),
            Some(other) => return Err(format!("The access “{other}” is not known.")),
        };
        Ok(Disk {
            target: target.map(absolute).transpose()?,
            format,
            vdev,
            read_only: !writable,
            cdrom: self.cdrom,
            shared,
            backend_type: self.backend_type.take(),
            backend: self.backend.take(),
            discard: self.discard,
        })
    }
}

fn is_key(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
}

/// Whether `vdev` is called as xl calls disks (see xen-vbd-interface(7)).
pub(super) fn is_device_name(vdev: &str) -> bool {
    ["xvd", "hd", "sd"].iter().any(|prefix| {
        vdev.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|letter| letter.is_ascii_alphanumeric())
        })
    })
}

/// Whether a backend is the host itself, which is the default.
pub(super) fn is_domain_0(backend: &str) -> bool {
    matches!(backend, "0" | "Domain-0" | "dom0")
}

/// Paths that begin elsewhere are below `/dev`.
fn absolute(target: String) -> Result<String, String> {
    if target.starts_with('/') {
        return Ok(target);
    }
    match target.split_once(':') {
        Some((protocol, _)) if !protocol.contains('/') => Err(format!(
            "A source of the kind “{protocol}:” is not carried over; add the disk by its address."
        )),
        _ => Ok(format!("/dev/{target}")),
    }
}

/// The name libvirt has for a virtual device, xl's `d0p1` included (see xen-vbd-interface(7)).
fn device_name(vdev: &str) -> Option<String> {
    if is_device_name(vdev) {
        return Some(vdev.into());
    }
    let (disk, partition) = match vdev.strip_prefix('d')?.split_once('p') {
        Some((disk, partition)) => (disk, Some(partition.parse::<u32>().ok()?)),
        None => (vdev.strip_prefix('d')?, None),
    };
    let mut disk = disk.parse::<u32>().ok().filter(|&disk| disk < 1 << 20)?;
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'a' + (disk % 26) as u8));
        match (disk / 26).checked_sub(1) {
            Some(more) => disk = more,
            None => break,
        }
    }
    let letters: String = letters.into_iter().rev().collect();
    let partition = partition.filter(|&partition| partition > 0);
    Some(format!(
        "xvd{letters}{}",
        partition
            .map(|partition| partition.to_string())
            .unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests;
