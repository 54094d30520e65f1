use perfassert_benches::allocations;

fn main() {
    perfassert::endpoint("before", || ());
    allocations::run();
}
