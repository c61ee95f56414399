//! What all tests share: sessions of the samples and the gallery, temporary projects, runs of the
//! program, PDFs as text and places.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock};

use hayro_cmap::BfString;
use hayro_interpret::font::GlyphRun;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::Pdf;
use hayro_syntax::object::Dict;
use jianbao::diag::{Checked, Code, Diagnostic, Severity};
use jianbao::pipeline::{self, Session, Typeset};
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::{IssuePath, Project};
use kurbo::{Affine, BezPath, Point, Rect, Shape};

/// This repository, which is itself a project.
pub static SAMPLES: LazyLock<Session> = LazyLock::new(|| {
    let project = Project::find(root()).expect("the repository is a project");
    Session::open(project, &FontPaths::default()).expect("the repository opens")
});

/// The variants of the page, each an issue of its own.
pub static GALLERY: LazyLock<Session> = LazyLock::new(|| {
    let project = Project::find(&root().join("tests/gallery")).expect("the gallery is a project");
    Session::open(project, &FontPaths::default()).expect("the gallery opens")
});

/// The samples, by publication and file.
pub const SAMPLE_ISSUES: [(&str, &str); 4] =
    [("fugong", "2014-16"), ("keji", "2026-1"), ("keji", "2026-2"), ("keji", "2026-s1")];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn sample(publication: &str, stem: &str) -> IssuePath {
    let path = root().join("issues").join(publication).join(format!("{stem}.toml"));
    IssuePath { publication: publication.into(), stem: stem.into(), path }
}

/// The seed's pages, typeset once for all tests.
pub static SEED: LazyLock<Arc<Typeset>> = LazyLock::new(|| typeset(&sample("fugong", "2014-16")));

pub fn typeset(issue: &IssuePath) -> Arc<Typeset> {
    let typeset = SAMPLES.typeset(issue);
    no_errors(&typeset.diagnostics);
    Arc::new(typeset.value.expect("no errors were found"))
}

/// An issue's PDF.
pub fn pdf(session: &Session, issue: &IssuePath) -> Checked<pipeline::Pdf> {
    session.typeset(issue).then(|typeset| typeset.pdf())
}

/// Asserts that there are no errors and no warnings of Typst. Other warnings are allowed, since the
/// samples keep the slips of their originals.
#[track_caller]
pub fn no_errors(found: &[Diagnostic]) {
    let harm = |d: &&Diagnostic| d.severity == Severity::Error || d.code == Code::Typesetting;
    let found: Vec<_> = found.iter().filter(harm).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// A project in a temporary folder.
pub struct TempProject {
    pub folder: tempfile::TempDir,
}

pub const PUBLICATION: &str = "name = \"工作简报\"\nissuer = \"某某办公室\"\n";
pub const ISSUE: &str = "number = 1\ndate = 2026-01-05\n\n[[articles]]\ntitle = \"标题\"\nbody = '''\n正文一段。\n'''\n";

impl TempProject {
    pub fn new() -> Self {
        let project = TempProject { folder: tempfile::tempdir().expect("a temporary folder") };
        project.file("issues/p/publication.toml", PUBLICATION).file("issues/p/2026-1.toml", ISSUE);
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
        self
    }

    /// Opens the project as it is now.
    pub fn session(&self) -> Session {
        let found = Project::find(self.folder.path()).expect("a project");
        Session::open(found, &FontPaths::default()).expect("a session")
    }

    /// Its one issue.
    pub fn issue(&self) -> IssuePath {
        let path = self.path("issues/p/2026-1.toml");
        IssuePath { publication: "p".into(), stem: "2026-1".into(), path }
    }

    /// Typesets its one issue, and asserts that it has no errors.
    pub fn typeset(&self) -> Typeset {
        let typeset = self.session().typeset(&self.issue());
        no_errors(&typeset.diagnostics);
        typeset.value.expect("no errors were found")
    }

    /// Runs the program in the project, in English, without the user's environment.
    pub fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jianbao"));
        command.args(args).current_dir(self.folder.path()).env_clear().env("LANG", "en_US.UTF-8");
        command.envs(variables.iter().copied());
        Run(command.output().expect("the program starts"))
    }
}

/// Typesets one issue of a publication, and asserts that neither has errors.
pub fn set(publication: &str, issue: &str) -> Typeset {
    let project = TempProject::new();
    project.file("issues/p/publication.toml", publication).file("issues/p/2026-1.toml", issue);
    project.typeset()
}

/// How a run of the program ended.
pub struct Run(Output);

impl Run {
    #[track_caller]
    pub fn exit(&self, code: i32) -> &Self {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.stderr());
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.stderr().contains(text), "no {text:?} in:\n{}", self.stderr());
        self
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }
}

/// The text of a PDF in the order of its content, without artifacts such as page numbers.
pub fn pdf_text(bytes: &[u8]) -> String {
    places(bytes).into_iter().map(|page| page.text).collect()
}

/// The glyphs and paths of each page of a PDF, read by another library than the program's writer.
pub fn places(pdf: &[u8]) -> Vec<Places> {
    let pdf = Pdf::new(pdf.to_vec()).expect("a PDF that can be read");
    let cache = InterpreterCache::new();
    let read = |page| {
        let mut places = Places::default();
        let bounds = Rect::new(0.0, 0.0, 1.0, 1.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings);
        interpret_page(page, &mut context, &mut places);
        places
    };
    pdf.pages().iter().map(read).collect()
}

/// The content of a page with its places, in pt from the bottom left.
#[derive(Default)]
pub struct Places {
    /// Each glyph's text, and its origin.
    pub glyphs: Vec<(String, Point)>,
    /// The box of each path.
    pub paths: Vec<Rect>,
    /// The text without artifacts.
    text: String,
    /// Whether each open mark is an artifact's.
    open: Vec<bool>,
}

impl<'a> Device<'a> for Places {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        self.paths.push((props.transform * path.clone()).bounding_box());
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let text = match glyph.as_unicode() {
                Some(BfString::Char(c)) => c.to_string(),
                Some(BfString::String(text)) => text,
                None => '\u{fffd}'.to_string(),
            };
            if !self.open.contains(&true) {
                self.text.push_str(&text);
            }
            self.glyphs.push((text, props.transform * glyph.transform() * Point::ZERO));
        }
    }
    fn begin_marked_content(&mut self, tag: &[u8], _: Option<&Dict<'_>>) {
        self.open.push(tag == b"Artifact");
    }
    fn end_marked_content(&mut self) {
        self.open.pop();
    }
}

pub fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether an outside tool runs; if not, prints why a test is skipped.
pub fn tool(name: &str, probe: &[&str]) -> bool {
    let why = match Command::new(name).args(probe).output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().rev().find(|line| !line.trim().is_empty());
            format!("{name} is installed and does not run: {}", last.unwrap_or("it says nothing"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            format!("{name} is not installed")
        }
        Err(error) => format!("{name} cannot be started: {error}"),
    };
    skipped(&why);
    false
}

/// Prints why a test, or a part of it, is skipped.
pub fn skipped(why: &str) {
    // Not `eprintln!`, which the test harness captures.
    writeln!(std::io::stderr(), "SKIPPED a test: {why}").ok();
}
