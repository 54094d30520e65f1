//! Functions that are written by somebody else's macro: their bodies come in a group that cannot be seen.
#![deny(warnings)]

use perfassert::{max_allocs, max_queries};

macro_rules! function {
    ($name:ident, $body:block) => {
        #[max_queries(0)]
        #[max_allocs(0)]
        fn $name() $body
    };
}

macro_rules! twice {
    ($name:ident, $body:block) => {
        function!($name, $body);
    };
}

function!(once_removed, { assert_eq!(1 + 1, 2) });
twice!(twice_removed, { assert_eq!(1 + 1, 2) });

fn main() {
    once_removed();
    twice_removed();
}
