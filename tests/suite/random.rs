//! Random issues → PDFs in which no text is lost, overlaps or leaves the type area.
//!
//! `JIANBAO_CASES` sets the number of cases (300), `JIANBAO_SEED` the first seed (0). A failure
//! names its seed and keeps its project.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use jianbao::diag::{Code, Diagnostic, Severity};
use jianbao::issue::body::heading_level;
use jianbao::page::measure::Finding;
use jianbao::pipeline::{Session, Typeset};
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::{IssuePath, Project};

use crate::support::{TempProject, pdf_text, root, without_blanks};

const HAN: &str =
    "一二三四五六七八九十市县乡村妇女工作基层组织建设服务发展创新推进落实会议干部群众";
/// The caption of a table on its side.
const LANDSCAPE: &str = "横行题目";
const MARKS: [&str; 8] = ["，", "。", "、", "；", "“甲乙”", "（丙）", "《丁戊》", "――"];
const WORDS: [&str; 8] =
    ["1855个", "3136.86万元", "50.27%", "买·提", "35－64岁", "O2O", "……", "第16期"];
/// The rules that hold on every page, whatever its text. A masthead of every mark and a long name,
/// which is never smaller than 30 pt, takes more than a third.
const ALWAYS: [Code; 9] = [
    Code::TypeArea,
    Code::BaselineGrid,
    Code::Overlap,
    Code::MastheadRule,
    Code::ImprintPlace,
    Code::ImprintRule,
    Code::PageNumber,
    Code::MarkAtEdge,
    Code::HeadingAtFoot,
];

/// A number from 1 to `most`; small ones as often as large ones.
fn some(rng: &mut Rng, most: usize) -> usize {
    ((most as f64).powf(rng.f64())).round() as usize
}

fn sentence(rng: &mut Rng, characters: usize) -> String {
    let han: Vec<char> = HAN.chars().collect();
    let mut text = String::new();
    for at in 0..characters {
        text.push(han[rng.usize(..han.len())]);
        if at > 0 && rng.u8(..8) == 0 {
            text.push_str(MARKS[rng.usize(..MARKS.len())]);
        } else if rng.u8(..20) == 0 {
            text.push_str(WORDS[rng.usize(..WORDS.len())]);
        } else if rng.u8(..20) == 0 {
            text.push_str(&rng.u32(..100_000).to_string());
        }
    }
    text
}

/// The first characters of a text, without an opening mark at the end.
fn start(text: &str, characters: usize) -> String {
    let start: String = text.chars().take(characters).collect();
    start.trim_end_matches(['“', '（', '《']).to_string()
}

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

/// An issue as TOML, and the pieces of text that its PDF must contain.
#[derive(Default)]
struct Issue {
    toml: String,
    /// In the order of the text.
    pieces: Vec<String>,
    /// In tables on their side, which have pages of their own.
    apart: Vec<String>,
    /// In attachments, after all articles.
    last: Vec<String>,
}

impl Issue {
    fn new(rng: &mut Rng) -> Self {
        let mut issue = Issue { toml: "number = 1\ndate = 2026-01-05\n".into(), ..Self::default() };
        for (key, length) in [("meeting", 10), ("label", 2), ("issuer", 20), ("notice", 8)] {
            if rng.bool() {
                let text = sentence(rng, length);
                issue.say(key, &text);
            }
        }
        if rng.bool() {
            issue.toml.push_str("classification = { level = '秘密', period = '1年' }\n");
            issue.toml.push_str("urgency = '特急'\ncopy_number = 17\n");
        }
        let mut articles = some(rng, 40);
        let mut characters = some(rng, 30_000);
        while articles > 0 {
            issue.toml.push_str("[[sections]]\n");
            let length = rng.usize(1..8);
            let name = sentence(rng, length);
            issue.piece("name", name);
            for _ in 0..some(rng, articles) {
                let share = rng.usize(..=characters * 2 / articles).min(characters);
                issue.article(rng, share);
                characters -= share;
                articles -= 1;
            }
        }
        issue.pieces.append(&mut issue.last);
        issue
    }

    fn say(&mut self, key: &str, text: &str) {
        writeln!(self.toml, "{key} = '{text}'").expect("a string can be written");
    }

    fn piece(&mut self, key: &str, text: String) {
        self.say(key, &text);
        self.pieces.push(text);
    }

