//! Sets official Chinese bulletins (简报): an issue in TOML becomes the PDF that is circulated.
//!
//! The tree is the pipeline. Each step turns one noun into another:
//!
//! | step | from → to |
//! | --- | --- |
//! | [`project`] | a folder → the files of its issues |
//! | [`mod@read`] | TOML bytes → [`issue::raw::RawIssue`], [`publication::RawPublication`] |
//! | [`mod@check`] | raw publication → [`publication::Publication`]; raw issue × publication → [`issue::Issue`] |
//! | [`mod@merge`] | issue × publication → [`merge::Manuscript`] |
//! | [`mod@compile`] | [`world::BulletinWorld`] → laid-out pages |
//! | [`mod@measure`] | pages → what a ruler finds on them |
//! | [`export`] | pages → the bytes of a PDF |
//! | [`files`] | bytes → a file, written whole or not at all |
//!
//! [`pipeline`] calls them in this order and is what a program uses. Whatever is wrong
//! on the way is a [`diag::Diagnostic`]; its words are in the [`catalogue`].
//!
//! ```no_run
//! use jianbao::{fonts::FontPaths, pipeline::Session, project::Project};
//!
//! let project = Project::find("issues".as_ref())?;
//! let session = Session::open(project, &FontPaths::default())?;
//! for issue in session.project.issues(&[])? {
//!     if let Some(pdf) = session.typeset(&issue).then(|typeset| typeset.pdf()).value {
//!         pdf.write(&issue.pdf("out".as_ref()))?;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod batch;
pub mod catalogue;
pub mod check;
pub mod compare;
pub mod compile;
pub mod diag;
pub mod digest;
pub mod drawing;
pub mod export;
pub mod files;
pub mod fix;
pub mod fonts;
pub mod form;
pub mod frames;
pub mod import;
pub mod inputs;
pub mod issue;
pub mod layout;
pub mod length;
pub mod limits;
pub mod lock;
pub mod measure;
pub mod merge;
pub mod nearest;
pub mod new;
pub mod pipeline;
pub mod places;
pub mod preflight;
pub mod press;
pub mod project;
pub mod publication;
pub mod read;
pub mod rules;
pub mod screen;
pub mod serve;
pub mod show;
pub mod state;
pub mod text;
pub mod toml_text;
pub mod workers;
pub mod world;
