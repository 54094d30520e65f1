//! The test functions of a crate that have an attribute of perfassert for sure, by its sources: each such test is to leave a record.
//!
//! A function is left out where that is not sure: under a `cfg` that may be off, made by a macro, or with an attribute that may be
//! another crate's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::{Attribute, Item, ItemFn, ItemMod, Meta, UseTree};

/// The attributes, and whether nobody else is likely to have one of that name.
const ATTRIBUTES: [(&str, bool); 6] = [
    ("max_queries", true),
    ("max_allocs", true),
    ("max_count", true),
    ("no_n_plus_one", true),
    ("snapshot", false),
    ("scaling", false),
];

/// The paths of these functions in the crate whose root is the file `root`: `tests::lists_orders`. `perfassert` is what the crate calls
/// perfassert.
#[must_use]
pub fn marked(root: &Path, perfassert: &str) -> BTreeSet<String> {
    let mut found = Found { perfassert, functions: BTreeMap::new() };
    found.file(root, root.parent().unwrap_or(root), "");
    let sure = found.functions.into_iter().filter(|(_, is_marked)| *is_marked);
    sure.map(|(path, _)| path).collect()
}

struct Found<'a> {
    perfassert: &'a str,
    /// Each function by its path, and whether all that have this path are marked for sure.
    functions: BTreeMap<String, bool>,
}

impl Found<'_> {
    /// The file of a module that has its own modules in `dir`.
    fn file(&mut self, file: &Path, dir: &Path, modules: &str) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let Ok(parsed) = syn::parse_file(&text) else { return };
        let mut names = Names { perfassert: self.perfassert, uses: BTreeMap::new() };
        names.add(&parsed.items);
        self.items(&parsed.items, &names, dir, modules, true);
    }

    fn items(&mut self, items: &[Item], names: &Names<'_>, dir: &Path, modules: &str, is_sure: bool) {
        for item in items {
            match item {
                Item::Fn(function) => {
                    let is_marked = is_sure && names.mark(function);
                    let path = format!("{modules}{}", function.sig.ident);
                    self.functions.entry(path).and_modify(|all| *all &= is_marked).or_insert(is_marked);
                }
                Item::Mod(module) if is_sure && !depends(&module.attrs) => {
                    let inside = format!("{modules}{}::", module.ident);
                    match &module.content {
                        Some((_, items)) => {
                            self.items(items, names, &dir.join(module.ident.to_string()), &inside, is_sure);
                        }
                        None => {
                            if let Some((file, dir)) = file_of(module, dir) {
                                self.file(&file, &dir, &inside);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Where a module stands that is declared in `dir`, and where its own modules do.
fn file_of(module: &ItemMod, dir: &Path) -> Option<(PathBuf, PathBuf)> {
    if module.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
        return None;
    }
    let own = dir.join(module.ident.to_string());
    [own.with_extension("rs"), own.join("mod.rs")]
        .into_iter()
        .find(|file| file.is_file())
        .map(|file| (file, own))
}

/// Whether it is there under a condition only, other than `test`.
fn depends(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() != "test",
        meta => meta.path().is_ident("cfg_attr"),
    })
}

/// What names stand for in a file.
struct Names<'a> {
    perfassert: &'a str,
    /// What was imported by name, and whether that is perfassert's under all conditions.
    uses: BTreeMap<String, bool>,
}

impl Names<'_> {
    fn add(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(import) => self.import(&import.tree, None, depends(&import.attrs)),
                Item::Mod(module) => {
                    let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                    self.add(items);
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, tree: &UseTree, from: Option<&str>, depends: bool) {
        match tree {
            UseTree::Path(path) => {
                let name = path.ident.to_string();
                self.import(&path.tree, Some(from.unwrap_or(&name)), depends);
            }
            UseTree::Name(name) => self.is(name.ident.to_string(), from, depends),
            // Under another name it is not looked for, and another may have this name.
            UseTree::Rename(name) => self.is(name.rename.to_string(), None, depends),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, from, depends)),
            UseTree::Glob(_) => {}
        }
    }

    fn is(&mut self, name: String, from: Option<&str>, depends: bool) {
        let is_ours = from == Some(self.perfassert) && !depends;
        self.uses.entry(name).and_modify(|all| *all &= is_ours).or_insert(is_ours);
    }

    /// Whether a function has an attribute of perfassert's, whatever is compiled.
    fn mark(&self, function: &ItemFn) -> bool {
        !depends(&function.attrs) && function.attrs.iter().any(|attribute| self.is_ours(attribute))
    }

    fn is_ours(&self, attribute: &Attribute) -> bool {
        let segments: Vec<_> =
            attribute.path().segments.iter().map(|segment| segment.ident.to_string()).collect();
        let is_known = |name: &str| ATTRIBUTES.iter().any(|(known, _)| *known == name);
        match segments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [krate, name] => krate == self.perfassert && is_known(name),
            [name] => match self.uses.get(name) {
                Some(is_ours) => *is_ours && is_known(name),
                None => ATTRIBUTES.contains(&(name, true)),
            },
            _ => false,
        }
    }
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
    }
}
