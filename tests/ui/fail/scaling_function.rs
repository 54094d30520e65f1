use perfassert::{max_queries, scaling};
use rstest::rstest;
use test_case::test_case;

#[scaling(queries = "constant")]
#[test]
fn without_a_size() {}

#[scaling(queries = "constant")]
fn without_a_test_attribute(_n: usize) {}

#[scaling(queries = "constant")]
#[test]
fn with_a_pattern((_a, _b): (usize, usize)) {}

#[scaling(queries = "constant")]
#[test]
fn of_several_types<T>(_n: T) {}

#[scaling(queries = "constant")]
#[rstest]
#[case(1)]
fn with_cases(#[case] _case: u32, _n: usize) {}

#[max_queries(5)]
#[test_case(1)]
#[scaling(queries = "constant")]
fn with_test_cases(_case: u32, _n: usize) {}

#[scaling(queries = "constant")]
#[rstest]
fn with_values(#[values(1, 2)] _value: u32, _n: usize) {}

#[scaling(queries = "constant")]
struct NoFunction;

fn main() {
    let _ = NoFunction;
}
