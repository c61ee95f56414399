//! Good issues, changed at random → a PDF or findings, and never anything else.

use std::path::Path;

use fastrand::Rng;

use crate::machine::{Attack, Place, is_long};

/// What a hostile hand puts into an issue.
const WORDS: [&str; 24] = [
    "'''",
    "\"\"\"",
    "\"",
    "[[articles]]\n",
    "[[sections]]\n",
    "=",
    "{",
    "}",
    "[",
    "]",
    "\\u4e00",
    "\r\n",
    "**",
    "^[",
    "|",
    "|---|",
    "- ",
    "\u{202e}",
    "\u{200b}",
    "\u{0}",
    "\u{fffe}",
    "\u{301}\u{301}\u{301}",
    "1-2",
    "#",
];

fn change(rng: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seeds[rng.usize(..seeds.len())].clone();
    for _ in 0..rng.usize(1..6) {
        let at = rng.usize(..=input.len());
        let end = (at + rng.usize(..60)).min(input.len());
        match rng.u8(..6) {
            0 if at < input.len() => input[at] = rng.u8(..),
            1 => drop(input.drain(at..end)),
            2 => {
                let piece = input[at..end].to_vec();
                input.splice(at..at, piece);
            }
            3 => {
                let word = WORDS[rng.usize(..WORDS.len())].repeat(rng.usize(1..40));
                input.splice(at..at, word.bytes());
            }
            4 => {
                let other = &seeds[rng.usize(..seeds.len())];
                let from = rng.usize(..=other.len());
                let to = (from + rng.usize(..300)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            _ => input.splice(at..at, WORDS[rng.usize(..WORDS.len())].bytes()).for_each(drop),
        }
    }
    input
}

#[test]
fn issues_changed_at_random() {
    let mut attack = Attack::new("mutated issues");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read(root.join(path)).expect("a sample");
    let seeds = [
        "issues/fugong/2014-16.toml",
        "issues/keji/2026-1.toml",
        "issues/keji/2026-2.toml",
        "tests/fuzz/toml/whole.toml",
        "tests/fuzz/toml/escapes.toml",
    ]
    .map(read);
    let (rounds, many) = if is_long() { (64, 100) } else { (4, 60) };
    for round in 0..rounds {
        let place = Place::new();
        let mut rng = Rng::with_seed(round);
        for n in 1..=many {
            place.file(&format!("project/issues/p/2026-{n}.toml"), change(&mut rng, &seeds));
        }
        let ended = place.run(["build", "-q", "--report", "report.json"]);
        let input = format!("round {round}");
        attack.ran(&input, &ended);
        let report = std::fs::read(place.path("project/report.json")).unwrap_or_default();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap_or_default();
        let empty = Vec::new();
        let issues = report["issues"].as_array().unwrap_or(&empty);
        if issues.len() != many {
            attack.wrong(&input, &format!("{} of {many} issues in the report", issues.len()));
        }
        for issue in issues {
            attack.tried();
            let name = format!("{input}, {}", issue["issue"]);
            let findings = issue["findings"].as_array().unwrap_or(&empty);
            let errors = findings.iter().filter(|found| found["severity"] == "error").count();
            let pdf = place.path("project").join(issue["output"].as_str().unwrap_or_default());
            match (issue["status"].as_str(), std::fs::read(pdf)) {
                (Some("built"), Ok(pdf)) if pdf.starts_with(b"%PDF") && errors == 0 => {}
                (Some("failed"), Err(_)) if errors > 0 => {}
                (status, _) => attack.wrong(&name, &format!("{status:?} with {errors} errors")),
            }
            if findings.iter().any(|found| found["rule"] == "too-slow") {
                attack.wrong(&name, "too slow");
            }
        }
    }
}
