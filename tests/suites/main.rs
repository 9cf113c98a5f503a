//! The suites: what the program does with real guests, real servers and real windows.

mod daemon;
mod detect;
mod guest;
mod harness;
mod start;
