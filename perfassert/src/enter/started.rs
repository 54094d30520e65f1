//! Whether threads are started that belong to nobody, where they should belong to the test and do not: something else stands in front of
//! `pthread_create`, as AddressSanitizer does.

use super::threads_inherit;
use crate::alloc::pause;
use crate::inconclusive::Inconclusive;

/// Whether a thread should belong to the test that starts it, on the platform and with the features of this build.
const ARE_TO_INHERIT: bool = cfg!(any(inherit_threads, sanitized));

/// What is known of threads at the beginning of something, to be compared with its end.
#[derive(Clone, Copy)]
#[must_use = "it tells something when it is compared with the end"]
pub(crate) struct Started(Option<u64>);

impl Started {
    pub(crate) fn so_far() -> Self {
        Started((ARE_TO_INHERIT && !threads_inherit()).then(number).flatten())
    }

    /// Where threads belong to the test that starts them, there is nothing to compare.
    #[cfg(inherit_threads)]
    pub(crate) fn nowhere() -> Self {
        Started(None)
    }

    /// Why it is not known what threads did, if some were started since.
    pub(crate) fn inconclusive(self) -> Option<Inconclusive> {
        // The next number is that of the thread which is asked.
        let has_started = self.0.is_some_and(|before| number().is_none_or(|now| now > before + 1));
        has_started.then(|| {
            Inconclusive::to_everything(
                "threads were started meanwhile, and in this program they do not belong to the test that starts them, because something else \
                 stands in front of `pthread_create`, as AddressSanitizer does",
                "measure without it; other tests of the process start threads, too: cargo nextest run",
            )
        })
    }
}

/// The number of a new thread: `std` counts them through, and shows that as `ThreadId(7)`.
fn number() -> Option<u64> {
    let _paused = pause();
    let id = std::thread::spawn(|| std::thread::current().id()).join().ok()?;
    format!("{id:?}").chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_a_higher_number_than_those_before() {
        let before = number().unwrap();
        std::thread::spawn(|| ()).join().unwrap();
        assert!(number().unwrap() > before + 1);
    }

    #[test]
    fn threads_that_were_started_since_are_noticed() {
        let since = |number: u64| Started(Some(number)).inconclusive();
        assert!(since(number().unwrap() - 1).is_some());
        assert!(Started(None).inconclusive().is_none());
        // Where they belong to the test, nobody counts them.
        assert_eq!(Started::so_far().0.is_none(), threads_inherit());
    }
}
