//! What the suites have in common: running their fixtures as processes of their own, in a clean environment, and keeping what
//! these log.

pub mod child;
pub mod fixture;
pub mod log;
mod runs;
mod scrub;

pub use runs::runs;
pub use scrub::scrub;
