//! The cases of section Q: which texts are one statement, what they do, and what never comes out.

mod classes;
mod properties;
mod random;
mod texts;
