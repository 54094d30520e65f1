//! What names stand for in a file.

use std::collections::BTreeMap;

use syn::{Attribute, Item, ItemFn, Meta, UseTree};

/// The attributes, and whether nobody else is likely to have one of that name.
const ATTRIBUTES: [(&str, bool); 6] = [
    ("max_queries", true),
    ("max_allocs", true),
    ("max_count", true),
    ("no_n_plus_one", true),
    ("snapshot", false),
    ("scaling", false),
];

/// What names stand for in a file.
pub(super) struct Names<'a> {
    perfassert: &'a str,
    /// What was imported by name.
    uses: BTreeMap<String, Import>,
    /// Whether everything of perfassert's was imported.
    has_glob: bool,
}

#[derive(Clone, Copy)]
struct Import {
    /// Whether it is perfassert's under all conditions.
    is_ours: bool,
    /// Whether it is under one.
    may_be_ours: bool,
}

/// Whether something is there under a condition only, other than `test`.
pub(super) fn depends(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() != "test",
        meta => meta.path().is_ident("cfg_attr"),
    })
}

impl<'a> Names<'a> {
    /// Those of a file with these items.
    pub(super) fn of(perfassert: &'a str, items: &[Item]) -> Self {
        let mut names = Names { perfassert, uses: BTreeMap::new(), has_glob: false };
        names.add(items);
        names
    }

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
            UseTree::Glob(_) => self.has_glob |= from == Some(self.perfassert),
        }
    }

    fn is(&mut self, name: String, from: Option<&str>, depends: bool) {
        let may_be_ours = from == Some(self.perfassert);
        let is_ours = may_be_ours && !depends;
        let import = self.uses.entry(name).or_insert(Import { is_ours, may_be_ours });
        import.is_ours &= is_ours;
        import.may_be_ours |= may_be_ours;
    }

    /// Whether a function has an attribute of perfassert's, whatever is compiled.
    pub(super) fn mark(&self, function: &ItemFn) -> bool {
        !depends(&function.attrs)
            && function
                .attrs
                .iter()
                .any(|attribute| self.ours(attribute.path(), |import| import.is_ours, false).is_some())
    }

    /// The attribute of perfassert's that this may be.
    pub(super) fn may_be(&self, path: &syn::Path) -> Option<&'static str> {
        self.ours(path, |import| import.may_be_ours, self.has_glob)
    }

    fn ours(&self, path: &syn::Path, is_ours: fn(&Import) -> bool, is_any: bool) -> Option<&'static str> {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let (krate, name) = match &segments[..] {
            [krate, name] => (Some(krate), name),
            [name] => (None, name),
            _ => return None,
        };
        let (known, is_unmistakable) = ATTRIBUTES.into_iter().find(|(known, _)| known == name)?;
        let is_it = match (krate, self.uses.get(name)) {
            (Some(krate), _) => krate == self.perfassert,
            (None, Some(import)) => is_ours(import),
            (None, None) => is_unmistakable || is_any,
        };
        is_it.then_some(known)
    }
}
