//! Where an ssh connection leads, and how it is to be made: what a connection address says of it.
//!
//! <https://libvirt.org/uri.html#ssh-transport>

use crate::uri::Route;

/// The far end of a `*+ssh` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    /// Name or address, or an alias in the user's ssh configuration.
    pub(crate) host: String,
    user: Option<String>,
    port: Option<String>,
    keyfile: Option<String>,
    known_hosts: Option<String>,
    methods: Option<String>,
    verify: bool,
    ask: bool,
}

impl Destination {
    /// The far end of `uri`, where its transport is the ssh program and not one that the user named
    /// (`?command=`), which would not know what to do with our options.
    pub(crate) fn of(uri: &str) -> Option<Self> {
        let route = Route::of(uri);
        let host = route.host()?;
        if route.transport != "ssh" || route.parameter("command").is_some() {
            return None;
        }
        let switch = |name| route.parameter(name).is_some_and(|value| value != "0");
        Some(Self {
            host: host.to_owned(),
            user: route.user(),
            port: route.port().map(ToOwned::to_owned),
            keyfile: route.parameter("keyfile"),
            known_hosts: route.parameter("known_hosts"),
            methods: route.parameter("sshauth").map(|names| methods(&names)),
            verify: !switch("no_verify"),
            ask: !switch("no_tty"),
        })
    }

    /// Whether the address lets ssh ask anything.
    pub(crate) fn may_ask(&self) -> bool {
        self.ask
    }

    /// Options and host as they follow the name of the ssh program, for any use of the connection.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut option = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                arguments.extend([name.to_owned(), value.clone()]);
            }
        };
        option("-p", &self.port);
        option("-l", &self.user);
        arguments.extend(["--".to_owned(), self.host.clone()]);
        arguments
    }

    /// Options that matter only when the connection is made.
    pub(crate) fn login_options(&self) -> Vec<String> {
        let mut options = Vec::new();
        if let Some(keyfile) = &self.keyfile {
            options.extend(["-i".to_owned(), keyfile.clone()]);
        }
        let mut set = |name: &str, value: &str| {
            options.extend(["-o".to_owned(), format!("{name}={value}")]);
        };
        if let Some(known_hosts) = &self.known_hosts {
            set("UserKnownHostsFile", &quoted(known_hosts));
        }
        if let Some(methods) = &self.methods {
            set("PreferredAuthentications", methods);
        }
        if !self.verify {
            set("StrictHostKeyChecking", "no");
        }
        options
    }
}

/// A file name as ssh's configuration takes one that may hold spaces.
fn quoted(path: &str) -> String {
    format!("\"{path}\"")
}

/// libvirt's names for the ways to authenticate, as ssh calls them.
fn methods(names: &str) -> String {
    let mut methods: Vec<&str> = names
        .split(',')
        .map(|name| match name.trim() {
            "agent" | "privkey" => "publickey",
            other => other,
        })
        .collect();
    methods.dedup();
    methods.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_becomes_a_command_line() {
        let uri = "qemu+ssh://me%40corp@[fe80::1]:2222/system?keyfile=/k%20ey&no_verify=1\
                   &known_hosts=/k&sshauth=agent,privkey,password";
        let destination = Destination::of(uri).unwrap();
        assert_eq!(
            destination.arguments(),
            ["-p", "2222", "-l", "me@corp", "--", "fe80::1"]
        );
        assert_eq!(
            destination.login_options(),
            [
                "-i",
                "/k ey",
                "-o",
                "UserKnownHostsFile=\"/k\"",
                "-o",
                "PreferredAuthentications=publickey,password",
                "-o",
                "StrictHostKeyChecking=no",
            ]
        );
        assert!(destination.may_ask());
        let plain = Destination::of("xen+ssh://host/?no_tty=1").unwrap();
        assert_eq!(plain.arguments(), ["--", "host"]);
        assert!(plain.login_options().is_empty());
        assert!(!plain.may_ask());
    }

    #[test]
    fn only_the_ssh_program_is_ours() {
        for uri in [
            "qemu:///system",
            "qemu+ssh:///system",
            "qemu+libssh2://host/system",
            "qemu+tls://host/system",
            "qemu+ssh://host/system?command=/opt/ssh",
        ] {
            assert_eq!(Destination::of(uri), None, "{uri}");
        }
    }
}
