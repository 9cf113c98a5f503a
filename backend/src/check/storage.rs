//! Where disks go, and the space there.

use std::path::Path;

use virt_sys as sys;

use super::line::{Line, Topic};
use super::mend::{Mend, Steps};
use super::network::none_if_not_found;
use super::shell::Shell;
use crate::error::Result;
use crate::ffi::space;
use crate::install::{DEFAULT_POOL, amount};
use crate::link::Link;
use crate::storage::folder::folder_of;

/// Below this a guest's disk soon finds no space; and less than this, most systems cannot even be
/// installed.
const COMFORTABLE: u64 = 20 << 30;
const LEAST: u64 = 2 << 30;

/// How the default pool stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DefaultPool {
    active: bool,
    autostart: bool,
    /// Its folder, where it is one.
    pub(super) folder: Option<String>,
    /// Bytes free in it, as of when the host last looked.
    available: u64,
}

/// Asks the host; nothing where it has none. Blocks.
pub(super) fn read(link: &Link) -> Result<Option<DefaultPool>> {
    let pool = match link.connect().lookup_storage_pool_by_name(DEFAULT_POOL) {
        Ok(pool) => pool,
        Err(error) => return none_if_not_found(error.into()),
    };
    let info = pool.info()?;
    Ok(Some(DefaultPool {
        active: matches!(
            info.state,
            sys::VIR_STORAGE_POOL_RUNNING | sys::VIR_STORAGE_POOL_DEGRADED
        ),
        // A pool without a definition that stays has none.
        autostart: pool.autostart().unwrap_or(false),
        folder: folder_of(&pool.xml_desc(0)?)?,
        available: info.available,
    }))
}

/// `folder` is where disks go without the pool.
pub(super) fn pool(pool: Option<&DefaultPool>, folder: &str, shell: &Shell) -> Line {
    let topic = Topic::Storage;
    match pool {
        None => Line::good(
            topic,
            format!(
                "There is no storage pool called “default”, and none is needed: new disks go to \
                 the folder {folder}."
            ),
        ),
        Some(pool) if pool.active && pool.autostart => Line::good(
            topic,
            format!("The storage pool “default” is active{}.", place(pool)),
        ),
        Some(pool) if pool.active => Line::note(
            topic,
            format!(
                "The storage pool “default” is active{}, but is not started with the host.",
                place(pool)
            ),
        )
        .with_command(
            "Have it started with the host.",
            Some(shell.virsh(&format!("pool-autostart {DEFAULT_POOL}"))),
        )
        .with_mend(Mend::pool(Steps::Autostart)),
        Some(_) => Line::note(
            topic,
            format!(
                "The storage pool “default” is there and not active: new disks go to the folder \
                 {folder} instead."
            ),
        )
        .with_command(
            "Start it.",
            Some(shell.virsh(&format!("pool-start {DEFAULT_POOL}"))),
        )
        .with_mend(Mend::pool(Steps::Start)),
    }
}

fn place(pool: &DefaultPool) -> String {
    pool.folder
        .as_ref()
        .map_or_else(String::new, |folder| format!(", in {folder}"))
}

/// The space where disks go: on this computer (`here`) as its file system says, elsewhere as the pool
/// does. Blocks.
pub(super) fn available(pool: Option<&DefaultPool>, folder: &str, here: bool) -> Option<u64> {
    let active = pool.filter(|pool| pool.active);
    if !here {
        return active.map(|pool| pool.available);
    }
    let folder = match active {
        Some(pool) => match &pool.folder {
            Some(folder) => folder,
            None => return Some(pool.available),
        },
        None => folder,
    };
    // A folder that is not there yet is made in the nearest that is.
    Path::new(folder).ancestors().find_map(space::available)
}

pub(super) fn space(available: Option<u64>) -> Line {
    let topic = Topic::Space;
    let Some(available) = available else {
        return Line::note(
            topic,
            "How much space there is for disks is not known before a place is chosen.",
        );
    };
    let free = amount(available);
    if available < LEAST {
        return Line::problem(
            topic,
            format!("Only {free} are free for disks: hardly any system can be installed."),
        )
        .with_advice("Free some space there, or put new disks elsewhere.");
    }
    if available < COMFORTABLE {
        return Line::note(
            topic,
            format!("{free} are free for disks: enough for a small system."),
        )
        .with_advice("Guests whose disk finds no space are stopped until there is some again.");
    }
    Line::good(topic, format!("{free} are free for disks."))
}

#[cfg(test)]
mod tests {
    use super::super::line::Verdict;
    use super::*;

    #[test]
    fn a_folder_serves_where_there_is_no_pool() {
        let shell = Shell::default();
        let there = DefaultPool {
            active: true,
            autostart: true,
            folder: Some("/srv/images".into()),
            available: 30 << 30,
        };
        let line = pool(Some(&there), "/f", &shell);
        assert_eq!(line.verdict, Verdict::Good);
        assert!(line.message.contains("/srv/images"));
        let line = pool(None, "/f", &shell);
        assert_eq!(line.verdict, Verdict::Good);
        assert!(line.message.contains("/f"));
        let unlasting = DefaultPool {
            autostart: false,
            ..there.clone()
        };
        let line = pool(Some(&unlasting), "/f", &shell);
        assert_eq!(line.verdict, Verdict::Note);
        let inactive = DefaultPool {
            active: false,
            ..there.clone()
        };
        let line = pool(Some(&inactive), "/f", &shell);
        assert!(line.remedy.unwrap().command.unwrap().contains("pool-start"));

        assert_eq!(available(Some(&there), "/f", false), Some(30 << 30));
        assert_eq!(available(Some(&inactive), "/f", false), None);
        // The folders are not there; the root is.
        assert!(available(Some(&there), "/f", true).is_some());
        assert!(available(None, "/nonexistent/f", true).is_some());
    }

    #[test]
    fn little_space_is_told_before_it_is_none() {
        assert_eq!(space(Some(100 << 30)).verdict, Verdict::Good);
        assert_eq!(space(Some(5 << 30)).verdict, Verdict::Note);
        assert_eq!(space(Some(700 << 20)).verdict, Verdict::Problem);
        assert_eq!(space(None).verdict, Verdict::Note);
    }
}
