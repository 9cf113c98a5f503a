//! `guesthouse save` and `guesthouse restore`.

use std::process::ExitCode;

use backend::{Error, ErrorKind, Result};
use clap::Args;

use super::{host, output, watch_job};
use crate::printable::printable;

/// Arguments of `save`.
#[derive(Debug, Args)]
pub struct SaveArguments {
    /// The guest.
    name: String,
    /// File to save it into, an absolute path on the host; `restore` takes it up from there. Without
    /// it, the host keeps the guest's memory, and `start` goes on with it.
    file: Option<String>,
    /// Replace the file if it holds a saved guest already.
    #[arg(long, requires = "file")]
    replace: bool,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The file, an absolute path on the host. It is kept.
    file: String,
    /// Also when the guest's disk has been written to since: its files are likely to be damaged.
    #[arg(long)]
    force: bool,
}

pub(super) async fn save(arguments: &SaveArguments, connect: Option<&str>) -> Result<ExitCode> {
    let (host, guest) = host::guest(connect, &arguments.name).await?;
    let name = printable(&guest.name);
    let cancelling = "Cancelling; the guest goes on.";
    let id = guest.id;
    if let Some(file) = &arguments.file {
        watch_job::wait(cancelling, || host.save_to(id, file, arguments.replace))
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists if !arguments.replace => {
                    error.with_remedy("Choose another name, or say --replace.")
                }
                _ => error,
            })?;
        output::print(&format!(
            "{name} is saved in {}. `guesthouse restore` lets it go on from there.\n",
            printable(file)
        ));
    } else {
        watch_job::wait(cancelling, || host.save(id)).await?;
        output::print(&format!(
            "{name} is saved. `guesthouse start` lets it go on.\n"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(
    arguments: &RestoreArguments,
    connect: Option<&str>,
) -> Result<ExitCode> {
    let (host, _) = host::connect(connect).await?;
    let found = host.saved_file(&arguments.file).await?;
    if let Some(objection) = found.objection() {
        return Err(objection);
    }
    if let Some(warning) = found.warning() {
        if found.disks_moved_on == Some(true) && !arguments.force {
            return Err(Error::new(ErrorKind::InvalidInput, warning)
                .with_remedy("To do it all the same, say --force."));
        }
        eprintln!("Note: {warning}");
    }
    let id = watch_job::wait("Cancelling; the file is kept.", || {
        host.restore(&arguments.file)
    })
    .await?;
    let snapshot = host.snapshot();
    let listed = snapshot.guest(id).map(|guest| guest.name.as_str());
    let name = printable(found.name().or(listed).unwrap_or("The guest"));
    output::print(&format!("{name} goes on. The file is kept.\n"));
    if found.has_no_definition() {
        eprintln!("Note: the host has no definition of it any more; when it stops, it is gone.");
    }
    Ok(ExitCode::SUCCESS)
}
