fn main() {
    // Its allocator installs itself.
    allocation_counter::measure(perfassert_benches::allocations::run);
}
