//! The guided dialog that creates a virtual machine.
//!
//! [`CreateDialog`] asks, on at most five short pages with good answers filled in, what to install,
//! the name, memory and processors, and the disk, and shows before anything is made exactly what
//! will be. The thinking is in [`draft`] and [`plan`], which know no widgets.

pub mod dialog;
pub mod draft;
pub mod format;
mod pages;
pub mod plan;
mod rail;
mod unlogged;
pub mod widgets;

pub use dialog::{Choices, CreateDialog, CreateInit, CreateOutput};
pub use unlogged::Unlogged;
