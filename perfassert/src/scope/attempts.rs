//! What became of the executions of a statement: kept, or undone and perhaps tried again.

use super::Query;
use crate::nature::{expects_a_version, inserts_or_fails};
use crate::sql::{Class, Kind};

/// So many ends are told apart in one scope. What comes later counts as kept.
const ENDS: usize = 1 << 16;

/// How something ended that had begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The transaction was committed, or a part of it released.
    Kept,
    /// It was rolled back, in whole or in part.
    Undone,
    /// The next one began before anything had ended it: it was dropped, or the two were side by side.
    Dropped,
    /// A statement failed.
    Failed,
    /// A statement met nothing that it expected.
    MetNothing,
}

/// The transactions of a scope, and what failed in it, in order.
#[derive(Clone, Default)]
pub(super) struct Transactions {
    ends: Vec<End>,
    /// A transaction has begun and not ended.
    is_open: bool,
    /// One ended after another had taken its place: they were side by side.
    are_side_by_side: bool,
}

impl Transactions {
    pub(super) fn add(&mut self, query: &Query) {
        match query.statement.class {
            Class::Transaction => self.transaction(&query.statement.text),
            Class::Application if query.failed => self.fail(),
            Class::Application if has_met_nothing(query) => self.meet_nothing(),
            _ => {}
        }
    }

    /// A statement has failed.
    pub(super) fn fail(&mut self) {
        self.end(End::Failed);
    }

    /// A statement has met nothing that it expected.
    pub(super) fn meet_nothing(&mut self) {
        self.end(End::MetNothing);
    }

    fn transaction(&mut self, text: &str) {
        match text.split(' ').next().unwrap_or_default() {
            "BEGIN" | "START" => {
                if self.is_open {
                    self.end(End::Dropped);
                }
                self.is_open = true;
            }
            "COMMIT" | "END" => self.close(End::Kept),
            "RELEASE" => self.end(End::Kept),
            "ROLLBACK" if text.contains(" TO ") => self.end(End::Undone),
            "ROLLBACK" | "ABORT" => self.close(End::Undone),
            _ => {}
        }
    }

    fn close(&mut self, end: End) {
        self.end(end);
        self.are_side_by_side |= !std::mem::take(&mut self.is_open) && self.ends.contains(&End::Dropped);
    }

    fn end(&mut self, end: End) {
        if self.ends.len() < ENDS {
            self.ends.push(end);
        }
    }
}

/// Whether the execution did nothing, and that means that it is to be tried again: no row had the version that an update
/// expected, or a plain insert inserted none.
pub(super) fn has_met_nothing(query: &Query) -> bool {
    let (text, kind) = (&query.statement.text, query.statement.kind);
    query.changed == Some(0)
        && matches!(kind, Kind::Insert | Kind::Update)
        && (expects_a_version(text, kind) || inserts_or_fails(text))
}

/// The executions of one statement, by what became of them.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Attempts {
    /// How many ends there had been at the last execution, and whether it was in a transaction.
    ends: usize,
    was_open: bool,
    /// Executions since something ended.
    pending: u64,
    /// Executions that were kept.
    kept: u64,
    /// Attempts one after the other that were undone.
    undone: u64,
    /// Of the executions that were undone, those of which only the next beginning tells.
    dropped: u64,
    /// The most executions in one attempt.
    pub(crate) most_in_one: u64,
    /// The most attempts one after the other that were undone.
    pub(crate) most_undone: u64,
    /// One met nothing that it expected after others had been kept: that is how several rows go, and not a row that is tried again.
    pub(crate) has_gone_on: bool,
    /// Some attempt broke off because a statement failed, as far as the driver tells.
    pub(crate) has_failed: bool,
}

impl Attempts {
    /// One more execution. `ends` are those of the scope before it.
    pub(super) fn add(&mut self, ends: &Transactions) {
        self.settle(ends, ends.is_open);
        self.ends = ends.ends.len();
        self.was_open = ends.is_open;
        self.pending += 1;
        self.most_in_one = self.most_in_one.max(self.pending);
    }

    /// What became of the executions so far, if that is known by now.
    ///
    /// What is sent outside of transactions is kept at once, unless something fails before it is sent again.
    fn settle(&mut self, ends: &Transactions, may_go_on: bool) {
        if self.pending == 0 {
            return;
        }
        match ends.ends.get(self.ends) {
            None if self.was_open && may_go_on => {}
            None | Some(End::Kept) => self.keep(),
            Some(end) => {
                self.has_failed |= *end == End::Failed;
                self.has_gone_on |= *end == End::MetNothing && self.kept > 0;
                self.dropped += if *end == End::Dropped { self.pending } else { 0 };
                self.undone += 1;
                self.most_undone = self.most_undone.max(self.undone);
                self.pending = 0;
            }
        }
    }

    fn keep(&mut self) {
        self.kept += std::mem::take(&mut self.pending);
        self.undone = 0;
    }

    /// When all is over: how many executions were kept.
    pub(super) fn kept(&self, ends: &Transactions) -> (Attempts, u64) {
        let mut all = self.clone();
        all.settle(ends, false);
        let kept = all.kept + if ends.are_side_by_side { all.dropped } else { 0 };
        (all, kept)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sql::normalize;

    /// What became of the executions of `UPDATE t ...`, where `0` stands for one that changed nothing.
    #[track_caller]
    fn check(sent: &str, kept: u64, most_in_one: u64, most_undone: u64) {
        let (mut ends, mut attempts) = (Transactions::default(), Attempts::default());
        for word in sent.split(' ') {
            let sql = match word {
                "u" | "0" => "UPDATE t SET v = v + 1 WHERE id = ? AND v = ?",
                other => other,
            };
            let query =
                Query { changed: Some(u64::from(word == "u")), ..Query::of(Arc::new(normalize(sql))) };
            if matches!(word, "u" | "0") {
                attempts.add(&ends);
            }
            ends.add(&query);
        }
        let (all, all_kept) = attempts.kept(&ends);
        assert_eq!((all_kept, all.most_in_one, all.most_undone), (kept, most_in_one, most_undone), "{sent}");
    }

    #[test]
    fn what_becomes_of_executions() {
        check("u u u", 3, 1, 0);
        check("BEGIN u u u COMMIT", 3, 3, 0);
        check("BEGIN u ROLLBACK BEGIN u ROLLBACK BEGIN u COMMIT", 1, 1, 2);
        check("BEGIN u ROLLBACK BEGIN u ROLLBACK BEGIN u ROLLBACK", 0, 1, 3);
        check("BEGIN u BEGIN u BEGIN u COMMIT", 1, 1, 2);
        check("0 0 0 u", 1, 1, 3);
        check("BEGIN u COMMIT BEGIN u ROLLBACK BEGIN u COMMIT BEGIN u COMMIT", 3, 1, 1);
        check("BEGIN u u ROLLBACK BEGIN u u COMMIT", 2, 2, 1);
    }

    /// Transactions side by side have begun one after the other as well, but each of them ends.
    #[test]
    fn transactions_side_by_side_are_not_dropped() {
        check("BEGIN u BEGIN u BEGIN u COMMIT COMMIT COMMIT", 3, 1, 2);
    }
}
