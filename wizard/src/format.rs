//! Sizes and counts in words.

/// Memory: "780 MiB", "2 GiB", "1.5 GiB".
pub fn mib(mib: u64) -> String {
    if mib < 1024 {
        return format!("{mib} MiB");
    }
    decimal(mib as f64 / 1024.0, "GiB")
}

/// Disk space in bytes, rounded down so that it never promises more: "87.3 GiB", "12 MiB".
pub fn bytes(bytes: u64) -> String {
    let mib = bytes >> 20;
    if mib < 1024 {
        return format!("{mib} MiB");
    }
    let (value, unit) = if mib < 1024 * 1024 {
        (mib as f64 / 1024.0, "GiB")
    } else {
        (mib as f64 / (1024.0 * 1024.0), "TiB")
    };
    decimal((value * 10.0).floor() / 10.0, unit)
}

/// A download, in the decimal units networks are sold in: "47 MB", "1.2 GB".
pub fn download(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => decimal(bytes as f64 / 1e9, "GB"),
    }
}

/// "1 processor", "4 processors".
pub fn processors(count: u32) -> String {
    match count {
        1 => "1 processor".into(),
        _ => format!("{count} processors"),
    }
}

/// A figure with one decimal, or none where it would be nought.
fn decimal(value: f64, unit: &str) -> String {
    let tenths = (value * 10.0).round();
    if tenths % 10.0 == 0.0 {
        format!("{:.0} {unit}", tenths / 10.0)
    } else {
        format!("{:.1} {unit}", tenths / 10.0)
    }
}

/// Memory as typed: a number of MiB, or one with a unit: "2048", "2 GiB", "1.5g".
pub fn parse_mib(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim() {
        "" | "m" | "mb" | "mib" => 1.0,
        "g" | "gb" | "gib" => 1024.0,
        "t" | "tb" | "tib" => 1024.0 * 1024.0,
        _ => return None,
    };
    let value: f64 = number.replace(',', ".").parse().ok()?;
    let mib = (value * factor).round();
    (mib.is_finite() && (0.0..1e12).contains(&mib)).then_some(mib as u64)
}

/// Disk space as typed: a number of GiB, or one with a unit: "20", "20 GiB", "1t".
pub fn parse_gib(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.is_empty() || text.ends_with(|c: char| c.is_ascii_digit()) {
        let value: f64 = text.replace(',', ".").parse().ok()?;
        return (0.0..1e9).contains(&value).then(|| value.round() as u64);
    }
    Some(parse_mib(text)?.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_in_words() {
        assert_eq!(mib(780), "780 MiB");
        assert_eq!(mib(1024), "1 GiB");
        assert_eq!(mib(1536), "1.5 GiB");
        assert_eq!(mib(2047), "2 GiB");
        assert_eq!(mib(65536), "64 GiB");
    }

    #[test]
    fn space_is_never_rounded_up() {
        assert_eq!(bytes((2 << 30) - 1), "1.9 GiB");
        assert_eq!(bytes(20 << 30), "20 GiB");
        assert_eq!(bytes(3 << 20), "3 MiB");
        assert_eq!(bytes(1536 << 30), "1.5 TiB");
        assert_eq!(bytes(u64::MAX), "16777215.9 TiB");
    }

    #[test]
    fn downloads_in_words() {
        assert_eq!(download(0), "0 kB");
        assert_eq!(download(46_100_000), "47 MB");
        assert_eq!(download(1_230_000_000), "1.2 GB");
    }

    #[test]
    fn memory_as_typed() {
        assert_eq!(parse_mib("2048"), Some(2048));
        assert_eq!(parse_mib(" 2 GiB "), Some(2048));
        assert_eq!(parse_mib("1.5g"), Some(1536));
        assert_eq!(parse_mib("1,5 GB"), Some(1536));
        assert_eq!(parse_mib("512mb"), Some(512));
        for text in [
            "",
            "x",
            "-1",
            "1.2.3",
            "12 parsecs",
            "1e9",
            "g",
            "99999999999999",
        ] {
            assert_eq!(parse_mib(text), None, "{text:?}");
        }
    }

    #[test]
    fn space_as_typed() {
        assert_eq!(parse_gib("20"), Some(20));
        assert_eq!(parse_gib("20 GiB"), Some(20));
        assert_eq!(parse_gib("512 MiB"), Some(1));
        assert_eq!(parse_gib("1t"), Some(1024));
        for text in ["", "-3", "nan", "inf", "x"] {
            assert_eq!(parse_gib(text), None, "{text:?}");
        }
    }
}
