//! The `jianbao` program: parse the command line, call the library, print what came back.

mod cli;

use std::process::ExitCode;

/// mimalloc suits Typst, which makes many small allocations and frees them on other threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(std::env::args_os()).into()
}
