//! What the sources of a crate say of its tests: which functions have an attribute of perfassert, and what these declare.
//!
//! A crate is read from its root, module by module, in the working tree or as a commit has it. What macros make is not seen.

mod attributes;
mod declared;
mod names;

pub(crate) use attributes::{Attribute, Limit, Meaning};
pub(crate) use declared::Declared;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use cargo_metadata::{Package, Target};
use syn::{Item, ItemMod, Meta};

use names::Names;

/// A function of a crate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Function {
    /// The file that it stands in.
    pub(crate) file: PathBuf,
    /// What may be attributes of perfassert, and what says how the test is run.
    pub(crate) attributes: Vec<Attribute>,
    /// Whether it has an attribute of perfassert, whatever is compiled.
    is_marked: bool,
    /// A number for what it does, however that is laid out.
    pub(crate) body: u64,
}

/// The functions of a crate by their path in it: `tests::lists_orders`. Under other conditions another may have the same path.
pub(crate) type Functions = BTreeMap<String, Vec<Function>>;

/// The functions of the crate whose root is the file `root`, and in which perfassert is called `perfassert`. `read` has the texts of files.
pub(crate) fn functions(root: &Path, perfassert: &str, read: impl Fn(&Path) -> Option<String>) -> Functions {
    let mut found = FunctionFinder { perfassert, read, functions: Functions::new(), open: Vec::new() };
    found.file(root, root.parent().unwrap_or(root), "", true);
    found.functions
}

/// The functions of the working tree that have an attribute for sure: each such test is to leave a record.
///
/// One is left out where that is not sure: under a `cfg` that may be off, made by a macro, or with an attribute that may be another crate's.
pub(crate) fn marked(root: &Path, perfassert: &str) -> BTreeSet<String> {
    let all = functions(root, perfassert, |file| std::fs::read_to_string(file).ok());
    let sure = all.into_iter().filter(|(_, functions)| functions.iter().all(|function| function.is_marked));
    sure.map(|(path, _)| path).collect()
}

/// What the sources of a package call perfassert.
pub(crate) fn name_of_perfassert(package: &Package) -> Option<String> {
    let dependency = package.dependencies.iter().find(|dependency| dependency.name == "perfassert")?;
    Some(dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_"))
}

/// What a record calls the crate of a target.
pub(crate) fn name_of_crate(target: &Target) -> String {
    let name = target.name.replace('-', "_");
    if target.is_bin() { format!("bin/{name}") } else { name }
}

struct FunctionFinder<'a, R> {
    perfassert: &'a str,
    read: R,
    functions: Functions,
    /// The files that are being read, each for a module of the one before.
    open: Vec<PathBuf>,
}

