//! The host check: its report as text, and its window.

mod confirm;
mod rows;
pub mod text;
mod window;

pub use window::{CheckInit, CheckInput, CheckOutput, CheckWindow};
