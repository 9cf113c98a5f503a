//! Configuration files of xl, and of xm before it: import as libvirt's XML, and export from it.
//!
//! [`import`] reads what xl.cfg(5), xl-disk-configuration(5), xl-network-configuration(5) and
//! xl-pci-configuration(5) describe, with the spellings of xend's time; [`export`] writes a file for
//! today's xl. Neither runs anything nor looks at the host, and neither drops anything silently:
//! what the other side has no counterpart for comes back as [`Note`]s.
//!
//! A guest passes between the two forms by way of a third, `guest::Guest`, which holds what they
//! have in common.

mod config;
mod disk;
mod from_xml;
mod guest;
mod spec;
mod syntax;
#[cfg(test)]
mod tests;
mod to_config;
mod to_xml;
mod vif;

use std::fmt;

use crate::error::Result;
use guest::{Display, Guest};

/// The program that starts a fully virtualized guest. libvirt wants a path, and Xen's own is used.
const HVM_LOADER: &str = "/usr/lib/xen/boot/hvmloader";
/// The same for UEFI.
const UEFI_LOADER: &str = "/usr/lib/xen/boot/ovmf.bin";

/// How a guest is virtualized (xl.cfg(5), `type=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// Paravirtualized: by a kernel made for Xen.
    #[default]
    Pv,
    /// By the processor, without emulated hardware.
    Pvh,
    /// By the processor, with emulated hardware.
    Hvm,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pv => "PV",
            Self::Pvh => "PVH",
            Self::Hvm => "HVM",
        })
    }
}

/// Something that is not carried over as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line of the file, counted from one, where a single one is meant; never on export.
    pub line: Option<usize>,
    /// The key in the file or the element of the XML; empty where the line has none.
    pub key: String,
    /// Why, and what happens instead, in sentences. No password is ever part of it.
    pub why: String,
}

impl Note {
    /// About a line; 0 for none.
    fn at_line(line: usize, key: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            line: Some(line).filter(|&line| line > 0),
            key: key.into(),
            why: why.into(),
        }
    }
}

/// As to be shown: where, what and why.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "Line {line}")?;
            f.write_str(if self.key.is_empty() { ": " } else { ", " })?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.why)
    }
}

/// A configuration file read.
#[derive(Clone, PartialEq, Eq)]
pub struct Imported {
    /// The guest's name.
    pub name: String,
    /// libvirt's definition of it, passwords included: libvirt takes them from there.
    pub xml: String,
    /// What is not carried over, in the order of the lines.
    pub notes: Vec<Note>,
    /// The password of its VNC display.
    pub vnc_password: Option<String>,
    /// How it is virtualized.
    pub kind: Kind,
}

/// Without the definition and the password.
impl fmt::Debug for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imported")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

/// A configuration file made.
#[derive(Clone, PartialEq, Eq)]
pub struct Exported {
    /// The file. It holds a display's password where the XML did, which libvirt gives only to who
    /// asks for it.
    pub text: String,
    /// What is not carried over.
    pub notes: Vec<Note>,
}

/// Without the file, which may hold a password.
impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported")
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

/// Reads a configuration file of xl or xm into a definition for libvirt's libxl driver.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`], with the number of the line where there is one: for a file
/// that is broken (a list or a quote that is not closed), that names no guest, or that is something
/// else altogether.
///
/// ```
/// let imported = backend::xl::import("name = 'web'\nkernel = '/boot/vmlinuz'\nmemory = 512\n")?;
/// assert_eq!(imported.kind, backend::xl::Kind::Pv);
/// # Ok::<(), backend::Error>(())
/// ```
pub fn import(text: &str) -> Result<Imported> {
    let (guest, notes) = config::guest(syntax::parse(text)?)?;
    Ok(Imported {
        xml: to_xml::domain(&guest),
        notes,
        vnc_password: vnc_password(&guest),
        kind: guest.kind,
        name: guest.name,
    })
}

/// Writes libvirt's definition of a Xen guest as a configuration file for today's xl.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] for what is no definition of a Xen guest.
pub fn export(xml: &str) -> Result<Exported> {
    let (guest, mut notes) = from_xml::guest(xml)?;
    let text = to_config::text(&guest, &mut notes);
    Ok(Exported { text, notes })
}

fn vnc_password(guest: &Guest) -> Option<String> {
    guest.displays.iter().find_map(|display| match display {
        Display::Vnc(vnc) => Some(vnc.password.as_ref()?.0.clone()),
        _ => None,
    })
}
