use perfassert_benches::allocations;

fn main() {
    perfassert::endpoint("allocations", allocations::run);
}
