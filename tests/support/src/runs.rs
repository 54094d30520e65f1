//! How often what may depend on chance is run.

/// Set by `cargo xtask test --thorough`.
const THOROUGH: &str = "PERFASSERT_THOROUGH";

/// `few` runs for every change, and `many` on request.
#[must_use]
pub fn runs(few: usize, many: usize) -> usize {
    if std::env::var_os(THOROUGH).is_some() { many } else { few }
}
