//! Raw data → checked data: a publication for its issues, and an issue that can be typeset; or all
//! findings that prevent them.

mod punctuation;
pub mod series;

mod amount;
mod characters;
mod dates;
mod findings;
pub(crate) mod imprint;
mod jpeg;
mod numbers;
pub mod picture;
mod printed;
mod publication;
mod text;
mod words;

pub use picture::read as read_picture;
pub use publication::publication;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::diag::{Checked, Code, Diagnostic, MAX_FINDINGS, SourceFile, Span, Spanned};
use crate::issue::article::{PARTS, Part, Position, Text};
use crate::issue::body::{self, Block, Problem};
use crate::issue::raw::{RawArticle, RawAttachment, RawImprint, RawIssue, RawSection};
use crate::issue::{Article, Attachment, Date, Imprint, Issue, Kind, Number, Picture, Section};
use crate::publication::Publication;
use crate::source::limits;
pub(crate) use printed::Places;
use text::TextCheck;

/// The place of an issue on the disk, with its text.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The project's root; files outside it are never read.
    pub root: &'a Path,
    /// The issue's file.
    pub path: &'a Path,
    /// Its text.
    pub file: &'a Arc<SourceFile>,
    /// Whether all findings are wanted, not only as many as are shown.
    pub all: bool,
}

/// Checks an issue against its publication.
pub fn check(raw: &RawIssue, publication: &Publication, at: Place<'_>) -> Checked<Issue> {
    let date = raw.date.as_ref().and_then(|date| date.value.date).map(Date::from);
    let text = TextCheck::new(at.file, &publication.fonts, &publication.words).of_issue(date);
    let mut check = Check {
        at,
        text: if at.all { text.unlimited() } else { text },
        found: Vec::new(),
        pictures: Vec::new(),
        pixels: limits::ISSUE_PIXELS,
    };
    let articles: Vec<&RawArticle> = raw.articles().collect();
    let parts = articles.iter().map(|article| 1 + article.attachments.len()).sum::<usize>();
    if parts > limits::ARTICLES {
        let first = articles[0].title.range.clone();
        let many = Diagnostic::error(Code::TooManyArticles, Span::new(at.file, first));
        return Checked::failed(vec![many.arg("count", parts).arg("limit", limits::ARTICLES)]);
    }
    if let Some(excess) = amount::excess(raw, at.file) {
        return Checked::failed(vec![excess]);
    }
    let issue = check.issue(raw, publication);
    check.titles(&articles);
    imprint::imprint(raw, publication, at.file, &mut check.found);
    let mut found = check.found;
    found.extend(check.text.finish());
    publication.levels.apply(&mut found);
    match issue {
        Some(issue) => Checked::new(Issue { pictures: check.pictures, ..issue }, found),
        None => Checked::failed(found),
    }
}

struct Check<'a> {
    at: Place<'a>,
    text: TextCheck<'a>,
    found: Vec<Diagnostic>,
    pictures: Vec<Picture>,
    /// The pixels left to the issue's further pictures.
    pixels: u64,
}

