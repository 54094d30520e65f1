use perfassert::max_count;

#[max_count(cache_miss = 3)]
fn a_word() {}

#[max_count(3)]
fn without_a_name() {}

#[max_count("cache.miss")]
fn without_a_limit() {}

#[max_count("cache.miss" = "3")]
fn a_text_as_limit() {}

#[max_count("cache.miss" = 3, "cache.miss" = 4)]
fn a_counter_twice() {}

fn main() {}
