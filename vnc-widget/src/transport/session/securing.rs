//! From a stream that everybody can read to one inside TLS.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, sleep_until},
};

use super::Session;
use crate::{
    Error,
    transport::{
        Input, Phase,
        attempts::{Peer, SETUP_LIMIT, no_answer},
        input::Taken,
        stream::ByteStream,
        tls,
    },
    trust::Fingerprint,
};

impl Session {
    /// Sends what is left to be said in clear.
    pub(super) async fn flush(
        &mut self,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), Error> {
        let deadline = self
            .deadline
            .unwrap_or_else(|| Instant::now() + SETUP_LIMIT);
        let rest = self.outgoing.rest();
        let count = rest.len();
        let all = async {
            writer.write_all(rest).await?;
            writer.flush().await
        };
        let sent = tokio::select! {
            sent = all => sent,
            () = sleep_until(deadline) => return Err(self.too_late()),
        };
        sent.map_err(|error| self.broken(&error))?;
        self.outgoing.advance(count);
        Ok(())
    }

    /// Makes the stream a secret one, and has the question answered whether the server is the right
    /// one. Gives the new stream and how many bytes of it are in the buffer; nothing when this side
    /// ended it.
    pub(super) async fn secure(
        &mut self,
        stream: Box<dyn ByteStream>,
        rest: Vec<u8>,
        peer: Peer,
        buffer: &mut [u8],
    ) -> Result<Option<(Box<dyn ByteStream>, usize)>, Error> {
        let deadline = Instant::now() + SETUP_LIMIT;
        let shared = Arc::clone(&self.shared);
        let secured = tokio::select! {
            secured = tls::establish(stream, rest, peer.policy, peer.host) => secured?,
            () = sleep_until(deadline) => return Err(no_answer(&self.target)),
            () = shared.input.closed() => return Ok(None),
        };
        self.tls = Some(secured.tls);
        self.shown = secured.shown;
        let mut stream = secured.stream;
        let mut first = 0;
        if let Some(question) = secured.question {
            let certificate = question.certificate.fingerprint;
            // What was said before the question is no answer to it.
            self.take_input()?;
            shared
                .mailbox
                .tell(|news| news.phase = Some(Phase::NeedsTrust(Box::new(question))));
            loop {
                match self.take_answer(certificate)? {
                    Some(true) => break,
                    Some(false) => return Err(Error::NotTrusted),
                    None if self.closing => return Ok(None),
                    None => {}
                }
                tokio::select! {
                    // A server may speak before it is answered, or go.
                    read = stream.read(buffer), if first == 0 => match read {
                        Ok(0) => return Err(self.ended_in_tls()),
                        Ok(count) => first = count,
                        Err(error) => return Err(self.broken(&error)),
                    },
                    () = shared.input.changed() => {}
                }
            }
        }
        self.deadline = Some(Instant::now() + SETUP_LIMIT);
        self.shared.count_received(first);
        Ok(Some((Box::new(stream), first)))
    }

    /// Looks whether it was said that the server which showed `asked` is trusted, or not.
    fn take_answer(&mut self, asked: Fingerprint) -> Result<Option<bool>, Error> {
        loop {
            match self.shared.input.take(true) {
                Taken::Input(Input::Trust {
                    certificate,
                    trusted,
                }) if certificate == asked => return Ok(Some(trusted)),
                Taken::Input(input) => self.send(input),
                Taken::Nothing => return Ok(None),
                Taken::Overflowed => return Err(Error::NotReading),
                Taken::Closed => {
                    self.closing = true;
                    return Ok(None);
                }
            }
        }
    }
}
