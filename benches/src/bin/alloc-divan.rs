#[global_allocator]
static GLOBAL: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    perfassert_benches::allocations::run();
}
