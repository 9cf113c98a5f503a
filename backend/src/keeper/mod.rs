//! The keeper of a host: one task that opens the connection, keeps the snapshot true, notices when
//! the host falls silent, and connects again.
//!
//! It never blocks: libvirt calls run on worker threads and come back as messages. It alone decides
//! what the snapshot says.

mod connecting;
mod figures;
mod guests;
mod reading;
mod reboots;
mod shared;
mod silence;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::sleep_until;

use crate::asking::{Attempt, Memory};
use crate::error::Result;
use crate::events::{GuestEvent, Stale};
use crate::link::Link;
use crate::listing::{Listing, Traits};
use crate::model::{GuestId, HostInfo, HostSnapshot, HostState};
use crate::question::Asker;
use crate::stats::Reading;
use crate::uri;
use crate::worker::Worker;
use guests::{Guests, Look, Moment};
use reading::Reads;
pub(crate) use reboots::Reboots;
pub(crate) use shared::Line;
use shared::Pulse;

/// How long opening may take before the host counts as not answering. The attempt itself goes on.
const OPEN_PATIENCE: Duration = Duration::from_secs(8);

/// How long an attempt to open is waited for before another one is made beside it; each further one
/// gets twice the time, up to 16 times. libvirt sets no limit to it, and an attempt does not notice
/// when the host it waits for was restarted or cut off.
const OPEN_ABANDONED: Duration = Duration::from_secs(20);

/// The same where ssh may be asking somebody for a password on a terminal, which is not seen here.
const SSH_ABANDONED: Duration = Duration::from_mins(5);
const MOST_DOUBLINGS: u32 = 4;

/// Attempts, each on a thread of its own, that may be stuck beside the present one. Before there are
/// more, the oldest is ended.
const MOST_ABANDONED: usize = 2;

/// A host that said nothing for this long is asked something.
const PROBE_AFTER: Duration = Duration::from_secs(4);

/// How long it may take to answer that.
const PROBE_PATIENCE: Duration = Duration::from_secs(3);

/// What reaches the keeper.
#[derive(Debug)]
pub(crate) enum Message {
    /// Connect now rather than later.
    Reconnect,
    /// The user closed the host; it may be asked to connect again.
    Close,
    /// The last handle is gone.
    End,
    /// Somebody wants figures, or nobody does any more.
    Interest(bool),
    /// That guest was changed by us in a way that no event tells.
    Changed(GuestId),
    /// A call was not answered in time.
    Suspect,
    /// Guests were noted in [`Stale`].
    Stale { epoch: u64 },
    /// The connection broke.
    Lost { epoch: u64 },
    /// For that attempt to open a person is being asked something, or no longer.
    Asking { epoch: u64, asking: bool },
    /// The attempt to open with that number ended; what its connection told so far is in `stale`.
    Opened {
        epoch: u64,
        stale: Arc<Stale>,
        result: Result<Link>,
    },
    /// The list was read.
    Listed {
        epoch: u64,
        moment: Moment,
        result: Result<Listing>,
    },
    /// The traits of all guests were read.
    Traits {
        epoch: u64,
        moment: Moment,
        result: Result<HashMap<GuestId, Traits>>,
    },
    /// The facts of the host were read.
    Info {
        epoch: u64,
        result: Result<HostInfo>,
    },
    /// Some guests were looked at.
    Looked {
        epoch: u64,
        moment: Moment,
        looks: Vec<(GuestId, Result<Look>)>,
    },
    /// Figures were read.
    Figures {
        epoch: u64,
        result: Result<Vec<(GuestId, Reading)>>,
    },
    /// The host answered the probe.
    Probed { epoch: u64 },
}

/// What the keeper is given and what it leaves with its handles.
pub(crate) struct Post {
    pub(crate) line: Line,
    pub(crate) inbox: mpsc::UnboundedSender<Message>,
    pub(crate) snapshots: watch::Receiver<Arc<HostSnapshot>>,
    pub(crate) events: broadcast::Sender<GuestEvent>,
}

