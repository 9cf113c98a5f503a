//! A web server for tests, on loopback, that can also behave badly.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does when asked for a path.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// A body with its media type.
    Body(Vec<u8>, &'static str),
    /// A bare status.
    Status(u16),
    /// A redirection.
    Redirect(String),
    /// Accepts, and never says anything.
    Hang,
    /// A header, then a body without end.
    Endless,
    /// Says that `1` bytes follow, sends `0` and closes.
    Short(Vec<u8>, usize),
    /// The body's first half, then silence.
    Stall(Vec<u8>),
    /// No HTTP at all.
    Garbage,
}

/// A running server; ends with the runtime of the test.
#[derive(Debug, Clone)]
pub(super) struct TestServer {
    address: SocketAddr,
    replies: Arc<Mutex<HashMap<String, Reply>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TestServer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            replies: Arc::default(),
            asked: Arc::default(),
        };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(this.clone().serve(stream));
            }
        });
        server
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn on(&self, path: &str, reply: Reply) -> &Self {
        self.replies.lock().unwrap().insert(path.to_owned(), reply);
        self
    }

    pub(super) fn text(&self, path: &str, text: &str) -> &Self {
        self.on(path, Reply::Body(text.as_bytes().to_vec(), "text/plain"))
    }

    pub(super) fn page(&self, path: &str, text: &str) -> &Self {
        self.on(path, Reply::Body(text.as_bytes().to_vec(), "text/html"))
    }

    pub(super) fn file(&self, path: &str, size: usize) -> &Self {
        self.on(
            path,
            Reply::Body(vec![b'k'; size], "application/octet-stream"),
        )
    }

    /// Requests so far: "GET /path".
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            while let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&request[..end]).into_owned();
                request.drain(..end + 4);
                let mut words = head.split(' ');
                let method = words.next().unwrap_or_default().to_owned();
                let path = words.next().unwrap_or_default().to_owned();
                self.asked.lock().unwrap().push(format!("{method} {path}"));
                let reply = self.replies.lock().unwrap().get(&path).cloned();
                let reply = reply.unwrap_or(Reply::Status(404));
                if Self::answer(&mut stream, &method, reply).await.is_err() {
                    return;
                }
            }
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => request.extend_from_slice(&buffer[..read]),
            }
        }
    }

    async fn answer(stream: &mut TcpStream, method: &str, reply: Reply) -> std::io::Result<()> {
        let closed = || Err(std::io::ErrorKind::ConnectionAborted.into());
        let body = method != "HEAD";
        match reply {
            Reply::Body(bytes, kind) => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
                    bytes.len()
                );
                stream.write_all(head.as_bytes()).await?;
                if body {
                    stream.write_all(&bytes).await?;
                }
                Ok(())
            }
            Reply::Status(status) => {
                let head = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(head.as_bytes()).await
            }
            Reply::Redirect(to) => {
                let head =
                    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(head.as_bytes()).await
            }
            Reply::Hang => std::future::pending().await,
            Reply::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                if !body {
                    return Ok(());
                }
                loop {
                    stream.write_all(&[b'x'; 8192]).await?;
                }
            }
            Reply::Short(bytes, claimed) => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {claimed}\r\n\r\n");
                stream.write_all(head.as_bytes()).await?;
                if body {
                    stream.write_all(&bytes).await?;
                    return closed();
                }
                Ok(())
            }
            Reply::Stall(bytes) => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
                stream.write_all(head.as_bytes()).await?;
                if body {
                    stream.write_all(&bytes[..bytes.len() / 2]).await?;
                    std::future::pending::<()>().await;
                }
                Ok(())
            }
            Reply::Garbage => {
                stream
                    .write_all(b"\x00\xffSSH-2.0-nonsense\r\n\r\n")
                    .await?;
                closed()
            }
        }
    }
}
