//! The one module that calls the hops in their order, for one issue or many.

mod blame;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use typst::model::Document;
use typst_layout::PagedDocument;

use crate::check::run::{Head, run};
use crate::check::{self, Place};
use crate::compile::compile;
use crate::diag::{self, Checked, Code, Diagnostic, Severity, SourceFile, Span};
use crate::digest::Digest;
use crate::export;
use crate::files::{self, WriteError};
use crate::fonts::{FontLibrary, FontPathError, FontPaths};
use crate::inputs::{Record, SharedInputs};
use crate::issue::raw::RawIssue;
use crate::issue::{Issue, Number};
use crate::layout::{Layouts, Pin};
use crate::limits;
use crate::measure::{Finding, Measure, measure};
use crate::merge::{Manuscript, merge};
use crate::press::{self, Job, PressFile, Pressed, number};
use crate::project::{IssuePath, PUBLICATION_FILE, Project};
use crate::publication::Publication;
use crate::read;
use crate::text;
use crate::world::{BulletinWorld, LayoutSources};

/// How many issues Typst remembers something for that none of them has asked for again.
const KEPT_GENERATIONS: usize = 2;
/// How many changes of a text Typst remembers something for that none of them has asked for again.
const KEPT_CHANGES: usize = 10;

/// A project with what its issues share: layouts, fonts, publications, each read once.
pub struct Session {
    /// The project.
    pub project: Project,
    /// Every face that may be named.
    pub library: Arc<FontLibrary>,
    layouts: Layouts,
    publications: Mutex<BTreeMap<Edition, Arc<Checked<Shared>>>>,
    runs: Mutex<BTreeMap<String, Arc<Run>>>,
    /// How many issues are set at the same time.
    parallel: AtomicUsize,
    done: AtomicUsize,
}

/// The issues of a publication side by side.
#[derive(Default)]
struct Run {
    heads: Vec<Head>,
    /// Those whose head cannot be read, by the names of their files.
    unread: Vec<(u16, Number)>,
    found: Vec<Diagnostic>,
}

/// An issue's text and what it digests to.
type Text = (Arc<SourceFile>, Digest);

/// A publication, and the version of its layout that an issue pins.
type Edition = (String, Option<String>);

/// What the issues of one edition share.
struct Shared {
    publication: Publication,
    inputs: SharedInputs,
    key: String,
    sources: OnceLock<LayoutSources>,
}

impl Shared {
    /// The layout's files, parsed when the first issue is set.
    fn sources(&self) -> &LayoutSources {
        self.sources.get_or_init(|| {
            self.publication.fonts.preload();
            LayoutSources::new(&self.publication.layout)
        })
    }
}

/// Lets Typst forget once an issue is done with, however that ended.
///
/// Its memory of one issue is of little use to the next; the layout's is kept. The memory is
/// the whole process's, so that a generation is one issue of each worker.
struct Forget<'a>(&'a Session);

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        let done = self.0.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(self.0.parallel.load(Ordering::Relaxed)) {
            comemo::evict(KEPT_GENERATIONS);
        }
    }
}

/// What an issue is set from.
struct Source<'a> {
    issue: Digest,
    pin: Option<&'a Pin>,
    shared: &'a Shared,
}

/// An issue without errors, and what else must be known to set it.
struct Ready {
    issue: Issue,
    file: Arc<SourceFile>,
    digest: Digest,
    pin: Option<Pin>,
    shared: Arc<Checked<Shared>>,
}

/// A session that cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The project's `layouts/` cannot be read.
    #[error("layouts: {0}")]
    Layouts(std::io::Error),
    /// A font path cannot be read.
    #[error(transparent)]
    Fonts(#[from] FontPathError),
}

/// An issue with its laid-out pages.
pub struct Typeset {
    /// The issue.
    pub issue: Issue,
    /// What was typeset.
    pub manuscript: Manuscript,
    /// The pages.
    pub document: PagedDocument,
    /// What a ruler says of them.
    pub measured: Measure,
}

/// An issue with its PDF.
pub struct Pdf {
    /// How many pages it has.
    pub pages: usize,
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// What it was made from.
    pub record: Record,
}

