//! A back issue's file → an issue in TOML that builds, and what a person should look at.
//!
//! | hop | from → to |
//! | --- | --- |
//! | [`reader`] | bytes of a file → [`line::Source`]: lines with their typography |
//! | [`reflow`] | lines as typed → lines as meant; furniture is set aside |
//! | [`features`] | lines → what each looks like among the others |
//! | [`recognise`] | looks × [`table`] → a label for each line, with its confidence |
//! | [`draft`] | labelled lines → [`draft::Draft`], every part booked in a [`ledger::Ledger`] |
//! | [`write`] | draft → TOML |
//!
//! Before anything is written the ledger is held against the TOML: see [`ledger`].

pub mod docx;
pub mod draft;
pub mod features;
pub mod html;
pub mod imprint;
pub mod ledger;
pub mod line;
pub mod markdown;
pub mod marks;
pub mod masthead;
pub mod office;
pub mod pdf;
pub mod reader;
pub mod recognise;
pub mod reflow;
pub mod table;
pub mod text;
pub mod words;
pub mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::digest::Digest;
use crate::files::{Staged, WriteError};
use crate::issue::raw::{RawImprint, RawIssue};
use crate::issue::{Date, Number};
use crate::project::{PUBLICATION_FILE, Project};
use crate::publication::RawPublication;
use crate::{files, read};
use draft::{Draft, Paragraph};
use ledger::{Ledger, Lost};
use line::{Line, Object, PictureFile, Remark, Source, squeeze};
use masthead::Fact;
use recognise::Guess;
use reflow::Furniture;
use table::Label;
use words::pattern;
use write::Head;

pattern!(HAN_BREAK = r"([^\x00-\x7f])[ \t]*\r?\n[ \t]*([^\x00-\x7f])");

/// Guesses less sure than this are said.
const SURE: f32 = 0.8;
/// How many files are put in their places at once.
const WRITERS: usize = 8;
/// How many issues are written before they are put in their places.
pub const BATCH: usize = 64;

/// The facts of a publication that an import needs.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Its name in paths.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The line above its name.
    pub organization: Option<String>,
    /// Its issuer.
    pub issuer: String,
    /// Its notice.
    pub notice: Option<String>,
    /// Its standing imprint.
    pub imprint: RawImprint,
}

/// What the command line says about the issues.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The publication; else the one that the masthead names, else the only one.
    pub publication: Option<String>,
    /// The folder for the issues; else that of the publication.
    pub output: Option<PathBuf>,
    /// The number, where the source does not say it.
    pub number: Option<Number>,
    /// The cumulative number, where the source does not say it.
    pub serial: Option<u32>,
    /// The date, where the source does not say it.
    pub date: Option<Date>,
    /// Whether nothing is written.
    pub dry_run: bool,
}

/// Why a file did not become an issue; the code is the message's id in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{code}: {detail}")]
pub struct ImportError {
    /// What is wrong.
    pub code: &'static str,
    /// The fact that the message names.
    pub detail: String,
}

impl ImportError {
    /// An error.
    pub fn new(code: &'static str, detail: impl ToString) -> Self {
        ImportError { code, detail: detail.to_string() }
    }
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The issue was written.
    Imported,
    /// It would be written: a dry run.
    WouldImport,
    /// There is an issue already; it was left as it is.
    Exists,
    /// It did not become an issue.
    Failed,
}

/// A file's way into the project.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The file.
    pub source: String,
    /// What became of it.
    pub status: Status,
    /// The issue, as shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ImportError>,
    /// What a person should look at, in the order of the source.
    pub remarks: Vec<Remark>,
    /// What of the source is not in the issue.
    pub furniture: Vec<Aside>,
    /// What each line was taken for.
    pub lines: Vec<Labelled>,
}

/// A part of the source that is not in the issue.
#[derive(Debug, Clone, Serialize)]
pub struct Aside {
    /// The line or paragraph.
    pub line: usize,
    /// The text without blanks.
    pub text: String,
    /// What it is, by the id of its word in the catalogue.
    pub kind: &'static str,
}

