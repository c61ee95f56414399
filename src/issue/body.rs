//! The body of an article: plain text with a few marks → blocks.
//!
//! One line is one paragraph; blank lines have no meaning. The README lists the
//! marks; everything else is text, and a backslash turns a mark into text.

use std::collections::BTreeMap;
use std::ops::Range;

pub use super::table::{Align, Table};
use super::table::{Caption, NOTES, align, caption_parts, cells, is_rule};

/// A block of a body.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph; its first run may be a lead sentence (导语) or a numbered heading that runs in.
    Paragraph(Vec<Run>),
    /// A heading (小标题) on a line of its own.
    Heading {
        /// The level, known from its number.
        level: HeadingLevel,
        /// Its text, number included.
        runs: Vec<Run>,
    },
    /// A list of items.
    List(Vec<Vec<Run>>),
    /// A table (表).
    Table(Table),
    /// A picture (图).
    Figure {
        /// The picture's name as written: a path relative to the issue's file.
        name: String,
        /// The caption (图注) below it.
        caption: Vec<Run>,
        /// The alternative text for readers who cannot see the picture. Defaults to the caption.
        alt: String,
        /// The bytes of the body that hold the picture's name.
        place: Range<usize>,
    },
}

/// The four levels of numbered headings (GB/T 9704 7.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeadingLevel {
    /// 一、 in 黑体.
    First,
    /// （一） in 楷体.
    Second,
    /// 1. in 仿宋.
    Third,
    /// （1） in 仿宋.
    Fourth,
}

/// A piece of text of one style.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its style.
    pub style: Style,
    /// The text.
    pub text: String,
}

/// The style of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The style of the surrounding text.
    Plain,
    /// Strong emphasis, `**…**`.
    Strong,
    /// Emphasis, `*…*`.
    Emphasis,
    /// The lead sentence of a paragraph: strong, at its start, and a whole sentence.
    Lead,
    /// A numbered heading that runs into its paragraph.
    Heading(HeadingLevel),
    /// A note (注释) on the text before it, `^[…]`; the run's text is the note's.
    Note,
}

/// A fault in a body's marks, with its place in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// An emphasis mark without its partner.
    MarkUnclosed(Range<usize>),
    /// An emphasis mark within a text that is emphasized already.
    MarkNested(Range<usize>),
    /// A table row whose number of cells differs from the first row's.
    TableRagged {
        /// The row.
        place: Range<usize>,
        /// The cells of the first row.
        expected: usize,
        /// The cells of this row.
        found: usize,
    },
    /// A picture without caption and alternative text.
    PictureWithoutAlt(Range<usize>),
}

/// Parses a body. Problems do not stop the parser: faulty marks are kept as text.
pub fn parse(text: &str) -> (Vec<Block>, Vec<Problem>) {
    let mut parser = Parser { blocks: Vec::new(), problems: Vec::new() };
    let mut lines = lines(text).peekable();
    let mut caption: Option<Caption> = None;
    while let Some((start, line)) = lines.next() {
        if let Some(text) = line.strip_prefix("|+") {
            let at = start + 2 + text.len() - text.trim_start().len();
            let (text, unit, landscape) = caption_parts(text);
            parser.blocks.extend(caption.take().map(alone));
            let runs = parser.runs(text.trim(), at);
            let unit = unit.map(|unit| unit.trim().to_string());
            caption = Some(Caption { runs, unit, landscape });
        } else if line.starts_with('|') {
            let mut rows = vec![(start, line)];
            let is_row = |line: &str| line.starts_with('|') && !line.starts_with("|+");
            while let Some(row) = lines.next_if(|(_, line)| is_row(line)) {
                rows.push(row);
            }
            parser.table(rows, caption.take().unwrap_or_default());
        } else if let Some(item) = line.strip_prefix("- ") {
            let item = parser.runs(item, start + 2);
            match parser.blocks.last_mut() {
                Some(Block::List(items)) => items.push(item),
                _ => parser.blocks.push(Block::List(vec![item])),
            }
        } else if !parser.table_note(start, line) && !parser.figure(start, line) {
            parser.paragraph(start, line);
        }
        if lines.peek().is_none_or(|(_, next)| !next.starts_with('|')) {
            // A caption without a table becomes a paragraph: text is never dropped.
            parser.blocks.extend(caption.take().map(alone));
        }
    }
    (parser.blocks, parser.problems)
}

/// A caption without its table.
fn alone(mut caption: Caption) -> Block {
    let text = caption.unit.map(|unit| format!("（{unit}）"));
    caption.runs.extend(text.map(|text| Run { style: Style::Plain, text }));
    Block::Paragraph(caption.runs)
}

