//! Paths and bytes → TOML files in raw types: finding a project's issues, reading within limits,
//! and writing files whole or not at all.

pub mod digest;
pub mod files;
pub mod limits;
pub mod project;
pub mod read;
pub mod text;
pub mod toml_text;
