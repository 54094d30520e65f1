use perfassert_benches::allocations;

fn main() {
    // Its allocator installs itself.
    perfassert::measure("allocations", allocations::run);
}
