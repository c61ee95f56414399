//! Many issues → their PDFs, and a report on whether each PDF still matches `jianbao.lock` and
//! looks like its reference.

pub mod build;
pub mod compare;
pub mod crew;
pub mod journal;
pub mod lock;
pub mod workers;
