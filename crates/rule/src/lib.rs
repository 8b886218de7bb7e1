//! Campaign documents: checked, explained in two languages, compiled to a program.
