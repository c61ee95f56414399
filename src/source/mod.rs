//! Files → their TOML: where issues lie, how they are read within limits, and written whole or not at all.

pub mod digest;
pub mod files;
pub mod limits;
pub mod project;
pub mod read;
pub mod text;
pub mod toml_text;
