//! What can be done about a line from here, once the user has seen what that is.

use std::time::Duration;

use super::connecting;
use super::network::NAME as NETWORK;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Host;
use crate::install::DEFAULT_POOL;
use crate::link::Link;
use crate::worker::Worker;

/// Starting a network starts dnsmasq, starting a pool looks through its folder.
const LIMIT: Duration = Duration::from_mins(1);

/// A remedy that this program can bring about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mend {
    /// By asking libvirt: see [`mend`].
    Libvirt(Request),
    /// By a command of this computer that only the superuser may run: the program and its arguments.
    Superuser(Vec<String>),
}

/// What libvirt is asked for; the command beside it does the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request(Wish);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wish {
    Network {
        /// The file that defines it, where it is to be made.
        definition: Option<&'static str>,
        steps: Steps,
    },
    Pool(Steps),
}

/// What is to be done with a network or a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Steps {
    Start,
    Autostart,
    Both,
}

impl Steps {
    fn start(self) -> bool {
        self != Self::Autostart
    }

    fn autostart(self) -> bool {
        self != Self::Start
    }
}

impl Mend {
    /// For the default network.
    pub(super) fn network(steps: Steps) -> Self {
        let definition = None;
        Self::Libvirt(Request(Wish::Network { definition, steps }))
    }

    /// The default network, made as a file of this computer defines it, and started.
    pub(super) fn new_network(definition: &'static str) -> Self {
        Self::Libvirt(Request(Wish::Network {
            definition: Some(definition),
            steps: Steps::Both,
        }))
    }

    /// For the default pool.
    pub(super) fn pool(steps: Steps) -> Self {
        Self::Libvirt(Request(Wish::Pool(steps)))
    }
}

/// Asks libvirt for what a line of `host`'s check proposed: over its open connection, or over one of
/// its own where there is none. May be awaited on any executor, and ends in bounded time.
///
/// # Errors
/// Why libvirt did not do it; [`ErrorKind::NotAnswering`] when nothing comes of it in time.
pub async fn mend(host: &Host, request: &Request) -> Result<()> {
    let worker = Worker::unwatched(host.runtime().clone());
    let link = connecting::reach(host, &worker).await?;
    let wish = request.0.clone();
    worker
        .call(LIMIT, move || match wish {
            Wish::Network { definition, steps } => network(&link, definition, steps),
            Wish::Pool(steps) => pool(&link, steps),
        })
        .await
}

fn network(link: &Link, definition: Option<&str>, steps: Steps) -> Result<()> {
    let network = match definition {
        Some(path) => {
            let xml = std::fs::read_to_string(path).map_err(|error| {
                Error::new(ErrorKind::BadPath, format!("{path} could not be read."))
                    .with_detail(error.to_string())
            })?;
            link.connect().define_network_xml(&xml)?
        }
        None => link.connect().lookup_network_by_name(NETWORK)?,
    };
    // Somebody else may have started it since it was looked at.
    if steps.start() && !network.is_active()? {
        network.create()?;
    }
    if steps.autostart() {
        network.set_autostart(true)?;
    }
    Ok(())
}

fn pool(link: &Link, steps: Steps) -> Result<()> {
    let pool = link.connect().lookup_storage_pool_by_name(DEFAULT_POOL)?;
    if steps.start() && !pool.is_active()? {
        pool.create(0)?;
    }
    if steps.autostart() {
        pool.set_autostart(true)?;
    }
    Ok(())
}
