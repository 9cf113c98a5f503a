//! Dialogs, one file each.

pub mod error;
