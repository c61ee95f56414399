//! A folder → the files of its project; the bytes of a TOML file → a raw value with its places.
//! Files are written whole or not at all (`files`), and known by their content (`digest`).

pub mod digest;
pub mod files;
pub mod limits;
pub mod project;
pub mod read;
pub mod text;
pub mod toml_text;
pub mod unpacked;
