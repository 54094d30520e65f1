//! What a function says of an allocation, by the crate that it stands in, and of some crates by its own name.

use crate::alloc::Owner;
use crate::crates::{KnownCrate, known, known_as_dependency};

/// What a function on the stack says of an allocation, read from the inside out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameMeaning {
    /// Nothing: `std`, perfassert, the functions of a runtime that others call.
    Neutral,
    /// Nothing but that the block is kept of a thread or a task. It is given back some time after that has ended, and nobody waits for it.
    Unwaited,
    /// It is a library's, and that is whoever's calls it.
    Library,
    /// It is theirs.
    Decides(Owner),
    /// It is theirs unless a library was met further in: most of these call what others gave them.
    Loop(Owner),
}

/// Functions that tell more than their crate does: the crate, how the path goes on, how the function's own name begins.
const RULES: &[(&str, &str, &str, FrameMeaning)] = &[
    // A channel makes room by blocks, and uses them again if the receiver was quick enough.
    ("tokio", "sync::mpsc::block", "", RUNTIME),
    ("tokio", "sync::mpsc::list", "", RUNTIME),
    // A task is whoever's spawns it. Queues of tasks, the threads that a pool starts if none is idle, and what is kept of
    // sockets and timers are not; nor is what a loop does that calls tasks.
    ("tokio", "runtime::scheduler", "spawn", FrameMeaning::Neutral),
    ("tokio", "runtime::scheduler", "bind", FrameMeaning::Neutral),
    ("tokio", "runtime::scheduler", "", RUNTIME),
    ("tokio", "runtime::blocking::pool", "spawn_thread", RUNTIME),
    ("tokio", "runtime::blocking::pool", "spawn_task", RUNTIME),
    ("tokio", "runtime::park", "", RUNTIME),
    ("tokio", "runtime::io", "", RUNTIME),
    ("tokio", "runtime::time", "", RUNTIME),
    ("tokio", "runtime::signal", "", RUNTIME),
    ("tokio", "", "block_on", RUNTIME),
    ("tokio", "", "enter_runtime", RUNTIME),
    ("async_io", "", "block_on", RUNTIME),
    ("async_std", "", "block_on", RUNTIME),
    ("async_global_executor", "", "block_on", RUNTIME),
    ("smol", "", "block_on", RUNTIME),
    ("actix_rt", "", "block_on", RUNTIME),
    ("pollster", "", "block_on", RUNTIME),
    ("futures_executor", "", "block_on", RUNTIME),
    ("futures_executor", "", "run_executor", RUNTIME),
    ("concurrent_queue", "unbounded", "", RUNTIME),
    // How a job is split depends on who was idle.
    ("rayon", "", "", RUNTIME),
    ("rayon_core", "", "", RUNTIME),
    ("crossbeam_deque", "", "", RUNTIME),
    ("crossbeam_epoch", "", "", RUNTIME),
    // Whoever has to wait makes a context for it.
    ("crossbeam_channel", "context", "", RUNTIME),
    ("crossbeam_channel", "waker", "", RUNTIME),
    ("crossbeam_channel", "flavors::list", "start_send", RUNTIME),
    ("std", "sync::mpmc::context", "", RUNTIME),
    ("std", "sync::mpmc::waker", "", RUNTIME),
    ("std", "sync::mpmc::list", "start_send", RUNTIME),
    // Grows with the number of threads.
    ("parking_lot_core", "parking_lot", "", RUNTIME),
    // What each thread has of its own.
    ("thread_local", "", "", RUNTIME),
    ("sharded_slab", "", "", RUNTIME),
    ("std", "sys::thread_local::destructors", "", RUNTIME),
    ("std", "thread::current", "", RUNTIME),
    ("std", "sys::pal::unix::stack_overflow", "", RUNTIME),
    // How it captures the output of threads that a test starts: only the harness can have hooks there.
    ("std", "thread::spawnhook", "", FrameMeaning::Loop(Owner::Harness)),
    ("std", "thread", "", FrameMeaning::Unwaited),
    ("tokio", "runtime::task", "", FrameMeaning::Unwaited),
    ("async_task", "raw", "", FrameMeaning::Unwaited),
    // Requests, answers and their parts are used again, if one is at hand: that depends on how many are under way.
    ("actix_http", "message", "get_message", POOL),
    ("actix_http", "responses::head", "get_message", POOL),
    ("actix_http", "extensions", "insert", POOL),
    ("actix_web", "request", "new", POOL),
    ("actix_router", "path", "add", POOL),
    // Output that the harness captures, or `std` buffers.
    ("std", "io::stdio", "", FrameMeaning::Loop(Owner::Harness)),
    ("test", "", "", FrameMeaning::Loop(Owner::Harness)),
    // The report of a panic, whatever libraries it is made with.
    ("std", "backtrace", "", FrameMeaning::Decides(Owner::Harness)),
    ("backtrace", "", "", FrameMeaning::Decides(Owner::Harness)),
    ("std", "panicking", "rust_panic", FrameMeaning::Decides(Owner::Harness)),
    ("std", "panicking", "panic_with_hook", FrameMeaning::Decides(Owner::Harness)),
    ("std", "panicking", "begin_panic", FrameMeaning::Decides(Owner::Harness)),
    ("std", "panicking", "default_hook", FrameMeaning::Decides(Owner::Harness)),
    ("panic_unwind", "", "", FrameMeaning::Decides(Owner::Harness)),
];

