//! One test in a process of its own, and what its harness printed of it.

use std::io::{self, BufRead, BufReader, PipeReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::options::Options;

/// How often it is asked whether the test's process has ended, while nothing is printed.
const ASK: Duration = Duration::from_millis(20);
/// How long its output is waited for after that: a process that it has left behind may hold it open for ever. nextest waits as long.
const LEAK: Duration = Duration::from_millis(100);

/// How a test ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    /// The test as the harness calls it: its name, and ` - should panic` where it is to.
    pub(super) label: String,
    /// `ok`, `FAILED`, `ignored, <reason>`, ...: the harness's own word.
    pub(super) result: String,
    /// What the test printed past the harness's capture, unless that has been shown.
    pub(super) printed: String,
    /// What the harness captured and shows, with its title.
    pub(super) captured: String,
    /// How many of the executable's tests are not this one.
    pub(super) filtered_out: usize,
}

/// Runs one test; what it prints uncaptured is handed to `show` at once where the options say so.
///
/// # Errors
///
/// When the executable cannot be started.
pub(super) fn run(
    executable: &Path,
    options: &Options,
    test: &str,
    show: &mut dyn FnMut(&str) -> io::Result<()>,
) -> io::Result<Ended> {
    let mut command = Command::new(executable);
    // With several threads a harness prints a test and its result in one go, and runs it on a thread of its own.
    command.args(["--exact", test, "--test-threads", "2"]).args(&options.each);
    // One pipe for both, so that lines keep their order.
    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // It holds the pipe's other end, which would never be closed.
    drop(command);
    let lines = lines(reader);
    let mut output = Output::of(test);
    let mut show = |output: &mut Output<'_>, printed: &str| {
        if options.nocapture {
            return show(printed);
        }
        output.printed.push_str(printed);
        Ok(())
    };
    while let Some(line) = next(&lines, &mut child)? {
        match line {
            OutputLine::Printed(line) => {
                if let Some(printed) = output.read(&String::from_utf8_lossy(&line?)) {
                    show(&mut output, &printed)?;
                }
            }
            OutputLine::HeldOpen => {
                let left = format!("perfassert: {test} left a process behind, which holds its output open\n");
                show(&mut output, &left)?;
                break;
            }
        }
    }
    Ok(output.ended(child.wait()?))
}

/// What comes next of a test's output.
enum OutputLine {
    Printed(io::Result<Vec<u8>>),
    /// Nothing does, though somebody might still write.
    HeldOpen,
}

/// The lines that can be read from `reader`, each with its end.
fn lines(reader: PipeReader) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        loop {
            let mut line = Vec::new();
            let read = reader.read_until(b'\n', &mut line).map(|_| line);
            if read.as_ref().is_ok_and(Vec::is_empty) || sender.send(read).is_err() {
                break;
            }
        }
    });
    lines
}

/// The next line; none when all that might write have ended.
fn next(lines: &Receiver<io::Result<Vec<u8>>>, child: &mut Child) -> io::Result<Option<OutputLine>> {
    let mut ended: Option<Instant> = None;
    loop {
        match lines.recv_timeout(ASK) {
            Ok(line) => return Ok(Some(OutputLine::Printed(line))),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ended.is_none() && child.try_wait()?.is_some() {
            ended = Some(Instant::now());
        }
        if ended.is_some_and(|ended| ended.elapsed() >= LEAK) {
            return Ok(Some(OutputLine::HeldOpen));
        }
    }
}

/// The output of a harness that runs one test, line by line.
#[derive(Default)]
struct Output<'a> {
    test: &'a str,
    begun: bool,
    /// The test's label and its result, once they are known.
    result: Option<(String, String)>,
    printed: String,
    /// What comes after the result.
    after: String,
}

impl<'a> Output<'a> {
    fn of(test: &'a str) -> Self {
        Output { test, ..Output::default() }
    }

    /// Takes note of a line, with its end, and returns what of it the test itself printed.
    fn read(&mut self, line: &str) -> Option<String> {
        if self.result.is_some() {
            self.after.push_str(line);
            return None;
        }
        if !self.begun && line.trim_end() == "running 1 test" {
            self.begun = true;
            return None;
        }
        if self.begun
            && let Some((printed, label, result)) = result_of(self.test, line)
        {
            self.result = Some((label.to_owned(), result.to_owned()));
            return Some(printed.to_owned()).filter(|printed| !printed.is_empty());
        }
        // The harness begins with an empty line.
        (self.begun || !line.trim_end().is_empty()).then(|| line.to_owned())
    }