/// A line and its label.
#[derive(Debug, Clone, Serialize)]
pub struct Labelled {
    /// The line or paragraph.
    pub line: usize,
    /// Its text, shortened.
    pub text: String,
    /// The label.
    pub label: &'static str,
    /// How sure it is, from 0 to 1.
    pub confidence: f32,
    /// The weightiest features, and their weights.
    pub reasons: Vec<(&'static str, f32)>,
}

/// A source that was recognised, before number and date are settled.
pub struct Recognised {
    /// The issue as far as the source says it.
    pub draft: Draft,
    /// Where every part of the source went.
    pub ledger: Ledger,
    /// The lines as they were recognised.
    pub lines: Vec<Line>,
    /// Their labels.
    pub guesses: Vec<Guess>,
    /// The lines that are none of the issue's text.
    pub furniture: Vec<Furniture>,
    /// The pictures.
    pub pictures: Vec<PictureFile>,
}

/// HTML from another program's clipboard → text with the marks of a body.
///
/// What is pasted is text of one article: nothing in it is recognised or set aside.
pub fn clean(html: &str) -> String {
    // Word breaks its lines where it likes; between Han characters that is no blank.
    let html = HAN_BREAK.replace_all(html, "$1$2");
    let Source { lines, .. } = html::read(&html);
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let plain = line.text().trim().to_string();
        let (text, apart) = match &line.object {
            Some(Object::Table(rows)) => {
                let caption = paragraphs.pop_if(|before| {
                    before.plain.starts_with('表') && before.plain.chars().count() <= 40
                });
                (marks::table(caption.as_ref().map(|caption| caption.plain.as_str()), rows), true)
            }
            Some(Object::Picture(..)) => continue,
            None => {
                let text = marks::paragraph(&line.pieces);
                let apart = text.starts_with("**") || marks::is_first_level(&plain);
                (text, apart)
            }
        };
        if !text.trim().is_empty() {
            paragraphs.push(Paragraph { text, plain, apart, at });
        }
    }
    marks::body(&paragraphs)
}

/// Recognises a source as an issue of the publication `facts`.
pub fn recognise(source: Source, facts: &Facts) -> Result<Recognised, ImportError> {
    let Source { lines, pictures, remarks, raw } = source;
    let before = lines.clone();
    let (lines, furniture) = reflow::furniture(lines);
    let lines = reflow::cut(reflow::unwrap(lines));
    balance(raw.as_deref(), &before, &lines, &furniture)?;
    let looks = features::look(&lines, &facts.name);
    let mut guesses = recognise::recognise(&looks);
    let mut ledger = Ledger::default();
    let extensions: Vec<&'static str> = pictures.iter().map(|picture| picture.extension).collect();
    let mut draft = draft::draft(&lines, &mut guesses, facts, &extensions, &mut ledger);
    if draft.sections.iter().all(|section| section.articles.is_empty()) {
        return Err(ImportError::new("import-no-text", ""));
    }
    if draft.date.is_none()
        && let Some((line, date)) = web_date(&furniture)
    {
        draft.date = Some(date);
        draft.remarks.push(Remark::new("import-date-from-web", line.number, &line.text(), date));
    }
    draft.remarks.splice(0..0, remarks);
    draft.remarks.extend(lines.iter().zip(&guesses).filter_map(doubt));
    draft.remarks.sort_by_key(|remark| remark.line);
    Ok(Recognised { draft, ledger, lines, guesses, furniture, pictures })
}

/// When a web page says that it was published: better than no date.
fn web_date(furniture: &[Furniture]) -> Option<(&Line, Date)> {
    let web = furniture.iter().filter(|furniture| furniture.kind == "import-web");
    let mut words = web.flat_map(|furniture| {
        let text = furniture.line.text();
        let words: Vec<String> =
            text.split([' ', '　', '\u{a0}', '：', ':']).map(String::from).collect();
        words.into_iter().map(move |word| (&furniture.line, word))
    });
    words.find_map(|(line, word)| {
        let facts = masthead::parts(&word).into_iter().filter_map(|part| part.fact);
        let mut dates = facts.filter_map(|fact| match fact {
            Fact::Date(date) if date.day > 0 => Some(date),
            _ => None,
        });
        dates.next().map(|date| (line, date))
    })
}

