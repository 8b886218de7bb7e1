//! The noren command.
fn main() {}
