//! Searching the list, and fetching the definitions that rows and the search look at.

use relm4::ComponentSender;

use crate::manager::rows::RowKey;
use crate::manager::search::Query;
use crate::manager::{Manager, ManagerInput};

impl Manager {
    /// Shows what answers `text`.
    pub(super) fn set_search(&mut self, text: String, sender: &ComponentSender<Self>) {
        if self.search == text {
            return;
        }
        self.list.set_query(Query::new(&text));
        self.search = text;
        if self.list.is_searching() {
            self.want_all_details(sender);
            if let Some(place) = self.list.first_guest() {
                self.view.select(place);
            }
        }
        self.update_page();
    }

    /// Wants every guest's definition, since the search looks at their systems too.
    pub(super) fn want_all_details(&mut self, sender: &ComponentSender<Self>) {
        let hosts = self.list.hosts().iter();
        let all = hosts.flat_map(|entry| {
            let guests = entry.snapshot.guests.iter();
            guests.map(|guest| RowKey::Guest(entry.id, guest.id))
        });
        self.details.want(all);
        self.fetch(sender);
    }

    /// Fetches the definitions that are wanted, a few at a time.
    pub(super) fn fetch(&mut self, sender: &ComponentSender<Self>) {
        while let Some(key) = self.details.next() {
            let wanted = self.list.item(key).and_then(|item| {
                let content = item.guest()?;
                (content.live && content.guest.details.is_none()).then_some(content.guest.id)
            });
            let host = match key {
                RowKey::Guest(id, _) | RowKey::Host(id) => self.list.host(id),
            };
            let (Some(guest), Some(host)) = (wanted, host.map(|entry| entry.host.clone())) else {
                self.details.done();
                continue;
            };
            let input = sender.input_sender().clone();
            relm4::spawn_local(async move {
                // The definition comes with the next snapshot. A row without one shows less, which
                // says enough: the guest may be gone by now.
                if let Err(error) = host.details(guest).await {
                    tracing::debug!(%error, "no details");
                }
                let _ = input.send(ManagerInput::Fetched);
            });
        }
    }
}
