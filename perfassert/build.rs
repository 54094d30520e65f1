//! Tells the library which compiler and target it is built for: a record states them, and on some targets threads cannot
//! belong to the test that starts them.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    thread_hooks();
    compiler();
}

/// Sets `cfg(inherit_threads)` where `pthread_create` and its kin can be wrapped: it takes a dynamic C library whose own can be found
/// behind ours, and nobody else in between, as sanitizers and Miri are; `cfg(sanitized)` where one of the former is. `cfg(looks)` where stacks and symbols tell whose code
/// allocates, and `cfg(known_stacks)` where besides return addresses are known to stand in memory below the frame that they return to.
fn thread_hooks() {
    println!("cargo::rustc-check-cfg=cfg(inherit_threads, known_stacks, looks, sanitized)");
    let variable = |name| std::env::var(name).unwrap_or_default();
    let has_feature = |name| std::env::var_os(format!("CARGO_FEATURE_{name}")).is_some();
    let is_glibc = variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu";
    let is_static = variable("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static");
    let is_watched =
        ["CARGO_CFG_MIRI", "CARGO_CFG_SANITIZE"].iter().any(|name| std::env::var_os(name).is_some());
    if has_feature("INHERIT_THREADS") && is_glibc && !is_static && !is_watched {
        println!("cargo::rustc-cfg=inherit_threads");
    }
    if has_feature("INHERIT_THREADS") && is_glibc && std::env::var_os("CARGO_CFG_SANITIZE").is_some() {
        println!("cargo::rustc-cfg=sanitized");
    }
    if has_feature("CALL_SITES") && is_glibc && !is_watched {
        println!("cargo::rustc-cfg=looks");
        if variable("CARGO_CFG_TARGET_ARCH") == "x86_64" {
            println!("cargo::rustc-cfg=known_stacks");
        }
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
