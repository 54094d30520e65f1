//! The statements of a part, as a message shows them: how often, from where, and what speaks against each.

use perfassert_record::text::shortened;

use super::from::sites;
use super::suspect::{Parent, Suspect};
use super::text::line;
use super::{Rise, too_few};
use crate::observation::Part;
use crate::record::Site;
use crate::scope::Entry;
use crate::sql::Class;

/// A message shows that many statements of a part and says how many there were beyond.
const STATEMENTS_SHOWN: usize = 20;

/// So much of a statement is shown that another one is repeated for, and that stands elsewhere.
const PARENT_WIDTH: usize = 60;

/// So many lines are shown that have called one.
const CALLERS_SHOWN: usize = 3;

/// The statements of a part, the most frequent first, those outside of the budgets last; below one that is repeated,
/// what it is repeated for.
pub(super) fn statements(text: &mut String, part: &Part, accused: &[&Suspect]) {
    let unclear = too_few(part);
    let accused_at = |index| accused.iter().copied().find(|suspect| suspect.index == index);
    let order = order(part, |index| accused_at(index).and_then(|suspect| suspect.parent));
    for (position, index) in order.iter().enumerate().take(STATEMENTS_SHOWN) {
        let entry = &part.statements[*index];
        let suspect = accused_at(*index);
        let among = accused.iter().any(|suspect| suspect.others.contains(index));
        let note = match suspect {
            None if among => "    <- for others of these rows".to_owned(),
            Some(suspect) => {
                let is_below = |parent: Parent| order.get(position + 1) == Some(&parent.index);
                format!("    <- {}", evidence(part, suspect, suspect.parent.is_some_and(is_below)))
            }
            None if unclear.iter().any(|pair| pair.index == *index) => {
                "    <- once per row of 2 rows, which is too few to tell: #[scaling] does".to_owned()
            }
            None => String::new(),
        };
        statement(text, entry, &note, suspect);
    }
    if order.len() > STATEMENTS_SHOWN {
        line(text, 4, &format!("and {} statements more", order.len() - STATEMENTS_SHOWN));
    }
}

fn order(part: &Part, parent_of: impl Fn(usize) -> Option<Parent>) -> Vec<usize> {
    let mut by_count: Vec<usize> = (0..part.statements.len()).collect();
    by_count.sort_by_key(|index| {
        let entry = &part.statements[*index];
        (entry.statement.class != Class::Application, std::cmp::Reverse(entry.count))
    });
    let mut order: Vec<usize> = Vec::new();
    for index in by_count {
        let mut next = Some(index);
        while let Some(index) = next.filter(|index| !order.contains(index)) {
            order.push(index);
            next = parent_of(index).map(|parent| parent.index);
        }
    }
    order
}

/// What speaks against a statement, in one line.
fn evidence(part: &Part, suspect: &Suspect, parent_is_below: bool) -> String {
    let parent = suspect.parent.map(|Parent { index, rows }| {
        let of_parent = if parent_is_below {
            "of the statement below".to_owned()
        } else {
            format!("of: {}", shortened(&part.statements[index].statement.text, PARENT_WIDTH))
        };
        if !suspect.others.is_empty() {
            format!("for some of the {rows} rows {of_parent}")
        } else if rows == suspect.count {
            format!("once per row {of_parent}")
        } else {
            format!("for {} of the {rows} rows {of_parent}", suspect.count)
        }
    });
    let repeated = parent.unwrap_or_else(|| match suspect.lines.len() {
        0 | 1 => "repeated from one line".to_owned(),
        lines => format!("repeated from {lines} lines"),
    });
    let Some(told) = suspect.values else { return repeated };
    let values = match told.distinct {
        1 if told.is_duplicate => "the same values each time: a duplicate".to_owned(),
        1 => "the same values each time".to_owned(),
        many if told.or_more => format!("more than {many} different values"),
        many => format!("{many} different values"),
    };
    let of = told.of.map(|of| format!(", of {of} that were looked at")).unwrap_or_default();
    format!("{repeated}; {values}{of}")
}

fn statement(text: &mut String, entry: &Entry, note: &str, suspect: Option<&Suspect>) {
    let class = entry.statement.class;
    let note = match class {
        Class::Application | Class::Transaction => note,
        _ => "    (not in the budget)",
    };
    let failed = match entry.failed {
        0 => String::new(),
        failed => format!("  ({failed} failed)"),
    };
    line(text, 4, &format!("{:>4}x  {}{failed}{note}", entry.count, entry.statement.text));
    if class == Class::Application {
        lines_of(text, entry, suspect.map_or(&[], |suspect| &suspect.lines));
    }
}

/// The statements that there are more of with more.
pub(super) fn grown(text: &mut String, rise: &Rise<'_>) {
    for grown in rise.statements.iter().take(STATEMENTS_SHOWN) {
        let note = grown.endpoint.map(|name| format!("    <- in one request of {name}")).unwrap_or_default();
        line(text, 4, &format!("{:>3} x  {}{note}", grown.times(), grown.entry.statement.text));
        lines_of(text, grown.entry, &[]);
    }
    if rise.statements.len() > STATEMENTS_SHOWN {
        line(text, 4, &format!("and {} statements more", rise.statements.len() - STATEMENTS_SHOWN));
    }
    if !rise.statements.is_empty() {
        text.push('\n');
    }
}

/// Where a statement was sent from; of several lines that are accused, how often from each.
fn lines_of(text: &mut String, entry: &Entry, accused: &[(Site, u64)]) {
    let sites = sites(entry);
    if sites.is_empty() {
        line(
            text,
            11,
            "(no line is known: the build has no debug information, or none of the workspace was on the stack)",
        );
    }
    for (site, _) in &sites {
        let of_several = accused.iter().find(|(line, _)| line == site).filter(|_| accused.len() > 1);
        let about = if entry.lines.is_exact() { "" } else { "about " };
        let count = of_several.map(|(_, n)| format!("{about}{n}x  ")).unwrap_or_default();
        line(text, 11, format!("{count}{site}  {}", site.function).trim_end());
        for caller in callers_of(entry, site) {
            line(text, 13, format!("called from {caller}  {}", caller.function).trim_end());
        }
    }
}

/// The lines of other packages that had `site` send the statement, a few of them.
fn callers_of(entry: &Entry, site: &Site) -> Vec<Site> {
    let mut callers: Vec<Site> = Vec::new();
    for stack in entry.lines.stacks().iter().filter(|stack| stack.site().as_ref() == Some(site)) {
        callers.extend(stack.caller().filter(|caller| !callers.contains(caller)));
    }
    callers.truncate(CALLERS_SHOWN);
    callers
}
