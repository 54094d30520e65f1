//! A hash that is quick for numbers and short texts, where only equality within this process means anything and nobody chooses
//! the keys to harm us with.

use std::hash::{BuildHasherDefault, Hasher};

/// For maps and sets.
pub(crate) type Mixing = BuildHasherDefault<Mixer>;

/// A multiplicative hash, of eight bytes at a time. Numbers that differ have hashes that differ.
#[derive(Clone, Debug)]
pub(crate) struct Mixer(u64);

/// 2^64 over the golden ratio, as in Fibonacci hashing.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Default for Mixer {
    /// Not zero, so that zeros are told from nothing.
    fn default() -> Self {
        Mixer(FACTOR)
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in words.by_ref() {
            self.write_u64(u64::from_le_bytes(word.try_into().expect("eight bytes")));
        }
        let rest = words.remainder();
        if !rest.is_empty() {
            let rest = rest.iter().fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte));
            self.write_u64(rest);
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    /// The upper half is mixed best, and maps look at the lower bits as well.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::Hash;

    use super::*;

    fn of(value: impl Hash) -> u64 {
        let mut mixer = Mixer::default();
        value.hash(&mut mixer);
        mixer.finish()
    }

    #[track_caller]
    fn check_distinct<T: Hash>(values: impl IntoIterator<Item = T>) {
        let (mut n, mut hashes) = (0, HashSet::new());
        for value in values {
            n += 1;
            hashes.insert(of(value));
        }
        assert_eq!(hashes.len(), n);
    }

    #[test]
    fn what_differs_has_another_hash() {
        check_distinct(0..100_000_u64);
        check_distinct((0..100_000_i64).map(|number| -number));
        check_distinct((0..300_u64).flat_map(|a| (0..300_u64).map(move |b| (a, b))));
        check_distinct((0..100_000).map(|number| format!("SELECT name FROM users WHERE id = {number}")));
        check_distinct((0..100).map(|length| "a".repeat(length)));
        check_distinct((0..100).map(|length| vec![0_u8; length]));
    }

    #[test]
    fn numbers_in_a_row_do_not_share_slots() {
        for slots in [64, 512] {
            let used: HashSet<_> = (0..slots).map(|number| of(number) % slots).collect();
            assert!(used.len() as u64 > slots / 2, "{} of {slots}", used.len());
        }
    }
}
