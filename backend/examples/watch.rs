//! Prints what is known of a host as it changes: `cargo run -p backend --example watch -- URI`.

use std::io::Write as _;

use backend::Host;
use backend::model::{HostSnapshot, HostState};

fn print(snapshot: &HostSnapshot) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    write!(
        out,
        "#{} {}: ",
        snapshot.generation,
        snapshot.display_name()
    )?;
    match &snapshot.state {
        HostState::Connecting => writeln!(out, "connecting")?,
        HostState::Connected => writeln!(out, "connected")?,
        HostState::NotAnswering { since } => {
            writeln!(out, "not answering for {} s", since.elapsed().as_secs())?;
        }
        HostState::Failed { error, retry_at } => {
            let again = if retry_at.is_some() {
                "; trying again"
            } else {
                ""
            };
            writeln!(out, "{error} {}{again}", error.remedy().unwrap_or_default())?;
        }
        HostState::Closed => writeln!(out, "closed")?,
    }
    if let Some(info) = &snapshot.info {
        writeln!(
            out,
            "  {}, libvirt {}, {} processors, {} MiB, {:?}",
            info.hypervisor,
            info.libvirt_version,
            info.cpus,
            info.memory_kib / 1024,
            info.capabilities.virtualization,
        )?;
        if let Some(note) = &info.capabilities.kvm_note {
            writeln!(out, "  {note}")?;
        }
    }
    for guest in snapshot.guests.iter() {
        write!(
            out,
            "  {:20} {:14} {} of {} MiB",
            guest.name,
            guest.state.word(),
            guest.memory.current_kib / 1024,
            guest.memory.maximum_kib / 1024,
        )?;
        if let Some(stats) = guest.stats {
            write!(out, "  CPU {:.0} %", stats.cpu * 100.0)?;
            if let Some(used) = stats.balloon.used_kib() {
                write!(out, ", uses {} MiB", used / 1024)?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let uri = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "test:///default".into());
    let host = Host::open(&uri, &tokio::runtime::Handle::current());
    let _figures = host.watch_stats();
    let mut snapshots = host.watch();
    let mut events = host.events();
    loop {
        tokio::select! {
            event = events.recv() => {
                if let Ok(event) = event {
                    writeln!(std::io::stdout(), "* {} {:?}", event.id.0, event.happening)?;
                }
            }
            changed = snapshots.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let snapshot = snapshots.borrow_and_update().clone();
                print(&snapshot)?;
            }
        }
    }
}