/// The lines that hold text, trimmed, each with its place in the body.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n')
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start + line.len() - line.trim_start().len(), line.trim()))
        })
        .filter(|(_, line)| !line.is_empty())
}

struct Parser {
    blocks: Vec<Block>,
    problems: Vec<Problem>,
}

impl Parser {
    fn paragraph(&mut self, start: usize, line: &str) {
        let Some(level) = heading_level(line) else {
            let mut runs = self.runs(line, start);
            if let Some(first) = runs.first_mut()
                && first.style == Style::Strong
                && first.text.ends_with(SENTENCE_ENDS)
            {
                first.style = Style::Lead;
            }
            self.blocks.push(Block::Paragraph(runs));
            return;
        };
        match line.find('。').map(|at| at + '。'.len_utf8()) {
            // Text follows on the same line: this is a run-in heading.
            Some(end) if end < line.len() => {
                let mut runs = self.runs(&line[..end], start);
                for run in runs.iter_mut().filter(|run| run.style != Style::Note) {
                    run.style = Style::Heading(level);
                }
                runs.extend(self.runs(&line[end..], start + end));
                self.blocks.push(Block::Paragraph(runs));
            }
            // A numbered sentence is a paragraph, not a heading.
            _ if line.ends_with(SENTENCE_ENDS) => {
                let runs = self.runs(line, start);
                self.blocks.push(Block::Paragraph(runs));
            }
            _ => {
                let runs = self.runs(line, start);
                self.blocks.push(Block::Heading { level, runs });
            }
        }
    }

    /// `![caption](name "alt")` on a line of its own.
    fn figure(&mut self, start: usize, line: &str) -> bool {
        let Some((caption, target)) = line
            .strip_prefix("![")
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|rest| rest.split_once("]("))
        else {
            return false;
        };
        let (name, alt) = match target.split_once(" \"") {
            Some((name, alt)) => (name.trim(), alt.trim_end().trim_end_matches('"')),
            None => (target.trim(), ""),
        };
        let blank = |text: &str| text.len() - text.trim_start().len();
        let caption = self.runs(caption.trim(), start + 2 + blank(caption));
        let alt = if alt.is_empty() { plain_text(&caption) } else { alt.to_string() };
        if alt.trim().is_empty() {
            self.problems.push(Problem::PictureWithoutAlt(start..start + line.len()));
        }
        let at = start + line.find("](").map_or(0, |at| at + 2) + blank(target);
        let place = at..at + name.len();
        self.blocks.push(Block::Figure { name: name.into(), caption, alt, place });
        true
    }

    /// `注：…` right under a table.
    fn table_note(&mut self, start: usize, line: &str) -> bool {
        let is_note = NOTES.iter().any(|label| line.starts_with(label));
        if !is_note || !matches!(self.blocks.last(), Some(Block::Table(_))) {
            return false;
        }
        let runs = self.runs(line, start);
        if let Some(Block::Table(table)) = self.blocks.last_mut() {
            table.notes.push(runs);
        }
        true
    }

    fn table(&mut self, lines: Vec<(usize, &str)>, caption: Caption) {
        let mut columns = None;
        let mut head = Vec::new();
        let mut rows: Vec<Vec<Vec<Run>>> = Vec::new();
        let mut indents = Vec::new();
        let mut width = None;
        for (start, line) in lines {
            let cells = cells(line);
            if columns.is_none() && cells.iter().all(|(_, cell)| is_rule(cell)) {
                columns = Some(cells.iter().map(|(_, cell)| align(cell)).collect::<Vec<_>>());
                head = std::mem::take(&mut rows);
                indents.clear();
                continue;
            }
            let expected = *width.get_or_insert(cells.len());
            if cells.len() != expected {
                let place = start..start + line.len();
                self.problems.push(Problem::TableRagged { place, expected, found: cells.len() });
            }
            let blanks = line[1..].trim_start_matches(' ').chars().take_while(|&c| c == '　');
            indents.push(blanks.count());
            rows.push(cells.iter().map(|&(at, cell)| self.runs(cell, start + at)).collect());
        }
        let width = width.unwrap_or(0);
        let mut columns = columns.unwrap_or_default();
        columns.resize(width, Align::Center);
        for row in head.iter_mut().chain(&mut rows) {
            row.resize(width, Vec::new());
        }
        let Caption { runs: caption, unit, landscape } = caption;
        let notes = Vec::new();
        let table = Table { caption, unit, landscape, columns, head, rows, indents, notes };
        self.blocks.push(Block::Table(table));
    }

    /// Splits a line into runs at its emphasis marks.
    fn runs(&mut self, line: &str, start: usize) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut text = String::new();
        let mut style = Style::Plain;
        let mut opened = 0..0;
        let mut nested = false;
        let mut at = 0;
        let (brackets, closers) = (Brackets::new(line), Closers::new(line));
        while let Some(c) = line[at..].chars().next() {
            let rest = &line[at..];
            let (mark, mark_style) = match c {
                '*' if rest.starts_with("**") => (2, Style::Strong),
                '*' => (1, Style::Emphasis),
                _ => (0, Style::Plain),
            };
            // As in Markdown, a mark must touch the text it emphasizes: 5 * 3 has no marks.
            let leans_back = !line[..at].ends_with(char::is_whitespace);
            let closes = mark > 0 && style == mark_style && leans_back;
            let opens = mark > 0 && style == Style::Plain && closers.opens(line, at + mark, mark);
            if closes || opens {
                flush(&mut runs, style, &mut text);
                style = if closes { Style::Plain } else { mark_style };
                nested = false;
                opened = start + at..start + at + mark;
                at += mark;
            } else if mark > 0 {
                let place = start + at..start + at + mark;
                if style != Style::Plain && closers.opens(line, at + mark, mark) {
                    self.problems.push(Problem::MarkNested(place));
                    nested = true;
                } else if style != Style::Strong && mark == 2 && !nested {
                    self.problems.push(Problem::MarkUnclosed(place));
                }
                text.push_str(&rest[..mark]);
                at += mark;
            } else if let Some(end) = brackets.note_end(line, at) {
                flush(&mut runs, style, &mut text);
                let note = line[at + 2..end - 1].trim().replace("\\]", "]").replace("\\[", "[");
                runs.push(Run { style: Style::Note, text: note });
                at = end;
            } else if c == '\\' && rest.len() > 1 {
                let next = rest[1..].chars().next().expect("the rest is longer than the backslash");
                text.push(next);
                at += 1 + next.len_utf8();
            } else {
                text.push(if c == '\t' { ' ' } else { c });
                at += c.len_utf8();
            }
        }
        if style != Style::Plain {
            self.problems.push(Problem::MarkUnclosed(opened));
        }
        flush(&mut runs, style, &mut text);
        runs
    }
}

