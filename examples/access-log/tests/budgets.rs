//! The hot path, with budgets on what it allocates.

use std::io::{self, Read};

use access_log::{Entry, Malformed, summarize};
use perfassert::{Metric, max_allocs, max_count};

const PLAIN: &str =
    r#"192.0.2.7 - - [02/Mar/2026:08:14:00 +0000] "GET /tea?page=2 HTTP/1.1" 200 512 "-" "curl/8.9""#;
const QUOTED: &str = r#"192.0.2.9 - ada [02/Mar/2026:08:14:01 +0000] "POST /orders HTTP/2.0" 201 - "https://shop.example/" "a \"smart\" kettle""#;

#[max_allocs(0)]
#[test]
fn a_line_is_borrowed() {
    let entry = Entry::parse(PLAIN).unwrap();

    assert_eq!((entry.client, entry.user, entry.time), ("192.0.2.7", None, "02/Mar/2026:08:14:00 +0000"));
    assert_eq!((entry.method, entry.target, entry.path()), ("GET", "/tea?page=2", "/tea"));
    assert_eq!((entry.status, entry.bytes), (200, 512));
    assert_eq!((entry.referer, entry.agent.as_deref()), (None, Some("curl/8.9")));
}

/// A copy of the one field that has something escaped, and no larger than that.
#[max_allocs(1, bytes = 18, live = 0)]
#[test]
fn what_is_escaped_is_copied() {
    let entry = Entry::parse(QUOTED).unwrap();

    assert_eq!((entry.user, entry.status, entry.bytes), (Some("ada"), 201, 0));
    assert_eq!(entry.referer.as_deref(), Some("https://shop.example/"));
    assert_eq!(entry.agent.as_deref(), Some(r#"a "smart" kettle"#));
}

/// Whoever floods a log with rubbish shall not slow down its reader.
#[max_allocs(0)]
#[test]
fn a_malformed_line_costs_nothing() {
    for (line, field) in [
        ("", "client"),
        ("192.0.2.7 - - 02/Mar/2026", "time"),
        (r#"192.0.2.7 - - [02/Mar/2026] "GET /tea"#, "request"),
        (r#"192.0.2.7 - - [02/Mar/2026] "GET" 200 1"#, "target"),
        (r#"192.0.2.7 - - [02/Mar/2026] "GET /tea" two 1"#, "status"),
        (r#"192.0.2.7 - - [02/Mar/2026] "GET /tea" 200 many"#, "size"),
        (r#"192.0.2.7 - - [02/Mar/2026] "GET /tea" 200 1 "-" "no end\""#, "agent"),
    ] {
        assert_eq!(Entry::parse(line), Err(Malformed { field }), "{line}");
    }
}

/// Two buffers, the table, and a copy of each path: a thousand lines of ten paths.
#[max_allocs(16, bytes = "68 KiB", peak = "68 KiB", live = 0)]
#[test]
fn a_log_is_summed_up_path_by_path() {
    let log = perfassert::unmeasured(|| log(1_000));

    let summary = summarize(log.as_bytes()).unwrap();

    assert_eq!((summary.paths.len(), summary.malformed), (10, 0));
    let path = summary.paths["/tea/3"];
    assert_eq!((path.requests, path.errors, path.bytes), (100, 100, 51_200));
}

/// The measure of the whole library: what it keeps does not depend on how long a log is.
#[max_allocs(40)]
#[test]
fn a_log_ten_times_as_long_allocates_no_more() {
    let (short, long) = perfassert::unmeasured(|| (log(1_000), log(10_000)));

    let (_, of_short) = perfassert::measure("short", || summarize(short.as_bytes()).unwrap());
    let (summary, of_long) = perfassert::measure("long", || summarize(long.as_bytes()).unwrap());

    assert_eq!(summary.paths["/tea/3"].requests, 1_000);
    assert_eq!(of_long.get(&Metric::Allocs), of_short.get(&Metric::Allocs));
    assert_eq!(of_long.get(&Metric::Bytes), of_short.get(&Metric::Bytes));
}

/// A file is read in large pieces, and not line by line.
#[max_count("read" = 16)]
#[max_allocs(16)]
#[test]
fn a_log_is_read_in_large_pieces() {
    let log = perfassert::unmeasured(|| log(10_000));

    let summary = summarize(Counted(log.as_bytes())).unwrap();

    assert_eq!(summary.paths.len(), 10);
}

#[max_allocs(16)]
#[test]
fn lines_that_are_no_text_are_counted() {
    let log = perfassert::unmeasured(|| [PLAIN.as_bytes(), b"\n\xff\xfe\n", QUOTED.as_bytes()].concat());

    let summary = summarize(log.as_slice()).unwrap();

    assert_eq!((summary.paths.len(), summary.malformed), (2, 1));
}

/// A reader that counts how often it is asked.
struct Counted<R>(R);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        perfassert::counter("read").add(1);
        self.0.read(buffer)
    }
}

/// A log of so many lines, with ten paths. What was asked of one of them is never there.
fn log(lines: usize) -> String {
    let line = |line: usize| {
        let (path, status) = (line % 10, if line % 10 == 3 { 404 } else { 200 });
        PLAIN.replace("/tea?", &format!("/tea/{path}?")).replace("200", &status.to_string()) + "\n"
    };
    (0..lines).map(line).collect()
}
