//! Connecting to a host before it is added.

use std::sync::Arc;

use backend::model::{HostInfo, HostSnapshot, HostState};
use backend::{ErrorKind, Host, Result};

/// Waits until it is known what the host is, and says so in words. One that says nothing for long is
/// waited for all the same, for perhaps it asks somebody for a password; `silent` is called then.
///
/// # Errors
/// Why it cannot be connected.
pub async fn connect(host: &Host, silent: impl Fn()) -> Result<String> {
    loop {
        let outcome = async {
            host.connected().await?;
            host.info().await
        };
        match outcome.await {
            Ok(info) => return Ok(words(&info, &host.snapshot())),
            Err(error) if error.kind() == ErrorKind::NotAnswering => {
                silent();
                let is_over = |snapshot: &Arc<HostSnapshot>| {
                    !matches!(snapshot.state, HostState::NotAnswering { .. })
                };
                if host.watch().wait_for(is_over).await.is_err() {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

fn words(info: &HostInfo, snapshot: &HostSnapshot) -> String {
    let guests = snapshot
        .guests
        .iter()
        .filter(|guest| !guest.is_host_itself(Some(info.kind)));
    let guests = match guests.count() {
        0 => "no virtual machines".to_owned(),
        1 => "1 virtual machine".to_owned(),
        number => format!("{number} virtual machines"),
    };
    format!(
        "{} on {}, {guests}",
        info.hypervisor,
        snapshot.display_name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use backend::fake::{FakeHost, guest};
    use backend::model::GuestState;

    #[tokio::test]
    async fn a_host_that_answers_is_told_in_words() {
        let (host, fake) = FakeHost::connected(&tokio::runtime::Handle::current());
        let info = host.info().await.unwrap();
        let begin = format!("{} on {}", info.hypervisor, info.hostname);
        let told = connect(&host, || {}).await.unwrap();
        assert_eq!(told, format!("{begin}, no virtual machines"));
        fake.add(guest("web", GuestState::Off));
        assert_eq!(
            connect(&host, || {}).await.unwrap(),
            format!("{begin}, 1 virtual machine")
        );
    }
}
