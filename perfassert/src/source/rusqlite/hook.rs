//! SQLite's own hooks: each connection that is opened in the process tells of its statements, and of its end.
//!
//! The functions are declared here, and not taken from `libsqlite3-sys`, which only links them: their C signatures are
//! SQLite's promise for ever, those of the bindings change with their versions, and the user's driver chooses the version.
#![allow(unsafe_code)] // A C library that calls back.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{null, null_mut, without_provenance_mut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use libsqlite3_sys as _;

use super::{connections, on_end, on_open, on_statement, under_way};
use crate::scope::Database;
use crate::source::execution::hash;

/// `sqlite3`, `sqlite3_stmt`, `sqlite3_context`, `sqlite3_value`, `sqlite3_api_routines`: never looked into.
type Opaque = c_void;

type OnOpen = unsafe extern "C" fn(*mut Opaque, *mut *mut c_char, *const Opaque) -> c_int;
type OnEvent = unsafe extern "C" fn(c_uint, *mut c_void, *mut c_void, *mut c_void) -> c_int;
type OnCall = unsafe extern "C" fn(*mut Opaque, c_int, *mut *mut Opaque);
type OnRow = unsafe extern "C" fn(*mut c_void, c_int, *mut *mut c_char, *mut *mut c_char) -> c_int;
type OnDrop = unsafe extern "C" fn(*mut c_void);

unsafe extern "C" {
    fn sqlite3_auto_extension(on_open: Option<OnOpen>) -> c_int;
    fn sqlite3_open_v2(name: *const c_char, db: *mut *mut Opaque, flags: c_int, vfs: *const c_char) -> c_int;
    fn sqlite3_exec(
        db: *mut Opaque,
        sql: *const c_char,
        on_row: Option<OnRow>,
        context: *mut c_void,
        error: *mut *mut c_char,
    ) -> c_int;
    fn sqlite3_close(db: *mut Opaque) -> c_int;
    fn sqlite3_trace_v2(
        db: *mut Opaque,
        mask: c_uint,
        on_event: Option<OnEvent>,
        context: *mut c_void,
    ) -> c_int;
    fn sqlite3_sql(statement: *mut Opaque) -> *const c_char;
    fn sqlite3_expanded_sql(statement: *mut Opaque) -> *mut c_char;
    fn sqlite3_db_handle(statement: *mut Opaque) -> *mut Opaque;
    fn sqlite3_db_filename(db: *mut Opaque, schema: *const c_char) -> *const c_char;
    fn sqlite3_changes(db: *mut Opaque) -> c_int;
    fn sqlite3_free(memory: *mut c_void);
    fn sqlite3_create_function_v2(
        db: *mut Opaque,
        name: *const c_char,
        arguments: c_int,
        encoding: c_int,
        context: *mut c_void,
        call: Option<OnCall>,
        step: Option<OnCall>,
        finish: Option<unsafe extern "C" fn(*mut Opaque)>,
        on_drop: Option<OnDrop>,
    ) -> c_int;
}

const OK: c_int = 0;
const UTF8: c_int = 1;
const READ_WRITE: c_int = 2;
const NO_MUTEX: c_int = 0x8000;
const TRACE_STATEMENT: c_uint = 1;
const TRACE_END: c_uint = 2;
const TRACE_ROW: c_uint = 4;
const TRACE_CLOSE: c_uint = 8;
const TRACED: c_uint = TRACE_STATEMENT | TRACE_END | TRACE_ROW | TRACE_CLOSE;

/// What [`open_and_execute`] executes.
pub(super) const CANARY: &CStr = c"SELECT 1";

/// SQLite has taken our function.
static REGISTERED: AtomicBool = AtomicBool::new(false);

ctor::declarative::ctor! {
    /// Before `main`, and so before any connection. The function does nothing but this one call into SQLite, which needs
    /// no runtime: neither threads, nor `std`'s state, nor an allocator of Rust's.
    #[ctor(unsafe)]
    fn register() {
        // SAFETY: `opened` has the signature that SQLite calls. As documented, it neither opens a connection, nor closes
        // the one it is given, nor changes the list of automatic extensions.
        let result = unsafe { sqlite3_auto_extension(Some(opened)) };
        REGISTERED.store(result == OK, Relaxed);
    }
}

/// Opens a connection, and executes a statement on it. Whether both went well, which takes what else the application has
/// SQLite do for each connection.
///
/// `None` if SQLite has never taken our function.
pub(super) fn open_and_execute() -> Option<bool> {
    if !REGISTERED.load(Relaxed) {
        return None;
    }
    let mut db = null_mut();
    // SAFETY: the texts are C strings. `db` is written by the first call, also if that fails, and may be null in the second
    // and the third, which is the last to use it.
    Some(unsafe {
        let opened = sqlite3_open_v2(c":memory:".as_ptr(), &raw mut db, READ_WRITE | NO_MUTEX, null());
        let executed = opened == OK && sqlite3_exec(db, CANARY.as_ptr(), None, null_mut(), null_mut()) == OK;
        sqlite3_close(db);
        executed
    })
}

