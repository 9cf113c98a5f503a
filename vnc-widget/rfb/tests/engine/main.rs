//! The engine as its owners see it: bytes in, events, pixels and bytes out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clipboard;
mod colours;
mod cursors;
mod damage;
mod desktop;
mod differential;
mod encoder;
mod encodings;
mod extensions;
mod flow;
mod handshake;
mod hostile;
mod input;
mod messages;
mod pictures;
mod recordings;
mod second_opinion;
mod security;
mod server;
