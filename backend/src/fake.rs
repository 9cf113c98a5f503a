//! A [`Host`] whose answers a test gives: for interface tests without libvirt.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use backend::fake::{FakeHost, guest};
//! use backend::model::GuestState;
//! use backend::{Error, ErrorKind};
//!
//! let (host, fake) = FakeHost::connected(&tokio::runtime::Handle::current());
//! fake.add(guest("web", GuestState::Off));
//! let id = host.snapshot().guests[0].id;
//! host.start(id).await.unwrap();
//! assert_eq!(host.snapshot().guests[0].state, GuestState::Running);
//!
//! fake.answer::<()>("pause", Err(Error::new(ErrorKind::NotAnswering, "Silence.")));
//! assert!(host.pause(id).await.is_err());
//! # }
//! ```

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use crate::error::{Error, ErrorKind, Result};
use crate::events::GuestEvent;
use crate::host::Host;
use crate::keeper::Message;
use crate::model::{
    Guest, GuestId, GuestState, HostCapabilities, HostInfo, HostSnapshot, HostState,
    HypervisorKind, MemorySize, VcpuCount, VirtualizationType,
};
use crate::operation::{Operation, Verb};

/// The test's end of a [`Host`].
#[derive(Debug, Clone)]
pub struct FakeHost {
    script: Arc<Script>,
    events: broadcast::Sender<GuestEvent>,
}

type Answer = Result<Box<dyn Any + Send>>;

/// What the test has laid down, and what was asked.
#[derive(Debug)]
pub(crate) struct Script {
    publisher: watch::Sender<Arc<HostSnapshot>>,
    state: Mutex<State>,
    /// Names of methods whose answers wait.
    held: watch::Sender<Vec<&'static str>>,
}

#[derive(Debug, Default)]
struct State {
    answers: HashMap<&'static str, VecDeque<Answer>>,
    asked: Vec<Operation>,
    watched: bool,
}

impl FakeHost {
    /// A host that is still connecting, and the test's end of it.
    pub fn connecting(uri: &str, runtime: &Handle) -> (Host, Self) {
        let snapshot = HostSnapshot {
            generation: 0,
            uri: uri.into(),
            state: HostState::Connecting,
            info: None,
            guests: Arc::new([]),
            traits_known: true,
            last_heard: None,
        };
        let (publisher, snapshots) = watch::channel(Arc::new(snapshot));
        let (events, _) = broadcast::channel(64);
        let script = Arc::new(Script {
            publisher,
            state: Mutex::default(),
            held: watch::Sender::default(),
        });
        let host = Host::scripted(script.clone(), runtime, snapshots, events.clone());
        (host, Self { script, events })
    }

    /// A connected QEMU host without guests, and the test's end of it.
    pub fn connected(runtime: &Handle) -> (Host, Self) {
        let (host, fake) = Self::connecting("qemu:///system", runtime);
        fake.change(|snapshot| {
            snapshot.state = HostState::Connected;
            snapshot.info = Some(Arc::new(info()));
        });
        (host, fake)
    }

    /// Changes what is known of the host.
    pub fn change(&self, change: impl FnOnce(&mut HostSnapshot)) {
        self.script.change(change);
    }

    /// Adds a guest, or puts it in the place of the one with its identity.
    pub fn add(&self, guest: Guest) {
        self.change(|snapshot| {
            let mut guests: Vec<Arc<Guest>> = snapshot.guests.to_vec();
            guests.retain(|present| present.id != guest.id);
            guests.push(Arc::new(guest));
            guests.sort_by(|a, b| a.name.cmp(&b.name));
            snapshot.guests = guests.into();
        });
    }

    /// Lets something happen to a guest.
    pub fn emit(&self, event: GuestEvent) {
        // Without receivers nobody wants to know.
        let _ = self.events.send(event);
    }

