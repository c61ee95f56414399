//! `new`: a project, a publication or an issue that builds at once.

use std::path::Path;

use jianbao::issue::Date;
use jianbao::issue::next::{ARTICLES, Head, publications};
use jianbao::source::files;
use jianbao::source::project::{PUBLICATION_FILE, Project};

use super::args::New;
use super::report::Report;
use super::{Exit, project_error, unwritable};

const PUBLICATION: &str = include_str!("new/publication.toml");

/// Makes a project, a publication or an issue; existing files are left as they are.
pub fn new(what: &New, report: &mut Report) -> Exit {
    let made = match what {
        New::Project { folder } => publication(folder, "jianbao", report),
        New::Publication { name, project } => match Project::find(project) {
            Ok(project) => publication(&project.root, name, report),
            Err(error) => Err(project_error(&error, report)),
        },
        New::Issue { publication, date, project } => match Project::find(project) {
            Ok(project) => issue(&project, publication.as_deref(), date.as_deref(), report),
            Err(error) => Err(project_error(&error, report)),
        },
    };
    made.map_or_else(|exit| exit, |()| Exit::Done)
}

fn publication(root: &Path, name: &str, report: &mut Report) -> Result<(), Exit> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(allowed) {
        report.fail("bad-name", &[("name", name.into())]);
        return Err(Exit::CannotRun);
    }
    let folder = root.join("issues").join(name);
    write(root, &folder.join(PUBLICATION_FILE), PUBLICATION, report)?;
    write_issue(root, &folder, Head::first(), report)
}

fn issue(
    project: &Project,
    name: Option<&str>,
    date: Option<&str>,
    report: &mut Report,
) -> Result<(), Exit> {
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
    let Some(head) = Head::next(project, name, asked) else {
        report.fail("new-after-9999", &[]);
        return Err(Exit::CannotRun);
    };
    write_issue(&project.root, &project.publication(name), head, report)
}

fn write_issue(home: &Path, folder: &Path, head: Head, report: &mut Report) -> Result<(), Exit> {
    let path = folder.join(format!("{}.toml", head.stem()));
    write(home, &path, &format!("{}\n{ARTICLES}", head.toml()), report)
}

/// Writes a new file of the folder `home`.
fn write(home: &Path, path: &Path, text: &str, report: &mut Report) -> Result<(), Exit> {
    let shown = path.display().to_string();
    match files::create_in(home, path, text.as_bytes()) {
        Ok(true) => {
            report.say("created", &[("path", shown)]);
            Ok(())
        }
        Ok(false) => {
            report.fail("exists-already", &[("path", shown)]);
            Err(Exit::CannotRun)
        }
        Err(error) => Err(unwritable(&error, report)),
    }
}
