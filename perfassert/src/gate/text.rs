//! How a message is written.

use std::fmt::Write;

/// `1 byte`
pub(super) fn bytes(n: i64) -> String {
    format!("{n} {}", if n == 1 { "byte" } else { "bytes" })
}

pub(super) fn line(text: &mut String, indent: usize, content: &str) {
    let _ = writeln!(text, "{:indent$}{content}", "");
}