    fn ended(self, status: ExitStatus) -> Ended {
        let Output { test, begun, result, printed, after } = self;
        let mut captured = captured(&after).to_owned();
        let mut explain = |why: String| {
            captured.push_str(&format!("---- {test} ----\n{why}\n"));
            "FAILED".to_owned()
        };
        let (label, result) = match result {
            Some((label, result)) if status.success() || result.starts_with("FAILED") => (label, result),
            Some((label, result)) => {
                let said = beyond(&after);
                let status = || format!("it was {result}, and then its process failed: {status}");
                (label, explain(if said.is_empty() { status() } else { said.to_owned() }))
            }
            None if status.success() && !begun => (
                test.to_owned(),
                explain("the executable lists it and does not run it by its name".to_owned()),
            ),
            None => (test.to_owned(), explain(format!("its process ended before it did: {status}"))),
        };
        Ended { label, result, printed, captured, filtered_out: filtered_out(&after) }
    }
}

/// The parts of `printed by the testtest orders::list - should panic ... ok`: what is before, the label, the result.
fn result_of<'a>(test: &str, line: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let (head, result) = line.trim_end().rsplit_once(" ... ")?;
    let is_a_result = ["ok", "FAILED", "ignored"].iter().any(|word| {
        result.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
    });
    let name = head.strip_suffix(" - should panic").unwrap_or(head);
    let printed = name.strip_suffix(test)?.strip_suffix("test ")?;
    is_a_result.then(|| (printed, &head[printed.len() + "test ".len()..], result))
}

/// What stands between the titles `failures:` or `successes:` and the list of names under the same title.
fn captured(after: &str) -> &str {
    let Some(start) = after.find("---- ") else { return "" };
    let end = ["\n\nfailures:\n", "\n\nsuccesses:\n"].iter().filter_map(|title| after.rfind(title)).max();
    let section = after.get(start..end.unwrap_or(after.len())).unwrap_or_default();
    section.trim_end()
}

/// What was printed when the harness had said its last word: by perfassert, say, of a test without an attribute.
fn beyond(after: &str) -> &str {
    let last = after.rfind("test result: ").and_then(|start| after.get(start..));
    last.and_then(|last| last.split_once('\n')).map_or("", |(_, said)| said.trim())
}

/// The number in `test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.00s`.
fn filtered_out(after: &str) -> usize {
    let summary = after.lines().rev().find(|line| line.starts_with("test result: "));
    let part = summary.and_then(|line| line.split("; ").find_map(|part| part.strip_suffix(" filtered out")));
    part.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str, &str)>) {
        assert_eq!(result_of("a::b", line), expected);
    }

    #[test]
    fn results() {
        check("test a::b ... ok\n", Some(("", "a::b", "ok")));
        check("test a::b - should panic ... FAILED\n", Some(("", "a::b - should panic", "FAILED")));
        check("test a::b ... ignored, too ... slow\n", None);
        check("test a::b ... ignored, slow\n", Some(("", "a::b", "ignored, slow")));
        check("test a::b ... ok <0.001s>\n", Some(("", "a::b", "ok <0.001s>")));
        check("no newlinetest a::b ... ok\n", Some(("no newline", "a::b", "ok")));
        check("test a::c ... ok\n", None);
        check("test a::b ... okay\n", None);
        check("test a::b ... ", None);
    }

    #[test]
    fn what_was_captured() {
        let failed = "\nfailures:\n\n---- a stdout ----\n\nfailures:\nmine\n\n\nfailures:\n    a\n\ntest result: FAILED. 0 passed; \
                      1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.00s\n\n";
        assert_eq!(captured(failed), "---- a stdout ----\n\nfailures:\nmine");
        assert_eq!(filtered_out(failed), 7);
        assert_eq!((captured(""), filtered_out("")), ("", 0));
        assert_eq!((beyond(failed), beyond("")), ("", ""));
        assert_eq!(
            beyond(&format!("{failed}perfassert: it is over\n  its limit\n\n")),
            "perfassert: it is over\n  its limit"
        );
    }
}
