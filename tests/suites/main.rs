//! The suites: what the program does with real guests, real servers and real windows.

mod add_host;
mod check;
mod check_window;
mod cli_create;
mod cli_power;
mod connecting;
mod create;
mod create_failures;
mod daemon;
mod delete;
mod detect;
mod encodings;
mod guest;
mod harness;
mod hosts;
mod hosts_windows;
mod import;
mod installer;
mod journey;
mod saving;
mod saving_windows;
mod screen;
mod screen_reader;
mod second_stage;
mod security;
mod start;

mod vcpus;
mod vnc_peers;
mod windows;
