//! `measure`: issues → the measurements of their pages, as text or JSON.

use std::collections::BTreeMap;

use jianbao::diag::rules::Strength;
use jianbao::page::measure::{Finding, Measure, PageMeasure};
use jianbao::publication::length::Length;
use jianbao::source::text::ems;

use super::args::{Format, Measure as MeasureArgs};
use super::report::Report;
use super::{Exit, open_issues};

/// Measures the issues that the arguments name.
pub fn measure(args: &MeasureArgs, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let mut exit = Exit::Done;
    let mut measures: BTreeMap<String, Measure> = BTreeMap::new();
    for issue in &issues {
        let typeset = session.typeset(issue);
        report.diagnostics(&typeset.diagnostics);
        match typeset.value {
            Some(typeset) => {
                measures.insert(issue.name(), typeset.measured);
            }
            None => exit = Exit::IssueErrors,
        }
    }
    match args.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&measures).expect("measures are plain JSON");
            report.data(&format!("{json}\n"));
        }
        Format::Human => {
            let tables = measures.iter().map(|(issue, m)| table(issue, m, report));
            let tables: String = tables.collect();
            report.print(&tables);
        }
    }
    let broken = |m: &Measure| {
        m.findings.iter().any(|f| matches!(f.strength, Strength::Must | Strength::Usual))
    };
    if measures.values().any(broken) { Exit::IssueErrors } else { exit }
}

fn table(issue: &str, measure: &Measure, report: &Report) -> String {
    let head = [
        ("issue", issue.to_string()),
        ("masthead", optional(measure.masthead_height, unit)),
        ("imprint", optional(measure.imprint_bottom, unit)),
        ("score", measure.composition.score.to_string()),
    ];
    let columns = report.word("measure-columns");
    let mut rows = vec![columns.split(" | ").map(String::from).collect::<Vec<_>>()];
    let scores = measure.composition.pages.iter().map(|page| page.score.to_string());
    let pages = measure.pages.iter().map(|page| row(page, report));
    rows.extend(pages.zip(scores).map(|(row, score)| [row, vec![score]].concat()));
    let mut lines = vec![report.sentence("measure-head", &head)];
    lines.extend(aligned(&rows));
    for page in &measure.pages {
        lines.extend(page.rules.iter().map(|rule| {
            let facts = [
                ("page", page.page.to_string()),
                ("y", unit(rule.y)),
                ("x", unit(rule.x)),
                ("length", unit(rule.length)),
                ("weight", unit(rule.weight)),
            ];
            report.sentence("measure-rule", &facts)
        }));
    }
    lines.extend(measure.findings.iter().map(|finding| sentence(finding, report)));
    if measure.findings.is_empty() {
        lines.push(report.word("measure-clean"));
    }
    lines.join("\n") + "\n\n"
}

fn row(page: &PageMeasure, report: &Report) -> Vec<String> {
    vec![
        page.page.to_string(),
        page.lines.to_string(),
        if page.full { report.word("measure-full") } else { "-".into() },
        page.characters.map_or("-".into(), |n| n.to_string()),
        optional(page.first_line_top, bare),
        optional(page.last_line_bottom, bare),
        bare(page.baseline_off),
        bare(page.type_area_left),
        page.page_number.clone().unwrap_or("-".into()),
    ]
}

/// Pads cells so that columns line up; a Han character is two columns wide.
pub fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let width = |cell: &str| (ems(cell) * 2.0) as usize;
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(widest).collect();
    let line = |row: &Vec<String>| {
        let pad = |(cell, wide): (&String, &usize)| {
            format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell))))
        };
        row.iter().zip(&widths).map(pad).collect::<Vec<_>>().join(" | ").trim_end().to_string()
    };
    rows.iter().map(line).collect()
}

fn sentence(finding: &Finding, report: &Report) -> String {
    let text: String = finding.text.chars().take(16).collect();
    let facts = [
        ("text", text),
        ("off", optional(finding.off, unit)),
        ("count", finding.count.map_or("-".into(), |n| n.to_string())),
    ];
    let message = report.sentence(finding.rule.id(), &facts);
    let strength = format!("strength-{}", finding.strength.name());
    let clause = finding.clause.unwrap_or_default().to_string();
    let strength = report.sentence(&strength, &[("clause", clause)]);
    report.sentence(
        "measure-finding",
        &[
            ("page", finding.page.to_string()),
            ("rule", finding.rule.id().to_string()),
            ("message", message),
            ("strength", strength),
        ],
    )
}

fn optional(length: Option<Length>, say: fn(Length) -> String) -> String {
    length.map_or("-".into(), say)
}

/// A length without units, for a column whose head names them.
fn bare(length: Length) -> String {
    format!("{:.2} ({:.2})", length.mm(), length.0)
}

fn unit(length: Length) -> String {
    length.to_string()
}
