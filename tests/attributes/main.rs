//! The attributes on ordinary tests: each order with each test attribute, each outcome, and what they say.
//!
//! The tests that are looked at stand in this binary too, ignored, and the others run them in a child process: see
//! [`child`].

mod child;
mod many;
mod messages;
mod orders;
mod outcomes;
mod per_iter;
mod programs;
mod scaling;
mod work;
