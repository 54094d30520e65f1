//! A place in the user's code.

use std::fmt;

/// A line of the user's code, and the function that it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The file, relative to the workspace where it lies inside, with `/` on every platform.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The path of the function without its crate: `orders::load_author`. Empty where it was compiled into another one and
    /// only the lines are known.
    pub function: String,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
