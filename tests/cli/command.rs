//! The real binary, so that exit codes, streams and signals are real.
//!
//! It is built here because only a package's own binaries are built for its tests; it is the same one line as
//! `cargo-perfassert`'s.

fn main() -> std::process::ExitCode {
    cargo_perfassert::main()
}
