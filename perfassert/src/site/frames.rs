//! Stacks as the functions and lines that stand on them, inlined ones included.

use std::collections::HashMap;
use std::path::Path;

use super::resolve::{as_shown, function_path_with_crate, shown};
use super::users::{is_neutral, is_rust};
use super::{Function, functions_at, is_users, package};
use crate::crates;
use crate::record::explain::{Code, Frame};

/// The frames of addresses, each looked up once.
#[derive(Default)]
pub(crate) struct Frames(HashMap<usize, Vec<Frame>>);

impl Frames {
    /// What stands on a stack of return addresses, from the outside in. `stack` is from the inside out, as it was walked.
    pub(crate) fn of(&mut self, stack: &[usize]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for address in stack.iter().rev() {
            let look = || functions_at(*address).iter().rev().map(frame).collect();
            frames.extend_from_slice(self.0.entry(*address).or_insert_with(look));
        }
        frames
    }
}

fn frame(function: &Function) -> Frame {
    let Function { name, file, line } = function;
    let name = name.as_deref().unwrap_or_default();
    let code = code(name, file.as_deref());
    let package = file.as_deref().filter(|file| is_rust(file)).map(package).unwrap_or_default();
    let crate_name = match code {
        Code::Own => String::new(),
        _ if package.is_empty() => name.split_once("::").map_or("", |(first, _)| first).to_owned(),
        _ => package.replace('-', "_"),
    };
    Frame {
        function: if code == Code::Own { as_shown(name) } else { function_path_with_crate(name) },
        crate_name,
        file: file.as_deref().map(shown),
        line: *line,
        code,
    }
}

fn code(name: &str, file: Option<&Path>) -> Code {
    match file {
        Some(file) if is_users(name, file) => Code::Own,
        Some(file) if is_neutral(file) || !is_rust(file) => Code::Beneath,
        Some(file) => crates::code_of(&package(file).replace('-', "_")),
        // Without debug information its name is all that is known of it.
        None => crates::code_of_function(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, file: Option<&str>, expected: (&str, &str, Code)) {
        let function = Function { name: Some(name.to_owned()), file: file.map(Into::into), line: Some(3) };
        let frame = frame(&function);
        assert_eq!((frame.function.as_str(), frame.crate_name.as_str(), frame.code), expected, "{name}");
    }

    #[test]
    fn a_frame_says_whose_it_is() {
        let registry = "/home/me/.cargo/registry/src/index";
        check(
            "shop::orders::list::{{closure}}",
            Some("/home/me/shop/src/orders.rs"),
            ("orders::list", "", Code::Own),
        );
        check(
            "serde_json::ser::to_string",
            Some(&format!("{registry}/serde_json-1.0.1/src/ser.rs")),
            ("serde_json::ser::to_string", "serde_json", Code::Library),
        );
        check(
            "alloc::vec::Vec<T,A>::push",
            Some("/rustc/59807616e/library/alloc/src/vec/mod.rs"),
            ("alloc::vec::Vec<T,A>::push", "alloc", Code::Beneath),
        );
        check("sqlite3_step", Some("sqlite3/sqlite3.c"), ("sqlite3_step", "", Code::Beneath));
        check("main", None, ("main", "", Code::Beneath));
        #[cfg(looks)]
        check(
            "tokio::runtime::task::raw::poll",
            Some(&format!("{registry}/tokio-1.54.0/src/runtime/task/raw.rs")),
            ("tokio::runtime::task::raw::poll", "tokio", Code::Beneath),
        );
    }
}
