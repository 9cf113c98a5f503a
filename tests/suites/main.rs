//! The suites: what the program does with real guests, real servers and real windows.

mod check;
mod cli_create;
mod connecting;
mod create;
mod create_failures;
mod daemon;
mod delete;
mod detect;
mod guest;
mod harness;
mod import;
mod installer;
mod journey;
mod second_stage;
mod start;
mod windows;
