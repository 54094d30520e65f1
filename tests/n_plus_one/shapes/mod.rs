//! The shapes. Each is judged as `#[no_n_plus_one]` judges it, and stands in the table with what a senior engineer would say.

mod attempts;
mod batches;
mod callers;
mod diesel;
mod duplicates;
mod innocent;
mod loops;
mod rusqlite;
mod walks;
