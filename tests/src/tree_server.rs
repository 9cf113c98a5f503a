//! An HTTP server on loopback for install trees, as good or as bad as a test wants it.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How the server misbehaves for the paths that contain a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// As if the file were not there.
    Missing,
    /// An error of the server's own (500).
    Broken,
    /// The connection is cut after that many bytes of the file.
    CutAfter(u64),
    /// Nothing more comes after that many bytes of the file; the connection stays open.
    StallAfter(u64),
    /// The file comes at about that many bytes a second.
    Slow(u64),
}

/// A running server. It ends with the process: tests run in sandboxes.
#[derive(Debug)]
pub struct TreeServer {
    port: u16,
    faults: Arc<Mutex<Vec<(String, Fault)>>>,
    sent: Arc<AtomicU64>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl TreeServer {
    /// Serves `folder`.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub fn serve(folder: &Path) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let server = Self {
            port,
            faults: Arc::default(),
            sent: Arc::default(),
            requests: Arc::default(),
        };
        let shared = (
            folder.to_owned(),
            server.faults.clone(),
            server.sent.clone(),
            server.requests.clone(),
        );
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (folder, faults, sent, requests) = shared.clone();
                thread::spawn(move || {
                    // A client that goes away is the client's business.
                    let _ = Connection {
                        folder,
                        faults,
                        sent,
                        requests,
                    }
                    .serve(stream);
                });
            }
        });
        server
    }

    /// The address of `path` on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// Misbehaves from now on for each path that contains `part`.
    ///
    /// # Panics
    /// Never: no thread panics while it holds the list.
    pub fn misbehave(&self, part: &str, fault: Fault) {
        let mut faults = self.faults.lock().expect("nobody panics with the list");
        faults.push((part.to_owned(), fault));
    }

    /// Bytes of files sent so far.
    pub fn bytes_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// The requests so far, as "METHOD /path".
    ///
    /// # Panics
    /// Never: no thread panics while it holds the list.
    pub fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .expect("nobody panics with the list")
            .clone()
    }
}

/// What a thread that serves one connection knows.
struct Connection {
    folder: PathBuf,
    faults: Arc<Mutex<Vec<(String, Fault)>>>,
    sent: Arc<AtomicU64>,
    requests: Arc<Mutex<Vec<String>>>,
}

/// A request, as far as this server understands it.
struct Request {
    method: String,
    path: String,
    /// The first byte asked for ("Range: bytes=N-").
    from: Option<u64>,
}

impl Connection {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut input = BufReader::new(stream.try_clone()?);
        let mut output = stream;
        while let Some(request) = read_request(&mut input)? {
            if let Ok(mut requests) = self.requests.lock() {
                requests.push(format!("{} {}", request.method, request.path));
            }
            self.answer(&request, &mut output)?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request, output: &mut TcpStream) -> std::io::Result<()> {
        let fault = self.fault(&request.path);
        let file = self.folder.join(request.path.trim_start_matches('/'));
        match fault {
            Some(Fault::Broken) => return status(output, "500 Internal Server Error"),
            Some(Fault::Missing) => return status(output, "404 Not Found"),
            _ => {}
        }
        // A folder has no listing here, as on many mirrors.
        let Ok(mut file) = std::fs::File::open(&file).and_then(|opened| {
            let is_file = opened.metadata()?.is_file();
            is_file
                .then_some(opened)
                .ok_or_else(|| std::io::ErrorKind::NotFound.into())
        }) else {
            return status(output, "404 Not Found");
        };
        let length = file.metadata()?.len();
        let from = request.from.unwrap_or(0).min(length);
        file.seek(SeekFrom::Start(from))?;
        match request.from {
            None => write!(output, "HTTP/1.1 200 OK\r\n")?,
            Some(_) => write!(
                output,
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{length}\r\n",
                length.saturating_sub(1)
            )?,
        }
        write!(
            output,
            "Content-Length: {}\r\nAccept-Ranges: bytes\r\n\r\n",
            length - from
        )?;
        if request.method == "HEAD" {
            return Ok(());
        }
        self.send(&mut file, output, fault)
    }

    fn send(
        &self,
        file: &mut std::fs::File,
        output: &mut TcpStream,
        fault: Option<Fault>,
    ) -> std::io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        let mut done = 0;
        loop {
            let most = match fault {
                Some(Fault::CutAfter(limit) | Fault::StallAfter(limit)) => limit - done,
                Some(Fault::Slow(rate)) => (rate / 20).max(1),
                _ => u64::MAX,
            };
            let most = usize::try_from(most)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            if most == 0 {
                if matches!(fault, Some(Fault::StallAfter(_))) {
                    // The client gives up first, or the sandbox ends.
                    let mut nothing = [0; 1];
                    let _ = output.read(&mut nothing);
                }
                return output.shutdown(std::net::Shutdown::Both);
            }
            let count = file.read(&mut buffer[..most])?;
            if count == 0 {
                return Ok(());
            }
            output.write_all(&buffer[..count])?;
            done += count as u64;
            self.sent.fetch_add(count as u64, Ordering::Relaxed);
            if matches!(fault, Some(Fault::Slow(_))) {
                thread::sleep(Duration::from_millis(50));
            }
        }
    }

    fn fault(&self, path: &str) -> Option<Fault> {
        let faults = self.faults.lock().ok()?;
        faults
            .iter()
            .rev()
            .find(|(part, _)| path.contains(part))
            .map(|&(_, fault)| fault)
    }
}

fn status(output: &mut TcpStream, status: &str) -> std::io::Result<()> {
    write!(output, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")
}

/// The next request of a connection; `None` at its end.
fn read_request(input: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
        from: None,
    };
    loop {
        let mut header = String::new();
        if input.read_line(&mut header)? == 0 || header.trim().is_empty() {
            return Ok(Some(request));
        }
        let header = header.to_ascii_lowercase();
        if let Some(range) = header.strip_prefix("range: bytes=") {
            request.from = range.trim().trim_end_matches('-').parse().ok();
        }
    }
}
