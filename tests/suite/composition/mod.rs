//! How pages are composed: every kind of fault that a proofreader sends back, and its remedy.

mod elements;
mod findings;
mod fitting;
mod frozen;
mod tables;
mod titles;
