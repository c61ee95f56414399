//! A raw issue and its publication → an issue that can be set, or every reason why not.

mod picture;
pub mod text;

pub use picture::load as load_picture;

use std::path::Path;
use std::sync::Arc;

use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span};
use crate::issue::body::{self, Block, Problem};
use crate::issue::raw::{RawArticle, RawAttachment, RawImprint, RawIssue};
use crate::issue::{Article, Attachment, Date, Imprint, Issue, Number, Picture, Section};
use crate::publication::Publication;
use crate::read::Spanned;
use text::{TextCheck, place};

/// Where an issue lies.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The project's root: nothing outside it is read.
    pub root: &'a Path,
    /// The issue's file.
    pub path: &'a Path,
    /// Its text.
    pub file: &'a Arc<SourceFile>,
}

/// Checks an issue against its publication.
pub fn check(raw: &RawIssue, publication: &Publication, at: Place<'_>) -> Checked<Issue> {
    let mut check = Check {
        at,
        text: TextCheck::new(at.file, &publication.fonts),
        found: Vec::new(),
        pictures: Vec::new(),
    };
    let issue = check.issue(raw, publication);
    check.found.append(&mut check.text.found);
    match issue {
        Some(issue) => Checked::new(Issue { pictures: check.pictures, ..issue }, check.found),
        None => Checked::failed(check.found),
    }
}

struct Check<'a> {
    at: Place<'a>,
    text: TextCheck<'a>,
    found: Vec<Diagnostic>,
    pictures: Vec<Picture>,
}

impl Check<'_> {
    fn error(&mut self, code: Code, range: std::ops::Range<usize>) -> &mut Diagnostic {
        self.found.push(Diagnostic::error(code, Span::new(self.at.file, range)));
        self.found.last_mut().expect("one was just pushed")
    }

    fn issue(&mut self, raw: &RawIssue, publication: &Publication) -> Option<Issue> {
        let facts = &publication.raw;
        let date = raw.date.value.date.map(Date::from);
        let number = self.number(raw);
        if let (Some(date), Some(number)) = (date, number) {
            self.file_name(date, number, raw);
        }
        let loose = self.articles(&raw.articles);
        let mut sections: Vec<Section> = Vec::new();
        if !loose.is_empty() {
            sections.push(Section { name: None, articles: loose });
        }
        for section in &raw.sections {
            let name = Some(self.line(&section.value.name));
            if section.value.articles.is_empty() {
                let range = section.value.name.range.clone();
                let found = self.error(Code::SectionWithoutArticles, range);
                found.args.push(("section", section.value.name.value.clone()));
            }
            sections.push(Section { name, articles: self.articles(&section.value.articles) });
        }
        if raw.articles.is_empty() && raw.sections.is_empty() {
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
        Some(Issue {
            number: number?,
            serial_number: raw.serial_number.as_ref().map(|n| n.value),
            date: date?,
            label: self.option(&raw.label),
            above_name,
            issuer: self.option(&raw.issuer).unwrap_or_else(|| own(&facts.issuer)),
            notice: notice.filter(|notice| !notice.is_empty()),
            classification,
            urgency: raw.urgency,
            copy_number: raw.copy_number.as_ref().map(|n| n.value),
            editors_note: self.body(raw.editors_note.as_ref()),
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

    fn articles(&mut self, articles: &[Spanned<RawArticle>]) -> Vec<Article> {
        articles.iter().map(|article| self.article(&article.value)).collect()
    }

    fn article(&mut self, raw: &RawArticle) -> Article {
        let body = self.body(Some(&raw.body));
        if body.is_empty() {
            self.error(Code::ArticleWithoutBody, raw.body.range.clone())
                .args
                .push(("title", raw.title.value.clone()));
        }
        Article {
            title: self.line(&raw.title),
            subtitle: self.option(&raw.subtitle),
            contents_entry: self.option(&raw.contents_entry),
            source: self.source(raw),
            editors_note: self.body(raw.editors_note.as_ref()),
            body,
            attachments: raw.attachments.iter().map(|one| self.attachment(&one.value)).collect(),
        }
    }

    /// Source, contributor and authors in the words of one pair of parentheses.
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
        let body = self.body(Some(&raw.body));
        if body.is_empty() {
            self.error(Code::ArticleWithoutBody, raw.body.range.clone())
                .args
                .push(("title", raw.title.value.clone()));
        }
        Attachment { title: self.line(&raw.title), body }
    }

    /// A text that is printed on one line: checked, and without line ends.
    fn line(&mut self, text: &Spanned<String>) -> String {
        self.text.check(text);
        own(text)
    }

    fn option(&mut self, text: &Option<Spanned<String>>) -> Option<String> {
        text.as_ref().map(|text| self.line(text))
    }

    fn body(&mut self, text: Option<&Spanned<String>>) -> Vec<Block> {
        let Some(text) = text else { return Vec::new() };
        self.text.check(text);
        let (blocks, problems) = body::parse(&text.value);
        for problem in problems {
            let found = match problem {
                Problem::MarkUnclosed(part) => {
                    Diagnostic::warning(Code::MarkUnclosed, place(self.at.file, text, part))
                }
                Problem::TableRagged { place: part, expected, found } => {
                    Diagnostic::error(Code::TableRagged, place(self.at.file, text, part))
                        .arg("expected", expected)
                        .arg("found", found)
                }
                Problem::PictureWithoutAlt(part) => {
                    Diagnostic::error(Code::PictureWithoutAlt, place(self.at.file, text, part))
                }
            };
            self.found.push(found);
        }
        for block in &blocks {
            if let Block::Figure { name, place: part, .. } = block {
                self.picture(name, place(self.at.file, text, part.clone()));
            }
        }
        blocks
    }

    fn picture(&mut self, name: &str, span: Span) {
        if self.pictures.iter().any(|picture| picture.name == name) {
            return;
        }
        match picture::load(self.at.root, self.at.path, name) {
            Ok(picture) => self.pictures.push(picture),
            Err((code, detail)) => {
                let found =
                    Diagnostic::error(code, span).arg("picture", name).arg("detail", detail);
                self.found.push(found);
            }
        }
    }

    /// The issue's imprint over the publication's standing one.
    fn imprint(&mut self, own: &RawImprint, standing: &RawImprint) -> Imprint {
        own.texts().for_each(|text| self.text.check(text));
        let list = |own: &Option<Vec<Spanned<String>>>, standing: &Option<Vec<Spanned<String>>>| {
            let list = own.as_ref().or(standing.as_ref());
            list.into_iter().flatten().map(|text| text.value.trim().to_string()).collect()
        };
        let staff = [
            ("责任编辑", &own.editor, &standing.editor),
            ("审核", &own.reviewer, &standing.reviewer),
            ("签发", &own.approved_by, &standing.approved_by),
            ("电话", &own.phone, &standing.phone),
            ("邮箱", &own.email, &standing.email),
        ];
        Imprint {
            report_to: list(&own.report_to, &standing.report_to),
            send_to: list(&own.send_to, &standing.send_to),
            distribute_to: list(&own.distribute_to, &standing.distribute_to),
            also_to: list(&own.also_to, &standing.also_to),
            print_run: own.print_run.as_ref().or(standing.print_run.as_ref()).map(|n| n.value),
            staff: staff
                .into_iter()
                .filter_map(|(label, own, standing)| {
                    let text = own.as_ref().or(standing.as_ref())?.value.trim().to_string();
                    (!text.is_empty()).then_some((label, text))
                })
                .collect(),
        }
    }
}

/// A text on one line, without blanks around it.
fn own(text: &Spanned<String>) -> String {
    text.value.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
