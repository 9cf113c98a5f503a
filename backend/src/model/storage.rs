//! Storage pools, volumes and networks.

/// A storage pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Name, unique on the host.
    pub name: String,
    /// Folder on the host, for pools that are one.
    pub path: Option<String>,
    /// Whether it is started.
    pub active: bool,
    /// Bytes in all.
    pub capacity: u64,
    /// Bytes free.
    pub available: u64,
}

/// A volume in a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Name within its pool.
    pub name: String,
    /// Path on the host.
    pub path: String,
    /// Size the guest sees, in bytes.
    pub capacity: u64,
    /// Bytes used on the host.
    pub allocation: u64,
}

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Name, unique on the host.
    pub name: String,
    /// Whether it is started.
    pub active: bool,
}
