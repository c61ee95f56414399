//! An issue's text → a typeset issue → its PDF, its files for the press: the module that calls the
//! steps of reading, checking, merging, laying out and measuring in their order.

pub mod inputs;

mod blame;
mod fit;
mod forget;
mod series;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use typst::model::Document;
use typst_layout::PagedDocument;

use self::inputs::{Record, SharedInputs};
use crate::check::{self, Place};
use crate::diag::{self, Checked, Code, Diagnostic, Severity, SourceFile, Span};
use crate::issue::Issue;
use crate::issue::raw::RawIssue;
use crate::page::account;
use crate::page::measure::{Finding, Measure, measure};
use crate::press::{self, Job, PressFile, Pressed, Printable, number};
use crate::publication::Publication;
use crate::publication::fonts::{FontLibrary, FontPathError, FontPaths};
use crate::publication::layout::{Layouts, Pin};
use crate::source::digest::Digest;
use crate::source::files::{self, FileError};
use crate::source::limits;
use crate::source::project::{IssuePath, PUBLICATION_FILE, Project};
use crate::source::read;
use crate::source::text;
use crate::typeset::compile::{compile, ours};
use crate::typeset::export;
use crate::typeset::fit::Fit;
use crate::typeset::merge::{Manuscript, merge};
use crate::typeset::title::Cut;
use crate::typeset::world::{BulletinWorld, LayoutSources};
use fit::Fitted;
use forget::{Forget, Rounds};
use series::Series;

/// A project with what its issues share: layouts, fonts, publications, each read once.
pub struct Session {
    /// The project.
    pub project: Project,
    /// Every face that a layout or a publication may name.
    pub library: Arc<FontLibrary>,
    layouts: Layouts,
    publications: Mutex<BTreeMap<Edition, Checked<Arc<Shared>>>>,
    series: Mutex<BTreeMap<String, Arc<Series>>>,
    rounds: Arc<Rounds>,
}

/// A publication, and the version of its layout that an issue pins.
type Edition = (String, Option<String>);

/// What the issues of one edition share.
struct Shared {
    publication: Arc<Publication>,
    inputs: SharedInputs,
    key: String,
    sources: OnceLock<LayoutSources>,
}

impl Shared {
    /// The layout's files, parsed when the first issue is typeset.
    fn sources(&self) -> &LayoutSources {
        self.sources.get_or_init(|| {
            self.publication.fonts.preload();
            LayoutSources::new(&self.publication.layout)
        })
    }

    fn world(&self, manuscript: &Manuscript) -> BulletinWorld {
        BulletinWorld::new(manuscript, self.sources(), &self.publication.fonts)
    }
}

/// The text that an issue is made from: that of its file, or a live one.
#[derive(Debug, Clone)]
pub struct Input {
    at: IssuePath,
    /// The text as it is being written, which may differ from the file's.
    live: Option<Arc<SourceFile>>,
    /// How the issue is set before it is fitted: as it was fitted before, where that is known.
    fit: Fit,
    /// Whether the copies are numbered.
    is_numbered: bool,
    /// Whether all findings are wanted, not only as many as are shown.
    all: bool,
}

impl Input {
    /// A text that is being written.
    pub fn live(at: &IssuePath, file: &Arc<SourceFile>) -> Self {
        Input { live: Some(file.clone()), ..at.into() }
    }

    /// The same text, first set as it was fitted before.
    pub fn fitted(self, fit: &Fit) -> Self {
        Input { fit: fit.clone(), ..self }
    }
}

/// The text of the issue's file.
impl From<&IssuePath> for Input {
    fn from(at: &IssuePath) -> Self {
        Input { at: at.clone(), live: None, fit: Fit::default(), is_numbered: false, all: false }
    }
}

/// An issue without errors, and what else typesetting needs.
struct Ready {
    issue: Issue,
    origin: Origin,
}

/// What an issue is made from.
struct Origin {
    at: IssuePath,
    file: Arc<SourceFile>,
    digest: Digest,
    /// The version of the layout that the issue pins.
    layout_version: Option<String>,
    shared: Arc<Shared>,
}

