//! What diesel has started and not finished.
//!
//! diesel-async executes on PostgreSQL by tokio-postgres, which tells of each statement once more. That is known by the text:
//! what tokio-postgres prepares or sends while diesel has it under way is diesel's.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::lock::lock;

/// The texts, each with how often.
static UNDER_WAY: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// As many texts are remembered. Those of futures that were given up are never finished.
const REMEMBERED: usize = 1 << 12;

pub(in crate::source) fn begin(sql: &str) {
    let mut under_way = lock(&UNDER_WAY);
    if let Some(times) = under_way.get_mut(sql) {
        *times += 1;
    } else if under_way.len() < REMEMBERED {
        under_way.insert(sql.to_owned(), 1);
    }
}

pub(in crate::source) fn end(sql: &str) {
    let mut under_way = lock(&UNDER_WAY);
    if let Some(times) = under_way.get_mut(sql) {
        *times -= 1;
        if *times == 0 {
            under_way.remove(sql);
        }
    }
}

/// Whether diesel has this text under way.
pub(in crate::source) fn is_under_way(sql: &str) -> bool {
    lock(&UNDER_WAY).contains_key(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_under_way_until_it_is_finished_as_often_as_it_was_started() {
        let sql = "SELECT 'under way'";
        end(sql);
        assert!(!is_under_way(sql));
        begin(sql);
        begin(sql);
        end(sql);
        assert!(is_under_way(sql));
        end(sql);
        assert!(!is_under_way(sql));
    }
}
