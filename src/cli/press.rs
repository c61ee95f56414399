//! `press`: issues → what the print room needs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jianbao::diag::{Checked, Diagnostic, Severity};
use jianbao::pipeline::Session;
use jianbao::press::copies::{self, List};
use jianbao::press::impose;
use jianbao::press::ink::Colours;
use jianbao::press::preflight::preflight;
use jianbao::press::{Copies, Imposition, Job, Paper, Parts, PressFile, Pressed};
use jianbao::source::files;
use jianbao::source::limits;
use jianbao::source::project::IssuePath;

use super::args::{Flip, Press, Scheme, Sides};
use super::preflight::{fault, reasons};
use super::report::Report;
use super::{Exit, open_issues, output, unwritable};

/// Makes the files of the issues that the arguments name.
pub fn press(args: &Press, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    if args.impose != Some(Scheme::Booklet)
        && (args.signature.is_some() || args.thickness.is_some())
    {
        report.fail("press-booklet-only", &[]);
        return Exit::CannotRun;
    }
    let list = match &args.copies {
        Some(_) if issues.len() != 1 => {
            let count = issues.len().to_string();
            report.fail("press-copies-of-one", &[("count", count)]);
            return Exit::CannotRun;
        }
        Some(path) => match read_list(path, report) {
            Ok(list) => Some(list),
            Err(exit) => return exit,
        },
        None => None,
    };
    let job = job(args, list);
    let output = match output(&session.project, args.output.as_ref(), "out/press", report) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let room = Room { session: &session, output };
    if args.volume {
        room.volumes(&issues, &job, report)
    } else {
        room.issues(&issues, &job, report)
    }
}

fn read_list(path: &Path, report: &mut Report) -> Result<Arc<List>, Exit> {
    let bytes = files::read(path, limits::LIST_BYTES).map_err(|fault| {
        report.fault("path-unreadable", path, &fault);
        Exit::CannotRun
    })?;
    let name = path.display().to_string();
    let Checked { value, diagnostics } = copies::read(&name, bytes);
    report.diagnostics(&diagnostics);
    value.map(Arc::new).ok_or(Exit::IssueErrors)
}

fn job(args: &Press, list: Option<Arc<List>>) -> Job {
    let default =
        if args.marks { Paper::Either(450.0, 320.0) } else { Paper::Either(420.0, 297.0) };
    Job {
        colours: if args.process { Colours::Process } else { Colours::Spot },
        parts: match (args.plates, args.preprinted) {
            (true, _) => Parts::Plates,
            (_, true) => Parts::Preprinted,
            _ => Parts::Whole,
        },
        imposition: args.impose.map(|scheme| Imposition {
            scheme: match scheme {
                Scheme::Booklet => impose::Scheme::Booklet,
                Scheme::TwoUp => impose::Scheme::TwoUp,
                Scheme::CutStack => impose::Scheme::CutStack,
                Scheme::Step => impose::Scheme::Step,
            },
            duplex: args.sides == Sides::Duplex,
            flip: args.flip.map(|flip| match flip {
                Flip::Long => impose::Flip::Long,
                Flip::Short => impose::Flip::Short,
            }),
            sheet: args.sheet.unwrap_or(default),
            marks: args.marks,
            signature: args.signature.map(usize::from),
            thickness: args.thickness.unwrap_or(0.0),
        }),
        copies: list.map(|list| Copies {
            list,
            first_number: args.first_number,
            watermark: args.watermark,
            code: args.code,
            apart: args.per_recipient,
        }),
    }
}

/// Reports errors only: `build` has already reported warnings, and the print room cannot act on
/// them.
fn tell(found: &[Diagnostic], report: &mut Report) {
    let errors: Vec<Diagnostic> =
        found.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    report.diagnostics(&errors);
}

struct Room<'a> {
    session: &'a Session,
    output: PathBuf,
}

