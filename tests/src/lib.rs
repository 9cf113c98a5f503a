//! The harness of the tests that need more than a function call: a private libvirt daemon, a tiny
//! real guest, install trees and VNC servers on loopback, a display with an accessibility tree.
//!
//! Every such test runs in a [`sandbox`]: namespaces of its own, in which it may start what it
//! likes and from which nothing escapes. The suites themselves are in `tests/suites`.
//!
//! This is test code: helpers panic, with what they saw, instead of returning errors.

pub mod accessibility;
pub mod console;
pub mod daemon;
pub mod debian_tree;
pub mod display;
pub mod guest;
pub mod held;
pub mod install;
pub mod peer;
pub mod pki;
pub mod program;
pub mod remote;
pub mod rfb_server;
pub mod sandbox;
pub mod scripted;
pub mod ssh_server;
pub mod terminal;
pub mod testbed;
pub mod threads;
pub mod tier;
pub mod tree_server;
pub mod wait;
pub mod xen;
pub mod xvnc;
