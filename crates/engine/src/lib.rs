//! The rule engine: a program, a state and an input at a moment give decisions.
