//! Which repeated statements `#[no_n_plus_one]` accuses, held against what a senior engineer would say of each shape.
//!
//! The table is written down in `docs/book/src/n-plus-one.md`, and compared with it.

mod configured;
mod docs;
mod evidence;
mod shapes;
mod shop;
mod table;

use std::fmt;
use std::sync::OnceLock;

use perfassert::record::{Outcome, Record, Statement};
use perfassert_test_support::child::{Child, Ran};

/// What is said of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    NPlusOne,
    Duplicate,
    Innocent,
}

impl Verdict {
    fn is_finding(self) -> bool {
        self != Verdict::Innocent
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::NPlusOne => "N+1",
            Verdict::Duplicate => "duplicate",
            Verdict::Innocent => "innocent",
        })
    }
}

/// All shapes, which run side by side in one process.
fn shapes() -> &'static Ran {
    static SHAPES: OnceLock<Ran> = OnceLock::new();
    SHAPES.get_or_init(|| Child::matching("shapes::", 4).run())
}

#[track_caller]
fn record(shape: &str) -> &'static Record {
    let found = shapes().records.iter().find(|record| record.test.name == format!("shapes::{shape}"));
    found.unwrap_or_else(|| panic!("no record of {shape}:\n{}", shapes().output))
}

/// What the gate said of a shape.
#[track_caller]
fn observed(shape: &str) -> Verdict {
    match &record(shape).outcome {
        Outcome::Passed => Verdict::Innocent,
        Outcome::OverBudget(reasons) if reasons.iter().any(|reason| reason.contains("N+1: ")) => {
            Verdict::NPlusOne
        }
        Outcome::OverBudget(reasons) if reasons.iter().all(|reason| reason.contains("duplicate: ")) => {
            Verdict::Duplicate
        }
        outcome => panic!("{shape}: {outcome:?}\n{}", shapes().output),
    }
}

/// The statement of a shape that begins like this.
#[track_caller]
fn statement(shape: &str, sql: &str) -> &'static Statement {
    let record = record(shape);
    let mut all = record.endpoints.iter().flat_map(|it| &it.statements).chain(&record.statements);
    all.find(|statement| statement.sql.starts_with(sql)).unwrap_or_else(|| panic!("{shape}: {record:#?}"))
}
