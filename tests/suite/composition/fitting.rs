//! Issues are fitted to their pages: the imprint does not stand alone, no page has a hole, and what
//! was done is said.

use fastrand::Rng;
use jianbao::diag::Code;
use jianbao::page::composition::Composition;
use jianbao::pipeline::{Input, Typeset};
use jianbao::typeset::fit::Fit;

use crate::support::{TempProject, root, set};

const SHORT: &str = "name = '政务简报'\nissuer = '江州市政府办公室'\n[imprint]\nreport_to = ['省政府办公厅']\nsend_to = ['市直有关部门']\ndistribute_to = ['各县（市、区）人民政府']\neditor = '李兰'\nprint_run = 100\n";
const LONG: &str = "name = '政务简报'\nissuer = '江州市政府办公室'\n[imprint]\nreport_to = ['省政府办公厅、省委办公厅、省人大常委会办公厅、省政协办公厅、省纪委办公厅、省委组织部、省委宣传部']\nsend_to = ['市委书记、副书记、常委，市人大常委会主任、副主任，市长、副市长，市政协主席、副主席，法院院长']\ndistribute_to = ['各县（市、区）人民政府', '各开发区管委会', '市直各部门', '中央和省驻江州各单位', '各大型企业', '各高等院校', '各人民团体']\neditor = '李兰'\nprint_run = 100\n";
const LINE: &str = "会议强调要坚持问题导向扎实推进各项重点工作落地见效。\n";

fn composition(typeset: &Typeset) -> &Composition {
    &typeset.measured.composition
}

fn is_fitted(typeset: &Typeset) -> bool {
    typeset.manuscript.fit != Fit::default()
}

/// An issue of articles, each with so many lines.
fn issue(lines: &[usize]) -> String {
    let mut toml = "number = 1\ndate = 2026-01-12\n".to_string();
    for (index, &count) in lines.iter().enumerate() {
        let body = LINE.repeat(count.max(1));
        toml += &format!(
            "[[articles]]\ntitle = '全市第{index}项重点工作推进情况'\nbody = '''\n{body}'''\n"
        );
    }
    toml
}

/// Text that grows line by line never leaves the imprint alone, nor one or two lines before it.
#[test]
fn the_imprint_is_never_alone_whatever_the_length() {
    let (mut alone, mut few, mut fitted, mut worst) = (0, 0, 0, Vec::new());
    for publication in [SHORT, LONG] {
        for lines in 28..=50 {
            let typeset = set(publication, &issue(&[lines]));
            let end = composition(&typeset).end;
            fitted += usize::from(is_fitted(&typeset));
            alone += usize::from(end.imprint_alone);
            few += usize::from(end.missing_lines() > 0);
            if end.imprint_alone || end.missing_lines() > 0 {
                worst.push((lines, end));
            }
        }
    }
    println!("46 lengths: {fitted} fitted, imprint alone {alone}, fewer than three lines {few}");
    assert_eq!((alone, few), (0, 0), "{worst:#?}");
}

/// What was done is said, and `copy_fit = false` leaves the pages as they come.
#[test]
fn fitting_is_said_and_can_be_turned_off() {
    let project = TempProject::new();
    let plain = (28..=50).find(|&lines| {
        let off = format!("copy_fit = false\n{SHORT}");
        composition(&set(&off, &issue(&[lines]))).end.imprint_alone
    });
    let lines = plain.expect("some length leaves the imprint alone");
    project
        .file("issues/p/publication.toml", SHORT)
        .file("issues/p/2026-1.toml", issue(&[lines]))
        .file("issues/q/publication.toml", format!("copy_fit = false\n{SHORT}"))
        .file("issues/q/2026-1.toml", issue(&[lines]));
    project.run(&["check", "--pages", "issues/p"]).exit(0).says("copy-fitted");
    let off = project.run(&["check", "--pages", "issues/q"]);
    off.exit(0).says("imprint-alone");
    assert!(!off.stdout().contains("copy-fitted") && !off.stderr().contains("copy-fitted"));
}

/// The pages do not depend on how the issue was fitted before, as the studio shows it first.
#[test]
fn the_result_does_not_depend_on_what_was_shown_before() {
    let project = TempProject::new();
    project.file("issues/p/publication.toml", SHORT);
    let (session, at) = (project.session(), project.issue());
    for lines in [36, 37, 38, 39] {
        project.file("issues/p/2026-1.toml", issue(&[lines]));
        let plain = session.typeset(&at).value.expect("it is set");
        let hints = [Fit { lines: 23, ..Fit::default() }, Fit { titles: 0, ..Fit::default() }];
        for hint in hints {
            let again = session.typeset(Input::from(&at).fitted(&hint)).value.expect("it is set");
            assert_eq!(again.manuscript.fit, plain.manuscript.fit, "{lines}");
            let bytes = |typeset: &Typeset| typeset.pdf().value.expect("a PDF").bytes;
            assert!(bytes(&again) == bytes(&plain), "{lines}");
        }
    }
}

