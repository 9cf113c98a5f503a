//! Xen, through libvirt's libxl driver.

use crate::model::{HostCapabilities, VirtualizationType};
use crate::xml::capabilities::CapabilitiesView;

/// What a Xen host can do. libvirt's libxl driver (11.3) has no bulk statistics, passes no display
/// descriptors, takes no stills and sends no keys.
pub(crate) fn capabilities(said: &CapabilitiesView) -> HostCapabilities {
    let offers_guests = said.domain_types.iter().any(|kind| kind == "xen");
    HostCapabilities {
        can_install: offers_guests,
        virtualization: offers_guests
            .then_some(VirtualizationType::Xen)
            .into_iter()
            .collect(),
        ..HostCapabilities::default()
    }
}
