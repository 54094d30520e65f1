use perfassert::max_allocs;

#[max_allocs(bytes = "1000")]
fn a_number_in_a_text() {}

#[max_allocs(bytes = "")]
fn nothing() {}

fn main() {}
