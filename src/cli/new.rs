//! `new`: a project, a publication or an issue that builds at once.

use std::path::Path;

use jianbao::issue::raw::RawIssue;
use jianbao::issue::{Date, Number};
use jianbao::project::{PUBLICATION_FILE, Project};
use jianbao::{export, read};

use super::args::New;
use super::report::Report;
use super::{Exit, project_error};

const PUBLICATION: &str = include_str!("new/publication.toml");
const ISSUE: &str = include_str!("new/issue.toml");

/// The date of a first issue: there is no clock, and an editor sets it anyway.
const FIRST: Date = Date { year: 2026, month: 1, day: 5 };

/// Makes what is asked for; what exists is left as it is.
pub fn new(what: &New, report: &mut Report) -> Exit {
    let made = match what {
        New::Project { folder } => publication(&folder.join("issues"), "jianbao", report),
        New::Publication { name, project } => match Project::find(project) {
            Ok(project) => publication(&project.root.join("issues"), name, report),
            Err(error) => Err(project_error(&error, report)),
        },
        New::Issue { publication, date, project } => match Project::find(project) {
            Ok(project) => issue(&project, publication.as_deref(), date.as_deref(), report),
            Err(error) => Err(project_error(&error, report)),
        },
    };
    made.map_or_else(|exit| exit, |()| Exit::Done)
}

fn publication(issues: &Path, name: &str, report: &mut Report) -> Result<(), Exit> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(allowed) {
        report.fail("bad-name", &[("name", name.into())]);
        return Err(Exit::CannotRun);
    }
    let folder = issues.join(name);
    write(&folder.join(PUBLICATION_FILE), PUBLICATION, report)?;
    write_issue(&folder, Number::Regular(1), FIRST, Some(1), report)
}

fn issue(
    project: &Project,
    name: Option<&str>,
    date: Option<&str>,
    report: &mut Report,
) -> Result<(), Exit> {
    let issues = project.issues(&[]).map_err(|error| project_error(&error, report))?;
    let known = publications(project);
    let name = match (name, known.as_slice()) {
        (Some(name), _) if known.iter().any(|known| known == name) => name,
        (None, [only]) => only,
        (asked, _) => {
            let id = if asked.is_some() { "no-publication" } else { "which-publication" };
            let name = asked.unwrap_or_default().to_string();
            report.fail(id, &[("name", name), ("known", known.join(", "))]);
            return Err(Exit::CannotRun);
        }
    };
    let last = issues
        .iter()
        .filter(|issue| issue.publication == name)
        .filter_map(|issue| {
            let bytes = std::fs::read(&issue.path).ok()?;
            let file = read::decode(&project.shown(&issue.path), bytes).value?;
            let raw = read::read::<RawIssue>(&file).value?;
            let date = Date::from(raw.date?.value.date?);
            Some((date, raw.number?.value, raw.serial_number.map(|n| n.value)))
        })
        .max();
    let asked = match date {
        Some(text) => match text.parse::<toml::value::Datetime>().ok().and_then(|d| d.date) {
            Some(date) => Some(Date::from(date)),
            None => {
                report.fail("date-invalid", &[("date", text.into())]);
                return Err(Exit::CannotRun);
            }
        },
        None => None,
    };
    let date = asked.unwrap_or_else(|| last.map_or(FIRST, |(date, _, _)| date.plus_days(7)));
    let number = match last {
        Some((last, number, _)) if last.year == date.year => number + 1,
        _ => 1,
    };
    let serial = last.map_or(Some(1), |(_, _, serial)| serial.map(|n| n + 1));
    write_issue(&project.publication(name), Number::Regular(number), date, serial, report)
}

/// The publications that there are: folders of `issues/` with a `publication.toml`.
fn publications(project: &Project) -> Vec<String> {
    let entries = std::fs::read_dir(project.root.join("issues")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join(PUBLICATION_FILE).is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn write_issue(
    folder: &Path,
    number: Number,
    date: Date,
    serial: Option<u32>,
    report: &mut Report,
) -> Result<(), Exit> {
    let (key, n) = match number {
        Number::Regular(n) => ("number", n),
        Number::Supplement(n) => ("supplement", n),
    };
    let mut head = format!("{key} = {n}\n");
    if let Some(serial) = serial {
        head.push_str(&format!("serial_number = {serial}\n"));
    }
    head.push_str(&format!("date = {:04}-{:02}-{:02}\n", date.year, date.month, date.day));
    let path = folder.join(format!("{}.toml", number.file_stem(date.year)));
    write(&path, &format!("{head}\n{ISSUE}"), report)
}

fn write(path: &Path, text: &str, report: &mut Report) -> Result<(), Exit> {
    let shown = path.display().to_string();
    if path.exists() {
        report.fail("exists-already", &[("path", shown)]);
        return Err(Exit::CannotRun);
    }
    match export::write(path, text.as_bytes()) {
        Ok(()) => {
            report.say("created", &[("path", shown)]);
            Ok(())
        }
        Err(error) => {
            let detail = error.error.to_string();
            report.fail("path-unwritable", &[("path", shown), ("detail", detail)]);
            Err(Exit::CannotRun)
        }
    }
}
