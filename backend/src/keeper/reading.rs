//! What the keeper reads: everything after connecting, then just the guests concerned.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use virt::domain::Domain;

use super::guests::{Look, Moment};
use super::{Keeper, Message};
use crate::error::{ErrorKind, Result};
use crate::events::StaleGuests;
use crate::hypervisor;
use crate::link::Link;
use crate::listing::{self, Listing};
use crate::model::{GuestId, HostState};
use crate::worker::WORKERS;
use crate::xml::domain::{self, DomainView};

/// How long a reading may take. Silence ends it earlier.
const READ_LIMIT: Duration = Duration::from_mins(1);

/// Guests looked at in one go, and how many goes at a time: enough to hide some of the latency of a
/// far host, few enough to leave half of the workers for what the user asks.
const CHUNK: usize = 8;
const CHUNKS: usize = WORKERS / 2;

/// With more changed guests than this, reading the whole list is cheaper.
const RELIST_ABOVE: usize = 64;

/// What is to be read of one guest.
#[derive(Debug, Clone, Copy, Default)]
struct Want {
    facts: bool,
    definition: bool,
}

/// Guests to look at, and those being looked at.
#[derive(Debug, Default)]
pub(super) struct Reads {
    wanted: BTreeMap<GuestId, Want>,
    busy: HashSet<GuestId>,
    chunks: usize,
    listing: bool,
    relist: bool,
}

impl Reads {
    /// Whether a list is still to be read that could not be read so far.
    pub(super) fn owes_list(&self) -> bool {
        self.relist && !self.listing
    }

    /// Notes that a guest's state is to be read.
    pub(super) fn want_facts(&mut self, id: GuestId) {
        self.wanted.entry(id).or_default().facts = true;
    }

    /// Notes what events named.
    pub(super) fn want_stale(&mut self, stale: StaleGuests) {
        if stale.state.len() > RELIST_ABOVE {
            self.relist = true;
        } else {
            for id in stale.state {
                self.want_facts(id);
            }
        }
        for id in stale.definition {
            self.wanted.entry(id).or_default().definition = true;
        }
    }

    /// Takes the next guests to look at. One that is being looked at waits, so that its answers
    /// come in order.
    fn next_chunk(&mut self) -> Option<Vec<(GuestId, Want)>> {
        if self.chunks >= CHUNKS {
            return None;
        }
        let chunk: Vec<(GuestId, Want)> = self
            .wanted
            .iter()
            .filter(|(id, _)| !self.busy.contains(id))
            .take(CHUNK)
            .map(|(&id, &want)| (id, want))
            .collect();
        if chunk.is_empty() {
            return None;
        }
        for (id, _) in &chunk {
            self.wanted.remove(id);
            self.busy.insert(*id);
        }
        self.chunks += 1;
        Some(chunk)
    }
}

impl Keeper {
    /// Reads everything a new connection is asked for; the list comes first.
    pub(super) fn read_everything(&mut self) {
        self.read_list();
        let Some((_, epoch)) = self.link() else {
            return;
        };
        let listener = Arc::new(self.listener(epoch));
        self.line.worker.runtime().spawn({
            let line = self.line.clone();
            async move {
                let registering = line.call(READ_LIMIT, move |link| {
                    link.listen_further(&listener);
                    Ok(())
                });
                if let Err(error) = registering.await {
                    tracing::debug!(%error, "some events are not listened to");
                }
            }
        });
        self.read_info();
    }

    /// Reads what the host says of itself.
    pub(super) fn read_info(&mut self) {
        let Some((_, epoch)) = self.link() else {
            return;
        };
        // A host that tries its emulators first needs long: asking again makes it longer.
        if std::mem::replace(&mut self.reading_info, true) {
            return;
        }
        let uri = self.snapshot.uri.clone();
        self.spawn_read(
            move |link| hypervisor::read_info(link, &uri),
            move |result| Message::Info { epoch, result },
        );
    }

    /// Reads the list, unless that is under way; then once more afterwards.
    pub(super) fn read_list(&mut self) {
        if self.reads.listing {
            self.reads.relist = true;
            return;
        }
        let Some((_, epoch)) = self.link() else {
            return;
        };
        self.reads.listing = true;
        let moment = self.tick();
        let own = crate::uri::runs_in_this_process(&self.snapshot.uri);
        self.spawn_read(
            move |link| listing::list(link, own),
            move |result| Message::Listed {
                epoch,
                moment,
                result,
            },
        );
    }

