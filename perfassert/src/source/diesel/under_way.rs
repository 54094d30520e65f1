//! What diesel has started and not finished.
//!
//! diesel-async executes on PostgreSQL by tokio-postgres, which tells of each statement once more. That is known by the text:
//! what tokio-postgres prepares or sends while diesel has it under way in the same test is diesel's.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::Mutex;

use crate::lock::lock;
use crate::scope::current;

/// The texts, each with its test and how often.
static UNDER_WAY: Mutex<BTreeMap<Key, usize>> = Mutex::new(BTreeMap::new());

/// As many texts are remembered. Those of futures that were given up are never finished.
const REMEMBERED: usize = 1 << 12;

/// A neighbour may send the same text at the same moment: so the address of the test's scope belongs to it.
type Key = (usize, String);

fn key(sql: &str) -> Key {
    (current().map_or(0, |scope| ptr::from_ref(&**scope.root()).addr()), sql.to_owned())
}

pub(in crate::source) fn begin(sql: &str) {
    let key = key(sql);
    let mut under_way = lock(&UNDER_WAY);
    if let Some(times) = under_way.get_mut(&key) {
        *times += 1;
    } else if under_way.len() < REMEMBERED {
        under_way.insert(key, 1);
    }
}

pub(in crate::source) fn end(sql: &str) {
    let key = key(sql);
    let mut under_way = lock(&UNDER_WAY);
    if let Some(times) = under_way.get_mut(&key) {
        *times -= 1;
        if *times == 0 {
            under_way.remove(&key);
        }
    }
}

/// Whether diesel has this text under way in the test of the calling thread.
pub(in crate::source) fn is_under_way(sql: &str) -> bool {
    lock(&UNDER_WAY).contains_key(&key(sql))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enter::enter;
    use crate::scope::{Inheritance, Scope};

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

    #[test]
    fn each_test_has_its_own_under_way() {
        let sql = "SELECT 'of a test'";
        let scope = Scope::test("a");
        let entered = enter(&scope, Inheritance::Nobody);
        begin(sql);
        assert!(is_under_way(sql));
        drop(entered);
        assert!(!is_under_way(sql));
        scope.end();
    }
}
