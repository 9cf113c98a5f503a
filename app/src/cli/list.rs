//! `guesthouse list`.

use std::process::ExitCode;

use backend::Result;
use backend::model::Guest;
use serde::Serialize;

use super::output::{self, Column};
use super::{ListArguments, host};

const COLUMNS: [Column; 5] = [
    Column {
        title: "Id",
        right: true,
    },
    Column {
        title: "Name",
        right: false,
    },
    Column {
        title: "State",
        right: false,
    },
    Column {
        title: "Memory MiB",
        right: true,
    },
    Column {
        title: "vCPUs",
        right: true,
    },
];

/// A guest as `--json` prints it. Names here are an interface that scripts rely on.
#[derive(Serialize)]
struct GuestEntry<'a> {
    id: Option<u32>,
    uuid: String,
    name: &'a str,
    state: &'static str,
    persistent: bool,
    autostart: bool,
    memory_mib: u64,
    maximum_memory_mib: u64,
    vcpus: u32,
    maximum_vcpus: u32,
}

impl<'a> From<&'a Guest> for GuestEntry<'a> {
    fn from(guest: &'a Guest) -> Self {
        Self {
            id: guest.domain_id,
            uuid: guest.id.0.to_string(),
            name: &guest.name,
            state: guest.state.word(),
            persistent: guest.persistent,
            autostart: guest.autostart,
            memory_mib: guest.memory.current_kib / 1024,
            maximum_memory_mib: guest.memory.maximum_kib / 1024,
            vcpus: guest.vcpus.current,
            maximum_vcpus: guest.vcpus.maximum,
        }
    }
}

pub(super) async fn run(arguments: &ListArguments, connect: Option<&str>) -> Result<ExitCode> {
    let (_host, snapshot) = host::connect(connect).await?;
    if arguments.json {
        let entries: Vec<GuestEntry<'_>> = snapshot.guests.iter().map(|g| (&**g).into()).collect();
        output::print_json(&entries);
    } else {
        let rows: Vec<Vec<String>> = snapshot.guests.iter().map(|guest| row(guest)).collect();
        output::print(&output::table(&COLUMNS, &rows));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(guest: &Guest) -> Vec<String> {
    vec![
        guest.domain_id.map_or("-".to_owned(), |id| id.to_string()),
        guest.name.clone(),
        guest.state.word().to_owned(),
        (guest.memory.current_kib / 1024).to_string(),
        guest.vcpus.current.to_string(),
    ]
}
