//! What a shard or a scope has counted so far.

use super::owner::Owner;

/// How a block was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Alloc,
    AllocZeroed,
    /// A growing `realloc`.
    Realloc,
}

/// What one owner has obtained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Counted {
    pub(crate) allocs: u64,
    pub(crate) zeroed: u64,
    pub(crate) reallocs: u64,
    pub(crate) bytes: u64,
}

/// What each owner has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Totals(pub(crate) [Counted; Owner::ALL.len()]);

impl Counted {
    /// How often memory was obtained.
    pub(crate) fn calls(&self) -> u64 {
        self.allocs + self.zeroed + self.reallocs
    }

    pub(super) fn add(&mut self, call: Call, bytes: usize) {
        match call {
            Call::Alloc => self.allocs += 1,
            Call::AllocZeroed => self.zeroed += 1,
            Call::Realloc => self.reallocs += 1,
        }
        self.bytes += bytes as u64;
    }

    /// What is left of it without `other`.
    pub(crate) fn without(self, other: Self) -> Self {
        self.each(other, u64::saturating_sub)
    }

    fn each(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Counted {
            allocs: of(self.allocs, other.allocs),
            zeroed: of(self.zeroed, other.zeroed),
            reallocs: of(self.reallocs, other.reallocs),
            bytes: of(self.bytes, other.bytes),
        }
    }
}

impl Totals {
    pub(crate) fn of(&self, owner: Owner) -> Counted {
        self.0[owner as usize]
    }

    fn each(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Totals(Owner::ALL.map(|owner| self.of(owner).each(other.of(owner), &of)))
    }
}

impl std::ops::AddAssign for Counted {
    fn add_assign(&mut self, other: Counted) {
        *self = self.each(other, u64::wrapping_add);
    }
}

impl std::ops::Sub for Counted {
    type Output = Counted;

    fn sub(self, before: Counted) -> Counted {
        self.each(before, u64::wrapping_sub)
    }
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Totals) {
        *self = self.each(other, u64::wrapping_add);
    }
}

impl std::ops::Sub for Totals {
    type Output = Totals;

    fn sub(self, before: Totals) -> Totals {
        self.each(before, u64::wrapping_sub)
    }
}