/// Why a session cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The project's `layouts/` cannot be read.
    #[error(transparent)]
    Layouts(#[from] FileError),
    /// A font path cannot be read.
    #[error(transparent)]
    Fonts(#[from] FontPathError),
}

/// An issue with its laid-out pages, which are not measured yet.
pub struct LaidOut {
    /// The pages.
    pub document: PagedDocument,
    issue: Issue,
    manuscript: Manuscript,
    /// What `manuscript` was before it was fitted; `None` where it was not.
    unfitted: Option<Manuscript>,
    world: BulletinWorld,
    origin: Origin,
    forget: Forget,
}

/// An issue with its laid-out and measured pages, and all that is needed to write them.
pub struct Typeset {
    /// The issue.
    pub issue: Issue,
    /// What was typeset.
    pub manuscript: Manuscript,
    /// The pages.
    pub document: PagedDocument,
    /// The measurement of the pages.
    pub measured: Measure,
    world: BulletinWorld,
    origin: Origin,
    /// How many findings were reported for the issue.
    warnings: usize,
    _forget: Forget,
}

/// An issue's PDF.
pub struct Pdf {
    /// How many pages it has.
    pub pages: usize,
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// What it was made from.
    pub record: Record,
}

impl Pdf {
    /// Writes the file in the folder `output`, whole or not at all.
    pub fn write_in(&self, output: &Path, path: &Path) -> Result<(), FileError> {
        files::write_in(output, path, &self.bytes)
    }
}

impl Session {
    /// Opens a project.
    pub fn open(project: Project, fonts: &FontPaths) -> Result<Self, SessionError> {
        let layouts = Layouts::open(&project.root)?;
        let library = Arc::new(FontLibrary::open(fonts)?);
        Ok(Self::over(project, layouts, library))
    }

    /// A session that sees layouts, publications and issues as they are now; the faces stay.
    pub fn renewed(&self) -> Result<Self, SessionError> {
        let layouts = Layouts::open(&self.project.root)?;
        Ok(Self::over(self.project.clone(), layouts, self.library.clone()))
    }

    /// Reads the series of a publication again when it is next needed.
    pub fn forget_series(&self, publication: &str) {
        self.series.lock().remove(publication);
    }

    fn over(project: Project, layouts: Layouts, library: Arc<FontLibrary>) -> Self {
        Session {
            project,
            library,
            layouts,
            publications: Mutex::default(),
            series: Mutex::default(),
            rounds: Arc::default(),
        }
    }

    /// Sets how many issues are typeset at the same time; Typst forgets once per so many issues.
    pub fn set_parallel(&self, issues: usize) {
        self.rounds.set_parallel(issues);
    }

    /// Reads and checks an issue: reports every fault that its data show before it is typeset.
    pub fn check(&self, input: impl Into<Input>) -> Checked<Issue> {
        let mut found = Vec::new();
        let ready = self.checked(&input.into(), &mut found);
        finished(ready.map(|ready| ready.issue), found)
    }

    /// Reads and checks an issue: every finding that has a fix, however many there are.
    pub fn fixes(&self, issue: &IssuePath) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        self.checked(&Input { all: true, ..issue.into() }, &mut found);
        found.retain(|diagnostic| diagnostic.fix.is_some());
        found
    }

    /// An issue's text → its pages, to be shown before they are measured. Findings come in the
    /// order of the steps; [`Typeset::of`] adds those of the measurement and sorts them all.
    pub fn laid_out(&self, input: impl Into<Input>) -> Checked<LaidOut> {
        let input = input.into();
        let mut found = Vec::new();
        let forget = match input.live {
            Some(_) => Forget::Change,
            None => Forget::Issue(self.rounds.clone()),
        };
        self.warm(&input.at);
        let ready = self.checked(&input, &mut found);
        let value = ready.and_then(|ready| self.lay_out(ready, &input.fit, forget, &mut found));
        Checked { value, diagnostics: found }
    }

    /// An issue's text → the typeset issue: read, checked, merged, laid out, measured.
    pub fn typeset(&self, input: impl Into<Input>) -> Checked<Typeset> {
        Typeset::of(self.laid_out(input))
    }

    /// An issue's text → the files of the press.
    pub fn press(&self, input: impl Into<Input>, job: &Job) -> Checked<Pressed> {
        let input = Input { is_numbered: job.copies.is_some(), ..input.into() };
        self.typeset(input).then(|typeset| typeset.press(job))
    }

    /// The issues of a year → their bound volume (合订本).
    pub fn volume(&self, issues: &[IssuePath], year: u16, job: &Job) -> Checked<Vec<PressFile>> {
        let mut found = Vec::new();
        // Every issue is typeset, so that the faults of all issues are reported together.
        let typeset: Vec<Option<Typeset>> =
            issues.iter().map(|at| self.typeset(at).drain_into(&mut found)).collect();
        let typeset: Option<Vec<Typeset>> = typeset.into_iter().collect();
        let publication = issues.first().and_then(|at| self.publication(&at.publication).value);
        let value = typeset.zip(publication).and_then(|(typeset, publication)| {
            let parts: Vec<Printable<'_>> = typeset.iter().map(Typeset::printable).collect();
            press::volume::volume(&parts, year, &publication, job).drain_into(&mut found)
        });
        finished(value, found)
    }

    /// The inputs of an issue's PDF besides its own file and pictures, with their name; `None` if
    /// the publication has errors.
    pub fn shared_inputs(
        &self,
        publication: &str,
        layout_version: Option<&str>,
    ) -> Option<(String, SharedInputs)> {
        let nowhere = Arc::new(SourceFile { name: String::new(), text: String::new() });
        let pin = layout_version
            .map(|version| Pin { version: version.into(), span: Span::new(&nowhere, 0..0) });
        let shared = self.shared(publication, pin.as_ref()).value?;
        Some((shared.key.clone(), shared.inputs.clone()))
    }

    /// Whether [`Session::shared_inputs`] would return the name `key`.
    pub fn shares(&self, publication: &str, layout_version: Option<&str>, key: &str) -> bool {
        let edition = (publication.into(), layout_version.map(Into::into));
        let known = |shared: &Checked<Arc<Shared>>| {
            shared.value.as_ref().is_some_and(|shared| shared.key == key)
        };
        let publications = self.publications.lock();
        publications.get(&edition).map(known).unwrap_or_else(|| {
            drop(publications);
            self.shared_inputs(publication, layout_version).is_some_and(|(now, _)| now == key)
        })
    }

    /// The publication `id`, read and checked once.
    pub fn publication(&self, id: &str) -> Checked<Arc<Publication>> {
        self.shared(id, None).map(|shared| shared.publication.clone())
    }

    /// Begins to load the faces while the issue is still being read and checked.
    fn warm(&self, at: &IssuePath) {
        if let Some(shared) = self.shared(&at.publication, None).value {
            shared.sources();
        }
    }

    /// Reads and checks an issue. A live text replaces its file among the other issues.
    fn checked(&self, input: &Input, found: &mut Vec<Diagnostic>) -> Option<Ready> {
        let at = &input.at;
        let read = match &input.live {
            Some(file) => Some((file.clone(), Digest::of(file.text.as_bytes()))),
            None => self.read_file(&at.path).drain_into(found),
        };
        let raw =
            read.as_ref().and_then(|(file, _)| read::read::<RawIssue>(file).drain_into(found));
        let pin = read.as_ref().zip(raw.as_ref()).and_then(|((file, _), raw)| {
            let version = raw.layout_version.as_ref()?;
            let span = Span::new(file, version.range.clone());
            Some(Pin { version: version.value.clone(), span })
        });
        // The publication's faults are reported even where the issue cannot be read.
        let shared = self.shared(&at.publication, pin.as_ref()).drain_into(found)?;
        let ((file, digest), raw) = (read?, raw?);
        let publication = &shared.publication;
        let mut series = self.series(publication);
        if input.live.is_some() {
            series = Arc::new(series.with(&file, publication));
        }
        found.extend(series.found_in(&file).cloned());
        let place = Place { root: &self.project.root, path: &at.path, file: &file, all: input.all };
        let mut issue = check::check(&raw, publication, place).drain_into(found)?;
        if input.is_numbered {
            // The layout decides where a number stands: the pages carry one that no copy has.
            issue.copy_number = Some(number::PLACEHOLDER);
        }
        let fails = found.iter().any(|d| d.severity == Severity::Error);
        let layout_version = pin.map(|pin| pin.version);
        let origin = Origin { at: at.clone(), file, digest, layout_version, shared };
        (!fails).then_some(Ready { issue, origin })
    }

    /// Merges an issue with its layout, and lays it out.
    fn lay_out(
        &self,
        ready: Ready,
        fit: &Fit,
        forget: Forget,
        found: &mut Vec<Diagnostic>,
    ) -> Option<LaidOut> {
        let Ready { issue, origin } = ready;
        let Origin { file, shared, .. } = &origin;
        let mut manuscript = merge(&issue, &shared.publication);
        let is_fitted = *fit != Fit::default() && manuscript.composed;
        let fitted = is_fitted.then(|| manuscript.fitted(fit));
        let unfitted = fitted.map(|fitted| std::mem::replace(&mut manuscript, fitted));
        let world = shared.world(&manuscript);
        let compiled = compile(&world, file);
        if compiled.value.is_none() {
            let can_be_laid_out = |raw: &RawIssue| self.can_be_laid_out(raw, &origin);
            found.extend(blame::blame(compiled.diagnostics, file, can_be_laid_out));
            return None;
        }
        let document = compiled.drain_into(found)?;
        let pages = document.pages().len();
        if pages > limits::PAGES {
            let many = Diagnostic::error(Code::TooManyPages, Span::new(file, 0..0));
            found.push(many.arg("pages", pages).arg("limit", limits::PAGES));
            return None;
        }
        Some(LaidOut { document, issue, manuscript, unfitted, world, origin, forget })
    }

    /// Whether Typst lays out a part of an issue.
    fn can_be_laid_out(&self, part: &RawIssue, origin: &Origin) -> bool {
        let Origin { at, file, shared, .. } = origin;
        let place = Place { root: &self.project.root, path: &at.path, file, all: false };
        let part = check::check(part, &shared.publication, place).value;
        part.is_none_or(|part| {
            let world = shared.world(&merge(&part, &shared.publication));
            compile(&world, file).value.is_some()
        })
    }

    /// The issues of a publication side by side, read once.
    fn series(&self, publication: &Publication) -> Arc<Series> {
        let mut series = self.series.lock();
        let read = || {
            let folder = self.project.publication(&publication.id);
            let issues = self.project.issues(&[folder]).unwrap_or_default().into_iter();
            let heads = issues.map(|issue| {
                let file = self.read_file(&issue.path).value.map(|(file, _)| file);
                (issue.stem, file)
            });
            Arc::new(Series::new(heads, publication))
        };
        series.entry(publication.id.clone()).or_insert_with(read).clone()
    }

    fn shared(&self, id: &str, pin: Option<&Pin>) -> Checked<Arc<Shared>> {
        let edition = (id.to_string(), pin.map(|pin| pin.version.clone()));
        let mut publications = self.publications.lock();
        if let Some(shared) = publications.get(&edition) {
            return shared.clone();
        }
        let shared = self.open_publication(id, pin);
        // A failed pin is not kept: each issue gets the error at its own line.
        if pin.is_none() || shared.value.is_some() {
            publications.insert(edition, shared.clone());
        }
        shared
    }

    fn open_publication(&self, id: &str, pin: Option<&Pin>) -> Checked<Arc<Shared>> {
        let mut found = Vec::new();
        let path = self.project.publication(id).join(PUBLICATION_FILE);
        let Some((file, digest)) = self.read_file(&path).drain_into(&mut found) else {
            return Checked::failed(found);
        };
        let publication = check::publication(id, &file, pin, &self.layouts, &self.library);
        match publication.drain_into(&mut found) {
            Some(publication) => {
                let inputs = SharedInputs::new(&publication, digest);
                let (key, sources) = (inputs.key(), OnceLock::new());
                let publication = Arc::new(publication);
                Checked::new(Arc::new(Shared { publication, inputs, key, sources }), found)
            }
            None => Checked::failed(found),
        }
    }

    /// A file's text and the digest of its bytes.
    fn read_file(&self, path: &Path) -> Checked<(Arc<SourceFile>, Digest)> {
        let name = self.project.shown(path);
        match files::read_in(&self.project.root, path, limits::FILE_BYTES) {
            Ok(bytes) => {
                let digest = Digest::of(&bytes);
                read::decode(&name, bytes).map(|file| (file, digest))
            }
            Err(fault) => Checked::failed(vec![fault.diagnostic(&name)]),
        }
    }
}

