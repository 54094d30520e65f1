//! Where in the user's code something happened.

/// Where the loop is that a line was reached from again and again, as the sources tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looping {
    /// In the test function, around a statement of its own.
    #[cfg_attr(not(feature = "call-sites"), expect(dead_code))]
    AroundTheLine,
    /// In the test function, around a call of the application.
    #[cfg_attr(not(feature = "call-sites"), expect(dead_code))]
    AroundACall,
    /// The same, over values that stand there.
    #[cfg_attr(not(feature = "call-sites"), expect(dead_code))]
    OverCases,
    /// Elsewhere, or nobody knows.
    Unknown,
}

#[cfg(feature = "call-sites")]
mod frames;
#[cfg(known_stacks)]
pub(crate) mod known;
#[cfg(feature = "call-sites")]
mod loops;
#[cfg(feature = "call-sites")]
mod package;
#[cfg(feature = "call-sites")]
mod resolve;
#[cfg(feature = "call-sites")]
mod stack;
#[cfg(feature = "call-sites")]
mod users;
#[cfg(feature = "call-sites")]
pub(crate) mod walk;

#[cfg(feature = "call-sites")]
pub(crate) use frames::Frames;
#[cfg(feature = "call-sites")]
#[cfg(feature = "tracing-events")]
pub(crate) use package::crate_name;
#[cfg(feature = "call-sites")]
pub(crate) use package::package;
#[cfg(feature = "call-sites")]
pub(crate) use resolve::{
    Capture, Function, function_path_with_crate, functions_at, set_test, set_workspace, test_on,
};
#[cfg(feature = "call-sites")]
pub(crate) use users::{is_users, package_dir};
#[cfg(feature = "call-sites")]
pub(crate) use walk::{is_whole_wanted, want_whole};

#[cfg(not(feature = "call-sites"))]
use crate::record::Site;

/// Where something was called from. Without call sites only a child process tells.
#[cfg(not(feature = "call-sites"))]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Capture(Site);

#[cfg(not(feature = "call-sites"))]
impl Capture {
    pub(crate) fn here() -> Option<Self> {
        None
    }

    pub(crate) fn of_another_process(site: Site) -> Self {
        Capture(site)
    }

    pub(crate) fn of_stack(_addresses: &[usize]) -> Option<Self> {
        None
    }

    pub(crate) fn addresses(&self) -> &[usize] {
        &[]
    }

    pub(crate) fn library_function(&self) -> Option<String> {
        None
    }

    pub(crate) fn site(&self) -> Option<Site> {
        Some(self.0.clone())
    }

    pub(crate) fn path(&self) -> Vec<usize> {
        Vec::new()
    }

    pub(crate) fn looping(&self) -> Looping {
        Looping::Unknown
    }

    pub(crate) fn caller(&self) -> Option<Site> {
        None
    }
}

/// The frames of stacks, of which there are none without call sites.
#[cfg(not(feature = "call-sites"))]
#[derive(Default)]
pub(crate) struct Frames;

#[cfg(not(feature = "call-sites"))]
impl Frames {
    pub(crate) fn of(&mut self, _stack: &[usize]) -> Vec<crate::record::explain::Frame> {
        Vec::new()
    }
}

#[cfg(not(feature = "call-sites"))]
pub(crate) fn is_whole_wanted() -> bool {
    false
}

#[cfg(not(feature = "call-sites"))]
pub(crate) fn want_whole() {}

#[cfg(not(feature = "call-sites"))]
pub(crate) fn set_workspace(_root: std::path::PathBuf) {}

#[cfg(not(feature = "call-sites"))]
pub(crate) fn test_on(_stack: &[usize]) -> Option<String> {
    None
}

#[cfg(not(feature = "call-sites"))]
pub(crate) fn set_test(_path: String) {}
