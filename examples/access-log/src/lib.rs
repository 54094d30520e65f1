//! Reads access logs as web servers write them, in the combined format, and sums them up by path.
//!
//! A day of a busy server is a few hundred million lines, so what is done for each line is the hot path: [`Entry::parse`]
//! borrows all that it finds from the line, and [`summarize`] keeps something per path and nothing per line.
//!
//! ```
//! let log = r#"192.0.2.7 - ada [02/Mar/2026:08:14:00 +0000] "GET /tea?page=2 HTTP/1.1" 200 512 "-" "curl/8.9""#;
//!
//! let summary = access_log::summarize(log.as_bytes())?;
//!
//! assert_eq!(summary.paths["/tea"].requests, 1);
//! assert_eq!(summary.paths["/tea"].bytes, 512);
//! # Ok::<(), std::io::Error>(())
//! ```

mod entry;
mod summary;

pub use entry::{Entry, Malformed};
pub use summary::{PathSummary, Summary, summarize};
