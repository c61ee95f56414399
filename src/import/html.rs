//! HTML → the lines of its text, as far as the markup shows them.

use html5ever::ParseOpts;
use html5ever::driver::parse_document;
use html5ever::tendril::TendrilSink;
use scraper::{ElementRef, Html, HtmlTreeSink, Node};

use super::code::{ErrorCode, ImportError};
use super::line::{Align, Line, Object, Piece, Source, squeeze};

/// Reads an HTML file.
pub fn read(text: &str) -> Result<Source, ImportError> {
    let document = parse(text)?;
    let mut reader = Reader::default();
    reader.walk(document.root_element(), &Style::default(), 0);
    reader.end_line();
    let mut raw = String::new();
    plain(document.root_element(), &mut raw);
    reader.source.raw = Some(raw);
    Ok(reader.source)
}

/// The most nodes of a page. A few kB may ask for millions: each paragraph opens again what the
/// one before left open.
const NODES: usize = 200_000;
/// Nodes within one another: browsers stop at 512. The parser looks through them at every tag.
const NESTED: usize = 512;
/// Attributes of one tag, which the parser compares with one another.
const ATTRIBUTES: usize = 2_000;
/// The bytes that are parsed before the nodes are counted again.
const STEP: usize = 512;

/// Parses a page step by step, so that a page too large is refused while it is still small.
fn parse(text: &str) -> Result<Html, ImportError> {
    let fits = |count: usize, limit: usize| match count > limit {
        true => Err(ImportError::new(ErrorCode::PageTooLarge, format!("> {limit}"))),
        false => Ok(()),
    };
    fits(attributes(text), ATTRIBUTES)?;
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = parse_document(sink, ParseOpts::default());
    let mut rest = text;
    while !rest.is_empty() {
        let step = rest.floor_char_boundary(STEP.min(rest.len()));
        parser.process(rest[..step].into());
        rest = &rest[step..];
        let page = parser.tokenizer.sink.sink.0.borrow();
        fits(page.tree.nodes().len(), NODES)?;
        let last = page.tree.nodes().next_back();
        fits(last.map_or(0, |last| last.ancestors().take(NESTED + 1).count()), NESTED)?;
    }
    Ok(parser.finish())
}

/// The most attributes of a tag, at least: the blanks and slashes outside of quoted values.
fn attributes(text: &str) -> usize {
    let (mut most, mut count) = (0, None);
    let (mut quote, mut before) = (None, b' ');
    for &c in text.as_bytes() {
        match (count, quote) {
            (None, _) if before == b'<' && c.is_ascii_alphabetic() => count = Some(0),
            (Some(_), Some(open)) if c == open => quote = None,
            (Some(_), None) if before == b'=' && matches!(c, b'"' | b'\'') => quote = Some(c),
            (Some(_), None) if c == b'>' => count = None,
            (Some(seen), None) if c.is_ascii_whitespace() || c == b'/' => {
                count = Some(seen + 1);
                most = most.max(seen + 1);
            }
            _ => {}
        }
        // Blanks may stand between the sign and the value.
        if !(before == b'=' && c.is_ascii_whitespace()) {
            before = c;
        }
    }
    most
}

/// The style inherited by the text within an element.
#[derive(Clone, Default)]
struct Style {
    bold: bool,
    italic: bool,
    align: Align,
    outline: Option<u8>,
    size: Option<f32>,
    red: bool,
    item: bool,
}

#[derive(Default)]
struct Reader {
    source: Source,
    line: Line,
    count: usize,
    breaks: usize,
}

/// Pages made for readers do not nest deeper than this.
const DEEPEST: usize = 200;

const SKIPPED: [&str; 7] =
    ["script", "style", "head", "template", "noscript", "select", "textarea"];
const BLOCKS: [&str; 28] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "th",
    "section",
    "article",
    "header",
    "footer",
    "nav",
    "blockquote",
    "pre",
    "dl",
    "dt",
    "dd",
    "form",
    "center",
    "title",
    "caption",
];

impl Reader {
    fn walk(&mut self, element: ElementRef<'_>, style: &Style, depth: usize) {
        let name = element.value().name();
        if SKIPPED.contains(&name) {
            return;
        }
        if depth > DEEPEST {
            let mut text = String::new();
            plain(element, &mut text);
            return self.text(&text, style);
        }
        let style = inner(element, style);
        if name == "table"
            && let Some(rows) = data(element)
        {
            self.end_line();
            captions(element).for_each(|caption| self.walk(caption, &style, depth + 1));
            self.count += 1;
            self.source.lines.push(Line {
                number: self.count,
                object: Some(Object::Table(rows)),
                ..Line::default()
            });
            return;
        }
        let block = BLOCKS.contains(&name);
        if block {
            self.end_line();
        }
        for child in element.children() {
            match child.value() {
                Node::Text(text) => self.text(text, &style),
                Node::Element(child_element) if child_element.name() == "br" => {
                    self.breaks += usize::from(self.line.pieces.is_empty());
                    self.end_line();
                }
                _ => {
                    if let Some(child) = ElementRef::wrap(child) {
                        self.walk(child, &style, depth + 1);
                    }
                }
            }
        }
        if block {
            self.end_line();
        }
    }

