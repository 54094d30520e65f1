//! SQLite: what the library itself says it executes, by its trace hook.
#![allow(unsafe_code)] // Calling a C library.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use libsqlite3_sys as ffi;

/// Names the file to which [`trace`] writes.
pub const TRACE_VARIABLE: &str = "DATABASE_TESTS_SQLITE_TRACE";

static TRACE: OnceLock<PathBuf> = OnceLock::new();

/// From now on every connection of this process, whoever opens it, writes what it executes to the file that
/// [`TRACE_VARIABLE`] names.
///
/// # Panics
///
/// Without the variable, and when SQLite refuses.
pub fn trace() {
    TRACE.get_or_init(|| {
        let file = std::env::var_os(TRACE_VARIABLE).unwrap_or_else(|| panic!("{TRACE_VARIABLE} is not set"));
        // SAFETY: `open` has the signature that SQLite calls an automatic extension with.
        let code = unsafe { ffi::sqlite3_auto_extension(Some(open)) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite takes no automatic extension");
        PathBuf::from(file)
    });
}

/// SQLite calls this for each connection that is opened.
///
/// # Safety
///
/// `connection` is a connection that lives at least as long as the trace is set on it.
unsafe extern "C" fn open(
    connection: *mut ffi::sqlite3,
    _error: *mut *mut c_char,
    _api: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: the connection is SQLite's own, the name is a C string, and `executes` has the signature of a trace callback.
    unsafe {
        let file = ffi::sqlite3_db_filename(connection, c"main".as_ptr());
        if file.is_null() || *file == 0 {
            // In memory, so not the test's: perfassert looks there whether its own hook is still set.
            return ffi::SQLITE_OK;
        }
        ffi::sqlite3_trace_v2(
            connection,
            ffi::SQLITE_TRACE_STMT as c_uint,
            Some(executes),
            std::ptr::null_mut(),
        )
    }
}

/// SQLite calls this when a statement begins to run.
///
/// # Safety
///
/// For the event `SQLITE_TRACE_STMT`, `text` is a C string that is valid during the call.
unsafe extern "C" fn executes(
    _event: c_uint,
    _context: *mut c_void,
    _statement: *mut c_void,
    text: *mut c_void,
) -> c_int {
    // SAFETY: SQLite promises a C string, see above.
    let text = unsafe { CStr::from_ptr(text.cast::<c_char>()) }.to_string_lossy();
    // A comment stands for a trigger that fires: part of the statement that fired it.
    let Some(file) = TRACE.get().filter(|_| !text.starts_with("--")) else { return 0 };
    let line = serde_json::to_string(&*text).unwrap_or_default() + "\n";
    // One write for each line: threads and processes do not come between.
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    if written.is_err() {
        // A witness that cannot write must not be believed, and a panic cannot pass through C.
        std::process::abort();
    }
    0
}

/// The texts of a trace.
pub(crate) fn traced(file: &Path) -> Result<Vec<String>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).context("reading the trace"),
    };
    text.lines().map(|line| serde_json::from_str(line).context("a line of the trace")).collect()
}

/// Executes statements on a connection of its own.
pub(crate) fn execute(file: &Path, sql: &str) -> Result<()> {
    let (file, sql) = (CString::new(file.as_os_str().as_bytes())?, CString::new(sql)?);
    let mut connection = std::ptr::null_mut();
    // SAFETY: both texts are C strings that live until the end of this function, and `connection` can be written. SQLite
    // sets it even when it fails, and allows to close null.
    let code = unsafe {
        let opened = ffi::sqlite3_open(file.as_ptr(), &mut connection);
        let executed = match opened {
            ffi::SQLITE_OK => {
                ffi::sqlite3_exec(connection, sql.as_ptr(), None, std::ptr::null_mut(), std::ptr::null_mut())
            }
            failed => failed,
        };
        ffi::sqlite3_close(connection);
        executed
    };
    ensure!(code == ffi::SQLITE_OK, "SQLite answers with code {code}");
    Ok(())
}
