use perfassert::max_queries;

const DEBT: i32 = -1;

#[max_queries(DEBT)]
fn behind_a_name() {}

fn main() {
    behind_a_name();
}
