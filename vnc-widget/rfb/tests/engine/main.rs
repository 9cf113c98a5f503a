//! The engine as its owners see it: bytes in, events, pixels and bytes out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clipboard;
mod colours;
mod corpus;
mod cursors;
mod damage;
mod desktop;
mod differential;
mod encoder;
mod encodings;
mod extensions;
mod flow;
#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "there it is a crate of its own")]
mod fuzz;
mod handshake;
mod hostile;
mod input;
mod messages;
mod pictures;
mod printed;
mod recordings;
mod second_opinion;
mod security;
mod server;
