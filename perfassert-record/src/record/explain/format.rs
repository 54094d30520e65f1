//! The file of an explanation: a private mirror of [`Explanation`], in which each text stands once.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Allocations, Code, Explanation, Frame, Others, Queries};
use crate::record::format::TestIdLine;

/// The version of the format that this crate writes and the newest that it reads.
///
/// - 1: the first.
pub const VERSION: u32 = 1;

/// What every version has.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) format: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct File {
    format: u32,
    test: TestIdLine,
    has_stacks: bool,
    texts: Vec<String>,
    frames: Vec<FrameLine>,
    allocations: Vec<AllocationsLine>,
    queries: Vec<QueriesLine>,
    others: Vec<OthersLine>,
    child_allocs: u64,
    child_bytes: u64,
}

/// Texts are numbers of [`File::texts`].
#[derive(Serialize, Deserialize)]
struct FrameLine {
    function: usize,
    #[serde(rename = "crate")]
    crate_name: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    code: CodeLine,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CodeLine {
    Own,
    Library,
    Beneath,
}

#[derive(Serialize, Deserialize)]
struct AllocationsLine {
    stack: Vec<usize>,
    allocs: u64,
    zeroed: u64,
    grown: u64,
    bytes: u64,
    retained: u64,
    retained_bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct QueriesLine {
    stack: Vec<usize>,
    sql: usize,
    count: u64,
}

#[derive(Serialize, Deserialize)]
struct OthersLine {
    who: String,
    allocs: u64,
    bytes: u64,
}

/// A number that stands for nothing that is in the file.
#[derive(Debug)]
pub(super) struct UnknownNumber(pub(super) usize);

/// The texts of a file that is being written.
#[derive(Default)]
struct Texts<'a> {
    numbers: HashMap<&'a str, usize>,
    texts: Vec<String>,
}

impl<'a> Texts<'a> {
    fn number(&mut self, text: &'a str) -> usize {
        *self.numbers.entry(text).or_insert_with(|| {
            self.texts.push(text.to_owned());
            self.texts.len() - 1
        })
    }
}

impl From<&Explanation> for File {
    fn from(explanation: &Explanation) -> Self {
        let Explanation { test, has_stacks, frames, allocations, queries, others, child_allocs, child_bytes } =
            explanation;
        let mut texts = Texts::default();
        let frame = |frame| frame_to_line(frame, &mut texts);
        let frames = frames.iter().map(frame).collect();
        let queries = queries.iter().map(|Queries { stack, sql, count }| QueriesLine {
            stack: stack.clone(),
            sql: texts.number(sql),
            count: *count,
        });
        let queries = queries.collect();
        File {
            format: VERSION,
            test: TestIdLine::from(test),
            has_stacks: *has_stacks,
            texts: texts.texts,
            frames,
            allocations: allocations.iter().map(allocations_to_line).collect(),
            queries,
            others: others
                .iter()
                .map(|Others { who, allocs, bytes }| OthersLine {
                    who: who.clone(),
                    allocs: *allocs,
                    bytes: *bytes,
                })
                .collect(),
            child_allocs: *child_allocs,
            child_bytes: *child_bytes,
        }
    }
}

fn frame_to_line<'a>(frame: &'a Frame, texts: &mut Texts<'a>) -> FrameLine {
    FrameLine {
        function: texts.number(&frame.function),
        crate_name: texts.number(&frame.crate_name),
        file: frame.file.as_deref().map(|file| texts.number(file)),
        line: frame.line,
        code: match frame.code {
            Code::Own => CodeLine::Own,
            Code::Library => CodeLine::Library,
            Code::Beneath => CodeLine::Beneath,
        },
    }
}

fn allocations_to_line(of: &Allocations) -> AllocationsLine {
    AllocationsLine {
        stack: of.stack.clone(),
        allocs: of.allocs,
        zeroed: of.zeroed,
        grown: of.grown,
        bytes: of.bytes,
        retained: of.retained,
        retained_bytes: of.retained_bytes,
    }
}

impl TryFrom<File> for Explanation {
    type Error = UnknownNumber;

    fn try_from(file: File) -> Result<Self, UnknownNumber> {
        let File {
            test,
            has_stacks,
            texts,
            frames,
            allocations,
            queries,
            others,
            child_allocs,
            child_bytes,
            ..
        } = file;
        let text = |number: usize| texts.get(number).cloned().ok_or(UnknownNumber(number));
        let known = frames.len();
        let stack = |stack: Vec<usize>| match stack.iter().find(|frame| **frame >= known) {
            Some(frame) => Err(UnknownNumber(*frame)),
            None => Ok(stack),
        };
        Ok(Explanation {
            test: test.into(),
            has_stacks,
            frames: frames.into_iter().map(|line| frame_of(line, text)).collect::<Result<_, _>>()?,
            allocations: allocations
                .into_iter()
                .map(|line| {
                    let AllocationsLine { allocs, zeroed, grown, bytes, retained, retained_bytes, .. } = line;
                    let stack = stack(line.stack)?;
                    Ok(Allocations { stack, allocs, zeroed, grown, bytes, retained, retained_bytes })
                })
                .collect::<Result<_, _>>()?,
            queries: queries
                .into_iter()
                .map(|line| {
                    Ok(Queries { stack: stack(line.stack)?, sql: text(line.sql)?, count: line.count })
                })
                .collect::<Result<_, _>>()?,
            others: others
                .into_iter()
                .map(|OthersLine { who, allocs, bytes }| Others { who, allocs, bytes })
                .collect(),
            child_allocs,
            child_bytes,
        })
    }
}

fn frame_of(
    line: FrameLine,
    text: impl Fn(usize) -> Result<String, UnknownNumber>,
) -> Result<Frame, UnknownNumber> {
    Ok(Frame {
        function: text(line.function)?,
        crate_name: text(line.crate_name)?,
        file: line.file.map(text).transpose()?,
        line: line.line,
        code: match line.code {
            CodeLine::Own => Code::Own,
            CodeLine::Library => Code::Library,
            CodeLine::Beneath => Code::Beneath,
        },
    })
}
