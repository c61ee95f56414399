//! A finding → the lines that codespan shows, cut to what lies around the caret.
//!
//! A paragraph is one line of TOML and may have a thousand characters: if the whole line were
//! shown, the caret under it would be hard to find.

use std::ops::Range;

use codespan_reporting::diagnostic::{Diagnostic as Shown, Label, LabelStyle, Severity as Level};
use codespan_reporting::files::{Error, Files};
use unicode_width::UnicodeWidthChar;

use super::visible;
use crate::diag::catalogue::Catalogue;
use crate::diag::{Diagnostic, Severity, Span};

/// Columns of a terminal that a source line may take.
const WIDTH: usize = 72;
/// Columns that codespan gives to a tab.
const TAB: usize = 4;
const CUT: char = '…';

/// The files that a finding points into; each holds only the lines shown.
#[derive(Debug, Default)]
pub struct Snippets {
    files: Vec<Snippet>,
}

#[derive(Debug)]
struct Snippet {
    name: String,
    text: String,
    lines: Vec<Line>,
}

/// One line of a snippet, possibly cut.
#[derive(Debug)]
struct Line {
    /// The byte of the snippet at which the line begins.
    start: usize,
    /// Its number in the file, from 1.
    number: usize,
    /// The number of characters cut off at its start.
    cut: usize,
    /// The bytes of the snippet that stand for one invisible character each.
    numbers: Vec<Range<usize>>,
}

/// A finding in codespan's terms, with the source lines that go with it.
pub fn shown(diagnostic: &Diagnostic, catalogue: &Catalogue) -> (Shown<usize>, Snippets) {
    let words = catalogue.words(&super::shown(diagnostic));
    let mut spans: Vec<(LabelStyle, &Span, &str)> = Vec::new();
    spans.extend(diagnostic.span.as_ref().map(|span| (LabelStyle::Primary, span, "")));
    let labels = diagnostic.labels.iter().zip(&words.labels);
    spans.extend(labels.map(|((span, _), text)| (LabelStyle::Secondary, span, text.as_str())));
    // The lines of a snippet keep the file's order; the file of the finding itself comes first.
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&at| spans[at].1.range.start);
    let mut snippets = Snippets::default();
    for (_, span, _) in &spans {
        snippets.file(&span.file.name);
    }
    let mut placed: Vec<Option<Label<usize>>> = vec![None; spans.len()];
    for at in order {
        let (style, span, text) = spans[at];
        let (id, range) = snippets.add(span);
        placed[at] = Some(Label::new(style, id, range).with_message(text));
    }
    let label = catalogue.text("hint-label", &[]);
    let mut notes: Vec<String> =
        words.hints.iter().map(|hint| format!("{label}: {hint}")).collect();
    if diagnostic.fix.is_some() {
        notes.push(format!("{label}: {}", catalogue.text("fix-hint", &[])));
    }
    let level = match diagnostic.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Advice => Level::Note,
    };
    let shown = Shown::new(level)
        .with_code(diagnostic.code.id())
        .with_message(&words.message)
        .with_labels(placed.into_iter().flatten().collect())
        .with_notes(notes);
    (shown, snippets)
}

impl Snippets {
    fn file(&mut self, name: &str) -> usize {
        let known = self.files.iter().position(|file| file.name == name);
        known.unwrap_or_else(|| {
            let (text, lines) = (String::new(), Vec::new());
            self.files.push(Snippet { name: name.into(), text, lines });
            self.files.len() - 1
        })
    }

