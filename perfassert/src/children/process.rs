//! Which process it is, among all that may tell of themselves in the directory of a test.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A process: its number, and the namespace that has given it. Programs in two containers may have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Process {
    namespace: u64,
    number: u32,
}

impl Process {
    /// The calling one. Takes neither a lock nor memory, once it was asked: a process says it between `fork` and `execvp`.
    pub(crate) fn this() -> Self {
        Process { namespace: namespace("/proc/self/ns/pid").unwrap_or(0), number: std::process::id() }
    }

    /// The one that this process has just started, and knows by `number`.
    #[cfg(inherit_threads)]
    pub(super) fn started(number: u32) -> Self {
        // Of one that is over already it is not told: it was most likely numbered as this one is.
        let namespace = namespace(&format!("/proc/{number}/ns/pid"));
        Process { number, namespace: namespace.unwrap_or_else(|| Process::this().namespace) }
    }

    /// Whether it is known to have ended: of this namespace, and not there any more.
    pub(super) fn is_gone(self) -> bool {
        self.namespace != 0
            && self.namespace == Process::this().namespace
            && !Path::new(&format!("/proc/{}", self.number)).exists()
    }

    /// As [`read`](Self::read) takes it.
    #[cfg(inherit_threads)]
    pub(super) fn parts(self) -> ([u8; 8], [u8; 4]) {
        (self.namespace.to_ne_bytes(), self.number.to_ne_bytes())
    }

    /// Takes one off the beginning of `bytes`.
    #[cfg(inherit_threads)]
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (namespace, bytes) = bytes.split_first_chunk()?;
        let (number, bytes) = bytes.split_first_chunk()?;
        let (namespace, number) = (u64::from_ne_bytes(*namespace), u32::from_ne_bytes(*number));
        Some((Process { namespace, number }, bytes))
    }

    #[cfg(test)]
    pub(super) fn with_number(self, number: u32) -> Self {
        Process { number, ..self }
    }

    #[cfg(test)]
    pub(super) fn of(namespace: u64, number: u32) -> Self {
        Process { namespace, number }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.namespace, self.number)
    }
}

impl FromStr for Process {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (namespace, number) = text.split_once('.').ok_or(())?;
        let namespace = u64::from_str_radix(namespace, 16).map_err(drop)?;
        Ok(Process { namespace, number: number.parse().map_err(drop)? })
    }
}

/// The number of a namespace. None where there are no such files: on other systems, and where nothing is mounted there.
#[cfg(target_os = "linux")]
fn namespace(file: &str) -> Option<u64> {
    std::fs::metadata(file).ok().map(|file| std::os::unix::fs::MetadataExt::ino(&file))
}

#[cfg(not(target_os = "linux"))]
fn namespace(_file: &str) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_written_and_read() {
        for process in [Process::this(), Process::of(0, 7), Process::of(u64::MAX, u32::MAX)] {
            assert_eq!(process.to_string().parse(), Ok(process));
        }
        for text in ["", "7", "x.7", "7.x", ".7"] {
            assert_eq!(text.parse::<Process>(), Err(()), "{text}");
        }
    }

    #[cfg(inherit_threads)]
    #[test]
    fn a_process_tells_of_itself_what_its_parent_does() {
        assert_eq!(Process::started(std::process::id()), Process::this());
    }
}