    fn text(&mut self, text: &str, style: &Style) {
        // Runs of ordinary blanks count as one; no-break and full-width blanks were typed on
        // purpose.
        let mut shown = String::new();
        for c in text.chars() {
            let blank = matches!(c, ' ' | '\t' | '\n' | '\r');
            if !blank {
                shown.push(c);
            } else if !shown.ends_with(' ') {
                shown.push(' ');
            }
        }
        if self.line.pieces.is_empty() {
            shown = shown.trim_start_matches(' ').into();
            self.line.align = style.align;
            self.line.outline = style.outline;
            self.line.size = style.size;
            self.line.red = style.red;
        }
        if !shown.is_empty() {
            let (bold, italic) = (style.bold, style.italic);
            self.line.pieces.push(Piece { text: shown, bold, italic, ..Piece::default() });
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        let text = line.text();
        if text.trim().is_empty() {
            return;
        }
        self.count += 1;
        line.number = self.count;
        line.gap = std::mem::take(&mut self.breaks);
        line.indent = crate::import::line::indent(&text);
        line.pieces = line.slice(0, usize::MAX);
        self.source.lines.push(line);
    }
}

fn inner(element: ElementRef<'_>, outer: &Style) -> Style {
    let mut style = outer.clone();
    let value = element.value();
    match value.name() {
        "b" | "strong" => style.bold = true,
        "i" | "em" => style.italic = true,
        "center" => style.align = Align::Center,
        "h1" | "title" => (style.outline, style.bold) = (Some(1), true),
        "h2" => (style.outline, style.bold) = (Some(2), true),
        "h3" | "h4" | "h5" | "h6" => (style.outline, style.bold) = (Some(3), true),
        "li" => style.item = true,
        _ => {}
    }
    let css = value.attr("style").unwrap_or_default().to_lowercase().replace(' ', "");
    let align = value.attr("align").unwrap_or_default().to_lowercase();
    if css.contains("text-align:center") || align == "center" {
        style.align = Align::Center;
    } else if css.contains("text-align:right") || align == "right" {
        style.align = Align::End;
    } else if css.contains("text-align:left")
        || css.contains("text-align:justify")
        || align == "left"
    {
        style.align = Align::Start;
    }
    if css.contains("font-weight:bold") || css.contains("font-weight:7") {
        style.bold = true;
    }
    if css.contains("color:red") || css.contains("color:#f00") || css.contains("color:#ff0000") {
        style.red = true;
    }
    if let Some(size) = css.split("font-size:").nth(1) {
        let digits: String = size.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let pixels = size[digits.len()..].starts_with("px");
        if let Ok(number) = digits.parse::<f32>() {
            style.size = Some(if pixels { number * 0.75 } else { number });
        }
    }
    style
}

/// The rows of a table that holds data: several rows of short cells, and no text besides but
/// captions. On web pages most tables are layout.
fn data(table: ElementRef<'_>) -> Option<Vec<Vec<String>>> {
    let mut within = table.descendants().skip(1).filter_map(ElementRef::wrap);
    // Tables within tables are layout, and their rows are not read at each level.
    if within.any(|element| element.value().name() == "table") {
        return None;
    }
    let rows = rows(table);
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let short = rows.iter().flatten().all(|cell| cell.chars().count() <= 60);
    let even = rows.iter().all(|row| row.len() == width);
    if !(rows.len() >= 2 && width >= 2 && short && even) {
        return None;
    }
    let (mut whole, mut parts) = (String::new(), rows.concat().concat());
    plain(table, &mut whole);
    captions(table).for_each(|caption| plain(caption, &mut parts));
    (squeeze(&whole).len() == squeeze(&parts).len()).then_some(rows)
}

fn captions(table: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    let children = table.children().filter_map(ElementRef::wrap);
    children.filter(|child| child.value().name() == "caption")
}

fn rows(table: ElementRef<'_>) -> Vec<Vec<String>> {
    let elements = table.descendants().filter_map(ElementRef::wrap);
    let rows = elements.filter(|element| element.value().name() == "tr");
    rows.map(|row| {
        let cells = row.children().filter_map(ElementRef::wrap);
        let cells = cells.filter(|cell| matches!(cell.value().name(), "td" | "th"));
        cells
            .map(|cell| {
                let mut text = String::new();
                plain(cell, &mut text);
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    })
    .collect()
}

/// Collects all text below an element, without recursion: pages may nest without end.
fn plain(element: ElementRef<'_>, text: &mut String) {
    let mut left = vec![*element];
    while let Some(node) = left.pop() {
        match node.value() {
            Node::Text(own) => text.push_str(own),
            Node::Element(own) if SKIPPED.contains(&own.name()) => {}
            _ => left.extend(node.children().rev()),
        }
    }
}
