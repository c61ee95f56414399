//! The `jianbao` program: parse the command line, call the library, print what came back.

mod cli;

use std::process::ExitCode;

/// Typst allocates in small pieces, and frees what another thread allocated.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os()).into()
}
