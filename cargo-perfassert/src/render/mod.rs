//! What was found, as text: `(&Report, &mut dyn Write)`.

pub mod explain;
mod json;
mod markdown;
mod rows;
mod table;
mod terminal;
mod words;

pub use json::{FORMAT, json, measured as measured_json};
pub use markdown::{MARKDOWN_LIMIT, markdown};
pub use table::{markdown_table, table};
pub use terminal::terminal;
pub(crate) use words::UNMEASURED;

use perfassert_record::record::TestId;

/// A test as people name it: package, target, path.
#[must_use]
pub fn test_name(test: &TestId) -> String {
    if test.package == test.target { test.to_string() } else { format!("{} {test}", test.package) }
}
