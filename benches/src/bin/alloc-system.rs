fn main() {
    perfassert_benches::allocations::run();
}
