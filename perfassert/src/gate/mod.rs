//! From what was observed to a verdict: budgets, N+1, and whether it could be seen at all.

mod advice;
mod from;
mod growth;
mod judge;
mod kinds;
mod message;
mod n_plus_one;
mod places;
mod record;
mod scaling;
mod spared;
mod statements;
mod suspect;
mod text;
mod unseen;

pub(crate) use growth::Rise;
pub(crate) use judge::{Verdict, judge};
pub(crate) use message::render;
pub(crate) use n_plus_one::{suspects, too_few};
#[cfg(inherit_threads)]
pub(crate) use record::failed;
pub(crate) use record::{Ending, record};
#[cfg(any(feature = "criterion", feature = "divan"))]
pub(crate) use record::{environment, reason};
#[cfg(any(feature = "criterion", feature = "divan"))]
pub(crate) use unseen::allocator_not_installed;
