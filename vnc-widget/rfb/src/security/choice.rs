//! Which security type is taken of those that a server offers.
//!
//! By strength, whatever the server's order: first what is inside TLS, then what is not. Within
//! each, where nobody is asked for a password none is asked for, for it would protect nothing: a
//! server that also offers no authentication lets everybody in. Then what keeps the password to
//! itself (SASL, VNC authentication), and last what sends it as it is.

use super::SecurityType as Type;
use crate::config::{ClientConfig, TlsUse};

/// Those inside TLS, best first.
const ENCRYPTED: [Type; 4] = [
    Type::X509_NONE,
    Type::X509_SASL,
    Type::X509_PLAIN,
    Type::X509_VNC,
];

/// Picks among the types that a connection begins with.
pub(crate) fn outermost(offered: &[u8], config: &ClientConfig) -> Option<Type> {
    let order: &[Type] = match config.tls {
        TlsUse::IfOffered => &[
            Type::VENCRYPT,
            Type::NONE,
            Type::SASL,
            Type::VNC_AUTH,
            Type::TIGHT,
        ],
        // A frame without TLS inside is of use only when nothing else is there.
        TlsUse::Never => &[
            Type::NONE,
            Type::SASL,
            Type::VNC_AUTH,
            Type::TIGHT,
            Type::VENCRYPT,
        ],
        TlsUse::Required => &[Type::VENCRYPT, Type::TIGHT],
    };
    first(order, config, |wanted| {
        offered.iter().any(|&offer| u32::from(offer) == wanted.0)
    })
}

/// Picks among the sub-types of `VeNCrypt`, which may be ordinary types as well.
pub(crate) fn in_vencrypt(offered: &[Type], config: &ClientConfig) -> Option<Type> {
    let unencrypted = [Type::NONE, Type::SASL, Type::VNC_AUTH, Type::PLAIN];
    inside(&ENCRYPTED, &unencrypted, offered, config)
}

/// Picks among the authentication types inside Tight.
pub(crate) fn in_tight(offered: &[Type], config: &ClientConfig) -> Option<Type> {
    let unencrypted = [Type::NONE, Type::SASL, Type::VNC_AUTH, Type::UNIX_LOGIN];
    inside(&[Type::VENCRYPT], &unencrypted, offered, config)
}

fn inside(
    encrypted: &[Type],
    unencrypted: &[Type],
    offered: &[Type],
    config: &ClientConfig,
) -> Option<Type> {
    let pick = |order: &[Type]| first(order, config, |wanted| offered.contains(&wanted));
    let with = || pick(encrypted);
    let without = || pick(unencrypted);
    match config.tls {
        TlsUse::Never => without(),
        TlsUse::IfOffered => with().or_else(without),
        TlsUse::Required => with(),
    }
}

fn first(order: &[Type], config: &ClientConfig, offers: impl Fn(Type) -> bool) -> Option<Type> {
    let mut usable = order.iter().copied();
    usable.find(|&wanted| offers(wanted) && !config.avoid.contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(tls: TlsUse) -> ClientConfig {
        ClientConfig {
            tls,
            ..ClientConfig::default()
        }
    }

    #[test]
    fn no_password_where_none_is_needed() {
        let config = config(TlsUse::Never);
        assert_eq!(outermost(&[2, 1], &config), Some(Type::NONE));
        assert_eq!(outermost(&[19, 2], &config), Some(Type::VNC_AUTH));
        assert_eq!(outermost(&[19, 5], &config), Some(Type::VENCRYPT));
        assert_eq!(outermost(&[5], &config), None);
        assert_eq!(outermost(&[], &config), None);
    }

    #[test]
    fn strength_counts_and_not_the_servers_order() {
        let config = config(TlsUse::IfOffered);
        assert_eq!(
            outermost(&[1, 2, 16, 20, 19], &config),
            Some(Type::VENCRYPT)
        );
        assert_eq!(outermost(&[16, 2, 20], &config), Some(Type::SASL));
        let all: Vec<Type> = (256..=264).chain([1, 2]).map(Type).collect();
        assert_eq!(in_vencrypt(&all, &config), Some(Type::X509_NONE));
        let asking: Vec<Type> = [256, 2, 261, 262, 263].map(Type).to_vec();
        assert_eq!(in_vencrypt(&asking, &config), Some(Type::X509_SASL));
        let anonymous = [258, 257, 256, 2].map(Type);
        assert_eq!(in_vencrypt(&anonymous, &config), Some(Type::VNC_AUTH));
        assert_eq!(
            in_vencrypt(&[Type(258), Type(256)], &config),
            Some(Type::PLAIN)
        );
        assert_eq!(in_vencrypt(&[Type(258), Type(264)], &config), None);
        assert_eq!(
            in_tight(&[Type(129), Type(2)], &config),
            Some(Type::VNC_AUTH)
        );
    }

    #[test]
    fn where_tls_is_a_must_nothing_else_will_do() {
        let config = config(TlsUse::Required);
        assert_eq!(outermost(&[1, 2, 20], &config), None);
        assert_eq!(outermost(&[1, 19], &config), Some(Type::VENCRYPT));
        assert_eq!(in_vencrypt(&[Type(2), Type(256)], &config), None);
        assert_eq!(in_tight(&[Type(2)], &config), None);
    }

    #[test]
    fn what_led_nowhere_is_avoided() {
        let config = ClientConfig {
            tls: TlsUse::IfOffered,
            avoid: vec![Type::VENCRYPT],
            ..ClientConfig::default()
        };
        assert_eq!(outermost(&[19, 2], &config), Some(Type::VNC_AUTH));
        assert_eq!(outermost(&[19], &config), None);
    }
}
