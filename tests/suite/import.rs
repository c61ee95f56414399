//! Back issues come in: the seed, a corpus with golden labels, hostile files, whole folders.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use jianbao::import::{Facts, reader, recognise};
use jianbao::import::write::Head;
use jianbao::issue::{Date, Number};
use serde_json::Value as Json;

use crate::support::{root, without_blanks};

/// The kinds of text whose recognition is measured.
const KINDS: [&str; 6] = ["section", "title", "subtitle", "source", "body", "imprint"];

fn head() -> Head {
    Head {
        origin: String::new(),
        number: Number::Regular(1),
        serial: None,
        date: Date { year: 2026, month: 1, day: 5 },
        number_note: None,
        date_note: None,
    }
}

/// What an import found, by kind, without blanks.
fn found(path: &Path) -> Result<BTreeMap<&'static str, Vec<String>>, String> {
    let facts = Facts { id: "p".into(), ..Facts::default() };
    let (source, _) = reader::read(path).map_err(|error| error.to_string())?;
    let recognised = recognise(source, &facts).map_err(|error| error.to_string())?;
    let toml = recognised.toml(&head(), &facts).map_err(|error| error.to_string())?;
    let issue: toml::Table = toml.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let mut found: BTreeMap<&str, Vec<String>> = KINDS.iter().map(|kind| (*kind, Vec::new())).collect();
    let text = |value: &toml::Value| value.as_str().map(without_blanks).unwrap_or_default();
    let mut add = |kind: &'static str, text: String| {
        if !text.is_empty() {
            found.get_mut(kind).expect("a kind").push(text);
        }
    };
    let list = |table: &toml::Table, key: &str| table.get(key).and_then(|v| v.as_array().cloned()).unwrap_or_default();
    let mut articles = list(&issue, "articles");
    for section in list(&issue, "sections") {
        add("section", text(&section["name"]));
        articles.extend(list(section.as_table().expect("a table"), "articles"));
    }
    for article in &articles {
        let article = article.as_table().expect("a table");
        let get = |key: &str| article.get(key).map(&text).unwrap_or_default();
        // A title that the program made stands under its comment.
        let made = format!("# 待核：原文没有标题\ntitle = \"{}\"", article["title"].as_str().unwrap_or_default());
        if !toml.contains(&made) {
            add("title", get("title").replace('|', ""));
        }
        add("subtitle", get("subtitle").replace('|', ""));
        let authors: String = list(article, "authors").iter().map(&text).collect();
        add("source", format!("{}{}{authors}", get("source"), get("contributor")).replace(['、', '，'], ""));
        let body = article["body"].as_str().unwrap_or_default();
        let mut table = String::new();
        for line in body.lines().chain([""]) {
            if line.starts_with('|') {
                table.push_str(line);
                table.push('\n');
                continue;
            }
            add("body", jianbao::import::ledger::body_text(&std::mem::take(&mut table)));
            add("body", jianbao::import::ledger::body_text(line));
        }
    }
    let imprint = issue.get("imprint").and_then(|v| v.as_table().cloned()).unwrap_or_default();
    for (key, value) in &imprint {
        let words = match value {
            toml::Value::Array(units) => units.iter().map(&text).collect(),
            value => text(value),
        };
        // The golden line of a count or a person is found by what it says.
        add("imprint", if key == "print_run" { value.to_string() } else { words });
    }
    Ok(found)
}

/// The corpus's files, by their names.
fn corpus(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the corpus");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "json") && path.is_file());
    files.sort();
    files
}

/// How many of what was found is right, was found, and should have been.
#[derive(Default, Clone, Copy)]
struct Score {
    right: usize,
    found: usize,
    golden: usize,
}

impl Score {
    fn precision(self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }

    fn recall(self) -> f64 {
        self.right as f64 / self.golden.max(1) as f64
    }
}

/// Measures a folder against its golden labels; prints the figures and each miss.
fn measure(folder: &str) -> BTreeMap<&'static str, Score> {
    let mut scores: BTreeMap<&str, Score> = KINDS.iter().map(|kind| (*kind, Score::default())).collect();
    let mut out = std::io::stderr();
    for path in corpus(folder) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let golden = path.with_file_name(format!("{name}.golden.json"));
        let golden = std::fs::read_to_string(&golden).unwrap_or_else(|_| panic!("{golden:?}"));
        let golden: Json = serde_json::from_str(&golden).expect("JSON");
        let found = found(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        for kind in KINDS {
            let want = golden[kind].as_array().expect("a list").iter();
            let want: Vec<String> = want.map(|text| text.as_str().unwrap_or_default().into()).collect();
            let mut left = found[kind].clone();
            let score = scores.get_mut(kind).expect("a kind");
            (score.golden, score.found) = (score.golden + want.len(), score.found + left.len());
            for text in &want {
                match left.iter().position(|found| found == text) {
                    Some(at) => {
                        left.remove(at);
                        score.right += 1;
                    }
                    None => drop(writeln!(out, "  {name}: {kind} missed: {:.40}", short(text))),
                }
            }
            for text in left {
                drop(writeln!(out, "  {name}: {kind} wrong: {:.40}", short(&text)));
            }
        }
    }
    for (kind, score) in &scores {
        let (precision, recall) = (score.precision(), score.recall());
        drop(writeln!(out, "{folder} {kind}: precision {precision:.3} recall {recall:.3} of {}", score.golden));
    }
    scores
}

fn short(text: &str) -> String {
    text.chars().take(36).collect()
}

#[test]
fn the_corpus_is_recognised() {
    assert!(corpus("tests/import").len() >= 30);
    for (kind, score) in measure("tests/import") {
        assert!(score.precision() >= 0.95, "{kind}: precision {}", score.precision());
        assert!(score.recall() >= 0.95, "{kind}: recall {}", score.recall());
    }
}

/// Written after the weights were set and measured before any further change: see ARCHITECTURE.md.
#[test]
fn files_that_nothing_was_tuned_for_are_measured_too() {
    measure("tests/import/held-out");
}