    pub(super) fn listed(&mut self, result: Result<Listing>, moment: Moment) {
        self.reads.listing = false;
        let mut listing = match result {
            Ok(listing) => listing,
            Err(error) if error.kind() == ErrorKind::NotAnswering => {
                // The keeper's own question will tell; when the host answers it is listed anew.
                self.reads.relist = true;
                return;
            }
            Err(error) => {
                if !self.listed {
                    self.drop_link();
                    self.failed(error, false);
                }
                return;
            }
        };
        self.bulk = listing.bulk;
        let now = Instant::now();
        for facts in &mut listing.guests {
            self.line.reboots.correct(facts, now);
        }
        self.changed |= self.guests.take_list(listing.guests, moment);
        if !self.listed {
            self.listed = true;
            self.snapshot.traits_known = false;
            self.was_up = true;
            self.set_state(HostState::Connected);
            for id in self.guests.ids() {
                self.reads.wanted.entry(id).or_default().definition = true;
            }
        }
        for id in self.guests.ids() {
            if self
                .guests
                .get(id)
                .is_some_and(|guest| guest.details.is_none())
            {
                self.reads.wanted.entry(id).or_default().definition = true;
            }
        }
        for id in listing.incomplete {
            self.reads.want_facts(id);
        }
        if let Some((_, epoch)) = self.link() {
            let moment = self.tick();
            self.spawn_read(listing::list_traits, move |result| Message::Traits {
                epoch,
                moment,
                result,
            });
        }
        self.read_more();
    }

    /// Starts as many looks at guests as may be under way.
    pub(super) fn read_more(&mut self) {
        if std::mem::take(&mut self.reads.relist) {
            self.read_list();
        }
        let Some((_, epoch)) = self.link() else {
            return;
        };
        let bulk = self.bulk;
        while let Some(chunk) = self.reads.next_chunk() {
            let moment = self.tick();
            let ids: Vec<GuestId> = chunk.iter().map(|&(id, _)| id).collect();
            self.spawn_read(
                move |link| {
                    let looks = chunk
                        .iter()
                        .map(|&(id, want)| (id, look(link, id, want, bulk)))
                        .collect();
                    Ok(looks)
                },
                move |result| Message::Looked {
                    epoch,
                    moment,
                    looks: result.unwrap_or_else(|error| {
                        ids.into_iter().map(|id| (id, Err(error.clone()))).collect()
                    }),
                },
            );
        }
    }

    pub(super) fn looked(&mut self, looks: Vec<(GuestId, Result<Look>)>, moment: Moment) {
        self.reads.chunks = self.reads.chunks.saturating_sub(1);
        for (id, look) in looks {
            self.reads.busy.remove(&id);
            match look {
                Ok(mut look) => {
                    if let Some((facts, _)) = &mut look.facts {
                        self.line.reboots.correct(facts, Instant::now());
                    }
                    self.changed |= self.guests.take_look(id, look, moment);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.changed |= self.guests.remove(id, moment);
                    self.reads.wanted.remove(&id);
                }
                Err(error) => {
                    if error.kind() == ErrorKind::NotAnswering {
                        let want = self.reads.wanted.entry(id).or_default();
                        (want.facts, want.definition) = (true, true);
                    }
                    tracing::debug!(guest = %id.0, %error, detail = error.detail(), "cannot be read");
                }
            }
        }
        self.read_more();
    }

    /// Runs `read` on a worker and sends what `message` makes of its outcome.
    pub(super) fn spawn_read<T, R, M>(&self, read: R, message: M)
    where
        T: Send + 'static,
        R: FnOnce(&Link) -> Result<T> + Send + 'static,
        M: FnOnce(Result<T>) -> Message + Send + 'static,
    {
        let line = self.line.clone();
        self.line.worker.runtime().spawn(async move {
            let result = line.call(READ_LIMIT, read).await;
            let _ = line.inbox.send(message(result));
        });
    }

    fn tick(&mut self) -> Moment {
        self.clock += 1;
        self.clock
    }
}

/// Looks at one guest. Blocks.
fn look(link: &Link, id: GuestId, want: Want, bulk: bool) -> Result<Look> {
    let guest = link.domain(id)?;
    let mut look = Look::default();
    if want.facts {
        look.facts = Some(listing::look_at(&guest, bulk)?);
    }
    if want.definition {
        match read_definition(&guest) {
            Ok(definition) => look.definition = Some(definition),
            // One that is not understood must not keep the guest's state from being known.
            Err(error) if want.facts && error.kind() == ErrorKind::InvalidInput => {
                tracing::warn!(guest = %id.0, %error, detail = error.detail(), "not understood");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(look)
}

fn read_definition(guest: &Domain) -> Result<DomainView> {
    domain::read(&guest.xml_desc(0)?)
}
