//! Why ssh failed, in this program's words. ssh says it on standard error, and does not translate.

use crate::error::{Error, ErrorKind};

/// Why the connection to `host` was not made, or ended, by what ssh said.
pub(super) fn explain(host: &str, said: &str) -> Error {
    let said = said.trim();
    recognise(host, said)
        .unwrap_or_else(|| {
            Error::new(
                ErrorKind::Unreachable,
                format!("The ssh connection to “{host}” could not be made."),
            )
            .with_remedy("The details hold what ssh said; try “ssh” to that host in a terminal.")
        })
        .with_detail(said)
}

/// The failure that `said` tells of, where it is one that is known.
pub(crate) fn recognise(host: &str, said: &str) -> Option<Error> {
    let says = |text: &str| said.contains(text);
    if says("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        return Some(changed_key(host, said));
    }
    if says("Host key verification failed") {
        return Some(
            Error::new(
                ErrorKind::AuthenticationFailed,
                format!("The identity of “{host}” is not confirmed."),
            )
            .with_remedy(
                "Connect from the window or a terminal, and compare the fingerprint with the host's own \
                 before you trust it.",
            ),
        );
    }
    if says("REVOKED HOST KEY") {
        return Some(
            Error::new(
                ErrorKind::AuthenticationFailed,
                format!("“{host}” shows a key that was revoked."),
            )
            .with_remedy("Do not connect. Ask its administrator what happened."),
        );
    }
    if says("Permission denied") || says("Too many authentication failures") {
        return Some(denied(host, said));
    }
    if says("Could not resolve hostname") {
        return Some(
            Error::new(
                ErrorKind::Unreachable,
                format!("No host called “{host}” is known."),
            )
            .with_remedy("Check the name, and that this computer is on the right network."),
        );
    }
    if says("Connection refused") {
        return Some(
            Error::new(
                ErrorKind::Unreachable,
                format!("“{host}” is there and no ssh server listens at that port."),
            )
            .with_remedy("Check the port, and that the ssh server runs on the host."),
        );
    }
    if says("timed out") || says("No route to host") || says("Network is unreachable") {
        return Some(
            Error::new(ErrorKind::Unreachable, format!("“{host}” does not answer.")).with_remedy(
                "Check that it is switched on, the network, and firewalls on the way.",
            ),
        );
    }
    if says("kex_exchange_identification")
        || says("Connection closed by")
        || says("Connection reset by")
        || says("banner exchange")
    {
        return Some(
            Error::new(
                ErrorKind::Unreachable,
                format!("“{host}” broke the ssh connection off."),
            )
            .with_remedy(
                "Something else may listen at that port, or the host turns this computer away for a \
                 while.",
            ),
        );
    }
    if says("ssh: not found") || says("ssh: command not found") {
        return Some(
            Error::new(ErrorKind::NotSupported, "There is no ssh on this computer.")
                .with_remedy("Install OpenSSH's client (Debian: openssh-client)."),
        );
    }
    if says("no matching") || says("Unable to negotiate") {
        return Some(
            Error::new(
                ErrorKind::NotSupported,
                format!("The ssh of this computer and that of “{host}” have no method in common."),
            )
            .with_remedy("One of the two is too old; see the details."),
        );
    }
    if says("Bad configuration option") || says("terminating") && says("bad configuration") {
        return Some(
            Error::new(
                ErrorKind::InvalidInput,
                "The configuration of ssh on this computer has a mistake.",
            )
            .with_remedy("Mend ~/.ssh/config; the details name the line."),
        );
    }
    None
}

/// A changed key is where going on would be dangerous: nothing here offers to.
fn changed_key(host: &str, said: &str) -> Error {
    let mut remedy = String::from(
        "Somebody may be between you and the host, or it was installed anew. Ask its administrator. \
         Only if the new key is right, remove the old one",
    );
    match (offending(said), removal(said)) {
        (Some(place), Some(command)) => {
            remedy += &format!(" ({place}) with “{command}” and connect again.");
        }
        (Some(place), None) => remedy += &format!(" ({place}) and connect again."),
        _ => remedy += " from your known_hosts file and connect again.",
    }
    Error::new(
        ErrorKind::AuthenticationFailed,
        format!("“{host}” shows another key than it did before."),
    )
    .with_remedy(remedy)
}

/// What stands behind “Offending ED25519 key in”: the file, a colon, the line.
fn offending(said: &str) -> Option<String> {
    let line = said.lines().find(|line| line.contains("Offending"))?;
    let (_, place) = line.split_once(" in ")?;
    let (file, number) = place.trim().rsplit_once(':')?;
    Some(format!("line {number} of {file}"))
}

/// The command that ssh proposes.
fn removal(said: &str) -> Option<&str> {
    said.lines()
        .map(str::trim)
        .find(|line| line.starts_with("ssh-keygen -"))
}

