use perfassert::max_allocs;

#[max_allocs(10)]
#[test]
fn lists_items() {
    depot::labels(50);
    depot::shelve();
    depot::numbers();
    for id in 0..5 {
        depot::load(id);
    }
}

#[max_allocs(1_000_000)]
#[test]
fn lists_items_in_bulk() {
    depot::labels(100_000);
}

#[max_allocs(10)]
#[test]
fn breaks() {
    panic!("it was to break");
}

#[test]
fn is_not_measured() {}
