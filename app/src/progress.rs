//! Progress of long work in words, for windows and terminal alike.

use std::time::Duration;

use backend::{Job, Progress, Result};

/// The shortest time between two redraws of the figures: faster, nobody can read them.
const PACE: Duration = Duration::from_millis(100);

/// Waits for a job, for a window that shows it: `progress` hears how far it is.
pub async fn follow<T: Send + 'static>(
    job: Job<T>,
    mut progress: impl FnMut(Progress),
) -> Result<T> {
    let mut news = job.progress();
    let watch = async {
        while news.changed().await.is_ok() {
            let now = news.borrow_and_update().clone();
            progress(now);
            tokio::time::sleep(PACE).await;
        }
        std::future::pending::<Result<T>>().await
    };
    tokio::select! {
        outcome = job.outcome() => outcome,
        never = watch => never,
    }
}

/// Amount, rate and time left, as far as they are known.
pub fn figures(progress: &Progress) -> String {
    let mut parts = Vec::new();
    match progress.total {
        Some(total) => parts.push(format!("{} of {}", bytes(progress.done), bytes(total))),
        None if progress.done > 0 => parts.push(bytes(progress.done)),
        None => {}
    }
    if let Some(rate) = progress.rate {
        parts.push(format!("{}/s", bytes(rate)));
    }
    if let Some(left) = progress.seconds_left() {
        parts.push(format!("{} left", duration(left)));
    }
    parts.join(" · ")
}

/// Bytes as download sizes are given: decimal units with one decimal.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut amount = count as f64 / 1000.0;
    let mut unit = 0;
    while amount >= 999.95 && unit + 1 < UNITS.len() {
        amount /= 1000.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// A time in the two units that matter.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_say_what_is_known_and_no_more() {
        let mut progress = Progress::default();
        assert_eq!(figures(&progress), "");
        progress.done = 12_400_000;
        assert_eq!(figures(&progress), "12.4 MB");
        progress.total = Some(47_000_000);
        assert_eq!(figures(&progress), "12.4 MB of 47.0 MB");
        progress.rate = Some(3_100_000);
        assert_eq!(
            figures(&progress),
            "12.4 MB of 47.0 MB · 3.1 MB/s · 12 s left"
        );
        progress.rate = Some(0);
        assert_eq!(figures(&progress), "12.4 MB of 47.0 MB · 0 B/s");
    }

    #[test]
    fn amounts_change_their_unit_in_time() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1000), "1.0 kB");
        assert_eq!(bytes(999_949), "999.9 kB");
        assert_eq!(bytes(999_950), "1.0 MB");
        assert_eq!(bytes(u64::MAX), "18446744.1 TB");
    }

    #[test]
    fn durations_use_two_units() {
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(61), "1 min 1 s");
        assert_eq!(duration(3660), "1 h 1 min");
    }
}
