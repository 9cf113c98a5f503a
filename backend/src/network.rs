//! Virtual networks, and the host's own bridges.

use virt::connect::Connect;

use crate::error::{Error, ErrorKind, Result};
use crate::link::Link;
use crate::model::Network;
use crate::xml::document::Document;

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

/// Bridges of the host that belong to none of its virtual networks, by name. Nothing where the
/// host's libvirt cannot tell.
pub(crate) fn bridges(link: &Link) -> Result<Vec<String>> {
    let connect = link.connect();
    let interfaces = match connect.list_all_interfaces(0).map_err(Error::from) {
        Err(error) if error.kind() == ErrorKind::NotSupported => return Ok(Vec::new()),
        interfaces => interfaces?,
    };
    let mut bridges: Vec<String> = interfaces
        .iter()
        .filter(|interface| interface.xml_desc(0).is_ok_and(|xml| is_bridge(&xml)))
        .filter_map(|interface| interface.name().ok())
        .collect();
    for network in connect.list_all_networks(0)? {
        if let Ok(own) = network.bridge_name() {
            bridges.retain(|bridge| *bridge != own);
        }
    }
    bridges.sort();
    Ok(bridges)
}

fn is_bridge(xml: &str) -> bool {
    Document::parse(xml).is_ok_and(|document| document.root.attribute("type") == Some("bridge"))
}

/// Checks that the host has that bridge, where its libvirt can tell. Blocks.
///
/// # Errors
/// [`ErrorKind::NotFound`] when it has none.
pub(crate) fn check_bridge(connect: &Connect, name: &str) -> Result<()> {
    let missing = || {
        Error::new(
            ErrorKind::NotFound,
            format!("The host has no bridge called {name}."),
        )
        .with_remedy("Choose another, or a virtual network.")
    };
    let found = connect.lookup_interface_by_name(name).map_err(Error::from);
    match found {
        Ok(interface) if is_bridge(&interface.xml_desc(0)?) => Ok(()),
        Ok(_) => Err(missing()),
        Err(error) if error.kind() == ErrorKind::NotSupported => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(missing()),
        Err(error) => Err(error),
    }
}