impl<R: Fn(&Path) -> Option<String>> FunctionFinder<'_, R> {
    /// The file of a module that has its own modules in `dir`.
    fn file(&mut self, file: &Path, dir: &Path, modules: &str, is_sure: bool) {
        // Under a condition that is never met a file may be its own module.
        if self.open.iter().any(|open| open == file) {
            return;
        }
        let Some(text) = (self.read)(file) else { return };
        let Ok(parsed) = syn::parse_file(&text) else { return };
        let names = Names::of(self.perfassert, &parsed.items);
        let place = Place { file, dir: dir.to_owned(), is_inline: false };
        self.open.push(file.to_owned());
        self.items(&parsed.items, &names, &place, modules, is_sure);
        self.open.pop();
    }

    fn items(&mut self, items: &[Item], names: &Names<'_>, place: &Place<'_>, modules: &str, is_sure: bool) {
        for item in items {
            match item {
                Item::Fn(function) => {
                    let is_marked = is_sure && names.mark(function);
                    let attributes = attributes::read(&function.attrs, names);
                    let path = format!("{modules}{}", function.sig.ident);
                    let mut hasher = DefaultHasher::new();
                    attributes::written(&function.block).hash(&mut hasher);
                    let file = place.file.to_owned();
                    let function = Function { file, attributes, is_marked, body: hasher.finish() };
                    self.functions.entry(path).or_default().push(function);
                }
                Item::Mod(module) => {
                    let inside = format!("{modules}{}::", module.ident);
                    let is_sure = is_sure && !names::depends(&module.attrs);
                    match &module.content {
                        Some((_, items)) => {
                            let dir = place.dir.join(module.ident.to_string());
                            let place = Place { dir, is_inline: true, ..*place };
                            self.items(items, names, &place, &inside, is_sure);
                        }
                        None => {
                            for (file, dir) in place.files_of(module) {
                                self.file(&file, &dir, &inside, is_sure);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Where modules are declared.
struct Place<'a> {
    file: &'a Path,
    /// Where their own files are.
    dir: PathBuf,
    /// Whether it is a module within its file.
    is_inline: bool,
}

impl Place<'_> {
    /// The files that may be those of a module, each with the directory of its own modules. One of them is there.
    fn files_of(&self, module: &ItemMod) -> Vec<(PathBuf, PathBuf)> {
        let own = self.dir.join(module.ident.to_string());
        let Some(attribute) = module.attrs.iter().find(|attribute| attribute.path().is_ident("path")) else {
            return vec![(own.with_extension("rs"), own.clone()), (own.join("mod.rs"), own)];
        };
        let Meta::NameValue(path) = &attribute.meta else { return Vec::new() };
        let from = if self.is_inline { Some(self.dir.as_path()) } else { self.file.parent() };
        let file = attributes::text(&path.value).and_then(|path| Some(normal(&from?.join(path))));
        file.map(|file| (file.clone(), file.parent().map(Path::to_owned).unwrap_or_default()))
            .into_iter()
            .collect()
    }
}

/// The path without its `.` and `..`, as git names files.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let file = dir.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let found = marked(&dir.path().join(files[0].0), "perfassert");
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{files:?}");
    }

    #[test]
    fn functions_with_an_attribute() {
        check(
            &[(
                "tests/api.rs",
                "use perfassert::{max_queries, snapshot};
                 #[max_queries(5)] #[test] fn lists() {}
                 #[test] #[perfassert::no_n_plus_one] fn shows() {}
                 #[snapshot] #[test] fn counts() {}
                 #[test] fn plain() {}
                 #[cfg(test)] mod tests { use super::*; #[max_queries(5)] #[test] fn lists() {} }",
            )],
            &["counts", "lists", "shows", "tests::lists"],
        );
    }

    #[test]
    fn in_the_files_of_modules() {
        let test = "#[perfassert::max_queries(5)] #[test] fn lists() {}";
        check(
            &[
                ("src/lib.rs", "mod orders; mod tills { mod open; }"),
                ("src/orders.rs", "mod tests; mod parts;"),
                ("src/orders/tests.rs", test),
                ("src/orders/parts/mod.rs", test),
                ("src/tills/open.rs", test),
                ("src/other.rs", test),
            ],
            &["orders::parts::lists", "orders::tests::lists", "tills::open::lists"],
        );
        check(&[("tests/api/main.rs", "mod orders;"), ("tests/api/orders.rs", test)], &["orders::lists"]);
        let elsewhere =
            "#[path = \"../shared/./all.rs\"] mod orders; mod tills { #[path = \"open.rs\"] mod shut; }";
        check(
            &[
                ("tests/api.rs", elsewhere),
                ("shared/all.rs", "mod deep;"),
                ("shared/deep.rs", test),
                ("tests/tills/open.rs", test),
            ],
            &["orders::deep::lists", "tills::shut::lists"],
        );
    }

    #[test]
    fn in_doubt_there_is_none() {
        check(
            &[("a.rs", "#[cfg(feature = \"perf\")] #[perfassert::max_queries(5)] #[test] fn lists() {}")],
            &[],
        );
        check(
            &[("a.rs", "#[cfg_attr(feature = \"perf\", perfassert::max_queries(5))] #[test] fn lists() {}")],
            &[],
        );
        check(
            &[("a.rs", "#[cfg(unix)] mod tests { #[perfassert::max_queries(5)] #[test] fn lists() {} }")],
            &[],
        );
        check(&[("a.rs", "use noop::max_queries; #[max_queries(5)] #[test] fn lists() {}")], &[]);
        check(
            &[(
                "a.rs",
                "#[cfg(a)] use perfassert::max_queries; #[cfg(not(a))] use noop::max_queries; #[max_queries(5)] fn lists() {}",
            )],
            &[],
        );
        check(&[("a.rs", "#[snapshot] #[test] fn counts() {}")], &[]);
        check(&[("a.rs", "tests! { #[perfassert::max_queries(5)] #[test] fn lists() {} }")], &[]);
        let twice =
            "#[perfassert::max_queries(5)] #[test] fn lists() {} #[cfg(windows)] #[test] fn lists() {}";
        check(&[("a.rs", twice)], &[]);
        check(&[("a.rs", "fn lists( {")], &[]);
        check(&[("a.rs", "#[cfg(any())] #[path = \"a.rs\"] mod again;")], &[]);
    }
}
