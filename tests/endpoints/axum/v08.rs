//! axum 0.8.

#[allow(clippy::duplicate_mod, reason = "once for each version of axum")]
#[path = "shapes.rs"]
mod shapes;
#[path = "socket.rs"]
mod socket;

use axum as framework;
pub(crate) use shapes::app;

/// A parameter of a route.
fn parameter(name: &str) -> String {
    format!("{{{name}}}")
}

#[test]
fn endpoints_are_method_and_pattern_and_end_with_the_body() {
    shapes::check_all("axum_08");
}
