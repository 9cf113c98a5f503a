//! Network interfaces, as in xl-network-configuration(5).

use super::disk::is_domain_0;
use super::spec;

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Vif {
    pub(super) mac: Option<String>,
    pub(super) bridge: Option<String>,
    /// Nothing for the default, `vif-bridge`.
    pub(super) script: Option<String>,
    pub(super) ips: Vec<String>,
    /// The emulated card; HVM alone.
    pub(super) model: Option<String>,
    /// `type=vif`: no emulated card beside the paravirtualized one.
    pub(super) only_paravirtualized: bool,
    pub(super) vifname: Option<String>,
    /// KiB in a second that the guest may send.
    pub(super) rate: Option<u64>,
    /// The guest that provides it; nothing for domain 0.
    pub(super) backend: Option<String>,
}

/// Reads an interface, and says in sentences what of it is not carried over.
pub(super) fn parse(text: &str) -> (Vif, Vec<String>) {
    let mut vif = Vif::default();
    let mut notes = Vec::new();
    for part in spec::parts(text) {
        let value = part.value.unwrap_or_default();
        let given = Some(String::from(value)).filter(|value| !value.is_empty());
        match part.key {
            "mac" if is_mac(value) => vif.mac = given,
            "mac" => notes.push("The hardware address is not one; a new one is made.".into()),
            "bridge" => vif.bridge = given,
            "script" => vif.script = given,
            "ip" => vif.ips = value.split_whitespace().map(String::from).collect(),
            "model" => vif.model = given,
            "type" => match value {
                "vif" | "netfront" => vif.only_paravirtualized = true,
                "ioemu" | "" => {}
                other => notes.push(format!("The type “{other}” is not known; it is left out.")),
            },
            "vifname" => vif.vifname = given,
            "rate" => match rate(value) {
                Some((rate, exact)) => {
                    vif.rate = Some(rate);
                    if !exact {
                        notes.push(
                            "The rate is rounded to whole KiB in a second, and how often it is \
                             renewed is left to the host."
                                .into(),
                        );
                    }
                }
                None => notes.push("The rate is not understood; there is no limit.".into()),
            },
            "backend" => vif.backend = given.filter(|backend| !is_domain_0(backend)),
            key @ ("gatewaydev" | "netdev" | "devid" | "mtu" | "vlan" | "trusted" | "untrusted"
            | "accel" | "uuid" | "hwaddr") => {
                notes.push(format!(
                    "“{key}” has no counterpart in libvirt for Xen and is left out."
                ));
            }
            key if key.starts_with("colo") => {
                notes.push(format!(
                    "“{key}” has no counterpart in libvirt and is left out."
                ));
            }
            key => notes.push(format!(
                "“{key}” is no key of an interface that is known; it is left out."
            )),
        }
    }
    // What is the default need not be said.
    if vif.bridge.is_some() && vif.script.as_deref().is_some_and(is_default_script) {
        vif.script = None;
    }
    (vif, notes)
}

/// Whether that script is what bridged interfaces have anyway.
pub(super) fn is_default_script(script: &str) -> bool {
    matches!(script, "vif-bridge" | "/etc/xen/scripts/vif-bridge")
}

/// Six pairs of hexadecimal digits.
fn is_mac(text: &str) -> bool {
    text.split(':').count() == 6
        && text
            .split(':')
            .all(|pair| pair.len() == 2 && pair.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// A rate in KiB a second, and whether that says all. As libvirt reads it, a mega is 1024 kilo.
fn rate(text: &str) -> Option<(u64, bool)> {
    let (amount, interval) = match text.split_once('@') {
        Some((amount, _)) => (amount, true),
        None => (text, false),
    };
    let amount = amount.trim().strip_suffix("/s").unwrap_or(amount.trim());
    let digits = amount
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(amount.len());
    let (number, unit) = amount.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let (factor, divisor) = match unit.trim() {
        "GB" => (1024 * 1024, 1),
        "MB" => (1024, 1),
        "KB" => (1, 1),
        "B" | "" => (1, 1024),
        "Gb" => (1024 * 1024, 8),
        "Mb" => (1024, 8),
        "Kb" => (1, 8),
        "b" => (1, 8 * 1024),
        _ => return None,
    };
    let amount = number.checked_mul(factor)?;
    let rate = amount.div_ceil(divisor).max(1);
    Some((rate, !interval && amount % divisor == 0 && amount > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key() {
        let (vif, notes) = parse(
            "mac=00:16:3e:aa:bb:cc, bridge=br0,script=vif-bridge,ip=10.0.0.1 10.0.0.2,model=e1000,\
             type=ioemu,vifname=web,rate=10MB/s,backend=0",
        );
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!(vif.mac.as_deref(), Some("00:16:3e:aa:bb:cc"));
        assert_eq!(vif.bridge.as_deref(), Some("br0"));
        assert_eq!(vif.script, None);
        assert_eq!(vif.ips, ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(vif.model.as_deref(), Some("e1000"));
        assert_eq!(vif.vifname.as_deref(), Some("web"));
        assert_eq!(vif.rate, Some(10240));
        assert_eq!(vif.backend, None);
    }

    #[test]
    fn the_bare_form_is_an_interface() {
        assert_eq!(parse(""), (Vif::default(), Vec::new()));
        assert_eq!(parse(" , ,"), (Vif::default(), Vec::new()));
    }

    #[test]
    fn a_script_that_routes_stays() {
        let (vif, notes) =
            parse("ip=10.0.0.1,script=vif-route,gatewaydev=eth0,backend=net,type=vif");
        assert_eq!(vif.script.as_deref(), Some("vif-route"));
        assert_eq!(vif.backend.as_deref(), Some("net"));
        assert!(vif.only_paravirtualized);
        assert!(notes[0].contains("gatewaydev"), "{notes:?}");
        let (vif, _) = parse("script=vif-bridge");
        assert_eq!(vif.script.as_deref(), Some("vif-bridge"));
    }

    #[test]
    fn rates() {
        assert_eq!(rate("10MB/s"), Some((10240, true)));
        assert_eq!(rate("16Mb/s"), Some((2048, true)));
        assert_eq!(rate("250KB/s"), Some((250, true)));
        assert_eq!(rate("1MB/s@20ms"), Some((1024, false)));
        assert_eq!(rate("1GB/s"), Some((1024 * 1024, true)));
        assert_eq!(rate("100B/s"), Some((1, false)));
        assert_eq!(rate("0"), Some((1, false)));
        assert_eq!(rate("fast"), None);
        assert_eq!(rate("99999999999999999999MB/s"), None);
        assert_eq!(rate("9999999999999999999GB/s"), None);
    }

    #[test]
    fn what_is_wrong_or_unknown_is_told() {
        for (text, told) in [
            ("mac=zz", "hardware address"),
            ("mac=00:16:3e:aa:bb", "hardware address"),
            ("type=odd", "odd"),
            ("rate=fast", "rate"),
            ("mtu=9000", "mtu"),
            ("speed=3", "speed"),
            ("coloft_forwarddev=eth0", "coloft"),
            ("bareword", "bareword"),
        ] {
            let (_, notes) = parse(text);
            assert_eq!(notes.len(), 1, "{text}");
            assert!(notes[0].contains(told), "{text}: {notes:?}");
        }
    }
}
