fn main() {
    perfassert_benches::queries::run(|work| work());
}
