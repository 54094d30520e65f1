//! Whose code obtained memory.

use crate::counts::OtherCode;

/// Whose code obtained memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Owner {
    /// The application's own code, and the libraries that it calls.
    Application,
    /// A database driver's or connection pool's: it depends on the connection that a request was given.
    Driver,
    /// The queues of an asynchronous runtime, what `std` keeps of threads: it depends on timing.
    Runtime,
    /// The test harness's: output that it captures, the report of a panic.
    Harness,
    /// An initialiser's that runs once in a process or thread, whoever happens to be the first.
    Once,
}

impl Owner {
    /// All of them, each at the position of its number.
    pub(crate) const ALL: [Owner; 5] =
        [Owner::Application, Owner::Driver, Owner::Runtime, Owner::Harness, Owner::Once];

    /// Those whose allocations are kept apart from the application's, each as the counts name it.
    pub(crate) fn others() -> impl Iterator<Item = (Owner, OtherCode)> {
        Self::ALL.into_iter().filter_map(|owner| Some((owner, owner.other_code()?)))
    }

    fn other_code(self) -> Option<OtherCode> {
        match self {
            Owner::Application => None,
            Owner::Driver => Some(OtherCode::Driver),
            Owner::Runtime => Some(OtherCode::Runtime),
            Owner::Harness => Some(OtherCode::Harness),
            Owner::Once => Some(OtherCode::Once),
        }
    }
}

/// The return addresses of a stack, from the inside out, as far as they were needed to tell whose code it was. Each stack is
/// kept once, for ever, so that two of them are the same exactly if their addresses are.
pub(crate) type Stack = &'static [usize];

/// A driver that tells of its queries by events of `tracing`, or may do so.
#[cfg_attr(not(looks), allow(dead_code))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    Sqlx,
    TokioPostgres,
}

/// What a driver is at when it allocates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DriverWork {
    /// Which one it is, if it is not in the middle of telling us of a query.
    pub(crate) driver: Option<Driver>,
    /// It makes the future of an execution. Each of its executions begins with that.
    pub(crate) executes: bool,
}

/// What a look at the calling thread's stack tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) owner: Owner,
    /// The block is kept of a thread or a task, and given back some time after that has ended.
    pub(crate) is_unwaited: bool,
    pub(crate) driving: DriverWork,
    pub(crate) stack: Stack,
}

impl Caller {
    /// Where no stacks can be looked at, everything is the application's.
    pub(crate) const UNKNOWN: Self = Caller {
        owner: Owner::Application,
        is_unwaited: false,
        driving: DriverWork { driver: None, executes: false },
        stack: &[],
    };
}
