use perfassert::no_n_plus_one;

#[no_n_plus_one(3)]
fn orders() {}

fn main() {}