impl Session {
    /// Opens a project.
    pub fn open(project: Project, fonts: &FontPaths) -> Result<Self, SessionError> {
        let layouts =
            Layouts::open(&project.root.join("layouts")).map_err(SessionError::Layouts)?;
        let library = Arc::new(FontLibrary::open(fonts)?);
        Ok(Self::over(project, layouts, library))
    }

    /// A session that sees layouts, publications and issues as they are now; the faces stay.
    pub fn renewed(&self) -> Result<Self, SessionError> {
        let layouts =
            Layouts::open(&self.project.root.join("layouts")).map_err(SessionError::Layouts)?;
        Ok(Self::over(self.project.clone(), layouts, self.library.clone()))
    }

    /// Looks at the issues of a publication again when their order is next asked for.
    pub fn forget_run(&self, publication: &str) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(publication);
    }

    fn over(project: Project, layouts: Layouts, library: Arc<FontLibrary>) -> Self {
        Session {
            project,
            library,
            layouts,
            publications: Mutex::default(),
            runs: Mutex::default(),
            parallel: AtomicUsize::new(1),
            done: AtomicUsize::new(0),
        }
    }

    /// Says how many issues will be set at the same time: Typst forgets after so many.
    pub fn set_parallel(&self, issues: usize) {
        self.parallel.store(issues.max(1), Ordering::Relaxed);
    }

    /// Hops 2–3: everything that is wrong with an issue, as far as its data say.
    pub fn check(&self, at: &IssuePath) -> Checked<Issue> {
        let mut found = Vec::new();
        let ready = self.checked(at, self.read_file(&at.path), false, &mut found);
        finished(ready.map(|ready| ready.issue), found)
    }

    /// Hops 2–6 for a text that is being written, which its file need not have. `seen` gets the
    /// pages as soon as there are any, before a ruler is put on them.
    pub fn preview(
        &self,
        at: &IssuePath,
        file: &Arc<SourceFile>,
        seen: impl FnOnce(&PagedDocument),
    ) -> Checked<Typeset> {
        let mut found = Vec::new();
        let text = (file.clone(), Digest::of(file.text.as_bytes()));
        let ready = self.checked(at, Checked::new(text, Vec::new()), true, &mut found);
        let finish = |typeset, _: &BulletinWorld<'_>, _: &Arc<SourceFile>, _: Source<'_>| {
            Checked::new(typeset, Vec::new())
        };
        let value = ready.and_then(|ready| self.set(at, ready, seen, finish, &mut found));
        comemo::evict(KEPT_CHANGES);
        finished(value, found)
    }

    /// Hops 2–7 for such a text.
    pub fn preview_pdf(&self, at: &IssuePath, file: &Arc<SourceFile>) -> Checked<Pdf> {
        let mut found = Vec::new();
        let text = (file.clone(), Digest::of(file.text.as_bytes()));
        let ready = self.checked(at, Checked::new(text, Vec::new()), true, &mut found);
        let ident = at.name();
        let finish =
            |typeset: Typeset,
             world: &BulletinWorld<'_>,
             file: &Arc<SourceFile>,
             source: Source<'_>| { pdf(&typeset, &ident, world, file, source) };
        let value = ready.and_then(|ready| self.set(at, ready, |_| (), finish, &mut found));
        finished(value, found)
    }

    /// Hops 2–6, and what a ruler finds on the pages besides.
    pub fn check_pages(&self, at: &IssuePath) -> Checked<Issue> {
        self.with_world(at, |typeset, _, _, _| Checked::new(typeset.issue, Vec::new()))
    }

    /// Hops 2–6: an issue's file → its laid-out pages.
    pub fn typeset(&self, at: &IssuePath) -> Checked<Typeset> {
        self.with_world(at, |typeset, _, _, _| Checked::new(typeset, Vec::new()))
    }

    /// Hops 2–7: an issue's file → its PDF.
    pub fn pdf(&self, at: &IssuePath) -> Checked<Pdf> {
        let ident = at.name();
        let pdf = self.with_world(at, |typeset, world, file, source| {
            pdf(&typeset, &ident, world, file, source)
        });
        let warnings = pdf.diagnostics.len();
        let count = |mut pdf: Pdf| {
            pdf.record.warnings = warnings;
            pdf
        };
        Checked { value: pdf.value.map(count), diagnostics: pdf.diagnostics }
    }

    /// What an issue's PDF would be made from besides its own file and pictures, with its name;
    /// nothing if its publication has errors.
    pub fn shared_inputs(
        &self,
        publication: &str,
        layout_version: Option<&str>,
    ) -> Option<(String, SharedInputs)> {
        let nowhere = Arc::new(SourceFile { name: String::new(), text: String::new() });
        let pin = layout_version
            .map(|version| Pin { version: version.into(), span: Span::new(&nowhere, 0..0) });
        let shared = self.shared(publication, pin.as_ref());
        shared.value.as_ref().map(|shared| (shared.key.clone(), shared.inputs.clone()))
    }

    /// Whether it is `key` that [`Session::shared_inputs`] would name.
    pub fn shares(&self, publication: &str, layout_version: Option<&str>, key: &str) -> bool {
        let edition = (publication.into(), layout_version.map(Into::into));
        let known = |shared: &Arc<Checked<Shared>>| {
            shared.value.as_ref().is_some_and(|shared| shared.key == key)
        };
        let publications = self.publications.lock().unwrap_or_else(PoisonError::into_inner);
        publications.get(&edition).map(known).unwrap_or_else(|| {
            drop(publications);
            self.shared_inputs(publication, layout_version).is_some_and(|(now, _)| now == key)
        })
    }

    /// Hops 2–6, and a ruler on the pages.
    pub fn measure(&self, at: &IssuePath) -> Checked<Measure> {
        self.with_world(at, |typeset, _, _, _| Checked::new(typeset.measured, Vec::new()))
    }

    /// Hops 2–7 with a ruler on the pages: the PDF and what is measured on them.
    pub fn pdf_and_measure(&self, at: &IssuePath) -> Checked<(Pdf, Measure)> {
        self.pdf_and(at, |typeset, _| typeset.measured.clone())
    }

    /// Hops 2–7: the PDF, and what `look` makes of it and the pages that it was made from.
    pub fn pdf_and<T>(
        &self,
        at: &IssuePath,
        look: impl FnOnce(&Typeset, &Pdf) -> T,
    ) -> Checked<(Pdf, T)> {
        let ident = at.name();
        self.with_world(at, |typeset, world, file, source| {
            pdf(&typeset, &ident, world, file, source).map(|pdf| {
                let seen = look(&typeset, &pdf);
                (pdf, seen)
            })
        })
    }

    /// Hops 2–6, and what the press makes of the pages.
    pub fn press(&self, at: &IssuePath, job: &Job) -> Checked<Pressed> {
        let mut found = Vec::new();
        let _forget = Forget(self);
        let ready = self.checked(at, self.read_file(&at.path), false, &mut found);
        self.pressed(at, ready, job, found)
    }

    /// The same for a text that is being written.
    pub fn preview_press(
        &self,
        at: &IssuePath,
        file: &Arc<SourceFile>,
        job: &Job,
    ) -> Checked<Pressed> {
        let mut found = Vec::new();
        let text = (file.clone(), Digest::of(file.text.as_bytes()));
        let ready = self.checked(at, Checked::new(text, Vec::new()), true, &mut found);
        self.pressed(at, ready, job, found)
    }

    fn pressed(
        &self,
        at: &IssuePath,
        mut ready: Option<Ready>,
        job: &Job,
        mut found: Vec<Diagnostic>,
    ) -> Checked<Pressed> {
        // The layout says where a number stands: it is set with one that no copy has.
        if let Some(ready) = ready.as_mut().filter(|_| job.copies.is_some()) {
            ready.issue.copy_number = Some(number::PLACEHOLDER);
        }
        let on_press =
            |typeset: Typeset, _: &BulletinWorld<'_>, file: &Arc<SourceFile>, from: Source<'_>| {
                let source = press_source(at.name(), &typeset, from.issue, file);
                let press = |tools: &press::Tools<'_>| press::press(&source, job, tools);
                with_tools(&source, &from.shared.publication, from.shared.sources(), press)
            };
        let value = ready.and_then(|ready| self.set(at, ready, |_| (), on_press, &mut found));
        finished(value, found)
    }

    /// Hops 2–6 for each issue of a year, and the volume (合订本) that they make.
    pub fn volume(&self, issues: &[IssuePath], year: u16, job: &Job) -> Checked<Vec<PressFile>> {
        let mut found = Vec::new();
        let mut parts = Vec::new();
        let mut complete = true;
        for at in issues {
            let part = |typeset: Typeset,
                        _: &BulletinWorld<'_>,
                        file: &Arc<SourceFile>,
                        from: Source<'_>| {
                let part = (at.name(), typeset, from.issue, file.clone());
                Checked::new(part, Vec::new())
            };
            let ready = self.checked(at, self.read_file(&at.path), false, &mut found);
            let part = ready.and_then(|ready| self.set(at, ready, |_| (), part, &mut found));
            complete &= part.is_some();
            parts.extend(part);
        }
        let shared = issues.first().map(|at| self.shared(&at.publication, None));
        let shared = shared.as_ref().and_then(|shared| shared.value.as_ref());
        let Some(shared) = shared.filter(|_| complete) else {
            return finished(None, found);
        };
        let sources: Vec<press::Source<'_>> = parts
            .iter()
            .map(|(name, typeset, digest, file)| press_source(name.clone(), typeset, *digest, file))
            .collect();
        let volume = |tools: &press::Tools<'_>| {
            press::volume::volume(&sources, year, &shared.publication, job, tools)
        };
        let value = with_tools(&sources[0], &shared.publication, shared.sources(), volume)
            .drain_into(&mut found);
        finished(value, found)
    }

    /// Writes the PDF of an issue to `<output>/<publication>/<issue>.pdf`.
    pub fn write(&self, at: &IssuePath, pdf: &Pdf, output: &Path) -> Result<PathBuf, WriteError> {
        let path = output.join(&at.publication).join(format!("{}.pdf", at.stem));
        files::write(&path, &pdf.bytes)?;
        Ok(path)
    }

    /// The publication `id`, read and checked once.
    pub fn with_publication<T>(
        &self,
        id: &str,
        use_it: impl FnOnce(&Publication) -> T,
    ) -> Checked<T> {
        let shared = self.shared(id, None);
        Checked {
            value: shared.value.as_ref().map(|shared| use_it(&shared.publication)),
            diagnostics: shared.diagnostics.clone(),
        }
    }

    fn with_world<T>(
        &self,
        at: &IssuePath,
        finish: impl FnOnce(Typeset, &BulletinWorld<'_>, &Arc<SourceFile>, Source<'_>) -> Checked<T>,
    ) -> Checked<T> {
        let mut found = Vec::new();
        let _forget = Forget(self);
        // The faces begin to load while the issue is read, and looked at among its neighbours.
        if let Some(shared) = &self.shared(&at.publication, None).value {
            shared.sources();
        }
        let ready = self.checked(at, self.read_file(&at.path), false, &mut found);
        let value = ready.and_then(|ready| self.set(at, ready, |_| (), finish, &mut found));
        finished(value, found)
    }

    /// Hops 2–3. A text that is `live` is looked at among the other issues as it is now.
    fn checked(
        &self,
        at: &IssuePath,
        read: Checked<Text>,
        live: bool,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Ready> {
        let read = read.drain_into(found);
        let raw =
            read.as_ref().and_then(|(file, _)| read::read::<RawIssue>(file).drain_into(found));
        let pin = read.as_ref().zip(raw.as_ref()).and_then(|((file, _), raw)| {
            let version = raw.layout_version.as_ref()?;
            let span = Span::new(file, version.range.clone());
            Some(Pin { version: version.value.clone(), span })
        });
        let shared = self.shared(&at.publication, pin.as_ref());
        found.extend(shared.diagnostics.iter().cloned());
        let Some(Shared { publication, .. }) = &shared.value else { return None };
        let ((file, digest), raw) = (read?, raw?);
        let mut run = self.run(publication, &at.publication);
        if live {
            run = Arc::new(run.with(&file, publication));
        }
        let here = |d: &&Diagnostic| d.span.as_ref().is_some_and(|s| s.file.name == file.name);
        found.extend(run.found.iter().filter(here).cloned());
        let place = Place { root: &self.project.root, path: &at.path, file: &file };
        let issue = check::check(&raw, publication, place).drain_into(found)?;
        let fails = found.iter().any(|d| d.severity == Severity::Error);
        (!fails).then_some(Ready { issue, file, digest, pin, shared })
    }

    /// The hops themselves. `seen` gets the pages before a ruler is put on them.
    fn set<T>(
        &self,
        at: &IssuePath,
        ready: Ready,
        seen: impl FnOnce(&PagedDocument),
        finish: impl FnOnce(Typeset, &BulletinWorld<'_>, &Arc<SourceFile>, Source<'_>) -> Checked<T>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let Ready { issue, file, digest, pin, shared } = ready;
        let shared = shared.value.as_ref()?;
        let publication = &shared.publication;
        let sources = shared.sources();
        let manuscript = merge(&issue, publication);
        let world = BulletinWorld::new(&manuscript, sources, &publication.fonts);
        let compiled = compile(&world, &file);
        if compiled.value.is_none() {
            let layout = compiled.diagnostics;
            found.extend(blame::blame(layout, &file, |raw| {
                let place = Place { root: &self.project.root, path: &at.path, file: &file };
                let part = check::check(raw, publication, place).value;
                part.is_none_or(|part| {
                    let manuscript = merge(&part, publication);
                    let world =
                        BulletinWorld::new(&manuscript, shared.sources(), &publication.fonts);
                    compile(&world, &file).value.is_some()
                })
            }));
            return None;
        }
        let document = compiled.drain_into(found)?;
        if document.pages().len() > limits::PAGES {
            let many = Diagnostic::error(Code::TooManyPages, Span::new(&file, 0..0));
            let pages = document.pages().len();
            found.push(many.arg("pages", pages).arg("limit", limits::PAGES));
            return None;
        }
        seen(&document);
        let measured = measure(&document, manuscript.geometry);
        let mut on_pages: Vec<Diagnostic> =
            measured.findings.iter().map(|finding| on_page(finding, &file)).collect();
        publication.levels.apply(&mut on_pages);
        let fails = on_pages.iter().any(|d| d.severity == Severity::Error);
        found.append(&mut on_pages);
        if fails {
            return None;
        }
        let from = Source { issue: digest, pin: pin.as_ref(), shared };
        let typeset = Typeset { issue, manuscript, document, measured };
        finish(typeset, &world, &file, from).drain_into(found)
    }

    /// What the issues of a publication show side by side, looked at once.
    fn run(&self, publication: &Publication, id: &str) -> Arc<Run> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || {
            let issues = self.project.issues(&[self.project.publication(id)]).unwrap_or_default();
            let mut run = Run::default();
            for issue in issues {
                let file = self.read_file(&issue.path).value;
                match file.and_then(|(file, _)| Head::read(&file)) {
                    Some(head) => run.heads.push(head),
                    None => run.unread.extend(Number::parse_file_stem(&issue.stem)),
                }
            }
            Arc::new(run.looked_at(publication))
        };
        runs.entry(id.into()).or_insert_with(look).clone()
    }

    fn shared(&self, id: &str, pin: Option<&Pin>) -> Arc<Checked<Shared>> {
        let edition = (id.to_string(), pin.map(|pin| pin.version.clone()));
        let mut publications = self.publications.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = publications.get(&edition) {
            return shared.clone();
        }
        let shared = Arc::new(self.open_publication(id, pin));
        // Each issue that pins a version that there is none of is told so at its own line.
        if pin.is_none() || shared.value.is_some() {
            publications.insert(edition, shared.clone());
        }
        shared
    }

    fn open_publication(&self, id: &str, pin: Option<&Pin>) -> Checked<Shared> {
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
                Checked::new(Shared { publication, inputs, key, sources }, found)
            }
            None => Checked::failed(found),
        }
    }

    fn read_file(&self, path: &Path) -> Checked<Text> {
        let name = self.project.shown(path);
        let bytes = std::fs::metadata(path).and_then(|metadata| {
            // Neither a pipe nor a device is read, and nothing that no bulletin can be.
            let fits = metadata.is_file() && metadata.len() <= limits::FILE_BYTES;
            fits.then(|| std::fs::read(path)).transpose()
        });
        let refused = |code| {
            let file = Arc::new(SourceFile { name: name.clone(), text: String::new() });
            Diagnostic::error(code, Span::new(&file, 0..0))
        };
        match bytes {
            Ok(Some(bytes)) => {
                let digest = Digest::of(&bytes);
                read::decode(&name, bytes).map(|file| (file, digest))
            }
            Ok(None) => {
                let large = refused(Code::FileTooLarge);
                Checked::failed(vec![large.arg("limit", limits::FILE_BYTES >> 10)])
            }
            Err(error) => Checked::failed(vec![refused(Code::FileUnreadable).arg("detail", error)]),
        }
    }
}

