//! What the dialog holds: choices, host, and which questions were asked about them. Whatever
//! happens, [`State::renew`] asks the questions that have become new and no others.

use std::sync::Arc;
use std::time::Duration;

use backend::Host;
use backend::install::{self, CreateRequest, DiskPlace};
use backend::model::{HostState, Network, Pool};

use super::tasks::{Answer, Tasks};
use super::{Choices, CreateOutput};
use crate::draft::{
    Detection, Draft, Edit, Field, HostFacts, Inspection, Problem, Severity, Step, address, check,
    name,
};
use crate::pages::{PreviewState, View};
use crate::plan;

/// How long to wait for the next key before the URL is looked at.
const TYPING_PAUSE: Duration = Duration::from_millis(400);
/// The same for questions that only go to the host.
const HOST_PAUSE: Duration = Duration::from_millis(200);

/// What the dialog holds.
pub(super) struct State {
    hosts: Vec<Host>,
    host_index: usize,
    draft: Draft,
    facts: Option<HostFacts>,
    /// Pools, networks and bridges of the chosen host, once listed.
    lists: Option<(Vec<Pool>, Vec<Network>, Vec<String>)>,
    problems: Vec<Problem>,
    preview: PreviewState,
    offer: Option<String>,
    asked: Asked,
    was_connected: bool,
    /// Turn to the next page once the URL is found good.
    advance: bool,
    tasks: Tasks,
}

/// The questions asked last.
#[derive(Debug, Default)]
struct Asked {
    tree: Option<(String, String)>,
    lists: Option<usize>,
    proposal: Option<(usize, String)>,
    inspection: Option<(usize, DiskPlace)>,
    preview: Option<CreateRequest>,
}

impl State {
    pub(super) fn new(
        hosts: Vec<Host>,
        preferred: usize,
        draft: Option<Draft>,
        tasks: Tasks,
    ) -> Self {
        let mut state = Self {
            host_index: preferred.min(hosts.len().saturating_sub(1)),
            hosts,
            draft: draft.unwrap_or_default(),
            facts: None,
            lists: None,
            problems: Vec::new(),
            preview: PreviewState::None,
            offer: None,
            asked: Asked::default(),
            was_connected: false,
            advance: false,
            tasks,
        };
        state.watch_host();
        state.renew(Duration::ZERO);
        state
    }

    /// Takes in what the user did.
    pub(super) fn edit(&mut self, edit: Edit) {
        if matches!(edit, Edit::Url(_)) {
            self.advance = false;
        }
        self.draft.apply(edit, self.facts.as_ref());
        self.renew(HOST_PAUSE);
    }

    /// Another host.
    pub(super) fn choose_host(&mut self, index: usize) {
        if index == self.host_index || index >= self.hosts.len() {
            return;
        }
        self.host_index = index;
        self.draft.leave_host();
        self.facts = None;
        self.lists = None;
        self.was_connected = false;
        self.asked = Asked {
            // What is on the web does not depend on the host, but for its processor.
            tree: self.asked.tree.take(),
            ..Asked::default()
        };
        self.watch_host();
        self.renew(Duration::ZERO);
    }

    /// Looks at the URL without waiting for more of it; again, where it failed. Returns whether the
    /// next page is due at once; with `advance` it is also once the URL is found good.
    pub(super) fn look_now(&mut self, advance: bool) -> bool {
        if self.draft.tree().is_some() {
            return advance;
        }
        self.asked.tree = None;
        self.advance = advance;
        self.look_at_url(Duration::ZERO);
        self.finish();
        false
    }

    /// The user went elsewhere meanwhile.
    pub(super) fn stop_advancing(&mut self) {
        self.advance = false;
    }

    /// The clipboard's text: taken where it is surely an install tree, offered where it is an
    /// address of any other kind, otherwise left alone.
    pub(super) fn clipboard(&mut self, text: &str) {
        let Some(url) = address::from_clipboard(text) else {
            return;
        };
        if self.draft.url.value().is_empty() && address::looks_like_tree(url) {
            self.draft.url.propose(url.to_owned());
        } else {
            self.offer = Some(url.to_owned());
        }
        self.renew(Duration::ZERO);
    }

