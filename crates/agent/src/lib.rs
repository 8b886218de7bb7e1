//! The part of Noren that runs in a visitor's browser: a pure step over the engine, spoken to in packed values.