impl Run {
    fn looked_at(mut self, publication: &Publication) -> Self {
        self.found = run(&self.heads, &self.unread);
        publication.levels.apply(&mut self.found);
        self
    }

    /// The same with one issue as its text is now.
    fn with(&self, file: &Arc<SourceFile>, publication: &Publication) -> Self {
        let others = self.heads.iter().filter(|head| head.file.name != file.name).cloned();
        let heads = others.chain(Head::read(file)).collect();
        Run { heads, unread: self.unread.clone(), found: Vec::new() }.looked_at(publication)
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

/// A finding of the ruler's, at the text of the issue that it is about.
fn on_page(finding: &Finding, file: &Arc<SourceFile>) -> Diagnostic {
    let place = text::find_printed(&file.text, &finding.text).unwrap_or(0..0);
    let text: String = finding.text.chars().take(16).collect();
    let off = finding.off.map_or("-".into(), |off| off.to_string());
    let count = finding.count.map_or("-".into(), |count| count.to_string());
    Diagnostic::warning(finding.rule, Span::new(file, place))
        .arg("page", finding.page)
        .arg("text", text)
        .arg("off", off)
        .arg("count", count)
}

/// What the press is told of an issue.
fn press_source<'a>(
    name: String,
    typeset: &'a Typeset,
    digest: Digest,
    file: &'a Arc<SourceFile>,
) -> press::Source<'a> {
    let Typeset { issue, manuscript, document, .. } = typeset;
    let title = document.info().title.as_ref().map(ToString::to_string);
    press::Source {
        name,
        title: title.unwrap_or_default(),
        imprint: &issue.imprint,
        document,
        geometry: manuscript.geometry,
        date: issue.date,
        digest,
        file,
    }
}

