//! What the user's own subscriber or logger writes, kept for the test that compares it.

use std::io::{self, Write};
use std::sync::Mutex;

use tracing_subscriber::fmt::MakeWriter;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes to the log.
#[derive(Clone, Copy)]
pub struct ToLog;

impl Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for ToLog {
    type Writer = ToLog;

    fn make_writer(&self) -> ToLog {
        ToLog
    }
}

/// Prints the log to standard output, for the test that compares.
#[expect(clippy::print_stdout, reason = "it is what the test reads")]
pub fn print_log() {
    for line in String::from_utf8(LOG.lock().unwrap().clone()).unwrap().lines() {
        println!("log: {line}");
    }
}
