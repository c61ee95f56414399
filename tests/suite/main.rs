//! One binary for all tests that typeset: fonts and caches are shared between cases.

mod bad_input;
mod batch;
mod commands;
mod elements;
mod gallery;
mod import;
mod instrument;
mod pages;
mod pdf;
mod random;
mod readme;
mod schema;
mod support;
