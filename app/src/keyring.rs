//! Passwords of screens that the user wants kept: in the desktop's own keyring (the Secret Service of
//! GNOME, KDE and others, or the portal inside Flatpak), and nowhere else.

use std::collections::HashMap;
use std::time::Duration;

use oo7::Keyring;
use oo7::dbus::Service;
use vnc_widget::Credentials;

/// What marks entries as ours.
const SCHEMA: &str = "guesthouse.screen";

/// How long the service may take to say that it is there. Some desktops have none.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a search found.
#[derive(Debug)]
pub enum Found {
    /// There is no keyring, or it stays locked.
    NoKeyring,
    /// It holds nothing for this.
    Nothing,
    /// This was kept.
    Kept(Credentials),
}

/// Looks for what is kept for `account`. May take as long as somebody takes to unlock the keyring.
pub async fn find(account: &str) -> Found {
    match try_find(account).await {
        Ok(found) => found,
        Err(error) => {
            tracing::info!(%error, "no keyring");
            Found::NoKeyring
        }
    }
}

/// Keeps `credentials` for `account`, instead of what was kept.
pub async fn keep(account: &str, credentials: &Credentials) {
    if let Err(error) = try_keep(account, credentials).await {
        tracing::warn!(%error, "the password was not kept");
    }
}

/// Forgets what is kept for `account`.
pub async fn forget(account: &str) {
    let forgotten = async {
        let keyring = Keyring::new().await?;
        keyring.unlock().await?;
        keyring.delete(&attributes(account)).await
    };
    if let Err(error) = forgotten.await {
        tracing::warn!(%error, "the password was not forgotten");
    }
}

async fn try_find(account: &str) -> oo7::Result<Found> {
    if !exists().await? {
        return Ok(Found::Nothing);
    }
    let keyring = Keyring::new().await?;
    let items = keyring.search_items(&attributes(account)).await?;
    // Nobody is asked to unlock a keyring that holds nothing for this.
    let Some(item) = items.first() else {
        return Ok(Found::Nothing);
    };
    if item.is_locked().await? {
        item.unlock().await?;
    }
    let secret = item.secret().await?;
    let user = item.attributes().await?.remove("user");
    let Ok(password) = std::str::from_utf8(secret.as_bytes()) else {
        return Ok(Found::Nothing);
    };
    Ok(Found::Kept(match user {
        Some(user) => Credentials::user(user, password),
        None => Credentials::password(password),
    }))
}

async fn try_keep(account: &str, credentials: &Credentials) -> oo7::Result<()> {
    let keyring = Keyring::new().await?;
    keyring.unlock().await?;
    // The user's name is among what an entry is found by: one with another name would stay beside.
    keyring.delete(&attributes(account)).await?;
    let mut attributes = attributes(account);
    if let Some(user) = credentials.user_name() {
        attributes.insert("user", user);
    }
    let label = format!("Screen of {account}");
    let secret = oo7::Secret::text(credentials.expose_password());
    keyring
        .create_item(&label, &attributes, secret, true)
        .await?;
    Ok(())
}

/// Whether there is one without making one: that would ask for a password, for nothing.
async fn exists() -> oo7::Result<bool> {
    if oo7::ashpd::is_sandboxed() {
        return Ok(true);
    }
    let look = async { Service::new().await?.with_alias("default").await };
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(found) => Ok(found?.is_some()),
        Err(_) => Err(oo7::dbus::Error::NotFound("org.freedesktop.secrets".to_owned()).into()),
    }
}

fn attributes(account: &str) -> HashMap<&'static str, &str> {
    HashMap::from([("xdg:schema", SCHEMA), ("server", account)])
}
