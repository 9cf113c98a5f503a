//! What libvirt knows of the calling thread's last error beyond what the `virt` crate keeps.

use virt_sys as sys;

/// The `errno` behind the last libvirt error of this thread, where it has one and still is the
/// error with `code`. libvirt puts it into `int1` of errors that come from a system call; the
/// message holds the same only as translated text.
pub(crate) fn errno(code: u32) -> Option<i32> {
    // SAFETY: takes no arguments; returns null or this thread's own error, which stays as it is
    // until this thread calls libvirt again, that is, beyond this function.
    let error = unsafe { sys::virGetLastError() };
    if error.is_null() {
        return None;
    }
    // SAFETY: not null and valid, as said above; read on the thread it belongs to.
    let (last_code, int1) = unsafe { ((*error).code, (*error).int1) };
    (last_code as u32 == code && code == sys::VIR_ERR_SYSTEM_ERROR && int1 > 0).then_some(int1)
}
