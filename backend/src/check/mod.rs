//! Whether a host is fit for guests, and what to do where it is not.
//!
//! A check changes nothing and runs nothing: it looks, asks and tells. It is needed most where there
//! is no daemon and no right, so that every line stands for itself, with a time limit of its own: one
//! that fails says so, and the others are told all the same.

mod combinations;
mod connecting;
mod firmware;
mod here;
mod kvm;
mod line;
mod load;
mod mend;
mod network;
mod processor;
mod service;
mod shell;
mod storage;
mod user;
mod versions;
mod xen;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::hypervisor::kvm::{Finding, try_it};
use crate::link::Link;
use crate::local;
use crate::question::Asker;
use crate::uri::{Route, runs_in_this_process};
use crate::worker::Worker;
use crate::xml::capabilities::{self, CapabilitiesView};
use here::Here;
pub use line::{Line, Remedy, Section, Topic, Verdict};
use load::Load;
pub use mend::{Mend, Request, mend};
use network::DefaultNetwork;
use shell::Shell;
pub use shell::as_typed;
use storage::DefaultPool;
use versions::Versions;

/// For what is read from files.
const LOOKING: Duration = Duration::from_secs(10);
/// For a question to the host, which may have to try its emulators first.
const ASKING: Duration = Duration::from_secs(30);

/// How much could be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// The host is this computer: its processor, files and rights too.
    ThisComputer,
    /// Only what the host's libvirt tells.
    WhatLibvirtTells,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The connection that was checked.
    pub uri: String,
    /// How much could be looked at.
    pub scope: Scope,
    /// What was found, section by section.
    pub lines: Vec<Line>,
}

impl Report {
    /// The lines section by section, in order.
    pub fn sections(&self) -> impl Iterator<Item = (Section, &[Line])> {
        self.lines
            .chunk_by(|one, next| one.topic.section() == next.topic.section())
            .filter_map(|lines| Some((lines.first()?.topic.section(), lines)))
    }

    /// How many lines have that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.lines
            .iter()
            .filter(|line| line.verdict == verdict)
            .count()
    }

    /// The worst that was found.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.lines.iter().map(|line| line.verdict);
        verdicts.max().unwrap_or(Verdict::Good)
    }
}

/// Checks the host at `uri`, or this computer's own hypervisor. May be awaited on any executor; blocks
/// nobody, and ends in bounded time whatever the host does.
///
/// A host that asks something is not connected: nobody is there to answer.
pub async fn check(uri: Option<&str>, runtime: &Handle) -> Report {
    run(uri, None, runtime).await
}

/// [`check`] with somebody to ask for passwords and the like, whose time is not counted.
pub async fn check_asking(uri: Option<&str>, asker: Asker, runtime: &Handle) -> Report {
    run(uri, Some(asker), runtime).await
}

async fn run(uri: Option<&str>, questions: Option<Asker>, runtime: &Handle) -> Report {
    let (looker, asker) = workers(runtime);
    let uri = if let Some(uri) = uri {
        uri.to_owned()
    } else {
        let own = looker.call(LOOKING, || Ok(local::system_uri()));
        own.await.unwrap_or(local::QEMU_SYSTEM).to_owned()
    };
    let link = connecting::open(&uri, questions, runtime);
    report(&uri, link, &looker, &asker).await
}

/// The same for a host that is known: over its open connection, for which perhaps somebody gave a
/// password; over one of its own where there is none.
pub async fn check_host(host: &Host) -> Report {
    let (looker, asker) = workers(host.runtime());
    let link = connecting::reach(host, &asker);
    report(&host.uri(), link, &looker, &asker).await
}

/// Two sets of threads, so that a host that hangs does not keep this computer from being looked at.
fn workers(runtime: &Handle) -> (Worker, Worker) {
    let worker = || Worker::unwatched(runtime.clone());
    (worker(), worker())
}

