//! Random issues: no text is lost, none overlaps, none leaves the type area.
//!
//! `JIANBAO_CASES` sets how many are tried; the seed of a failing one is said.

use fastrand::Rng;
use jianbao::fonts::FontPaths;
use jianbao::measure::PageRule;
use jianbao::pipeline::Session;
use jianbao::project::Project;

use crate::support::{TempProject, pdf_text, without_blanks};

const HAN: &str =
    "一二三四五六七八九十市县乡村妇女工作基层组织建设服务发展创新推进落实会议干部群众";
const MARKS: [&str; 8] = ["，", "。", "、", "；", "“甲乙”", "（丙）", "《丁戊》", "――"];

fn sentence(rng: &mut Rng, characters: usize) -> String {
    let han: Vec<char> = HAN.chars().collect();
    let mut text = String::new();
    for at in 0..characters {
        text.push(han[rng.usize(..han.len())]);
        if at > 0 && rng.u8(..8) == 0 {
            text.push_str(MARKS[rng.usize(..MARKS.len())]);
        } else if rng.u8(..20) == 0 {
            text.push_str(&rng.u32(..100_000).to_string());
        }
    }
    text
}

/// An issue as TOML, and what must come out of its PDF, piece by piece.
fn issue(rng: &mut Rng) -> (String, Vec<String>) {
    let mut toml = String::from("number = 1\ndate = 2026-01-05\n");
    let mut pieces = Vec::new();
    let say = |toml: &mut String, pieces: &mut Vec<String>, key: &str, text: String| {
        toml.push_str(&format!("{key} = '{text}'\n"));
        pieces.push(text);
    };
    if rng.bool() {
        let meeting = sentence(rng, 10);
        say(&mut toml, &mut pieces, "meeting", meeting);
    }
    for _ in 0..rng.usize(1..4) {
        toml.push_str("[[sections]]\n");
        let name = sentence(rng, 4);
        say(&mut toml, &mut pieces, "name", name);
        for _ in 0..rng.usize(1..5) {
            toml.push_str("[[sections.articles]]\n");
            let length = rng.usize(1..60);
            let title = sentence(rng, length);
            say(&mut toml, &mut pieces, "title", title);
            if rng.bool() {
                let length = rng.usize(1..50);
                let subtitle = sentence(rng, length);
                say(&mut toml, &mut pieces, "subtitle", subtitle);
            }
            toml.push_str("body = '''\n");
            for _ in 0..rng.usize(1..8) {
                let length = rng.usize(1..400);
                let text = sentence(rng, length);
                match rng.u8(..8) {
                    0 => toml.push_str(&format!("- {text}\n")),
                    1 => toml.push_str(&format!("| 甲 | 乙 |\n|---|---|\n| 丙 | {text} |\n\n")),
                    _ => toml.push_str(&format!("{text}\n")),
                }
                pieces.push(text);
            }
            toml.push_str("'''\n");
            if rng.bool() {
                let length = rng.usize(1..40);
                let source = sentence(rng, length);
                say(&mut toml, &mut pieces, "source", source);
            }
        }
    }
    (toml, pieces)
}

fn publication(rng: &mut Rng) -> String {
    let one = |rng: &mut Rng, of: &[&str]| of[rng.usize(..of.len())].to_string();
    let length = rng.usize(2..14);
    let mut toml =
        format!("name = '{}'\nissuer = '某某办公室'\n", sentence(rng, length).replace('―', ""));
    let style = one(rng, &["square", "lenticular", "bullet", "plain"]);
    let contents = one(rng, &["plain", "ruled", "boxed"]);
    toml.push_str(&format!(
        "[options]\nsection_style = '{style}'\ncontents_style = '{contents}'\n"
    ));
    toml.push_str(&format!("duplex = {}\ncjk_latin_spacing = {}\n", rng.bool(), rng.bool()));
    toml.push_str("[imprint]\n");
    for list in ["report_to", "send_to", "distribute_to"] {
        let units: Vec<String> =
            (0..rng.usize(1..12)).map(|_| format!("'{}'", sentence(rng, 8))).collect();
        toml.push_str(&format!("{list} = [{}]\n", units.join(", ")));
    }
    toml
}

#[test]
fn random_issues_keep_their_text_in_its_place() {
    let cases = std::env::var("JIANBAO_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    for seed in 0..cases {
        let mut rng = Rng::with_seed(seed);
        let (toml, pieces) = issue(&mut rng);
        let project = TempProject::new();
        project.file("issues/p/publication.toml", publication(&mut rng));
        project.file("issues/p/2026-1.toml", &toml);
        let at = Project::find(project.folder.path()).expect("a project");
        let session = Session::open(at, &FontPaths::default()).expect("a session");
        let issues = session.project.issues(&[]).expect("the issue");
        let pdf = session.pdf(&issues[0]);
        let bytes = pdf.value.unwrap_or_else(|| panic!("seed {seed}: {:?}", pdf.diagnostics)).bytes;
        let text = without_blanks(&pdf_text(&bytes));
        let mut rest = text.as_str();
        for piece in &pieces {
            // The order of the page: what is sought stands behind what was found.
            let at = rest.find(piece.as_str());
            let at = at.unwrap_or_else(|| panic!("seed {seed}: {piece} is lost"));
            rest = &rest[at + piece.len()..];
        }
        let measure = session.measure(&issues[0]).value.expect("it was set before");
        let harm =
            [PageRule::TypeArea, PageRule::Overlap, PageRule::ImprintPlace, PageRule::PageNumber];
        let found: Vec<_> = measure.findings.iter().filter(|f| harm.contains(&f.rule)).collect();
        let name =
            std::fs::read_to_string(project.path("issues/p/publication.toml")).expect("the file");
        assert!(found.is_empty(), "seed {seed}: {name} {found:#?}");
    }
}
