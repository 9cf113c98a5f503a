//! The guest window: a guest's screen or text console, and what can be done with the guest.

mod actions;
mod console;
mod creation;
mod display;
mod latest;
pub(crate) mod memory;
mod power;
pub(crate) mod processors;
mod scene;
mod window;

pub use window::{GuestWindow, GuestWindowInit, GuestWindowInput, GuestWindowOutput};