impl LaidOut {
    /// Fits the issue to its pages, measures them, and proves that they show all that the issue
    /// says; findings are reported at the issue's text.
    fn measured(self) -> Checked<Typeset> {
        let mut laid_out = self;
        let mut found = Vec::new();
        let mut measured = measure(&laid_out.document, laid_out.manuscript.geometry);
        if let Some((fitted, said)) = fit::fit(&laid_out, &measured.composition) {
            let Fitted { manuscript, world, document, .. } = fitted;
            measured = measure(&document, manuscript.geometry);
            laid_out = LaidOut { manuscript, world, document, ..laid_out };
            found.extend(said);
        }
        let LaidOut { document, issue, manuscript, world, origin, forget, .. } = laid_out;
        found.extend(measured.findings.iter().map(|finding| on_page(finding, &origin.file)));
        found.extend(manuscript.cuts.iter().map(|cut| on_title(cut, &origin.file)));
        let publication = &origin.shared.publication;
        found.extend(account::findings(&document, &manuscript, &origin.file, publication));
        publication.levels.apply(&mut found);
        let typeset = Typeset {
            issue,
            manuscript,
            document,
            measured,
            world,
            origin,
            warnings: 0,
            _forget: forget,
        };
        Checked::new(typeset, found)
    }
}

