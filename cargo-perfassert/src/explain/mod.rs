//! What one test did, as a tree of callers: an explanation to paths, paths to a tree; pure.
//!
//! A path is a stack as its reader thinks of it: the functions of the user's own with the lines that call on, and below them the one
//! function of a library that was called. What lies beneath and around is folded away.

pub mod advice;
pub mod path;
pub mod risen;
pub mod tree;
pub mod weight;

pub use path::{Label, Path, paths};
pub use risen::{Risen, risen};
pub use tree::{Node, difference, tree};
pub use weight::{Metric, Weight};
