//! What a path weighs.

use std::ops::{AddAssign, Neg};

use perfassert_record::record::explain::Allocations;

/// What is counted along a path; a difference has a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// How often memory was obtained.
    pub allocs: i64,
    /// Bytes that were obtained.
    pub bytes: i64,
    /// How often that made a block larger.
    pub grown: i64,
    /// Of the allocations those whose block was alive at the end.
    pub retained: i64,
    /// The bytes of these.
    pub retained_bytes: i64,
    /// Statements that were sent.
    pub queries: i64,
}

/// What is looked at first.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metric {
    /// How often memory was obtained
    #[default]
    Allocs,
    /// How many bytes
    Bytes,
    /// How many statements were sent
    Queries,
}

impl Weight {
    /// A number of statements.
    #[must_use]
    pub fn of_queries(count: u64) -> Self {
        Weight { queries: signed(count), ..Weight::default() }
    }

    /// The number of `metric`.
    #[must_use]
    pub fn of(&self, metric: Metric) -> i64 {
        match metric {
            Metric::Allocs => self.allocs,
            Metric::Bytes => self.bytes,
            Metric::Queries => self.queries,
        }
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Weight::default()
    }

    /// Whether each number is so small a part of those of `whole` that it may be left out: less than a hundredth.
    #[must_use]
    pub fn is_slight(&self, whole: &Weight) -> bool {
        self.numbers().iter().zip(whole.numbers()).all(|(part, whole)| part.abs() * 100 < whole.abs().max(1))
    }

    /// Each number without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        let [allocs, bytes, grown, retained, retained_bytes, queries] = self.numbers().map(i64::abs);
        Weight { allocs, bytes, grown, retained, retained_bytes, queries }
    }

    fn numbers(&self) -> [i64; 6] {
        [self.allocs, self.bytes, self.grown, self.retained, self.retained_bytes, self.queries]
    }
}

impl From<&Allocations> for Weight {
    fn from(of: &Allocations) -> Self {
        Weight {
            allocs: signed(of.allocs + of.zeroed + of.grown),
            bytes: signed(of.bytes),
            grown: signed(of.grown),
            retained: signed(of.retained),
            retained_bytes: signed(of.retained_bytes),
            queries: 0,
        }
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Weight) {
        self.allocs += other.allocs;
        self.bytes += other.bytes;
        self.grown += other.grown;
        self.retained += other.retained;
        self.retained_bytes += other.retained_bytes;
        self.queries += other.queries;
    }
}

impl Neg for Weight {
    type Output = Weight;

    fn neg(self) -> Weight {
        let [allocs, bytes, grown, retained, retained_bytes, queries] = self.numbers().map(Neg::neg);
        Weight { allocs, bytes, grown, retained, retained_bytes, queries }
    }
}

impl std::iter::Sum for Weight {
    fn sum<I: Iterator<Item = Weight>>(weights: I) -> Weight {
        weights.fold(Weight::default(), |mut sum, weight| {
            sum += weight;
            sum
        })
    }
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
