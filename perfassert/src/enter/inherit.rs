//! Threads belong to the test that starts them.
//!
//! Every way to start a thread on Linux with glibc ends in `pthread_create`. The test binary defines that symbol itself,
//! here, so the linker binds all calls to it; the real one is the next in the loader's order. The wrapper hands the
//! creator's scope to the new thread, which enters it before its first instruction of anybody else's code.
#![allow(unsafe_code)] // Wrapping a C function.

use std::ffi::{CStr, c_int, c_void};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use libc::{pthread_attr_t, pthread_t};

use crate::alloc::pause;
use crate::callers;
use crate::scope::{Scope, adopt, inherited};
use crate::source;

/// `C-unwind`: `pthread_exit` and `pthread_cancel` unwind the thread's stack up to its first frame.
type Routine = extern "C-unwind" fn(*mut c_void) -> *mut c_void;
type PthreadCreate =
    unsafe extern "C" fn(*mut pthread_t, *const pthread_attr_t, Routine, *mut c_void) -> c_int;

/// What the new thread needs: its own routine, and the scope to run it in.
struct ThreadStart {
    routine: Routine,
    argument: *mut c_void,
    scope: Arc<Scope>,
    sources: source::Inherited,
}

/// What is done about threads that the main one starts: the harness starts the test's.
pub(crate) struct TestThread {
    /// One is about to be started: the scope that it is to begin its life in.
    pub(crate) begins: fn() -> Option<Arc<Scope>>,
    /// One of these is over, and calls.
    pub(crate) ends: fn(),
}

static TEST_THREAD: OnceLock<TestThread> = OnceLock::new();

/// From now on `test_thread` is asked. The first that is set stays.
pub(crate) fn set_test_thread(test_thread: TestThread) {
    let _ = TEST_THREAD.set(test_thread);
}

/// The program has the wrapper wherever it has this crate: a test without an attribute calls nothing of it.
#[used]
static WRAPPER: unsafe extern "C" fn(*mut pthread_t, *const pthread_attr_t, Routine, *mut c_void) -> c_int =
    pthread_create;

/// Makes the linker take the wrapper: an object of an archive is linked only when something refers to it.
pub(super) fn keep() {
    std::hint::black_box(pthread_create as *const ());
}

/// The address of the definition of `name` after ours, looked up once; 0 if the loader knows no other.
pub(super) fn real(name: &CStr, known: &AtomicUsize) -> usize {
    let mut address = known.load(Relaxed);
    if address == 0 {
        // SAFETY: the name is a C string, and `RTLD_NEXT` asks for the definition after the one of this object.
        address = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) }.addr();
        known.store(address, Relaxed);
    }
    address
}

/// # Safety
///
/// As of `pthread_create` of POSIX, which it stands for: `thread` can be written, `attributes` is null or initialised,
/// and `routine` can be called with `argument` on another thread.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_create(
    thread: *mut pthread_t,
    attributes: *const pthread_attr_t,
    routine: Routine,
    argument: *mut c_void,
) -> c_int {
    static REAL: AtomicUsize = AtomicUsize::new(0);
    // SAFETY: null is `None`; otherwise it is the C library's `pthread_create`, whose signature this is.
    let real: Option<PthreadCreate> = unsafe { std::mem::transmute(real(c"pthread_create", &REAL)) };
    let Some(real) = real else { return libc::EAGAIN };
    let paused = pause();
    // SAFETY: both take nothing and cannot fail.
    let is_on_main_thread = unsafe { libc::gettid() == libc::getpid() };
    let test = TEST_THREAD.get().filter(|_| is_on_main_thread).and_then(|test_thread| (test_thread.begins)());
    let first = if test.is_some() { run_of_main } else { run };
    let inherited = test.or_else(|| inherited(is_on_main_thread, callers::is_in_one_time_initialiser));
    let Some(scope) = inherited else {
        drop(paused);
        // SAFETY: the caller's promises are passed on unchanged.
        return unsafe { real(thread, attributes, routine, argument) };
    };
    let sources = source::inherited(&scope);
    let start = Box::into_raw(Box::new(ThreadStart { routine, argument, scope, sources }));
    // SAFETY: the caller's promises hold for `thread` and `attributes`; `first` takes what `start` points to, once.
    let failed = unsafe { real(thread, attributes, first, start.cast()) };
    if failed != 0 {
        // SAFETY: no thread was started, so `start` is still ours and comes from `Box::into_raw` above.
        drop(unsafe { Box::from_raw(start) });
    }
    drop(paused);
    failed
}

/// The first function of a thread that the main one has started, which may be the test's.
extern "C-unwind" fn run_of_main(start: *mut c_void) -> *mut c_void {
    let result = run(start);
    if let Some(test_thread) = TEST_THREAD.get() {
        (test_thread.ends)();
    }
    result
}

/// The first function of a thread that was started in a scope.
extern "C-unwind" fn run(start: *mut c_void) -> *mut c_void {
    // SAFETY: `pthread_create` above passes a `Start` from `Box::into_raw`, to this one thread.
    let ThreadStart { routine, argument, scope, sources } =
        *unsafe { Box::from_raw(start.cast::<ThreadStart>()) };
    sources.attach();
    adopt(scope);
    // Nothing with a destructor is left in this frame: a forced unwinding may pass through it.
    routine(argument)
}
