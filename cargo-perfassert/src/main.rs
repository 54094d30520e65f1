//! sub
fn main() {}
