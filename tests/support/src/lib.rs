//! What the suites have in common: running their fixtures as processes of their own, in a clean environment.

pub mod child;
mod scrub;

pub use scrub::scrub;