/// Gives the press the compiler and the writer, with the fonts of a publication.
fn with_tools<T>(
    source: &press::Source<'_>,
    publication: &Publication,
    layout: &LayoutSources,
    press: impl FnOnce(&press::Tools<'_>) -> Checked<T>,
) -> Checked<T> {
    let manuscript = |main: &str, data| Manuscript {
        main: main.into(),
        data,
        fonts: publication.fonts.chains(),
        geometry: source.geometry,
        pictures: Vec::new(),
    };
    let set = |main: &'static str, data| {
        let manuscript = manuscript(main, data);
        compile(&BulletinWorld::new(&manuscript, layout, &publication.fonts), source.file)
    };
    let archive = |document: &PagedDocument| {
        let manuscript = manuscript("", serde_json::Value::Null);
        let world = BulletinWorld::new(&manuscript, layout, &publication.fonts);
        export::pdf(document, &source.name, source.date, &world, source.file)
    };
    let covers = |c| publication.fonts.covers(c);
    press(&press::Tools { set: &set, archive: &archive, covers: &covers })
}

/// Hop 7: laid-out pages → a PDF, and what it was made from.
fn pdf(
    typeset: &Typeset,
    ident: &str,
    world: &BulletinWorld<'_>,
    file: &Arc<SourceFile>,
    source: Source<'_>,
) -> Checked<Pdf> {
    let pages = typeset.document.pages().len();
    let pictures = &typeset.issue.pictures;
    export::pdf(&typeset.document, ident, typeset.issue.date, world, file).map(|bytes| {
        let record = Record {
            issue: source.issue,
            output: Digest::of(&bytes),
            bytes: bytes.len() as u64,
            pages,
            warnings: 0,
            layout_version: source.pin.map(|pin| pin.version.clone()),
            shared: source.shared.key.clone(),
            pictures: pictures
                .iter()
                .map(|picture| (picture.name.clone(), Digest::of(&picture.bytes)))
                .collect(),
        };
        Pdf { pages, bytes, record }
    })
}
