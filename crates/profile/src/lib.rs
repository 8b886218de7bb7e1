//! What is remembered of a visitor: folds over parts, merge by union.
