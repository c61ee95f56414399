//! Labelled lines → a draft: the issue as far as its source says it, every part booked.

use super::imprint::Imprint;
use super::ledger::{Fate, Ledger};
use super::line::{Line, Object, Piece, Remark, squeeze};
use super::masthead::{self, Fact, Part};
use super::recognise::Guess;
use super::table::Label;
use super::words::{is_bulletin_name, is_names, is_unit, key, likeness, pattern, without_spacing};
use super::{Facts, marks};
use crate::issue::body::heading_level;
use crate::issue::{Date, Number};

/// An issue out of a source, not yet looked at by a person.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The number, if the source has one.
    pub number: Option<Number>,
    /// The year that stood beside the number.
    pub year: Option<u16>,
    /// The cumulative number.
    pub serial: Option<u32>,
    /// The date; its day or month is 0 where the source does not say.
    pub date: Option<Date>,
    /// The label beside the number.
    pub label: Option<String>,
    /// The line above the name, where it is not the publication's.
    pub meeting: Option<String>,
    /// The issuer, where it is not the publication's.
    pub issuer: Option<String>,
    /// The line at the top left, where it is not the publication's.
    pub notice: Option<String>,
    /// Level and period of the classification.
    pub classification: Option<(&'static str, Option<String>)>,
    /// The urgency.
    pub urgency: Option<&'static str>,
    /// The editor's note before all articles.
    pub note: Vec<Paragraph>,
    /// The sections; the first may be nameless.
    pub sections: Vec<Section>,
    /// The imprint.
    pub imprint: Imprint,
    /// What a person should look at.
    pub remarks: Vec<Remark>,
}

/// A section of a draft.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Its name.
    pub name: Option<String>,
    /// Its articles.
    pub articles: Vec<Article>,
}

/// An article of a draft.
#[derive(Debug, Clone, Default)]
pub struct Article {
    /// The lines of the title; none where the source has no title.
    pub title: Vec<String>,
    /// The lines of the subtitle.
    pub subtitle: Vec<String>,
    /// Its line in the contents, where it is not the title.
    pub entry: Option<String>,
    /// Where it comes from.
    pub source: Option<String>,
    /// Who sent it.
    pub contributor: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// The editor's note.
    pub note: Vec<Paragraph>,
    /// The text.
    pub body: Vec<Paragraph>,
    /// The attachments.
    pub attachments: Vec<Attachment>,
}

/// An attachment of a draft.
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    /// The lines of its title.
    pub title: Vec<String>,
    /// Its text.
    pub body: Vec<Paragraph>,
}

/// A paragraph, table or picture of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// With the marks of a body.
    pub text: String,
    /// Without them.
    pub plain: String,
    /// Whether it stands apart from the one before: a heading, a lead sentence, a table.
    pub apart: bool,
    /// The place of its line among the lines.
    pub at: usize,
}

/// Where text of a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Body,
    IssueNote,
    ArticleNote,
    NextNote,
}

