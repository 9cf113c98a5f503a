//! Where a screen is, and what is known of the server there.

use backend::host::DisplayStream;
use backend::model::GuestId;
use backend::{Host, Result, is_loopback};
use vnc_widget::{Endpoint, Fingerprint, TlsPolicy};

use crate::known_servers;

/// Where a screen is to be connected to.
#[derive(Debug)]
pub struct Target {
    /// How it is reached.
    pub endpoint: Endpoint,
    /// What is known of it.
    pub policy: TlsPolicy,
    /// By what the server is known, where it has a name.
    pub server: Option<String>,
    /// By what its password is kept.
    pub account: String,
    /// Whether what is sent goes over a network as it is, unless the server encrypts.
    pub is_remote: bool,
}

impl Target {
    /// The screen of a guest.
    ///
    /// # Errors
    /// When the host gives no way to it.
    pub async fn of_guest(host: &Host, id: GuestId) -> Result<Self> {
        let stream = host.open_display(id, 0).await?;
        let host_name = host.remote_name();
        let place = host_name.as_deref().unwrap_or("localhost");
        let account = format!("{}@{place}", id.0);
        let is_remote = matches!(&stream, DisplayStream::Tcp { host, .. } if !is_loopback(host));
        let server = match &stream {
            // All guests of a host have the same certificate, at ports that change.
            DisplayStream::Tcp { host, .. } => Some(host.clone()),
            DisplayStream::Descriptor(_) | DisplayStream::Socket(_) => host_name,
        };
        let pin = match &server {
            Some(server) => known_servers::pin(server).await?,
            None => None,
        };
        Ok(Self {
            endpoint: endpoint(stream),
            policy: policy(server.clone(), pin),
            server,
            account,
            is_remote,
        })
    }

    /// A server at an address.
    ///
    /// # Errors
    /// When it cannot be told whether the server is known.
    pub async fn at(host: String, port: u16) -> Result<Self> {
        let server = format!("{host}:{port}");
        let pin = known_servers::pin(&server).await?;
        Ok(Self {
            policy: policy(Some(host.clone()), pin),
            account: server.clone(),
            server: Some(server),
            is_remote: !is_loopback(&host),
            endpoint: Endpoint::Tcp { host, port },
        })
    }
}

fn policy(server_name: Option<String>, pin: Option<Fingerprint>) -> TlsPolicy {
    TlsPolicy {
        server_name,
        pin,
        ..TlsPolicy::default()
    }
}

/// Where the VNC engine finds a guest's display.
fn endpoint(stream: DisplayStream) -> Endpoint {
    match stream {
        DisplayStream::Descriptor(socket) => Endpoint::Socket(socket),
        DisplayStream::Tcp { host, port } => Endpoint::Tcp { host, port },
        DisplayStream::Socket(path) => Endpoint::Path(path),
    }
}
