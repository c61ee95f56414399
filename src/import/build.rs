//! Labelled lines → a draft of the issue, and the ledger in which every part of every line is
//! booked.

use super::byline::{self, Byline, Names};
use super::code::{FurnitureKind, RemarkCode};
use super::contents::{self, Entry};
use super::draft::{Article, Attachment, Draft, Section};
use super::facts::Facts;
use super::imprint;
use super::key::{ArticleText, Key};
use super::ledger::{Fate, Ledger, body_text};
use super::line::{Line, Object, PictureFile, Piece, Remark, append, squeeze};
use super::markup::{self, Paragraph};
use super::masthead::parts::{Fact, Part, parts};
use super::recognise::Guess;
use super::table::Label;
use super::vocabulary::{
    ends_as_issuer, is_unit, pattern, says_editors, unbracketed, without_spacing,
};
use crate::issue::body::heading_level;

/// Where text of a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Body,
    IssueNote,
    ArticleNote,
    NextNote,
}

/// Builds a draft from the lines and their labels.
pub fn build(
    lines: &[Line],
    guesses: &[Guess],
    pictures: &[PictureFile],
    facts: &Facts,
) -> (Draft, Ledger) {
    let mut builder = Builder {
        lines,
        facts,
        pictures,
        ledger: Ledger::default(),
        draft: Draft::default(),
        entries: Vec::new(),
        next_note: Vec::new(),
        target: Target::Body,
        count: 0,
        in_attachment: false,
        before: None,
    };
    let labels: Vec<Label> = guesses.iter().map(|guess| guess.label).collect();
    for at in 0..lines.len() {
        if !builder.ledger.has(at) {
            builder.line(at, &labels);
        }
        builder.before = Some(labels[at]);
    }
    builder.finish()
}

struct Builder<'a> {
    lines: &'a [Line],
    facts: &'a Facts,
    pictures: &'a [PictureFile],
    ledger: Ledger,
    draft: Draft,
    entries: Vec<Entry>,
    next_note: Vec<Paragraph>,
    target: Target,
    count: usize,
    in_attachment: bool,
    before: Option<Label>,
}

pattern!(
    NOTE_LABEL = r"^[【\[〔(（]?(编\s*者\s*按\s*语?|按\s*语|编后语|编后|编者的话|编者语|卷首语|开栏语|开栏的话|本刊按|编按|按)[】\]〕)）]?\s*[:：]?\s*"
);
pattern!(LEADING = r"^[●◆★※■▲◎☆◇▼▶►➢❖□○⊙✦✱\s\u{3000}]+");
pattern!(DASHES = r"^(―+|—+|－+|─+|-+|–+)\s*");