/// A remark on a guess that is not sure, where another label would make another issue.
fn doubt((line, guess): (&Line, &Guess)) -> Option<Remark> {
    let group = |label: Label| match label {
        Label::Heading | Label::Body | Label::Caption | Label::Object => Label::Body,
        Label::Imprint | Label::ImprintMore => Label::Imprint,
        Label::ContentsEntry | Label::ContentsSection => Label::ContentsEntry,
        label => label,
    };
    let doubtful = guess.confidence < SURE && group(guess.label) != group(guess.instead);
    doubtful.then(|| Remark {
        confidence: Some((guess.confidence * 100.0).round() / 100.0),
        instead: Some(guess.instead.name()),
        ..Remark::new("import-guess", line.number, &line.text(), guess.label.name())
    })
}

/// All of the source's characters are in its lines, and the lines' in what is recognised.
fn balance(
    raw: Option<&str>,
    read: &[Line],
    kept: &[Line],
    aside: &[Furniture],
) -> Result<(), ImportError> {
    let own = |line: &Line| match line.object {
        Some(_) => line.content(),
        None => {
            let pieces = line.pieces.iter().filter(|piece| !piece.restored);
            squeeze(&pieces.map(|piece| piece.text.as_str()).collect::<String>())
        }
    };
    let sorted = |texts: &mut dyn Iterator<Item = String>| -> Vec<char> {
        let mut chars: Vec<char> = Vec::new();
        texts.for_each(|text| chars.extend(text.chars()));
        chars.sort_unstable();
        chars
    };
    let lines = sorted(&mut read.iter().map(own));
    let after = kept.iter().chain(aside.iter().map(|furniture| &furniture.line));
    let after = sorted(&mut after.map(own));
    let raw = raw.map(|raw| sorted(&mut std::iter::once(squeeze(raw))));
    let sides = [Some((&lines, &after)), raw.as_ref().map(|raw| (raw, &lines))];
    for (a, b) in sides.into_iter().flatten() {
        if a != b {
            let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            let detail = format!("{:?} → {:?}", a.get(at), b.get(at));
            return Err(ImportError::new("import-lost", detail));
        }
    }
    Ok(())
}

impl Recognised {
    /// The issue's TOML, once it has been proved that nothing is lost.
    pub fn toml(&self, head: &Head, facts: &Facts) -> Result<String, ImportError> {
        let stem = head.number.file_stem(head.date.year);
        let text = write::toml(&self.draft, head, &facts.imprint).replace(marks::STEM, &stem);
        let issue: RawIssue =
            toml::from_str(&text).map_err(|error| ImportError::new("import-lost", error))?;
        let standing = facts.standing();
        match self.ledger.check(&self.lines, &issue, &facts.imprint, &standing) {
            Ok(()) => Ok(text),
            Err(Lost { line, source, issue }) => {
                Err(ImportError::new("import-lost", format!("{line}: {source} → {issue}")))
            }
        }
    }

    /// What of the source is not in the issue.
    pub fn aside(&self) -> Vec<Aside> {
        let lines = self.furniture.iter().map(|furniture| Aside {
            line: furniture.line.number,
            text: furniture.line.content(),
            kind: furniture.kind,
        });
        let parts = self.ledger.aside().map(|(at, text, kind)| Aside {
            line: self.lines[at].number,
            text: text.into(),
            kind,
        });
        let mut aside: Vec<Aside> = lines.chain(parts).collect();
        aside.sort_by_key(|aside| aside.line);
        aside
    }

    /// What each line was taken for.
    pub fn labelled(&self) -> Vec<Labelled> {
        let lines = self.lines.iter().zip(&self.guesses);
        lines
            .map(|(line, guess)| Labelled {
                line: line.number,
                text: line.text().trim().chars().take(40).collect(),
                label: guess.label.name(),
                confidence: (guess.confidence * 100.0).round() / 100.0,
                reasons: guess.reasons.iter().take(4).copied().collect(),
            })
            .collect()
    }
}

impl Facts {
    /// Reads the facts of a publication of a project.
    pub fn read(project: &Project, id: &str) -> Option<Self> {
        let path = project.publication(id).join(PUBLICATION_FILE);
        let file = read::decode(&project.shown(&path), std::fs::read(path).ok()?).value?;
        let raw = read::read::<RawPublication>(&file).value?;
        Some(Facts {
            id: id.into(),
            name: raw.name.value,
            organization: raw.organization.map(|text| text.value),
            issuer: raw.issuer.value,
            notice: raw.notice.map(|text| text.value),
            imprint: raw.imprint,
        })
    }

