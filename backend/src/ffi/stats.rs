//! Domain statistics in bulk and of chosen guests (`virConnectGetAllDomainStats`,
//! `virDomainListGetStats`), whose records the `virt` crate hands out as bare pointers.

use std::collections::HashMap;
use std::ffi::CStr;

use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;
use virt_sys as sys;

use crate::model::GuestId;

/// The whole numbers libvirt reports of one guest, by field name, such as `balloon.current`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record(HashMap<String, u64>);

impl Record {
    /// The field of that name; negative values are not among them.
    pub(crate) fn get(&self, field: &str) -> Option<u64> {
        self.0.get(field).copied()
    }
}

/// Statistics of all guests of a connection; `groups` and `flags` as libvirt counts them.
///
/// # Errors
/// As libvirt says, among them that the driver has no such call.
pub(crate) fn all(
    connection: &Connect,
    groups: u32,
    flags: u32,
) -> Result<Vec<(GuestId, Record)>, Error> {
    let mut records = std::ptr::null_mut();
    // SAFETY: the connection is valid while borrowed and `records` is a place for the result.
    let count = unsafe {
        sys::virConnectGetAllDomainStats(connection.as_ptr(), groups, &raw mut records, flags)
    };
    if count < 0 {
        return Err(Error::last_error());
    }
    // SAFETY: libvirt returned `count` records there, which are now ours.
    Ok(unsafe { take(records, count) })
}

/// Statistics of one guest.
///
/// # Errors
/// As [`all`].
pub(crate) fn one(domain: &Domain, groups: u32, flags: u32) -> Result<Record, Error> {
    let mut records = std::ptr::null_mut();
    // SAFETY: reading the pointer of a borrowed domain, used only during this call.
    let mut domains = [unsafe { domain.as_ptr() }, std::ptr::null_mut()];
    // SAFETY: a null-terminated list of valid domains and a place for the result.
    let count = unsafe {
        sys::virDomainListGetStats(domains.as_mut_ptr(), groups, &raw mut records, flags)
    };
    if count < 0 {
        return Err(Error::last_error());
    }
    // SAFETY: libvirt returned `count` records there, which are now ours.
    let mut taken = unsafe { take(records, count) };
    Ok(taken.pop().map(|(_, record)| record).unwrap_or_default())
}

/// Copies and frees a result of libvirt's.
///
/// # Safety
/// `records` must be a list of `count` records that libvirt allocated, not used afterwards.
unsafe fn take(records: *mut sys::virDomainStatsRecordPtr, count: i32) -> Vec<(GuestId, Record)> {
    let mut taken = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
    for index in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: within the list; each record holds a domain and `nparams` parameters.
        let record = unsafe { &**records.add(index) };
        let mut uuid = [0u8; sys::VIR_UUID_BUFLEN as usize];
        // SAFETY: the record's domain is valid; the buffer has the length libvirt fills.
        if unsafe { sys::virDomainGetUUID(record.dom, uuid.as_mut_ptr()) } < 0 {
            continue;
        }
        let length = usize::try_from(record.nparams).unwrap_or(0);
        let parameters = if length == 0 || record.params.is_null() {
            &[][..]
        } else {
            // SAFETY: not null, and libvirt says how many there are.
            unsafe { std::slice::from_raw_parts(record.params, length) }
        };
        let fields = parameters.iter().filter_map(field).collect();
        taken.push((GuestId(Uuid::from_bytes(uuid)), Record(fields)));
    }
    // SAFETY: allocated by libvirt, freed once, not used afterwards.
    unsafe { sys::virDomainStatsRecordListFree(records) };
    taken
}

fn field(parameter: &sys::virTypedParameter) -> Option<(String, u64)> {
    // SAFETY (all reads of the union): its type field says which member libvirt wrote.
    let value = match parameter.type_ as u32 {
        // SAFETY: as above.
        sys::VIR_TYPED_PARAM_INT => u64::try_from(unsafe { parameter.value.i }).ok()?,
        // SAFETY: as above.
        sys::VIR_TYPED_PARAM_UINT => u64::from(unsafe { parameter.value.ui }),
        // SAFETY: as above.
        sys::VIR_TYPED_PARAM_LLONG => u64::try_from(unsafe { parameter.value.l }).ok()?,
        // SAFETY: as above.
        sys::VIR_TYPED_PARAM_ULLONG => unsafe { parameter.value.ul },
        _ => return None,
    };
    let bytes = parameter.field.map(|byte| byte as u8);
    let name = CStr::from_bytes_until_nul(&bytes).ok()?;
    Some((name.to_string_lossy().into_owned(), value))
}
