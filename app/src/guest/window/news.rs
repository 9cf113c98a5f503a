//! Following the guest: from what is newly known to what is shown.

use std::sync::Arc;
use std::time::Duration;

use backend::model::{Guest, GuestDetails, GuestId, HostSnapshot, HostState};
use relm4::prelude::*;

use super::{CONSOLE, GuestWindow, GuestWindowAnswer, GuestWindowInput, SCREEN};
use crate::guest::console::{Console, ConsoleInput, ConsoleOutput};
use crate::guest::memory::MemoryInput;
use crate::guest::scene::{Face, Scene, Situation};
use crate::manager::words;
use crate::screen::cover::{Below, CoverInput};
use crate::screen::link::Link;

impl GuestWindow {
    /// Begins to follow the guest.
    pub(super) fn begin(&mut self, id: GuestId, sender: &ComponentSender<Self>) {
        self.id = Some(id);
        let mut news = self.host.watch();
        sender.command(move |out, shutdown| {
            shutdown
                .register(async move {
                    let mut last: Option<Arc<HostSnapshot>> = None;
                    loop {
                        let now = news.borrow_and_update().clone();
                        let same = last.as_ref().is_some_and(|last| {
                            last.state == now.state && last.guest(id) == now.guest(id)
                        });
                        if !same {
                            last = Some(now.clone());
                            out.emit(GuestWindowAnswer::News(now));
                        }
                        if news.changed().await.is_err() {
                            return;
                        }
                    }
                })
                .drop_on_shutdown()
        });
    }

    pub(super) fn take_news(
        &mut self,
        snapshot: Arc<HostSnapshot>,
        sender: &ComponentSender<Self>,
    ) {
        let Some(id) = self.id else { return };
        let before = self.guest.take();
        self.guest = snapshot.guest(id).cloned();
        let run = |guest: &Option<Arc<Guest>>| {
            guest
                .as_ref()
                .map(|guest| (guest.state.is_active(), guest.domain_id))
        };
        if let Some(guest) = self.guest.clone() {
            if self.name != guest.name {
                self.name.clone_from(&guest.name);
                self.parts.around.set_name(&guest.name);
            }
            let listed = |guest: &Guest| guest.details.clone();
            let was_listed = before.as_deref().and_then(listed);
            match listed(&guest) {
                Some(details) if Some(&details) != was_listed.as_ref() => {
                    self.take_details(details, sender);
                }
                _ => {}
            }
            if run(&before) != run(&self.guest) {
                self.fetch_details(id, sender);
                if !guest.state.is_active() {
                    self.console_wanted = false;
                }
                // What was added is there once the guest started again.
                if guest.state.is_active() && before.is_some() {
                    self.vnc_added = false;
                }
            }
        }
        let connected = snapshot.state == HostState::Connected;
        self.seen = Some(snapshot);
        self.parts
            .memory
            .emit(MemoryInput::Guest(self.guest.clone(), connected));
        self.arrange(sender);
        self.count_absence(sender);
    }

