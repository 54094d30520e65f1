use perfassert::scaling;

const LARGEST: usize = 16;

#[scaling(n = 16, queries = "constant")]
#[test]
fn no_list(_: usize) {}

#[scaling(n = [2], queries = "constant")]
#[test]
fn one(_: usize) {}

#[scaling(n = [], queries = "constant")]
#[test]
fn none(_: usize) {}

#[scaling(n = [0, 1, 2], queries = "constant")]
#[test]
fn nothing(_: usize) {}

#[scaling(n = [1, 4, LARGEST], queries = "constant")]
#[test]
fn a_constant(_: usize) {}

#[scaling(n = [1, "4"], queries = "constant")]
#[test]
fn a_text(_: usize) {}

#[scaling(n = [1, 4, 4], queries = "constant")]
#[test]
fn the_same_again(_: usize) {}

#[scaling(n = [16, 4, 1], queries = "constant")]
#[test]
fn descending(_: usize) {}

#[scaling(n = [1, 10], queries = "constant", allocs = "linear")]
#[test]
fn too_few_to_tell(_: usize) {}

fn main() {
    let _ = LARGEST;
}
