//! What file systems are like: their free space, and whether programs can be started from them.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Bytes that an ordinary user could still write where `path` is; nothing where it is not there.
/// Blocks, possibly for ever (a network file system that is gone).
pub(crate) fn available(path: &Path) -> Option<u64> {
    let figures = figures(path)?;
    // The types of the fields differ between systems.
    #[allow(clippy::unnecessary_cast, reason = "narrower on other systems")]
    let available = (figures.f_bavail as u64).saturating_mul(figures.f_frsize as u64);
    Some(available)
}

/// Whether programs that lie where `path` is can be started. Blocks like [`available`].
pub(crate) fn lets_start_programs(path: &Path) -> bool {
    figures(path).is_some_and(|figures| figures.f_flag & libc::ST_NOEXEC == 0)
}

fn figures(path: &Path) -> Option<libc::statvfs> {
    let path = CString::new(path.as_os_str().as_bytes()).ok()?;
    // SAFETY: a struct of plain numbers for which all zeros is a value.
    let mut figures: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a null and both places are valid during the call.
    let found = unsafe { libc::statvfs(path.as_ptr(), &raw mut figures) };
    (found == 0).then_some(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_has_a_size_and_nowhere_has_none() {
        assert!(available(Path::new("/")).is_some());
        assert_eq!(available(Path::new("/nonexistent/folder")), None);
    }

    #[test]
    fn this_very_program_lies_where_programs_can_be_started() {
        let program = std::env::current_exe().unwrap();
        assert!(lets_start_programs(&program));
        assert!(!lets_start_programs(Path::new("/nonexistent/folder")));
    }
}
