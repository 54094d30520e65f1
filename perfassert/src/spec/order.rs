//! How fast a count may grow.

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
