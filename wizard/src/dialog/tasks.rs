//! The work behind the dialog: everything that waits runs on the tokio runtime and reports as a
//! message. A piece of work that is asked for again replaces the one before.

use std::time::Duration;

use backend::install::{self, CreateRequest, DiskPlace, InstallTree, PlaceReport, Preview};
use backend::model::{Network, Pool};
use backend::{Host, Result};
use relm4::Sender;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::CreateInput;
use crate::unlogged::Unlogged;

/// What came of a piece of work, with what was asked: an answer to an older question is dropped by
/// whoever compares.
#[derive(Debug)]
pub enum Answer {
    /// The host's snapshot changed; which host.
    HostChanged(usize),
    /// What a URL holds.
    Detected {
        /// URL and processor that were asked about.
        asked: (String, String),
        /// What was found.
        result: Result<InstallTree>,
    },
    /// Pools and networks of a host.
    Listed {
        /// The host that was asked.
        host: usize,
        /// Its pools; none where it cannot tell.
        pools: Vec<Pool>,
        /// Its networks; none where it cannot tell.
        networks: Vec<Network>,
        /// Its bridges; none where it cannot tell.
        bridges: Vec<String>,
    },
    /// Where to put the disk.
    Proposed {
        /// Host and name that were asked about.
        asked: (usize, String),
        /// The proposal.
        result: Result<DiskPlace>,
    },
    /// What the host says of a place.
    Inspected {
        /// Host and place that were asked about.
        asked: (usize, DiskPlace),
        /// Its word.
        result: Result<PlaceReport>,
    },
    /// What creation would do.
    Previewed {
        /// The request that was asked about.
        asked: CreateRequest,
        /// Its acts.
        result: Result<Preview>,
    },
}

/// A running piece of work; ends when it is dropped.
#[derive(Debug, Default)]
struct Task(Option<JoinHandle<()>>);

impl Task {
    fn replace(&mut self, handle: JoinHandle<()>) {
        self.stop();
        self.0 = Some(handle);
    }

    fn stop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.abort();
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts the work and holds it.
#[derive(Debug)]
pub(super) struct Tasks {
    runtime: Handle,
    input: Sender<CreateInput>,
    watch: Task,
    detect: Task,
    list: Task,
    propose: Task,
    inspect: Task,
    preview: Task,
}

impl Tasks {
    pub(super) fn new(runtime: Handle, input: Sender<CreateInput>) -> Self {
        Self {
            runtime,
            input,
            watch: Task::default(),
            detect: Task::default(),
            list: Task::default(),
            propose: Task::default(),
            inspect: Task::default(),
            preview: Task::default(),
        }
    }

    /// Reports each change of a host.
    pub(super) fn watch(&mut self, index: usize, host: &Host) {
        let mut snapshots = host.watch();
        let input = self.input.clone();
        self.watch.replace(self.runtime.spawn(async move {
            while snapshots.changed().await.is_ok() {
                let changed = CreateInput::Answer(Unlogged(Box::new(Answer::HostChanged(index))));
                if input.send(changed).is_err() {
                    break;
                }
            }
        }));
    }

    /// Finds out what a URL holds, after a pause in which the user may go on typing.
    pub(super) fn detect(&mut self, url: String, arch: String, pause: Duration) {
        let task = self.spawn(pause, async move {
            let result = install::detect(&url, &arch).await;
            Answer::Detected {
                asked: (url, arch),
                result,
            }
        });
        self.detect.replace(task);
    }

    /// Stops looking at a URL.
    pub(super) fn stop_detecting(&mut self) {
        self.detect.stop();
    }

    /// Lists pools and networks.
    pub(super) fn list(&mut self, index: usize, host: Host) {
        let task = self.spawn(Duration::ZERO, async move {
            // A driver without pools or networks still makes guests: a path and the user network
            // remain.
            let pools = host.pools().await;
            let networks = host.networks().await;
            let bridges = host.bridges().await;
            for error in [
                pools.as_ref().err(),
                networks.as_ref().err(),
                bridges.as_ref().err(),
            ]
            .into_iter()
            .flatten()
            {
                tracing::warn!(%error, "pools, networks or bridges could not be listed");
            }
            Answer::Listed {
                host: index,
                pools: pools.unwrap_or_default(),
                networks: networks.unwrap_or_default(),
                bridges: bridges.unwrap_or_default(),
            }
        });
        self.list.replace(task);
    }

    /// Asks where the disk of a guest goes best.
    pub(super) fn propose(&mut self, index: usize, host: Host, name: String, pause: Duration) {
        let task = self.spawn(pause, async move {
            let result = install::propose_place(&host, &name).await;
            Answer::Proposed {
                asked: (index, name),
                result,
            }
        });
        self.propose.replace(task);
    }

    /// Looks at a place for the disk.
    pub(super) fn inspect(&mut self, index: usize, host: Host, place: DiskPlace, pause: Duration) {
        let task = self.spawn(pause, async move {
            let result = install::inspect_place(&host, &place).await;
            Answer::Inspected {
                asked: (index, place),
                result,
            }
        });
        self.inspect.replace(task);
    }

    /// Asks what creation would do.
    pub(super) fn preview(&mut self, host: Host, request: CreateRequest, pause: Duration) {
        let task = self.spawn(pause, async move {
            let result = install::preview(&host, &request).await;
            Answer::Previewed {
                asked: request,
                result,
            }
        });
        self.preview.replace(task);
    }

    fn spawn(
        &self,
        pause: Duration,
        work: impl Future<Output = Answer> + Send + 'static,
    ) -> JoinHandle<()> {
        let input = self.input.clone();
        self.runtime.spawn(async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            // A dialog that is gone wants no answer.
            let _ = input.send(CreateInput::Answer(Unlogged(Box::new(work.await))));
        })
    }
}
