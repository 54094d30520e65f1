use perfassert::{Metric, max_allocs, measure, per_iter};

#[max_allocs(per_iter = 3)]
#[test]
fn words() {
    let counted = per_iter(10, || hot::words("GET /orders"));
    let (_, once) = measure("once more", || hot::words("GET /orders"));
    assert_eq!(counted.get(&Metric::Allocs), once.get(&Metric::Allocs));
}
