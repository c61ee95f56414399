//! Typesetting errors → the line of the issue whose text causes them.
//!
//! Typst only knows places in the layout. So the issue is typeset again with ever fewer of its
//! lines, and the line with which it begins to fail is to blame. Where typesetting fails without
//! any text, the layout is to blame, and Typst's own place is enough.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Diagnostic, Severity, SourceFile, Span, Spanned};
use crate::issue::raw::{RawArticle, RawIssue};
use crate::source::read;

/// Moves errors to the line that causes them; the layout's place becomes a label. `sets` tells
/// whether an issue can be typeset.
pub fn blame(
    mut found: Vec<Diagnostic>,
    file: &Arc<SourceFile>,
    sets: impl Fn(&RawIssue) -> bool,
) -> Vec<Diagnostic> {
    let Some(raw) = read::read::<RawIssue>(file).value else { return found };
    let lines = lines(&raw, file);
    let Some((first, _)) = lines.split_first() else { return found };
    // One plain article stays, so that there is an issue to typeset.
    if !sets(&cut(&raw, &lines, 0, true)) {
        return found;
    }
    let at = partition(lines.len(), |count| sets(&cut(&raw, &lines, count, false)));
    let guilty = lines.get(at.saturating_sub(1)).unwrap_or(first);
    for diagnostic in found.iter_mut().filter(|d| d.severity == Severity::Error) {
        let here = Span::new(file, guilty.place.clone());
        let layout = diagnostic.span.replace(here.clone());
        diagnostic
            .labels
            .extend(layout.filter(|span| span.file != *file).map(|span| (span, "layout")));
        diagnostic.labels.push((here, "text"));
    }
    found
}

/// The smallest count, from 1, of lines with which an issue cannot be typeset.
fn partition(count: usize, sets: impl Fn(usize) -> bool) -> usize {
    let (mut good, mut bad) = (0, count);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if sets(middle) { good = middle } else { bad = middle }
    }
    bad
}

/// A line of text of an issue.
struct Line {
    /// The line's article, counted over the whole issue.
    article: usize,
    /// The line's end in the article's body; `None` for the title.
    end: Option<usize>,
    /// The line's place in the file.
    place: Range<usize>,
}

fn lines(raw: &RawIssue, file: &Arc<SourceFile>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (article, value) in raw.articles().enumerate() {
        lines.push(Line { article, end: None, place: value.title.range.clone() });
        let places = crate::check::Places::new(file, &value.body);
        let mut start = 0;
        for line in value.body.value.split_inclusive('\n') {
            let blank = line.len() - line.trim_start().len();
            let place = places.range(start + blank..start + line.trim_end().len().max(blank));
            start += line.len();
            if !line.trim().is_empty() {
                lines.push(Line { article, end: Some(start), place });
            }
        }
    }
    lines
}

/// The issue with the first `count` of its lines; `plain` reduces each text to a single word.
fn cut(raw: &RawIssue, lines: &[Line], count: usize, plain: bool) -> RawIssue {
    let mut raw = raw.clone();
    let word = |text: &Spanned<String>| Spanned { value: "文".into(), range: text.range.clone() };
    let kept = &lines[..count];
    let mut index = 0;
    let mut keep = |article: &mut Spanned<RawArticle>| {
        let own: Vec<&Line> = kept.iter().filter(|line| line.article == index).collect();
        let first = index == 0;
        index += 1;
        let article = &mut article.value;
        let whole = article.body.value.len();
        let end = own.iter().rev().find_map(|line| line.end);
        match end {
            Some(end) => article.body.value.truncate(end),
            None => article.body.value = "文".into(),
        }
        // Attachments come after the last line of their article.
        if end.is_none_or(|end| end < whole) {
            article.attachments.clear();
        }
        if plain {
            *article = RawArticle {
                title: word(&article.title),
                body: word(&article.body),
                contents_entry: article.contents_entry.take(),
                source: article.source.take(),
                contributor: article.contributor.take(),
                authors: std::mem::take(&mut article.authors),
                ..RawArticle::default()
            };
        }
        !own.is_empty() || plain && first
    };
    raw.articles.retain_mut(&mut keep);
    for section in &mut raw.sections {
        section.value.articles.retain_mut(&mut keep);
    }
    raw.sections.retain(|section| !section.value.articles.is_empty());
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bad_line_is_found_in_few_steps() {
        for count in 1..40 {
            for bad in 1..=count {
                let steps = std::cell::Cell::new(0);
                let found = partition(count, |n| {
                    steps.set(steps.get() + 1);
                    n < bad
                });
                assert_eq!(found, bad);
                assert!(steps.get() <= 6);
            }
        }
    }
}
