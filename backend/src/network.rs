//! Virtual networks.

use crate::error::Result;
use crate::link::Link;
use crate::model::Network;

/// Virtual networks, by name.
pub(crate) fn networks(link: &Link) -> Result<Vec<Network>> {
    let mut networks = Vec::new();
    for network in link.connect().list_all_networks(0)? {
        if let (Ok(name), Ok(active)) = (network.name(), network.is_active()) {
            networks.push(Network { name, active });
        }
    }
    networks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(networks)
}
