//! Opening a connection that may ask for credentials (`virConnectOpenAuth`).

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

use virt::connect::Connect;
use virt_sys as sys;

use crate::question::{Field, Secret};

/// What libvirt may ask for: the kinds whose answer is text. What an authority outside decides
/// (polkit) needs no answer of ours.
const KINDS: [sys::virConnectCredentialType; 5] = [
    sys::VIR_CRED_AUTHNAME,
    sys::VIR_CRED_ECHOPROMPT,
    sys::VIR_CRED_REALM,
    sys::VIR_CRED_PASSPHRASE,
    sys::VIR_CRED_NOECHOPROMPT,
];

/// What a field for the user's name is called.
pub(crate) const USER_NAME: &str = "User name";

/// Answers fields, one answer each; nothing ends the attempt.
pub(crate) type Answering<'a> = dyn FnMut(Vec<Field>) -> Option<Vec<Secret>> + 'a;

/// Opens `uri`, asking `answer` for what the host wants to know. Blocks, possibly for ever.
///
/// # Errors
/// As libvirt says.
pub(crate) fn open(
    uri: &CStr,
    mut answer: &mut Answering<'_>,
) -> Result<Connect, virt::error::Error> {
    let mut kinds = KINDS.map(|kind| kind as c_int);
    let mut auth = sys::virConnectAuth {
        credtype: kinds.as_mut_ptr(),
        ncredtype: kinds.len() as c_uint,
        cb: Some(asked),
        cbdata: (&raw mut answer).cast(),
    };
    // SAFETY: the address ends with a null. libvirt uses `auth` and what it points to, the callback's
    // data included, until this call returns, and all of it lives until then.
    let connection = unsafe { sys::virConnectOpenAuth(uri.as_ptr(), &raw mut auth, 0) };
    if connection.is_null() {
        return Err(virt::error::Error::last_error());
    }
    // SAFETY: a connection that is not null comes with a reference, which becomes the wrapper's.
    Ok(unsafe { Connect::from_ptr(connection) })
}

/// Returns 0 when everything was answered.
unsafe extern "C" fn asked(
    credentials: sys::virConnectCredentialPtr,
    count: c_uint,
    data: *mut c_void,
) -> c_int {
    if credentials.is_null() || count == 0 {
        return 0;
    }
    // SAFETY: libvirt gives that many credentials, which it does not touch during the callback.
    let credentials = unsafe { std::slice::from_raw_parts_mut(credentials, count as usize) };
    // SAFETY: the pointer that `open` gave to libvirt, whose call has not returned yet; libvirt
    // calls back on the thread that called it, so nobody else uses it.
    let answer = unsafe { &mut *data.cast::<&mut Answering<'_>>() };
    let fields = credentials.iter().map(field).collect();
    let Some(answers) = answer(fields) else {
        return -1;
    };
    if answers.len() != credentials.len() {
        return -1;
    }
    for (credential, answer) in credentials.iter_mut().zip(&answers) {
        let text = answer.expose();
        // SAFETY: reads at most that many bytes, all of which are the string's, and copies them with
        // a null behind them, by the allocator whose `free` libvirt calls on results.
        let copy = unsafe { libc::strndup(text.as_ptr().cast(), text.len()) };
        if copy.is_null() {
            return -1;
        }
        credential.result = copy;
        // SAFETY: the copy made above, which ends with a null.
        credential.resultlen = unsafe { libc::strlen(copy) } as c_uint;
    }
    0
}

fn field(credential: &sys::virConnectCredential) -> Field {
    let kind = credential.type_ as sys::virConnectCredentialType;
    let prompt = text(credential.prompt).or_else(|| text(credential.challenge));
    Field {
        // libvirt's own words for these are a sentence for a terminal.
        prompt: match kind {
            sys::VIR_CRED_AUTHNAME => USER_NAME.into(),
            sys::VIR_CRED_PASSPHRASE => "Password".into(),
            _ => prompt.unwrap_or_default(),
        },
        secret: matches!(kind, sys::VIR_CRED_PASSPHRASE | sys::VIR_CRED_NOECHOPROMPT),
        default: text(credential.defresult),
    }
}

fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not null; libvirt's strings end with a null and are valid during the callback.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(text.to_string_lossy().into_owned()).filter(|text| !text.is_empty())
}
