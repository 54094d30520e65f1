use perfassert::scaling;

#[scaling]
#[test]
fn nothing_at_all(_: usize) {}

#[scaling(n = [1, 4, 16])]
#[test]
fn nothing_but_sizes(_: usize) {}

#[scaling(queries = "constant", query = "linear")]
#[test]
fn another_word(_: usize) {}

#[scaling(select = "constant")]
#[test]
fn of_another_attribute(_: usize) {}

#[scaling("constant")]
#[test]
fn of_what(_: usize) {}

#[scaling([1, 4, 16], queries = "constant")]
#[test]
fn sizes_without_a_name(_: usize) {}

#[scaling(queries)]
#[test]
fn without_an_order(_: usize) {}

#[scaling("queries" = "constant")]
#[test]
fn named_by_a_text(_: usize) {}

#[scaling(queries = "cubic")]
#[test]
fn another_order(_: usize) {}

#[scaling(queries = 3)]
#[test]
fn a_number(_: usize) {}

#[scaling(queries = "constant", queries = "linear")]
#[test]
fn an_option_twice(_: usize) {}

#[scaling(n = [1, 2], n = [1, 2], queries = "constant")]
#[test]
fn the_sizes_twice(_: usize) {}

#[scaling(queries = "constant")]
#[scaling(allocs = "linear")]
#[test]
fn the_attribute_twice(_: usize) {}

fn main() {}
