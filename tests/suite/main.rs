//! One binary for all tests that typeset, so that cases share fonts and caches.

mod bad_input;
mod batch;
mod browser;
mod checks;
mod commands;
mod compare;
mod elements;
mod fixes;
mod fuzz;
mod gallery;
mod hostile;
mod import;
mod instrument;
mod launch;
mod malformed;
mod pages;
mod pdf;
mod press;
mod random;
mod readme;
mod schema;
mod studio;
mod studio_browser;
mod support;
mod terminal;
mod watch;