/// Guest events kept for a receiver that is slow; beyond that it is told that it missed some.
const EVENT_BACKLOG: usize = 256;

/// Starts a keeper for `uri` on `runtime`; what the host asks is asked of `asker`.
pub(crate) fn start(uri: &str, runtime: &Handle, asker: Option<Asker>) -> Post {
    let (keeper, messages, post) = prepare(uri, runtime, asker);
    runtime.spawn(keeper.run(messages));
    post
}

/// A keeper that does not run yet.
fn prepare(
    uri: &str,
    runtime: &Handle,
    asker: Option<Asker>,
) -> (Keeper, mpsc::UnboundedReceiver<Message>, Post) {
    let (inbox, messages) = mpsc::unbounded_channel();
    let (silence, silent_since) = watch::channel(None);
    let (events, _) = broadcast::channel(EVENT_BACKLOG);
    let snapshot = HostSnapshot {
        generation: 0,
        uri: uri.into(),
        state: HostState::Connecting,
        info: None,
        guests: Arc::new([]),
        traits_known: false,
        last_heard: None,
    };
    let (publisher, snapshots) = watch::channel(Arc::new(snapshot.clone()));
    let line = Line {
        present: Arc::default(),
        inbox: inbox.clone(),
        pulse: Pulse::new(),
        worker: Worker::new(runtime.clone(), silent_since),
        reboots: Reboots::default(),
    };
    let keeper = Keeper {
        snapshot,
        publisher,
        silence,
        events: events.clone(),
        stale: Arc::default(),
        guests: Guests::default(),
        changed: false,
        asker,
        memory: Memory::default(),
        attempt: None,
        asks: false,
        opening_since: None,
        abandoned: VecDeque::new(),
        hangs: 0,
        patience: patience(uri),
        last_epoch: 0,
        retry_at: None,
        opened_at: None,
        wants_reopening: false,
        failures: 0,
        listed: false,
        probe: Probe::Idle,
        reads: Reads::default(),
        reading_info: false,
        bulk: false,
        interest: false,
        figures: HashMap::new(),
        figures_due: None,
        reading_figures: false,
        clock: 0,
        was_up: false,
        line: line.clone(),
    };
    let post = Post {
        line,
        inbox,
        snapshots,
        events,
    };
    (keeper, messages, post)
}

/// How long an attempt to open `uri` is waited for; `None`: until it ends, because a daemon of this
/// machine cannot be cut off, and polkit may be asking somebody for a password.
fn patience(uri: &str) -> Option<Duration> {
    uri::remote_host(uri)?;
    Some(if uri::is_through_ssh(uri) {
        SSH_ABANDONED
    } else {
        OPEN_ABANDONED
    })
}

/// How the question whether the host still answers stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probe {
    /// Not asked.
    Idle,
    /// Asked at that time, no answer yet.
    Asked(Instant),
}

/// An attempt to open that hangs.
struct Abandoned {
    epoch: u64,
    attempt: Attempt,
    /// Whether its end is near.
    is_cut: bool,
}