async fn report(
    uri: &str,
    link: impl Future<Output = Result<Arc<Link>>>,
    looker: &Worker,
    asker: &Worker,
) -> Report {
    let route = Route::of(uri);
    let scope = if route.is_local_and_direct() && matches!(route.driver, "qemu" | "xen") {
        Scope::ThisComputer
    } else {
        Scope::WhatLibvirtTells
    };

    let (here, trial, link) = tokio::join!(look(uri, scope, looker), try_kvm(scope, looker), link,);
    let answers = Answers::ask(uri, link.as_ref().ok(), asker).await;
    let opened = link.as_ref().map(drop);
    let mut lines = Vec::new();
    match &here {
        None => {}
        Some(Ok(here)) => of_this_computer(&mut lines, here, trial.as_ref(), route.driver),
        Some(Err(error)) => lines.extend(
            [Topic::Processor, Topic::KvmDevice, Topic::Domain0]
                .map(|topic| Line::unknown(topic, error)),
        ),
    }
    let here = here.and_then(Result::ok);
    let about = About {
        uri,
        opened,
        broken: matches!(trial, Some(Finding::Broken(_)))
            && here.as_ref().is_some_and(|here| here.kvm.is_there()),
        shell: here.as_ref().map_or_else(
            || Shell {
                uri: uri.to_owned(),
                ..Shell::default()
            },
            |here| here.shell.clone(),
        ),
        here: here.as_ref(),
    };
    about.service(&mut lines, &answers);
    about.resources(&mut lines, &answers, looker).await;
    about.guests(&mut lines, &answers);
    lines.sort_by_key(|line| line.topic.section());
    Report {
        uri: uri.to_owned(),
        scope,
        lines,
    }
}

async fn look(uri: &str, scope: Scope, looker: &Worker) -> Option<Result<Here>> {
    if scope != Scope::ThisComputer {
        return None;
    }
    let uri = uri.to_owned();
    Some(looker.call(LOOKING, move || Ok(Here::look(&uri))).await)
}

async fn try_kvm(scope: Scope, looker: &Worker) -> Option<Finding> {
    if scope != Scope::ThisComputer {
        return None;
    }
    // The trial has a limit of its own.
    looker.call(LOOKING, || Ok(try_it())).await.ok().flatten()
}

/// What does not need the service.
fn of_this_computer(lines: &mut Vec<Line>, here: &Here, trial: Option<&Finding>, driver: &str) {
    let shell = &here.shell;
    // Xen shows its domain 0 a processor without virtualization, and keeps KVM from it.
    if !here.xen.is_domain_0() {
        lines.push(processor::judge(here.processor));
        if driver != "xen" {
            lines.extend([
                kvm::device(&here.kvm, here.processor.processor, shell),
                kvm::permission(&here.kvm, here.opens_kvm, here.session, here.who(), shell),
                kvm::trial(&here.kvm, trial, shell),
            ]);
        }
    }
    lines.push(xen::domain_0(&here.xen, driver == "xen", shell));
    if here.xen.is_domain_0() {
        lines.push(xen::toolstack(&here.xen, shell));
    }
    lines.push(service::daemon(&here.daemons, driver, shell));
}

/// What the host answered; nothing where there was no connection.
struct Answers {
    versions: Option<Result<Versions>>,
    capabilities: Option<Result<CapabilitiesView>>,
    network: Option<Result<Option<DefaultNetwork>>>,
    pool: Option<Result<Option<DefaultPool>>>,
    firmware: Option<Result<firmware::Firmware>>,
    load: Option<Result<Load>>,
}

impl Answers {
    async fn ask(uri: &str, link: Option<&Arc<Link>>, asker: &Worker) -> Self {
        let own = runs_in_this_process(uri);
        let (versions, (capabilities, firmware), network, pool, load) = tokio::join!(
            ask(link, asker, versions::read),
            ask_capabilities(link, asker),
            ask(link, asker, network::read),
            ask(link, asker, storage::read),
            ask(link, asker, move |link| load::read(link, own)),
        );
        Self {
            versions,
            capabilities,
            network,
            pool,
            firmware,
            load,
        }
    }

    fn offers(&self, kind: &str) -> bool {
        let Some(Ok(said)) = &self.capabilities else {
            return false;
        };
        said.domain_types.iter().any(|known| known == kind)
    }
}

async fn ask<T: Send + 'static>(
    link: Option<&Arc<Link>>,
    asker: &Worker,
    question: impl FnOnce(&Link) -> Result<T> + Send + 'static,
) -> Option<Result<T>> {
    let link = link?.clone();
    Some(asker.call(ASKING, move || question(&link)).await)
}

