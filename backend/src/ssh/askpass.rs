//! What ssh asks, brought from the program that ssh starts for it to the one that runs.
//!
//! ssh starts `$SSH_ASKPASS` with the prompt as its argument. That is this program again, which finds
//! the way to the running one in its environment: a socket in a private folder. The running one asks
//! the person, and what comes back is printed for ssh.

use std::env;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::Path;
use std::process::ExitCode;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use zeroize::Zeroizing;

use crate::asking::Attempt;
use crate::question::{About, Field, HostKey, Secret};

/// Names the socket of the running program.
const SOCKET: &str = "GUESTHOUSE_ASKPASS";

/// In which ssh says what sort of question it is.
const KIND: &str = "SSH_ASKPASS_PROMPT";

/// A prompt that is longer is none.
const LONGEST: u32 = 64 << 10;

/// How many characters of a prompt are shown: servers may say anything.
const SHOWN: usize = 300;

/// Begins an answer; without it the question was not answered.
const ANSWERED: u8 = b'+';

/// What ssh's environment needs, so that it asks through the socket by starting `program`.
pub(super) fn environment<'a>(
    program: &'a Path,
    socket: &'a Path,
) -> [(&'static str, &'a std::ffi::OsStr); 3] {
    [
        ("SSH_ASKPASS", program.as_os_str()),
        ("SSH_ASKPASS_REQUIRE", "force".as_ref()),
        (SOCKET, socket.as_os_str()),
    ]
}

/// In a program that ssh started to ask something: asks it, prints the answer, and gives the status
/// to end with. Nothing: the program was started for something else.
pub fn answer_for_ssh() -> Option<ExitCode> {
    let socket = env::var_os(SOCKET)?;
    let prompt = env::args_os().nth(1).unwrap_or_default();
    let kind = env::var(KIND).unwrap_or_default();
    let asked = ask_running(Path::new(&socket), &kind, &prompt.to_string_lossy());
    Some(match asked {
        Ok(Some(answer)) => {
            let mut out = io::stdout().lock();
            let printed = out.write_all(&answer).and_then(|()| out.write_all(b"\n"));
            match printed.and_then(|()| out.flush()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("guesthouse: the question of ssh cannot be passed on: {error}");
            ExitCode::FAILURE
        }
    })
}

fn ask_running(socket: &Path, kind: &str, prompt: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut stream = BlockingStream::connect(socket)?;
    for text in [kind, prompt] {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(text.as_bytes())?;
    }
    let mut mark = [0];
    if stream.read(&mut mark)? == 0 || mark != [ANSWERED] {
        return Ok(None);
    }
    let mut answer = Zeroizing::new(Vec::with_capacity(1024));
    stream.read_to_end(&mut answer)?;
    Ok(Some(answer))
}

/// Asks what comes over `listener`, until a question is not answered; then it returns, and the
/// attempt knows why.
pub(super) async fn serve(listener: &UnixListener, attempt: &Attempt) {
    while let Ok((stream, _)) = listener.accept().await {
        match pass_on(stream, attempt).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "a question of ssh was lost"),
        }
    }
}

/// Passes one question on. Tells whether the attempt goes on.
async fn pass_on(mut stream: UnixStream, attempt: &Attempt) -> io::Result<bool> {
    let kind = read_text(&mut stream).await?;
    let prompt = read_text(&mut stream).await?;
    let about = understand(&kind, &prompt);
    let trusts = matches!(about, About::HostKey(_));
    let mut end = [0];
    let answers = tokio::select! {
        answers = attempt.ask(about) => answers,
        // ssh no longer wants to know.
        _ = stream.read(&mut end) => return Ok(true),
    };
    let Some(answers) = answers else {
        return Ok(false);
    };
    let yes = Secret::from("yes");
    let answer = if trusts { Some(&yes) } else { answers.first() };
    if let Some(answer) = answer {
        stream.write_all(&[ANSWERED]).await?;
        stream.write_all(answer.expose().as_bytes()).await?;
    }
    stream.shutdown().await?;
    Ok(true)
}

