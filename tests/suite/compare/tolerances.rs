//! Tolerances and regions that a publication sets.

use super::{LONG, PNG, approved, approved_as, box_of, finds, of_kind};
use crate::support::PUBLICATION;

#[test]
fn a_region_hides_only_what_lies_in_it() {
    let project = approved();
    // A box around the middle of the masthead's rule, and of nothing else.
    project.change("layouts/shared/system.typ", "masthead: 2pt", "masthead: 4pt");
    let rule = box_of(of_kind(&project.compared("p/2026-2"), "rule-weight"), "now");
    let area = format!("[95.0, {}, 20.0, {}]", rule[0] - 3.0, rule[1] + 6.0);
    let ignored = format!("[compare]\n[[compare.regions]]\nbox = {area}\nignore = true\n");
    project.publication(&ignored);
    finds(&project.compared("p/2026-2"), "rule-weight", "thick");
    project.publication(&ignored.replace("[95.0", "[0.0").replace("20.0", "210.0"));
    project.run(&["compare"]).exit(0);
}

#[test]
fn what_may_differ_may_differ_whatever_it_is_called() {
    let project = approved();
    let is_same = |compare: &str| {
        project.publication(&format!("[compare]\n{compare}"));
        project.compared("p/2026-2")["status"] == "same"
    };
    let region =
        |name: &str, allowed: &str| format!("[[compare.regions]]\nname = \"{name}\"\n{allowed}\n");
    // A changed character: tolerances for its area and likeness.
    project.change("issues/p/2026-2.toml", "部署", "布署");
    assert!(!is_same(""));
    assert!(!is_same("area = 1.0\n") && is_same("area = 30.0\n"));
    assert!(!is_same("likeness = 1.0\n") && !is_same("likeness = 0.99\n"));
    assert!(is_same("likeness = 0.1\n"));
    assert!(is_same("colour = 1.0\narea = 1000000\nmoved = 1000\nlikeness = 0\n"));
    assert!(!is_same(&region("date", "area = 10000\ncolour = 1\nlikeness = 0")));
    // A changed date, which is a region of its own.
    project.file("issues/p/2026-2.toml", LONG.replace("2026-01-12", "2026-01-13"));
    assert!(!is_same(""));
    assert!(is_same(&region("date", "area = 10000\ncolour = 1\nlikeness = 0")));
    assert!(is_same(&region("date", "area = 30")) && !is_same(&region("date", "area = 0.5")));
    assert!(!is_same(&region("date", "likeness = 0.9999")));
    // A line that moved, and a rule.
    project.file("issues/p/2026-2.toml", LONG);
    let (from, to) = ("bottom + left, block(", "bottom + left, dy: 0.5mm, block(");
    project.change("layouts/shared/masthead.typ", from, to);
    assert!(!is_same("moved = 0.4\n") && is_same("moved = 0.6\n"));
    assert!(!is_same("area = 1000\nmoved = 0.4\n"), "what moved is said however little it is");
    assert!(is_same(&region("masthead", "moved = 0.6")));
    assert!(!is_same(&region("imprint", "moved = 0.6")));
}

/// Regions in pages as PNG: a difference inside a region is reported.
#[test]
fn what_differs_in_a_region_is_shown() {
    let project = approved_as(PNG);
    let region =
        |name: &str, allowed: &str| format!("[[compare.regions]]\nname = \"{name}\"\n{allowed}\n");
    project.change("layouts/shared/system.typ", "#e8442a", "#c8442a");
    project.publication(&format!("{PNG}{}", region("masthead", "moved = 1.0")));
    let found = project.compared("p/2026-2");
    finds(&found, "appearance", "mm from the top");
    assert!(found["pages"][0]["area"].as_f64().is_some_and(|area| area > 10.0), "{found:#}");
    project.change("layouts/shared/system.typ", "#c8442a", "#e8442a");
    // An ignored region does not count as a difference of a larger region around it.
    project.change("issues/p/2026-2.toml", "2026-01-12", "2026-01-13");
    let masthead = region("masthead", "colour = 0.02");
    let date = region("date", "ignore = true");
    project.publication(&format!("{PNG}{masthead}"));
    assert_eq!(project.compared("p/2026-2")["status"], "differs");
    for both in [format!("{masthead}{date}"), format!("{date}{masthead}")] {
        project.publication(&format!("{PNG}{both}"));
        assert_eq!(project.compared("p/2026-2")["status"], "same", "{both}");
    }
}

#[test]
fn regions_are_left_out_where_a_publication_says_so() {
    let project = approved();
    let regions = "[compare]\n[[compare.regions]]\nname = \"date\"\nignore = true\n[[compare.regions]]\nname = \"number\"\nignore = true\n";
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{regions}"));
    project.change("issues/p/2026-2.toml", "2026-01-12", "2026-01-13");
    project.run(&["compare"]).exit(0);
    project.file("issues/p/publication.toml", PUBLICATION);
    finds(&project.compared("p/2026-2"), "text-changed", "“2” → “3”");
    let wrong = "[compare]\ncolour = 2.0\n[[compare.regions]]\nignore = true\n";
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{wrong}"));
    project.run(&["compare"]).exit(1).says("value-range");
    project.file(
        "issues/p/publication.toml",
        format!("{PUBLICATION}{}", &wrong.replace("2.0", "0.5")),
    );
    project.run(&["compare"]).exit(1).says("region-place");
}
