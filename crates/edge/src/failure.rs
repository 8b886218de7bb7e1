//! Why something could not be done: the caller's fault, or ours.

use noren_wire::error::{Code, Problem};

/// A failure on its way out of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The request is at fault: it is told so.
    Refused(Problem),
    /// Storage failed or holds what it should not: logged, and told nobody outside.
    Broken(String),
}

/// What every function here returns.
pub type Result<T> = core::result::Result<T, Failure>;

impl Failure {
    /// What the outside is told.
    pub fn problem(self) -> Problem {
        match self {
            Failure::Refused(problem) => problem,
            Failure::Broken(_) => Code::Internal.into(),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Refused(problem)
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Failure {
        Failure::Refused(code.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::Broken(format!("stored or internal JSON: {error}"))
    }
}
