//! What is asked of a host beside its guests: storage and networks.

use super::Host;
use crate::error::Result;
use crate::model::{Network, Pool, Volume};
use crate::operation::Operation;
use crate::{network, storage};

impl Host {
    /// Storage pools.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn pools(&self) -> Result<Vec<Pool>> {
        self.run(Operation::Host("pools"), storage::pools).await
    }

    /// Volumes of a pool, refreshed first.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] when there is no such pool.
    pub async fn volumes(&self, pool: &str) -> Result<Vec<Volume>> {
        let pool = pool.to_owned();
        self.run(Operation::Host("volumes"), move |link| {
            storage::volumes(link, &pool)
        })
        .await
    }

    /// Virtual networks.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn networks(&self) -> Result<Vec<Network>> {
        self.run(Operation::Host("networks"), network::networks)
            .await
    }

    /// The host's own bridges, to which guests can be connected beside its virtual networks.
    /// Nothing where its libvirt cannot tell.
    ///
    /// # Errors
    /// As the hypervisor says.
    pub async fn bridges(&self) -> Result<Vec<String>> {
        self.run(Operation::Host("bridges"), network::bridges).await
    }
}
