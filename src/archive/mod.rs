//! Many issues → their PDFs, and whether they are still what they were.

pub mod build;
pub mod compare;
pub mod crew;
pub mod journal;
pub mod lock;
pub mod workers;
