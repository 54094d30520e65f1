//! Names that a generated function might trip over.
#![deny(warnings)]

use perfassert::max_queries;

#[max_queries(0)]
fn r#match() {}

#[max_queries(0)]
pub(crate) fn body() {
    let body = 1;
    let test = body;
    let never = test;
    assert_eq!(never, 1);
}

mod run {
    // What the attribute expands to names everything from the root.
    #[allow(dead_code)]
    mod perfassert {}
    #[allow(dead_code)]
    mod std {}
    #[allow(dead_code, non_camel_case_types)]
    type u64 = ();
    #[allow(dead_code)]
    enum Option {
        Some,
        None,
    }
    #[allow(unused_imports)]
    use Option::{None, Some};

    #[::perfassert::max_queries(0, select = 0)]
    #[::perfassert::max_allocs(5, endpoint = "GET /")]
    #[::perfassert::no_n_plus_one(threshold = 3)]
    #[allow(dead_code)]
    fn shadowed() {}

    #[::perfassert::max_queries(0, select = 0)]
    pub fn run() {}
}

fn main() {
    r#match();
    body();
    run::run();
}
