//! Laid-out pages → what stands on them and where: the ruler, the places of fields, sheets for a screen.

pub mod frames;
pub mod lines;
pub mod measure;
pub mod places;
pub mod screen;
