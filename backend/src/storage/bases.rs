//! What overlays stand on. A definition names a guest's own disk only; that the disk is an overlay
//! is written in the file itself, where the host finds it when it looks at the volume.

use std::collections::HashSet;

use super::folder::{OpenFolder, split};
use super::{pool_named, volume_named};
use crate::link::Link;
use crate::xml::volume as volume_xml;

/// Finds bases, and keeps the pools it made for that until it is dropped.
pub(crate) struct Bases<'a> {
    link: &'a Link,
    folders: Vec<OpenFolder>,
    tried: HashSet<String>,
}

impl<'a> Bases<'a> {
    pub(crate) fn new(link: &'a Link) -> Self {
        Self {
            link,
            folders: Vec::new(),
            tried: HashSet::new(),
        }
    }

    /// The paths of everything below `disk`, named as in [`crate::model::GuestDetails::disks`], the
    /// next one first. What the host cannot look at has no base as far as anybody can tell. Blocks.
    pub(crate) fn below(&mut self, disk: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut next = self.base_of(disk);
        while let Some(base) = next {
            // A circle, which only a broken or hostile image has.
            if found.contains(&base) || base == disk {
                break;
            }
            next = self.base_of(&base);
            found.push(base);
        }
        found
    }

    fn base_of(&mut self, disk: &str) -> Option<String> {
        let xml = self.describe(disk)?;
        volume_xml::base(&xml).ok().flatten()
    }

    fn describe(&mut self, disk: &str) -> Option<String> {
        let connect = self.link.connect();
        if !disk.starts_with('/') {
            let (pool, name) = disk.split_once('/')?;
            let volume = volume_named(&pool_named(self.link, pool).ok()?, name).ok()?;
            return volume.xml_desc(0).ok();
        }
        if let Ok(volume) = connect.lookup_storage_vol_by_path(disk) {
            return volume.xml_desc(0).ok();
        }
        let (folder, name) = split(disk).ok()?;
        if !self.tried.insert(folder.clone()) {
            // Its pool is open, if it can be opened, and the path was not found in it.
            return None;
        }
        match OpenFolder::open(connect, &folder, false) {
            Ok(open) => {
                let volume = volume_named(&open.pool, &name);
                self.folders.push(open);
                volume.ok()?.xml_desc(0).ok()
            }
            Err(error) => {
                tracing::debug!(folder, %error, detail = error.detail(), "not looked at for bases");
                None
            }
        }
    }
}