    /// All publications of a project.
    pub fn all(project: &Project) -> Vec<Self> {
        let entries =
            std::fs::read_dir(project.root.join("issues")).into_iter().flatten().flatten();
        let mut ids: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        ids.sort();
        ids.iter().filter_map(|id| Facts::read(project, id)).collect()
    }

    /// What the publication says in every issue.
    fn standing(&self) -> String {
        let head = [
            &self.organization,
            &Some(self.name.clone()),
            &Some(self.issuer.clone()),
            &self.notice,
        ];
        let head = head.into_iter().flatten().cloned();
        let imprint = self.imprint.texts().map(|text| text.value.clone());
        head.chain(imprint).collect()
    }
}

/// Imports files into one project, each on its own.
pub struct Importer<'a> {
    project: &'a Project,
    options: Options,
    publications: Vec<Facts>,
    /// Issues that came from a file, by its fingerprint.
    known: BTreeMap<String, PathBuf>,
    /// Issues that were written in this run, or would be.
    taken: BTreeSet<PathBuf>,
    /// What is written and not yet in its place.
    staged: Vec<Vec<Staged>>,
    folders: Vec<PathBuf>,
}

/// A file that waits for its number until those that have one are written.
pub struct Waiting {
    source: String,
    facts: usize,
    recognised: Recognised,
    fingerprint: String,
}

/// A file after its first step.
pub enum Step {
    /// It is done.
    Done(Box<Outcome>),
    /// It has no number of its own.
    Waits(Box<Waiting>),
}

impl<'a> Importer<'a> {
    /// An importer into `project`; fails where the asked publication does not exist.
    pub fn new(project: &'a Project, options: Options) -> Result<Self, ImportError> {
        let publications = Facts::all(project);
        let known: Vec<&str> = publications.iter().map(|facts| facts.id.as_str()).collect();
        if let Some(asked) = &options.publication
            && !known.contains(&asked.as_str())
        {
            return Err(ImportError::new("no-publication", known.join(", ")));
        }
        if publications.is_empty() {
            return Err(ImportError::new("import-no-publications", ""));
        }
        Ok(Importer {
            project,
            options,
            publications,
            known: BTreeMap::new(),
            taken: BTreeSet::new(),
            staged: Vec::new(),
            folders: Vec::new(),
        })
    }

    /// Reads and recognises a file, and writes its issue if it knows its number.
    /// `name` is the file as people see it.
    pub fn import(&mut self, path: &Path, name: &str) -> Step {
        match self.recognised(path, name) {
            Err(error) => Step::Done(Box::new(failed(name, error))),
            Ok(waiting) if self.has_number(&waiting) => Step::Done(Box::new(self.finish(waiting))),
            Ok(waiting) => Step::Waits(Box::new(waiting)),
        }
    }

    fn recognised(&self, path: &Path, name: &str) -> Result<Waiting, ImportError> {
        let (source, bytes) = reader::read(path)?;
        let fingerprint = fingerprint(&bytes);
        let facts = self.publication(&source)?;
        let recognised = recognise(source, &self.publications[facts])?;
        Ok(Waiting { source: name.into(), facts, recognised, fingerprint })
    }

    fn has_number(&self, waiting: &Waiting) -> bool {
        let draft = &waiting.recognised.draft;
        self.options.number.or(draft.number).is_some()
            || draft.serial.is_some()
            || name_facts(&waiting.source).0.is_some()
    }

    /// The publication asked for, else the one whose name stands in the first lines, else the only one.
    fn publication(&self, source: &Source) -> Result<usize, ImportError> {
        let ids = || self.publications.iter().map(|facts| facts.id.as_str()).collect::<Vec<_>>();
        if let Some(asked) = &self.options.publication {
            let found = ids().iter().position(|id| id == asked);
            return Ok(found.expect("it was looked for before"));
        }
        let head: Vec<String> = source.lines.iter().take(20).map(Line::content).collect();
        let named = |facts: &Facts| {
            let name = squeeze(&facts.name);
            let at = head.iter().any(|line| {
                line.trim_matches(['《', '》']).ends_with(&name)
                    && line.chars().count() <= name.chars().count() + 20
            });
            at.then_some(name.len())
        };
        let found = self.publications.iter().enumerate();
        let found = found.filter_map(|(at, facts)| named(facts).map(|length| (length, at))).max();
        match (found, self.publications.as_slice()) {
            (Some((_, at)), _) => Ok(at),
            (None, [_]) => Ok(0),
            (None, _) => Err(ImportError::new("import-which-publication", ids().join(", "))),
        }
    }

