use perfassert::max_queries;

#[max_queries(5, "select" = 3)]
fn orders() {}

fn main() {}
