fn main() {
    perfassert_benches::queries::run(|work| {
        perfassert::measure("queries", work);
    });
}
