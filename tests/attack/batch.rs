//! A batch with hostile issues → the others come out as if the hostile ones were not there.

use std::collections::BTreeMap;
use std::path::Path;

use crate::machine::{Attack, ISSUE, Place};

const GOOD: usize = 290;

/// The PDFs of the good issues.
fn pdfs(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let folder = std::fs::read_dir(place.path("project/out/p")).expect("PDFs");
    let pdf = |path: &Path| std::fs::read(path).expect("a PDF");
    folder
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), pdf(&entry.path())))
        .filter(|(name, _)| !name.contains("-s") && !name.contains("9999"))
        .collect()
}

#[test]
fn ten_hostile_issues_cost_only_themselves() {
    let mut attack = Attack::new("a batch of 300 with 10 hostile issues");
    let place = Place::new();
    // The limits of an issue do not bound what a layout asks for.
    place.file(
        "project/layouts/greedy/layout.toml",
        "title = \"占内存\"\nversion = \"1.0.0\"\nbase = \"official\"\n",
    );
    place.file(
        "project/layouts/greedy/main.typ",
        "#import \"/layouts/official/main.typ\": bulletin\n\
         #let issue(data) = {\n  if \"9999\" in data.masthead.number { let all = range(400000000).len() }\n  bulletin(data)\n}\n",
    );
    place.file(
        "project/issues/p/publication.toml",
        "name = \"工作简报\"\nissuer = \"某某办公室\"\nlayout = \"greedy\"\n",
    );
    for n in 1..=GOOD {
        let text = ISSUE.replace("number = 1", &format!("number = {n}"));
        place.file(
            &format!("project/issues/p/2026-{n}.toml"),
            text.replace("正文", &format!("第{n}篇正文")),
        );
    }
    let alone = place.run(["build", "-q"]);
    attack.ran("290 good issues", &alone);
    let before = pdfs(&place);
    std::fs::remove_dir_all(place.path("project/out")).expect("the PDFs");
    let body = |text: &str| ISSUE.replace("正文一段。", text);
    let hostile = [
        ISSUE.replace("number = 1", "number = 9999"),
        ISSUE.replace("number = 1", "number = 9999").replace("标题", "题"),
        body(&format!("e{}", "\u{301}".repeat(200_000))),
        body(&format!("ga{}", "\u{3099}".repeat(200_000))),
        body(&format!(
            "|{}\n|{}\n{}",
            " a |".repeat(500),
            "---|".repeat(500),
            format!("|{}\n", " a |".repeat(500)).repeat(100)
        )),
        body(&"- 一\n".repeat(50_000)),
        body(&"a".repeat(900_000)),
        body(&"字^[注]".repeat(60_000)),
        "number = ".into(),
        body(&"**强*".repeat(100_000)),
    ];
    for (at, text) in hostile.iter().enumerate() {
        // Between the others, so that every worker meets some.
        place.file(&format!("project/issues/p/2026-s{}.toml", at + 1), text);
    }
    let ended = place.run(["build", "-q", "--report", "report.json"]);
    attack.ran("with 10 hostile ones", &ended);
    if ended.code() != Some(1) {
        attack.wrong("the batch", &format!("exit code {:?}: {}", ended.code(), ended.stderr));
    }
    if !ended.stderr.contains("memory") {
        attack.wrong("the greedy layout", "its memory is not named");
    }
    if pdfs(&place) != before {
        attack.wrong("the batch", "the other 290 are not the same");
    }
}
