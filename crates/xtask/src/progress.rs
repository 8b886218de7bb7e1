//! Progress lines with the time since the task began, on standard error: standard output belongs to results.

use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A step that takes longer than this says now and then that it is still at work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);

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
    let done = std::thread::scope(|scope| {
        let (finished, waiting) = channel::<()>();
        scope.spawn(move || {
            while waiting.recv_timeout(SIGN_OF_LIFE) == Err(RecvTimeoutError::Timeout) {
                say(&format!("{what} ... {:.0} s", began.elapsed().as_secs_f64()));
            }
        });
        let done = work();
        drop(finished);
        done
    });
    let took = began.elapsed().as_secs_f64();
    match &done {
        Ok(_) => say(&format!("{what}: done in {took:.1} s")),
        Err(_) => say(&format!("{what}: FAILED after {took:.1} s")),
    }
    done
}
