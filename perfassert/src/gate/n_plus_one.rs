//! Statements that repeat the way that an N+1 does.
//!
//! The evidence is the same application statement, from the same call site, again and again within one request, one
//! section, or the rest of the test. A statement that takes a list (`IN (...)`, `= ANY(...)`, several rows of `VALUES`)
//! is a batch and is never accused; one that stands several times in one text went to the database once.

use super::Part;
use crate::scope::{Entry, Role};
use crate::site::Site;
use crate::sql::{Class, Kind};

/// A statement that repeats, and where from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Suspect {
    /// Which of the part's statements.
    pub(crate) index: usize,
    /// How often it was sent from there.
    pub(crate) count: u64,
    /// The line, where one was captured.
    pub(crate) site: Option<Site>,
    /// The statement before it that returned as many rows: what it is repeated for, as far as rows can tell.
    pub(crate) parent: Option<usize>,
}

/// The statements of `part` that were executed `threshold` times or more from one call site.
pub(crate) fn suspects(part: &Part, threshold: u64) -> Vec<Suspect> {
    let executed = |entry: &Entry| match part.role {
        // What a request or section did is judged there.
        Role::Test => entry.own_texts,
        _ => entry.texts,
    };
    let entries = part.statements.iter().enumerate();
    entries
        .filter(|(_, entry)| executed(entry) >= threshold.max(2) && can_be_accused(entry))
        .filter(|(_, entry)| !part.allowed.contains(&entry.statement.fingerprint))
        .filter_map(|(index, entry)| {
            let (site, count) = busiest_site(entry, executed(entry));
            let parent = parent(&part.statements[..index], count);
            (count >= threshold).then_some(Suspect { index, count, site, parent })
        })
        .collect()
}

fn can_be_accused(entry: &Entry) -> bool {
    let statement = &entry.statement;
    let moves_rows = matches!(statement.kind, Kind::Select | Kind::Insert | Kind::Update | Kind::Delete);
    statement.class == Class::Application && moves_rows && !statement.batched
}

/// The last of `before` that returned `rows` rows. No evidence by itself: drivers report rows only for what was read.
fn parent(before: &[Entry], rows: u64) -> Option<usize> {
    before.iter().rposition(|entry| entry.statement.class == Class::Application && entry.rows == Some(rows))
}

/// The call site with most of `executed` executions. Those that were not captured are taken to be spread like those that
/// were.
fn busiest_site(entry: &Entry, executed: u64) -> (Option<Site>, u64) {
    let sites = sites(entry);
    let captured: u64 = sites.iter().map(|(_, n)| n).sum();
    match sites.into_iter().next() {
        Some((site, n)) => (Some(site), n * executed / captured.max(1)),
        None => (None, executed),
    }
}

/// The call sites that were captured of a statement, the most frequent first.
pub(crate) fn sites(entry: &Entry) -> Vec<(Site, u64)> {
    let mut sites: Vec<(Site, u64)> = Vec::new();
    for site in entry.sites.iter().filter_map(|capture| capture.site()) {
        match sites.iter_mut().find(|(known, _)| *known == site) {
            Some((_, n)) => *n += 1,
            None => sites.push((site, 1)),
        }
    }
    sites.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    sites
}
