//! Every unsafe call of the crate: what the `virt` crate lacks of libvirt, and a few system calls.
//!
//! One file per theme. Each block says why it is sound; nothing outside this folder is unsafe, and
//! nothing here decides anything.
#![allow(unsafe_code)]

pub(crate) mod allocator;
pub(crate) mod auth;
pub(crate) mod close;
pub(crate) mod domain;
pub(crate) mod domain_events;
pub(crate) mod event_impl;
#[cfg(target_arch = "x86_64")]
pub(crate) mod kvm;
pub(crate) mod last_error;
pub(crate) mod poll;
pub(crate) mod process;
pub(crate) mod socket;
pub(crate) mod space;
pub(crate) mod stats;
pub(crate) mod stream;
