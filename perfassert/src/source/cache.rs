//! What was made of a text, kept for the next time that the text comes.

use std::hash::Hasher;
use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::mix::Mixer;

/// How many texts are kept at most.
const SLOTS: usize = 512;

/// A longer text is made anew each time.
const LONGEST: usize = 8 * 1024;

/// Each text has one slot, which it takes from the one that was there before. So the memory is bounded, and two threads
/// meet only at the same text. The caller has paused the counting.
pub(super) struct Cache<V> {
    slots: [Mutex<Option<CacheEntry<V>>>; SLOTS],
}

struct CacheEntry<V> {
    text: Box<str>,
    value: Arc<V>,
}

impl<V> Cache<V> {
    pub(super) const fn new() -> Self {
        Cache { slots: [const { Mutex::new(None) }; SLOTS] }
    }

    /// What `make` makes of `text`, or made of it before.
    pub(super) fn get_or_make(&self, text: &str, make: impl FnOnce(&str) -> V) -> Arc<V> {
        if text.len() > LONGEST {
            return Arc::new(make(text));
        }
        let slot = &self.slots[slot(text)];
        if let Some(kept) = lock(slot).as_ref().filter(|kept| *kept.text == *text) {
            return Arc::clone(&kept.value);
        }
        let value = Arc::new(make(text));
        let kept = CacheEntry { text: text.into(), value: Arc::clone(&value) };
        let replaced = lock(slot).replace(kept);
        drop(replaced);
        value
    }
}

/// The slot of a text. The text itself is compared besides.
fn slot(text: &str) -> usize {
    let mut mixer = Mixer::default();
    mixer.write(text.as_bytes());
    mixer.finish() as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_once() {
        let cache = Cache::new();
        let mut made = 0;
        for _ in 0..3 {
            let length = cache.get_or_make("SELECT 1", |text| {
                made += 1;
                text.len()
            });
            assert_eq!(*length, 8);
        }
        assert_eq!(made, 1);
    }

    #[test]
    fn texts_that_share_a_slot_are_told_apart() {
        let cache = Cache::new();
        let texts: Vec<_> = (0..10 * SLOTS).map(|i| format!("SELECT {i}")).collect();
        for _ in 0..2 {
            for text in &texts {
                assert_eq!(*cache.get_or_make(text, str::to_owned), *text);
            }
        }
    }

    #[test]
    fn texts_that_differ_little_have_slots_of_their_own() {
        let mut slots: Vec<_> = (0..100).map(|i| slot(&format!("SELECT a FROM t{i} WHERE id = ?"))).collect();
        slots.sort_unstable();
        slots.dedup();
        assert!(slots.len() > 80, "{}", slots.len());
    }

    #[test]
    fn what_is_too_long_is_not_kept() {
        let cache = Cache::new();
        let text = "x".repeat(LONGEST + 1);
        assert!(!Arc::ptr_eq(&cache.get_or_make(&text, str::len), &cache.get_or_make(&text, str::len)));
    }
}
