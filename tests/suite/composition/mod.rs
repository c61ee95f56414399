//! How pages are composed.

mod titles;