    /// Lays down the answer to the next call of a method of [`Host`], named as it is. `T` is what
    /// it returns. Several are given in order; without one, verbs such as `start` change the
    /// guest's state and other methods say [`ErrorKind::NotSupported`].
    pub fn answer<T: Send + 'static>(&self, method: &'static str, answer: Result<T>) {
        let answer = answer.map(|answer| Box::new(answer) as Box<dyn Any + Send>);
        let mut state = self.script.state();
        state.answers.entry(method).or_default().push_back(answer);
    }

    /// Makes calls of that method wait until [`Self::release`].
    pub fn hold(&self, method: &'static str) {
        self.script.held.send_modify(|held| held.push(method));
    }

    /// Lets calls of that method go on.
    pub fn release(&self, method: &'static str) {
        self.script
            .held
            .send_modify(|held| held.retain(|name| *name != method));
    }

    /// Everything that was asked so far, in order.
    pub fn asked(&self) -> Vec<Operation> {
        self.script.state().asked.clone()
    }

    /// Whether somebody watches the guests' figures.
    pub fn figures_are_watched(&self) -> bool {
        self.script.state().watched
    }
}

impl Script {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut HostSnapshot)) {
        self.publisher.send_modify(|published| {
            let mut snapshot = HostSnapshot::clone(published);
            change(&mut snapshot);
            snapshot.generation += 1;
            *published = Arc::new(snapshot);
        });
    }

    /// What a host is told without an answer being waited for.
    pub(crate) fn tell(&self, message: &Message) {
        match message {
            Message::Interest(watched) => self.state().watched = *watched,
            Message::Reconnect => self.state().asked.push(Operation::Host("reconnect")),
            Message::Close | Message::End => {
                self.change(|snapshot| snapshot.state = HostState::Closed);
            }
            _ => {}
        }
    }

    pub(crate) async fn answer<T: Send + 'static>(&self, operation: Operation) -> Result<T> {
        let name = operation.name();
        self.state().asked.push(operation.clone());
        let mut held = self.held.subscribe();
        // The sender lives as long as this script.
        let _ = held.wait_for(|held| !held.contains(&name)).await;
        let laid_down = {
            let mut state = self.state();
            state.answers.get_mut(name).and_then(VecDeque::pop_front)
        };
        let answer = match laid_down {
            Some(answer) => answer?,
            None => self.act(&operation)?,
        };
        let answer = answer.downcast::<T>().unwrap_or_else(|_| {
            let wanted = std::any::type_name::<T>();
            panic!("the answer laid down for {name} is no {wanted}")
        });
        Ok(*answer)
    }

    /// What a healthy hypervisor would do.
    fn act(&self, operation: &Operation) -> Answer {
        let Operation::Guest(id, verb) = operation else {
            return Err(not_laid_down(operation));
        };
        let mut outcome = Err(Error::new(
            ErrorKind::NotFound,
            "The guest is not there any more.",
        ));
        self.change(|snapshot| {
            let mut guests: Vec<Arc<Guest>> = snapshot.guests.to_vec();
            if let Some(guest) = guests.iter_mut().find(|guest| guest.id == *id) {
                let active = guest.state.is_active();
                outcome = match verb.wants_active() {
                    Some(wanted) if wanted != active => {
                        Err(Error::new(ErrorKind::WrongState, "Not in this state."))
                    }
                    _ => act_on(Arc::make_mut(guest), verb).ok_or_else(|| not_laid_down(operation)),
                };
            }
            if matches!(verb, Verb::Delete(_)) && outcome.is_ok() {
                guests.retain(|guest| guest.id != *id);
            }
            snapshot.guests = guests.into();
        });
        outcome.map(|()| Box::new(()) as Box<dyn Any + Send>)
    }
}