async fn read_text(stream: &mut UnixStream) -> io::Result<String> {
    let length = stream.read_u32().await?;
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = vec![0; length as usize];
    stream.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// What a prompt of ssh asks. ssh does not translate its own.
fn understand(kind: &str, prompt: &str) -> About {
    if let Some(key) = host_key(prompt) {
        return About::HostKey(key);
    }
    let prompt: String = prompt.trim().chars().take(SHOWN).collect();
    if kind == "none" {
        return About::Notice(prompt);
    }
    // A question of yes or no, or a user name, may be seen; whatever else is asked may not.
    let open = prompt.contains("(yes/no") || prompt.ends_with("sername:");
    About::Credentials {
        fields: vec![Field {
            prompt: prompt.trim_end_matches(':').to_owned(),
            secret: !open,
            default: None,
        }],
        refused: false,
    }
}

fn host_key(prompt: &str) -> Option<HostKey> {
    let (_, rest) = prompt.split_once("authenticity of host '")?;
    let (host, rest) = rest.split_once("' can't be established")?;
    let at = rest.find("SHA256:")?;
    let (before, from) = rest.split_at(at);
    let end = from.find(char::is_whitespace).unwrap_or(from.len());
    let (fingerprint, after) = from.split_at(end);
    let key_type = before
        .lines()
        .last()?
        .split_once(" key fingerprint")
        .map_or("", |(kind, _)| kind);
    // What lies between the fingerprint and ssh's own question.
    let note: Vec<&str> = after
        .trim_start_matches('.')
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Are you sure"))
        .filter(|line| !line.is_empty())
        .collect();
    Some(HostKey {
        host: host.to_owned(),
        key_type: key_type.trim().to_owned(),
        fingerprint: fingerprint.trim_end_matches('.').to_owned(),
        note: note.join("\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_host_key_is_understood() {
        // As ssh of OpenSSH 9.2 says it, and with the colon of later ones.
        for is in ["is", "is:"] {
            let prompt = format!(
                "The authenticity of host '[127.0.0.1]:2222 ([127.0.0.1]:2222)' can't be \
                 established.\nED25519 key fingerprint {is} \
                 SHA256:NsD5hkQaJA5lelXVFmRDqgyfwZvju3hulJIsr5a0I98.\nThis key is not known by any \
                 other names.\nAre you sure you want to continue connecting \
                 (yes/no/[fingerprint])? "
            );
            let About::HostKey(key) = understand("", &prompt) else {
                panic!("a question for a host's key");
            };
            assert_eq!(key.host, "[127.0.0.1]:2222 ([127.0.0.1]:2222)");
            assert_eq!(key.key_type, "ED25519");
            assert_eq!(
                key.fingerprint,
                "SHA256:NsD5hkQaJA5lelXVFmRDqgyfwZvju3hulJIsr5a0I98"
            );
            assert_eq!(key.note, "This key is not known by any other names.");
        }
    }

    #[test]
    fn whatever_else_is_asked_is_not_shown_while_it_is_typed() {
        for (prompt, expected, secret) in [
            ("root@h's password: ", "root@h's password", true),
            (
                "Enter passphrase for key '/k': ",
                "Enter passphrase for key '/k'",
                true,
            ),
            (
                "(me@h) Verification code: ",
                "(me@h) Verification code",
                true,
            ),
            ("Username: ", "Username", false),
            (
                "Accept updated hostkeys? (yes/no): ",
                "Accept updated hostkeys? (yes/no)",
                false,
            ),
        ] {
            let About::Credentials { fields, .. } = understand("", prompt) else {
                panic!("{prompt}");
            };
            assert_eq!(fields[0].prompt, expected);
            assert_eq!(fields[0].secret, secret, "{prompt}");
        }
        let touch = "Confirm user presence for key ED25519-SK";
        assert_eq!(understand("none", touch), About::Notice(touch.into()));
    }

    #[test]
    fn hostile_prompts_are_only_prompts() {
        for prompt in [
            "",
            "The authenticity of host '",
            "The authenticity of host 'x' can't be established",
            "The authenticity of host 'x' can't be established.\nSHA256:",
            "\u{0}\u{7f}😀",
        ] {
            let _ = understand("", prompt);
        }
        let endless = "ü".repeat(60_000);
        let About::Credentials { fields, .. } = understand("", &endless) else {
            panic!("it is a prompt");
        };
        assert_eq!(fields[0].prompt.chars().count(), SHOWN);
    }

    #[tokio::test]
    async fn an_answer_goes_back_and_a_cancelled_question_does_not() {
        use crate::asking::Memory;
        use crate::question::Asker;

        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("a");
        let listener = UnixListener::bind(&socket).unwrap();
        let (asker, mut questions) = Asker::new();
        let attempt = Attempt::new("qemu+ssh://h/system", Some(asker), Memory::default());
        let client = |prompt: &'static str| {
            let socket = socket.clone();
            tokio::task::spawn_blocking(move || ask_running(&socket, "", prompt))
        };

        let first = client("Password: ");
        let reply = async {
            let question = questions.recv().await.expect("a question");
            question.answer(vec!["geheim ü".into()]);
            first.await.unwrap().unwrap()
        };
        let answer = tokio::select! {
            () = serve(&listener, &attempt) => panic!("it was answered"),
            answer = reply => answer,
        };
        assert_eq!(answer.unwrap().as_slice(), "geheim ü".as_bytes());

        let second = client("Code: ");
        let cancel = async { drop(questions.recv().await) };
        let ((), ()) = tokio::join!(serve(&listener, &attempt), cancel);
        assert!(second.await.unwrap().unwrap().is_none());
        assert!(attempt.ended().is_some());
    }
}
