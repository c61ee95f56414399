//! A checked issue and its publication → a manuscript → laid-out pages. The folder holds the world
//! that Typst sees, the call of its compiler, and the options of the PDF.

pub mod compile;
pub mod export;
pub mod fit;
pub mod merge;
pub mod title;
mod together;
pub(crate) mod words;
pub mod world;