const RUNTIME: FrameMeaning = FrameMeaning::Loop(Owner::Runtime);

/// Whatever libraries make what is kept there.
const POOL: FrameMeaning = FrameMeaning::Decides(Owner::Runtime);

/// Whether it is a function of this crate's own unit tests, which are an application of it.
pub(super) fn is_a_test_of_ours(path: &str) -> bool {
    cfg!(test) && path.contains("perfassert::") && path.contains("::tests::")
}

/// What a function says that stands in one of `crates` at `path`, from the crate on, and has the name `function`.
///
/// By the rules of coherence a method stands in the crate of its type or of its trait. Where both are known, the one that
/// depends on the other has it.
pub(super) fn standing(crates: [Option<&str>; 2], path: &str, function: &str) -> FrameMeaning {
    standing_by(known, crates, path, function)
}

/// The same of a dependency, be there a crate of tests that is called like it.
pub(super) fn standing_of_dependency(crate_name: &str, path: &str, function: &str) -> FrameMeaning {
    standing_by(known_as_dependency, [Some(crate_name), None], path, function)
}

fn standing_by(
    known: fn(&str) -> KnownCrate,
    crates: [Option<&str>; 2],
    path: &str,
    function: &str,
) -> FrameMeaning {
    if is_a_test_of_ours(path) {
        return FrameMeaning::Decides(Owner::Application);
    }
    let Some((crate_name, known)) =
        crates.into_iter().flatten().map(|name| (name, known(name))).max_by_key(|(_, known)| *known)
    else {
        return FrameMeaning::Neutral;
    };
    let module = path.strip_prefix(crate_name).map_or("", |path| path.trim_start_matches("::"));
    let is_it = |(of, begins, name, _): &&(&str, &str, &str, FrameMeaning)| {
        *of == crate_name && module.starts_with(begins) && function.starts_with(name)
    };
    match (known, RULES.iter().find(is_it)) {
        (KnownCrate::Own, _) => FrameMeaning::Decides(Owner::Application),
        (KnownCrate::Driver, _) => FrameMeaning::Decides(Owner::Driver),
        (_, Some((.., standing))) => *standing,
        (KnownCrate::Library, None) => FrameMeaning::Library,
        (KnownCrate::Runtime | KnownCrate::Standard, None) => FrameMeaning::Neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crates::{Name, add_drivers, add_own, add_test, is_namesake};

    #[track_caller]
    fn check(name: &str, expected: FrameMeaning) {
        let Name { crate_name, trait_crate, path, function } = Name::parse(name);
        assert_eq!(standing([crate_name, trait_crate], path, function), expected, "{name}");
    }

    const OWN: FrameMeaning = FrameMeaning::Decides(Owner::Application);
    const DRIVER: FrameMeaning = FrameMeaning::Decides(Owner::Driver);

    #[test]
    fn a_crate_tells_whose_it_is() {
        add_own(["ledger_app".to_owned(), "diesel_ledger".to_owned()]);
        add_drivers(["my-driver".to_owned()]);
        check("ledger_app::orders::list::{{closure}}", OWN);
        check("sqlx_core::query::Query<DB,A>::fetch_one", DRIVER);
        check("sqlx::query", DRIVER);
        check("sqlxish::query", FrameMeaning::Library);
        check("diesel_dynamic_schema::table", DRIVER);
        check("diesel_ledger::orders::list", OWN);
        check("my_driver::connect", DRIVER);
        check("bytes::bytes_mut::BytesMut::reserve_inner", FrameMeaning::Library);
        check("alloc::vec::Vec<T,A>::push", FrameMeaning::Neutral);
        check("std::panicking::catch_unwind::do_call", FrameMeaning::Neutral);
        check("sqlite3_exec", FrameMeaning::Neutral);
        check("__rustc::__rust_alloc", FrameMeaning::Neutral);
    }

    /// `tests/mobc.rs` is about the pool, and its name is the same.
    #[test]
    fn a_crate_of_tests_is_called_like_a_driver() {
        assert!(!is_namesake("mobc"));
        add_test("mobc");
        assert!(is_namesake("mobc") && !is_namesake("bb8"));
        check("mobc::loads_orders", OWN);
        assert_eq!(standing_of_dependency("mobc", "mobc::Pool::get", "get"), DRIVER);
    }

    /// A method stands in the crate of the type or in that of the trait, whichever knows of the other.
    #[test]
    fn a_method_is_in_the_crate_that_depends_on_the_other() {
        add_own(["ledger_app".to_owned()]);
        check("<ledger_app::Row as sqlx_core::from_row::FromRow<R>>::from_row", OWN);
        check("<sqlx_core::pool::Pool<DB> as ledger_app::Store>::load", OWN);
        check("<bytes::Bytes as sqlx_core::encode::Encode<DB>>::encode", DRIVER);
        check("<sqlx_core::row::Stream as futures_core::stream::Stream>::poll_next", DRIVER);
        check("<F as axum::handler::Handler<(M,T1),S>>::call", FrameMeaning::Library);
        check("<alloc::vec::Vec<T,A> as core::ops::drop::Drop>::drop", FrameMeaning::Neutral);
    }

    #[test]
    fn functions_that_tell_more() {
        check("tokio::runtime::task::core::Cell<T,S>::new", FrameMeaning::Unwaited);
        check("std::thread::lifecycle::spawn_unchecked", FrameMeaning::Unwaited);
        check("std::thread::spawnhook::run_spawn_hooks", FrameMeaning::Loop(Owner::Harness));
        check("tokio::runtime::scheduler::current_thread::CoreGuard::block_on::{{closure}}", RUNTIME);
        check(
            "<tokio::runtime::scheduler::current_thread::Handle as tokio::runtime::task::Schedule>::schedule",
            RUNTIME,
        );
        check(
            "tokio::runtime::scheduler::multi_thread::handle::Handle::bind_new_task",
            FrameMeaning::Neutral,
        );
        check("tokio::runtime::io::registration_set::RegistrationSet::deregister", RUNTIME);
        check("tokio::runtime::blocking::pool::Spawner::spawn_blocking_inner", FrameMeaning::Neutral);
        check("tokio::runtime::blocking::pool::Spawner::spawn_thread", RUNTIME);
        check("actix_http::message::MessagePool<T>::get_message", POOL);
        check("actix_web::request::HttpRequest::new", POOL);
        check("actix_web::request::HttpRequest::match_info", FrameMeaning::Library);
        check("std::sync::mpmc::context::Context::new", RUNTIME);
        check("std::sync::mpmc::channel", FrameMeaning::Neutral);
        check("std::io::stdio::print_to", FrameMeaning::Loop(Owner::Harness));
        check("std::panicking::rust_panic_with_hook", FrameMeaning::Decides(Owner::Harness));
    }
}
