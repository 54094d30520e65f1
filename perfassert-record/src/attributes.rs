//! What both crates know of the attributes: how fast a count may grow, and what an attribute says that does not say more.

/// From how many repetitions on `#[no_n_plus_one]` accuses a statement: two of the same may be chance, three are a loop.
pub const THRESHOLD: u64 = 3;

/// The sizes that `#[scaling]` runs a test with.
pub const SIZES: &[usize] = &[1, 4, 16];

/// How fast a count may grow with the size `n`, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// The same at all sizes.
    Constant,
    /// As log n: halving, or doubling what is at hand.
    Logarithmic,
    /// As n.
    Linear,
    /// As n².
    Quadratic,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Constant, Self::Logarithmic, Self::Linear, Self::Quadratic];

    /// The order as the attribute names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Order::Constant => "constant",
            Order::Logarithmic => "logarithmic",
            Order::Linear => "linear",
            Order::Quadratic => "quadratic",
        }
    }
}
