//! `build`: issues → PDFs.

use jianbao::export::WriteError;

use super::args::Build;
use super::report::Report;
use super::{Exit, deadline, open_issues};

/// Builds the issues that the arguments name; one bad issue does not stop the others.
pub fn build(args: &Build, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let session = std::sync::Arc::new(session);
    let output = args.output.clone().unwrap_or_else(|| session.project.root.join("out"));
    let mut built = 0;
    for issue in &issues {
        let pdf = deadline::pdf(&session, issue);
        report.diagnostics(&pdf.diagnostics);
        let Some(pdf) = pdf.value else {
            report.say("failed", &[("path", session.project.shown(&issue.path))]);
            continue;
        };
        match session.write(issue, &pdf, &output) {
            Ok(path) => {
                built += 1;
                let path = session.project.shown(&path);
                report.say("built", &[("path", path), ("pages", pdf.pages.to_string())]);
            }
            Err(WriteError { path, error }) => {
                let path = path.display().to_string();
                report.fail("path-unwritable", &[("path", path), ("detail", error.to_string())]);
                return Exit::CannotRun;
            }
        }
    }
    let total = ("total", issues.len().to_string());
    if built == issues.len() {
        report.say("summary-clean", &[total]);
        return Exit::Done;
    }
    let failed = (issues.len() - built).to_string();
    report.say("summary", &[total, ("built", built.to_string()), ("failed", failed)]);
    Exit::IssueErrors
}
