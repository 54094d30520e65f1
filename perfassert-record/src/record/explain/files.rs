//! Files of explanations: one for each test that was run.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Explanation;
use super::format::{File, Header, UnknownNumber, VERSION};
use crate::json;
use crate::record::{Damage, ReadError};

/// How the names of the files end.
const ENDING: &str = ".explained.json";

/// Writes `explanation` to a file of its own in `dir`.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write(dir: &Path, explanation: &Explanation) -> io::Result<()> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{}-{number}{ENDING}", std::process::id());
    fs::write(dir.join(name), json::to_vec(&File::from(explanation)))
}

/// Reads every explanation of a directory, in the order of the files' names.
///
/// # Errors
///
/// When the directory or a file cannot be read, or was written in a newer format.
/// A file that is damaged is no error: it is returned beside the explanations.
pub fn read_dir(dir: &Path) -> Result<(Vec<Explanation>, Vec<Damage>), ReadError> {
    let at = |error| ReadError::Io(dir.to_owned(), error);
    let entries = fs::read_dir(dir).map_err(at)?.collect::<Result<Vec<_>, _>>().map_err(at)?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(ENDING));
    files.sort();
    let (mut explanations, mut damage) = (Vec::new(), Vec::new());
    for file in files {
        let text = fs::read(&file).map_err(|error| ReadError::Io(file.clone(), error))?;
        match read(&text) {
            Ok(explanation) => explanations.push(explanation),
            Err(Unreadable::Newer(format)) => {
                return Err(ReadError::NewerExplanation { file, format, known: VERSION });
            }
            Err(Unreadable::Damaged(reason)) => damage.push(Damage { file, line: 1, reason }),
        }
    }
    Ok((explanations, damage))
}

enum Unreadable {
    Newer(u32),
    Damaged(String),
}

fn read(text: &[u8]) -> Result<Explanation, Unreadable> {
    let damaged = |error: json::Error| Unreadable::Damaged(error.to_string());
    let Header { format } = json::from_slice(text).map_err(damaged)?;
    if format > VERSION {
        return Err(Unreadable::Newer(format));
    }
    let file: File = json::from_slice(text).map_err(damaged)?;
    file.try_into().map_err(|UnknownNumber(number)| Unreadable::Damaged(format!("unknown number {number}")))
}

#[cfg(test)]
mod tests {
    use super::super::{Allocations, Code, Frame, Others, Queries};
    use super::*;
    use crate::record::TestId;

    fn frame(function: &str, file: Option<&str>, code: Code) -> Frame {
        let (function, file) = (function.to_owned(), file.map(str::to_owned));
        Frame { function, crate_name: "shop".to_owned(), file, line: Some(7), code }
    }

    fn explanation() -> Explanation {
        Explanation {
            test: TestId {
                package: "shop".to_owned(),
                target: "api".to_owned(),
                name: "lists".to_owned(),
                case: None,
            },
            has_stacks: true,
            frames: vec![
                frame("lists", Some("tests/api.rs"), Code::Own),
                frame("serde_json::to_string", None, Code::Library),
                frame("alloc::alloc", None, Code::Beneath),
            ],
            allocations: vec![Allocations {
                stack: vec![0, 1, 2],
                allocs: 3,
                zeroed: 1,
                grown: 2,
                bytes: 99,
                retained: 1,
                retained_bytes: 8,
            }],
            queries: vec![Queries { stack: vec![0], sql: "SELECT ?".to_owned(), count: 4 }],
            others: vec![Others { who: "driver".to_owned(), allocs: 5, bytes: 6 }],
            child_allocs: 10,
            child_bytes: 11,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &explanation()).unwrap();
        write(dir.path(), &explanation()).unwrap();
        fs::write(dir.path().join("1.jsonl"), "{}").unwrap();
        assert_eq!(read_dir(dir.path()).unwrap(), (vec![explanation(); 2], Vec::new()));
    }

    /// What the file of format 1 is, to be read by every version to come.
    const FORMAT_1: &str = r#"{"format":1,"test":{"package":"shop","target":"api","name":"lists"},"has_stacks":true,"texts":["lists","shop","tests/api.rs","serde_json::to_string","alloc::alloc","SELECT ?"],"frames":[{"function":0,"crate":1,"file":2,"line":7,"code":"own"},{"function":3,"crate":1,"line":7,"code":"library"},{"function":4,"crate":1,"line":7,"code":"beneath"}],"allocations":[{"stack":[0,1,2],"allocs":3,"zeroed":1,"grown":2,"bytes":99,"retained":1,"retained_bytes":8}],"queries":[{"stack":[0],"sql":5,"count":4}],"others":[{"who":"driver","allocs":5,"bytes":6}],"child_allocs":10,"child_bytes":11}"#;

    #[test]
    fn format_1_is_read() {
        assert_eq!(read(FORMAT_1.as_bytes()).ok(), Some(explanation()));
        assert_eq!(String::from_utf8(json::to_vec(&File::from(&explanation()))).unwrap(), FORMAT_1);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let check = |text: &str, told: &str| {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(format!("1-0{ENDING}")), text).unwrap();
            let error = match read_dir(dir.path()) {
                Ok((_, damage)) => damage[0].to_string(),
                Err(error) => error.to_string(),
            };
            assert!(error.ends_with(told), "{error}");
        };
        check(&FORMAT_1[..40], ":1: cut short");
        check(&FORMAT_1.replace("[0,1,2]", "[0,3]"), ":1: unknown number 3");
        check(r#"{"format":2}"#, "update cargo-perfassert");
    }
}
