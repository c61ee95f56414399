//! `measure`: issues → what a ruler finds on their pages.

use std::collections::BTreeMap;

use jianbao::measure::{Finding, Measure, PageMeasure, Strength};

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
        let measured = session.measure(issue);
        report.diagnostics(&measured.diagnostics);
        match measured.value {
            Some(measure) => {
                measures.insert(format!("{}/{}", issue.publication, issue.stem), measure);
            }
            None => exit = Exit::IssueErrors,
        }
    }
    let text = match args.format {
        Format::Json => {
            serde_json::to_string_pretty(&measures).expect("measures are plain JSON") + "\n"
        }
        Format::Human => measures.iter().map(|(issue, m)| table(issue, m, report)).collect(),
    };
    report.data(&text);
    let broken = |m: &Measure| {
        m.findings.iter().any(|f| matches!(f.strength, Strength::Must | Strength::Usual))
    };
    if measures.values().any(broken) { Exit::IssueErrors } else { exit }
}

fn table(issue: &str, measure: &Measure, report: &Report) -> String {
    let head = [
        ("issue", issue.to_string()),
        ("masthead", mm(measure.masthead_height)),
        ("imprint", mm(measure.imprint_bottom)),
    ];
    let mut lines = vec![report.sentence("measure-head", &head), report.word("measure-columns")];
    lines.extend(measure.pages.iter().map(row));
    lines.extend(measure.findings.iter().map(|finding| sentence(finding, report)));
    if measure.findings.is_empty() {
        lines.push(report.word("measure-clean"));
    }
    lines.join("\n") + "\n\n"
}

fn row(page: &PageMeasure) -> String {
    [
        page.page.to_string(),
        page.lines.to_string(),
        if page.full { "✓" } else { "-" }.to_string(),
        page.characters.map_or("-".into(), |n| n.to_string()),
        mm(page.first_line_top),
        mm(page.last_line_bottom),
        mm(Some(page.baseline_off)),
        page.page_number.clone().unwrap_or("-".into()),
    ]
    .join(" | ")
}

fn sentence(finding: &Finding, report: &Report) -> String {
    let text: String = finding.text.chars().take(16).collect();
    let off = format!("{:.2}", finding.off);
    let off = off.strip_suffix(".00").unwrap_or(&off).to_string();
    let message = report.sentence(finding.rule.id(), &[("text", text), ("off", off)]);
    let strength = match finding.strength {
        Strength::Must => "strength-must",
        Strength::Usual => "strength-usual",
        Strength::Advised => "strength-advised",
        Strength::Practice => "strength-practice",
    };
    let clause = finding.clause.unwrap_or_default().to_string();
    let strength = report.sentence(strength, &[("clause", clause)]);
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

fn mm(length: Option<f64>) -> String {
    length.map_or("-".into(), |length| format!("{length:.2}"))
}
