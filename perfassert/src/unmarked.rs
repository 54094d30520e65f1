//! Tests without an attribute: `cargo perfassert` runs each test in a process of its own, so whose counts they are is known without one.
//!
//! Such a test is measured from the beginning of its thread to the end of that, so its set-up is among its counts. Whether it passed is
//! known when the process ends: then it is recorded, and fails where a limit of `perfassert.toml` is exceeded. Where an attribute turns
//! up, the measurement is that test's: see [`scope`](crate::scope).
#![allow(unsafe_code)] // What begins and ends with the process is C's.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use crate::alloc::pause;
use crate::enter::{TestThread, set_test_thread};
use crate::gate::{self, Ending};
use crate::invitation::is_run_by_a_test;
use crate::lock::lock;
use crate::observation::Observation;
use crate::record::{self, Record};
use crate::scope::{Scope, only_test, runs_one_test, settle};
use crate::spec::Test;
use crate::test;

/// Called when the process begins.
#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = process_begins;

/// What is to be done when the process ends.
static CONCLUSION: Mutex<Option<Conclusion>> = Mutex::new(None);

struct Conclusion {
    record: Record,
    message: Option<String>,
}

extern "C" fn process_begins() {
    let is_wanted = std::env::var_os(record::DIR_VARIABLE).is_some();
    if is_wanted && runs_one_test() && !is_run_by_a_test() {
        set_test_thread(TestThread { begins, ends });
    }
}

/// The test, and its scope, which the threads that the main thread starts belong to. None where tests without an attribute are not
/// measured.
fn begun() -> Option<&'static (&'static Test, Arc<Scope>)> {
    static BEGUN: OnceLock<Option<(&'static Test, Arc<Scope>)>> = OnceLock::new();
    let begin = || {
        let test = this_test()?;
        let scope = crate::rules::measures_unmarked(test).then(|| test::begin_unmarked(test)).flatten()?;
        Some((test, scope))
    };
    BEGUN.get_or_init(begin).as_ref()
}

/// The main thread is about to start one, which may be the test's.
fn begins() -> Option<Arc<Scope>> {
    let _paused = pause();
    begun().map(|(_, scope)| Arc::clone(scope))
}

/// A thread that the main thread has started is over.
fn ends() {
    let _paused = pause();
    let Some((test, scope)) = begun() else { return };
    let is_the_tests = std::thread::current().name() == only_test();
    if is_the_tests && scope.is_unmarked() {
        // What it panics with has been printed, and the test has no record.
        let _ = catch_unwind(AssertUnwindSafe(|| conclude(test, scope)));
    }
}

fn conclude(test: &'static Test, scope: &Arc<Scope>) {
    scope.freeze();
    settle(scope);
    test::finish_unmarked(test, scope);
    let rules = test::rules(test, scope);
    let observed = Observation::of(scope, &[], &rules);
    let verdict = gate::judge(&rules.gates, &observed);
    let record = gate::record(test, &rules, &observed, &verdict, Ending::Finished);
    // Without a gate nothing was to be kept: the subcommand says of which tests not all could be seen.
    let has_gates = !rules.gates.is_empty();
    let message = has_gates.then(|| gate::render(&test.name(), &verdict)).flatten();
    *lock(&CONCLUSION) = Some(Conclusion { record, message });
    on_exit(process_ends, std::ptr::null_mut());
}

unsafe extern "C" {
    /// Of glibc, from C's `stdlib.h`: `function` is called when the process ends by `exit`, with its exit code.
    safe fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
}

extern "C" fn process_ends(code: c_int, _: *mut c_void) {
    let _paused = pause();
    let Some(Conclusion { record, message }) = lock(&CONCLUSION).take() else { return };
    // The harness says by its code how its one test has ended.
    let has_failed = code != 0;
    let record = if has_failed { gate::failed(record) } else { record };
    let written = match std::env::var_os(record::DIR_VARIABLE) {
        Some(dir) => record::append(Path::new(&dir), &record),
        None => Ok(()),
    };
    let problem = match written {
        Err(error) => Some(format!("perfassert: writing the record of {}: {error}", record.test.path())),
        Ok(()) => message.filter(|_| !has_failed),
    };
    if let Some(problem) = problem {
        fail(&problem);
    }
}

/// Ends the process that was about to say that its test passed.
#[expect(clippy::print_stderr, reason = "the runner shows it with the failure")]
fn fail(problem: &str) -> ! {
    eprintln!("{problem}\n");
    // SAFETY: flushing what C has not written yet, as `exit` would have, is allowed at any time; and `_exit` ends the process.
    unsafe {
        libc::fflush(std::ptr::null_mut());
        libc::_exit(101)
    }
}

/// The test of this process: nothing is known of it but its path and how cargo has started it.
fn this_test() -> Option<&'static Test> {
    let path = only_test()?;
    let executable = std::env::current_exe().ok()?;
    let crate_name = crate_of(executable.file_stem()?.to_str()?);
    let (modules, function) =
        path.rsplit_once("::").map_or((None, path), |(modules, function)| (Some(modules), function));
    let module = modules.map_or(crate_name.to_owned(), |modules| format!("{crate_name}::{modules}"));
    let variable = |name: &str| std::env::var(name).ok();
    Some(Box::leak(Box::new(Test {
        package: variable("CARGO_PKG_NAME")?.leak(),
        manifest_dir: variable("CARGO_MANIFEST_DIR")?.leak(),
        module: module.leak(),
        is_binary: is_binary(&executable, variable("NEXTEST_BINARY_ID").as_deref()),
        function,
        file: "",
        should_panic: false,
        multi_thread: false,
        gates: &[],
        assert_snapshot: None,
    })))
}

/// The crate of the executable `api-0123456789abcdef`.
fn crate_of(stem: &str) -> &str {
    let is_hash = |word: &str| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    stem.rsplit_once('-').filter(|(_, word)| is_hash(word)).map_or(stem, |(name, _)| name)
}

/// Whether the tests are those of a binary, as nextest names it (`shop::bin/shop`), or else the run.
fn is_binary(executable: &Path, nextest: Option<&str>) -> bool {
    let binaries = std::env::var_os(record::BINARIES_VARIABLE).unwrap_or_default();
    match nextest {
        Some(id) => id.rsplit("::").next().is_some_and(|target| target.starts_with("bin/")),
        None => std::env::split_paths(&binaries).any(|binary| binary == executable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_executable_is_named_like_its_crate() {
        let check = |stem: &str, expected: &str| assert_eq!(crate_of(stem), expected, "{stem}");
        check("api-0123456789abcdef", "api");
        check("web_api-0123456789abcdef", "web_api");
        check("api", "api");
        check("api-test", "api-test");
    }

    #[test]
    fn a_binary_is_told_from_a_library() {
        let check = |id: &str, expected: bool| {
            assert_eq!(is_binary(Path::new("/shop"), Some(id)), expected, "{id}");
        };
        check("shop", false);
        check("shop::api", false);
        check("shop::bin/shop", true);
    }
}
