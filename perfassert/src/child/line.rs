//! What a child tells, a line of JSON each.

use serde::{Deserialize, Serialize};

use crate::alloc::{Counted, Memory, Owner, Totals};
use crate::inconclusive::Visibility;
use crate::record::Site;
use crate::scope::{Allocated, ChildPlace, Query, Scope};
use crate::site::Capture;
use crate::sql::{Class, Fingerprint, Kind, Normalized};

/// The version of these lines. Parent and child have one version of perfassert, or else nothing is told.
pub(super) const FORMAT: u32 = 3;

/// A scope of the child.
pub(crate) type Number = usize;

/// All of it.
pub(super) const WHOLE: Number = 0;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChildLine {
    /// The first: for whom.
    Joined {
        format: u32,
        traceparent: String,
    },
    /// A request or a section has begun.
    Part {
        part: Number,
        within: Number,
        name: String,
        is_endpoint: bool,
    },
    /// A request was answered.
    Answered {
        part: Number,
        name: String,
        failed: bool,
    },
    Query(Number, QueryLine),
    Count {
        part: Number,
        counter: String,
        n: i64,
    },
    /// A source could not see.
    Inconclusive {
        cause: String,
        help: String,
        of: VisibilityLine,
    },
    /// At the end: a line of code, for one execution of a statement.
    Site {
        part: Number,
        class: String,
        fingerprint: String,
        site: SiteLine,
    },
    /// At the end: what the application allocated in one place.
    Place {
        part: Number,
        place: PlaceLine,
        counted: [u64; 4],
    },
    /// At the end: what was allocated; of the whole child it is the last.
    Allocated {
        part: Number,
        /// For each owner the calls of each kind, and the bytes.
        counted: [[u64; 4]; Owner::ALL.len()],
        memory: Option<MemoryLine>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct QueryLine {
    sql: String,
    fingerprint: String,
    kind: String,
    class: String,
    batched: bool,
    statements: u32,
    is_round_trip: bool,
    is_repeated: bool,
    rows: Option<u64>,
    changed: Option<u64>,
    failed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VisibilityLine {
    Queries,
    Allocations,
    Everything,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MemoryLine {
    live: i64,
    peak: i64,
    frees: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlaceLine {
    Line(SiteLine),
    Function(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SiteLine {
    file: String,
    line: u32,
    function: String,
}

/// The number of a scope that is no part of another process's.
pub(crate) fn number(scope: &Scope) -> Number {
    if scope.is_root() { WHOLE } else { std::ptr::from_ref(scope).addr() }
}

impl ChildLine {
    pub(crate) fn query(scope: &Scope, query: &Query) -> Self {
        let Normalized { text, fingerprint, kind, class, batched, statements, .. } = &*query.statement;
        ChildLine::Query(
            number(scope),
            QueryLine {
                sql: text.clone(),
                fingerprint: fingerprint.to_string(),
                kind: kind.to_string(),
                class: class.to_string(),
                batched: *batched,
                statements: *statements,
                is_round_trip: query.is_round_trip,
                is_repeated: query.is_repeated,
                rows: query.rows,
                changed: query.changed,
                failed: query.failed,
            },
        )
    }

    pub(super) fn place(scope: &Scope, place: &ChildPlace, of: Counted) -> Self {
        let place = match place.clone() {
            ChildPlace::Line(site) => PlaceLine::Line(site.into()),
            ChildPlace::Function(function) => PlaceLine::Function(function),
        };
        ChildLine::Place { part: number(scope), place, counted: numbers(of) }
    }

    pub(super) fn allocated(scope: &Scope) -> Self {
        let Allocated { totals, memory } = scope.allocated();
        ChildLine::Allocated {
            part: number(scope),
            counted: totals.0.map(numbers),
            memory: memory.map(|Memory { live, peak, frees }| MemoryLine { live, peak, frees }),
        }
    }
}

/// What a line says that was allocated.
pub(super) fn allocated(counted: [[u64; 4]; Owner::ALL.len()], memory: Option<MemoryLine>) -> Allocated {
    let memory = memory.map(|MemoryLine { live, peak, frees }| Memory { live, peak, frees });
    Allocated { totals: Totals(counted.map(self::counted)), memory }
}

/// The calls of each kind, and the bytes.
fn numbers(of: Counted) -> [u64; 4] {
    [of.allocs, of.zeroed, of.reallocs, of.bytes]
}

pub(super) fn counted([allocs, zeroed, reallocs, bytes]: [u64; 4]) -> Counted {
    Counted { allocs, zeroed, reallocs, bytes }
}

impl QueryLine {
    /// The query, with what the reader knows of its line of code; `None` if it was written by another version.
    pub(super) fn read(self, site: impl FnOnce(Class, Fingerprint) -> Option<Site>) -> Option<Query> {
        let (class, fingerprint) = (self.class.parse::<Class>().ok()?, self.fingerprint.parse().ok()?);
        let mut statement = Normalized::new(self.sql, fingerprint, self.kind.parse::<Kind>().ok()?, class);
        (statement.batched, statement.statements) = (self.batched, self.statements);
        Some(Query {
            is_round_trip: self.is_round_trip,
            is_repeated: self.is_repeated,
            site: site(class, fingerprint).map(Capture::of_another_process),
            rows: self.rows,
            failed: self.failed,
            changed: self.changed,
            // The values stay in the process that has them.
            ..Query::of(std::sync::Arc::new(statement))
        })
    }
}

impl From<Visibility> for VisibilityLine {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Queries => VisibilityLine::Queries,
            Visibility::Allocations => VisibilityLine::Allocations,
            Visibility::Everything => VisibilityLine::Everything,
        }
    }
}

impl From<VisibilityLine> for Visibility {
    fn from(line: VisibilityLine) -> Self {
        match line {
            VisibilityLine::Queries => Visibility::Queries,
            VisibilityLine::Allocations => Visibility::Allocations,
            VisibilityLine::Everything => Visibility::Everything,
        }
    }
}

impl From<PlaceLine> for ChildPlace {
    fn from(line: PlaceLine) -> Self {
        match line {
            PlaceLine::Line(site) => {
                let site = Site::from(site);
                ChildPlace::Line(Capture::of_another_process(site.clone()).site().unwrap_or(site))
            }
            PlaceLine::Function(function) => ChildPlace::Function(function),
        }
    }
}

impl From<Site> for SiteLine {
    fn from(Site { file, line, function }: Site) -> Self {
        SiteLine { file, line, function }
    }
}

impl From<SiteLine> for Site {
    fn from(SiteLine { file, line, function }: SiteLine) -> Self {
        Site { file, line, function }
    }
}
