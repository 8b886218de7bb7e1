//! One error type for all tasks: a sentence for the person at the terminal.

use std::fmt;

/// Why a task stopped, in words that say what to do next where that is known.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What every task returns.
pub type Result<T> = std::result::Result<T, Failure>;

/// Puts what was being done in front of what went wrong.
pub trait Context<T> {
    /// Turns any error into a [`Failure`] that begins with `doing`.
    ///
    /// # Errors
    /// Whatever the value's own error was, in words.
    fn context(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure(format!("{}: {error}", doing())))
    }
}
