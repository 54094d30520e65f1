//! The programs that a test starts, from the test's side: what they find in their environment, and what is noted of them. What they
//! tell is [`child`](crate::child)'s.

mod files;
#[cfg(inherit_threads)]
mod hand_over;
mod left_behind;
#[cfg(inherit_threads)]
mod note;
mod process;
mod start;
#[cfg(inherit_threads)]
mod unseen;

pub(crate) use files::{files, new as new_file};
#[cfg(inherit_threads)]
pub(crate) use hand_over::{HandOver, hand_over, is_asked_for, is_variable};
#[cfg(inherit_threads)]
pub(crate) use note::Note;
pub(crate) use process::Process;
pub(crate) use start::{look_around, of, variables};
#[cfg(inherit_threads)]
pub(crate) use unseen::unseen;