struct Keeper {
    line: Line,
    snapshot: HostSnapshot,
    publisher: watch::Sender<Arc<HostSnapshot>>,
    silence: watch::Sender<Option<Instant>>,
    events: broadcast::Sender<GuestEvent>,
    stale: Arc<Stale>,
    guests: Guests,
    /// Whether the snapshot differs from the published one.
    changed: bool,
    asker: Option<Asker>,
    /// What was answered and is right, for a connection that has to be remade.
    memory: Memory,
    /// The attempt to open that is under way, unless it is abandoned.
    attempt: Option<Attempt>,
    /// Whether it waits for a person.
    asks: bool,
    /// Set while an attempt to open is under way that is not abandoned; there is one at most. Since
    /// then the host could have answered.
    opening_since: Option<Instant>,
    /// Attempts that are waited for no more and have not ended, the oldest first.
    abandoned: VecDeque<Abandoned>,
    /// Attempts abandoned since there was a connection.
    hangs: u32,
    /// How long the first attempt is waited for; `None`: until it ends.
    patience: Option<Duration>,
    /// The number of the last attempt.
    last_epoch: u64,
    /// When opening is tried again.
    retry_at: Option<Instant>,
    /// When the present connection, or the last one, was made.
    opened_at: Option<Instant>,
    /// Whether another attempt is to follow the present one at once.
    wants_reopening: bool,
    /// Attempts failed in a row.
    failures: usize,
    /// Whether the present connection's list was read.
    listed: bool,
    probe: Probe,
    reads: Reads,
    reading_info: bool,
    /// Whether the driver has bulk statistics.
    bulk: bool,
    interest: bool,
    /// Last readings, for what needs two.
    figures: HashMap<GuestId, Reading>,
    figures_due: Option<Instant>,
    reading_figures: bool,
    /// Counts readings as they begin.
    clock: Moment,
    /// Whether a connection was ever up.
    was_up: bool,
}

impl Keeper {
    async fn run(mut self, mut messages: mpsc::UnboundedReceiver<Message>) {
        self.open();
        loop {
            let wake = self.next_timer();
            tokio::select! {
                message = messages.recv() => {
                    let Some(message) = message else { return };
                    if self.handle(message).is_break() {
                        self.shut();
                        self.publish();
                        // A connection that was just made is dropped with the channel.
                        return;
                    }
                }
                () = sleep_until(wake.unwrap_or_else(far_away).into()), if wake.is_some() => {
                    self.on_timer(Instant::now());
                }
            }
            // One snapshot for everything that has come by now.
            if messages.is_empty() {
                self.publish();
            }
        }
    }

    fn handle(&mut self, message: Message) -> std::ops::ControlFlow<()> {
        match message {
            Message::Close => self.shut(),
            Message::End => return std::ops::ControlFlow::Break(()),
            Message::Reconnect => self.reconnect(),
            Message::Interest(interest) => self.set_interest(interest),
            Message::Changed(id) => {
                self.reads.want_facts(id);
                self.read_more();
            }
            Message::Suspect => self.ask(Instant::now()),
            Message::Asking { epoch, asking } => self.asking(epoch, asking),
            Message::Opened {
                epoch,
                stale,
                result,
            } => self.attempt_ended(epoch, stale, result),
            Message::Lost { epoch } if self.is_present(epoch) => self.lost(),
            Message::Stale { epoch } if self.is_present(epoch) => {
                let stale = self.stale.take();
                self.reads.want_stale(stale);
                self.read_more();
            }
            Message::Listed {
                epoch,
                moment,
                result,
            } if self.is_present(epoch) => self.listed(result, moment),
            Message::Traits {
                epoch,
                moment,
                result,
            } if self.is_present(epoch) => {
                if let Ok(traits) = result {
                    self.changed |= self.guests.take_traits(&traits, moment);
                }
                // A host that does not tell will not do so later.
                self.changed |= !std::mem::replace(&mut self.snapshot.traits_known, true);
            }
            Message::Info { epoch, result } if self.is_present(epoch) => {
                self.reading_info = false;
                match result {
                    Ok(info) => {
                        self.changed |= self.snapshot.info.as_deref() != Some(&info);
                        self.snapshot.info = Some(Arc::new(info));
                    }
                    Err(error) => tracing::warn!(uri = self.snapshot.uri, %error, "no host facts"),
                }
            }
            Message::Looked {
                epoch,
                moment,
                looks,
            } if self.is_present(epoch) => self.looked(looks, moment),
            Message::Figures { epoch, result } if self.is_present(epoch) => {
                self.take_figures(result);
            }
            Message::Probed { epoch } if self.is_present(epoch) => {
                self.probe = Probe::Idle;
                self.answers();
            }
            // Of an earlier connection, or a reading that failed and will be made anew.
            _ => {}
        }
        std::ops::ControlFlow::Continue(())
    }

