//! The tests of the attributes' diagnostics.
