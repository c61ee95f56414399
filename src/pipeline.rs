//! The one module that calls the hops in their order, for one issue or many.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use typst_layout::PagedDocument;

use crate::check::{self, Place};
use crate::compile::compile;
use crate::diag::{self, Checked, Code, Diagnostic, SourceFile, Span};
use crate::export::{self, WriteError};
use crate::fonts::{FontLibrary, FontPathError, FontPaths};
use crate::issue::Issue;
use crate::issue::raw::RawIssue;
use crate::layout::Layouts;
use crate::measure::{Measure, measure};
use crate::merge::{Manuscript, merge};
use crate::project::{IssuePath, PUBLICATION_FILE, Project};
use crate::publication::Publication;
use crate::read;
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
        Ok(Session { project, library, layouts, publications: Mutex::default() })
    }

    /// Hops 2–6: an issue's file → its laid-out pages.
    pub fn typeset(&self, at: &IssuePath) -> Checked<Typeset> {
        self.with_world(at, |typeset, _, _| Checked::new(typeset, Vec::new()))
    }

    /// Hops 2–7: an issue's file → its PDF.
    pub fn pdf(&self, at: &IssuePath) -> Checked<Pdf> {
        let ident = format!("{}/{}", at.publication, at.stem);
        self.with_world(at, |typeset, world, file| pdf(&typeset, &ident, world, file))
    }

    /// Hops 2–6, and a ruler on the pages.
    pub fn measure(&self, at: &IssuePath) -> Checked<Measure> {
        self.with_world(at, |typeset, _, _| {
            Checked::new(measure(&typeset.document, typeset.manuscript.geometry), Vec::new())
        })
    }

    /// Hops 2–7 with a ruler on the pages: the PDF and what is measured on them.
    pub fn pdf_and_measure(&self, at: &IssuePath) -> Checked<(Pdf, Measure)> {
        let ident = format!("{}/{}", at.publication, at.stem);
        self.with_world(at, |typeset, world, file| {
            let measure = measure(&typeset.document, typeset.manuscript.geometry);
            pdf(&typeset, &ident, world, file).map(|pdf| (pdf, measure))
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
        finish: impl FnOnce(Typeset, &BulletinWorld<'_>, &Arc<SourceFile>) -> Checked<T>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let shared = self.shared(&at.publication);
        let file = self.read_file(&at.path).drain_into(found);
        let raw = file.as_ref().and_then(|file| read::read::<RawIssue>(file).drain_into(found));
        found.extend(shared.diagnostics.iter().cloned());
        let Some(Shared { publication, sources }) = &shared.value else { return None };
        let (file, raw) = (file?, raw?);
        let place = Place { root: &self.project.root, path: &at.path, file: &file };
        let issue = check::check(&raw, publication, place).drain_into(found)?;
        let manuscript = merge(&issue, publication);
        let world = BulletinWorld::new(&manuscript, sources, &publication.fonts);
        let document = compile(&world, &file).drain_into(found)?;
        finish(Typeset { issue, manuscript, document }, &world, &file).drain_into(found)
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
        match std::fs::read(path) {
            Ok(bytes) => read::decode(&name, bytes),
            Err(error) => {
                let file = Arc::new(SourceFile { name, text: String::new() });
                let unreadable = Diagnostic::error(Code::FileUnreadable, Span::new(&file, 0..0));
                Checked::failed(vec![unreadable.arg("detail", error)])
            }
        }
    }
}

/// Hop 7: laid-out pages → a PDF.
fn pdf(
    typeset: &Typeset,
    ident: &str,
    world: &BulletinWorld<'_>,
    file: &Arc<SourceFile>,
) -> Checked<Pdf> {
    let pages = typeset.document.pages().len();
    export::pdf(&typeset.document, ident, typeset.issue.date, world, file)
        .map(|bytes| Pdf { pages, bytes })
}