/// What a verb does to a guest; `None` for those that return something.
fn act_on(guest: &mut Guest, verb: &Verb) -> Option<()> {
    match verb {
        Verb::Start | Verb::Resume => guest.state = GuestState::Running,
        Verb::ForceOff | Verb::ShutDown => guest.state = GuestState::Off,
        Verb::Pause => guest.state = GuestState::Paused,
        Verb::SetMemory(kib) => guest.memory.current_kib = *kib,
        Verb::SetVcpus(count) => guest.vcpus.current = *count,
        Verb::Rename(name) => guest.name.clone_from(name),
        Verb::Reboot | Verb::SendKeys(_) | Verb::AddVncDisplay | Verb::Delete(_) => {}
        _ => return None,
    }
    Some(())
}

fn not_laid_down(operation: &Operation) -> Error {
    Error::new(ErrorKind::NotSupported, "The test gives no answer to this.")
        .with_detail(operation.name())
}

/// A guest of that name: 1 GiB of at most 2, one processor of at most 2. Its identity is made of
/// the name.
pub fn guest(name: &str, state: GuestState) -> Guest {
    let identity = name.bytes().fold(1u128, |identity, byte| {
        identity.wrapping_mul(257).wrapping_add(byte.into())
    });
    Guest {
        id: GuestId(Uuid::from_u128(identity)),
        name: name.into(),
        domain_id: state.is_active().then_some(1),
        state,
        persistent: true,
        autostart: false,
        memory: MemorySize {
            current_kib: 1 << 20,
            maximum_kib: 2 << 20,
        },
        vcpus: VcpuCount {
            current: 1,
            maximum: 2,
        },
        stats: None,
        details: None,
        installing: false,
    }
}

/// A QEMU host with KVM that can do everything: 8 processors, 16 GiB.
pub fn info() -> HostInfo {
    HostInfo {
        hostname: "fake".into(),
        kind: HypervisorKind::Qemu,
        hypervisor: "QEMU 10.0.2".into(),
        libvirt_version: "11.3.0".into(),
        arch: "x86_64".into(),
        cpus: 8,
        memory_kib: 16 << 20,
        session: false,
        local: true,
        capabilities: HostCapabilities {
            virtualization: vec![VirtualizationType::Kvm, VirtualizationType::Emulation],
            kvm_note: None,
            can_install: true,
            screenshot: true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn verbs_act_and_answers_are_given_in_order() {
        let (host, fake) = FakeHost::connected(&Handle::current());
        fake.add(guest("b", GuestState::Off));
        fake.add(guest("a", GuestState::Running));
        let snapshot = host.connected().await.unwrap();
        let (a, b) = (snapshot.guests[0].id, snapshot.guests[1].id);
        assert_ne!(a, b);
        let running = host.start(a).await.unwrap_err();
        assert_eq!(running.message(), "The guest is running already.");
        host.start(b).await.unwrap();
        assert!(host.snapshot().guest(b).unwrap().state.is_active());
        host.delete(b, crate::host::DeleteOptions::default())
            .await
            .unwrap_err();
        fake.answer("xml", Ok("<domain/>".to_owned()));
        assert_eq!(host.xml(a, false).await.unwrap(), "<domain/>");
        assert!(host.xml(a, false).await.is_err());
        assert_eq!(fake.asked().len(), 5);
        let interest = host.watch_stats();
        assert!(fake.figures_are_watched());
        drop(interest);
        assert!(!fake.figures_are_watched());
    }

    #[tokio::test]
    async fn held_answers_wait() {
        let (host, fake) = FakeHost::connected(&Handle::current());
        fake.add(guest("a", GuestState::Off));
        let id = host.snapshot().guests[0].id;
        fake.hold("start");
        let starting = tokio::spawn({
            let host = host.clone();
            async move { host.start(id).await }
        });
        while fake.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(host.snapshot().guests[0].state, GuestState::Off);
        fake.release("start");
        starting.await.unwrap().unwrap();
        assert_eq!(host.snapshot().guests[0].state, GuestState::Running);
    }
}
