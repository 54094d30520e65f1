//! Which tests an executable has.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use perfassert_record::record::DIR_VARIABLE;

use super::options::Options;

/// An option of libtest and of what mimics it, as it stands in an executable that has it.
const OPTION: &[u8] = b"test-threads";

/// The selected tests, sorted as the executable sorts them; `None` where it has no libtest harness.
///
/// # Errors
///
/// When it cannot be read or started.
pub(super) fn tests(executable: &Path, options: &Options) -> io::Result<Option<Vec<String>>> {
    // One that does not know `--list` would do all its work, and again when it is run.
    if !has(executable, OPTION)? {
        return Ok(None);
    }
    let listed = Command::new(executable)
        .args(&options.selection)
        .args(["--list", "--format", "terse"])
        .env_remove(DIR_VARIABLE)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&listed.stdout);
    Ok(names(&text).filter(|_| listed.status.success()))
}

/// Whether a text stands in the executable.
///
/// # Errors
///
/// When it cannot be read.
pub(super) fn has(executable: &Path, text: &[u8]) -> io::Result<bool> {
    contains(BufReader::with_capacity(1 << 16, File::open(executable)?), text)
}

/// The names in lines of `orders::list: test`; `None` if other lines are among them.
pub(super) fn names(text: &str) -> Option<Vec<String>> {
    text.lines()
        .map(|line| {
            let name = line.strip_suffix(": test").or_else(|| line.strip_suffix(": benchmark"))?;
            // What mimics libtest may put a kind before the name that is no part of it.
            (!name.starts_with('[')).then(|| name.to_owned())
        })
        .collect()
}

fn contains(mut reader: impl Read, needle: &[u8]) -> io::Result<bool> {
    let mut bytes = vec![0; 1 << 20];
    let mut kept = 0;
    loop {
        let read = reader.read(&mut bytes[kept..])?;
        if read == 0 {
            return Ok(false);
        }
        let filled = kept + read;
        if memchr::memmem::find(&bytes[..filled], needle).is_some() {
            return Ok(true);
        }
        // The needle may lie across two reads.
        kept = filled.min(needle.len() - 1);
        bytes.copy_within(filled - kept..filled, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list() {
        assert_eq!(names("a: test\nb::c: benchmark\n"), Some(vec!["a".to_owned(), "b::c".to_owned()]));
        assert_eq!(names(""), Some(Vec::new()));
        assert_eq!(names("a: test\nhello\n"), None);
        assert_eq!(names("[ui] a: test\n"), None);
    }

    /// Reads one byte at a time.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut bytes[..1])
        }
    }

    #[test]
    fn an_option_across_two_reads() {
        assert!(contains(Slowly(b"--test-threads"), OPTION).unwrap());
        assert!(!contains(Slowly(b"--test-thread test-hreads"), OPTION).unwrap());
    }
}
