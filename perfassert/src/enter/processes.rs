//! Processes belong to the test that starts them.
//!
//! `std::process::Command` ends in `posix_spawnp`, or, where something is to be done in between (`pre_exec`, `uid`, a `PATH` of the
//! program's own), in `fork` and `execvp`. The test binary defines these symbols itself, as it does `pthread_create`, and hands the
//! process the variables by which it joins the test.
#![allow(unsafe_code)] // Wrapping C functions.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::null_mut;
use std::sync::atomic::AtomicUsize;

use libc::{pid_t, posix_spawn_file_actions_t, posix_spawnattr_t};

use super::inherit::real;
use crate::alloc::pause;
use crate::children::{HandOver, Note, Process, hand_over, is_asked_for, is_variable};
use crate::scope::forget_all;

/// An environment: C strings, and null at its end.
type Envp = *const *mut c_char;

type Spawn = unsafe extern "C" fn(
    *mut pid_t,
    *const c_char,
    *const posix_spawn_file_actions_t,
    *const posix_spawnattr_t,
    *const *mut c_char,
    Envp,
) -> c_int;
type Fork = unsafe extern "C" fn() -> pid_t;

unsafe extern "C" {
    /// The environment of this process.
    static environ: Envp;
}

/// Makes the linker take the wrappers: an object of an archive is linked only when something refers to it.
pub(super) fn keep() {
    std::hint::black_box([
        posix_spawn as *const (),
        posix_spawnp as *const (),
        fork as *const (),
        execvp as *const (),
    ]);
}

/// # Safety
///
/// As of `posix_spawn` of POSIX, which it stands for: `pid` is null or can be written, `file` is a C string, `argv` and `envp` are
/// arrays of them with null at the end, the others are null or initialised.
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_spawn(
    pid: *mut pid_t,
    file: *const c_char,
    actions: *const posix_spawn_file_actions_t,
    attributes: *const posix_spawnattr_t,
    argv: *const *mut c_char,
    envp: Envp,
) -> c_int {
    static REAL: AtomicUsize = AtomicUsize::new(0);
    let start = ProcessStart { pid, file, actions, attributes, argv, looks_up: false };
    // SAFETY: the first is the C library's `posix_spawn` or 0; the caller's promises are passed on.
    unsafe { spawn(real(c"posix_spawn", &REAL), &start, envp) }
}

/// # Safety
///
/// As of `posix_spawnp` of POSIX, which it stands for, and which asks for what `posix_spawn` does.
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_spawnp(
    pid: *mut pid_t,
    file: *const c_char,
    actions: *const posix_spawn_file_actions_t,
    attributes: *const posix_spawnattr_t,
    argv: *const *mut c_char,
    envp: Envp,
) -> c_int {
    static REAL: AtomicUsize = AtomicUsize::new(0);
    let start = ProcessStart { pid, file, actions, attributes, argv, looks_up: true };
    // SAFETY: the first is the C library's `posix_spawnp` or 0; the caller's promises are passed on.
    unsafe { spawn(real(c"posix_spawnp", &REAL), &start, envp) }
}

/// What a process is started with, besides its environment.
struct ProcessStart {
    pid: *mut pid_t,
    file: *const c_char,
    actions: *const posix_spawn_file_actions_t,
    attributes: *const posix_spawnattr_t,
    argv: *const *mut c_char,
    /// Whether a `file` without a slash is looked up in `PATH`.
    looks_up: bool,
}

/// # Safety
///
/// `real` is 0 or the address of a [`Spawn`]; of the others what [`posix_spawn`] asks for.
unsafe fn spawn(real: usize, start: &ProcessStart, envp: Envp) -> c_int {
    // SAFETY: null is `None`; otherwise it is a function of this type.
    let real: Option<Spawn> = unsafe { std::mem::transmute(real) };
    let Some(real) = real else { return libc::ENOSYS };
    let &ProcessStart { pid, file, actions, attributes, argv, looks_up } = start;
    let paused = pause();
    let Some(handed) = handed() else {
        drop(paused);
        // SAFETY: the caller's promises are passed on unchanged.
        return unsafe { real(pid, file, actions, attributes, argv, envp) };
    };
    // SAFETY: the caller promises that `envp` is an environment.
    let room = unsafe { entries(envp) }.count();
    let mut environment = Environment::new(&handed, room);
    // SAFETY: as above.
    let envp = unsafe { environment.over(envp) };
    let mut started = 0;
    // SAFETY: `started` can be written, `envp` is an environment that lives to the end of this function; for the rest the caller's
    // promises are passed on unchanged.
    let failed = unsafe { real(&raw mut started, file, actions, attributes, argv, envp) };
    if failed == 0 {
        if !pid.is_null() {
            // SAFETY: the caller promises that it can be written.
            unsafe { pid.write(started) };
        }
        // SAFETY: the caller promises that it is a C string.
        let file = unsafe { CStr::from_ptr(file) };
        let is_looked_up = looks_up && !file.to_bytes().contains(&b'/');
        // SAFETY: nobody changes the environment, as the real function has looked there, too.
        let path = if is_looked_up { unsafe { path(environ) } } else { b"" };
        handed.started(started as u32, file, path);
    }
    failed
}

/// What a forked process needs when it becomes a program.
struct Forked {
    environment: Environment,
    note: Option<Note>,
}

/// How many variables there may be for a process that forks: what it needs is there before, and there is no more to be had after.
const ROOM: usize = 4096;

thread_local! {
    /// In a process that was forked by a thread of a test, until it becomes a program. Nobody frees it there.
    ///
    /// Such a process has one thread, and locks that the others held stay locked: no wrapper takes one there.
    static FORKED: Cell<*mut Forked> = const { Cell::new(null_mut()) };
}

