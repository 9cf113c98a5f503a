//! The libvirt core of Guesthouse: hosts and their guests as immutable snapshots, commands as
//! asynchronous methods, changes as events. Knows KVM and Xen; knows no toolkit.
//!
//! The way in is [`Host::open`]. It returns at once; the connection is made, watched and remade in
//! the background, and every change arrives as a new [`HostSnapshot`] on [`Host::watch`].

pub mod error;
pub mod host;
pub mod install;
pub mod job;
pub mod model;

pub use error::{Error, ErrorKind, Result};
pub use host::Host;
pub use job::{Job, Progress};
