//! `check`: issues → findings of the rules; with `--fix`, corrected files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jianbao::diag::fix;
use jianbao::diag::show;
use jianbao::diag::{self, Diagnostic, Severity, SourceFile};
use jianbao::pipeline::Session;
use jianbao::source::files;
use jianbao::source::limits;
use jianbao::source::project::IssuePath;

use super::args::{Check, Findings};
use super::report::Report;
use super::{Exit, open_issues, unwritable};

/// How often the corrected files are looked at for further fixes.
const ROUNDS: usize = 10;

/// Checks the issues that the arguments name.
pub fn check(args: &Check, report: &mut Report) -> Exit {
    let (mut session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    // A fix may make room for another, but not for ever.
    for _ in 0..if args.fix { ROUNDS } else { 0 } {
        let fixes: Vec<Diagnostic> = issues.iter().flat_map(|i| session.fixes(i)).collect();
        match put_right(&session.project.root, &fixes, report) {
            Ok(0) => break,
            Ok(_) => {}
            Err(exit) => return exit,
        }
        // The corrected files are read again, to report only the remaining findings.
        (session, _) = match open_issues(&args.common, &args.paths, report) {
            Ok(opened) => opened,
            Err(exit) => return exit,
        };
    }
    let mut found = look(&session, &issues, args.pages);
    if args.format != Findings::Human {
        found.extend(report.left_out.iter().cloned());
    }
    match args.format {
        Findings::Human => report.diagnostics(&found),
        Findings::Short => {
            let lines: String =
                found.iter().map(|d| show::short(d, &report.catalogue) + "\n").collect();
            report.print(&lines);
        }
        Findings::Json => report.json(&show::json::findings(&found, &report.catalogue)),
        Findings::Sarif => report.json(&show::sarif::log(&found, &report.catalogue)),
    }
    if args.format == Findings::Human {
        found.extend(report.left_out.iter().cloned());
    }
    let count = |severity| found.iter().filter(|d| d.severity == severity).count().to_string();
    report.say(
        "check-summary",
        &[
            ("total", issues.len().to_string()),
            ("errors", count(Severity::Error)),
            ("warnings", count(Severity::Warning)),
            ("advice", count(Severity::Advice)),
        ],
    );
    let fails = found.iter().any(|d| d.severity == Severity::Error);
    if fails { Exit::IssueErrors } else { Exit::Done }
}

/// The findings of all issues; a finding in a publication's file is listed once.
fn look(session: &Session, issues: &[IssuePath], pages: bool) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    for issue in issues {
        all.extend(match pages {
            true => session.typeset(issue).diagnostics,
            false => session.check(issue).diagnostics,
        });
    }
    diag::sort(&mut all);
    all
}

/// Applies the sure fixes file by file, and reports each fix; returns how many files were changed.
fn put_right(root: &Path, found: &[Diagnostic], report: &mut Report) -> Result<usize, Exit> {
    let mut changed = 0;
    let spans = found.iter().filter(|d| d.fix.is_some()).filter_map(|d| d.span.as_ref());
    let files: BTreeMap<&str, &Arc<SourceFile>> =
        spans.map(|span| (span.file.name.as_str(), &span.file)).collect();
    for (name, file) in files {
        let Some((text, made)) = fix::apply(file, found) else { continue };
        let path: PathBuf = root.join(name);
        let now = files::read_in(root, &path, limits::FILE_BYTES).unwrap_or_default();
        // The text lacks the file's byte order mark, which must be kept.
        let mark: &[u8] = if now.starts_with(b"\xef\xbb\xbf") { b"\xef\xbb\xbf" } else { b"" };
        if now[mark.len()..] != *file.text.as_bytes() {
            report.fail("fix-refused", &[("path", name.into())]);
            continue;
        }
        files::write_in(root, &path, &[mark, text.as_bytes()].concat())
            .map_err(|error| unwritable(&error, report))?;
        changed += 1;
        // The fixes are in the order of their places: each line is counted once.
        let (mut line, mut start, mut at) = (1, 0, 0);
        for diagnostic in &made {
            let Some(fix) = &diagnostic.fix else { continue };
            for (end, _) in file.text[at..fix.range.start].match_indices('\n') {
                (line, start) = (line + 1, at + end + 1);
            }
            at = fix.range.start;
            let column = file.text[start..at].chars().count() + 1;
            let facts = [
                ("place", format!("{name}:{line}:{column}")),
                ("rule", diagnostic.code.id().into()),
                ("old", file.text[fix.range.clone()].into()),
                ("new", fix.text.clone()),
            ];
            report.say("fixed", &facts);
        }
        let count = made.len().to_string();
        report.say("fixed-file", &[("path", name.into()), ("count", count)]);
    }
    Ok(changed)
}