impl Room<'_> {
    fn issues(&self, issues: &[IssuePath], job: &Job, report: &mut Report) -> Exit {
        let (mut made, mut failed, mut all_printable) = (0, 0, true);
        for issue in issues {
            let pressed = self.session.press(issue, job);
            tell(&pressed.diagnostics, report);
            let Some(pressed) = pressed.value else {
                report.say("failed", &[("path", self.session.project.shown(&issue.path))]);
                failed += 1;
                continue;
            };
            let stem = format!("{}/{}", issue.publication, issue.stem);
            if let Some(other) = self.other_copies(&stem, &pressed) {
                report.fail("press-copies-exist", &[("path", self.session.project.shown(&other))]);
                return Exit::CannotRun;
            }
            match self.write(&stem, &pressed.files, report) {
                Ok(printable) => all_printable &= printable,
                Err(exit) => return exit,
            }
            made += pressed.files.len();
            if let Some(register) = pressed.register {
                for (end, bytes) in [("csv", register.csv.as_bytes()), ("pdf", &register.pdf)] {
                    let path = self.output.join(format!("{stem}-register.{end}"));
                    if let Err(error) = files::write_in(&self.output, &path, bytes) {
                        return unwritable(&error, report);
                    }
                    let copies = register.copies.to_string();
                    let path = self.session.project.shown(&path);
                    report.say("press-register", &[("path", path), ("copies", copies)]);
                }
            }
        }
        let facts = [("files", made.to_string()), ("failed", failed.to_string())];
        report.say(if failed == 0 { "press-summary" } else { "press-summary-failed" }, &facts);
        if failed == 0 && all_printable { Exit::Done } else { Exit::IssueErrors }
    }

    fn volumes(&self, issues: &[IssuePath], job: &Job, report: &mut Report) -> Exit {
        let mut exit = Exit::Done;
        // Sort by year and number as numbers, so that 10 follows 2; supplements come last.
        let number = |issue: &IssuePath| jianbao::issue::Number::parse_file_stem(&issue.stem);
        let year = |issue: &IssuePath| number(issue).map_or(0, |(year, _)| year);
        let mut issues = issues.to_vec();
        issues.sort_by_cached_key(|issue| (issue.publication.clone(), number(issue)));
        for issues in issues.chunk_by(|a, b| (&a.publication, year(a)) == (&b.publication, year(b)))
        {
            let year = year(&issues[0]);
            let made = self.session.volume(issues, year, job);
            tell(&made.diagnostics, report);
            let Some(files) = made.value else {
                exit = Exit::IssueErrors;
                continue;
            };
            let stem = format!("{}/{year}", issues[0].publication);
            match self.write(&stem, &files, report) {
                Ok(true) => {}
                Ok(false) => exit = Exit::IssueErrors,
                Err(exit) => return exit,
            }
        }
        exit
    }

    /// A register or copy of an earlier run with another assignment, if any: a number is assigned
    /// once, and the record of its recipient must not be overwritten.
    fn other_copies(&self, stem: &str, pressed: &Pressed) -> Option<PathBuf> {
        let register = self.output.join(format!("{stem}-register.csv"));
        let new = pressed.register.as_ref()?.csv.as_bytes();
        // A register that cannot be read may be of other copies.
        match files::read_in(&self.output, &register, limits::REGISTER_BYTES) {
            Ok(known) if known == new => {}
            Err(fault) if fault.is_missing() => {}
            _ => return Some(register),
        }
        let files = pressed.files.iter();
        let made: BTreeSet<PathBuf> = files.map(|file| self.path(stem, file)).collect();
        // A folder of copies must have no file but those of this run.
        let apart = pressed.files.iter().filter(|file| file.suffix.contains('/'));
        let folders: BTreeSet<PathBuf> =
            apart.filter_map(|file| Some(self.path(stem, file).parent()?.into())).collect();
        let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
        entries.flatten().flatten().map(|entry| entry.path()).find(|path| !made.contains(path))
    }

    fn path(&self, stem: &str, file: &PressFile) -> PathBuf {
        self.output.join(format!("{stem}{}.pdf", file.suffix))
    }

    /// Writes the files and checks each as `preflight` does. Returns whether all can be printed.
    fn write(&self, stem: &str, files: &[PressFile], report: &mut Report) -> Result<bool, Exit> {
        let mut all = true;
        for file in files {
            let path = self.path(stem, file);
            files::write_in(&self.output, &path, &file.bytes)
                .map_err(|error| unwritable(&error, report))?;
            let path = self.session.project.shown(&path);
            let sides = file.sides.to_string();
            report.say("press-made", &[("path", path.clone()), ("sides", sides)]);
            let reasons = match preflight(file.bytes.clone(), &[]) {
                Ok(found) if found.pass => continue,
                Ok(found) => reasons(&found, true, report),
                Err(why) => vec![fault(why, report)],
            };
            all = false;
            let reasons = reasons.join("\n");
            report.fail("press-preflight", &[("path", path), ("reasons", reasons)]);
        }
        Ok(all)
    }
}
