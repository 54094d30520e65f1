//! sqlx: what we counted of each shape of work against what the server itself saw.

// The shapes are written once and compiled for each engine.
#![allow(clippy::duplicate_mod, reason = "on purpose, see above")]

mod any;
mod mysql;
mod postgres;
mod row;
mod sight;
mod sqlite;
