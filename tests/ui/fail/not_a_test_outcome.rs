use perfassert::max_queries;

struct Report;

#[max_queries(0)]
fn orders() -> Report {
    Report
}

fn main() {
    let _ = orders();
}
