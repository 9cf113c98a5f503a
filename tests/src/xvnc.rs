//! TigerVNC's Xvnc, with whatever ways to log in.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::{sandbox, wait};

/// The password of servers with VNC authentication.
pub const PASSWORD: &str = "password";

/// As `vncpasswd` writes it into files: encrypted with a key that everybody knows.
const OBFUSCATED: &str = "dbd83cfd727a1458";
/// Something else.
const ANOTHER: &str = "0123456789abcdef";

/// The user of servers that ask for one, and its password.
pub const USER: &str = "keeper";
/// See [`USER`].
pub const USER_PASSWORD: &str = "a longer secret";

/// A running Xvnc.
#[derive(Debug)]
pub struct Xvnc {
    process: Child,
    port: u16,
    display: String,
}

impl Xvnc {
    /// Starts VNC display `number` with these security types (Xvnc's names, with commas in between), and
    /// the certificate and key of these files where one of them wants that.
    ///
    /// # Panics
    /// Outside a sandbox; when it does not start.
    pub fn start(number: u16, types: &str, certificate: Option<(&str, &str)>) -> Self {
        Self::spawn(number, types, certificate, OBFUSCATED)
    }

    /// Starts VNC display `number` with VNC authentication and another password than [`PASSWORD`].
    ///
    /// # Panics
    /// As for [`Self::start`].
    pub fn start_with_another_password(number: u16) -> Self {
        Self::spawn(number, "VncAuth", None, ANOTHER)
    }

    fn spawn(number: u16, types: &str, certificate: Option<(&str, &str)>, password: &str) -> Self {
        assert!(sandbox::is_inside(), "a display needs a sandbox");
        let port = 5900 + number;
        let mut command = Command::new("Xvnc");
        command
            // Whichever X display is free: their locks are in /tmp, which sandboxes share.
            .args(["-displayfd", "1"])
            .args(["-geometry", "320x200", "-depth", "24"])
            .args(["-rfbport", &port.to_string()])
            .args(["-rfbunixpath", &socket(port)])
            .args(["-SecurityTypes", types])
            .args(["-Password", password])
            .args(["-PlainUsers", USER, "-PAMService", "guesthouse-test"]);
        if let Some((certificate, key)) = certificate {
            command.args(["-X509Cert", certificate, "-X509Key", key]);
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvnc starts");
        let mut number = String::new();
        BufReader::new(process.stdout.take().expect("it was asked for"))
            .read_line(&mut number)
            .expect("Xvnc says which display it is");
        wait::until_true("Xvnc listens", wait::LIMIT, || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self {
            process,
            port,
            display: format!(":{}", number.trim()),
        }
    }

    /// Its TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What X programs on it call it.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Its socket, where it listens as well.
    pub fn socket(&self) -> PathBuf {
        socket(self.port).into()
    }

    /// Lets servers of this sandbox know [`USER`].
    ///
    /// # Panics
    /// When that cannot be arranged.
    pub fn make_user() {
        let script = format!(
            "#!/bin/sh\n[ \"$PAM_USER\" = {USER} ] && [ \"$(tr -d '\\000')\" = '{USER_PASSWORD}' ]\n"
        );
        std::fs::write("/run/check-password", script).expect("the sandbox has a /run of its own");
        let service = "auth required pam_exec.so quiet expose_authtok /bin/sh /run/check-password\n\
                       account required pam_permit.so\n";
        std::fs::create_dir_all("/run/pam.d").expect("a folder can be made");
        std::fs::write("/run/pam.d/guesthouse-test", service).expect("it can be written");
        let mounted = Command::new("mount")
            .args(["--bind", "/run/pam.d", "/etc/pam.d"])
            .status();
        assert!(mounted.is_ok_and(|status| status.success()), "mount");
    }
}

fn socket(port: u16) -> String {
    format!("/run/xvnc-{port}")
}

impl Drop for Xvnc {
    fn drop(&mut self) {
        // The sandbox ends it otherwise.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
