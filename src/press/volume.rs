//! The issues of a year → a bound volume (合订本): cover, contents, continued page numbers.

use serde_json::json;
use typst::foundations::{Smart, StyleChain};
use typst::introspection::Tag;
use typst::layout::{Abs, Frame, FrameItem, Point, Transform};
use typst::model::HeadingElem;

use super::ink::{self, Ink};
use super::sheet::{Face, own};
use super::write::Bookmark;
use super::{Job, PIECES, Press, PressFile, Printable};
use crate::diag::Checked;
use crate::page::frames;
use crate::publication::Publication;
use crate::source::digest::Digest;

const COVER: &str = include_str!("cover.typ");

/// Makes the volume of the issues of a year, in their order.
pub fn volume(
    issues: &[Printable<'_>],
    year: u16,
    publication: &Publication,
    job: &Job,
) -> Checked<Vec<PressFile>> {
    let mut found = Vec::new();
    let last = &issues[issues.len() - 1];
    let name = publication.raw.name.value.replace('|', "");
    let volume_name = format!("{year}年合订本");
    let digests: Vec<Digest> = issues.iter().map(|issue| issue.digest).collect();
    let whole = Printable {
        name: format!("{}/{year}", publication.id),
        title: format!("{name} {volume_name}"),
        digest: Digest::of_value(&digests),
        ..last.clone()
    };
    let mut press = Press { source: &whole, job, found: &mut found };
    let files = job.files().into_iter().map(|(suffix, only)| {
        Volume { issues, publication, volume_name: &volume_name, press: &mut press }
            .file(format!("-volume{suffix}"), only)
    });
    let files: Option<Vec<PressFile>> = files.collect();
    match files {
        Some(files) => Checked::new(files, found),
        None => Checked::failed(found),
    }
}

struct Volume<'a, 'b> {
    issues: &'a [Printable<'a>],
    publication: &'a Publication,
    volume_name: &'a str,
    press: &'b mut Press<'a>,
}

impl Volume<'_, '_> {
    fn file(&mut self, suffix: String, only: Option<Ink>) -> Option<PressFile> {
        // Each issue begins on a right page, so that its odd pages stay odd.
        let mut text: Vec<Option<Frame>> = Vec::new();
        let mut begins = Vec::new();
        for issue in self.issues {
            begins.push(text.len());
            let mut on_issue =
                Press { source: issue, job: self.press.job, found: &mut *self.press.found };
            text.extend(on_issue.pages(only)?.into_iter().map(Some));
            if text.len() % 2 == 1 {
                text.push(None);
            }
        }
        let front = self.front(&begins, only)?;
        let numbers = self.numbers(text.len(), only)?;
        let ahead = front.len();
        let size = front.first()?.size();
        let mut pages: Vec<Face> =
            front.into_iter().map(|page| Face::new(page, Abs::zero())).collect();
        for (page, number) in text.iter().zip(numbers) {
            pages.push(match page {
                Some(page) => {
                    // Continued numbers are centred, where no issue prints its own.
                    let x = (page.width() - number.width()) / 2.0;
                    let at = Point::new(x, Abs::mm(283.0));
                    let mut face = Face::new(page.clone(), Abs::zero());
                    face.layers.push(own(number, at));
                    face
                }
                None => Face::blank(size),
            });
        }
        let bookmarks = match self.press.job.imposition {
            // Readers do not look for pages on imposed sheets, so these get no bookmarks.
            Some(_) => Vec::new(),
            None => self.bookmarks(&begins, ahead),
        };
        let sheets = self.press.sheets(vec![pages], only)?;
        self.press.write_with(sheets, &bookmarks, suffix)
    }

    /// Cover and contents, padded so that a right page follows.
    fn front(&mut self, begins: &[usize], only: Option<Ink>) -> Option<Vec<Frame>> {
        let contents: Vec<_> = self
            .issues
            .iter()
            .zip(begins)
            .map(|(issue, page)| json!({ "text": issue.title, "page": (page + 1).to_string() }))
            .collect();
        let (first, last) = (self.issues.first()?, self.issues.last()?);
        let raw = &self.publication.raw;
        let name: Vec<&str> =
            raw.name.value.split('|').map(str::trim).filter(|part| !part.is_empty()).collect();
        let data = json!({
            "name": name,
            "title": self.press.source.title,
            "volume": self.volume_name,
            "first": first.title,
            "last": last.title,
            "issuer": raw.issuer.value.replace('|', " "),
            "contents": contents,
        });
        let document = self.press.typeset(COVER, &data)?;
        let colours = self.press.job.colours;
        // The cover is our own and has only colours that the inks can print.
        let page = |frame: &Frame| ink::separate(frame, colours, only, &mut Default::default());
        let mut pages: Vec<Frame> = document.pages().iter().map(|p| page(&p.frame)).collect();
        if pages.len() % 2 == 1 {
            pages.push(Frame::hard(pages[0].size()));
        }
        Some(pages)
    }

    /// The continued page numbers, in black like the issues' own.
    fn numbers(&mut self, count: usize, only: Option<Ink>) -> Option<Vec<Frame>> {
        let texts = (1..=count).map(
            |page| json!({ "text": format!("合订本第 {page} 页"), "role": "songti", "size": 9 }),
        );
        let document = self.press.typeset(PIECES, &texts.collect())?;
        let colours = self.press.job.colours;
        let piece = |frame: &Frame| ink::separate(frame, colours, only, &mut Default::default());
        Some(document.pages().iter().map(|page| piece(&page.frame)).collect())
    }

    /// An entry for each issue, with its sections and titles below.
    fn bookmarks(&self, begins: &[usize], ahead: usize) -> Vec<Bookmark> {
        let entry = |(issue, begin): (&Printable<'_>, &usize)| {
            let mut below: Vec<(usize, Bookmark)> = Vec::new();
            for (index, page) in issue.document.pages().iter().enumerate() {
                frames::walk(&page.frame, Transform::identity(), &mut |at, item| {
                    let FrameItem::Tag(Tag::Start(element, _)) = item else { return };
                    let Some(heading) = element.to_packed::<HeadingElem>() else { return };
                    if heading.bookmarked.get(StyleChain::default()) == Smart::Custom(false) {
                        return;
                    }
                    let level = heading.resolve_level(StyleChain::default()).get();
                    let text = heading.body.plain_text().to_string();
                    let (sheet, at) = (ahead + begin + index, Point::new(at.tx, at.ty));
                    below.push((level, Bookmark { text, sheet, at, below: Vec::new() }));
                });
            }
            Bookmark {
                text: issue.title.clone(),
                sheet: ahead + begin,
                at: Point::zero(),
                below: nested(below),
            }
        };
        self.issues.iter().zip(begins).map(entry).collect()
    }
}

/// Nests the entries: an entry of a deeper level goes below the entry before it.
fn nested(entries: Vec<(usize, Bookmark)>) -> Vec<Bookmark> {
    let Some(top) = entries.iter().map(|(level, _)| *level).min() else { return Vec::new() };
    let mut nested: Vec<(Bookmark, Vec<(usize, Bookmark)>)> = Vec::new();
    for (level, entry) in entries {
        match nested.last_mut() {
            Some((_, below)) if level > top => below.push((level, entry)),
            _ => nested.push((entry, Vec::new())),
        }
    }
    nested
        .into_iter()
        .map(|(entry, below)| Bookmark { below: self::nested(below), ..entry })
        .collect()
}
