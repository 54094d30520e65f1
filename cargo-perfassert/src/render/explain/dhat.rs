//! The file that dhat's viewer reads (`dh_view.html`): every stack with all its frames.
//!
//! What is not measured is what the viewer asks for as time: lifetimes are zero, and what was alive when most was is said to be what was
//! alive at the end.

use std::collections::HashMap;
use std::io::{self, Write};

use perfassert_record::record::explain::{Explanation, Frame};
use serde::Serialize;

/// The names are the format's.
#[derive(Serialize)]
#[allow(non_snake_case, reason = "the names are the format's")]
struct File {
    dhatFileVersion: u32,
    mode: &'static str,
    verb: &'static str,
    /// Blocks have lifetimes.
    bklt: bool,
    /// Accesses of blocks are known.
    bkacc: bool,
    /// The units of time.
    tu: &'static str,
    Mtu: &'static str,
    /// Below so many units of time a block is short-lived.
    tuth: u32,
    cmd: String,
    pid: u32,
    /// When most was alive, and the end.
    tg: u32,
    te: u32,
    pps: Vec<ProgramPoint>,
    ftbl: Vec<String>,
}

/// What was allocated from one stack: bytes and blocks in all, at the most, when most was alive, at the end.
#[derive(Serialize)]
struct ProgramPoint {
    tb: u64,
    tbk: u64,
    tl: u64,
    mb: u64,
    mbk: u64,
    gb: u64,
    gbk: u64,
    eb: u64,
    ebk: u64,
    /// From the inside out, as numbers of `ftbl`.
    fs: Vec<usize>,
}

/// Writes what `explanation` has of allocations.
///
/// # Errors
///
/// When `out` fails.
pub fn dhat(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(out, &file(explanation))?;
    Ok(())
}

fn file(explanation: &Explanation) -> File {
    // Two frames may look the same.
    let (mut texts, mut numbers) = (vec!["[root]".to_owned()], HashMap::new());
    let of_frame: Vec<usize> = explanation
        .frames
        .iter()
        .map(|frame| {
            let text = text(frame);
            *numbers.entry(text.clone()).or_insert_with(|| {
                texts.push(text);
                texts.len() - 1
            })
        })
        .collect();
    let points = explanation.allocations.iter().map(|of| ProgramPoint {
        tb: of.bytes,
        tbk: of.allocs + of.zeroed + of.grown,
        tl: 0,
        mb: of.retained_bytes,
        mbk: of.retained,
        gb: of.retained_bytes,
        gbk: of.retained,
        eb: of.retained_bytes,
        ebk: of.retained,
        fs: of.stack.iter().rev().map(|frame| of_frame[*frame]).collect(),
    });
    File {
        dhatFileVersion: 2,
        mode: "rust-heap",
        verb: "Allocated",
        bklt: true,
        bkacc: false,
        tu: "run",
        Mtu: "run",
        tuth: 1,
        cmd: format!("cargo perfassert explain {}", explanation.test.path()),
        pid: 0,
        tg: 1,
        te: 1,
        pps: points.collect(),
        ftbl: texts,
    }
}

fn text(frame: &Frame) -> String {
    let Frame { function, file, line, .. } = frame;
    match (file, line) {
        (Some(file), Some(line)) => format!("{function} ({file}:{line})"),
        (Some(file), None) => format!("{function} ({file})"),
        (None, _) => function.clone(),
    }
}

#[cfg(test)]
mod tests {
    use perfassert_record::record::TestId;
    use perfassert_record::record::explain::{Allocations, Code};

    use super::*;

    #[test]
    fn a_stack_is_a_program_point() {
        let frame = |function: &str, line| Frame {
            function: function.to_owned(),
            crate_name: String::new(),
            file: Some("src/lib.rs".to_owned()),
            line: Some(line),
            code: Code::Own,
        };
        let allocations = Allocations {
            stack: vec![0, 2, 1],
            allocs: 3,
            zeroed: 1,
            grown: 2,
            bytes: 99,
            retained: 2,
            retained_bytes: 40,
        };
        let test = TestId {
            package: "shop".to_owned(),
            target: "api".to_owned(),
            name: "lists".to_owned(),
            case: None,
        };
        let explanation = Explanation {
            test,
            has_stacks: true,
            frames: vec![frame("lists", 1), frame("alloc", 3), frame("label", 2)],
            allocations: vec![allocations],
            queries: Vec::new(),
            others: Vec::new(),
            child_allocs: 0,
            child_bytes: 0,
        };
        let mut out = Vec::new();
        dhat(&explanation, &mut out).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            file,
            serde_json::json!({
                "dhatFileVersion": 2, "mode": "rust-heap", "verb": "Allocated", "bklt": true, "bkacc": false,
                "tu": "run", "Mtu": "run", "tuth": 1, "cmd": "cargo perfassert explain lists", "pid": 0, "tg": 1, "te": 1,
                "pps": [{"tb": 99, "tbk": 6, "tl": 0, "mb": 40, "mbk": 2, "gb": 40, "gbk": 2, "eb": 40, "ebk": 2, "fs": [2, 3, 1]}],
                "ftbl": ["[root]", "lists (src/lib.rs:1)", "alloc (src/lib.rs:3)", "label (src/lib.rs:2)"],
            })
        );
    }
}