    /// Settles number and date, proves that nothing is lost, and writes the issue.
    pub fn finish(&mut self, waiting: Waiting) -> Outcome {
        let Waiting { source, facts, mut recognised, fingerprint } = waiting;
        let facts = self.publications[facts].clone();
        let folder = self.options.output.clone();
        let folder = folder.unwrap_or_else(|| self.project.publication(&facts.id));
        self.look_into(&folder);
        let mut outcome = Outcome {
            source: source.clone(),
            status: Status::Exists,
            issue: None,
            error: None,
            remarks: std::mem::take(&mut recognised.draft.remarks),
            furniture: recognised.aside(),
            lines: recognised.labelled(),
        };
        if let Some(path) = self.known.get(&fingerprint) {
            outcome.issue = Some(self.project.shown(path));
            return outcome;
        }
        let head =
            self.head(&source, &recognised.draft, &folder, &fingerprint, &mut outcome.remarks);
        let path = folder.join(format!("{}.toml", head.number.file_stem(head.date.year)));
        outcome.issue = Some(self.project.shown(&path));
        let toml = match recognised.toml(&head, &facts) {
            Ok(toml) => toml,
            Err(error) => return outcome.failed(error),
        };
        if path.exists() || self.taken.contains(&path) {
            outcome
                .remarks
                .insert(0, Remark::new("import-number-taken", 0, "", self.project.shown(&path)));
            return outcome;
        }
        if self.options.dry_run {
            outcome.status = Status::WouldImport;
        } else {
            match stage_all(&folder, &path, &toml, &recognised.pictures) {
                Ok(files) => self.staged.push(files),
                Err(error) => return outcome.failed(ImportError::new("import-unwritable", error)),
            }
            outcome.status = Status::Imported;
        }
        self.taken.insert(path.clone());
        self.known.insert(fingerprint, path);
        outcome
    }

    /// Number and date: the source's, else the file name's, else placeholders that are said.
    fn head(
        &self,
        source: &str,
        draft: &Draft,
        folder: &Path,
        fingerprint: &str,
        remarks: &mut Vec<Remark>,
    ) -> Head {
        let (named_number, named_serial, named_date) = name_facts(source);
        let mut say = |code, detail: String| remarks.insert(0, Remark::new(code, 0, "", detail));
        let serial = draft.serial.or(self.options.serial).or(named_serial);
        let mut date_note = None;
        let said = draft.date.or(self.options.date).or(named_date);
        let date = match said {
            Some(date) if date.day > 0 => date,
            other => {
                let year = other.map(|date| date.year).or(draft.year).or_else(|| last_year(draft));
                let date = Date {
                    year: year.unwrap_or(2000),
                    month: other.map_or(1, |date| date.month),
                    day: 1,
                };
                date_note = Some("待核：原文没有完整的日期，这里是占位".to_string());
                say(
                    "import-date-placeholder",
                    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day),
                );
                date
            }
        };
        if let Some(year) = draft.year.filter(|year| *year != date.year) {
            say("import-year-disagrees", format!("{year} / {}", date.year));
        }
        let mut number_note = None;
        let number = draft.number.or(self.options.number).or(named_number).unwrap_or_else(|| {
            let number =
                serial.map(Number::Regular).unwrap_or_else(|| self.free_number(folder, date.year));
            number_note = Some("待核：原文没有期号，这里是占位".to_string());
            say("import-number-placeholder", number.to_string());
            number
        });
        let origin = format!(
            "由 jianbao import 转自 {}（指纹 {fingerprint}）",
            source.replace(['\n', '\r'], " ")
        );
        Head { origin, number, serial, date, number_note, date_note }
    }

    fn free_number(&self, folder: &Path, year: u16) -> Number {
        let free = |n: &u32| {
            let path = folder.join(format!("{}.toml", Number::Regular(*n).file_stem(year)));
            !path.exists() && !self.taken.contains(&path)
        };
        Number::Regular((1..).find(free).expect("there are more numbers than files"))
    }

    /// Puts the issues so far in their places: to be called now and then, and at the end.
    pub fn commit(&mut self, at_least: usize) -> Result<(), WriteError> {
        if self.staged.len() < at_least {
            return Ok(());
        }
        commit(std::mem::take(&mut self.staged))
    }

    /// Learns which issues of a folder came from which files.
    fn look_into(&mut self, folder: &Path) {
        if self.folders.iter().any(|known| known == folder) {
            return;
        }
        self.folders.push(folder.into());
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let mark = text.lines().filter(|line| line.starts_with('#'));
            let mark = mark.filter_map(|line| line.rsplit_once("（指纹 ")?.1.strip_suffix('）'));
            for mark in mark {
                self.known.insert(mark.into(), path.clone());
            }
        }
    }
}

