//! The libvirt core of Guesthouse: hosts and their guests as immutable snapshots, commands as
//! asynchronous methods, changes as events. Knows KVM and Xen; knows no toolkit.
//!
//! The way in is [`Host::open`]. It returns at once; the connection is made, watched and remade in
//! the background, and every change arrives as a new [`model::HostSnapshot`] on [`Host::watch`].

mod asking;
pub mod check;
mod connecting;
mod console;
pub mod definition;
mod domain;
pub mod error;
pub mod events;
#[cfg(feature = "fake")]
pub mod fake;
mod ffi;
pub mod host;
mod hypervisor;
pub mod install;
pub mod job;
mod keeper;
mod link;
mod listing;
pub mod local;
pub mod memory;
pub mod model;
mod network;
pub mod operation;
pub mod question;
mod saving;
mod ssh;
mod stats;
mod storage;
#[cfg(test)]
mod testing;
mod uri;
mod vcpus;
mod wire;
mod worker;
pub mod xl;
mod xml;

pub use error::{Error, ErrorKind, Result};
pub use events::{GuestEvent, Happening, Lifecycle, StopReason};
pub use host::Host;
pub use job::{Job, Progress};
pub use question::{Asker, Question};
pub use ssh::answer_for_ssh;
pub use uri::is_loopback;

/// Ends the program with `status`, once everything it wanted to write is written.
///
/// To be used instead of returning from `main`, in a program that has opened a [`Host`]: threads
/// may still be inside libvirt then, deliberately not waited for, while the handlers that C
/// libraries run at the end of a process free what those threads use (seen: OpenSSL's clean-up, and
/// a heap found corrupt).
pub fn end_process(status: u8) -> ! {
    use std::io::Write;
    // What cannot be written any more is lost either way.
    let _ = std::io::stdout().flush();
    ffi::process::end_at_once(status)
}