    fn article(&mut self, rng: &mut Rng, characters: usize) {
        self.toml.push_str("[[sections.articles]]\n");
        let length = some(rng, 60);
        let title = sentence(rng, length);
        self.piece("title", title);
        if rng.bool() {
            let length = some(rng, 50);
            let subtitle = sentence(rng, length);
            self.piece("subtitle", subtitle);
        }
        if rng.u8(..4) == 0 {
            let length = some(rng, 200);
            let note = sentence(rng, length);
            self.piece("editors_note", note);
        }
        let attached = rng.u8(..12) == 0;
        let notes = self.body(rng, characters);
        let length = some(rng, 40);
        let attachment = sentence(rng, length);
        // The source ends the text; then come the names of attachments, and the notes.
        if rng.bool() {
            let length = some(rng, 40);
            let source = sentence(rng, length);
            self.piece("source", source);
        }
        if attached {
            self.pieces.push(attachment.clone());
        }
        self.pieces.extend(notes);
        if attached {
            self.toml.push_str("[[sections.articles.attachments]]\n");
            self.say("title", &attachment);
            let text = sentence(rng, 100);
            self.say("body", &text);
            self.last.extend([attachment, text]);
        }
    }

    /// Adds a body of about `characters` characters; returns the texts of its notes.
    fn body(&mut self, rng: &mut Rng, characters: usize) -> Vec<String> {
        self.toml.push_str("body = '''\n");
        let mut notes = Vec::new();
        let mut left = characters.max(1);
        while left > 0 {
            let length = some(rng, 600).min(left);
            left -= length;
            let text = sentence(rng, length);
            // A paragraph that begins like a heading would become one: escape it.
            if heading_level(&text).is_some() {
                self.line(&format!("\\{text}"), text);
                continue;
            }
            match rng.u8(..24) {
                0..2 => self.line(&format!("- {text}"), text),
                2 => {
                    let heading = start(&text, 20).replace('。', "");
                    let number = one(rng, &["一、", "（二）", "3.", "（4）"]);
                    self.line(&format!("{number}{heading}"), heading);
                }
                3 => self.table(rng, &text),
                4 => self.line(&format!("**{text}。**{text}"), format!("{text}。{text}")),
                5 => {
                    let note = sentence(rng, 30);
                    self.line(&format!("{text}^[{note}]"), text);
                    notes.push(note);
                }
                6 if rng.u8(..3) == 0 => {
                    let caption = start(&text, 20);
                    self.line(&format!("![{caption}](a.png)"), caption);
                }
                7 => self.line(&format!("甲*{text}*乙"), format!("甲{text}乙")),
                _ => self.line(&text, text.clone()),
            }
        }
        self.toml.push_str("'''\n");
        notes
    }

    fn line(&mut self, written: &str, printed: String) {
        writeln!(self.toml, "{written}").expect("a string can be written");
        self.pieces.push(printed);
    }

    fn table(&mut self, rng: &mut Rng, text: &str) {
        let landscape = rng.u8(..4) == 0;
        let rows = some(rng, 60);
        let (title, lies) = if landscape { (LANDSCAPE, " | 横排") } else { ("题目", "") };
        writeln!(self.toml, "|+ {title}{lies}\n| 甲 | 乙 |\n|---|---|").expect("a string");
        let cell = start(text, 100);
        for row in 0..rows {
            // Texts that are searched apart must be unique.
            let row = if landscape {
                format!("横行{row}-{}", self.apart.len())
            } else {
                row.to_string()
            };
            writeln!(self.toml, "| {row} | {cell} |").expect("a string can be written");
            let pieces = if landscape { &mut self.apart } else { &mut self.pieces };
            pieces.push(format!("{row}{cell}"));
        }
        self.toml.push('\n');
    }
}

/// A publication with any layout and any value of every option.
fn publication(rng: &mut Rng) -> String {
    let length = rng.usize(2..14);
    let mut name = sentence(rng, length).replace('―', "");
    if rng.u8(..4) == 0 {
        name.push_str("|工作简报");
    }
    let mut toml = format!("name = '{name}'\nissuer = '某某办公室'\n");
    if rng.bool() {
        toml.push_str("organization = '某某市某某委员会'\n");
    }
    let layout = one(rng, &["official", "official", "cover", "columns"]);
    writeln!(toml, "layout = '{layout}'\ncopy_fit = {}\n[options]", rng.u8(..4) > 0)
        .expect("a string can be written");
    let manifest = root().join("layouts/official/layout.toml");
    let manifest = std::fs::read_to_string(manifest).expect("the layout's manifest");
    let manifest: toml::Table = toml::from_str(&manifest).expect("it is TOML");
    for (option, declared) in manifest["options"].as_table().expect("options") {
        let value = match (&declared["default"], declared.get("choices")) {
            (toml::Value::Boolean(_), _) => rng.bool().to_string(),
            (_, Some(choices)) => {
                let choices = choices.as_array().expect("a list");
                choices[rng.usize(..choices.len())].to_string()
            }
            (default, None) => default.to_string(),
        };
        writeln!(toml, "{option} = {value}").expect("a string can be written");
    }
    toml.push_str("[imprint]\n");
    for list in ["report_to", "send_to", "distribute_to", "also_to"] {
        if rng.u8(..4) > 0 {
            let units: Vec<String> =
                (0..some(rng, 12)).map(|_| format!("'{}'", sentence(rng, 8))).collect();
            writeln!(toml, "{list} = [{}]", units.join(", ")).expect("a string can be written");
        }
    }
    if rng.bool() {
        toml.push_str("editor = '王某某'\nreviewer = '李某某'\nprint_run = 120\n");
    }
    toml
}

