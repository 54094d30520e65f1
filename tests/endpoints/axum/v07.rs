//! axum 0.7.

#[allow(clippy::duplicate_mod, reason = "once for each version of axum")]
#[path = "shapes.rs"]
mod shapes;

use axum_07 as framework;

/// A parameter of a route.
fn parameter(name: &str) -> String {
    format!(":{name}")
}

#[test]
fn endpoints_are_method_and_pattern_and_end_with_the_body() {
    shapes::check_all("axum_07");
}
