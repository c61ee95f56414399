//! The `jianbao` program: parse the command line, call the library, print what came back.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os()).into()
}
