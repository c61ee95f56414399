//! The one module that calls the hops in their order, for one issue or many.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use typst_layout::PagedDocument;

use crate::check::{self, Place};
use crate::compile::compile;
use crate::diag::{self, Checked, Code, Diagnostic, SourceFile, Span};
use crate::digest::Digest;
use crate::export::{self, WriteError};
use crate::fonts::{FontLibrary, FontPathError, FontPaths};
use crate::inputs::{Record, SharedInputs};
use crate::issue::Issue;
use crate::issue::raw::RawIssue;
use crate::layout::{Layouts, Pin};
use crate::measure::{Measure, measure};
use crate::merge::{Manuscript, merge};
use crate::project::{IssuePath, PUBLICATION_FILE, Project};
use crate::publication::Publication;
use crate::read;
use crate::world::{BulletinWorld, LayoutSources};

/// How many issues Typst remembers something for that none of them has asked for again.
const KEPT_GENERATIONS: usize = 2;

/// A project with what its issues share: layouts, fonts, publications, each read once.
pub struct Session {
    /// The project.
    pub project: Project,
    /// Every face that may be named.
    pub library: FontLibrary,
    layouts: Layouts,
    publications: Mutex<BTreeMap<Edition, Arc<Checked<Shared>>>>,
    /// How many issues are set at the same time.
    parallel: AtomicUsize,
    done: AtomicUsize,
}

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
    /// What it was made from.
    pub record: Record,
}

impl Session {
    /// Opens a project.
    pub fn open(project: Project, fonts: &FontPaths) -> Result<Self, SessionError> {
        let layouts =
            Layouts::open(&project.root.join("layouts")).map_err(SessionError::Layouts)?;
        let library = FontLibrary::open(fonts)?;
        Ok(Session {
            project,
            library,
            layouts,
            publications: Mutex::default(),
            parallel: AtomicUsize::new(1),
            done: AtomicUsize::new(0),
        })
    }

    /// Says how many issues will be set at the same time: Typst forgets after so many.
    pub fn set_parallel(&self, issues: usize) {
        self.parallel.store(issues.max(1), Ordering::Relaxed);
    }

    /// Hops 2–6: an issue's file → its laid-out pages.
    pub fn typeset(&self, at: &IssuePath) -> Checked<Typeset> {
        self.with_world(at, |typeset, _, _, _| Checked::new(typeset, Vec::new()))
    }

    /// Hops 2–7: an issue's file → its PDF.
    pub fn pdf(&self, at: &IssuePath) -> Checked<Pdf> {
        let ident = format!("{}/{}", at.publication, at.stem);
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
        self.with_world(at, |typeset, _, _, _| {
            Checked::new(measure(&typeset.document, typeset.manuscript.geometry), Vec::new())
        })
    }

    /// Hops 2–7 with a ruler on the pages: the PDF and what is measured on them.
    pub fn pdf_and_measure(&self, at: &IssuePath) -> Checked<(Pdf, Measure)> {
        let ident = format!("{}/{}", at.publication, at.stem);
        self.with_world(at, |typeset, world, file, source| {
            let measure = measure(&typeset.document, typeset.manuscript.geometry);
            pdf(&typeset, &ident, world, file, source).map(|pdf| (pdf, measure))
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
        let value = self.set(at, finish, &mut found);
        diag::sort(&mut found);
        match value {
            Some(value) => Checked::new(value, found),
            None => Checked::failed(found),
        }
    }

    /// The hops themselves.
    fn set<T>(
        &self,
        at: &IssuePath,
        finish: impl FnOnce(Typeset, &BulletinWorld<'_>, &Arc<SourceFile>, Source<'_>) -> Checked<T>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let read = self.read_file(&at.path).drain_into(found);
        let raw =
            read.as_ref().and_then(|(file, _)| read::read::<RawIssue>(file).drain_into(found));
        let pin = read.as_ref().zip(raw.as_ref()).and_then(|((file, _), raw)| {
            let version = raw.layout_version.as_ref()?;
            let span = Span::new(file, version.range.clone());
            Some(Pin { version: version.value.clone(), span })
        });
        let shared = self.shared(&at.publication, pin.as_ref());
        found.extend(shared.diagnostics.iter().cloned());
        let Some(shared) = &shared.value else { return None };
        let publication = &shared.publication;
        let ((file, issue_digest), raw) = (read?, raw?);
        let place = Place { root: &self.project.root, path: &at.path, file: &file };
        let issue = check::check(&raw, publication, place).drain_into(found)?;
        let manuscript = merge(&issue, publication);
        let world = BulletinWorld::new(&manuscript, shared.sources(), &publication.fonts);
        let document = compile(&world, &file).drain_into(found)?;
        let from = Source { issue: issue_digest, pin: pin.as_ref(), shared };
        finish(Typeset { issue, manuscript, document }, &world, &file, from).drain_into(found)
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
        let publication = Publication::check(id, &file, pin, &self.layouts, &self.library);
        match publication.drain_into(&mut found) {
            Some(publication) => {
                let inputs = SharedInputs::new(&publication, digest);
                let (key, sources) = (inputs.key(), OnceLock::new());
                Checked::new(Shared { publication, inputs, key, sources }, found)
            }
            None => Checked::failed(found),
        }
    }

    fn read_file(&self, path: &Path) -> Checked<(Arc<SourceFile>, Digest)> {
        let name = self.project.shown(path);
        match std::fs::read(path) {
            Ok(bytes) => {
                let digest = Digest::of(&bytes);
                let Checked { value, diagnostics } = read::decode(&name, bytes);
                Checked { value: value.map(|file| (file, digest)), diagnostics }
            }
            Err(error) => {
                let file = Arc::new(SourceFile { name, text: String::new() });
                let unreadable = Diagnostic::error(Code::FileUnreadable, Span::new(&file, 0..0));
                Checked::failed(vec![unreadable.arg("detail", error)])
            }
        }
    }
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
