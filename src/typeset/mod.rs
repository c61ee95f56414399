//! A checked issue → laid-out pages and their PDF, by way of the manuscript, the world that Typst
//! sees and the compiler.

pub mod compile;
pub mod export;
pub mod merge;
mod title;
mod together;
pub mod world;
