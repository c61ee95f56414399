//! Text → the same text in the marks of a body, escaped so that no character reads as another
//! mark.

use super::line::{Piece, squeeze};
use super::vocabulary::pattern;
use crate::issue::body::{HeadingLevel, heading_level};
use crate::issue::table::LANDSCAPE;

/// A placeholder for the stem of the issue's file in picture names, until the stem is known.
pub const STEM: &str = "\u{fdd0}";

/// A paragraph, table or picture of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// The text with the marks of a body.
    pub text: String,
    /// The text without marks.
    pub plain: String,
    /// Whether the paragraph needs a blank line before it: a heading, a lead sentence, a table.
    pub apart: bool,
    /// The place of its line among the lines.
    pub at: usize,
}

/// The marked text of a paragraph. A style that could only be marked by changing the text is
/// dropped.
pub fn paragraph(pieces: &[Piece]) -> String {
    let styled = guard_start(&inline(pieces));
    let wanted = squeeze(&pieces.iter().map(|piece| piece.text.as_str()).collect::<String>());
    if crate::import::ledger::body_text(&styled) == wanted {
        return styled;
    }
    let plain: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    guard_start(&escape(&plain))
}

/// The marked text of pieces within a paragraph.
pub fn inline(pieces: &[Piece]) -> String {
    let mut text = String::new();
    let mut rest = pieces;
    while let Some(first) = rest.first() {
        if first.note {
            text.push_str(&note(&first.text));
            rest = &rest[1..];
            continue;
        }
        let same = |piece: &Piece| {
            (piece.bold, piece.italic, piece.note) == (first.bold, first.italic, false)
        };
        let count = rest.iter().take_while(|piece| same(piece)).count();
        let run: String = rest[..count].iter().map(|piece| piece.text.as_str()).collect();
        let mark = if first.bold {
            "**"
        } else if first.italic {
            "*"
        } else {
            ""
        };
        text.push_str(&set_off(&run, mark));
        rest = &rest[count..];
    }
    text.trim().into()
}

/// Encloses a run in marks. Blanks stay outside, since marks must touch the text that they
/// emphasise; a run of nothing but marks stays unmarked.
fn set_off(run: &str, mark: &str) -> String {
    let inner = run.trim();
    if mark.is_empty() || !inner.chars().any(char::is_alphanumeric) {
        return escape(run);
    }
    let start = run.len() - run.trim_start().len();
    let end = start + inner.len();
    format!("{}{mark}{}{mark}{}", &run[..start], escape(inner), &run[end..])
}

fn note(text: &str) -> String {
    let text = text.trim().replace(['\n', '\r'], " ");
    let balanced = text.chars().try_fold(0i32, |depth, c| {
        let depth = depth + i32::from(c == '[') - i32::from(c == ']');
        (depth >= 0).then_some(depth)
    });
    match balanced {
        Some(0) if !text.contains('\\') => format!("^[{text}]"),
        _ => format!("^[{}]", text.replace('\\', "＼").replace('[', "\\[").replace(']', "\\]")),
    }
}

