//! The engine as its owners see it: bytes in, events, pixels and bytes out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod differential;
mod encodings;
mod handshake;
mod hostile;
mod messages;
mod recordings;
mod second_opinion;
mod security;
mod server;