/// Typesets one random issue of a publication of its own. Lost text is an error, and so is a page
/// that breaks a rule.
fn try_one(seed: u64, session: &Session) -> Result<(), String> {
    let mut rng = Rng::with_seed(seed);
    let issue = Issue::new(&mut rng);
    let publication_id = seed.to_string();
    let at = session.project.publication(&publication_id);
    std::fs::create_dir_all(&at).expect("a folder");
    let path = at.join("2026-1.toml");
    std::fs::write(at.join("publication.toml"), publication(&mut rng)).expect("a file");
    std::fs::write(&path, &issue.toml).expect("a file");
    let picture = root().join("issues/keji/pictures/activities-2021-2025.png");
    std::fs::copy(picture, at.join("a.png")).expect("a picture");
    let issue_path = IssuePath { publication: publication_id, stem: "2026-1".into(), path };
    let made = session.typeset(&issue_path);
    let floats =
        |typeset: &Typeset| typeset.manuscript.fit.blocks.values().any(|block| block.float);
    let made = made.then(|typeset| {
        let floats = floats(&typeset);
        typeset.pdf().map(|pdf| (pdf, typeset.measured, floats))
    });
    let harm = |d: &&Diagnostic| d.severity == Severity::Error || d.code == Code::Typesetting;
    let harm: Vec<&Diagnostic> = made.diagnostics.iter().filter(harm).collect();
    let Some((pdf, measure, floats)) = made.value.filter(|_| harm.is_empty()) else {
        return Err(format!("{harm:?}"));
    };
    let mut text = without_blanks(&pdf_text(&pdf.bytes));
    // A sideways table has the next page, and the text around it continues elsewhere: take the
    // table's pieces out first.
    for piece in &issue.apart {
        let Some(at) = text.find(piece.as_str()) else { return Err(format!("{piece} is lost")) };
        text.replace_range(at..at + piece.len(), "");
    }
    let text = text.replace(&format!("{LANDSCAPE}（续）"), LANDSCAPE);
    let text = text.replace(&format!("{LANDSCAPE}甲乙"), "");
    let mut rest = text.as_str();
    for piece in &issue.pieces {
        // Where a table lets the text behind it come up, or waits for one on its side, the account of
        // the pages proves the order.
        if floats || !issue.apart.is_empty() {
            break;
        }
        // Pieces must follow one another in order: search after the last one.
        let Some(at) = rest.find(piece.as_str()) else { return Err(format!("{piece} is lost")) };
        rest = &rest[at + piece.len()..];
    }
    // Behind a table on its side a single line may be all that can follow a title.
    let holds = |f: &&Finding| issue.apart.is_empty() || f.rule != Code::HeadingAtFoot;
    let broken = measure.findings.iter().filter(|f| ALWAYS.contains(&f.rule)).filter(holds);
    let broken: Vec<String> = broken.map(in_short).collect();
    if !broken.is_empty() {
        return Err(broken.join("; "));
    }
    std::fs::remove_dir_all(at).expect("the case is done");
    Ok(())
}

/// A broken rule in few words.
fn in_short(finding: &Finding) -> String {
    let Finding { rule, page, off, count, text, .. } = finding;
    let off = off.map_or(String::new(), |off| format!(" by {off}"));
    let count = count.map_or(String::new(), |count| format!(" ({count})"));
    format!("page {page}: {rule:?}{off}{count} {text}")
}

#[test]
fn random_issues_keep_their_text_in_its_place() {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let first: u64 = number("JIANBAO_SEED").unwrap_or(0);
    let end = first + number("JIANBAO_CASES").unwrap_or(300);
    let project = TempProject::new();
    let found = Project::find(project.folder.path()).expect("a project");
    let session = Session::open(found, &FontPaths::default()).expect("a session");
    let next = AtomicU64::new(first);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let mut failures = Vec::new();
            while failures.len() < 3 {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end {
                    break;
                }
                if let Err(error) = try_one(seed, &session) {
                    failures.push(format!("seed {seed}: {error}"));
                }
            }
            failures
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no case panics")).collect()
    });
    if !failures.is_empty() {
        let kept = project.folder.keep();
        panic!("the projects are in {}\n{}", kept.display(), failures.join("\n"));
    }
}