/// What guests can be, and then what firmware they find.
async fn ask_capabilities(
    link: Option<&Arc<Link>>,
    asker: &Worker,
) -> (
    Option<Result<CapabilitiesView>>,
    Option<Result<firmware::Firmware>>,
) {
    let said = ask(link, asker, |link| {
        capabilities::read(&link.connect().capabilities()?)
    });
    let said = said.await;
    let firmware = match said.clone() {
        Some(Ok(said)) => ask(link, asker, move |link| firmware::read(link, &said)).await,
        Some(Err(error)) => Some(Err(error)),
        None => None,
    };
    (said, firmware)
}

/// A line about an answer, or about why there is none.
fn line<T>(topic: Topic, answer: Option<&Result<T>>, judge: impl FnOnce(&T) -> Line) -> Line {
    match answer {
        Some(Ok(answer)) => judge(answer),
        Some(Err(error)) => Line::unknown(topic, error),
        None => Line::unasked(topic),
    }
}

/// What the answers are about.
struct About<'a> {
    uri: &'a str,
    opened: Result<(), &'a Error>,
    /// Whether a KVM that is there does not work.
    broken: bool,
    shell: Shell,
    /// This computer, where it is the host.
    here: Option<&'a Here>,
}

impl About<'_> {
    fn service(&self, lines: &mut Vec<Line>, answers: &Answers) {
        let shell = &self.shell;
        let daemons = self.here.map(|here| &here.daemons);
        lines.push(service::connection(self.uri, self.opened, daemons, shell));
        if let Some(here) = self.here {
            lines.push(service::rights(self.uri, self.opened, here.who(), shell));
        }
        let versions = answers.versions.as_ref();
        lines.push(line(Topic::Libvirt, versions, versions::libvirt));
        lines.push(line(Topic::Hypervisor, versions, versions::hypervisor));

        let emulator = self.here.map(|here| here.emulator);
        let said = answers.capabilities.as_ref();
        let driver = Route::of(self.uri).driver;
        lines.push(match (said, emulator) {
            (None, Some(installed)) if driver == "qemu" => {
                versions::emulator(installed, std::env::consts::ARCH, shell)
            }
            _ => line(Topic::Guests, said, |said| {
                versions::guests(said, emulator, shell)
            }),
        });
        if driver == "qemu" {
            lines.push(line(Topic::KvmOffer, said, |said| {
                kvm::offer(&said.domain_types, self.here.map(|here| &here.kvm), shell)
            }));
        }
        let known = combinations::Facts {
            xen: answers.offers("xen"),
            libvirt: versions
                .and_then(|versions| versions.as_ref().ok())
                .map(|versions| versions.libvirt),
            offers_kvm: answers.offers("kvm"),
            kvm_broken: self.broken,
            lacks_log: self.opened.is_ok() && self.here.is_some_and(|here| here.lacks_log),
            origins: shell.distribution.origins,
        };
        lines.extend(combinations::judge(&known, shell));
    }

    async fn resources(&self, lines: &mut Vec<Line>, answers: &Answers, looker: &Worker) {
        let shell = &self.shell;
        let session = match self.here {
            Some(here) => here.session,
            None => Route::of(self.uri).path == "session",
        };
        let definition = self.here.and_then(|here| here.network_definition);
        lines.push(line(Topic::Network, answers.network.as_ref(), |network| {
            network::judge(*network, session, definition, shell)
        }));

        let folder = self
            .here
            .map_or(crate::install::IMAGES_FOLDER, |here| &here.folder)
            .to_owned();
        lines.push(line(Topic::Storage, answers.pool.as_ref(), |pool| {
            storage::pool(pool.as_ref(), &folder, shell)
        }));
        let pool = match &answers.pool {
            Some(Ok(pool)) => pool.clone(),
            _ => None,
        };
        let here = self.here.is_some();
        // A folder on another computer that is gone may hold this up.
        let available = looker.call(LOOKING, move || {
            Ok(storage::available(pool.as_ref(), &folder, here))
        });
        lines.push(line(Topic::Space, Some(&available.await), |available| {
            storage::space(*available)
        }));
    }

    fn guests(&self, lines: &mut Vec<Line>, answers: &Answers) {
        let here = self.here.is_some();
        lines.push(line(Topic::Firmware, answers.firmware.as_ref(), |found| {
            firmware::judge(found, here, &self.shell)
        }));
        let load = answers.load.as_ref();
        lines.push(line(Topic::Memory, load, load::memory));
        lines.push(line(Topic::Processors, load, load::processors));
    }
}

#[cfg(test)]
mod tests;
