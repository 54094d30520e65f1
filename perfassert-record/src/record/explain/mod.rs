//! Who allocated in one test, and who sent queries: an [`Explanation`], a file of its own in the directory that the subcommand names.
//!
//! ```
//! let dir = tempfile::tempdir()?;
//! let (explanations, damage) = perfassert::record::explain::read_dir(dir.path())?;
//! assert!(explanations.is_empty() && damage.is_empty());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod files;
mod format;

pub use files::{read_dir, write};
pub use format::VERSION;

use super::TestId;

/// The environment variable that names the directory for explanations.
///
/// `cargo perfassert explain` sets it for the test that it runs. Every stack is kept then, so that tests take longer.
pub const DIR_VARIABLE: &str = "PERFASSERT_EXPLAIN_DIR";

/// What a test did, by who called whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whose it is.
    pub test: TestId,
    /// Whether the build lets stacks be looked at. Otherwise each [`stack`](Allocations::stack) is empty, and everything the application's.
    pub has_stacks: bool,
    /// The functions and lines that stand on stacks, each once.
    pub frames: Vec<Frame>,
    /// What the application allocated, each stack once.
    pub allocations: Vec<Allocations>,
    /// The statements that the application sent.
    pub queries: Vec<Queries>,
    /// What others allocated, in all. No budget is about it.
    pub others: Vec<Others>,
    /// How often child processes of the application's allocated; budgets are about that, too.
    pub child_allocs: u64,
    /// The bytes of that.
    pub child_bytes: u64,
}

/// A call on a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame {
    /// The function. Of the application's own the path without the crate, of others with it.
    pub function: String,
    /// The crate that it stands in; empty where that is not known.
    pub crate_name: String,
    /// The file, relative to the workspace where it lies inside.
    pub file: Option<String>,
    /// The line of the call.
    pub line: Option<u32>,
    /// Whose code it is.
    pub code: Code,
}

/// Whose code a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The user's own.
    Own,
    /// A library's or a driver's.
    Library,
    /// What lies beneath and around: the standard library, the runtime, the harness, perfassert.
    Beneath,
}

/// What was allocated from one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocations {
    /// The calls, from the outside in, as numbers of [`Explanation::frames`].
    pub stack: Vec<usize>,
    /// Blocks that were obtained, as they were.
    pub allocs: u64,
    /// Blocks that were obtained filled with zeros.
    pub zeroed: u64,
    /// How often a block was made larger.
    pub grown: u64,
    /// Bytes that were obtained.
    pub bytes: u64,
    /// Blocks, obtained or made larger here, that were alive at the end of the body.
    pub retained: u64,
    /// The bytes of these that were obtained here.
    pub retained_bytes: u64,
}

/// How often a statement was sent from one stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queries {
    /// The calls, from the outside in; empty where they are not known.
    pub stack: Vec<usize>,
    /// Normalised SQL: no literal is left in it.
    pub sql: String,
    /// How often it was sent.
    pub count: u64,
}

/// What others allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Others {
    /// Who: `driver`, `runtime`, `harness`.
    pub who: String,
    /// How often they obtained memory.
    pub allocs: u64,
    /// Bytes that they obtained.
    pub bytes: u64,
}
