use perfassert::max_allocs;

#[max_allocs(per_iter = 3, endpoint = "GET /orders")]
fn an_endpoint() {}

#[max_allocs(per_iter = "3")]
fn a_text() {}

fn main() {}
