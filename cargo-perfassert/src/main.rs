//! `cargo perfassert`: see the library of this package.

fn main() -> std::process::ExitCode {
    cargo_perfassert::main()
}
