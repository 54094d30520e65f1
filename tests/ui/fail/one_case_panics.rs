use perfassert::max_queries;
use rstest::rstest;
use test_case::test_case;

#[max_queries(5)]
#[rstest]
#[case(1)]
#[should_panic(expected = "two")]
#[case(2)]
fn a_case_of_rstest(#[case] _n: u32) {}

#[max_queries(5)]
#[test_case(1)]
#[test_case(2 => panics "two")]
fn a_case_of_test_case(_n: u32) {}

// Every case: this can be told.
#[max_queries(5)]
#[rstest]
#[case(1)]
#[case(2)]
#[should_panic(expected = "two")]
fn all_cases(#[case] _n: u32) {}

fn main() {}
