//! Many issues → their PDFs. `build` skips an issue whose inputs the journal knows; `lock` holds what
//! each PDF must be (`jianbao.lock`); `compare` finds the issues that look different from their
//! references; `prove` says whether imported issues build. A `crew` of `workers` does the work.

pub mod build;
pub mod compare;
pub mod crew;
pub mod journal;
pub mod lock;
pub mod process;
pub mod prove;
pub mod wire;
pub mod workers;
