//! `rules`: → all rules with their severity.

use jianbao::diag::rules::{self, Rule};
use jianbao::diag::show;

use super::Exit;
use super::args::Format;
use super::report::Report;

/// Lists all rules, group by group.
pub fn rules(format: Format, report: &mut Report) -> Exit {
    if format == Format::Json {
        report.json(&show::json::rules(&report.catalogue));
        return Exit::Done;
    }
    let mut lines = Vec::new();
    let mut group = None;
    for rule in rules::all() {
        if group.replace(rule.group) != Some(rule.group) {
            lines.push(format!("\n{}", report.word(&format!("group-{}", rule.group.name()))));
            lines.push(report.word("rules-head"));
        }
        lines.push(row(&rule, report));
    }
    report.print(&format!("{}\n", lines.join("\n").trim_start()));
    Exit::Done
}

fn row(rule: &Rule, report: &Report) -> String {
    let id = rule.code.id();
    let mut level = report.word(&format!("severity-{}", rule.severity.name()));
    if rule.fixed {
        level = format!("{level} ({})", report.word("rules-fixed"));
    }
    let strength = report.word(&format!("strength-{}-name", rule.strength.name()));
    let strength = match rule.clause {
        Some(clause) => format!("{strength} {clause}"),
        None => strength,
    };
    let catalogue = &report.catalogue;
    let words = [catalogue.attribute(id, "reason"), catalogue.attribute(id, "example")];
    [id, &level, &strength, &words[0], &words[1]].join(" | ")
}