    /// Adds the first line of a place; returns the file's id and the place's bytes in the snippet.
    fn add(&mut self, span: &Span) -> (usize, Range<usize>) {
        let text = &span.file.text;
        let start = text[..span.range.start].rfind('\n').map_or(0, |at| at + 1);
        let end =
            text[span.range.start..].find('\n').map_or(text.len(), |at| span.range.start + at);
        let line = text[start..end].trim_end_matches('\r');
        let within = |at: usize| at.saturating_sub(start).min(line.len());
        let focus = within(span.range.start)..within(span.range.end);
        let number = span.line_column().0;
        let window = window(line, focus.clone());
        let id = self.file(&visible::line(&span.file.name));
        let file = &mut self.files[id];
        let cut = line[..window.start].chars().count();
        // A line shown whole is added once, however many places it has.
        let last = file.lines.last().filter(|last| last.number == number && last.cut == cut);
        let (line_start, fresh) = match last {
            Some(last) if window == (0..line.len()) => (last.start, false),
            _ => (file.text.len(), true),
        };
        if fresh {
            file.text.extend((window.start > 0).then_some(CUT));
            let mut numbers = Vec::new();
            for part in line[window.clone()].split_inclusive(visible::is_invisible) {
                let (plain, last) = match part.char_indices().next_back() {
                    Some((at, c)) if visible::is_invisible(c) && c != '\t' => part.split_at(at),
                    _ => (part, ""),
                };
                file.text.push_str(plain);
                let at = file.text.len();
                file.text.push_str(&visible::line(last));
                numbers.extend((!last.is_empty()).then_some(at..file.text.len()));
            }
            file.lines.push(Line { start: line_start, number, cut, numbers });
            file.text.extend((window.end < line.len()).then_some(CUT));
            file.text.push('\n');
        }
        let shift = line_start + if window.start > 0 { CUT.len_utf8() } else { 0 };
        let place = |at: usize| shift + visible::line(&line[window.start..at]).len();
        (id, place(focus.start)..place(focus.end.min(window.end)))
    }
}

/// The part of a line to show: the whole line, or as much around the focus as fits.
fn window(line: &str, focus: Range<usize>) -> Range<usize> {
    let width = |text: &str| text.chars().map(columns).sum::<usize>();
    if width(line) <= WIDTH {
        return 0..line.len();
    }
    // A focus wider than two thirds of the width is cut too, to leave room for context.
    let end = focus.start + fitting(line[focus.clone()].chars(), WIDTH * 2 / 3);
    let rest = WIDTH - width(&line[focus.start..end]);
    let before = fitting(line[..focus.start].chars().rev(), rest / 2);
    let rest = rest - width(&line[focus.start - before..focus.start]);
    let behind = fitting(line[end..].chars(), rest);
    focus.start - before..end + behind
}

/// The bytes of the characters that fit into some columns.
fn fitting(chars: impl Iterator<Item = char>, columns_free: usize) -> usize {
    let mut used = 0;
    chars
        .take_while(|&c| {
            used += columns(c);
            used <= columns_free
        })
        .map(char::len_utf8)
        .sum()
}

fn columns(c: char) -> usize {
    match c {
        '\t' => TAB,
        c if visible::is_invisible(c) => visible::number(c).chars().count(),
        c => c.width().unwrap_or(0),
    }
}

impl<'a> Files<'a> for Snippets {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.get(id)?.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.get(id)?.text)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let lines = &self.get(id)?.lines;
        Ok(lines.partition_point(|line| line.start <= byte).saturating_sub(1))
    }

    fn line_number(&'a self, id: usize, index: usize) -> Result<usize, Error> {
        Ok(self.line(id, index)?.number)
    }

    fn column_number(&'a self, id: usize, index: usize, byte: usize) -> Result<usize, Error> {
        let line = self.line(id, index)?;
        let before = self.get(id)?.text.get(line.start..byte).unwrap_or("");
        let mark = usize::from(line.cut > 0 && before.starts_with(CUT));
        // Columns are counted in characters of the file.
        let numbers = line.numbers.iter().filter(|number| number.end <= byte);
        let more: usize = numbers
            .map(|n| before[n.start - line.start..n.end - line.start].chars().count() - 1)
            .sum();
        Ok(line.cut + before.chars().count() - mark - more + 1)
    }

    fn line_range(&'a self, id: usize, index: usize) -> Result<Range<usize>, Error> {
        let file = self.get(id)?;
        let start = self.line(id, index)?.start;
        Ok(start..file.lines.get(index + 1).map_or(file.text.len(), |next| next.start))
    }
}

impl Snippets {
    fn get(&self, id: usize) -> Result<&Snippet, Error> {
        self.files.get(id).ok_or(Error::FileMissing)
    }

