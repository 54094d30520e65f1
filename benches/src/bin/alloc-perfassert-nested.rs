use perfassert::endpoint;
use perfassert_benches::allocations;

fn main() {
    endpoint("outer", || endpoint("middle", || endpoint("inner", allocations::run)));
}
