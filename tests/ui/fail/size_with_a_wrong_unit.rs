use perfassert::max_allocs;

#[max_allocs(bytes = "64 kib")]
fn small_letters() {}

#[max_allocs(peak = "64 pages")]
fn not_a_size() {}

#[max_allocs(live = "1.5 MiB")]
fn a_fraction() {}

#[max_allocs(bytes = "99999999999 GiB")]
fn more_than_there_is() {}

fn main() {}