impl Typeset {
    /// The typeset issue of measured pages, with all findings sorted.
    pub fn of(laid_out: Checked<LaidOut>) -> Checked<Self> {
        let measured = laid_out.then(LaidOut::measured);
        let warnings = measured.diagnostics.len();
        measured.map(|typeset| Typeset { warnings, ..typeset })
    }

    /// The PDF of the circulated edition, and what it was made from.
    pub fn pdf(&self) -> Checked<Pdf> {
        let options = export::options(&self.origin.at.name(), self.issue.date);
        let made = typst_pdf::pdf(&self.document, &options);
        ours(made, Code::PdfStandard, &self.world, &self.origin.file).map(|bytes| {
            let record = self.record(&bytes);
            Pdf { pages: record.pages, bytes, record }
        })
    }

    fn record(&self, pdf: &[u8]) -> Record {
        let Origin { digest, layout_version, shared, .. } = &self.origin;
        let pictures = self.issue.pictures.iter();
        Record {
            issue: *digest,
            output: Digest::of(pdf),
            bytes: pdf.len() as u64,
            pages: self.document.pages().len(),
            warnings: self.warnings,
            layout_version: layout_version.clone(),
            shared: shared.key.clone(),
            pictures: pictures
                .map(|picture| (picture.name.clone(), Digest::of(&picture.bytes)))
                .collect(),
        }
    }

