//! The suites: what the program does with real guests, real servers and real windows.

mod detect;
mod guest;
mod harness;
mod start;
