//! Progress lines with the time since the task began, on standard error: standard output belongs to results.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// Starts the clock that every line shows.
pub fn begin() {
    BEGAN.get_or_init(Instant::now);
}

/// Time since [`begin`].
pub fn elapsed() -> Duration {
    BEGAN.get_or_init(Instant::now).elapsed()
}

/// Prints one line behind the time.
pub fn say(line: &str) {
    eprintln!("[{:>6.1} s] {line}", elapsed().as_secs_f64());
}

/// Announces `what`, does it, and says how long it took.
///
/// # Errors
/// Those of `work`.
pub fn step<T, E>(what: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    say(&format!("{what} ..."));
    let began = Instant::now();
    let done = work();
    let took = began.elapsed().as_secs_f64();
    match &done {
        Ok(_) => say(&format!("{what}: done in {took:.1} s")),
        Err(_) => say(&format!("{what}: FAILED after {took:.1} s")),
    }
    done
}
