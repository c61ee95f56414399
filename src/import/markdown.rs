//! Markdown → the lines of its text.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::line::{Line, Object, Piece, Source};

/// Reads a Markdown file.
pub fn read(text: &str) -> Source {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let mut reader =
        Reader { source: Source::default(), line: Line::default(), ..Reader::default() };
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        let number = ends.partition_point(|end| *end < range.start) + 1;
        reader.event(event, number);
    }
    reader.end_line();
    reader.source
}

#[derive(Default)]
struct Reader {
    source: Source,
    line: Line,
    bold: usize,
    italic: usize,
    lists: Vec<Option<u64>>,
    rows: Option<Vec<Vec<String>>>,
    gap: usize,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, number: usize) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.begin(number);
                self.line.outline = Some(match level {
                    HeadingLevel::H1 => 1,
                    HeadingLevel::H2 => 2,
                    _ => 3,
                });
            }
            Event::Start(Tag::Paragraph) => self.begin(number),
            Event::Start(Tag::Item) => {
                self.begin(number);
                let mark = match self.lists.last_mut() {
                    Some(Some(n)) => {
                        *n += 1;
                        format!("{}.", *n - 1)
                    }
                    _ => "•".to_string(),
                };
                self.line.pieces.push(Piece { text: mark, restored: true, ..Piece::default() });
            }
            Event::Start(Tag::List(start)) => self.lists.push(start),
            Event::End(TagEnd::List(_)) => {
                self.end_line();
                self.lists.pop();
            }
            Event::Start(Tag::Strong) => self.bold += 1,
            Event::End(TagEnd::Strong) => self.bold -= 1,
            Event::Start(Tag::Emphasis) => self.italic += 1,
            Event::End(TagEnd::Emphasis) => self.italic -= 1,
            Event::Start(Tag::Table(_)) => {
                self.begin(number);
                self.rows = Some(Vec::new());
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                self.rows.iter_mut().for_each(|rows| rows.push(Vec::new()))
            }
            Event::Start(Tag::TableCell) => {
                let row = self.rows.iter_mut().filter_map(|rows| rows.last_mut());
                row.for_each(|row| row.push(String::new()));
            }
            Event::End(TagEnd::Table) => {
                self.line.object = self.rows.take().map(Object::Table);
                self.end_line();
            }
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item) => self.end_line(),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.text(&text, number)
            }
            Event::SoftBreak | Event::HardBreak => {
                let outline = self.line.outline;
                self.end_line();
                self.begin(number + 1);
                self.gap = 0;
                self.line.gap = 0;
                self.line.outline = outline;
            }
            _ => {}
        }
    }

    fn begin(&mut self, number: usize) {
        if self.line.pieces.iter().all(|piece| piece.restored) && !self.line.pieces.is_empty() {
            return;
        }
        self.end_line();
        self.line = Line { number, gap: self.gap, ..Line::default() };
    }

    fn text(&mut self, text: &str, number: usize) {
        if let Some(cell) =
            self.rows.iter_mut().filter_map(|rows| rows.last_mut()?.last_mut()).next()
        {
            return cell.push_str(text);
        }
        if self.line.number == 0 {
            self.line.number = number;
        }
        let (bold, italic) = (self.bold > 0, self.italic > 0);
        let text = text.replace(['\n', '\r'], " ");
        self.line.pieces.push(Piece { text, bold, italic, ..Piece::default() });
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.object.is_some() || !line.text().trim().is_empty() {
            self.source.lines.push(line);
            self.gap = 1;
        }
    }
}