const SENTENCE_ENDS: [char; 6] = ['。', '！', '？', '；', '：', '…'];

fn flush(runs: &mut Vec<Run>, style: Style, text: &mut String) {
    if !text.is_empty() {
        runs.push(Run { style, text: std::mem::take(text) });
    }
}

/// The text of runs without their styles and notes.
pub fn plain_text(runs: &[Run]) -> String {
    let text = runs.iter().filter(|run| run.style != Style::Note);
    text.map(|run| run.text.as_str()).collect()
}

/// The matching closing bracket of each opening one, found in one pass because a line may be long.
pub(crate) struct Brackets {
    closes: BTreeMap<usize, usize>,
}

impl Brackets {
    pub(crate) fn new(line: &str) -> Self {
        let mut closes = BTreeMap::new();
        let mut open = Vec::new();
        let mut escaped = false;
        for (at, c) in line.char_indices() {
            match c {
                '[' if !escaped => open.push(at),
                ']' if !escaped => {
                    if let Some(opened) = open.pop() {
                        closes.insert(opened, at);
                    }
                }
                _ => {}
            }
            escaped = c == '\\' && !escaped;
        }
        Brackets { closes }
    }

    /// The end of the note `^[…]` that begins at `at`, if one does; brackets nest.
    pub(crate) fn note_end(&self, line: &str, at: usize) -> Option<usize> {
        line[at..].starts_with("^[").then_some(())?;
        let close = *self.closes.get(&(at + 1))?;
        (!line[at + 2..close].trim().is_empty()).then_some(close + 1)
    }
}

/// The last places in a line where a mark of one asterisk, or of two, can close: right after text.
struct Closers {
    single: usize,
    double: usize,
}

