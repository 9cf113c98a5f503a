//! Plain, immutable data: what a host and its guests are right now.

mod guest;
mod host;
pub(crate) mod name_order;
mod saved_file;
mod storage;

pub use guest::{
    BalloonReading, Display, DisplayKind, Guest, GuestDetails, GuestId, GuestState, GuestStats,
    MemorySize, OsInfo, VcpuCount, VcpuReading,
};
pub use host::{
    HostCapabilities, HostInfo, HostSnapshot, HostState, HypervisorKind, VirtualizationType,
};
pub use saved_file::{Counterpart, SavedFile, SavedGuest};
pub use storage::{Network, Pool, Volume};
