//! Domain events (`virConnectDomainEventRegisterAny`).

use std::ffi::{c_char, c_int, c_void};
use std::mem::transmute;

use uuid::Uuid;
use virt::connect::Connect;
use virt_sys as sys;

use super::event_impl::drop_later;
use crate::events::{EventClass, Happening, Lifecycle};
use crate::model::GuestId;

type Listener = Box<dyn Fn(GuestId, Happening) + Send + Sync>;
type Generic = unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void);

/// Calls `listener` on the event thread for every event of that class, of whichever guest. It must
/// neither block nor call libvirt. Returns libvirt's number of the registration, which holds a
/// reference on the connection until [`deregister`].
///
/// # Errors
/// As libvirt says; a driver need not know every class.
pub(crate) fn register(
    connection: &Connect,
    class: EventClass,
    listener: impl Fn(GuestId, Happening) + Send + Sync + 'static,
) -> Result<i32, virt::error::Error> {
    let (id, callback) = trampoline(class);
    let listener: Box<Listener> = Box::new(Box::new(listener));
    let opaque = Box::into_raw(listener);
    // SAFETY: the connection is valid while borrowed; a null domain means all; the callback has the
    // signature libvirt documents for this event id; `opaque` stays valid until libvirt calls
    // `free_listener` with it, which it does once.
    let result = unsafe {
        sys::virConnectDomainEventRegisterAny(
            connection.as_ptr(),
            std::ptr::null_mut(),
            id as c_int,
            Some(callback),
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
    Ok(result)
}

/// Ends a registration. The connection may be broken already; libvirt then forgets it as well.
pub(crate) fn deregister(connection: &Connect, registration: i32) {
    // SAFETY: the connection is valid while borrowed; an unknown number is only an error.
    unsafe { sys::virConnectDomainEventDeregisterAny(connection.as_ptr(), registration) };
}

/// The event's number and the function for it, cast as libvirt's `VIR_DOMAIN_EVENT_CALLBACK` does.
fn trampoline(class: EventClass) -> (sys::virDomainEventID, Generic) {
    type Detailed = unsafe extern "C" fn(
        sys::virConnectPtr,
        sys::virDomainPtr,
        c_int,
        c_int,
        *mut c_void,
    ) -> c_int;
    type Numbered = unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, c_int, *mut c_void);
    type Sized = unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, u64, *mut c_void);
    type Named =
        unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *const c_char, *mut c_void);
    type Tagged = unsafe extern "C" fn(
        sys::virConnectPtr,
        sys::virDomainPtr,
        c_int,
        *const c_char,
        *mut c_void,
    );
    // SAFETY: all transmutes are from function pointers to function pointers of one size; libvirt calls
    // each with the arguments its event id documents, which are those of the function given here.
    unsafe {
        match class {
            EventClass::Lifecycle => (
                sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                transmute::<Detailed, Generic>(lifecycle),
            ),
            EventClass::Reboot => (sys::VIR_DOMAIN_EVENT_ID_REBOOT, reboot),
            EventClass::Balloon => (
                sys::VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
                transmute::<Sized, Generic>(balloon),
            ),
            EventClass::DeviceAdded => (
                sys::VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
                transmute::<Named, Generic>(device),
            ),
            EventClass::DeviceRemoved => (
                sys::VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                transmute::<Named, Generic>(device),
            ),
            EventClass::Metadata => (
                sys::VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                transmute::<Tagged, Generic>(metadata),
            ),
            EventClass::Wakeup => (
                sys::VIR_DOMAIN_EVENT_ID_PMWAKEUP,
                transmute::<Numbered, Generic>(power),
            ),
            EventClass::Sleep => (
                sys::VIR_DOMAIN_EVENT_ID_PMSUSPEND,
                transmute::<Numbered, Generic>(power),
            ),
            EventClass::DiskSleep => (
                sys::VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK,
                transmute::<Numbered, Generic>(power),
            ),
        }
    }
}

/// Passes an event on.
///
/// # Safety
/// `domain` and `opaque` must be what libvirt gave the callback that calls this.
unsafe fn tell(domain: sys::virDomainPtr, opaque: *mut c_void, happening: Happening) {
    let mut uuid = [0u8; sys::VIR_UUID_BUFLEN as usize];
    // SAFETY: the domain is valid during the callback; the buffer has the length libvirt fills.
    // This reads the handle alone and asks nobody.
    if unsafe { sys::virDomainGetUUID(domain, uuid.as_mut_ptr()) } < 0 {
        return;
    }
    // SAFETY: the pointer given in `register`, not freed before the callback is over.
    let listener = unsafe { &*opaque.cast::<Listener>() };
    listener(GuestId(Uuid::from_bytes(uuid)), happening);
}

unsafe extern "C" fn lifecycle(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    event: c_int,
    detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    let happening = Happening::Lifecycle(Lifecycle::from_libvirt(event, detail));
    // SAFETY: the callback's own arguments.
    unsafe { tell(domain, opaque, happening) };
    0
}

unsafe extern "C" fn reboot(_: sys::virConnectPtr, domain: sys::virDomainPtr, opaque: *mut c_void) {
    // SAFETY: the callback's own arguments.
    unsafe { tell(domain, opaque, Happening::Rebooted) };
}

unsafe extern "C" fn balloon(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    actual: u64,
    opaque: *mut c_void,
) {
    // SAFETY: the callback's own arguments.
    unsafe { tell(domain, opaque, Happening::Balloon { actual_kib: actual }) };
}

unsafe extern "C" fn device(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    _alias: *const c_char,
    opaque: *mut c_void,
) {
    // SAFETY: the callback's own arguments.
    unsafe { tell(domain, opaque, Happening::Devices) };
}

unsafe extern "C" fn metadata(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    _type: c_int,
    _namespace: *const c_char,
    opaque: *mut c_void,
) {
    // SAFETY: the callback's own arguments.
    unsafe { tell(domain, opaque, Happening::Metadata) };
}

unsafe extern "C" fn power(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    _reason: c_int,
    opaque: *mut c_void,
) {
    // SAFETY: the callback's own arguments.
    unsafe { tell(domain, opaque, Happening::Power) };
}

unsafe extern "C" fn free_listener(opaque: *mut c_void) {
    // SAFETY: the pointer given to libvirt in `register`; libvirt frees it once. It does so while
    // it holds the lock of its callback list, hence the detour.
    drop_later(unsafe { Box::from_raw(opaque.cast::<Listener>()) });
}
