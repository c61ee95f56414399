//! `preflight`: PDFs → the faults that keep them from being printed.

use std::path::Path;

use jianbao::compare::drawing::Fault;
use jianbao::press::preflight::{Finding, PageFacts, Preflight, preflight as look};
use jianbao::source::{files, limits};
use serde_json::json;

use super::Exit;
use super::args::{Format, Preflight as PreflightArgs};
use super::measure::aligned;
use super::report::Report;

/// Checks the files that the arguments name; an unreadable file does not stop the others.
pub fn preflight(args: &PreflightArgs, report: &mut Report) -> Exit {
    let mut exit = Exit::Done;
    let mut files = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let found = contents(file, report)
            .and_then(|bytes| look(bytes, &args.inks).map_err(|why| fault(why, report)));
        match found {
            Ok(found) => {
                if !found.pass && exit == Exit::Done {
                    exit = Exit::IssueErrors;
                }
                files.push((name, found));
            }
            Err(detail) => {
                report.fail("preflight-unreadable", &[("file", name), ("detail", detail)]);
                exit = Exit::CannotRun;
            }
        }
    }
    match args.format {
        Format::Human => {
            for (name, found) in &files {
                let text = words(name, found, report);
                report.print(&text);
            }
        }
        Format::Json => {
            let files = files.iter().map(|(name, found)| {
                let sentences: Vec<String> =
                    found.findings.iter().map(|finding| sentence(finding, report)).collect();
                json!({ "file": name, "found": found, "sentences": sentences })
            });
            let files: Vec<_> = files.collect();
            report.json(&json!({ "version": 1, "files": files }));
        }
    }
    exit
}

/// The bytes of a file that may be a PDF, or why there are none.
pub fn contents(file: &Path, report: &Report) -> Result<Vec<u8>, String> {
    files::read(file, limits::REFERENCE_BYTES).map_err(|fault| fault.words(&report.catalogue))
}

/// A fault in words.
pub fn fault(fault: Fault, report: &Report) -> String {
    report.word(match fault {
        Fault::Empty => "fault-empty",
        Fault::Encrypted => "fault-encrypted",
        Fault::Damaged => "fault-damaged",
        Fault::TooLarge => "fault-too-large",
    })
}

fn words(name: &str, found: &Preflight, report: &Report) -> String {
    let facts = [("file", name.to_string()), ("pages", found.pages.len().to_string())];
    let id = if found.pass { "preflight-pass" } else { "preflight-fail" };
    let mut lines = vec![report.sentence(id, &facts)];
    let columns = report.word("preflight-columns");
    let mut rows = vec![columns.split(" | ").map(String::from).collect::<Vec<_>>()];
    // Pages with equal facts, such as those of numbered copies, share one row.
    let mut alike: Vec<Vec<&PageFacts>> = Vec::new();
    for page in &found.pages {
        match alike.iter_mut().find(|pages| same(pages[0], page)) {
            Some(pages) => pages.push(page),
            None => alike.push(vec![page]),
        }
    }
    rows.extend(alike.iter().map(|pages| row(pages, report)));
    lines.extend(aligned(&rows));
    lines.extend(reasons(found, false, report));
    lines.join("\n") + "\n\n"
}

/// The faults with their pages, each fault once; `failing`: only faults that prevent printing.
pub fn reasons(found: &Preflight, failing: bool, report: &Report) -> Vec<String> {
    let mut said: Vec<(&Finding, Vec<usize>)> = Vec::new();
    for finding in found.findings.iter().filter(|finding| finding.fails || !failing) {
        let key = |f: &Finding| (f.check, f.what.clone(), f.limit.clone());
        match said.iter_mut().find(|(other, _)| key(other) == key(finding)) {
            Some((_, pages)) => pages.extend(finding.page),
            None => said.push((finding, finding.page.into_iter().collect())),
        }
    }
    let reason = |(finding, pages): (&Finding, Vec<usize>)| {
        let word = if finding.fails { "preflight-word-fail" } else { "preflight-word-remark" };
        let sentence = worded(finding, &ranges(&pages), report);
        format!("{}: {sentence}", report.word(word))
    };
    said.into_iter().map(reason).collect()
}

fn same(a: &PageFacts, b: &PageFacts) -> bool {
    PageFacts { page: 0, ..a.clone() } == PageFacts { page: 0, ..b.clone() }
}

/// Page numbers as people write them, the first few: 1, 3–5, 8 …
fn ranges(pages: &[usize]) -> String {
    let runs: Vec<&[usize]> = pages.chunk_by(|a, b| a + 1 == *b).collect();
    let run = |run: &&[usize]| match run {
        [only] => only.to_string(),
        run => format!("{}–{}", run[0], run[run.len() - 1]),
    };
    let mut text = runs.iter().take(5).map(run).collect::<Vec<_>>().join(", ");
    if runs.len() > 5 {
        text += &format!(" … ({})", pages.len());
    }
    text
}

fn row(pages: &[&PageFacts], report: &Report) -> Vec<String> {
    let first = pages[0];
    let size = |(width, height): (f64, f64)| format!("{width}×{height}");
    let number =
        |value: Option<f64>, digits: usize| value.map_or("-".into(), |v| format!("{v:.digits$}"));
    let inks: Vec<&str> = first.inks.iter().map(String::as_str).collect();
    vec![
        ranges(&pages.iter().map(|facts| facts.page).collect::<Vec<_>>()),
        size(first.media),
        first.trim.map_or("-".into(), size),
        if inks.is_empty() { "-".into() } else { inks.join(" + ") },
        number(first.smallest_type, 1),
        number(first.thinnest_line, 2),
        number(first.lowest_resolution, 0),
        if first.transparency { report.word("preflight-yes") } else { "-".into() },
    ]
}

fn sentence(finding: &Finding, report: &Report) -> String {
    worded(finding, &finding.page.map_or("-".into(), |page| page.to_string()), report)
}

fn worded(finding: &Finding, page: &str, report: &Report) -> String {
    let facts = [
        ("page", page.to_string()),
        ("what", finding.what.clone()),
        ("limit", finding.limit.clone()),
    ];
    report.sentence(finding.check, &facts)
}