    fn line(&self, id: usize, index: usize) -> Result<&Line, Error> {
        let file = self.get(id)?;
        let max = file.lines.len().saturating_sub(1);
        file.lines.get(index).ok_or(Error::LineTooLarge { given: index, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::catalogue::Lang;
    use crate::diag::{Code, SourceFile};
    use codespan_reporting::term;
    use std::sync::Arc;

    /// The terminal output for a finding at `part` of a file.
    fn seen(text: &str, part: &str) -> String {
        let file = Arc::new(SourceFile { name: "f.toml".into(), text: text.into() });
        let start = text.find(part).expect("the part is there");
        let span = Span::new(&file, start..start + part.len());
        let found = Diagnostic::warning(Code::MarkUnclosed, span);
        let (shown, files) = shown(&found, &Catalogue::new(Lang::En));
        term::emit_into_string(&term::Config::default(), &files, &shown).expect("it is shown")
    }

    /// Asserts that the carets start under `part` and are as wide as `part`.
    fn caret_stands_under(seen: &str, part: &str) {
        let lines: Vec<&str> = seen.lines().collect();
        let caret = lines.iter().position(|line| line.contains('^')).expect("a caret");
        let bar = |line: &str| line.find('│').expect("a margin") + '│'.len_utf8();
        let width = |text: &str| {
            text.chars()
                .map(|c| if c == '\t' { TAB } else { c.width().unwrap_or(0) })
                .sum::<usize>()
        };
        let (source, marks) = (lines[caret - 1], lines[caret]);
        let source = &source[bar(source)..];
        let marks = &marks[bar(marks)..];
        let at = source.find(part).expect("the part is shown");
        assert_eq!(
            width(&source[..at]),
            width(&marks[..marks.find('^').expect("a caret")]),
            "{seen}"
        );
        let carets = marks.chars().filter(|&c| c == '^').count();
        assert_eq!(carets, width(part), "{seen}");
    }

    #[test]
    fn a_short_line_is_shown_whole() {
        let seen = seen("a = 1\nb = '甲乙'\n", "乙");
        assert!(seen.contains("f.toml:2:7") && seen.contains("2 │ b = '甲乙'"), "{seen}");
        caret_stands_under(&seen, "乙");
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let before = "前".repeat(900);
        let text = format!("first\n{before}甲乙{}\n", "后".repeat(900));
        let seen = seen(&text, "甲乙");
        assert!(seen.contains("f.toml:2:901"), "{seen}");
        let line = seen.lines().find(|line| line.contains("甲乙")).expect("the line");
        assert!(line.contains("│ …前") && line.ends_with("后…"), "{seen}");
        assert!(line.chars().count() < 50, "{seen}");
        caret_stands_under(&seen, "甲乙");
    }

    #[test]
    fn a_long_line_is_cut_on_one_side_near_its_ends() {
        let text = format!("甲{}", "文".repeat(500));
        let start = seen(&text, "甲");
        assert!(start.contains("1 │ 甲文") && start.contains("文…"), "{start}");
        caret_stands_under(&start, "甲");
        let text = format!("{}甲", "文".repeat(500));
        let end = seen(&text, "甲");
        assert!(end.contains("│ …文") && !end.contains("甲…"), "{end}");
        caret_stands_under(&end, "甲");
    }

    #[test]
    fn what_steers_a_terminal_is_shown_by_its_number_and_columns_stay() {
        for odd in ['\u{1b}', '\u{202e}', '\u{200b}', '\u{85}'] {
            let number = visible::number(odd);
            let after = seen(&format!("k = '{odd}[31m甲乙{odd}'"), "甲乙");
            assert!(after.contains(&number) && !after.contains(odd), "{after:?}");
            assert!(after.contains("f.toml:1:11"), "{after}");
            caret_stands_under(&after, "甲乙");
            let at = seen(&format!("k = '{}{odd}乙'", "文".repeat(500)), &odd.to_string());
            assert!(at.contains("f.toml:1:506") && !at.contains(odd), "{at:?}");
            caret_stands_under(&at, &number);
        }
    }

    #[test]
    fn tabs_and_a_focus_that_fills_the_line() {
        let seen_tab = seen("k = '\t甲'\n", "甲");
        assert!(seen_tab.contains("f.toml:1:7"), "{seen_tab}");
        let long = "长".repeat(400);
        let seen_long = seen(&format!("k = '{long}'"), &long);
        let widest = seen_long.lines().map(|line| line.chars().count()).max();
        assert!(widest < Some(100), "{seen_long}");
    }
}
