//! Setting an issue within a time: the library has no clock, and Typst cannot be interrupted.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};

use jianbao::diag::{Checked, Code, Diagnostic, SourceFile, Span};
use jianbao::limits;
use jianbao::pipeline::{Pdf, Session};
use jianbao::project::IssuePath;

/// An issue's PDF, or the finding that it takes too long. Work that is given up goes on by
/// itself until the program ends.
pub fn pdf(session: &Arc<Session>, issue: &IssuePath) -> Checked<Pdf> {
    let (sender, receiver) = channel();
    let (at, theirs) = (issue.clone(), session.clone());
    // As much room as a program's first thread has.
    let work = std::thread::Builder::new().stack_size(8 << 20).spawn(move || {
        // Nobody listens any more where the time is up.
        sender.send(theirs.pdf(&at)).ok();
    });
    if work.is_err() {
        return session.pdf(issue);
    }
    match receiver.recv_timeout(limits::TIME) {
        Ok(pdf) => pdf,
        Err(error) => {
            let name = session.project.shown(&issue.path);
            let file = Arc::new(SourceFile { name, text: String::new() });
            let error = match error {
                RecvTimeoutError::Timeout => {
                    Diagnostic::error(Code::TooSlow, Span::new(&file, 0..0))
                        .arg("seconds", limits::TIME.as_secs())
                }
                // A fault of the program's own stops this issue, not the others.
                RecvTimeoutError::Disconnected => {
                    Diagnostic::error(Code::Crashed, Span::new(&file, 0..0))
                }
            };
            Checked::failed(vec![error])
        }
    }
}