/// Builds a draft.
///
/// `extensions` are those of the source's pictures.
pub fn draft(
    lines: &[Line],
    guesses: &mut [Guess],
    facts: &Facts,
    extensions: &[&'static str],
    ledger: &mut Ledger,
) -> Draft {
    settle(lines, guesses);
    let mut builder = Builder {
        lines,
        facts,
        extensions,
        ledger,
        draft: Draft::default(),
        entries: Vec::new(),
        next_note: Vec::new(),
        target: Target::Body,
        count: 0,
        in_attachment: false,
        named: false,
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

/// Relabels what the model of an issue cannot hold: a title or section without anything below.
fn settle(lines: &[Line], guesses: &mut [Guess]) {
    let text = [Label::Body, Label::Heading, Label::Object, Label::Caption, Label::AttachmentList];
    let mut has_text = false;
    for at in 0..guesses.len() {
        let label = guesses[at].label;
        let next = guesses.get(at + 1).map(|guess| guess.label);
        let empty = match label {
            Label::Section => {
                !matches!(next, Some(l) if text.contains(&l) || matches!(l, Label::Title | Label::Note))
            }
            Label::Title => {
                let rest = guesses[at + 1..].iter().map(|guess| guess.label);
                let mut rest = rest.skip_while(|l| {
                    matches!(
                        l,
                        Label::TitleMore
                            | Label::Subtitle
                            | Label::SubtitleMore
                            | Label::Author
                            | Label::Note
                            | Label::NoteMore
                    )
                });
                !rest.next().is_some_and(|l| text.contains(&l))
            }
            _ => false,
        };
        if empty && label == Label::Title && next == Some(Label::Title) {
            guesses[at + 1].label = Label::TitleMore;
        } else if empty && has_text {
            guesses[at].label = Label::Body;
            guesses[at].confidence = guesses[at].confidence.min(0.5);
        }
        has_text |= text.contains(&guesses[at].label);
        // A cut that turned out to be none.
        if lines[at].glued
            && guesses[at].label == Label::Title
            && at > 0
            && guesses[at - 1].label == Label::Body
        {
            guesses[at].label = Label::Body;
        }
    }
}

struct Builder<'a> {
    lines: &'a [Line],
    facts: &'a Facts,
    extensions: &'a [&'static str],
    ledger: &'a mut Ledger,
    draft: Draft,
    entries: Vec<Entry>,
    next_note: Vec<Paragraph>,
    target: Target,
    count: usize,
    in_attachment: bool,
    named: bool,
    before: Option<Label>,
}

/// A line of the contents.
struct Entry {
    at: usize,
    section: bool,
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
                self.ledger.book(at, &text, Fate::Furniture("import-contents-heading"))
            }
            Label::ContentsSection => self.entries.push(Entry { at, section: true }),
            Label::ContentsEntry => self.entries.push(Entry { at, section: false }),
            Label::Section => self.section(at, &text),
            Label::Title => self.title(at, &text),
            Label::TitleMore => self.more(at, &text, "title"),
            Label::Subtitle | Label::SubtitleMore => self.more(at, &text, "subtitle"),
            Label::Author | Label::Source => self.source(at, &text),
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

    fn remark(&mut self, code: &'static str, at: usize, detail: impl ToString) {
        let line = &self.lines[at];
        self.draft.remarks.push(Remark::new(code, line.number, &line.text(), detail));
    }

    // Masthead

    fn masthead(&mut self, at: usize) {
        let parts = masthead::parts(&self.lines[at].text());
        let dated = parts.iter().any(|part| matches!(part.fact, Some(Fact::Date(_))));
        for part in &parts {
            match &part.fact {
                Some(Fact::Text(_)) => self.masthead_text(at, part, dated),
                Some(fact) => self.fact(at, &part.text, fact),
                None => self.ledger.book(at, &part.text, Fate::Mark),
            }
        }
    }

    /// A fact that the masthead, the imprint or the end of the text states.
    fn fact(&mut self, at: usize, text: &str, fact: &Fact) {
        let draft = &mut self.draft;
        let agrees = match fact {
            Fact::Number(number, year) => {
                draft.year = draft.year.or(*year);
                *draft.number.get_or_insert(*number) == *number
            }
            Fact::Serial(n) => *draft.serial.get_or_insert(*n) == *n,
            Fact::Date(date) => {
                if draft.date.is_none_or(|known| known.day == 0 && known.month == date.month) {
                    draft.date = Some(*date);
                }
                draft.date == Some(*date) || date.day == 0
            }
            Fact::Classification(level, period) => {
                draft.classification.get_or_insert((level, period.clone())).0 == *level
            }
            Fact::Urgency(urgency) => *draft.urgency.get_or_insert(urgency) == *urgency,
            Fact::Label(label) if draft.label.is_none() => {
                draft.label = Some(label.clone());
                let (before, after) = text.split_once(label.as_str()).unwrap_or(("", ""));
                self.ledger.book(at, before, Fate::Mark);
                self.ledger.book(at, label, Fate::Kept("label".into()));
                self.ledger.book(at, after, Fate::Mark);
                return;
            }
            Fact::Notice(notice) => {
                if self.facts.notice.as_deref().map(squeeze) == Some(squeeze(notice)) {
                    self.ledger.book(at, text, Fate::Repeated(notice.clone()));
                } else {
                    append(&mut draft.notice, notice, "　");
                    self.ledger.book(at, text, Fate::Kept("notice".into()));
                }
                return;
            }
            Fact::Label(_) | Fact::Text(_) => false,
        };
        if agrees {
            self.ledger.book(at, text, Fate::Value);
        } else {
            self.ledger.book(at, text, Fate::Furniture("import-second-value"));
            self.remark("import-disagrees", at, text);
        }
    }

    fn masthead_text(&mut self, at: usize, part: &Part, dated: bool) {
        let facts = self.facts;
        let (text, shown) = (squeeze(&part.text), without_spacing(&part.spaced));
        let name = squeeze(&facts.name);
        let organization = facts.organization.as_deref().map(squeeze).unwrap_or_default();
        let issuer = squeeze(&facts.issuer);
        let bare = text.trim_matches(['《', '》', '(', ')', '（', '）', '，', ',']);
        if !name.is_empty()
            && bare.ends_with(&name)
            && bare.len() > name.len()
            && bare.starts_with(&organization)
            && !organization.is_empty()
        {
            self.named = true;
            self.ledger.book(at, &text, Fate::Repeated(format!("{organization}{name}")));
        } else if [&name, &organization].into_iter().any(|known| known == bare) {
            self.named |= bare == name;
            let (before, after) = text.split_once(bare).unwrap_or(("", ""));
            self.ledger.book(at, before, Fate::Furniture("import-mark"));
            self.ledger.book(at, bare, Fate::Repeated(bare.into()));
            self.ledger.book(at, after, Fate::Furniture("import-mark"));
        } else if let Some(rest) = text.strip_prefix(&issuer).filter(|rest| {
            !issuer.is_empty()
                && matches!(*rest, "" | "编" | "主办" | "编印" | "编发" | "编辑" | "印发" | "印")
        }) {
            self.ledger.book(at, &issuer, Fate::Repeated(issuer.clone()));
            self.ledger.book(at, rest, Fate::Mark);
        } else if text.chars().count() <= 1 || !text.chars().any(char::is_alphabetic) {
            self.ledger.book(at, &text, Fate::Furniture("import-mark"));
        } else if is_bulletin_name(bare) && !self.named && !dated && !is_unit(&text) {
            // The name belongs to the publication, not to the issue.
            self.named = true;
            self.ledger.book(at, &text, Fate::Furniture("import-name"));
            self.remark("import-other-name", at, &shown);
        } else if dated || self.named || self.draft.number.is_some() || ends_as_issuer(&text) {
            append(&mut self.draft.issuer, &shown, "　");
            self.ledger.book(at, &text, Fate::Kept("issuer".into()));
        } else {
            append(&mut self.draft.meeting, &shown, "　");
            self.ledger.book(at, &text, Fate::Kept("meeting".into()));
            self.remark("import-above-name", at, &shown);
        }
    }

    // Sections, articles

    fn section(&mut self, at: usize, text: &str) {
        let (before, name, after) = unbracketed(text);
        self.ledger.book(at, before, Fate::Mark);
        self.ledger.book(at, name, Fate::Kept(format!("s{}", self.named_sections())));
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
        self.ledger.rename("next-note", &format!("a{index}.note"));
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

    /// The key of the open article's part.
    fn key(&mut self, part: &str) -> String {
        self.article();
        format!("a{}.{part}", self.count - 1)
    }

    fn title(&mut self, at: usize, text: &str) {
        self.new_article();
        let marks = LEADING.find(text).map_or(0, |found| found.end());
        self.ledger.book(at, &text[..marks], Fate::Mark);
        let key = self.key("title");
        let line = self.title_line(at, &text[marks..], &key);
        self.article().title.push(line);
    }

    /// A further line of a title, or a line of a subtitle.
    fn more(&mut self, at: usize, text: &str, part: &str) {
        let dashes =
            if part == "subtitle" { DASHES.find(text.trim()).map_or(0, |f| f.end()) } else { 0 };
        let text = text.trim();
        self.ledger.book(at, &text[..dashes], Fate::Mark);
        let key = self.key(part);
        let line = self.title_line(at, &text[dashes..], &key);
        let article = self.article();
        if part == "subtitle" { article.subtitle.push(line) } else { article.title.push(line) }
    }

    /// A bar in a title would break it: it becomes a blank.
    fn title_line(&mut self, at: usize, text: &str, key: &str) -> String {
        for (index, part) in text.split('|').enumerate() {
            if index > 0 {
                self.ledger.book(at, "|", Fate::Furniture("import-mark"));
            }
            self.ledger.book(at, part, Fate::Kept(key.into()));
        }
        without_spacing(&text.replace('|', " "))
    }

    /// Source, contributor or authors, whatever the words say.
    fn source(&mut self, at: usize, text: &str) {
        pattern!(
            LABELLED = r"^(?<label>供稿单位|供稿人|供稿|撰稿人|撰稿|作者|执笔人|执笔)\s*[:：/／]?\s*(?<name>.+)$"
        );
        pattern!(BEHIND = r"^(?<name>[^:：，]+?)\s*(?<label>供稿)$");
        let text = text.trim();
        let inner = text.trim_start_matches(['（', '(']);
        let opens = text.len() - inner.len();
        let inner = inner.trim_end_matches(['。', '.']);
        let inner = match inner.strip_suffix(['）', ')']) {
            Some(inner) if opens > 0 => inner,
            // A pair within, as in 张三（市妇联）.
            _ => &text[opens..],
        };
        let (before, after) = (&text[..opens], &text[opens + inner.len()..]);
        self.ledger.book(at, before, Fate::Mark);
        let taken = {
            let a = self.article();
            a.source.is_some() || a.contributor.is_some() || !a.authors.is_empty()
        };
        let found = LABELLED.captures(inner).or_else(|| BEHIND.captures(inner)).filter(|_| !taken);
        match found {
            Some(found) => {
                let (label, name) =
                    (found.name("label").expect("a label"), found.name("name").expect("a name"));
                let authors = !label.as_str().starts_with("供稿");
                let names: Vec<&str> = name
                    .as_str()
                    .split([' ', '　', '、', '\u{a0}', '，'])
                    .filter(|n| !n.trim().is_empty())
                    .collect();
                let spaced = is_names(name.as_str())
                    && names.len() == 2
                    && names.iter().all(|n| n.chars().count() == 1);
                let part = if authors { "authors" } else { "contributor" };
                let key = self.key(part);
                if label.start() < name.start() {
                    self.ledger.book(at, label.as_str(), Fate::Mark);
                    self.ledger.book(at, &inner[label.end()..name.start()], Fate::Mark);
                }
                if authors {
                    let mut rest = name.as_str();
                    for one in &names {
                        let start = rest.find(one).unwrap_or(0);
                        self.ledger.book(at, &rest[..start], Fate::Mark);
                        self.ledger.book(at, one, Fate::Kept(key.clone()));
                        rest = &rest[start + one.len()..];
                    }
                    let list = if spaced {
                        vec![names.concat()]
                    } else {
                        names.iter().map(|n| (*n).to_string()).collect()
                    };
                    self.article().authors = list;
                } else {
                    self.ledger.book(at, name.as_str(), Fate::Kept(key));
                    self.article().contributor = Some(name.as_str().trim().into());
                }
                if label.start() > name.start() {
                    self.ledger.book(at, label.as_str(), Fate::Mark);
                }
            }
            None => {
                let key = self.key("source");
                self.ledger.book(at, inner, Fate::Kept(key));
                let inner = inner.trim().to_string();
                append(&mut self.article().source, &inner, "　");
            }
        }
        self.ledger.book(at, after, Fate::Mark);
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
        self.ledger.book(at, &text[..end], Fate::Mark);
        let count = text[..end].chars().count();
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
                // It is written with its table.
            }
            None if line.glued && self.joins() => self.join(at),
            None => self.push(at, &line.pieces, label == Label::Heading),
        }
    }

    /// A note that no article came after is text of the one before.
    fn settle_note(&mut self) {
        let note = std::mem::take(&mut self.next_note);
        if !note.is_empty() {
            let (paragraphs, key) = self.paragraphs();
            paragraphs.extend(note);
            self.ledger.rename("next-note", &key);
        }
    }

    /// Whether an article has begun for the text that comes.
    fn article_is_open(&self) -> bool {
        let article = self.draft.sections.last().and_then(|section| section.articles.last());
        article.is_some_and(|article| {
            article.source.is_none() && article.contributor.is_none() && article.authors.is_empty()
                || article.body.is_empty()
        })
    }

    fn is_table(&self, at: usize) -> bool {
        matches!(self.lines.get(at).map(|line| &line.object), Some(Some(Object::Table(_))))
    }

    fn paragraphs(&mut self) -> (&mut Vec<Paragraph>, String) {
        match self.target {
            Target::IssueNote => (&mut self.draft.note, "note".into()),
            Target::NextNote => (&mut self.next_note, "next-note".into()),
            Target::ArticleNote => {
                let key = self.key("note");
                (&mut self.article().note, key)
            }
            Target::Body if self.in_attachment => {
                let index = self.article().attachments.len() - 1;
                let key = self.key(&format!("x{index}.body"));
                (&mut self.article().attachments[index].body, key)
            }
            Target::Body => {
                let key = self.key("body");
                (&mut self.article().body, key)
            }
        }
    }

    fn push(&mut self, at: usize, pieces: &[Piece], heading: bool) {
        let mut pieces = pieces;
        let mut bullet = "";
        if let Some((first, rest)) = pieces.split_first()
            && first.restored
            && marks::is_bullet(&first.text)
        {
            self.ledger.book(at, &first.text, Fate::Furniture("import-bullet"));
            (bullet, pieces) = ("- ", rest);
        }
        // The program sets a numbered heading in its own face.
        let numbered: Vec<Piece>;
        if heading_level(&self.lines[at].text()).is_some() {
            let unset = |piece: &Piece| Piece { bold: false, italic: false, ..piece.clone() };
            numbered = pieces.iter().map(unset).collect();
            pieces = &numbered;
        }
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let plain: String = pieces.iter().filter(|p| !p.note).map(|p| p.text.as_str()).collect();
        let marked = format!("{bullet}{}", marks::paragraph(pieces));
        let apart = heading && marks::is_first_level(&plain) || marked.starts_with("**");
        let (paragraphs, key) = self.paragraphs();
        paragraphs.push(Paragraph { text: marked, plain: plain.trim().into(), apart, at });
        self.ledger.book(at, &text, Fate::Kept(key));
    }

    /// Whether what was cut off goes on with the paragraph before.
    fn joins(&self) -> bool {
        matches!(self.before, Some(Label::Body | Label::Heading | Label::Note | Label::NoteMore))
    }

    fn join(&mut self, at: usize) {
        let pieces = &self.lines[at].pieces;
        let (text, marked) = (self.lines[at].text(), marks::inline(pieces));
        let all: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let (paragraphs, key) = self.paragraphs();
        match paragraphs.last_mut() {
            Some(last) => {
                last.text.push_str(&marked);
                last.plain.push_str(&text);
            }
            None => paragraphs.push(Paragraph {
                text: marks::paragraph(pieces),
                plain: text,
                apart: false,
                at,
            }),
        }
        self.ledger.book(at, &all, Fate::Kept(key));
    }

    fn table(&mut self, at: usize, rows: &[Vec<String>]) {
        let caption = at
            .checked_sub(1)
            .filter(|&before| self.before == Some(Label::Caption) && !self.ledger.has(before));
        let words = caption.map(|before| self.lines[before].text().trim().to_string());
        let text = marks::table(words.as_deref(), rows);
        let content = self.lines[at].content();
        let (paragraphs, key) = self.paragraphs();
        paragraphs.push(Paragraph { text, plain: String::new(), apart: true, at });
        if let Some(before) = caption {
            self.ledger.book(before, &words.unwrap_or_default(), Fate::Kept(key.clone()));
        }
        self.ledger.book(at, &content, Fate::Kept(key));
    }

    fn picture(&mut self, at: usize, index: usize, alt: &str) {
        let caption = self.lines.get(at + 1).filter(|next| {
            let text = next.text();
            pattern!(FIGURE = r"^\s*图\s?[\d一二三四五六七八九十]");
            next.object.is_none()
                && FIGURE.is_match(&text)
                && text.chars().count() <= 50
                && !text.contains("](")
                && !text.contains('。')
        });
        let words = caption.map(|line| line.text().trim().to_string()).unwrap_or_default();
        let extension = self.extensions.get(index).copied().unwrap_or("png");
        let file = format!("pictures/{}-{}.{extension}", marks::STEM, index + 1);
        let alt = if alt.trim().is_empty() { words.clone() } else { alt.trim().to_string() };
        let alt = if alt.is_empty() { "待核：请写明图片内容".to_string() } else { alt };
        let alt = alt.replace(['"', '\n', '\r'], " ");
        let text = format!("![{}]({file} \"{alt}\")", marks::escape(&words));
        self.remark("import-picture", at, file.replace(marks::STEM, "…"));
        let has_caption = caption.is_some();
        let (paragraphs, key) = self.paragraphs();
        paragraphs.push(Paragraph { text, plain: String::new(), apart: true, at });
        if has_caption {
            self.ledger.book(at + 1, &words, Fate::Kept(key));
        }
    }

    // Attachments

    fn attachment(&mut self, at: usize, text: &str) {
        self.article().attachments.push(Attachment::default());
        self.in_attachment = true;
        self.ledger.book(at, text, Fate::Mark);
    }

    fn attachment_title(&mut self, at: usize, text: &str) {
        if !self.in_attachment {
            return self.title(at, text);
        }
        let index = self.article().attachments.len() - 1;
        let key = self.key(&format!("x{index}.title"));
        let line = self.title_line(at, text.trim(), &key);
        self.article().attachments[index].title.push(line);
    }

    /// The list of attachments under a text, where the attachments follow: the program sets it.
    fn is_repeated_list(&mut self, at: usize, labels: &[Label]) -> bool {
        pattern!(
            HEAD =
                r"^\s*(附[件录][\d一二三四五六七八九十]{0,2}\s*[:：]?)?\s*(\d{1,2}\s*[.．、])?\s*"
        );
        let text = self.lines[at].text();
        let end = HEAD.find(&text).map_or(0, |found| found.end());
        let title = squeeze(&text[end..]);
        let follows = (at + 1..labels.len()).any(|later| {
            labels[later] == Label::AttachmentTitle && self.lines[later].content() == title
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
        let (rest, changed) = self.draft.imprint.read(at, &text, more, self.ledger);
        for label in changed {
            self.remark("import-label", at, label);
        }
        for rest in rest {
            self.imprint_rest(at, &rest);
        }
    }

    /// What an imprint says without a label that the model knows: who printed it, and when.
    fn imprint_rest(&mut self, at: usize, text: &str) {
        for part in masthead::parts(text) {
            match &part.fact {
                Some(Fact::Text(said)) => {
                    let issuer = squeeze(&self.facts.issuer);
                    let squeezed = squeeze(said);
                    if squeezed == issuer
                        || Some(&squeezed) == self.draft.issuer.as_deref().map(squeeze).as_ref()
                    {
                        self.ledger.book(at, &part.text, Fate::Repeated(squeezed));
                    } else if !self.draft.imprint.append(at, said, self.ledger) {
                        if self.draft.issuer.is_none() && ends_as_issuer(&squeezed) {
                            self.draft.issuer = Some(said.clone());
                            self.ledger.book(at, &part.text, Fate::Kept("issuer".into()));
                        } else {
                            self.keep_in_body(at, said);
                        }
                    }
                }
                Some(fact) => self.fact(at, &part.text, fact),
                None => self.ledger.book(at, &part.text, Fate::Mark),
            }
        }
    }

    /// Text that nothing else holds.
    fn keep_in_body(&mut self, at: usize, text: &str) {
        self.target = Target::Body;
        self.in_attachment = false;
        let piece = Piece { text: text.into(), ..Piece::default() };
        self.push(at, &[piece], false);
        self.remark("import-kept-in-body", at, "");
    }

    /// A date or a unit under the text.
    fn closing(&mut self, at: usize) {
        let text = self.lines[at].text();
        let parts = masthead::parts(&text);
        let fits = parts.iter().all(|part| match &part.fact {
            Some(Fact::Date(date)) => self.draft.date.is_none_or(|known| known == *date),
            Some(Fact::Text(said)) => {
                let editors = says_editors(said) && self.draft.issuer.is_none();
                let article = self.article();
                let free = article.source.is_none() && article.contributor.is_none();
                editors || free && is_unit(said) || squeeze(said) == squeeze(&self.facts.issuer)
            }
            Some(_) => false,
            None => true,
        });
        if !fits || self.in_attachment {
            return self.push_closing(at);
        }
        for part in parts {
            match &part.fact {
                Some(Fact::Text(said)) if squeeze(said) == squeeze(&self.facts.issuer) => {
                    self.ledger.book(at, &part.text, Fate::Repeated(said.clone()));
                }
                Some(Fact::Text(said)) if says_editors(said) => {
                    append(&mut self.draft.issuer, said, "　");
                    self.ledger.book(at, &part.text, Fate::Kept("issuer".into()));
                }
                Some(Fact::Text(said)) => self.source(at, said),
                Some(fact) => self.fact(at, &part.text, fact),
                None => self.ledger.book(at, &part.text, Fate::Mark),
            }
        }
    }

    fn push_closing(&mut self, at: usize) {
        self.target = Target::Body;
        let pieces = self.lines[at].pieces.clone();
        self.push(at, &pieces, false);
    }

    fn finish(mut self) -> Draft {
        self.target = Target::Body;
        self.settle_note();
        self.contents();
        self.draft.imprint.finish();
        let mut index = 0;
        for section in &mut self.draft.sections {
            for article in &mut section.articles {
                marks::leads(&mut article.body);
                if article.title.is_empty() {
                    self.ledger.make(format!("a{index}.title"));
                    let line = article.body.first().map(|p| p.plain.clone()).unwrap_or_default();
                    self.draft.remarks.push(Remark::new("import-untitled", 0, &line, ""));
                }
                if article.body.is_empty() {
                    self.ledger.make(format!("a{index}.body"));
                    self.draft.remarks.push(Remark::new(
                        "import-no-body",
                        0,
                        &article.title.concat(),
                        "",
                    ));
                }
                for (at, attachment) in article.attachments.iter().enumerate() {
                    if attachment.title.is_empty() {
                        self.ledger.make(format!("a{index}.x{at}.title"));
                    }
                    if attachment.body.is_empty() {
                        self.ledger.make(format!("a{index}.x{at}.body"));
                    }
                }
                index += 1;
            }
        }
        self.draft
    }

    // Contents

    /// Gives each line of the contents to its article: by its words, else by its place.
    fn contents(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        let entries = std::mem::take(&mut self.entries);
        let names: Vec<String> =
            self.draft.sections.iter().filter_map(|s| s.name.clone()).collect();
        let titles: Vec<(String, String)> = self
            .draft
            .sections
            .iter()
            .flat_map(|section| &section.articles)
            .map(|article| (article.title.concat(), article.subtitle.concat()))
            .collect();
        let lines: Vec<&Entry> = entries.iter().filter(|entry| !entry.section).collect();
        let texts: Vec<String> = lines.iter().map(|entry| self.lines[entry.at].text()).collect();
        let matched = align(&texts, &titles);
        let mut matched = matched.into_iter();
        for entry in &entries {
            if !entry.section {
                let article = matched.next().flatten();
                self.entry(entry.at, article, &titles);
                continue;
            }
            let text = self.lines[entry.at].text();
            let (before, name, after) = unbracketed(&text);
            let (name, page) = without_page(name);
            let known = names.iter().find(|known| key(known) == key(name));
            self.ledger.book(entry.at, before, Fate::Mark);
            match known {
                Some(known) => {
                    // Numbers before the name may differ from the section's own.
                    match squeeze(name).find(&squeeze(known)) {
                        Some(_) => {
                            let squeezed = squeeze(name);
                            let (head, tail) =
                                squeezed.split_once(&squeeze(known)).unwrap_or(("", ""));
                            self.ledger.book(
                                entry.at,
                                head,
                                Fate::Furniture("import-contents-mark"),
                            );
                            self.ledger.book(
                                entry.at,
                                &squeeze(known),
                                Fate::Repeated(known.clone()),
                            );
                            self.ledger.book(
                                entry.at,
                                tail,
                                Fate::Furniture("import-contents-mark"),
                            );
                        }
                        None => self.ledger.book(
                            entry.at,
                            name,
                            Fate::Furniture("import-contents-section"),
                        ),
                    }
                }
                None => self.unmatched(entry.at, name),
            }
            self.ledger.book(entry.at, page, Fate::Furniture("import-contents-page"));
            self.ledger.book(entry.at, after, Fate::Mark);
        }
    }

    /// A line of the contents that no article answers to. What it says stays in the issue.
    fn unmatched(&mut self, at: usize, text: &str) {
        self.remark("import-contents-unmatched", at, "");
        let wanted = key(text);
        let all = self.draft.sections.iter().flat_map(|section| &section.articles);
        let mut said = all.flat_map(|article| {
            article.body.iter().map(|p| key(&p.plain)).chain([key(&article.title.concat())])
        });
        if wanted.is_empty() || said.any(|said| said.contains(&wanted)) {
            return self.ledger.book(at, text, Fate::Furniture("import-contents-entry"));
        }
        let piece = Piece { text: text.trim().into(), ..Piece::default() };
        let paragraph = Paragraph {
            text: marks::paragraph(&[piece]),
            plain: text.trim().into(),
            apart: false,
            at,
        };
        // It goes where it stood: into the text before it, else to the head of the first.
        let all = self.draft.sections.iter_mut().flat_map(|section| &mut section.articles);
        let before = |article: &Article| article.body.iter().any(|paragraph| paragraph.at < at);
        let mut all: Vec<&mut Article> = all.collect();
        let index = all.iter().rposition(|article| before(article)).unwrap_or(0);
        match all.get_mut(index) {
            Some(article) => {
                let place = article.body.iter().position(|paragraph| paragraph.at > at);
                article.body.insert(place.unwrap_or(article.body.len()), paragraph);
                self.ledger.book(at, text, Fate::Kept(format!("a{index}.body")));
            }
            None => self.ledger.book(at, text, Fate::Furniture("import-contents-entry")),
        }
    }

    fn entry(&mut self, at: usize, article: Option<usize>, titles: &[(String, String)]) {
        pattern!(
            NUMBER = r"^\s*([(（]?[\d一二三四五六七八九十]{1,3}[)）]?\s*[.．、)）]|[●◆★※■▲◎☆·•▪○◇□►▶➢\-—―－\s]+)*\s*"
        );
        let text = self.lines[at].text();
        let end = NUMBER.find(&text).map_or(0, |found| found.end());
        let (shown, page) = without_page(&text[end..]);
        let Some(article) = article else {
            return self.unmatched(at, &text);
        };
        let (title, _) = &titles[article];
        if squeeze(&text) == squeeze(title) {
            return self.ledger.book(at, &text, Fate::Repeated(title.clone()));
        }
        self.ledger.book(at, &text[..end], Fate::Furniture("import-contents-mark"));
        if squeeze(shown) == squeeze(title) {
            self.ledger.book(at, shown, Fate::Repeated(title.clone()));
        } else {
            let shown = self.title_line(at, shown.trim(), &format!("a{article}.entry"));
            let mut all = self.draft.sections.iter_mut().flat_map(|section| &mut section.articles);
            let article = all.nth(article).expect("the entry was matched with it");
            article.entry = Some(shown);
        }
        self.ledger.book(at, page, Fate::Furniture("import-contents-page"));
    }
}

/// The article of each line of the contents, in order.
fn align(entries: &[String], titles: &[(String, String)]) -> Vec<Option<usize>> {
    let keys: Vec<String> = entries.iter().map(|entry| key(entry)).collect();
    let titles: Vec<(String, String)> =
        titles.iter().map(|(title, subtitle)| (key(title), key(subtitle))).collect();
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
    // The best way to give each article at most one line, lines and articles both in order.
    let (n, m) = (keys.len(), titles.len());
    let mut best = vec![vec![0.0f32; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            let pair = best[i + 1][j + 1] + score(&keys[i], &titles[j]);
            best[i][j] = pair.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut matched = vec![None; n];
    while i < n && j < m {
        if best[i][j] == best[i + 1][j + 1] + score(&keys[i], &titles[j]) {
            matched[i] = Some(j);
            i += 1;
            j += 1;
        } else if best[i][j] == best[i][j + 1] {
            j += 1;
        } else {
            i += 1;
        }
    }
    matched
}

/// A line of the contents without its page number, and that.
fn without_page(text: &str) -> (&str, &str) {
    pattern!(
        PAGE = r"(\s*[.…·．。_—―\-\s\u{3000}]{2,}[(（]?\d{1,3}[)）]?|\s+\d{1,3}|\s*[(（]\d{1,2}[)）])\s*$"
    );
    let end = PAGE.find(text).map_or(text.len(), |found| found.start());
    text.split_at(end)
}

/// A section header's brackets and bullets, and the name within.
fn unbracketed(text: &str) -> (&str, &str, &str) {
    const MARKS: &[char] = &[
        '[', ']', '【', '】', '〔', '〕', '［', '］', '〖', '〗', '「', '」', '『', '』', '<', '>',
        '〈', '〉', '《', '》', '●', '◆', '★', '※', '■', '▲', '◎', '☆', '◇', '▼', '▶', '►', '➢',
        '❖', '□', '○', '⊙', '✦', '✱', '-', '—', '―', '－',
    ];
    let mark = |c: char| MARKS.contains(&c) || c.is_whitespace();
    let start = text.len() - text.trim_start_matches(mark).len();
    let end = text.trim_end_matches(|c| mark(c) || c == '：' || c == ':').len();
    if start >= end { ("", text, "") } else { (&text[..start], &text[start..end], &text[end..]) }
}

/// Whether a text says who made the issue: 某某办公室编.
fn says_editors(text: &str) -> bool {
    let text = squeeze(text);
    text.chars().count() <= 40
        && (text.ends_with('编')
            || text.ends_with("主办")
            || text.ends_with("编印")
            || text.ends_with("编发"))
}

fn ends_as_issuer(text: &str) -> bool {
    is_unit(text)
        || text.ends_with(['编', '办'])
        || text.ends_with("主办")
        || text.ends_with("编印")
        || text.ends_with("编发")
}

fn append(to: &mut Option<String>, text: &str, between: &str) {
    match to {
        Some(before) => {
            before.push_str(between);
            before.push_str(text);
        }
        None => *to = Some(text.into()),
    }
}
