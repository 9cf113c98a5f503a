//! Xen, through libvirt's libxl driver.

use crate::model::{HostCapabilities, VirtualizationType};
use crate::xml::capabilities::CapabilitiesView;

/// What a Xen host can do. libvirt's libxl driver (11.3) has no bulk statistics, passes no display
/// descriptors, takes no stills and sends no keys.
pub(crate) fn capabilities(said: &CapabilitiesView) -> HostCapabilities {
    // The first works on every host and with every guest that a new one is likely to be; the third
    // needs the most from the host and gives the least.
    let ways = [
        ("xen", VirtualizationType::XenPv),
        ("xenpvh", VirtualizationType::XenPvh),
        ("hvm", VirtualizationType::XenHvm),
    ];
    let virtualization: Vec<VirtualizationType> = ways
        .into_iter()
        .filter(|(kind, _)| said.os_types.iter().any(|offered| offered == kind))
        .map(|(_, way)| way)
        .collect();
    HostCapabilities {
        can_install: !virtualization.is_empty(),
        virtualization,
        ..HostCapabilities::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::capabilities::read;

    #[test]
    fn what_a_real_host_offers() {
        let host = |guests: &str| {
            let head = "<capabilities><host><cpu><arch>x86_64</arch></cpu></host>";
            capabilities(&read(&format!("{head}{guests}</capabilities>")).unwrap())
        };
        let guest = |kind: &str| {
            format!(
                "<guest><os_type>{kind}</os_type><arch name='x86_64'><domain type='xen'/></arch>\
                 </guest>"
            )
        };
        let without_help = host(&guest("xen"));
        assert_eq!(without_help.virtualization, [VirtualizationType::XenPv]);
        assert!(without_help.can_install);
        let all = host(&["hvm", "xenpvh", "xen"].map(guest).concat());
        assert_eq!(
            all.virtualization,
            [
                VirtualizationType::XenPv,
                VirtualizationType::XenPvh,
                VirtualizationType::XenHvm
            ]
        );
        assert!(!host("").can_install);
    }
}
