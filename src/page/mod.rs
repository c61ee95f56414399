//! Laid-out pages → their measures and findings, the places of fields, and SVG sheets for a screen.

pub mod account;
pub(crate) mod area;
pub mod composition;
pub mod frames;
pub mod lines;
pub mod measure;
pub mod objects;
pub mod parts;
pub mod places;
pub mod screen;
