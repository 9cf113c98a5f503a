//! Guesthouse: a desktop manager for virtual machines on KVM and Xen.

#![allow(
    unreachable_pub,
    reason = "a binary has no outside: `pub` here means for the program's other modules"
)]

mod app;
mod application;
mod check;
mod cli;
mod creations;
mod daemon;
mod dialogs;
mod guest;
mod hosts;
mod import;
mod keyring;
mod known_servers;
mod manager;
mod printable;
mod progress;
mod renderer;
mod runtime;
mod screen;
mod settings;
mod style;
mod superuser;
mod viewer;
mod windows;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // ssh starts this program to ask for passwords; the one that runs does the asking.
    if let Some(status) = backend::answer_for_ssh() {
        return status;
    }
    let arguments = cli::Arguments::parse();
    start_logging();
    renderer::choose();
    backend::memory::share_free_memory();
    if let Err(error) = runtime::start() {
        eprintln!("guesthouse: the system gives no thread to work with: {error}");
        return ExitCode::FAILURE;
    }
    let status = match arguments.command {
        Some(command) => cli::run(command, arguments.connect.as_deref()),
        None => application::run(arguments.connect),
    };
    screen::recording::finish_all();
    runtime::shut_down();
    // An `ExitCode` tells its number to nobody.
    let number = (0..u8::MAX).find(|&number| ExitCode::from(number) == status);
    backend::end_process(number.unwrap_or(u8::MAX))
}

/// Logs warnings to standard error, or what `GUESTHOUSE_LOG` asks for.
fn start_logging() {
    use tracing_subscriber::EnvFilter;
    use tracing_subscriber::filter::LevelFilter;

    let log = tracing_subscriber::fmt().with_writer(std::io::stderr);
    // The filter language costs start-up time and memory; most runs do without.
    match std::env::var("GUESTHOUSE_LOG") {
        Ok(wish) => match EnvFilter::try_new(&wish) {
            Ok(filter) => log.with_env_filter(filter).init(),
            Err(error) => {
                log.with_max_level(LevelFilter::WARN).init();
                tracing::warn!(%error, "GUESTHOUSE_LOG was not understood");
            }
        },
        Err(_) => log.with_max_level(LevelFilter::WARN).init(),
    }
}