fn denied(host: &str, said: &str) -> Error {
    let missing = said.lines().find_map(|line| {
        line.split_once("Identity file ")?
            .1
            .split_once(" not accessible")
    });
    if let Some((file, _)) = missing {
        return Error::new(
            ErrorKind::AuthenticationFailed,
            format!("There is no key file “{file}” to identify with."),
        )
        .with_remedy("Check “keyfile” in the address.");
    }
    if said.contains("UNPROTECTED PRIVATE KEY") {
        return Error::new(
            ErrorKind::AuthenticationFailed,
            "Your ssh key is not used, because others can read its file.",
        )
        .with_remedy("Take the right to read it from others with “chmod 600”, and connect again.");
    }
    let ways = said
        .rsplit_once("Permission denied (")
        .and_then(|(_, ways)| ways.split_once(')'))
        .map_or("", |(ways, _)| ways);
    let only_keys = !ways.is_empty() && !ways.contains("password") && !ways.contains("keyboard");
    let error = Error::new(
        ErrorKind::AuthenticationFailed,
        if only_keys {
            format!("“{host}” did not accept any of your ssh keys.")
        } else {
            format!("“{host}” did not accept your password or ssh key.")
        },
    );
    error.with_remedy(if only_keys {
        "Check the user name in the address. Your public key has to be on the host: “ssh-copy-id” \
         puts it there."
    } else {
        "Check the user name in the address and the password. Many hosts let root in with a key only."
    })
}

/// Why a connection through the tunnel, to `what` on `host`, was not made.
pub(super) fn explain_tunnel(host: &str, what: &str, said: &str) -> Error {
    let says = |text: &str| said.contains(text);
    let error = if says("administratively prohibited") || says("forwarding is disabled") {
        Error::new(
            ErrorKind::NotSupported,
            format!("The ssh server of “{host}” does not let {what} through."),
        )
        .with_remedy("Its administrator can allow it with “AllowTcpForwarding yes” in sshd_config.")
    } else if says("Permission denied") {
        Error::new(
            ErrorKind::PermissionDenied,
            format!("You may not use {what} on “{host}”."),
        )
        .with_remedy("Connect as a user who may, such as root.")
    } else if says("Connection refused") || says("No such file") {
        Error::new(
            ErrorKind::Unreachable,
            format!("Nothing listens for {what} on “{host}”."),
        )
    } else {
        Error::new(
            ErrorKind::Unreachable,
            format!("The way to {what} on “{host}” broke."),
        )
    };
    error.with_detail(said.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What OpenSSH 9.2 said.
    const CHANGED: &str = "\
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
The fingerprint for the ED25519 key sent by the remote host is
SHA256:NsD5hkQaJA5lelXVFmRDqgyfwZvju3hulJIsr5a0I98.
Offending ED25519 key in /home/me/.ssh/known_hosts:3
  remove with:
  ssh-keygen -f \"/home/me/.ssh/known_hosts\" -R \"[h]:2222\"
Host key for [h]:2222 has changed and you have requested strict checking.
Host key verification failed.";

    #[test]
    fn what_ssh_says_is_told_apart() {
        use ErrorKind as K;
        for (said, kind, words) in [
            (
                "ssh: Could not resolve hostname h: Name or service not known",
                K::Unreachable,
                "No host called “h”",
            ),
            (
                "ssh: connect to host h port 22: Connection refused",
                K::Unreachable,
                "no ssh server listens",
            ),
            (
                "ssh: connect to host h port 22: Connection timed out",
                K::Unreachable,
                "does not answer",
            ),
            (
                "Host key verification failed.",
                K::AuthenticationFailed,
                "identity of “h”",
            ),
            (
                "root@h: Permission denied (publickey).",
                K::AuthenticationFailed,
                "any of your ssh keys",
            ),
            (
                "Permission denied, please try again.\nroot@h: Permission denied \
                 (publickey,password).",
                K::AuthenticationFailed,
                "your password or ssh key",
            ),
            (
                "Warning: Identity file /k not accessible: No such file or directory.\nroot@h: \
                 Permission denied (publickey).",
                K::AuthenticationFailed,
                "no key file “/k”",
            ),
            (
                "kex_exchange_identification: Connection closed by remote host\nConnection closed \
                 by 10.0.0.1 port 22",
                K::Unreachable,
                "broke the ssh connection off",
            ),
            (
                "guesthouse-ssh: 26: ssh: not found",
                K::NotSupported,
                "no ssh on this computer",
            ),
            ("something new", K::Unreachable, "could not be made"),
        ] {
            let error = explain("h", said);
            assert_eq!(error.kind(), kind, "{said}");
            assert!(error.message().contains(words), "{}", error.message());
            assert!(error.message().ends_with('.'), "{}", error.message());
            assert!(error.remedy().is_some(), "{said}");
            assert_eq!(error.detail(), Some(said));
        }
    }

    #[test]
    fn a_changed_key_names_the_line_and_offers_nothing() {
        let error = explain("h", CHANGED);
        assert_eq!(error.kind(), ErrorKind::AuthenticationFailed);
        assert!(error.message().contains("another key"));
        let remedy = error.remedy().unwrap();
        assert!(
            remedy.contains("line 3 of /home/me/.ssh/known_hosts"),
            "{remedy}"
        );
        assert!(remedy.contains("ssh-keygen -f"), "{remedy}");
        let short = explain("h", "REMOTE HOST IDENTIFICATION HAS CHANGED");
        assert!(short.remedy().unwrap().contains("known_hosts"));
    }
}
