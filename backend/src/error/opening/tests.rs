use super::*;
use ErrorKind as K;

const RPC: u32 = sys::VIR_FROM_RPC;
const NONE: u32 = sys::VIR_FROM_NONE;
const SYSTEM: u32 = sys::VIR_ERR_SYSTEM_ERROR;
const FAILED: u32 = sys::VIR_ERR_AUTH_FAILED;

/// A case: the address, libvirt's numbers (domain, code, `errno` or -1) and words, and what is made
/// of them: the kind, and a part of the sentence.
type Case<'a> = (&'a str, (u32, u32, i32), &'a str, ErrorKind, &'a str);

fn check(cases: &[Case<'_>]) {
    for &(uri, (domain, code, errno), message, kind, part) in cases {
        let failure = Failure {
            domain,
            code,
            errno: (errno > 0).then_some(errno),
            message,
        };
        let error = explain(uri, false, failure);
        assert_eq!(error.kind(), kind, "{message}: {}", error.message());
        assert!(error.message().contains(part), "{}", error.message());
        assert!(error.message().ends_with('.'), "{}", error.message());
        assert!(error.remedy().is_some() || kind == K::NotFound, "{message}");
        assert_eq!(error.detail(), Some(message));
    }
}

/// Numbers and words here and below are as libvirt 11.3 gave them.
#[test]
fn this_computer() {
    let system = "qemu:///system";
    let socket = "Failed to connect socket to '/var/run/libvirt/libvirt-sock'";
    let modular = "Failed to connect socket to '/var/run/libvirt/virtqemud-sock'";
    check(&[
        (
            system,
            (RPC, SYSTEM, libc::ENOENT),
            socket,
            K::NoDaemon,
            "No hypervisor service",
        ),
        (
            system,
            (RPC, SYSTEM, libc::ENOENT),
            modular,
            K::NoDaemon,
            "No hypervisor service",
        ),
        (
            system,
            (RPC, SYSTEM, libc::ECONNREFUSED),
            socket,
            K::NoDaemon,
            "No hypervisor service",
        ),
        (
            system,
            (RPC, SYSTEM, libc::EACCES),
            socket,
            K::PermissionDenied,
            "You may not use",
        ),
        (
            system,
            (sys::VIR_FROM_POLKIT, sys::VIR_ERR_AUTH_UNAVAILABLE, -1),
            "authentication unavailable: no polkit agent available",
            K::PermissionDenied,
            "You may not use",
        ),
        (
            system,
            (sys::VIR_FROM_DBUS, sys::VIR_ERR_INTERNAL_ERROR, -1),
            "internal error: Unable to get system bus connection: Could not connect: No such file \
             or directory",
            K::PermissionDenied,
            "You may not use",
        ),
        (
            "test:///nonexistent.xml",
            (NONE, SYSTEM, libc::ENOENT),
            "Failed to open file '/nonexistent.xml'",
            K::NotFound,
            "file is not there",
        ),
    ]);
}

#[test]
fn addresses() {
    let path = "internal error: unexpected qemu URI path '/nonsense', try qemu:///system";
    check(&[
        (
            "not a uri",
            (sys::VIR_FROM_URI, sys::VIR_ERR_INTERNAL_ERROR, -1),
            "internal error: Unable to parse URI not a uri",
            K::InvalidInput,
            "not a connection address",
        ),
        (
            "nonsense:///system",
            (NONE, sys::VIR_ERR_NO_CONNECT, -1),
            "no connection driver available for nonsense:///system",
            K::InvalidInput,
            "no hypervisor called “nonsense”",
        ),
        (
            "nonsense://host/system",
            (RPC, SYSTEM, libc::ENOENT),
            "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory",
            K::InvalidInput,
            "no hypervisor called “nonsense”",
        ),
        (
            "xen+ssh://root@host/system",
            (NONE, sys::VIR_ERR_NO_CONNECT, -1),
            "no connection driver available for xen:///system",
            K::NotSupported,
            "The libvirt of “host” offers no Xen",
        ),
        (
            "lxc:///system",
            (NONE, sys::VIR_ERR_NO_CONNECT, -1),
            "no connection driver available for lxc:///system",
            K::NotSupported,
            "The libvirt of this computer offers no",
        ),
        (
            "qemu+carrier://host/system",
            (sys::VIR_FROM_REMOTE, sys::VIR_ERR_INVALID_ARG, -1),
            "invalid argument: remote_open: transport in URL not recognised (should be \
             tls|unix|ssh|ext|tcp|libssh2|libssh)",
            K::InvalidInput,
            "no way called “carrier”",
        ),
        (
            "qemu:///nonsense",
            (NONE, sys::VIR_ERR_INTERNAL_ERROR, -1),
            path,
            K::InvalidInput,
            "which of the host's hypervisors",
        ),
        (
            "qemu+ssh://host/nonsense",
            (NONE, sys::VIR_ERR_INTERNAL_ERROR, -1),
            path,
            K::InvalidInput,
            "which of the host's hypervisors",
        ),
    ]);
}

#[test]
fn beyond_ssh() {
    let uri = "qemu+ssh://me@host/system";
    let ended = (RPC, SYSTEM, libc::EIO);
    check(&[
        (
            uri,
            ended,
            "End of file while reading data: virt-ssh-helper: cannot connect to \
             '/var/run/libvirt/libvirt-sock': Failed to connect socket to \
             '/var/run/libvirt/libvirt-sock': No such file or directory: Input/output error",
            K::NoDaemon,
            "No hypervisor service runs on “host”",
        ),
        (
            uri,
            ended,
            "End of file while reading data: nc: /var/run/libvirt/libvirt-sock: No such file or \
             directory: Input/output error",
            K::NoDaemon,
            "No hypervisor service runs on “host”",
        ),
        (
            uri,
            ended,
            "End of file while reading data: sh: 1: nc: not found: Input/output error",
            K::NoDaemon,
            "There is no libvirt on “host”",
        ),
        (
            uri,
            ended,
            "End of file while reading data: virt-ssh-helper: cannot connect to \
             '/var/run/libvirt/libvirt-sock': Failed to connect socket to \
             '/var/run/libvirt/libvirt-sock': Permission denied: Input/output error",
            K::PermissionDenied,
            "You may not use the hypervisor of “host”",
        ),
        (
            uri,
            (sys::VIR_FROM_POLKIT, sys::VIR_ERR_AUTH_UNAVAILABLE, -1),
            "authentication unavailable: no polkit agent available to authenticate action \
             'org.libvirt.unix.manage'",
            K::PermissionDenied,
            "You may not use the hypervisor of “host”",
        ),
        (
            "qemu+ssh://me@host/system?command=/opt/ssh",
            (RPC, SYSTEM, libc::ECONNRESET),
            "Cannot recv data: root@host: Permission denied (publickey).: Connection reset by peer",
            K::AuthenticationFailed,
            "did not accept any of your ssh keys",
        ),
    ]);
}

#[test]
fn tls_and_tcp() {
    let tls = "qemu+tls://host/system";
    let tcp = "qemu+tcp://host/system";
    check(&[
        (
            tls,
            (RPC, SYSTEM, libc::ENOENT),
            "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory",
            K::AuthenticationFailed,
            "no certificate “/etc/pki/CA/cacert.pem”",
        ),
        (
            tls,
            (NONE, SYSTEM, -1),
            "Our own certificate /run/cl/clientcert.pem failed validation against \
             /run/cl/cacert.pem: The certificate hasn't got a known issuer.",
            K::AuthenticationFailed,
            "certificates of this computer",
        ),
        (
            tls,
            (RPC, SYSTEM, libc::EIO),
            "Unable to read TLS confirmation: Input/output error",
            K::AuthenticationFailed,
            "did not accept the certificate of this computer",
        ),
        (
            tls,
            (RPC, FAILED, -1),
            "authentication failed: Failed to verify peer's certificate",
            K::AuthenticationFailed,
            "certificate of “host” is not accepted",
        ),
        (
            tls,
            (RPC, FAILED, -1),
            "authentication failed: TLS handshake failed An unexpected TLS packet was received.",
            K::Unreachable,
            "not libvirt",
        ),
        (
            tcp,
            (RPC, sys::VIR_ERR_RPC, -1),
            "packet 1397966889 bytes received from server too large, want 33554432",
            K::Unreachable,
            "not libvirt",
        ),
        (
            tcp,
            (RPC, SYSTEM, libc::ECONNREFUSED),
            "unable to connect to server at 'host:16509': Connection refused",
            K::Unreachable,
            "does not listen on the network",
        ),
        (
            tcp,
            (RPC, SYSTEM, -1),
            "Unable to resolve address 'host' service '16509': Temporary failure in name resolution",
            K::Unreachable,
            "No host called",
        ),
        (
            tcp,
            (RPC, FAILED, -1),
            "authentication failed: Failed to start SASL negotiation: -4 (SASL(-4): no mechanism \
             available: No worthy mechs found)",
            K::AuthenticationFailed,
            "no common way to identify",
        ),
    ]);
}

#[test]
fn a_refused_password_is_not_taken_for_a_certificate() {
    let failure = Failure {
        domain: RPC,
        code: FAILED,
        errno: None,
        message: "authentication failed: authentication failed",
    };
    for uri in [
        "qemu+tls://host/system",
        "qemu+tcp://host/system",
        "qemu:///system",
    ] {
        let error = explain(uri, true, failure);
        assert_eq!(error.kind(), K::AuthenticationFailed, "{uri}");
        assert!(
            error.message().contains("user name or the password"),
            "{uri}"
        );
    }
}

#[test]
fn the_daemon_to_start_is_the_one_whose_socket_is_missing() {
    let own = "Failed to connect socket to '/var/run/libvirt/virtqemud-sock': No such file";
    assert_eq!(daemon_of(own), "virtqemud");
    assert_eq!(
        daemon_of("connect to '/var/run/libvirt/libvirt-sock'"),
        "libvirtd"
    );
    assert_eq!(daemon_of(""), "libvirtd");
    assert!(how_to_start("virtqemud", true).contains("systemctl start virtqemud.socket"));
    assert!(how_to_start("virtxend", false).contains("virtxend --daemon"));
}

#[test]
fn places() {
    let place = |uri| Place::of(Route::of(uri));
    assert_eq!(place("qemu:///system"), Place::Local);
    assert_eq!(place("qemu+unix:///system?socket=/x"), Place::Local);
    assert_eq!(place("test:///default"), Place::Own);
    for (uri, host, by) in [
        ("qemu+ssh://me@h:22/system", "h:22", By::Ssh),
        ("qemu+ssh://h/system?command=x", "h", By::OtherSsh),
        ("qemu+libssh2://h/system", "h", By::OtherSsh),
        ("qemu://h/system", "h", By::Tls),
        ("xen+tcp://h", "h", By::Tcp),
    ] {
        assert_eq!(place(uri), Place::Remote { host, by }, "{uri}");
    }
}
