//! `trace`: a picture of a numbered copy → whose it is.

use std::collections::BTreeSet;

use jianbao::press::code::Code;
use jianbao::press::number::printed;
use jianbao::press::register;
use jianbao::press::trace::trace as look;
use jianbao::source::files::{self, FileError};
use jianbao::source::limits;
use jianbao::source::project::Project;
use serde_json::{Value as Json, json};

use super::Exit;
use super::args::{Format, Trace};
use super::preflight::{contents, fault};
use super::report::Report;

/// Looks for codes in the files that the arguments name.
pub fn trace(args: &Trace, report: &mut Report) -> Exit {
    let mut exit = Exit::Done;
    let mut found = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let codes = match contents(file, report)
            .and_then(|bytes| look(bytes).map_err(|why| fault(why, report)))
        {
            Ok(codes) => codes,
            Err(detail) => {
                report.fail("trace-unreadable", &[("file", name), ("detail", detail)]);
                exit = Exit::CannotRun;
                continue;
            }
        };
        if codes.is_empty() {
            report.fail("trace-none", &[("file", name.clone())]);
            exit = exit.max(Exit::IssueErrors);
        }
        for code in codes {
            let register = match &args.register {
                Some(register) => files::read(register, limits::REGISTER_BYTES)
                    .map(Some)
                    .map_err(|fault| FileError::new(register, fault)),
                None => usual(args, &code),
            };
            let register = register.unwrap_or_else(|error| {
                report.fault("path-unreadable", &error.path, &error.error);
                exit = Exit::CannotRun;
                None
            });
            let entry = register.and_then(|bytes| register::entry(bytes, code.number));
            let (id, known) = match &entry {
                Some(entry) if entry.check_digits == code.check_digits => {
                    ("trace-found", Some(entry))
                }
                Some(_) => ("trace-differs", None),
                None => ("trace-unknown", None),
            };
            let text = |part: Option<&String>| part.cloned().unwrap_or_default();
            let facts = [
                ("file", name.clone()),
                ("issue", code.issue.clone()),
                ("number", printed(code.number)),
                ("list", text(known.map(|entry| &entry.list))),
                ("recipient", text(known.map(|entry| &entry.recipient))),
            ];
            if args.format == Format::Human {
                match id {
                    "trace-differs" => report.fail(id, &facts),
                    id => report.print(&format!("{}\n", report.sentence(id, &facts))),
                }
            }
            if id == "trace-differs" {
                exit = exit.max(Exit::IssueErrors);
            }
            found.push(json!({
                "file": name,
                "issue": code.issue,
                "number": code.number,
                "code": code.check_digits,
                "recipient": known.map(|entry| &entry.recipient),
                "list": known.map(|entry| &entry.list),
                "agrees": entry.as_ref().map(|entry| entry.check_digits == code.check_digits),
            }));
        }
    }
    if args.format == Format::Json {
        report.json(&json!({ "version": 1, "found": Json::Array(found) }));
    }
    exit
}

/// The register of an issue, where `press` leaves it; `None` where there is none.
fn usual(args: &Trace, code: &Code) -> Result<Option<Vec<u8>>, FileError> {
    let Ok(Project { root }) = Project::find(&args.project) else { return Ok(None) };
    // Text from a scanned code must not lead out of the folder: hidden and empty parts are refused.
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.');
    let parts: BTreeSet<&str> = code.issue.split(['/', '\\']).collect();
    if !parts.iter().all(|part| is_plain(part)) {
        return Ok(None);
    }
    let path = root.join("out/press").join(format!("{}-register.csv", code.issue));
    match files::read_in(&root, &path, limits::REGISTER_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fault) if fault.is_missing() => Ok(None),
        Err(fault) => Err(FileError::new(&path, fault)),
    }
}
