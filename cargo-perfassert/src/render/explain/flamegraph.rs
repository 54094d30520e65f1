//! A flame graph; a differential one where there is a baseline: red grew, blue shrank.

use std::io::{self, Write};

use inferno::flamegraph::{Options, from_lines};

use super::folded::lines;
use crate::explain::{Metric, Path};

/// Writes the flame graph of `after`, as SVG.
///
/// # Errors
///
/// When `out` fails, or there is nothing to draw.
pub fn svg(
    title: &str,
    before: Option<&[Path]>,
    after: &[Path],
    metric: Metric,
    out: &mut dyn Write,
) -> io::Result<()> {
    let lines = lines(before, after, metric);
    let mut options = Options::default();
    options.title = title.to_owned();
    options.count_name = match metric {
        Metric::Allocs => "allocations",
        Metric::Bytes => "bytes",
        Metric::Queries => "queries",
    }
    .to_owned();
    options.name_type = "Call:".to_owned();
    // The colour of a call is the same in each run.
    options.hash = true;
    from_lines(&mut options, lines.iter().map(String::as_str), out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tree::tests::path;

    fn drawn(before: Option<&[Path]>) -> String {
        let mut out = Vec::new();
        svg("lists", before, &[path("t <a>&", 5)], Metric::Allocs, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_call_is_drawn_with_its_number() {
        let plain = drawn(None);
        assert!(plain.contains("&lt;a&gt;&amp; (5 allocations, 100.00%)"), "{plain}");
        assert!(drawn(Some(&[path("t <a>&", 2)])).contains("(5 allocations, 100.00%; +60.00%)"));
    }

    #[test]
    fn nothing_cannot_be_drawn() {
        assert!(svg("lists", None, &[path("t ?S", 5)], Metric::Allocs, &mut Vec::new()).is_err());
    }
}
