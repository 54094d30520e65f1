//! What the attributes accept, and what they say of the rest.
//!
//! The expected messages are made anew with `TRYBUILD=overwrite cargo test -p perfassert-ui-tests --test ui`.

#[test]
fn attributes() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}
