use perfassert::max_queries;

trait Shop {
    #[max_queries(5)]
    fn orders(&self);
}

fn main() {}