impl Check<'_> {
    fn error(&mut self, code: Code, range: std::ops::Range<usize>) -> &mut Diagnostic {
        self.found.push(Diagnostic::error(code, Span::new(self.at.file, range)));
        self.found.last_mut().expect("one was just pushed")
    }

    /// Reports repeated titles, and lines of the contents that are neither title nor subtitle of
    /// their articles.
    fn titles(&mut self, articles: &[&RawArticle]) {
        let span = |text: &Spanned<String>| Span::new(self.at.file, text.range.clone());
        let mut seen: BTreeMap<String, &Spanned<String>> = BTreeMap::new();
        for article in articles {
            let title = bare(&article.title.value);
            if let Some(first) = seen.get(&title) {
                let repeated = Diagnostic::warning(Code::TitleRepeated, span(&article.title));
                let repeated = repeated.arg("title", title).label(span(first), "first");
                self.found.push(repeated);
                continue;
            }
            seen.insert(title, &article.title);
        }
        for article in articles {
            let Some(entry) = &article.contents_entry else { continue };
            let line = bare(&entry.value);
            let own = [Some(&article.title), article.subtitle.as_ref()];
            if own.into_iter().flatten().any(|text| bare(&text.value) == line) {
                continue;
            }
            let stray = Diagnostic::warning(Code::ContentsEntry, span(entry)).arg("entry", &line);
            self.found.push(match seen.get(&line) {
                Some(other) => stray.hint("another").label(span(other), "other"),
                None => stray.label(span(&article.title), "title"),
            });
        }
    }

    fn issue(&mut self, raw: &RawIssue, publication: &Publication) -> Option<Issue> {
        let facts = &publication.raw;
        let date = raw.date.as_ref().and_then(|date| date.value.date).map(Date::from);
        let number = self.number(raw);
        if let (Some(date), Some(number)) = (date, number) {
            self.file_name(date, number, raw);
        }
        let mut sections: Vec<Section> = Vec::new();
        for group in raw.groups() {
            let name = group.section.map(|(_, section)| self.section(section));
            sections.push(Section { name, articles: self.articles(group.articles) });
        }
        if sections.is_empty() {
            self.error(Code::IssueWithoutArticles, 0..0);
        }
        let above_name = match &raw.meeting {
            Some(meeting) => Some(self.line(meeting)),
            None => facts.organization.as_ref().map(own),
        };
        let notice = match &raw.notice {
            Some(notice) => Some(self.line(notice)),
            None => facts.notice.as_ref().map(own),
        };
        let classification = raw
            .classification
            .as_ref()
            .map(|classification| (classification.level, self.option(&classification.period)));
        if let (Some(copy_number), None) = (&raw.copy_number, &classification) {
            self.error(Code::CopyNumber, copy_number.range.clone());
        }
        self.label(raw, number?);
        Some(Issue {
            number: number?,
            serial_number: raw.serial_number.as_ref().map(|n| n.value),
            date: date?,
            label: self.option(&raw.label),
            above_name,
            issuer: match &raw.issuer {
                Some(issuer) => self.set_line(issuer, Kind::Issuer),
                None => own(&facts.issuer),
            },
            notice: notice.filter(|notice| !notice.is_empty()),
            classification,
            urgency: raw.urgency,
            copy_number: raw.copy_number.as_ref().map(|n| n.value),
            editors_note: self.body(raw.editors_note.as_ref(), Kind::Note),
            sections,
            imprint: self.imprint(&raw.imprint, &facts.imprint),
            pictures: Vec::new(),
        })
    }

    fn number(&mut self, raw: &RawIssue) -> Option<Number> {
        match (&raw.number, &raw.supplement) {
            (Some(number), None) => Some(Number::Regular(number.value)),
            (None, Some(supplement)) => Some(Number::Supplement(supplement.value)),
            (Some(_), Some(supplement)) => {
                let range = supplement.range.clone();
                self.error(Code::NumberOrSupplement, range).hints = vec!["both"];
                None
            }
            (None, None) => {
                self.error(Code::NumberOrSupplement, 0..0);
                None
            }
        }
    }

    /// Reports a label that stands in the number too: 增刊 增刊第1期.
    fn label(&mut self, raw: &RawIssue, number: Number) {
        let Some(label) = &raw.label else { return };
        let (text, said) = (number.to_string(), label.value.trim());
        // What a number says before it counts: 增刊.
        let kind = text.split('第').next().unwrap_or_default();
        let says_kind = !kind.is_empty() && said.contains(kind);
        if says_kind || (!said.is_empty() && text.contains(said)) {
            let span = Span::new(self.at.file, label.range.clone());
            let repeated = Diagnostic::warning(Code::LabelRepeated, span);
            self.found.push(repeated.arg("label", said).arg("number", text));
        }
    }

    fn file_name(&mut self, date: Date, number: Number, raw: &RawIssue) {
        let stem = self.at.path.file_stem().map(|s| s.to_string_lossy().into_owned());
        let stem = stem.unwrap_or_default();
        if Number::parse_file_stem(&stem) != Some((date.year, number)) {
            let expected = number.file_stem(date.year);
            let range =
                raw.number.as_ref().or(raw.supplement.as_ref()).map_or(0..0, |n| n.range.clone());
            let span = Span::new(self.at.file, range);
            self.found.push(
                Diagnostic::warning(Code::FileNameDisagrees, span)
                    .arg("name", stem)
                    .arg("expected", expected),
            );
        }
    }

    /// The name of a section, which must have articles.
    fn section(&mut self, raw: &RawSection) -> String {
        let name = self.set_line(&raw.name, Kind::Section);
        if raw.articles.is_empty() {
            let found = self.error(Code::SectionWithoutArticles, raw.name.range.clone());
            found.args.push(("section", raw.name.value.clone()));
        }
        name
    }

    fn articles(&mut self, articles: &[Spanned<RawArticle>]) -> Vec<Article> {
        articles.iter().map(|article| self.article(&article.value)).collect()
    }

    fn article(&mut self, raw: &RawArticle) -> Article {
        let body = self.body(Some(&raw.body), Kind::Body);
        if body.is_empty() {
            self.error(Code::ArticleWithoutBody, raw.body.range.clone())
                .args
                .push(("title", raw.title.value.clone()));
        }
        let mut article = Article {
            title: self.set_line(&raw.title, Kind::Title),
            contents_entry: None,
            texts: Vec::new(),
            source: None,
            body,
            attachments: Vec::new(),
        };
        for part in &PARTS {
            match part.position {
                Position::Title | Position::Body => {}
                Position::Contents => article.contents_entry = self.option(&raw.contents_entry),
                // The first text of this position fills the parentheses with all of them.
                Position::Source if article.source.is_some() => {}
                Position::Source => article.source = self.source(raw),
                _ => article.texts.push((part, self.part(part, raw))),
            }
        }
        article.attachments = raw.attachments.iter().map(|a| self.attachment(&a.value)).collect();
        article
    }

    /// A text that the layout gets under its own key.
    fn part(&mut self, part: &Part, raw: &RawArticle) -> Text {
        let texts = (part.of)(raw);
        match part.kind.has_marks() {
            true => Text::Blocks(self.body(texts.first(), part.kind)),
            false => Text::Lines(texts.iter().map(|t| self.set_line(t, part.kind)).collect()),
        }
    }

    /// Source, contributor and authors, worded for one pair of parentheses.
    fn source(&mut self, raw: &RawArticle) -> Option<String> {
        let authors: Vec<String> = raw.authors.iter().map(|author| self.line(author)).collect();
        let parts = [
            self.option(&raw.source),
            self.option(&raw.contributor).map(|name| format!("{name}供稿")),
            (!authors.is_empty()).then(|| format!("撰稿人：{}", authors.join("　"))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("，"))
    }

    fn attachment(&mut self, raw: &RawAttachment) -> Attachment {
        let body = self.body(Some(&raw.body), Kind::Body);
        if body.is_empty() {
            self.error(Code::ArticleWithoutBody, raw.body.range.clone())
                .args
                .push(("title", raw.title.value.clone()));
        }
        Attachment { title: self.set_line(&raw.title, Kind::Title), body }
    }

    /// A text printed on one line: checked, with its lines joined.
    fn line(&mut self, text: &Spanned<String>) -> String {
        self.set_line(text, Kind::Line)
    }

    fn set_line(&mut self, text: &Spanned<String>, kind: Kind) -> String {
        self.text.line(text, kind);
        own(text)
    }

    fn option(&mut self, text: &Option<Spanned<String>>) -> Option<String> {
        text.as_ref().map(|text| self.line(text))
    }

    fn body(&mut self, text: Option<&Spanned<String>>, kind: Kind) -> Vec<Block> {
        let Some(text) = text else { return Vec::new() };
        let places = Places::new(self.at.file, text);
        self.text.body(text, &places, kind);
        let (blocks, problems) = body::parse(&text.value);
        for problem in problems.into_iter().take(MAX_FINDINGS) {
            let found = match problem {
                Problem::MarkUnclosed(part) => {
                    Diagnostic::warning(Code::MarkUnclosed, places.span(part))
                }
                Problem::MarkNested(part) => {
                    Diagnostic::warning(Code::MarkNested, places.span(part))
                }
                Problem::TableRagged { place, expected, found } => {
                    Diagnostic::error(Code::TableRagged, places.span(place))
                        .arg("expected", expected)
                        .arg("found", found)
                }
                Problem::PictureWithoutAlt(part) => {
                    Diagnostic::error(Code::PictureWithoutAlt, places.span(part))
                }
            };
            self.found.push(found);
        }
        for block in &blocks {
            if let Block::Figure { name, place, .. } = block {
                self.picture(name, places.span(place.clone()));
            }
        }
        blocks
    }

    fn picture(&mut self, name: &str, span: Span) {
        if self.pictures.iter().any(|picture| picture.name == name) {
            return;
        }
        match picture::load(self.at.root, self.at.path, name, &mut self.pixels) {
            Ok(picture) => self.pictures.push(picture),
            Err((code, detail)) => {
                let found =
                    Diagnostic::error(code, span).arg("picture", name).arg("detail", detail);
                self.found.push(found);
            }
        }
    }

    /// The issue's imprint, laid over the publication's.
    fn imprint(&mut self, own: &RawImprint, standing: &RawImprint) -> Imprint {
        own.texts().for_each(|text| self.text.line(text, Kind::Line));
        own.over(standing).into()
    }
}

/// A title reduced to the characters that are compared: without breaks, dash and blanks.
fn bare(text: &str) -> String {
    let dashed = text.trim_start_matches(['―', '—', '－', '─']);
    dashed.chars().filter(|c| !c.is_whitespace() && *c != '|').collect()
}

/// A text with its lines trimmed and joined.
fn own(text: &Spanned<String>) -> String {
    text.value.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
