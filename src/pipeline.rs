//! The one module that calls the hops in their order, for one issue or many.

mod blame;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use typst_layout::PagedDocument;

use crate::check::run::{Head, run};
use crate::check::{self, Place};
use crate::compile::compile;
use crate::diag::{self, Checked, Code, Diagnostic, Severity, SourceFile, Span};
use crate::export::{self, WriteError};
use crate::fonts::{FontLibrary, FontPathError, FontPaths};
use crate::issue::raw::RawIssue;
use crate::issue::{Issue, Number};
use crate::layout::Layouts;
use crate::limits;
use crate::measure::{Finding, Measure, measure};
use crate::merge::{Manuscript, merge};
use crate::project::{IssuePath, PUBLICATION_FILE, Project};
use crate::publication::Publication;
use crate::read;
use crate::text;
use crate::world::{BulletinWorld, LayoutSources};

/// How many issues Typst remembers something for that none of them has asked for again.
const KEPT_GENERATIONS: usize = 4;

/// A project with what its issues share: layouts, fonts, publications, each read once.
pub struct Session {
    /// The project.
    pub project: Project,
    /// Every face that may be named.
    pub library: FontLibrary,
    layouts: Layouts,
    publications: Mutex<BTreeMap<String, Arc<Checked<Shared>>>>,
    runs: Mutex<BTreeMap<String, Arc<Vec<Diagnostic>>>>,
}

/// What the issues of one publication share.
struct Shared {
    publication: Publication,
    sources: LayoutSources,
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
}

/// An issue with its PDF.
pub struct Pdf {
    /// How many pages it has.
    pub pages: usize,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

impl Session {
    /// Opens a project.
    pub fn open(project: Project, fonts: &FontPaths) -> Result<Self, SessionError> {
        let layouts =
            Layouts::open(&project.root.join("layouts")).map_err(SessionError::Layouts)?;
        let library = FontLibrary::open(fonts)?;
        let (publications, runs) = Default::default();
        Ok(Session { project, library, layouts, publications, runs })
    }

    /// Hops 2–3: everything that is wrong with an issue, as far as its data say.
    pub fn check(&self, at: &IssuePath) -> Checked<Issue> {
        let mut found = Vec::new();
        let shared = self.shared(&at.publication);
        let checked = self.checked(at, &shared, &mut found);
        finished(checked.map(|(issue, _)| issue), found)
    }

    /// Hops 2–6, and what a ruler finds on the pages besides.
    pub fn check_pages(&self, at: &IssuePath) -> Checked<Issue> {
        self.with_world(at, |typeset, _, _| Checked::new(typeset.issue, Vec::new()))
    }

    /// Hops 2–6: an issue's file → its laid-out pages.
    pub fn typeset(&self, at: &IssuePath) -> Checked<Typeset> {
        self.with_world(at, |typeset, _, _| Checked::new(typeset, Vec::new()))
    }

    /// Hops 2–7: an issue's file → its PDF.
    pub fn pdf(&self, at: &IssuePath) -> Checked<Pdf> {
        let ident = format!("{}/{}", at.publication, at.stem);
        self.with_world(at, |typeset, world, file| {
            let mut found = Vec::new();
            let pages = typeset.document.pages().len();
            let bytes = export::pdf(&typeset.document, &ident, typeset.issue.date, world, file);
            match bytes.drain_into(&mut found) {
                Some(bytes) => Checked::new(Pdf { pages, bytes }, found),
                None => Checked::failed(found),
            }
        })
    }

    /// Hops 2–6, and a ruler on the pages.
    pub fn measure(&self, at: &IssuePath) -> Checked<Measure> {
        self.with_world(at, |typeset, _, _| {
            Checked::new(ruled(&typeset.manuscript, &typeset.document), Vec::new())
        })
    }

    /// Writes the PDF of an issue to `<output>/<publication>/<issue>.pdf`.
    pub fn write(&self, at: &IssuePath, pdf: &Pdf, output: &Path) -> Result<PathBuf, WriteError> {
        let path = output.join(&at.publication).join(format!("{}.pdf", at.stem));
        export::write(&path, &pdf.bytes)?;
        Ok(path)
    }

    /// The publication `id`, read and checked once.
    pub fn with_publication<T>(
        &self,
        id: &str,
        use_it: impl FnOnce(&Publication) -> T,
    ) -> Checked<T> {
        let shared = self.shared(id);
        Checked {
            value: shared.value.as_ref().map(|shared| use_it(&shared.publication)),
            diagnostics: shared.diagnostics.clone(),
        }
    }

