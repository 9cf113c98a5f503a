//! `guesthouse export`: a Xen guest as a configuration file for xl.

use std::process::ExitCode;

use backend::{Result, xl};

use super::{ExportArguments, host, output};

pub(super) async fn run(arguments: &ExportArguments, connect: Option<&str>) -> Result<ExitCode> {
    let (host, snapshot) = host::connect(connect).await?;
    let guest = host::find(&snapshot, &arguments.name)?;
    let exported = xl::export(&host.xml(guest.id, true).await?)?;
    for note in &exported.notes {
        eprintln!("Note: {note}");
    }
    output::print(&exported.text);
    Ok(ExitCode::SUCCESS)
}
