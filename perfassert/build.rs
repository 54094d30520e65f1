//! Tells the library which compiler and target it is built for: a record states them, and on some targets threads cannot
//! belong to the test that starts them.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    inherit_threads();
    compiler();
}

/// Sets `cfg(inherit_threads)` where `pthread_create` can be wrapped.
fn inherit_threads() {
    println!("cargo::rustc-check-cfg=cfg(inherit_threads)");
    let is = |variable, value| std::env::var(variable).is_ok_and(|actual| actual == value);
    if std::env::var_os("CARGO_FEATURE_INHERIT_THREADS").is_some()
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && std::env::var_os("CARGO_CFG_MIRI").is_none()
    {
        println!("cargo::rustc-cfg=inherit_threads");
    }
}

fn compiler() {
    let rustc = std::env::var_os("RUSTC").expect("cargo sets RUSTC for build scripts");
    let output = Command::new(rustc).arg("--version").output().expect("the compiler runs");
    let version = String::from_utf8(output.stdout).expect("the compiler prints UTF-8");
    let number = version.split_whitespace().nth(1).unwrap_or("unknown");
    println!("cargo::rustc-env=PERFASSERT_RUSTC={number}");
    println!("cargo::rustc-env=PERFASSERT_TARGET={}", std::env::var("TARGET").expect("cargo sets TARGET"));
}
