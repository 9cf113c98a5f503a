//! An install tree on loopback, for the processor of libvirt's test driver.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, RwLock, RwLockWriteGuard};

const RELEASE: &str = "Origin: Debian\nLabel: Debian\nSuite: oldstable\nVersion: 12.15\n\
                       Codename: bookworm\nArchitectures: i386\n";
const IMAGES: &str = "/debian/dists/bookworm/main/installer-i386/current/images/";

const FILES: [&str; 4] = [
    "netboot/debian-installer/i386/initrd.gz",
    "netboot/debian-installer/i386/linux",
    "netboot/gtk/debian-installer/i386/initrd.gz",
    "netboot/gtk/debian-installer/i386/linux",
];

/// Serves until the test ends: a Debian tree at `/debian/`, an older release of it at `/older/`,
/// silence at `/slow/`, nothing elsewhere.
pub(crate) struct TreeServer {
    address: SocketAddr,
    gate: Arc<RwLock<()>>,
}

impl TreeServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        let gate = Arc::new(RwLock::new(()));
        let server = Self {
            address,
            gate: Arc::clone(&gate),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let gate = Arc::clone(&gate);
                std::thread::spawn(move || serve(stream, &gate));
            }
        });
        server
    }

    /// Nothing is answered until this is dropped.
    pub(crate) fn hold(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().expect("nobody panics with the gate")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn serve(mut stream: TcpStream, gate: &RwLock<()>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket can be cloned"));
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 || header == "\r\n" {
                break;
            }
        }
        let mut words = request.split_whitespace();
        let method = words.next().unwrap_or_default();
        let path = words.next().unwrap_or_default();
        if path.starts_with("/slow/") {
            // Until the other side gives up.
            let _ = reader.read_line(&mut String::new());
            return;
        }
        drop(gate.read());
        let answer = match answer(path) {
            Some(body) => format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
                media_type(path),
                body.len(),
                if method == "HEAD" { "" } else { &body }
            ),
            None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn media_type(path: &str) -> &'static str {
    if path.ends_with('/') {
        "text/html"
    } else {
        "application/octet-stream"
    }
}

fn answer(path: &str) -> Option<String> {
    if path == "/debian/dists/bookworm/Release" {
        return Some(RELEASE.to_owned());
    }
    if let Some(rest) = path.strip_prefix("/older/") {
        return if rest == "dists/bookworm/Release" {
            Some(
                RELEASE
                    .replace("12.15", "11.9")
                    .replace("bookworm", "bullseye"),
            )
        } else {
            answer(&format!("/debian/{rest}"))
        };
    }
    if path == "/debian/dists/" {
        return Some("<a href=\"bookworm/\">bookworm/</a>".to_owned());
    }
    let file = path.strip_prefix(IMAGES)?;
    if file == "SHA256SUMS" {
        return Some(
            FILES
                .map(|file| format!("{}  ./{file}\n", "ab".repeat(32)))
                .concat(),
        );
    }
    FILES.contains(&file).then(|| "x".repeat(1000))
}
