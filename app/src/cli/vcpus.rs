//! `guesthouse vcpus`: a guest's virtual processors, told and set.

use std::process::ExitCode;

use backend::model::VcpuReading;
use backend::{Error, ErrorKind, Result};
use clap::Args;

use super::{host, output};
use crate::guest::processors::{beyond_host, unused};
use crate::printable::printable;

/// Arguments of `vcpus`.
#[derive(Debug, Args)]
pub struct VcpusArguments {
    /// The guest.
    name: String,
    /// How many it is to have, at once if it runs; without it, they are only told.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,
    /// The most it can have while it runs, from its next start on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    maximum: Option<u32>,
}

pub(super) async fn run(arguments: &VcpusArguments, connect: Option<&str>) -> Result<ExitCode> {
    let (host, snapshot) = host::connect(connect).await?;
    // Domain 0 is a guest in this.
    let guest = host::find(&snapshot, &arguments.name)?;
    let (id, active) = (guest.id, guest.state.is_active());
    if let Some(maximum) = arguments.maximum {
        host.set_maximum_vcpus(id, maximum).await?;
        if active {
            eprintln!("From its next start on it can have {maximum}.");
        }
    }
    if let Some(count) = arguments.count {
        host.set_vcpus(id, count).await.map_err(with_option)?;
        if let Some(note) = beyond_host(count, host.info().await?.cpus) {
            eprintln!("Note: {note}");
        }
    }
    let reading = host.vcpus(id).await?;
    output::print(&format!(
        "{} {}\n",
        printable(&guest.name),
        words(reading, active)
    ));
    if let Some(note) = unused(reading) {
        eprintln!("Note: {note}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The way to a higher maximum, by the name it has here.
fn with_option(error: Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidInput => error.with_remedy(
            "Raise its maximum with --maximum; for a guest that runs, that takes effect when it \
             starts again.",
        ),
        _ => error,
    }
}

fn words(reading: VcpuReading, active: bool) -> String {
    let VcpuReading {
        current, maximum, ..
    } = reading;
    let verb = if active { "has" } else { "will start with" };
    format!("{verb} {current} of at most {maximum} virtual processors.")
}
