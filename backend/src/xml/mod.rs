//! XML: a lossless tree and typed views of libvirt's documents.

pub(crate) mod capabilities;
pub(crate) mod device;
pub(crate) mod document;
pub(crate) mod domain;
pub(crate) mod metadata;
pub(crate) mod pool;
pub(crate) mod volume;
