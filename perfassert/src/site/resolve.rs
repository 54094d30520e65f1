//! Call sites from backtraces: captured as addresses, resolved to lines only when they are shown or recorded.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::loops::{Enclosing, around};
use super::users::{is_neutral, is_rust, is_users, package_root};
use super::{Looping, stack};
use crate::lock::lock;
use crate::record::Site;

static WORKSPACE: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The paths of the tests that were opened, without their crate.
static TESTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Files below `root` are shown relative to it.
pub(crate) fn set_workspace(root: PathBuf) {
    *lock(&WORKSPACE) = Some(root);
}

/// `path` is that of a test function. A function inside it that has its name is the test as it was written.
pub(crate) fn set_test(path: String) {
    lock(&TESTS).insert(path);
}

/// The test of which a function is on the stack, by its path without the crate: something that stands in the test function itself.
pub(crate) fn test_on(stack: &[usize]) -> Option<String> {
    static KNOWN: Mutex<Option<HashMap<usize, Option<String>>>> = Mutex::new(None);
    stack.iter().find_map(|address| {
        let mut known = lock(&KNOWN);
        let known = known.get_or_insert_with(HashMap::new);
        let look = || {
            functions_at(*address)
                .into_iter()
                .filter_map(|function| function.name)
                .find_map(|name| test_of(&name))
        };
        known.entry(*address).or_insert_with(look).clone()
    })
}

/// The test that `name` is a function of, say a closure.
fn test_of(name: &str) -> Option<String> {
    let path = name.split_once("::")?.1;
    let is_of = |test: &&String| {
        path.strip_prefix(test.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    lock(&TESTS).iter().rfind(is_of).cloned()
}

/// Where something was called from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Capture {
    /// The stack at one moment, as addresses.
    Stack(Arc<[usize]>),
    /// A line of a process whose addresses mean nothing here.
    Known(Arc<Site>),
}

impl Capture {
    /// The calling thread's stack. Costs microseconds, and less where the thread was here before. The caller has paused the counting.
    pub(crate) fn here() -> Option<Self> {
        Some(Capture::Stack(stack::here()))
    }

    /// A stack that somebody else has walked, if there is anything on it.
    pub(crate) fn of_stack(addresses: &[usize]) -> Option<Self> {
        (!addresses.is_empty()).then(|| Capture::Stack(addresses.into()))
    }

    /// The innermost function on the captured stack that is neither `std`'s nor this crate's: where no line is the user's, this is
    /// who did it.
    pub(crate) fn library_function(&self) -> Option<String> {
        let functions = self.addresses().iter().flat_map(|address| functions_at(*address));
        functions
            .filter(|function| {
                function.file.as_deref().is_some_and(|file| is_rust(file) && !is_neutral(file))
            })
            .find_map(|function| function.name.map(|name| function_path_with_crate(&name)))
    }

    /// Of a process that does not know where the workspace is.
    pub(crate) fn of_another_process(site: Site) -> Self {
        Capture::Known(Arc::new(Site { file: shown(Path::new(&site.file)), ..site }))
    }

    /// Where the calls of the captured stack return to, from the inside out.
    pub(crate) fn addresses(&self) -> &[usize] {
        match self {
            Capture::Stack(addresses) => addresses,
            Capture::Known(_) => &[],
        }
    }

    /// The innermost line of the user's code, or `None` if there is none on the captured stack.
    ///
    /// The first call of a process reads the debug information, which takes about a second in a debug build.
    pub(crate) fn site(&self) -> Option<Site> {
        match self {
            Capture::Stack(addresses) => addresses.iter().find_map(|address| place(*address).site),
            Capture::Known(site) => Some(Site::clone(site)),
        }
    }

    /// The line of another package of the user's that called the one in which the line stands: where one package sends what others
    /// ask for, its line is the same for all of them.
    pub(crate) fn caller(&self) -> Option<Site> {
        let site = self.site()?;
        let mut sites = self.addresses().iter().filter_map(|address| place(*address).site);
        sites.find(|caller| package_root(&caller.file) != package_root(&site.file))
    }

    /// The calls in the user's code that led here, each once, the innermost first: two calls of a function that stand on
    /// different lines have different ones, the levels of a recursion the same.
    ///
    /// What a macro of another crate has put into a function of the user's is a call of the user's too: `join!` has one for
    /// each of its futures.
    pub(crate) fn path(&self) -> Vec<usize> {
        let places: Vec<(usize, Place)> =
            self.addresses().iter().map(|address| (*address, place(*address))).collect();
        let is_users_crate = |name: &Option<String>| {
            name.is_some()
                && places.iter().any(|(_, place)| place.site.is_some() && place.crate_name == *name)
        };
        let mut path: Vec<usize> = Vec::new();
        for (address, place) in &places {
            if !path.contains(address) && (place.site.is_some() || is_users_crate(&place.crate_name)) {
                path.push(*address);
            }
        }
        path
    }

    /// Where the innermost loop is on the way to the line.
    pub(crate) fn looping(&self) -> Looping {
        let functions = self.addresses().iter().flat_map(|address| functions_at(*address));
        let users = functions.filter(Function::is_users);
        for (depth, function) in users.enumerate() {
            let Function { name: Some(name), file: Some(file), line: Some(line) } = &function else {
                return Looping::Unknown;
            };
            let shown = as_shown(name);
            let is_test = lock(&TESTS).contains(&shown);
            match around(file, *line) {
                Some(Enclosing::NoLoop) if !is_test => {}
                Some(Enclosing::Loop | Enclosing::LoopOverValues) if is_test && depth == 0 => {
                    return Looping::AroundTheLine;
                }
                Some(Enclosing::Loop) if is_test => return Looping::AroundACall,
                Some(Enclosing::LoopOverValues) if is_test => return Looping::OverCases,
                _ => return Looping::Unknown,
            }
        }
        Looping::Unknown
    }

    #[cfg(test)]
    pub(crate) fn of<const N: usize>(addresses: [usize; N]) -> Self {
        Capture::Stack(addresses.into())
    }

    /// The names of the functions on the captured stack, from the inside out, as far as they are known.
    #[cfg(feature = "tracing-events")]
    pub(crate) fn functions(&self) -> impl Iterator<Item = String> {
        self.addresses()
            .iter()
            .flat_map(|address| functions_at(*address))
            .filter_map(|function| function.name)
    }
}

/// A function, as far as the build tells.
pub(crate) struct Function {
    /// With its path, but where lines are all that there is.
    pub(crate) name: Option<String>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) line: Option<u32>,
}

