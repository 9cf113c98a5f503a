//! `guesthouse memory`: sets a guest's memory and tells what came of it.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use backend::model::GuestState;
use backend::{Error, ErrorKind, Result};

use super::{MemoryArguments, host, output};
use crate::guest::memory::{Follow, PAUSED, Span};

/// How often the balloon is read.
const READING: Duration = Duration::from_millis(500);

pub(super) async fn run(arguments: &MemoryArguments, connect: Option<&str>) -> Result<ExitCode> {
    let (host, snapshot) = host::connect(connect).await?;
    let guest = host::find(&snapshot, &arguments.name)?;
    let maximum_kib = guest.memory.maximum_kib;
    let kind = host.info().await?.kind;
    let span = if guest.is_host_itself(Some(kind)) {
        Span::of_host
    } else {
        Span::new
    };
    let least = span(guest.memory.current_kib, maximum_kib).least;
    if arguments.mib < least && !arguments.force {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!(
                "With {} MiB “{}” is likely to fail.",
                arguments.mib, guest.name
            ),
        )
        .with_remedy(format!("Give it {least} MiB or more, or say --force.")));
    }
    let paused = guest.state == GuestState::Paused;
    let begun = Instant::now();
    let mut follow = Follow::default();
    follow.read(host.balloon(guest.id).await?, begun.elapsed());
    let kib = arguments.mib.saturating_mul(1024);
    host.set_memory(guest.id, kib).await?;
    follow.asked(kib, begun.elapsed());
    if paused {
        output::print(&format!("{PAUSED}\n"));
        return Ok(ExitCode::from(3));
    }
    let mut told = String::new();
    loop {
        follow.read(host.balloon(guest.id).await?, begun.elapsed());
        let verdict = follow.verdict(maximum_kib, begun.elapsed()).to_string();
        if !follow.is_moving(begun.elapsed()) {
            output::print(&format!("{verdict}\n"));
            return Ok(if follow.has_arrived() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(3)
            });
        }
        if verdict != told {
            eprintln!("{verdict}");
            told = verdict;
        }
        tokio::time::sleep(READING).await;
    }
}
