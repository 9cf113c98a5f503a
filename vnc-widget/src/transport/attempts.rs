//! Attempts to connect: mostly one, and another one where the first chose a way that leads nowhere.

use std::{sync::Arc, time::Duration};

use rfb::{ClientConfig, SecurityType, TlsUse};
use tokio::time::{Instant, sleep_until};

use super::{
    Phase, Shared,
    session::{Ahead, Session},
    stream,
};
use crate::{Endpoint, Error, TlsPolicy};

/// How long the server may take until the session runs, the time in which the user looks for the
/// password not counted.
pub(super) const SETUP_LIMIT: Duration = Duration::from_secs(20);

/// Connects and runs until the end, which is told to the mailbox.
pub(super) async fn run(
    shared: Arc<Shared>,
    endpoint: Endpoint,
    config: ClientConfig,
    policy: TlsPolicy,
) {
    let result = connect_somehow(&shared, endpoint, config, policy).await;
    if let Err(error) = &result {
        tracing::info!(%error, "VNC connection ended");
    }
    shared
        .mailbox
        .tell(|news| news.phase = Some(Phase::Ended(result.err())));
}

/// Connects, and once more in another way where a security type leads nowhere: what is in it is told
/// only after it is chosen, and then there is no way back.
async fn connect_somehow(
    shared: &Arc<Shared>,
    endpoint: Endpoint,
    mut config: ClientConfig,
    policy: TlsPolicy,
) -> Result<(), Error> {
    config.tls = if policy.pin.is_some() {
        // It had TLS before: that it should be gone is not to be believed.
        TlsUse::Required
    } else {
        TlsUse::IfOffered
    };
    let mut dead_end = None;
    let mut ahead = Ahead::default();
    let mut next = endpoint;
    loop {
        let again = next.again();
        let result = connect(shared, next, config.clone(), policy.clone(), &mut ahead).await;
        let failure = match result {
            // Everything was tried: the first reason tells more.
            Err(Error::Rfb(rfb::Error::UnsupportedSecurity { within: None, .. }))
                if dead_end.is_some() =>
            {
                return dead_end.map_or(Ok(()), Err);
            }
            Err(Error::Rfb(failure)) => failure,
            other => return other,
        };
        let avoidable = match &failure {
            rfb::Error::UnsupportedSecurity { within, .. } => *within,
            rfb::Error::UnsupportedSasl { tls: false, .. } => Some(SecurityType::SASL),
            _ => None,
        };
        match (again, avoidable) {
            (Some(again), Some(kind)) if !config.avoid.contains(&kind) => {
                tracing::debug!(%failure, "another security type is tried");
                config.avoid.push(kind);
                dead_end.get_or_insert(failure.into());
                next = again;
            }
            _ => return Err(failure.into()),
        }
    }
}

async fn connect(
    shared: &Arc<Shared>,
    endpoint: Endpoint,
    config: ClientConfig,
    policy: TlsPolicy,
    ahead: &mut Ahead,
) -> Result<(), Error> {
    let target = endpoint.to_string();
    let host = endpoint.host().map(str::to_owned);
    let deadline = Instant::now() + SETUP_LIMIT;
    let connected = tokio::select! {
        connected = stream::connect(endpoint) => connected,
        () = sleep_until(deadline) => Err(no_answer(&target)),
        () = shared.input.closed() => return Ok(()),
    };
    let peer = Peer { host, policy };
    let stream = connected?;
    let mut session = Session::new(
        Arc::clone(shared),
        target,
        config,
        std::mem::take(ahead),
        deadline,
    );
    let result = session.run(stream, peer).await;
    *ahead = session.into_ahead();
    result
}

/// Who the server should be.
pub(super) struct Peer {
    /// The name it is reached by, where it is not on this computer.
    pub(super) host: Option<String>,
    pub(super) policy: TlsPolicy,
}

/// Nobody spoke at `target` for too long.
pub(super) fn no_answer(target: &str) -> Error {
    Error::NoAnswer {
        target: target.to_owned(),
        after: SETUP_LIMIT,
    }
}