    fn is_present(&self, epoch: u64) -> bool {
        let present = self.line.present();
        present.epoch == epoch && present.link.is_some()
    }

    fn set_state(&mut self, state: HostState) {
        if self.snapshot.state != state {
            self.snapshot.state = state;
            self.changed = true;
        }
    }

    fn next_timer(&self) -> Option<Instant> {
        let retry = self.retry_at.filter(|_| self.opening_since.is_none());
        let silent = matches!(self.snapshot.state, HostState::NotAnswering { .. });
        let opening = self
            .waiting_since()
            .filter(|_| !silent)
            .map(|since| since + OPEN_PATIENCE);
        let abandoning = self
            .waiting_since()
            .filter(|_| self.may_abandon())
            .and_then(|since| Some(since + self.open_abandoned()?));
        let connected = self.line.present().link.is_some();
        let probe = match self.probe {
            Probe::Idle if connected => Some(self.line.pulse.last() + PROBE_AFTER),
            Probe::Asked(at) if connected && !silent => Some(at + PROBE_PATIENCE),
            _ => None,
        };
        let figures = self.figures_due.filter(|_| self.may_read_figures());
        let rebooted = self.line.reboots.next_end();
        [retry, opening, abandoning, probe, figures, rebooted]
            .into_iter()
            .flatten()
            .min()
    }

    fn on_timer(&mut self, now: Instant) {
        if self.opening_since.is_none() && self.retry_at.is_some_and(|at| at <= now) {
            self.open();
        }
        if let Some(since) = self.waiting_since()
            && since + OPEN_PATIENCE <= now
        {
            let since = if self.was_up {
                self.line.pulse.last()
            } else {
                since
            };
            self.falls_silent(since);
        }
        if let Some(since) = self.waiting_since()
            && self
                .open_abandoned()
                .is_some_and(|patience| since + patience <= now)
            && self.may_abandon()
        {
            self.open_beside();
        }
        match self.probe {
            Probe::Idle if self.line.pulse.last() + PROBE_AFTER <= now => self.ask(now),
            Probe::Asked(at) if at + PROBE_PATIENCE <= now => {
                let last = self.line.pulse.last();
                if last > at {
                    // Other answers came meanwhile: busy with the question, not silent.
                    self.probe = Probe::Asked(last);
                } else {
                    self.falls_silent(last);
                }
            }
            _ => {}
        }
        for id in self.line.reboots.take_ended(now) {
            self.reads.want_facts(id);
            self.read_more();
        }
        if self.figures_due.is_some_and(|due| due <= now) && self.may_read_figures() {
            self.read_figures(now);
        }
    }

    /// A reading is left out while the last one is outstanding, and while nobody answers.
    fn may_read_figures(&self) -> bool {
        self.line.present().link.is_some()
            && !self.reading_figures
            && !matches!(self.snapshot.state, HostState::NotAnswering { .. })
    }

    fn publish(&mut self) {
        if !self.changed {
            return;
        }
        self.changed = false;
        self.snapshot.generation += 1;
        self.snapshot.guests = self.guests.sorted();
        if self.was_up {
            let ago = self.line.pulse.last().elapsed();
            self.snapshot.last_heard = SystemTime::now().checked_sub(ago);
        }
        self.publisher.send_replace(Arc::new(self.snapshot.clone()));
    }

    fn link(&self) -> Option<(Arc<Link>, u64)> {
        let present = self.line.present();
        present.link.clone().map(|link| (link, present.epoch))
    }
}

/// For a branch of `select!` that is disabled.
fn far_away() -> Instant {
    Instant::now() + Duration::from_hours(1)
}
