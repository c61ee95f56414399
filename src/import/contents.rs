//! The contents of the source (要目, 内容提要) → each of their lines with the article that it names.
//!
//! The program makes the contents from the articles. So each line of the source's contents is a
//! repetition of a title, or an article's own entry, or text that would be lost and is kept in a
//! body.

use super::code::{FurnitureKind, RemarkCode};
use super::draft::{Article, Draft};
use super::key::{ArticleText, Key};
use super::ledger::{Fate, Ledger};
use super::line::{Line, Piece, Remark, squeeze};
use super::markup::{self, Paragraph};
use super::vocabulary::{likeness, pattern, unbracketed, wording};

/// A line of the contents.
pub struct Entry {
    /// The place of the line among the lines.
    pub at: usize,
    /// Whether the line names a section; else it names an article.
    pub section: bool,
}

/// Books the lines of the contents, each under the article whose title matches the line's words,
/// else under the article at its place in the order.
pub fn settle(entries: &[Entry], lines: &[Line], draft: &mut Draft, ledger: &mut Ledger) {
    let sections: Vec<String> = draft.sections.iter().filter_map(|s| s.name.clone()).collect();
    let titles: Vec<(String, String)> = draft
        .articles()
        .map(|article| (article.title.concat(), article.subtitle.concat()))
        .collect();
    let articles = entries.iter().filter(|entry| !entry.section);
    let texts: Vec<String> = articles.map(|entry| lines[entry.at].text()).collect();
    let mut matched = align(&texts, &titles).into_iter();
    let mut contents = Contents { lines, draft, ledger };
    for entry in entries {
        if entry.section {
            contents.section(entry.at, &sections);
        } else {
            let article = matched.next().flatten();
            contents.entry(entry.at, article.map(|index| (index, titles[index].0.as_str())));
        }
    }
}

struct Contents<'a> {
    lines: &'a [Line],
    draft: &'a mut Draft,
    ledger: &'a mut Ledger,
}

