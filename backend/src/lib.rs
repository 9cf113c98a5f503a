//! The libvirt core of Guesthouse: hosts and their guests as immutable snapshots, commands as
//! asynchronous methods, changes as events. Knows KVM and Xen; knows no toolkit.
//!
//! The way in is [`Host::open`]. It returns at once; the connection is made, watched and remade in
//! the background, and every change arrives as a new [`model::HostSnapshot`] on [`Host::watch`].

mod console;
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
pub mod model;
mod network;
pub mod operation;
mod stats;
mod storage;
mod worker;
mod xml;

pub use error::{Error, ErrorKind, Result};
pub use events::{GuestEvent, Happening, Lifecycle, StopReason};
pub use host::Host;
pub use job::{Job, Progress};