/// A text with a backslash before each character that would be a mark within a line.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_mark = matches!(c, '\\' | '*') || c == '^' && chars.peek() == Some(&'[');
        if is_mark {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A line with a backslash before a character that would be a mark at its start.
fn guard_start(line: &str) -> String {
    let line = line.trim();
    let is_mark = line.starts_with('|') || line.starts_with("- ") || line.starts_with("![");
    if is_mark { format!("\\{line}") } else { line.into() }
}

/// A table with its caption; the first row is its head.
pub fn table(caption: Option<&str>, rows: &[Vec<String>]) -> String {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let cell = |text: &str| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = escape(&text).replace('|', "\\|");
        let is_rule = !text.is_empty() && text.chars().all(|c| matches!(c, '-' | ':'));
        if is_rule { format!("\\{text}") } else { text }
    };
    let row = |row: &Vec<String>| {
        let cells = (0..width).map(|at| cell(row.get(at).map_or("", String::as_str)));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let is_number = |text: &str| {
        let text = squeeze(text);
        text.is_empty() || text.chars().all(|c| c.is_ascii_digit() || ".,%-+—－／/：".contains(c))
    };
    let rule = (0..width).map(|at| {
        let mut cells = rows.iter().skip(1).filter_map(|row| row.get(at)).peekable();
        let numbers = cells.peek().is_some() && cells.all(|text| is_number(text));
        if numbers && at > 0 { "---:" } else { "---" }
    });
    let rule = format!("|{}|", rule.collect::<Vec<_>>().join("|"));
    let mut lines = Vec::new();
    if let Some(caption) = caption {
        // A bar before 横排 would mean a table in landscape.
        let caption = match caption.rsplit_once('|') {
            Some((words, last)) if last.trim() == LANDSCAPE => {
                format!("{}|\\{LANDSCAPE}", escape(words))
            }
            _ => escape(caption),
        };
        lines.push(format!("|+ {}", caption.replace('|', "\\|")));
    }
    for (at, cells) in rows.iter().enumerate() {
        lines.push(row(cells));
        if at == 0 && rows.len() > 1 {
            lines.push(rule.clone());
        }
    }
    lines.join("\n")
}

/// Whether a restored number of a list is a bullet.
pub fn is_bullet(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.chars().any(char::is_alphanumeric)
}

/// Whether a paragraph is a heading of the first level: 一、.
pub fn is_first_level(text: &str) -> bool {
    heading_level(text.trim()) == Some(HeadingLevel::First)
}

pattern!(LEAD = r"^[^。！？；：\n]{4,38}。");
pattern!(
    NO_LEAD = r"^(近日|日前|近期|近年来|今年|去年|上半年|下半年|目前|当前|为|按照|根据|随着|截至|自|\d|会议|会上|他|她|同时|此外|据|下一步|这|该|通过|[^。]{0,12}(指出|强调|要求|认为|表示|介绍))"
);

/// Marks lead sentences (导语句) in an article whose paragraphs begin with them, if no bold type
/// in the source shows them.
pub fn leads(body: &mut [Paragraph]) {
    if body.iter().any(|paragraph| paragraph.text.starts_with("**")) {
        return;
    }
    let lead = |paragraph: &Paragraph| {
        let plain = &paragraph.plain;
        let found = LEAD.find(plain)?;
        let follows = plain[found.end()..].trim().chars().count();
        let is_lead = follows >= 25
            && heading_level(plain).is_none()
            && !NO_LEAD.is_match(plain)
            && paragraph.text.starts_with(found.as_str());
        is_lead.then(|| found.end())
    };
    let long = body.iter().filter(|paragraph| paragraph.plain.chars().count() > 40).count();
    let ends: Vec<Option<usize>> = body.iter().map(lead).collect();
    let count = ends.iter().flatten().count();
    if count < 2 || count * 5 < long * 2 {
        return;
    }
    for (paragraph, end) in body.iter_mut().zip(ends) {
        if let Some(end) = end {
            paragraph.text = format!("**{}**{}", &paragraph.text[..end], &paragraph.text[end..]);
            paragraph.apart = true;
        }
    }
}

/// Joins paragraphs into a body, in the style of issues written by hand.
pub fn body(paragraphs: &[Paragraph]) -> String {
    let mut text = String::new();
    let is_table = |p: &Paragraph| p.text.starts_with('|');
    let mut after_table = false;
    for (at, paragraph) in paragraphs.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| paragraphs.get(at));
        let object = |p: &Paragraph| is_table(p) || p.text.starts_with("![");
        if before.is_some_and(|before| paragraph.apart || object(before)) {
            text.push('\n');
        }
        // Rows that follow rows belong to one table; the line of a caption begins another.
        if after_table && is_table(paragraph) && !paragraph.text.starts_with("|+") {
            text.push_str("|+\n");
        }
        after_table = is_table(paragraph) || after_table && paragraph.text.is_empty();
        text.push_str(&paragraph.text);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::body::{Block, parse, plain_text};
    use fastrand::Rng;

    #[test]
    fn any_text_comes_back_as_it_was() {
        let odd: Vec<char> =
            "*\\|[]()!-^+#_ 　:。，“”一、（）1.甲乙\"'`~\u{fffd}".chars().collect();
        let mut rng = Rng::with_seed(7);
        for _ in 0..20_000 {
            let text: String = (0..rng.usize(1..14)).map(|_| odd[rng.usize(..odd.len())]).collect();
            let piece = |text: &str, bold| Piece { text: text.into(), bold, ..Piece::default() };
            let cut = text.char_indices().nth(3).map_or(text.len(), |(at, _)| at);
            for pieces in [
                vec![piece(&text, false)],
                vec![piece(&text[..cut], true), piece(&text[cut..], false)],
                vec![
                    piece(&text[..cut], false),
                    Piece { italic: true, ..piece(&text[cut..], false) },
                ],
            ] {
                let marked = paragraph(&pieces);
                let (blocks, _) = parse(&marked);
                let said: String = blocks
                    .iter()
                    .map(|block| match block {
                        Block::Paragraph(runs) | Block::Heading { runs, .. } => plain_text(runs),
                        other => panic!("{text:?} became {other:?}"),
                    })
                    .collect();
                assert_eq!(squeeze(&said), squeeze(&text), "{marked:?}");
            }
        }
    }

    #[test]
    fn any_cell_comes_back_as_it_was() {
        let odd: Vec<char> = "*\\|-: 甲1.%^[]".chars().collect();
        let mut rng = Rng::with_seed(8);
        for _ in 0..5_000 {
            let mut cell = || -> String {
                (0..rng.usize(0..6)).map(|_| odd[rng.usize(..odd.len())]).collect()
            };
            let rows: Vec<Vec<String>> = (0..3).map(|_| (0..2).map(|_| cell()).collect()).collect();
            let marked = table(Some("表1　甲|乙"), &rows);
            let expected = format!("表1甲|乙{}", squeeze(&rows.concat().concat()));
            assert_eq!(super::super::ledger::body_text(&marked), expected, "{marked}");
        }
    }

    #[test]
    fn leads_are_marked_where_several_paragraphs_have_them() {
        let paragraph =
            |text: &str| Paragraph { text: text.into(), plain: text.into(), apart: false, at: 0 };
        let rest = "各市因地制宜，创新组织设置，纵向推进网格化管理，不断扩大工作覆盖和服务覆盖。";
        let mut body = [
            paragraph("全省会议后，各市普遍召开专题会议，传达贯彻会议精神。"),
            paragraph(&format!("进一步巩固组织。{rest}")),
            paragraph(&format!("进一步加强力量。{rest}")),
        ];
        leads(&mut body);
        assert!(body[1].text.starts_with("**进一步巩固组织。**各市"));
        let mut one = [paragraph(&format!("进一步巩固组织。{rest}"))];
        leads(&mut one);
        assert!(!one[0].text.contains('*'));
    }
}
