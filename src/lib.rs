//! Typesets official Chinese bulletins (简报): an issue in TOML becomes the PDF that is circulated.
//!
//! The tree is the pipeline: each folder turns one noun into another, and uses only the folders
//! above it in this table (`tests/house.rs` checks that):
//!
//! | stage | from → to |
//! | --- | --- |
//! | [`diag`] | a fault of an issue, a publication or a page → a diagnostic with rule, words and form |
//! | [`source`] | a folder → the files of its issues; bytes of TOML → raw values with their places |
//! | [`issue`] | the data of one issue: raw, checked, edited as a form |
//! | [`publication`] | the data that issues share: settings, fonts, layout |
//! | [`check`] | raw issue × raw publication → checked ones, or every reason why not |
//! | [`typeset`] | issue × publication → manuscript → laid-out pages |
//! | [`page`] | laid-out pages → measurements, places of fields, sheets for a screen |
//! | [`compare`] | two PDFs → where they look different |
//! | [`press`] | laid-out pages → plates, sheets, numbered copies; a PDF → whether it can be printed |
//! | [`pipeline`] | the stages in their order: an issue's file → its typeset issue → its PDF |
//! | [`import`] | a back issue's file → an issue in TOML |
//! | [`archive`] | many issues → their PDFs, on all cores, only those that changed |
//! | [`serve`] | issues in the browser: `watch` and `studio` |
//!
//! The command line (`src/cli/`) is the program's own and not part of the library.
//!
//! ```no_run
//! use jianbao::pipeline::Session;
//! use jianbao::publication::fonts::FontPaths;
//! use jianbao::source::project::Project;
//!
//! let project = Project::find("issues".as_ref())?;
//! let session = Session::open(project, &FontPaths::default())?;
//! for issue in session.project.issues(&[])? {
//!     if let Some(pdf) = session.typeset(&issue).then(|typeset| typeset.pdf()).value {
//!         pdf.write_in("out".as_ref(), &issue.pdf("out".as_ref()))?;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod archive;
pub mod check;
pub mod compare;
pub mod diag;
pub mod import;
pub mod issue;
pub mod page;
pub mod pipeline;
pub mod press;
pub mod publication;
pub mod serve;
pub mod source;
pub mod typeset;