impl Outcome {
    fn failed(self, error: ImportError) -> Self {
        Outcome { status: Status::Failed, issue: None, error: Some(error), ..self }
    }
}

fn failed(source: &str, error: ImportError) -> Outcome {
    Outcome {
        source: source.into(),
        status: Status::Failed,
        issue: None,
        error: Some(error),
        remarks: Vec::new(),
        furniture: Vec::new(),
        lines: Vec::new(),
    }
}

/// What a file's name says: 2014年第16期（总第312期）.docx, 2014-16.txt, 20140820.doc.
fn name_facts(source: &str) -> (Option<Number>, Option<u32>, Option<Date>) {
    let name =
        Path::new(source).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let (mut number, mut serial, mut date) = (None, None, None);
    if let Some((year, found)) = Number::parse_file_stem(&name) {
        return (Some(found), None, Some(Date { year, month: 1, day: 0 }));
    }
    for part in masthead::parts(&name) {
        match part.fact {
            Some(Fact::Number(found, year)) => {
                number = number.or(Some(found));
                date = date.or(year.map(|year| Date { year, month: 1, day: 0 }));
            }
            Some(Fact::Serial(found)) => serial = serial.or(Some(found)),
            Some(Fact::Date(found)) => date = Some(found),
            _ => {}
        }
    }
    words::pattern!(COMPACT = r"(?:^|\D)(20\d\d|19\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?:\D|$)");
    if let Some(found) = COMPACT.captures(&name).filter(|_| date.is_none()) {
        let part = |at: usize| found[at].parse::<u16>().unwrap_or(0);
        let day = format!("{}-{}-{}", &found[1], &found[2], &found[3]);
        let exists = day.parse::<toml::value::Datetime>().is_ok();
        date = exists.then(|| Date { year: part(1), month: part(2) as u8, day: part(3) as u8 });
    }
    (number, serial, date)
}

/// The latest year that a text speaks of: most issues speak of their own.
fn last_year(draft: &Draft) -> Option<u16> {
    words::pattern!(YEAR = r"(20\d\d|19[5-9]\d)年");
    let bodies = draft.sections.iter().flat_map(|s| &s.articles).flat_map(|a| &a.body);
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for paragraph in bodies {
        for found in YEAR.captures_iter(&paragraph.plain) {
            *counts.entry(found[1].parse().unwrap_or(2000)).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(year, count)| (*count, *year)).map(|(year, _)| year)
}

/// Enough of a digest to know a file again.
fn fingerprint(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()[..16].to_string()
}

/// The files of an issue: the pictures first, the issue last.
fn stage_all(
    folder: &Path,
    path: &Path,
    toml: &str,
    pictures: &[PictureFile],
) -> Result<Vec<Staged>, WriteError> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut staged = Vec::new();
    for (at, picture) in pictures.iter().enumerate() {
        let name = format!("{stem}-{}.{}", at + 1, picture.extension);
        let file = folder.join("pictures").join(name);
        if std::fs::read(&file).is_ok_and(|known| known == picture.bytes) {
            continue;
        }
        if file.exists() {
            let error = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(WriteError { path: file, error });
        }
        staged.push(files::stage(&file, &picture.bytes)?);
    }
    staged.push(files::stage(path, toml.as_bytes())?);
    Ok(staged)
}

/// Puts the files of many issues in their places. The disk is slow and does many at once.
fn commit(staged: Vec<Vec<Staged>>) -> Result<(), WriteError> {
    let queue = Mutex::new(staged.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(files) = next() {
            files.into_iter().try_for_each(Staged::commit)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().map(|w| w.join().expect("a writer does not panic"));
        done.collect::<Vec<_>>().into_iter().collect()
    })
}