impl Contents<'_> {
    /// Books a line with the name of a section, which may be one of the draft's `sections`.
    fn section(&mut self, at: usize, sections: &[String]) {
        let text = self.lines[at].text();
        let (before, name, after) = unbracketed(&text);
        let (name, page) = without_page(name);
        self.ledger.book(at, before, Fate::Mark);
        match sections.iter().find(|known| wording(known) == wording(name)) {
            // Numbers before the name may differ from the section's own.
            Some(known) => match squeeze(name).split_once(&squeeze(known)) {
                Some((head, tail)) => {
                    self.ledger.book(at, head, Fate::Furniture(FurnitureKind::ContentsMark));
                    self.ledger.book(at, known, Fate::Repeated(known.clone()));
                    self.ledger.book(at, tail, Fate::Furniture(FurnitureKind::ContentsMark));
                }
                None => self.ledger.book(at, name, Fate::Furniture(FurnitureKind::ContentsSection)),
            },
            None => self.unmatched(at, name),
        }
        self.ledger.book(at, page, Fate::Furniture(FurnitureKind::ContentsPage));
        self.ledger.book(at, after, Fate::Mark);
    }

    /// Books a line with an article's entry; `article` is the index and title of the article
    /// named.
    fn entry(&mut self, at: usize, article: Option<(usize, &str)>) {
        pattern!(
            NUMBER = r"^\s*([(（]?[\d一二三四五六七八九十]{1,3}[)）]?\s*[.．、)）]|[●◆★※■▲◎☆·•▪○◇□►▶➢\-—―－\s]+)*\s*"
        );
        let text = self.lines[at].text();
        let Some((index, title)) = article else {
            return self.unmatched(at, &text);
        };
        if squeeze(&text) == squeeze(title) {
            return self.ledger.book(at, &text, Fate::Repeated(title.into()));
        }
        let end = NUMBER.find(&text).map_or(0, |found| found.end());
        let (shown, page) = without_page(&text[end..]);
        self.ledger.book(at, &text[..end], Fate::Furniture(FurnitureKind::ContentsMark));
        if squeeze(shown) == squeeze(title) {
            self.ledger.book(at, shown, Fate::Repeated(title.into()));
        } else {
            let key = Key::Article(index, ArticleText::ENTRY);
            let shown = self.ledger.book_title(at, shown.trim(), key);
            let article = self.draft.articles_mut().nth(index);
            article.expect("the entry was matched with it").entry = Some(shown);
        }
        self.ledger.book(at, page, Fate::Furniture(FurnitureKind::ContentsPage));
    }

    /// Books a line that matches no article. The text stays in the issue.
    fn unmatched(&mut self, at: usize, text: &str) {
        let remark = Remark::on(&self.lines[at], RemarkCode::ContentsUnmatched, "");
        self.draft.remarks.push(remark);
        let furniture = Fate::Furniture(FurnitureKind::ContentsEntry);
        let wanted = wording(text);
        let has = |article: &Article| {
            let body = article.body.iter().map(|paragraph| wording(&paragraph.plain));
            body.chain([wording(&article.title.concat())]).any(|text| text.contains(&wanted))
        };
        if wanted.is_empty() || self.draft.articles().any(has) {
            return self.ledger.book(at, text, furniture);
        }
        let piece = Piece { text: text.trim().into(), ..Piece::default() };
        let paragraph = Paragraph {
            text: markup::paragraph(&[piece]),
            plain: text.trim().into(),
            apart: false,
            at,
        };
        // The line goes into the text before its place, else to the head of the first article.
        let before = |article: &Article| article.body.iter().any(|paragraph| paragraph.at < at);
        let mut articles: Vec<&mut Article> = self.draft.articles_mut().collect();
        let index = articles.iter().rposition(|article| before(article)).unwrap_or(0);
        match articles.get_mut(index) {
            Some(article) => {
                let place = article.body.iter().position(|paragraph| paragraph.at > at);
                article.body.insert(place.unwrap_or(article.body.len()), paragraph);
                self.ledger.book(at, text, Fate::Kept(Key::Article(index, ArticleText::BODY)));
            }
            None => self.ledger.book(at, text, furniture),
        }
    }
}

/// The article of each line of the contents, in order.
fn align(entries: &[String], titles: &[(String, String)]) -> Vec<Option<usize>> {
    let keys: Vec<String> = entries.iter().map(|entry| wording(entry)).collect();
    let titles: Vec<(String, String)> =
        titles.iter().map(|(title, subtitle)| (wording(title), wording(subtitle))).collect();
    let score = |entry: &str, (title, subtitle): &(String, String)| {
        if title.is_empty() && subtitle.is_empty() {
            return 0.0;
        }
        let exact = entry == title || entry == subtitle || *entry == format!("{title}{subtitle}");
        let alike = likeness(entry, title).max(likeness(entry, subtitle));
        let part =
            title.starts_with(entry) || entry.starts_with(title.as_str()) && !title.is_empty();
        if exact {
            4.0
        } else if part {
            3.0
        } else if alike >= 0.25 {
            1.0 + alike
        } else {
            0.05
        }
    };
    let mut matched = vec![None; keys.len()];
    // Articles come first, so that of equally good ways the one that skips an article is taken.
    let worth = |article: usize, line: usize| score(&keys[line], &titles[article]);
    for (article, line) in crate::source::text::align(titles.len(), keys.len(), worth) {
        matched[line] = Some(article);
    }
    matched
}

/// Splits a line of the contents into its text and its page number.
fn without_page(text: &str) -> (&str, &str) {
    pattern!(
        PAGE = r"(\s*[.…·．。_—―\-\s\u{3000}]{2,}[(（]?\d{1,3}[)）]?|\s+\d{1,3}|\s*[(（]\d{1,2}[)）])\s*$"
    );
    let end = PAGE.find(text).map_or(text.len(), |found| found.start());
    text.split_at(end)
}
