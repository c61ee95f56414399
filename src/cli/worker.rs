//! `worker`: the process in which `build`, `verify` and `compare` set issues, so that an issue that
//! takes all memory costs only itself.

use std::process::Command;
use std::sync::Arc;

use jianbao::archive::process::{Processes, serve};

use super::args::{Common, Worker};
use super::report::Report;
use super::{Exit, open, silence_workers};

/// Sets the issues named on standard input, until it ends.
pub fn worker(args: &Worker, report: &mut Report) -> Exit {
    bound_memory();
    silence_workers();
    // Ctrl-C goes to all processes of a terminal. The run that started this one decides what becomes
    // of the issue in work.
    ctrlc::set_handler(|| {}).ok();
    let session = match open(&args.common, report) {
        Ok(session) => Arc::new(session),
        Err(exit) => return exit,
    };
    let served = serve(session, args.threads, std::io::stdin().lock(), std::io::stdout());
    if served.is_ok() { Exit::Done } else { Exit::CannotRun }
}

/// Worker processes of this program for a project; `None` if the system does not tell which program
/// this is.
pub fn processes(common: &Common, threads: usize) -> Option<Processes> {
    let program = std::env::current_exe().ok()?;
    let Common { project, font_path, system_fonts } = common;
    let (project, font_path, system) = (project.clone(), font_path.clone(), *system_fonts);
    Some(Processes::new(move || {
        let mut command = Command::new(&program);
        // mimalloc would otherwise take a gigabyte at once, and the limit counts what is taken.
        command.env("MIMALLOC_ARENA_EAGER_COMMIT", "0");
        command.arg("worker").arg("--threads").arg(threads.to_string());
        command.arg("--project").arg(&project);
        for path in &font_path {
            command.arg("--font-path").arg(path);
        }
        command.args(system.then_some("--system-fonts"));
        command
    }))
}

/// Has the system refuse this process memory beyond the limit. Where it cannot, the other limits of
/// an issue still hold.
fn bound_memory() {
    #[cfg(unix)]
    {
        use jianbao::source::limits::WORKER_BYTES;
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let known = getrlimit(Resource::Data);
        let bytes = known.maximum.map_or(WORKER_BYTES, |most| most.min(WORKER_BYTES));
        setrlimit(Resource::Data, Rlimit { current: Some(bytes), ..known }).ok();
    }
}