/// # Safety
///
/// As an automatic extension: `db` is a connection that has just been opened, and that no other thread has yet.
unsafe extern "C" fn opened(db: *mut Opaque, _error: *mut *mut c_char, _routines: *const Opaque) -> c_int {
    let Some(number) = on_open() else { return OK };
    let context = without_provenance_mut(number);
    // SAFETY: `db` is open, the name is a C string. `context` is a number and is never dereferenced, so it does not matter
    // how long SQLite keeps it. SQLite calls `on_close` once, also if this fails.
    let witnessed = unsafe {
        let (name, on_close) = (c"perfassert_witness".as_ptr(), Some(on_close as OnDrop));
        sqlite3_create_function_v2(db, name, 0, UTF8, context, Some(no_function), None, None, on_close)
    };
    if witnessed == OK {
        // SAFETY: `db` is open, `on_event` has the signature that SQLite calls for these events, and of `context` the
        // same holds as above.
        unsafe { sqlite3_trace_v2(db, TRACED, Some(on_event), context) };
    }
    witnessed
}

/// # Safety
///
/// As a callback of `sqlite3_trace_v2`: for a statement, `subject` is the statement, and where that begins `text` is a C string.
unsafe extern "C" fn on_event(
    event: c_uint,
    context: *mut c_void,
    subject: *mut c_void,
    text: *mut c_void,
) -> c_int {
    // SAFETY: for a statement that begins, `subject` is the statement, and these are called for nothing else.
    let values = || unsafe { hash_of_values(subject) };
    // SAFETY: as above.
    let database = || unsafe { database_of(subject) };
    match event {
        TRACE_STATEMENT => {
            // SAFETY: the statement is being executed on this thread, so it is valid until this returns.
            let sql = unsafe { sqlite3_sql(subject) };
            if sql.cast_mut().cast() == text {
                // SAFETY: not null, as `text` is not; a C string that lives as long as its statement.
                on_statement(unsafe { CStr::from_ptr(sql) }, subject.addr(), database(), &values);
            } else if !sql.is_null() {
                // SAFETY: both are C strings, see above.
                let (sql, text) = unsafe { (CStr::from_ptr(sql), CStr::from_ptr(text.cast())) };
                // A trigger has a comment of SQLite's in place of the text, and what a statement executes by itself (for
                // a virtual table, a function) has one in front of it.
                if sql == text {
                    on_statement(sql, subject.addr(), database(), &values);
                }
            }
        }
        TRACE_ROW => under_way::row(subject.addr()),
        TRACE_END => on_end(subject.addr(), || {
            // SAFETY: the statement is valid until this returns, and so is its connection.
            let changed = unsafe { sqlite3_changes(sqlite3_db_handle(subject)) };
            u64::try_from(changed).unwrap_or(0)
        }),
        TRACE_CLOSE => connections::closing(context.addr()),
        _ => {}
    }
    OK
}

/// A hash of a statement's text with the values in place of the placeholders, if SQLite can write it.
///
/// # Safety
///
/// The statement is being executed on the calling thread.
unsafe fn hash_of_values(statement: *mut Opaque) -> Option<u64> {
    // SAFETY: the statement is valid, see above. What SQLite writes is null or a C string, which is ours until it is given
    // back, and is not used after that.
    unsafe {
        let text = sqlite3_expanded_sql(statement);
        if text.is_null() {
            return None;
        }
        let hash = hash(CStr::from_ptr(text));
        sqlite3_free(text.cast());
        Some(hash)
    }
}

/// The database that a statement is sent to: a file, or of those in memory the connection.
///
/// # Safety
///
/// The statement is being executed on the calling thread.
unsafe fn database_of(statement: *mut Opaque) -> Database {
    // SAFETY: the statement is valid, see above, and so is its connection. The name of the file is null or a C string that lives
    // as long as that.
    unsafe {
        let db = sqlite3_db_handle(statement);
        let file = sqlite3_db_filename(db, c"main".as_ptr());
        let is_in_memory = file.is_null() || *file == 0;
        Database::Named(if is_in_memory { hash(&db.addr()) } else { hash(CStr::from_ptr(file)) })
    }
}

/// # Safety
///
/// As a destructor of an SQL function: `context` is the number that was passed with it.
unsafe extern "C" fn on_close(context: *mut c_void) {
    connections::closed(context.addr());
}

/// What the SQL function `perfassert_witness()` does: it is there for its destructor, and yields NULL.
///
/// # Safety
///
/// None is needed: it touches nothing.
unsafe extern "C" fn no_function(_context: *mut Opaque, _count: c_int, _values: *mut *mut Opaque) {}