impl Function {
    /// Whether it is the user's, or was written by somebody else.
    fn is_users(&self) -> bool {
        let name = self.name.as_deref().unwrap_or_default();
        self.file.as_deref().is_some_and(|file| is_users(name, file))
    }
}

/// The functions that a call which returns to `address` stands in: where one was compiled into another, both, the inner one first, but
/// where not even files are told.
pub(crate) fn functions_at(address: usize) -> Vec<Function> {
    let mut functions = Vec::new();
    backtrace::resolve(inside_the_call(address), |symbol| {
        let name = symbol.name().map(|name| format!("{name:#}"));
        functions.push(Function { name, file: symbol.filename().map(Path::to_owned), line: symbol.lineno() });
    });
    functions
}

/// The address on a stack is where the call returns to: one back lies inside the call.
fn inside_the_call(address: usize) -> *mut std::ffi::c_void {
    std::ptr::without_provenance_mut(address.saturating_sub(1))
}

/// What stands at an address.
#[derive(Clone, Default)]
struct Place {
    /// The line, if it is the user's.
    site: Option<Site>,
    /// The crate of the function, as far as its name begins with one.
    crate_name: Option<String>,
}

/// What stands at an address: looked up once.
fn place(address: usize) -> Place {
    static KNOWN: Mutex<Option<HashMap<usize, Place>>> = Mutex::new(None);
    let mut known = lock(&KNOWN);
    let known = known.get_or_insert_with(HashMap::new);
    known.entry(address).or_insert_with(|| resolve(address)).clone()
}

fn resolve(address: usize) -> Place {
    let mut place = Place::default();
    backtrace::resolve(inside_the_call(address), |symbol| {
        let name = symbol.name().map(|name| format!("{name:#}")).unwrap_or_default();
        // Functions inlined here come first, the innermost leading; the last is the one that they were compiled into.
        place.crate_name =
            name.split_once("::").filter(|_| !name.starts_with('<')).map(|(first, _)| first.to_owned());
        let at = symbol.filename().zip(symbol.lineno()).filter(|_| place.site.is_none());
        if let Some((file, line)) = at.filter(|(file, _)| is_users(&name, file)) {
            place.site = Some(Site { file: shown(file), line, function: as_shown(&name) });
        }
    });
    place
}

