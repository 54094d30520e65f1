//! Allocations per iteration: the warm-up, the section, the limit and what it says (A22).

use std::hint::black_box;

use perfassert::{Metric, max_allocs, no_n_plus_one, per_iter};

use crate::child;

fn bytes(n: usize) {
    drop(black_box(Vec::<u8>::with_capacity(n)));
}

#[test]
fn outside_of_tests_it_counts_by_itself() {
    let mut warm = false;
    let counted = per_iter(10, || {
        if !std::mem::replace(&mut warm, true) {
            bytes(1000);
        }
        bytes(3);
        bytes(4);
    });
    assert_eq!(counted.iterations(), 10);
    assert_eq!((counted.get(&Metric::Allocs), counted.get(&Metric::Bytes)), (Some(2), Some(7)));
    assert_eq!(counted.total().get(&Metric::Allocs), Some(20));
}

#[test]
fn it_counts_what_measure_counts() {
    let work = || ["a", "b"].map(|word| black_box(word.to_uppercase())).concat();
    let (_, measured) = perfassert::measure("once", work);
    let counted = per_iter(7, work);
    for metric in [Metric::Allocs, Metric::Bytes, Metric::AllocsRealloc] {
        assert_eq!(counted.get(&metric), measured.get(&metric), "{metric}");
    }
}

#[test]
fn a_share_is_rounded_up_and_threads_count() {
    let mut n = 0;
    let counted = per_iter(100, || {
        n += 1;
        if n == 50 {
            bytes(1);
        }
    });
    assert_eq!(counted.get(&Metric::Allocs), Some(1));
    let (_, alone) = perfassert::measure("a thread", || std::thread::spawn(|| bytes(1)).join());
    let counted = per_iter(3, || std::thread::spawn(|| bytes(1)).join());
    assert_eq!(counted.get(&Metric::Allocs), alone.get(&Metric::Allocs));
}

#[test]
fn what_the_limit_says() {
    let run = child::run("per_iter::tests::", 0);
    let mut wrong = Vec::new();
    let mut check = |name: &str, expected: &str| {
        let name = format!("per_iter::tests::{name}");
        let message = run.printed.message(&name);
        if message != expected.trim() {
            wrong.push(format!("{name} said:\n{message}\nexpected was:\n{expected}\n"));
        }
    };
    check("at_the_limit", "");
    check("queries_in_each_iteration", "");
    check(
        "the_dearest_of_two",
        "
perfassert: per_iter::tests::the_dearest_of_two exceeded its budget
  tests/attributes/per_iter.rs:LINE   3 allocations per iteration in 10 iterations, budget 2  (+1)

      21x    21 bytes  tests/attributes/per_iter.rs:LINE  per_iter::bytes

  help: if this is meant, raise the budget: #[max_allocs(per_iter = 3)]",
    );
    check(
        "nothing_is_iterated",
        "
perfassert: per_iter::tests::nothing_is_iterated could not be measured
  the test limits the allocations per iteration, and never called `perfassert::per_iter`

  help: call it with the hot path: perfassert::per_iter(100, || parse(&line))",
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let record = |name: &str| run.record(&format!("per_iter::tests::{name}"));
    let counts = record("at_the_limit").counts;
    assert_eq!((counts.get(&Metric::AllocsPerIter), counts.get(&Metric::BytesPerIter)), (Some(2), Some(7)));
    assert_eq!(counts.get(&Metric::Allocs), Some(11), "without the warm-up");
    assert_eq!(record("nothing_is_iterated").counts.get(&Metric::AllocsPerIter), None);
}

mod tests {
    use super::*;

    #[max_allocs(11, per_iter = 2)]
    #[test]
    #[ignore = "run by the suite"]
    fn at_the_limit() {
        bytes(1);
        per_iter(5, || {
            bytes(3);
            bytes(4);
        });
    }

    #[max_allocs(per_iter = 2)]
    #[test]
    #[ignore = "run by the suite"]
    fn the_dearest_of_two() {
        per_iter(10, || bytes(1));
        let mut n = 0;
        // One of them more than twice: that is no 2.
        per_iter(10, || {
            n += 1;
            (0..2 + usize::from(n == 5)).for_each(|_| bytes(1));
        });
    }

    #[max_allocs(per_iter = 2)]
    #[test]
    #[ignore = "run by the suite"]
    fn nothing_is_iterated() {
        bytes(1);
    }

    /// That a statement comes in every iteration is what iterating means.
    #[no_n_plus_one]
    #[test]
    #[ignore = "run by the suite"]
    fn queries_in_each_iteration() {
        let mut id = 0;
        per_iter(10, || {
            id += 1;
            perfassert::query(&format!("SELECT name FROM customers WHERE id = {id}"));
        });
    }
}
