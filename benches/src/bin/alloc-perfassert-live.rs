use perfassert_benches::allocations;

/// Live bytes and their peak are asked for, so each block is remembered.
fn main() {
    perfassert::measure("allocations", allocations::run);
}
