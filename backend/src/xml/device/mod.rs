//! Devices of a domain, one file per kind.

pub(crate) mod disk;
pub(crate) mod graphics;
pub(crate) mod video;
