use perfassert::max_queries;

#[max_queries(5,, select = 3)]
fn a_comma_too_many() {}

#[max_queries(5 select = 3)]
fn a_comma_too_few() {}

#[max_queries(select: 3)]
fn a_colon() {}

fn main() {}
