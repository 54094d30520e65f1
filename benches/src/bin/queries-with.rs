fn main() {
    // As closely looked at as a test with a limit of queries.
    perfassert_benches::queries::run(|work| perfassert::endpoint("queries", work));
}
