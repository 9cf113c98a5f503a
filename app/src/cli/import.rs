//! `guesthouse import`: a guest out of a file that describes it.

use std::process::ExitCode;

use backend::Result;

use super::{ImportArguments, host, output};
use crate::import::Import;

pub(super) async fn run(arguments: &ImportArguments, connect: Option<&str>) -> Result<ExitCode> {
    let import = Import::read(&arguments.file)?;
    for note in &import.notes {
        eprintln!("Note: {note}");
    }
    if arguments.dry_run {
        output::print(import.xml.trim_end());
        output::print("\n");
        return Ok(ExitCode::SUCCESS);
    }
    let (host, _) = host::connect(connect).await?;
    let info = host.info().await?;
    import.check(&info)?;
    let id = host.define(import.xml).await?;
    output::print(&format!("{} is defined.\n", import.name));
    if arguments.start {
        host.start(id).await?;
        output::print(&format!("{} is started.\n", import.name));
    }
    Ok(ExitCode::SUCCESS)
}