impl Closers {
    fn new(line: &str) -> Self {
        let mut closers = Closers { single: 0, double: 0 };
        let mut at = 0;
        while let Some(c) = line[at..].chars().next() {
            if c == '\\' {
                at += 1;
                at += line[at..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            let stars = line[at..].bytes().take_while(|&b| b == b'*').count();
            if stars > 0 && !line[..at].ends_with(char::is_whitespace) {
                match stars {
                    1 => closers.single = at,
                    _ => closers.double = at,
                }
            }
            at += c.len_utf8() * stars.max(1);
        }
        closers
    }

    /// Whether a mark of `length` asterisks that ends at `at` touches text and can close later.
    fn opens(&self, line: &str, at: usize, length: usize) -> bool {
        let last = if length == 2 { self.double } else { self.single };
        last > at && !line[at..].starts_with(char::is_whitespace)
    }
}

/// The level of the numbered heading at the start of a line, if there is one.
pub fn heading_level(line: &str) -> Option<HeadingLevel> {
    const HAN: &str = "一二三四五六七八九十百";
    let after = |rest: &str, digits: fn(char) -> bool| {
        let end = rest.find(|c| !digits(c)).unwrap_or(rest.len());
        (end > 0 && rest[..end].chars().count() <= 3).then(|| rest[end..].to_string())
    };
    let han = |c| HAN.contains(c);
    let digit = |c: char| c.is_ascii_digit();
    if let Some(rest) = line.strip_prefix('（') {
        if after(rest, han).is_some_and(|rest| rest.starts_with('）')) {
            return Some(HeadingLevel::Second);
        }
        if after(rest, digit).is_some_and(|rest| rest.starts_with('）')) {
            return Some(HeadingLevel::Fourth);
        }
        return None;
    }
    if after(line, han).is_some_and(|rest| rest.starts_with('、')) {
        return Some(HeadingLevel::First);
    }
    let rest = after(line, digit)?;
    let rest = rest.strip_prefix(['.', '．'])?;
    // 1.07 is a number, not a heading.
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(HeadingLevel::Third)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(style: Style, text: &str) -> Run {
        Run { style, text: text.into() }
    }

    fn blocks(text: &str) -> Vec<Block> {
        let (blocks, problems) = parse(text);
        assert_eq!(problems, [], "{text}");
        blocks
    }

    #[test]
    fn each_line_is_a_paragraph() {
        let expected = [
            Block::Paragraph(vec![run(Style::Plain, "甲")]),
            Block::Paragraph(vec![run(Style::Plain, "乙")]),
        ];
        assert_eq!(blocks("\n甲\n\n　乙  \n"), expected);
    }

    #[test]
    fn a_strong_first_sentence_is_a_lead() {
        let expected = vec![run(Style::Lead, "巩固组织。"), run(Style::Plain, "各市探索。")];
        assert_eq!(blocks("**巩固组织。**各市探索。"), [Block::Paragraph(expected)]);
    }

    #[test]
    fn strong_without_a_sentence_end_is_emphasis() {
        let expected =
            vec![run(Style::Strong, "巩固"), run(Style::Plain, "组织"), run(Style::Emphasis, "快")];
        assert_eq!(blocks("**巩固**组织*快*"), [Block::Paragraph(expected)]);
    }

    #[test]
    fn a_backslash_makes_a_mark_text() {
        assert_eq!(blocks(r"5\*3 \\"), [Block::Paragraph(vec![run(Style::Plain, r"5*3 \")])]);
        assert_eq!(blocks(r"\一、甲"), [Block::Paragraph(vec![run(Style::Plain, "一、甲")])]);
        assert_eq!(blocks(r"\- 甲"), [Block::Paragraph(vec![run(Style::Plain, "- 甲")])]);
    }

    #[test]
    fn a_single_asterisk_is_text() {
        for text in ["5*3=15", "5 * 3 * 2", "/* 甲 */"] {
            assert_eq!(blocks(text), [Block::Paragraph(vec![run(Style::Plain, text)])]);
        }
    }

    #[test]
    fn an_unclosed_mark_is_text_and_said() {
        let (blocks, problems) = parse("甲**乙");
        assert_eq!(blocks, [Block::Paragraph(vec![run(Style::Plain, "甲**乙")])]);
        assert_eq!(problems, [Problem::MarkUnclosed(3..5)]);
    }

    #[test]
    fn a_mark_within_a_mark_is_text_and_said() {
        let (blocks, problems) = parse("**强*楷*调**");
        assert_eq!(blocks, [Block::Paragraph(vec![run(Style::Strong, "强*楷*调")])]);
        assert_eq!(problems, [Problem::MarkNested(5..6)]);
        assert_eq!(parse("*楷**强**调*").1, [Problem::MarkNested(4..6)]);
        assert_eq!(parse("*楷**调*").1, [Problem::MarkUnclosed(4..6)]);
        for text in ["**强5\\*3调**", "**5*3=15**", "**强**调*楷*"] {
            assert_eq!(parse(text).1, [], "{text}");
        }
    }

    #[test]
    fn notes_stand_in_their_brackets() {
        let expected = vec![
            run(Style::Plain, "甲"),
            run(Style::Note, "见[2024]1号]文"),
            run(Style::Plain, "乙"),
        ];
        assert_eq!(blocks(r"甲^[见[2024]1号\]文]乙"), [Block::Paragraph(expected.clone())]);
        assert_eq!(plain_text(&expected), "甲乙");
        for text in ["甲^[乙", "甲^[ ]乙", "2^3"] {
            assert_eq!(blocks(text), [Block::Paragraph(vec![run(Style::Plain, text)])]);
        }
    }

    #[test]
    fn headings_of_four_levels() {
        use HeadingLevel::*;
        for (line, level) in [
            ("一、甲", First),
            ("十二、甲", First),
            ("（三）甲", Second),
            ("1.甲", Third),
            ("12．甲", Third),
            ("（4）甲", Fourth),
        ] {
            let expected = Block::Heading { level, runs: vec![run(Style::Plain, line)] };
            assert_eq!(blocks(line), [expected], "{line}");
        }
        for line in ["1.07亿元", "一是科技", "（甲）乙", "2014年", "十分重视、认真", "（2014）1号"]
        {
            assert_eq!(heading_level(line), None, "{line}");
        }
    }

    #[test]
    fn a_heading_with_text_behind_it_runs_in() {
        let expected = vec![
            run(Style::Heading(HeadingLevel::Second), "（一）抓组织。"),
            run(Style::Plain, "各市探索。"),
        ];
        assert_eq!(blocks("（一）抓组织。各市探索。"), [Block::Paragraph(expected)]);
        let sentence = "一、各市要抓好组织工作。";
        assert_eq!(blocks(sentence), [Block::Paragraph(vec![run(Style::Plain, sentence)])]);
    }

    #[test]
    fn tables_have_captions_heads_and_columns() {
        let [Block::Table(table)] = &blocks("|+ 表1\n| 单位 | 数 |\n|:--|--:|\n| 甲 | 1 |")[..]
        else {
            panic!()
        };
        assert_eq!(plain_text(&table.caption), "表1");
        assert_eq!(table.columns, [Align::Left, Align::Right]);
        assert_eq!((table.head.len(), table.rows.len(), table.landscape), (1, 1, false));
        let [Block::Table(table)] = &blocks("|+ 表1 | 横排\n| 甲 | 1 |")[..] else { panic!() };
        assert_eq!((plain_text(&table.caption).as_str(), table.landscape), ("表1", true));
        assert_eq!(blocks("|+ 表1\n| 甲 |\n|+ 表2\n| 乙 |").len(), 2);
        let text = "|+ 表1 | 单位：亿元 | 横排\n| 　甲 | 1 |\n\n注：乙。\n资料来源：丙\n丁";
        let [Block::Table(table), Block::Paragraph(_)] = &blocks(text)[..] else { panic!() };
        assert_eq!(table.unit.as_deref(), Some("单位：亿元"));
        assert_eq!((plain_text(&table.caption).as_str(), table.landscape), ("表1", true));
        assert_eq!((&table.indents[..], table.notes.len()), (&[1][..], 2));
        assert_eq!(blocks("|+ 表1 | 单位：元\n注：甲").len(), 2);
        let (_, problems) = parse("| 甲 | 乙 |\n| 丙 |");
        assert_eq!(problems, [Problem::TableRagged { place: 14..21, expected: 2, found: 1 }]);
    }

    #[test]
    fn pictures_have_captions_and_alt_texts() {
        let [Block::Figure { name, caption, alt, place }] =
            &blocks("![图1](p/a.png \"柱状图\")")[..]
        else {
            panic!()
        };
        assert_eq!(
            (name.as_str(), plain_text(caption).as_str(), alt.as_str()),
            ("p/a.png", "图1", "柱状图")
        );
        assert_eq!(*place, 8..15);
        let [Block::Figure { place, .. }] = &blocks("![图1]( p/a.png)")[..] else { panic!() };
        assert_eq!(*place, 9..16);
        assert_eq!(parse("![](a.png)").1, [Problem::PictureWithoutAlt(0..10)]);
    }

    #[test]
    fn no_text_is_ever_dropped() {
        for text in [
            "|+ 孤",
            "![甲](",
            "**",
            "***",
            "|",
            "| |",
            "- ",
            "\\",
            "*a**b*",
            "|+\n甲",
            "|+ 孤 | 单位：元",
            "注：甲",
            "****甲****",
        ] {
            let (blocks, _) = parse(text);
            let kept: String = blocks.iter().map(|b| format!("{b:?}")).collect();
            for c in text.chars().filter(|c| c.is_alphanumeric()) {
                assert!(kept.contains(c), "{text} {kept}");
            }
        }
    }
}