    /// Takes in an answer, when it is one to the question that stands. Returns whether the next
    /// page is due.
    pub(super) fn answer(&mut self, answer: Answer) -> bool {
        let facts = self.facts.as_ref();
        let mut advance = false;
        match answer {
            Answer::HostChanged(host) if host == self.host_index => {}
            Answer::Detected { asked, result } if self.asked.tree.as_ref() == Some(&asked) => {
                advance = self.advance && result.is_ok();
                self.advance = false;
                let detection = match result {
                    Ok(tree) => Detection::Found(Arc::new(tree)),
                    Err(error) => Detection::Failed(error),
                };
                self.draft.detected(detection, facts);
            }
            Answer::Listed {
                host,
                pools,
                networks,
                bridges,
            } if self.asked.lists == Some(host) => self.lists = Some((pools, networks, bridges)),
            Answer::Proposed { asked, result } if self.asked.proposal.as_ref() == Some(&asked) => {
                match result {
                    Ok(place) => self.draft.place_proposed(asked.1, place, facts),
                    // The user can still say where; the page asks for it.
                    Err(error) => tracing::warn!(%error, "no place for the disk was proposed"),
                }
            }
            Answer::Inspected { asked, result }
                if self.asked.inspection.as_ref() == Some(&asked) =>
            {
                self.draft.inspection = match result {
                    Ok(report) => Inspection::Known(report),
                    Err(error) => Inspection::Failed(error),
                };
            }
            Answer::Previewed { asked, result } if self.asked.preview.as_ref() == Some(&asked) => {
                self.preview = match result {
                    Ok(preview) => PreviewState::Ready(preview),
                    Err(error) => PreviewState::Failed(error),
                };
            }
            // An answer to a question that does not stand any more.
            _ => return false,
        }
        self.renew(HOST_PAUSE);
        advance
    }

    /// Begins the creation.
    pub(super) fn create(&mut self) -> Option<CreateOutput> {
        if !self.can_create() {
            return None;
        }
        let host = self.hosts.get(self.host_index)?.clone();
        let request = plan::request(&self.draft, self.facts.as_ref()?)?;
        Some(CreateOutput::Creating {
            name: request.name.clone(),
            url: address::without_credentials(self.draft.url.value().trim()),
            job: install::create(&host, request),
            choices: Choices::new(host.clone(), self.draft.clone()),
            host,
        })
    }

    /// Whether creation can begin: nothing blocks, and the backend foresees no failure.
    pub(super) fn can_create(&self) -> bool {
        self.asked.preview.is_some() && !matches!(self.preview, PreviewState::Failed(_))
    }

    /// The first thing that stands in the way and is not to be seen on this page. What is merely
    /// missing on a page still to come is no news.
    pub(super) fn lacking(&self, step: Step) -> Option<&Problem> {
        if step == Step::Review {
            return None;
        }
        self.problems.iter().find(|problem| match problem.severity {
            Severity::Error => problem.field.step() != step,
            Severity::Missing => problem.field.step() < step,
            Severity::Note | Severity::Warning => false,
        })
    }

    /// Whether closing loses something.
    pub(super) fn is_touched(&self) -> bool {
        self.draft.is_touched()
    }

    /// The name so far.
    pub(super) fn guest_name(&self) -> &str {
        self.draft.guest_name()
    }

    /// The host, under the title.
    pub(super) fn subtitle(&self) -> String {
        self.hosts
            .get(self.host_index)
            .map(|host| format!("on {}", host.snapshot().display_name()))
            .unwrap_or_default()
    }

    /// What the pages show now.
    pub(super) fn view(&self) -> View {
        View {
            draft: self.draft.clone(),
            host: self.facts.clone(),
            problems: self.problems.clone(),
            request: self.asked.preview.clone(),
            preview: self.preview.clone(),
            host_names: self.host_names(),
            host_index: self.host_index,
            offer: self.offer.clone(),
        }
    }

    fn host_names(&self) -> Vec<String> {
        let snapshots: Vec<_> = self.hosts.iter().map(Host::snapshot).collect();
        snapshots
            .iter()
            .map(|snapshot| {
                let name = snapshot.display_name();
                let is_ambiguous = snapshots
                    .iter()
                    .filter(|other| other.display_name() == name)
                    .count()
                    > 1;
                if is_ambiguous {
                    format!("{name} ({})", snapshot.uri)
                } else {
                    name.to_owned()
                }
            })
            .collect()
    }

    fn watch_host(&mut self) {
        if let Some(host) = self.hosts.get(self.host_index) {
            self.tasks.watch(self.host_index, host);
        }
    }

    /// Brings everything up to date with what is known now, and asks what has become a question.
    fn renew(&mut self, pause: Duration) {
        self.look_at_host();
        self.draft.refresh(self.facts.as_ref());
        self.look_at_url(pause.max(TYPING_PAUSE));
        self.ask_host(pause);
        self.finish();
    }