/// A page with 23 lines stands on a grid of its own, and the ruler knows it.
#[test]
fn the_ruler_knows_the_pages_that_were_fitted() {
    let mut grids = Vec::new();
    for lines in 28..=50 {
        let typeset = set(SHORT, &issue(&[lines]));
        let off: Vec<_> =
            typeset.measured.findings.iter().filter(|f| f.rule == Code::BaselineGrid).collect();
        assert!(off.is_empty(), "{lines}: {off:#?}");
        grids.push(typeset.manuscript.fit.lines);
    }
    assert!(grids.contains(&22), "most lengths need nothing: {grids:?}");
    assert!(grids.iter().any(|&lines| lines != 22), "{grids:?}");
}

/// A short last line is taken in by its paragraph.
#[test]
fn a_few_characters_are_taken_in() {
    // 26 + 28 + 28 + 28 + 2 characters: the last line has two, and the mark.
    let paragraph = |number: usize| -> String {
        let text = "会议强调要坚持问题导向扎实推进各项重点工作".repeat(6);
        let first =
            ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸", "子", "丑", "寅", "卯"]
                [number];
        format!("{first}{}{first}。\n", text.chars().take(110).collect::<String>())
    };
    let off = |count: usize| {
        let toml = format!(
            "number = 1\ndate = 2026-01-12\n[[articles]]\ntitle = '标题'\nbody = '''\n{}'''\n",
            (0..count).map(paragraph).collect::<String>()
        );
        (set(&format!("copy_fit = false\n{SHORT}"), &toml), set(SHORT, &toml))
    };
    let mut closed = 0;
    for count in 5..14 {
        let (plain, fitted) = off(count);
        if composition(&plain).end.imprint_alone {
            let closes =
                |fit: &Fit| fit.blocks.values().filter(|block| block.close.is_some()).count();
            closed += closes(&fitted.manuscript.fit);
            assert!(!composition(&fitted).end.imprint_alone, "{count}");
        }
    }
    assert!(closed > 0, "no length needed it");
}

/// A table or picture that does not fit leaves no hole, and keeps its number's place.
#[test]
fn no_table_or_picture_leaves_a_hole() {
    let picture = root().join("issues/keji/pictures/activities-2021-2025.png");
    let table = "|+ 表1 情况\n| 单位 | 数量 | 比例 |\n|---|---:|---:|\n| 青溪县 | 426 | 12.5 |\n| 临江区 | 413 | 11.3 |\n| 安平市 | 398 | 10.9 |\n| 高新区 | 365 | 9.8 |\n| 石门县 | 352 | 9.1 |\n| 城东区 | 337 | 8.7 |\n";
    let (mut holes, mut fitted, mut tried) = (Vec::new(), 0, 0);
    for object in [table, "![图1 情况](a.png)\n"] {
        for before in 1..=13 {
            let project = TempProject::new();
            let body = format!("{}{object}{}", LINE.repeat(before), LINE.repeat(30));
            let toml = format!(
                "number = 1\ndate = 2026-01-12\n[[articles]]\ntitle = '标题'\nbody = '''\n{body}'''\n"
            );
            project.file("issues/p/publication.toml", SHORT).file("issues/p/2026-1.toml", toml);
            std::fs::copy(&picture, project.path("issues/p/a.png")).expect("a picture");
            let typeset = project.typeset();
            tried += 1;
            fitted += usize::from(is_fitted(&typeset));
            let worst = composition(&typeset).pages.iter().map(|page| page.hole).max();
            if worst.is_some_and(|hole| hole > 3) {
                holes.push((before, &object[..6], worst));
            }
        }
    }
    println!("{tried} places of a table and a picture: {fitted} fitted, holes {holes:?}");
    assert!(fitted > 0 && holes.is_empty(), "{holes:?}");
}

/// Two columns end at one height on the last page.
#[test]
fn columns_end_at_one_height() {
    let publication = format!("layout = 'columns'\n{SHORT}");
    let mut uneven = Vec::new();
    for lines in [30, 34, 38, 42, 46] {
        let typeset = set(&publication, &issue(&[lines / 2, lines / 2]));
        let columns = &composition(&typeset).columns;
        let apart = columns.iter().max().zip(columns.iter().min()).map_or(0, |(a, b)| a - b);
        if apart > 2 || composition(&typeset).end.imprint_alone {
            uneven.push((lines, columns.clone()));
        }
    }
    assert!(uneven.is_empty(), "{uneven:?}");
}

/// Random issues of one to eight articles: what the tools can prevent is prevented.
#[test]
fn random_issues_end_well() {
    let (mut alone, mut few, mut holes, mut fitted) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let articles: Vec<usize> = (0..rng.usize(1..=8)).map(|_| rng.usize(1..30)).collect();
        let publication = if rng.bool() { SHORT } else { LONG };
        let typeset = set(publication, &issue(&articles));
        let composition = composition(&typeset);
        fitted += usize::from(is_fitted(&typeset));
        if composition.end.imprint_alone {
            alone.push(seed);
        }
        if composition.end.missing_lines() > 0 {
            few.push(seed);
        }
        if composition.pages.iter().any(|page| page.hole > 3) {
            holes.push(seed);
        }
    }
    println!(
        "200 random issues: {fitted} fitted; imprint alone in {alone:?}, few lines before it in {few:?}, holes in {holes:?}"
    );
    // What goes on with the imprint leaves its own place free.
    assert!(alone.is_empty() && few.is_empty() && holes.len() <= 2);
}