/// What the process is to be handed that the calling thread starts. The caller has paused the counting.
fn handed() -> Option<HandOver> {
    if FORKED.get().is_null() { hand_over() } else { None }
}

/// # Safety
///
/// As of `fork` of POSIX, which it stands for: until it becomes a program, the new process does what a signal handler may do.
#[unsafe(no_mangle)]
unsafe extern "C" fn fork() -> pid_t {
    static REAL: AtomicUsize = AtomicUsize::new(0);
    // SAFETY: null is `None`; otherwise it is the C library's `fork`, whose signature this is.
    let real: Option<Fork> = unsafe { std::mem::transmute(real(c"fork", &REAL)) };
    let Some(real) = real else { return -1 };
    let paused = pause();
    let Some(handed) = handed() else {
        drop(paused);
        // SAFETY: the caller's promises are passed on unchanged.
        return unsafe { real() };
    };
    let forked = Forked { environment: Environment::new(&handed, ROOM), note: handed.note() };
    drop(handed);
    let forked = Box::into_raw(Box::new(forked));
    FORKED.set(forked);
    // SAFETY: the caller's promises are passed on unchanged. Of what is here, the new process touches thread-locals.
    let pid = unsafe { real() };
    if pid == 0 {
        // What it does is not told to the test: counting it could wait for ever for a lock that another thread held.
        forget_all();
        std::mem::forget(paused);
        return 0;
    }
    FORKED.set(null_mut());
    // SAFETY: it comes from `Box::into_raw` above, and was only this thread's.
    let Forked { note, .. } = *unsafe { Box::from_raw(forked) };
    if pid < 0 {
        let why = std::io::Error::last_os_error();
        note.into_iter().for_each(Note::discard);
        set_errno(&why);
    }
    drop(paused);
    pid
}

fn set_errno(error: &std::io::Error) {
    // SAFETY: it points to the calling thread's own.
    unsafe { *libc::__errno_location() = error.raw_os_error().unwrap_or(0) };
}

/// Allocates nothing and takes no lock, as it may run after `fork`.
///
/// # Safety
///
/// As of `execvp` of POSIX, which it stands for: `file` is a C string, `argv` an array of them with null at the end, and nobody changes
/// the environment meanwhile.
#[unsafe(no_mangle)]
unsafe extern "C" fn execvp(file: *const c_char, argv: *const *const c_char) -> c_int {
    // SAFETY: the caller promises that nobody changes it.
    let mut envp = unsafe { environ };
    // SAFETY: null, or what `fork` above has left to this process, whose one thread this is.
    if let Some(Forked { environment, note }) = unsafe { FORKED.get().as_mut() } {
        // SAFETY: that is what `environ` is.
        envp = unsafe { environment.over(envp) };
        if let Some(note) = note {
            // SAFETY: the caller promises that the one is a C string, the other is an environment.
            let (file, path) = unsafe { (CStr::from_ptr(file), path(environ)) };
            note.add(Process::this(), file.to_bytes(), path);
        }
    }
    // SAFETY: the caller's promises are passed on, with an environment. By definition this is `execvp`.
    unsafe { libc::execvpe(file, argv, envp.cast()) }
}

/// An environment for a process that belongs to a test.
struct Environment {
    block: Vec<*mut c_char>,
    variables: [CString; 2],
}

impl Environment {
    /// With room for `entries` besides the variables.
    fn new(handed: &HandOver, entries: usize) -> Self {
        let variables = handed.entries();
        Environment { block: Vec::with_capacity(entries + variables.len() + 1), variables }
    }

    /// The entries of `envp`, and the variables; `envp` itself where somebody has put them in who asked for them, or where there is no
    /// room for all. Allocates nothing.
    ///
    /// # Safety
    ///
    /// `envp` is an environment or null. What comes back is one as long as both `envp` and `self` live unchanged.
    unsafe fn over(&mut self, envp: Envp) -> Envp {
        self.block.clear();
        // SAFETY: the caller promises it.
        for entry in unsafe { entries(envp) } {
            // SAFETY: an entry of an environment is a C string.
            let text = unsafe { CStr::from_ptr(entry) };
            let is_full = self.block.capacity() - self.block.len() <= self.variables.len() + 1;
            if is_asked_for(text) || is_full {
                return envp;
            }
            if !is_variable(text) {
                self.block.push(entry);
            }
        }
        self.block.extend(self.variables.iter().map(|variable| variable.as_ptr().cast_mut()));
        self.block.push(null_mut());
        self.block.as_ptr()
    }
}

/// # Safety
///
/// `envp` is an environment that lives as long as what comes back, or null.
unsafe fn entries(envp: Envp) -> impl Iterator<Item = *mut c_char> {
    let next = move |index| {
        // SAFETY: the caller promises it, and no entry after the null at the end is asked for.
        (!envp.is_null()).then(|| unsafe { *envp.add(index) }).filter(|entry: &*mut c_char| !entry.is_null())
    };
    (0..).map_while(next)
}

/// Where programs are looked for whose names have no slash: `posix_spawnp` and `execvp` go by the environment of the process that calls.
///
/// # Safety
///
/// As of [`entries`].
unsafe fn path<'a>(envp: Envp) -> &'a [u8] {
    // SAFETY: the caller promises it; an entry of an environment is a C string.
    let mut texts = unsafe { entries(envp) }.map(|entry| unsafe { CStr::from_ptr(entry) }.to_bytes());
    texts.find_map(|text| text.strip_prefix(b"PATH=")).unwrap_or_default()
}
