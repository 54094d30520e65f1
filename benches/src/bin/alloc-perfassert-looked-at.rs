use perfassert_benches::allocations;
use tokio::runtime::Builder;

/// A runtime is a part of this program, so the stack of each allocation is looked at.
fn main() {
    let runtime = Builder::new_current_thread().build().unwrap();
    perfassert::endpoint("allocations", || runtime.block_on(async { allocations::run() }));
}
