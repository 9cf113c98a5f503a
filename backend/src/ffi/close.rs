//! The close callback of a connection (`virConnectRegisterCloseCallback`).

use std::ffi::{c_int, c_void};

use virt::connect::Connect;
use virt_sys as sys;

use super::event_impl::drop_later;

type Listener = Box<dyn Fn(i32) + Send + Sync>;

/// Calls `listener` with libvirt's reason (`virConnectCloseReason`) when the connection breaks.
/// It is called on the event thread, under a lock of libvirt's: it must not call libvirt.
///
/// # Errors
/// As libvirt says; drivers in the own process know no closing.
pub(crate) fn register(
    connection: &Connect,
    listener: impl Fn(i32) + Send + Sync + 'static,
) -> Result<(), virt::error::Error> {
    let listener: Box<Listener> = Box::new(Box::new(listener));
    let opaque = Box::into_raw(listener);
    // SAFETY: the connection is valid while borrowed; `opaque` stays valid until libvirt calls
    // `free_listener` with it, which it does once.
    let result = unsafe {
        sys::virConnectRegisterCloseCallback(
            connection.as_ptr(),
            Some(closed),
            opaque.cast(),
            Some(free_listener),
        )
    };
    if result < 0 {
        let error = virt::error::Error::last_error();
        // SAFETY: after a failure libvirt has not kept the pointer and never frees it.
        drop(unsafe { Box::from_raw(opaque) });
        return Err(error);
    }
    Ok(())
}

/// Ends [`register`], which holds a reference on the connection.
pub(crate) fn unregister(connection: &Connect) {
    // SAFETY: the connection is valid while borrowed; the function is the one registered. When
    // none is registered any more libvirt returns an error, which means the same to us.
    unsafe { sys::virConnectUnregisterCloseCallback(connection.as_ptr(), Some(closed)) };
}

unsafe extern "C" fn closed(_: sys::virConnectPtr, reason: c_int, opaque: *mut c_void) {
    // SAFETY: the pointer given to libvirt in `register`, not freed before the callback is over.
    let listener = unsafe { &*opaque.cast::<Listener>() };
    listener(reason);
}

unsafe extern "C" fn free_listener(opaque: *mut c_void) {
    // SAFETY: the pointer given to libvirt in `register`; libvirt frees it once.
    drop_later(unsafe { Box::from_raw(opaque.cast::<Listener>()) });
}
