//! The engine as its owners see it: bytes in, events, pixels and bytes out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod colours;
mod differential;
mod encoder;
mod encodings;
mod handshake;
mod hostile;
mod messages;
mod pictures;
mod recordings;
mod second_opinion;
mod server;