    fn with_world<T>(
        &self,
        at: &IssuePath,
        finish: impl FnOnce(Typeset, &BulletinWorld<'_>, &Arc<SourceFile>) -> Checked<T>,
    ) -> Checked<T> {
        let mut found = Vec::new();
        let value = self.set(at, finish, &mut found);
        // Typst's memory of this issue is of little use to the next; the layout's is kept.
        comemo::evict(KEPT_GENERATIONS);
        finished(value, found)
    }

    /// Hops 2–3.
    fn checked(
        &self,
        at: &IssuePath,
        shared: &Checked<Shared>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(Issue, Arc<SourceFile>)> {
        let file = self.read_file(&at.path).drain_into(found);
        let raw = file.as_ref().and_then(|file| read::read::<RawIssue>(file).drain_into(found));
        found.extend(shared.diagnostics.iter().cloned());
        let Some(Shared { publication, .. }) = &shared.value else { return None };
        let (file, raw) = (file?, raw?);
        let run = self.run(publication, &at.publication);
        let here = |d: &&Diagnostic| d.span.as_ref().is_some_and(|s| s.file.name == file.name);
        found.extend(run.iter().filter(here).cloned());
        let place = Place { root: &self.project.root, path: &at.path, file: &file };
        let issue = check::check(&raw, publication, place).drain_into(found)?;
        let fails = found.iter().any(|d| d.severity == Severity::Error);
        (!fails).then_some((issue, file))
    }

    /// The hops themselves.
    fn set<T>(
        &self,
        at: &IssuePath,
        finish: impl FnOnce(Typeset, &BulletinWorld<'_>, &Arc<SourceFile>) -> Checked<T>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let shared = self.shared(&at.publication);
        let (issue, file) = self.checked(at, &shared, found)?;
        let Shared { publication, sources } = shared.value.as_ref()?;
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
                    let world = BulletinWorld::new(&manuscript, sources, &publication.fonts);
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
        let measured = ruled(&manuscript, &document);
        let mut on_pages: Vec<Diagnostic> =
            measured.findings.iter().map(|finding| on_page(finding, &file)).collect();
        publication.levels.apply(&mut on_pages);
        let fails = on_pages.iter().any(|d| d.severity == Severity::Error);
        found.append(&mut on_pages);
        if fails {
            return None;
        }
        finish(Typeset { issue, manuscript, document }, &world, &file).drain_into(found)
    }

    /// What the issues of a publication show side by side, looked at once.
    fn run(&self, publication: &Publication, id: &str) -> Arc<Vec<Diagnostic>> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || {
            let issues = self.project.issues(&[self.project.publication(id)]).unwrap_or_default();
            let (mut heads, mut unread) = (Vec::new(), Vec::new());
            for issue in issues {
                let file = self.read_file(&issue.path).value;
                match file.and_then(|file| Head::read(&file)) {
                    Some(head) => heads.push(head),
                    None => unread.extend(Number::parse_file_stem(&issue.stem)),
                }
            }
            let mut found = run(&heads, &unread);
            publication.levels.apply(&mut found);
            Arc::new(found)
        };
        runs.entry(id.into()).or_insert_with(look).clone()
    }

    fn shared(&self, id: &str) -> Arc<Checked<Shared>> {
        let mut publications = self.publications.lock().unwrap_or_else(PoisonError::into_inner);
        publications.entry(id.into()).or_insert_with(|| Arc::new(self.open_publication(id))).clone()
    }

    fn open_publication(&self, id: &str) -> Checked<Shared> {
        let mut found = Vec::new();
        let path = self.project.publication(id).join(PUBLICATION_FILE);
        let publication = self.read_file(&path).drain_into(&mut found).and_then(|file| {
            Publication::check(id, &file, &self.layouts, &self.library).drain_into(&mut found)
        });
        match publication {
            Some(publication) => {
                let sources = LayoutSources::new(&publication.layout);
                Checked::new(Shared { publication, sources }, found)
            }
            None => Checked::failed(found),
        }
    }

    fn read_file(&self, path: &Path) -> Checked<Arc<SourceFile>> {
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
            Ok(Some(bytes)) => read::decode(&name, bytes),
            Ok(None) => {
                let large = refused(Code::FileTooLarge);
                Checked::failed(vec![large.arg("limit", limits::FILE_BYTES >> 10)])
            }
            Err(error) => Checked::failed(vec![refused(Code::FileUnreadable).arg("detail", error)]),
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

/// What a ruler finds on the pages of a manuscript.
fn ruled(manuscript: &Manuscript, document: &PagedDocument) -> Measure {
    // A layout without the option is for duplex, as the standard is.
    let duplex = manuscript.data["options"]["duplex"].as_bool().unwrap_or(true);
    measure(document, duplex)
}

/// A finding of the ruler's, at the text of the issue that it is about.
fn on_page(finding: &Finding, file: &Arc<SourceFile>) -> Diagnostic {
    let code = Code::Page(finding.rule.id());
    let place = text::find_printed(&file.text, &finding.text).unwrap_or(0..0);
    let text: String = finding.text.chars().take(16).collect();
    let off = format!("{:.2}", finding.off);
    Diagnostic::warning(code, Span::new(file, place))
        .arg("page", finding.page)
        .arg("text", text)
        .arg("off", off.strip_suffix(".00").unwrap_or(&off))
}
