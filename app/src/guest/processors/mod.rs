//! A guest's virtual processors: what is said about them.

use backend::model::VcpuReading;

/// What to say when a guest has more processors than its host.
pub(crate) fn beyond_host(count: u32, of_host: u32) -> Option<String> {
    (of_host > 0 && count > of_host).then(|| {
        format!("The host has {of_host} of its own: with more than that, the guest gets slower.")
    })
}

/// What to say when the guest does not use all it was given, where that is known.
pub(crate) fn unused(reading: VcpuReading) -> Option<String> {
    let online = reading.online.filter(|&online| online < reading.current)?;
    Some(format!(
        "The guest uses {online} of them so far: a system brings added processors into use by \
         itself, or is told to."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_the_case_is_said() {
        assert!(beyond_host(5, 4).is_some_and(|note| note.contains("has 4")));
        assert_eq!(beyond_host(4, 4), None);
        assert_eq!(beyond_host(4, 0), None);
        let reading = |online| VcpuReading {
            current: 3,
            maximum: 4,
            online,
        };
        assert!(unused(reading(Some(1))).is_some());
        assert_eq!(unused(reading(Some(3))), None);
        assert_eq!(unused(reading(None)), None);
    }
}
