//! A tree of callers, for people and for other programs.

mod dhat;
mod flamegraph;
mod folded;
mod numbers;
mod terminal;

pub use dhat::dhat;
pub use flamegraph::svg;
pub use folded::folded;
pub use terminal::{Explained, explanation};
