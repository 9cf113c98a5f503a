//! The C allocator's settings.

/// Lets all threads together use at most `count` memory arenas (mallopt(3), `M_ARENA_MAX`).
///
/// glibc otherwise gives most threads an arena of their own, up to eight per processor, and keeps
/// in each what its threads free. Returns whether the setting was taken.
#[cfg(target_env = "gnu")]
pub(crate) fn limit_arenas(count: std::ffi::c_int) -> bool {
    // SAFETY: mallopt takes two numbers, locks what it changes, and may be called at any time.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, count) == 1 }
}

/// Other C libraries have no such arenas.
#[cfg(not(target_env = "gnu"))]
pub(crate) fn limit_arenas(_count: std::ffi::c_int) -> bool {
    true
}