    /// The host as it is now; after a lost connection every question to it is asked anew.
    fn look_at_host(&mut self) {
        let Some(host) = self.hosts.get(self.host_index) else {
            return;
        };
        let snapshot = host.snapshot();
        let is_connected = snapshot.state == HostState::Connected;
        if is_connected && !self.was_connected {
            self.asked = Asked {
                tree: self.asked.tree.take(),
                ..Asked::default()
            };
        }
        self.was_connected = is_connected;
        self.facts = HostFacts::of(&snapshot);
        if let (Some(facts), Some((pools, networks, bridges))) = (&mut self.facts, &self.lists) {
            facts.pools.clone_from(pools);
            facts.networks.clone_from(networks);
            facts.bridges.clone_from(bridges);
        }
    }

    /// Looks at the URL where it is another than before.
    fn look_at_url(&mut self, pause: Duration) {
        let url = self.draft.url.value().trim().to_owned();
        let question = match &self.facts {
            Some(facts) if !url.is_empty() => Some((url, facts.arch.clone())),
            // While the host is away the question stands as it was.
            None if !url.is_empty() => return,
            _ => None,
        };
        if self.asked.tree == question {
            return;
        }
        self.asked.tree.clone_from(&question);
        let detection = if let Some((url, arch)) = question {
            self.tasks.detect(url, arch, pause);
            Detection::Looking
        } else {
            self.tasks.stop_detecting();
            Detection::Nothing
        };
        self.draft.detected(detection, self.facts.as_ref());
    }

    /// Asks the host what it has, where the disk goes, and what it says of that place.
    fn ask_host(&mut self, pause: Duration) {
        let index = self.host_index;
        let (Some(host), Some(facts)) = (self.hosts.get(index).cloned(), &self.facts) else {
            return;
        };
        if !self.was_connected {
            return;
        }
        if self.asked.lists != Some(index) {
            self.asked.lists = Some(index);
            self.tasks.list(index, host.clone());
        }
        let name = self.draft.guest_name();
        // Before the pools are known a proposal could not be written as a path.
        if self.lists.is_some() && !self.draft.disk.is_by_hand() && name::check(name).is_ok() {
            let question = (index, name.to_owned());
            if self.asked.proposal.as_ref() != Some(&question) {
                self.tasks
                    .propose(index, host.clone(), question.1.clone(), pause);
                self.asked.proposal = Some(question);
            }
        }
        let question = self.draft.place(facts).map(|place| (index, place));
        if self.asked.inspection != question {
            self.asked.inspection.clone_from(&question);
            self.draft.inspection = match question {
                Some((index, place)) => {
                    self.tasks.inspect(index, host, place, pause);
                    Inspection::Looking
                }
                None => Inspection::Unknown,
            };
        }
    }

    /// Judges the whole, and has the backend judge it where nothing stands in the way.
    fn finish(&mut self) {
        self.problems = match &self.facts {
            Some(facts) => check(&self.draft, facts),
            None => Vec::new(),
        };
        if let Some(problem) = self.host_problem() {
            self.problems.insert(0, problem);
        }
        let request = match &self.facts {
            Some(facts) if !self.problems.iter().any(Problem::blocks) => {
                plan::request(&self.draft, facts)
            }
            _ => None,
        };
        if self.asked.preview == request {
            return;
        }
        self.asked.preview.clone_from(&request);
        self.preview = match (request, self.hosts.get(self.host_index)) {
            (Some(request), Some(host)) => {
                self.tasks.preview(host.clone(), request, HOST_PAUSE);
                PreviewState::Working
            }
            _ => PreviewState::None,
        };
    }

    /// What is wrong with the connection.
    fn host_problem(&self) -> Option<Problem> {
        let problem = |severity, message: String, remedy: Option<&str>| Problem {
            field: Field::Host,
            severity,
            message,
            remedy: remedy.map(str::to_owned),
        };
        let Some(host) = self.hosts.get(self.host_index) else {
            return Some(problem(
                Severity::Error,
                "There is no host to make a guest on.".into(),
                Some("Add a connection first."),
            ));
        };
        let snapshot = host.snapshot();
        let name = snapshot.display_name();
        match &snapshot.state {
            HostState::Connected => None,
            HostState::Connecting => Some(problem(
                Severity::Missing,
                format!("Connecting to {name}…"),
                None,
            )),
            HostState::NotAnswering { .. } => Some(problem(
                Severity::Error,
                format!("{name} is not answering."),
                Some("What you chose is kept until it does."),
            )),
            HostState::Failed { error, .. } => Some(problem(
                Severity::Error,
                error.message().to_owned(),
                error.remedy(),
            )),
            HostState::Closed => Some(problem(
                Severity::Error,
                format!("The connection to {name} was closed."),
                None,
            )),
        }
    }
}
