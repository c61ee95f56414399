//! The composition of the pages: what a typesetter would send back.

mod elements;
mod tables;
