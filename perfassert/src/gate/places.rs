//! Where the application allocated, as a message shows it.

use std::collections::BTreeMap;

use super::text::{self, line};
use crate::alloc::Counted;
use crate::counts::{Metric, in_binary_units};
use crate::observation::{Part, Place};
use crate::record::Site;
use crate::scope::{ChildPlace, ObtainedByChildren};
use crate::site::Capture;

/// A message shows that many places and says how many there were beyond.
const PLACES_SHOWN: usize = 10;

/// A line of code, or where none of the user's is on the stack a function of a library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Line(Site),
    Function(String),
    /// Of a child process.
    OfChild(ChildPlace),
    /// Child processes that have not told where.
    Children,
}

/// Calls and bytes of one name.
struct Row {
    name: Name,
    calls: u64,
    bytes: u64,
}

/// The places of `part`, of `test`, that `metric` is about, the most first.
pub(super) fn places(text: &mut String, test: &str, part: &Part, metric: &Metric) {
    let is_live = *metric == Metric::BytesLive;
    let by_calls = matches!(metric, Metric::Allocs | Metric::AllocsPerIter);
    // What is still alive child processes tell by its bytes alone.
    let (places, by_children) = if is_live {
        (&part.alive, &ObtainedByChildren::default())
    } else {
        (&part.places, &part.by_children)
    };
    let rows = rows(places, by_children, by_calls);
    for Row { name, calls, bytes } in rows.iter().take(PLACES_SHOWN) {
        line(text, 4, &format!("{calls:>4}x  {:>10}  {name}", size(*bytes)));
    }
    if let Some(rest) = rows.get(PLACES_SHOWN..).filter(|rest| !rest.is_empty()) {
        let calls: u64 = rest.iter().map(|row| row.calls).sum();
        let places = if rest.len() == 1 { "one more place" } else { &format!("{} more places", rest.len()) };
        line(text, 4, &format!("{calls:>4}x  in {places}: cargo perfassert explain {test}"));
    }
}

fn rows(places: &[Place], by_children: &ObtainedByChildren, by_calls: bool) -> Vec<Row> {
    let mut of = BTreeMap::<Name, (u64, u64)>::new();
    for place in places {
        let (calls, bytes) = of.entry(Name::of(&place.stack)).or_default();
        *calls += place.calls;
        *bytes += place.bytes;
    }
    let numbers = |counted: Counted| (counted.calls(), counted.bytes);
    let told = by_children.places.iter();
    of.extend(told.map(|(place, counted)| (Name::OfChild(place.clone()), numbers(*counted))));
    if by_children.elsewhere() != Counted::default() {
        of.insert(Name::Children, numbers(by_children.elsewhere()));
    }
    let mut rows: Vec<_> = of.into_iter().map(|(name, (calls, bytes))| Row { name, calls, bytes }).collect();
    rows.sort_by_key(|row| {
        let (first, second) = if by_calls { (row.calls, row.bytes) } else { (row.bytes, row.calls) };
        std::cmp::Reverse((first, second))
    });
    rows
}

impl Name {
    fn of(stack: &Capture) -> Self {
        match stack.site() {
            Some(site) => Name::Line(site),
            None => Name::Function(stack.library_function().unwrap_or_else(|| "a library".to_owned())),
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Name::Line(site) if site.function.is_empty() => write!(f, "{site}"),
            Name::Line(site) => write!(f, "{site}  {}", site.function),
            Name::OfChild(ChildPlace::Line(site)) => write!(f, "{}", Name::Line(site.clone())),
            Name::OfChild(ChildPlace::Function(function)) => {
                write!(f, "{function} (in a program that the test has started)")
            }
            Name::Children => f.write_str("programs that the test has started"),
            Name::Function(function) => write!(f, "{function} (in a task without a line of yours)"),
        }
    }
}

/// `12.3 KiB`
fn size(bytes: u64) -> String {
    in_binary_units(bytes).unwrap_or_else(|| text::bytes(i64::try_from(bytes).unwrap_or(i64::MAX)))
}
