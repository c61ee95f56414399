//! `preflight`: PDFs → whether they can be printed.

use jianbao::preflight::{Finding, PageFacts, Preflight, preflight as look};
use serde_json::json;

use super::Exit;
use super::args::{Format, Preflight as PreflightArgs};
use super::measure::aligned;
use super::report::Report;

/// Looks at the files that the arguments name; one that cannot be read does not stop the others.
pub fn preflight(args: &PreflightArgs, report: &mut Report) -> Exit {
    let mut exit = Exit::Done;
    let mut files = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).map_err(|error| error.to_string());
        match bytes.and_then(|bytes| look(bytes, &args.inks)) {
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
                report.data(&text);
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

fn words(name: &str, found: &Preflight, report: &Report) -> String {
    let facts = [("file", name.to_string()), ("pages", found.pages.len().to_string())];
    let id = if found.pass { "preflight-pass" } else { "preflight-fail" };
    let mut lines = vec![report.sentence(id, &facts)];
    let columns = report.word("preflight-columns");
    let mut rows = vec![columns.split(" | ").map(String::from).collect::<Vec<_>>()];
    // Pages that are alike, as those of copies are, are one row.
    for alike in found.pages.chunk_by(|a, b| alike(a) == alike(b)) {
        rows.push(row(alike, report));
    }
    lines.extend(aligned(&rows));
    for finding in &found.findings {
        let word = if finding.fails { "preflight-word-fail" } else { "preflight-word-remark" };
        lines.push(format!("{}: {}", report.word(word), sentence(finding, report)));
    }
    lines.join("\n") + "\n\n"
}

fn alike(facts: &PageFacts) -> PageFacts {
    PageFacts { page: 0, ..facts.clone() }
}

fn row(pages: &[PageFacts], report: &Report) -> Vec<String> {
    let (first, last) = (&pages[0], &pages[pages.len() - 1]);
    let size = |(width, height): (f64, f64)| format!("{width}×{height}");
    let number =
        |value: Option<f64>, digits: usize| value.map_or("-".into(), |v| format!("{v:.digits$}"));
    let inks: Vec<&str> = first.inks.iter().map(String::as_str).collect();
    vec![
        match first.page == last.page {
            true => first.page.to_string(),
            false => format!("{}–{}", first.page, last.page),
        },
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
    let facts = [
        ("page", finding.page.map_or("-".into(), |page| page.to_string())),
        ("what", finding.what.clone()),
        ("limit", finding.limit.clone()),
    ];
    report.sentence(finding.check, &facts)
}