    /// Brings the age of a host that is away up to date, every second.
    pub(super) fn count_absence(&mut self, sender: &ComponentSender<Self>) {
        let silent = self
            .seen
            .as_ref()
            .is_some_and(|seen| matches!(seen.state, HostState::NotAnswering { .. }));
        if silent && !self.counting {
            self.counting = true;
            sender.oneshot_command(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                GuestWindowAnswer::SecondPassed
            });
        }
    }

    pub(super) fn fetch_details(&self, id: GuestId, sender: &ComponentSender<Self>) {
        let host = self.host.clone();
        sender.oneshot_command(async move { GuestWindowAnswer::Details(host.details(id).await) });
    }

    pub(super) fn take_details(
        &mut self,
        details: Arc<GuestDetails>,
        sender: &ComponentSender<Self>,
    ) {
        self.details = Some(details);
        self.arrange(sender);
    }

    /// Brings pages, screen and console in line with what is known.
    pub(super) fn arrange(&mut self, sender: &ComponentSender<Self>) {
        let wanted = self.is_wanted();
        self.offer_displays();
        // A guest that is off keeps the last picture of whatever screen it had.
        if wanted {
            self.make_screen(sender);
        }
        if let Some(screen) = &self.parts.screen {
            // A display that the guest has no longer is not asked for again.
            let there = screen.display().is_none() || self.face() == Some(Face::Vnc);
            screen.want(wanted && there);
        }
        if self.has_console() {
            self.make_console(sender);
        }
        if let Some(console) = &self.parts.console {
            console.emit(ConsoleInput::Reachable(self.is_connected()));
            console.emit(ConsoleInput::Wanted(wanted && self.console_wanted));
        }
        // Without a screen the console is what there is to see.
        if wanted
            && self.face() == Some(Face::NoScreen)
            && self.parts.console.is_some()
            && !matches!(self.scene, Scene::NoScreen { .. })
        {
            self.parts.pages.set_visible_child_name(CONSOLE);
        }
        self.stage_scene();
    }

    pub(super) fn make_console(&mut self, sender: &ComponentSender<Self>) {
        let Some(id) = self.id else { return };
        if self.parts.console.is_some() {
            return;
        }
        let console = Console::builder()
            .launch((self.host.clone(), id))
            .forward(sender.input_sender(), |ConsoleOutput::Leave| {
                GuestWindowInput::LeaveConsole
            });
        let page = self
            .parts
            .pages
            .add_titled(console.widget(), Some(CONSOLE), "_Console");
        page.set_icon_name(Some("utilities-terminal-symbolic"));
        page.set_use_underline(true);
        self.parts.console = Some(console);
    }

    pub(super) fn page_changed(&mut self) {
        let is_console = self.parts.pages.visible_child_name().as_deref() == Some(CONSOLE);
        let active = self
            .guest
            .as_ref()
            .is_some_and(|guest| guest.state.is_active());
        if is_console && active {
            self.console_wanted = true;
        }
        if let Some(console) = &self.parts.console {
            console.emit(ConsoleInput::Wanted(active && self.console_wanted));
        }
        self.focus_page();
    }

    /// Lets what is typed go to what the page shows.
    pub(super) fn focus_page(&self) {
        if self.parts.pages.visible_child_name().as_deref() != Some(CONSOLE) {
            if self.scene == Scene::Clear {
                self.focus_screen();
            }
        } else if let Some(console) = &self.parts.console {
            console.emit(ConsoleInput::Focus);
        }
    }

    /// Says over the picture what has to be said.
    pub(super) fn stage_scene(&mut self) {
        let Some(scene) = self.scene_of(self.face(), &self.link) else {
            self.enable_actions();
            return;
        };
        self.stage_displays();
        let screen = self.parts.screen.as_ref();
        let below = screen.map_or(Below::Nothing, |screen| screen.below(&self.link));
        let message = scene.message(&self.name, self.vnc_added);
        self.parts
            .cover
            .emit(CoverInput::Show(message.map(Box::new), below));
        let cleared = scene == Scene::Clear && self.scene != Scene::Clear;
        self.scene = scene;
        self.enable_actions();
        if cleared && self.parts.pages.visible_child_name().as_deref() == Some(SCREEN) {
            self.focus_screen();
        }
    }

    /// What lies over the picture of a screen with this face that is reached by `link`. Nothing is
    /// known before the host was seen.
    pub(super) fn scene_of(&self, face: Option<Face>, link: &Link) -> Option<Scene> {
        let seen = self.seen.as_ref()?;
        Some(match (&self.saving, &self.starting) {
            (Some(saving), _) => saving.scene(),
            (None, Some(starting)) => starting.scene(),
            (None, None) if self.is_host_itself() && self.is_connected() => Scene::HostItself,
            (None, None) => Scene::of(Situation {
                host: &seen.state,
                absence: &words::absence(seen),
                guest: self.guest.as_deref(),
                face,
                has_console: self.has_console(),
                link,
            }),
        })
    }
}
