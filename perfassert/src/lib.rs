//! Query and allocation budgets for ordinary Rust tests.

pub mod counts;
pub mod record;
pub mod site;
pub mod sql;

pub use counts::{Counts, Metric};
pub use site::Site;