    /// Makes the files for the press from the pages. Numbered copies need pages with a placeholder
    /// number, which [`Session::press`] lays out.
    pub fn press(&self, job: &Job) -> Checked<Pressed> {
        press::press(&self.printable(), job)
    }

    /// The typeset issue as the press needs it.
    fn printable(&self) -> Printable<'_> {
        let title = self.document.info().title.as_ref().map(ToString::to_string);
        Printable {
            name: self.origin.at.name(),
            title: title.unwrap_or_default(),
            imprint: &self.issue.imprint,
            document: &self.document,
            geometry: self.manuscript.geometry,
            date: self.issue.date,
            digest: self.origin.digest,
            file: &self.origin.file,
            world: &self.world,
        }
    }
}

/// A value with its findings in the order they are shown.
fn finished<T>(value: Option<T>, mut found: Vec<Diagnostic>) -> Checked<T> {
    diag::sort(&mut found);
    match value {
        Some(value) => Checked::new(value, found),
        None => Checked::failed(found),
    }
}

/// A title that is cut, at its text in the issue.
fn on_title(cut: &Cut, file: &Arc<SourceFile>) -> Diagnostic {
    let place = text::find_printed(&file.text, &cut.title).unwrap_or(0..0);
    Diagnostic::warning(Code::TitleCut, Span::new(file, place))
        .arg("place", &cut.place)
        .arg("lines", &cut.lines)
}

/// A finding of the measurement, at the text of the issue that it is about.
fn on_page(finding: &Finding, file: &Arc<SourceFile>) -> Diagnostic {
    let place = text::find_printed(&file.text, &finding.text).unwrap_or(0..0);
    let text: String = finding.text.chars().take(16).collect();
    let off = finding.off.map_or("-".into(), |off| off.to_string());
    let count = finding.count.map_or("-".into(), |count| count.to_string());
    Diagnostic::warning(finding.rule, Span::new(file, place))
        .page(finding.page)
        .arg("text", text)
        .arg("off", off)
        .arg("count", count)
}
