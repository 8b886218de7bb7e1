//! The naive evaluator: recomputes every decision from the whole log, to prove the engine right.