pub(super) fn shown(file: &Path) -> String {
    let workspace = lock(&WORKSPACE);
    let relative = workspace.as_ref().and_then(|root| file.strip_prefix(root).ok()).unwrap_or(file);
    relative.to_string_lossy().replace('\\', "/")
}

/// The name without closures and generic arguments, with its crate.
pub(crate) fn function_path_with_crate(name: &str) -> String {
    let path = function_path(name);
    match name.split_once("::") {
        Some((first, rest)) if rest.starts_with(path.as_str()) => format!("{first}::{path}"),
        _ => path,
    }
}

/// `storefront::orders::list::{{closure}}` is `orders::list` to its author, and so is `storefront::orders::list<Order>`.
fn function_path(name: &str) -> String {
    let mut name = name;
    while let Some((outer, _)) = name.rsplit_once("::").filter(|(_, inner)| inner.starts_with('{')) {
        name = outer;
    }
    let name = without_arguments(name);
    let segments = name.split("::").filter(|segment| !segment.starts_with('{'));
    let path: Vec<_> = segments.collect();
    match path.as_slice() {
        [_crate, rest @ ..] if !rest.is_empty() && !name.starts_with('<') => rest.join("::"),
        _ => path.join("::"),
    }
}

/// The function of the user's, as its author would name it.
pub(super) fn as_shown(name: &str) -> String {
    as_written(function_path(name), &lock(&TESTS))
}

/// Test attributes put the function as it was written inside another of its name: `orders::lists::lists` is `orders::lists`.
fn as_written(path: String, tests: &BTreeSet<String>) -> String {
    let written = tests.iter().find_map(|test| {
        let inside = path.strip_prefix(test.as_str())?.strip_prefix("::")?;
        let rest = inside.strip_prefix(test.rsplit("::").next()?)?;
        (rest.is_empty() || rest.starts_with("::")).then(|| format!("{test}{rest}"))
    });
    written.unwrap_or(path)
}

/// The name without the types that a generic function was compiled for, which some builds have at its end.
fn without_arguments(name: &str) -> &str {
    let Some(inner) = name.strip_suffix('>') else { return name };
    let mut depth = 1;
    let begin = inner.bytes().enumerate().rev().find(|(at, byte)| {
        match byte {
            b'<' => depth -= 1,
            b'>' if !inner[..*at].ends_with('-') => depth += 1,
            _ => {}
        }
        depth == 0
    });
    match begin {
        Some((at @ 1.., _)) => name[..at].trim_end_matches("::"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_function(name: &str, shown: &str) {
        assert_eq!(function_path(name), shown);
    }

    #[test]
    fn a_function_is_named_as_its_author_would() {
        check_function("storefront::orders::list::{{closure}}", "orders::list");
        check_function("storefront::orders::list::{closure#0}::{closure#1}", "orders::list");
        check_function("storefront::orders::list<shop::Order, fn(&str) -> Vec<u8>>", "orders::list");
        check_function("storefront::orders::list::<shop::Order>::{{closure}}", "orders::list");
        check_function("list<shop::orders::Order>", "list");
        check_function("main", "main");
        check_function("<shop::Cart as core::fmt::Display>::fmt", "<shop::Cart as core::fmt::Display>::fmt");
    }

    #[test]
    fn a_test_is_named_as_it_was_written() {
        let tests = ["orders::lists", "finds"].map(str::to_owned).into();
        for (path, shown) in [
            ("orders::lists", "orders::lists"),
            ("orders::lists::lists", "orders::lists"),
            ("orders::lists::lists::helper", "orders::lists::helper"),
            ("orders::lists::lists_all", "orders::lists::lists_all"),
            ("finds::finds", "finds"),
            ("finds::by_id", "finds::by_id"),
            ("orders::orders", "orders::orders"),
        ] {
            assert_eq!(as_written(path.to_owned(), &tests), shown);
        }
    }
}