impl Builder<'_> {
    fn line(&mut self, at: usize, labels: &[Label]) {
        let line = &self.lines[at];
        let text = line.text();
        let label = labels[at];
        if !matches!(
            label,
            Label::Body
                | Label::Heading
                | Label::Note
                | Label::NoteMore
                | Label::Caption
                | Label::Object
                | Label::AttachmentList
        ) {
            self.target = Target::Body;
        }
        match label {
            Label::Masthead => self.masthead(at),
            Label::ContentsHeading => {
                self.ledger.book(at, &text, Fate::Furniture(FurnitureKind::ContentsHeading))
            }
            Label::ContentsSection => self.entries.push(Entry { at, section: true }),
            Label::ContentsEntry => self.entries.push(Entry { at, section: false }),
            Label::Section => self.section(at, &text),
            Label::Title => self.title(at, &text),
            Label::TitleMore => self.title_more(at, &text),
            Label::Subtitle | Label::SubtitleMore => self.subtitle(at, &text),
            Label::Author | Label::Source => self.byline(at, &text),
            Label::Note => self.note(at),
            Label::Attachment => self.attachment(at, &text),
            Label::AttachmentTitle => self.attachment_title(at, &text),
            Label::AttachmentList if self.is_repeated_list(at, labels) => {}
            Label::Imprint | Label::ImprintMore => self.imprint(at, label == Label::ImprintMore),
            Label::Closing => self.closing(at),
            Label::NoteMore
            | Label::Heading
            | Label::Body
            | Label::Caption
            | Label::Object
            | Label::AttachmentList => {
                self.body(at, label, labels.get(at + 1).copied());
            }
        }
    }

    fn remark(&mut self, code: RemarkCode, at: usize, detail: impl ToString) {
        self.draft.remarks.push(Remark::on(&self.lines[at], code, detail));
    }

    // Masthead

    fn masthead(&mut self, at: usize) {
        let text = self.lines[at].text();
        let doubts = self.draft.masthead.read(at, &text, self.facts, &mut self.ledger);
        doubts.into_iter().for_each(|(code, detail)| self.remark(code, at, detail));
    }

    /// Takes a value that the imprint or the end of the text states.
    fn state(&mut self, at: usize, part: &Part) {
        let doubt = self.draft.masthead.state(at, part, self.facts, &mut self.ledger);
        if let Some((code, detail)) = doubt {
            self.remark(code, at, detail);
        }
    }

    // Sections, articles

    fn section(&mut self, at: usize, text: &str) {
        let (before, name, after) = unbracketed(text);
        self.ledger.book(at, before, Fate::Mark);
        self.ledger.book(at, name, Fate::Kept(Key::Section(self.named_sections())));
        self.ledger.book(at, after, Fate::Mark);
        let name = Some(without_spacing(name));
        self.draft.sections.push(Section { name, articles: Vec::new() });
        self.in_attachment = false;
    }

    fn named_sections(&self) -> usize {
        self.draft.sections.iter().filter(|section| section.name.is_some()).count()
    }

    fn new_article(&mut self) -> &mut Article {
        if self.draft.sections.is_empty() {
            self.draft.sections.push(Section::default());
        }
        let index = self.count;
        self.count += 1;
        self.in_attachment = false;
        let note = std::mem::take(&mut self.next_note);
        self.ledger.rename(Key::NextNote, Key::Article(index, ArticleText::NOTE));
        let section = self.draft.sections.last_mut().expect("one was just pushed");
        section.articles.push(Article { note, ..Article::default() });
        section.articles.last_mut().expect("one was just pushed")
    }

    fn article(&mut self) -> &mut Article {
        let open = self.draft.sections.last().is_some_and(|section| !section.articles.is_empty());
        if !open {
            self.new_article();
        }
        let section = self.draft.sections.last_mut().expect("there is an article");
        section.articles.last_mut().expect("there is an article")
    }

    /// The key of a text of the open article.
    fn key(&mut self, text: ArticleText) -> Key {
        self.article();
        Key::Article(self.count - 1, text)
    }

    /// The place of the open attachment among those of its article.
    fn attachment_index(&mut self) -> usize {
        self.article().attachments.len() - 1
    }

    fn title(&mut self, at: usize, text: &str) {
        self.new_article();
        let marks = LEADING.find(text).map_or(0, |found| found.end());
        self.ledger.book(at, &text[..marks], Fate::Mark);
        self.title_more(at, &text[marks..]);
    }

    fn title_more(&mut self, at: usize, text: &str) {
        let key = self.key(ArticleText::TITLE);
        let line = self.ledger.book_title(at, text.trim(), key);
        self.article().title.push(line);
    }

    fn subtitle(&mut self, at: usize, text: &str) {
        let text = text.trim();
        let dashes = DASHES.find(text).map_or(0, |found| found.end());
        self.ledger.book(at, &text[..dashes], Fate::Mark);
        let key = self.key(ArticleText::SUBTITLE);
        let line = self.ledger.book_title(at, &text[dashes..], key);
        self.article().subtitle.push(line);
    }

    /// Books a source, contributor or authors, depending on the words of the line.
    fn byline(&mut self, at: usize, text: &str) {
        let plain = self.article().has_byline();
        let Byline { parts, names } = Byline::read(text, plain);
        let key = self.key(match names {
            Names::Source(_) => ArticleText::SOURCE,
            Names::Contributor(_) => ArticleText::CONTRIBUTOR,
            Names::Authors(_) => ArticleText::AUTHORS,
        });
        for part in parts {
            match part {
                byline::Part::Name(name) => self.ledger.book(at, name, Fate::Kept(key)),
                byline::Part::Mark(mark) => self.ledger.book(at, mark, Fate::Mark),
            }
        }
        let article = self.article();
        match names {
            Names::Source(source) => append(&mut article.source, &source),
            Names::Contributor(contributor) => article.contributor = Some(contributor),
            Names::Authors(authors) => article.authors = authors,
        }
    }

    // Text

    fn note(&mut self, at: usize) {
        let text = self.lines[at].text();
        let under_title = matches!(
            self.before,
            Some(
                Label::Title
                    | Label::TitleMore
                    | Label::Subtitle
                    | Label::SubtitleMore
                    | Label::Author
            )
        );
        let in_text = matches!(self.before, Some(Label::Body | Label::Heading | Label::Object))
            && text.trim_start_matches(['【', '（', '[']).starts_with("编后");
        self.target = if in_text {
            Target::Body
        } else if under_title {
            Target::ArticleNote
        } else if self.count == 0 && self.named_sections() == 0 {
            Target::IssueNote
        } else {
            Target::NextNote
        };
        if self.target == Target::Body {
            return self.body(at, Label::Body, None);
        }
        let end = NOTE_LABEL.find(&text).map_or(0, |found| found.end());
        let count = text[..end].chars().count();
        // A label with a note (注释) on it stays in the text.
        let noted = self.lines[at].slice(0, count).iter().any(|piece| piece.note);
        let (end, count) = if noted { (0, 0) } else { (end, count) };
        self.ledger.book(at, &text[..end], Fate::Mark);
        let pieces = self.lines[at].slice(count, usize::MAX);
        if !pieces.is_empty() {
            self.push(at, &pieces, false);
        }
    }

    fn body(&mut self, at: usize, label: Label, next: Option<Label>) {
        let line = &self.lines[at];
        if label != Label::NoteMore {
            self.target = Target::Body;
            let fresh = !self.in_attachment
                && matches!(
                    self.before,
                    Some(Label::Source | Label::Section | Label::NoteMore | Label::Note)
                )
                && !self.article_is_open();
            if fresh {
                self.new_article();
            }
            self.settle_note();
        } else if self.target == Target::Body {
            self.target = Target::ArticleNote;
        }
        match &line.object {
            Some(Object::Table(rows)) => self.table(at, rows),
            Some(Object::Picture(index, alt)) => self.picture(at, *index, alt),
            None if label == Label::Caption
                && next == Some(Label::Object)
                && self.is_table(at + 1) =>
            {
                // The caption is written with its table.
            }
            None if line.glued && self.joins() => self.join(at),
            None => self.push(at, &line.pieces, label == Label::Heading),
        }
    }

    /// An editor's note that no article follows is text of the article before.
    fn settle_note(&mut self) {
        let note = std::mem::take(&mut self.next_note);
        if !note.is_empty() {
            let (paragraphs, key) = self.paragraphs();
            paragraphs.extend(note);
            self.ledger.rename(Key::NextNote, key);
            // An article that begins here has booked the text as its note.
            if self.article().note.is_empty() {
                let note = self.key(ArticleText::NOTE);
                self.ledger.rename(note, key);
            }
        }
    }

    /// Whether an article is open to which the following text can belong.
    fn article_is_open(&self) -> bool {
        let article = self.draft.sections.last().and_then(|section| section.articles.last());
        article.is_some_and(|article| !article.has_byline() || article.body.is_empty())
    }

    fn is_table(&self, at: usize) -> bool {
        matches!(self.lines.get(at).map(|line| &line.object), Some(Some(Object::Table(_))))
    }

    fn paragraphs(&mut self) -> (&mut Vec<Paragraph>, Key) {
        match self.target {
            Target::IssueNote => (&mut self.draft.note, Key::Note),
            Target::NextNote => (&mut self.next_note, Key::NextNote),
            Target::ArticleNote => {
                let key = self.key(ArticleText::NOTE);
                (&mut self.article().note, key)
            }
            Target::Body if self.in_attachment => {
                let index = self.attachment_index();
                let key = self.key(ArticleText::AttachmentBody(index));
                (&mut self.article().attachments[index].body, key)
            }
            Target::Body => {
                let key = self.key(ArticleText::BODY);
                (&mut self.article().body, key)
            }
        }
    }

    fn push(&mut self, at: usize, pieces: &[Piece], heading: bool) {
        let mut pieces = pieces;
        let mut bullet = "";
        if let Some((first, rest)) = pieces.split_first()
            && first.restored
            && markup::is_bullet(&first.text)
        {
            self.ledger.book(at, &first.text, Fate::Furniture(FurnitureKind::Bullet));
            (bullet, pieces) = ("- ", rest);
        }
        // A numbered heading loses its marks, since the program typesets it in a face of its own.
        let numbered: Vec<Piece>;
        if heading_level(&self.lines[at].text()).is_some() {
            let unset = |piece: &Piece| Piece { bold: false, italic: false, ..piece.clone() };
            numbered = pieces.iter().map(unset).collect();
            pieces = &numbered;
        }
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        if !bullet.is_empty() && text.trim().is_empty() {
            return;
        }
        let plain: String = pieces.iter().filter(|p| !p.note).map(|p| p.text.as_str()).collect();
        let marked = format!("{bullet}{}", markup::paragraph(pieces));
        let apart = heading && markup::is_first_level(&plain) || marked.starts_with("**");
        let (paragraphs, key) = self.paragraphs();
        paragraphs.push(Paragraph { text: marked, plain: plain.trim().into(), apart, at });
        self.ledger.book(at, &text, Fate::Kept(key));
    }

    /// Whether a piece that was cut off continues the paragraph before.
    fn joins(&self) -> bool {
        matches!(self.before, Some(Label::Body | Label::Heading | Label::Note | Label::NoteMore))
    }

    fn join(&mut self, at: usize) {
        let lines = self.lines;
        let line = &lines[at];
        let marked = markup::inline(&line.pieces);
        let (paragraphs, key) = self.paragraphs();
        // The marks of both parts may read otherwise where they meet.
        let joined = paragraphs.last_mut().is_some_and(|last| {
            let text = format!("{}{marked}", last.text);
            let fits = body_text(&text) == body_text(&last.text) + &line.content();
            if fits {
                last.text = text;
                last.plain.push_str(&line.text());
            }
            fits
        });
        match joined {
            true => self.ledger.book(at, &line.content(), Fate::Kept(key)),
            false => self.push(at, &line.pieces, false),
        }
    }

    fn table(&mut self, at: usize, rows: &[Vec<String>]) {
        let caption = at
            .checked_sub(1)
            .filter(|&before| self.before == Some(Label::Caption) && !self.ledger.has(before));
        let words = caption.map(|before| self.lines[before].text().trim().to_string());
        let text = markup::table(words.as_deref(), rows);
        let content = self.lines[at].content();
        let (paragraphs, key) = self.paragraphs();
        paragraphs.push(Paragraph { text, plain: String::new(), apart: true, at });
        if let Some(before) = caption {
            self.ledger.book(before, &words.unwrap_or_default(), Fate::Kept(key));
        }
        self.ledger.book(at, &content, Fate::Kept(key));
    }

    fn picture(&mut self, at: usize, index: usize, alt: &str) {
        let caption = self.lines.get(at + 1).filter(|next| {
            let text = next.text();
            pattern!(FIGURE = r"^\s*图\s?[\d一二三四五六七八九十]");
            next.object.is_none()
                && !next.pieces.iter().any(|piece| piece.note)
                && FIGURE.is_match(&text)
                && text.chars().count() <= 50
                && !text.contains("](")
                && !text.contains('。')
        });
        let words = caption.map(|line| line.text().trim().to_string()).unwrap_or_default();
        let extension = self.pictures.get(index).map_or("png", |picture| picture.extension);
        let file = format!("pictures/{}-{}.{extension}", markup::STEM, index + 1);
        let alt = if alt.trim().is_empty() { words.clone() } else { alt.trim().to_string() };
        let alt = if alt.is_empty() { "待核：请写明图片内容".to_string() } else { alt };
        let alt = alt.replace(['"', '\n', '\r'], " ");
        let text = format!("![{}]({file} \"{alt}\")", markup::escape(&words));
        self.remark(RemarkCode::Picture, at, file.replace(markup::STEM, "…"));
        let has_caption = caption.is_some();
        let (paragraphs, key) = self.paragraphs();
        paragraphs.push(Paragraph { text, plain: String::new(), apart: true, at });
        if has_caption {
            self.ledger.book(at + 1, &words, Fate::Kept(key));
        }
    }

    // Attachments

    fn attachment(&mut self, at: usize, text: &str) {
        pattern!(MARK = r"^\s*附\s*[件录]?(\s*[\d一二三四五六七八九十]){0,2}(\s*[:：]|\s|$)\s*");
        let Some(mark) = MARK.find(text) else { return self.body(at, Label::Body, None) };
        self.article().attachments.push(Attachment::default());
        self.in_attachment = true;
        self.ledger.book(at, mark.as_str(), Fate::Mark);
        let title = &text[mark.end()..];
        if !title.is_empty() {
            self.attachment_title(at, title);
        }
    }

    fn attachment_title(&mut self, at: usize, text: &str) {
        if !self.in_attachment {
            return self.title(at, text);
        }
        let index = self.attachment_index();
        let key = self.key(ArticleText::AttachmentTitle(index));
        let line = self.ledger.book_title(at, text.trim(), key);
        self.article().attachments[index].title.push(line);
    }

    /// Whether a line belongs to the list of attachments under a text, with the attachments
    /// following. The program prints such a list itself.
    fn is_repeated_list(&mut self, at: usize, labels: &[Label]) -> bool {
        pattern!(
            HEAD =
                r"^\s*(附[件录][\d一二三四五六七八九十]{0,2}\s*[:：]?)?\s*(\d{1,2}\s*[.．、])?\s*"
        );
        let text = self.lines[at].text();
        let end = HEAD.find(&text).map_or(0, |found| found.end());
        let title = squeeze(&text[end..]);
        let follows = (at + 1..labels.len()).any(|later| {
            labels[later] == Label::AttachmentTitle
                && self.lines[later].content() == title
                && !title.contains('|')
        });
        if follows {
            self.ledger.book(at, &text[..end], Fate::Mark);
            self.ledger.book(at, &title, Fate::Repeated(title.clone()));
        }
        follows
    }

    // The end

    fn imprint(&mut self, at: usize, more: bool) {
        let text = self.lines[at].text();
        for (index, part) in imprint::parts(&text).into_iter().enumerate() {
            let (imprint, ledger) = (&mut self.draft.imprint, &mut self.ledger);
            match part {
                imprint::Part::Labelled(label, colon, text) => {
                    if let Some(label) = imprint.take(at, (label, colon, text), ledger) {
                        self.remark(RemarkCode::Label, at, label);
                    }
                }
                imprint::Part::Loose(text) => {
                    if !(more || index > 0) || !imprint.continues(at, text, ledger) {
                        self.imprint_rest(at, text);
                    }
                }
                imprint::Part::Copies(text, run) => {
                    imprint.print_run = Some(run);
                    ledger.book(at, text, Fate::Value);
                }
            }
        }
    }

    /// Books imprint text without a label that the model knows: the printer, the date.
    fn imprint_rest(&mut self, at: usize, text: &str) {
        for part in &parts(text) {
            match &part.fact {
                Some(Fact::Text(text)) => self.imprint_text(at, part, text),
                _ => self.state(at, part),
            }
        }
    }

    fn imprint_text(&mut self, at: usize, part: &Part, text: &str) {
        let squeezed = squeeze(text);
        let issuer = &self.draft.masthead.issuer;
        if squeezed == squeeze(&self.facts.issuer)
            || Some(&squeezed) == issuer.as_deref().map(squeeze).as_ref()
        {
            return self.ledger.book(at, &part.text, Fate::Repeated(squeezed));
        }
        if self.draft.imprint.append(at, text, &mut self.ledger) {
            return;
        }
        if self.draft.masthead.issuer.is_none() && ends_as_issuer(&squeezed) {
            self.draft.masthead.issuer = Some(text.into());
            self.ledger.book(at, &part.text, Fate::Kept(Key::Issuer));
        } else {
            self.keep_in_body(at, text);
        }
    }

    /// Keeps text without a place of its own in the body.
    fn keep_in_body(&mut self, at: usize, text: &str) {
        self.target = Target::Body;
        self.in_attachment = false;
        let piece = Piece { text: text.into(), ..Piece::default() };
        self.push(at, &[piece], false);
        self.remark(RemarkCode::KeptInBody, at, "");
    }

    /// A date or a unit under the text.
    fn closing(&mut self, at: usize) {
        let parts = parts(&self.lines[at].text());
        if self.in_attachment || !parts.iter().all(|part| self.closes(part)) {
            self.target = Target::Body;
            return self.push(at, &self.lines[at].pieces, false);
        }
        for part in &parts {
            match &part.fact {
                Some(Fact::Text(text)) if squeeze(text) == squeeze(&self.facts.issuer) => {
                    self.ledger.book(at, &part.text, Fate::Repeated(text.clone()));
                }
                Some(Fact::Text(text)) if says_editors(text) => {
                    append(&mut self.draft.masthead.issuer, text);
                    self.ledger.book(at, &part.text, Fate::Kept(Key::Issuer));
                }
                Some(Fact::Text(text)) => self.byline(at, text),
                _ => self.state(at, part),
            }
        }
    }

    /// Whether the issue has a place for a part of the closing line.
    fn closes(&mut self, part: &Part) -> bool {
        match &part.fact {
            Some(Fact::Date(date)) => self.draft.masthead.date.is_none_or(|known| known == *date),
            Some(Fact::Text(text)) => {
                let editors = says_editors(text) && self.draft.masthead.issuer.is_none();
                let article = self.article();
                let free = article.source.is_none() && article.contributor.is_none();
                editors || free && is_unit(text) || squeeze(text) == squeeze(&self.facts.issuer)
            }
            Some(_) => false,
            None => true,
        }
    }

    fn finish(mut self) -> (Draft, Ledger) {
        self.target = Target::Body;
        self.settle_note();
        contents::settle(&self.entries, self.lines, &mut self.draft, &mut self.ledger);
        self.draft.imprint.finish();
        let Builder { mut draft, mut ledger, .. } = self;
        let mut remarks = Vec::new();
        for (index, article) in draft.articles_mut().enumerate() {
            markup::leads(&mut article.body);
            let mut make = |text| ledger.make(Key::Article(index, text));
            if article.title.is_empty() {
                make(ArticleText::TITLE);
                let line = article.body.first().map(|p| p.plain.clone()).unwrap_or_default();
                remarks.push(Remark::new(RemarkCode::Untitled, 0, &line, ""));
            }
            if article.body.is_empty() {
                make(ArticleText::BODY);
                remarks.push(Remark::new(RemarkCode::NoBody, 0, &article.title.concat(), ""));
            }
            for (at, attachment) in article.attachments.iter().enumerate() {
                if attachment.title.is_empty() {
                    make(ArticleText::AttachmentTitle(at));
                }
                if attachment.body.is_empty() {
                    make(ArticleText::AttachmentBody(at));
                }
            }
        }
        draft.remarks.extend(remarks);
        (draft, ledger)
    }
}
