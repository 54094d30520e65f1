//! What a test leaves for `cargo perfassert explain`: every stack on which the application allocated or sent a statement.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::alloc::{Counted, Owner};
use crate::callers::CAN_LOOK;
use crate::record::Site;
use crate::record::explain::{self, Allocations, Code, DIR_VARIABLE, Explanation, Frame, Others, Queries};
use crate::scope::{ChildPlace, Entry, Scope};
use crate::site::{self, Capture};
use crate::spec::Test;
use crate::sql::Class;

/// Whether tests of this process are to be explained.
pub(crate) fn is_wanted() -> bool {
    dir().is_some()
}

fn dir() -> Option<&'static Path> {
    static DIR: OnceLock<Option<OsString>> = OnceLock::new();
    DIR.get_or_init(|| std::env::var_os(DIR_VARIABLE)).as_deref().map(Path::new)
}

/// A test begins.
pub(crate) fn begin() {
    if is_wanted() {
        site::want_whole();
    }
}

/// Writes what `scope` did, if that is wanted.
///
/// # Errors
///
/// When the file cannot be written.
pub(crate) fn write(test: &Test, scope: &Arc<Scope>) -> io::Result<()> {
    match dir() {
        Some(dir) => explain::write(dir, &explanation(test, scope)),
        None => Ok(()),
    }
}

fn explanation(test: &Test, scope: &Arc<Scope>) -> Explanation {
    let mut numbers = Numbers::default();
    let by_children = scope.obtained_by_children();
    let mut allocations = allocations(scope, &mut numbers);
    allocations.extend(by_children.places.iter().map(|place| of_child(place, &mut numbers)));
    let statement_counts = scope.statement_counts();
    let entries =
        statement_counts.entries().iter().filter(|entry| entry.statement.class == Class::Application);
    let queries = entries.flat_map(|entry| queries(entry, &mut numbers)).collect();
    let mut frames: Vec<_> = numbers.of.into_iter().collect();
    frames.sort_by_key(|(_, number)| *number);
    let elsewhere = by_children.elsewhere();
    Explanation {
        test: test.id(),
        has_stacks: CAN_LOOK,
        frames: frames.into_iter().map(|(frame, _)| frame).collect(),
        allocations,
        queries,
        others: others(scope),
        child_allocs: elsewhere.calls(),
        child_bytes: elsewhere.bytes,
    }
}

/// The frames that were met, with their numbers.
#[derive(Default)]
struct Numbers {
    frames: site::Frames,
    of: HashMap<Frame, usize>,
}

impl Numbers {
    /// The frames of a stack of return addresses, from the outside in, but for those of perfassert's own that the allocator or a source
    /// has called.
    fn of_stack(&mut self, addresses: &[usize]) -> Vec<usize> {
        let mut frames = self.frames.of(addresses);
        while frames.last().is_some_and(|frame| frame.crate_name == "perfassert") {
            frames.pop();
        }
        frames.into_iter().map(|frame| self.of(frame)).collect()
    }

    fn of(&mut self, frame: Frame) -> usize {
        let next = self.of.len();
        *self.of.entry(frame).or_insert(next)
    }
}

fn allocations(scope: &Scope, numbers: &mut Numbers) -> Vec<Allocations> {
    let mut by_stack = BTreeMap::<Vec<usize>, Allocations>::new();
    let mut of = |addresses: &[usize], add: &dyn Fn(&mut Allocations)| {
        let stack = numbers.of_stack(addresses);
        let none = Allocations {
            stack: stack.clone(),
            allocs: 0,
            zeroed: 0,
            grown: 0,
            bytes: 0,
            retained: 0,
            retained_bytes: 0,
        };
        add(by_stack.entry(stack).or_insert(none));
    };
    for place in scope.places() {
        of(place.stack, &|all| {
            all.allocs += place.counted.allocs;
            all.zeroed += place.counted.zeroed;
            all.grown += place.counted.reallocs;
            all.bytes += place.counted.bytes;
        });
    }
    for (stack, blocks, bytes) in scope.alive() {
        of(stack, &|all| {
            all.retained += blocks;
            all.retained_bytes += bytes;
        });
    }
    by_stack.into_values().collect()
}

/// Of a child process only the innermost function of the application is known.
fn of_child((place, counted): &(ChildPlace, Counted), numbers: &mut Numbers) -> Allocations {
    let frame = match place.clone() {
        ChildPlace::Line(site) => of_line(site),
        ChildPlace::Function(function) => own(function, None, None),
    };
    let Counted { allocs, zeroed, reallocs, bytes } = *counted;
    let stack = vec![numbers.of(frame)];
    Allocations { stack, allocs, zeroed, grown: reallocs, bytes, retained: 0, retained_bytes: 0 }
}

/// A line of a child process.
fn of_line(Site { file, line, function }: Site) -> Frame {
    own(function, Some(file), Some(line))
}

fn own(function: String, file: Option<String>, line: Option<u32>) -> Frame {
    Frame { function, crate_name: String::new(), file, line, code: Code::Own }
}

/// The executions of a statement, stack by stack. Those that no stack is known of have an empty one.
fn queries(entry: &Entry, numbers: &mut Numbers) -> Vec<Queries> {
    let stacks = entry.lines.stacks();
    let shares = entry.lines.shares(&(0..stacks.len()).map(Some).collect::<Vec<_>>());
    let counts: Vec<u64> = shares.iter().map(|share| share.sure + share.about).collect();
    let sql = &entry.statement.text;
    let of = |stack, count| Queries { stack, sql: sql.clone(), count };
    // The same statement again in one text is not captured again.
    let rest = entry.count.saturating_sub(counts.iter().sum());
    if let [only] = stacks {
        return vec![of(frames(only, numbers), entry.count)];
    }
    let known = stacks.iter().zip(counts).map(|(capture, count)| of(frames(capture, numbers), count));
    let mut queries: Vec<_> = known.collect();
    queries.extend((rest > 0).then(|| of(Vec::new(), rest)));
    queries
}

fn frames(capture: &Capture, numbers: &mut Numbers) -> Vec<usize> {
    let addresses = capture.addresses();
    match capture.site() {
        Some(site) if addresses.is_empty() => vec![numbers.of(of_line(site))],
        _ => numbers.of_stack(addresses),
    }
}

fn others(scope: &Scope) -> Vec<Others> {
    let own = scope.allocated_here().totals;
    let others = Owner::others().map(|(owner, code)| {
        let of = own.of(owner);
        Others { who: code.to_string(), allocs: of.calls(), bytes: of.bytes }
    });
    others.filter(|of| of.allocs > 0).collect()
}
