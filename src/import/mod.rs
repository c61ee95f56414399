//! A back issue's file → an issue in TOML, and remarks for a person to check.
//!
//! | hop | from → to |
//! | --- | --- |
//! | [`reader`] | bytes of a file → [`line::Source`]: lines with their typography |
//! | [`reflow`] | lines as typed → lines as intended; furniture is set aside |
//! | [`features`] | lines → the look of each among the others |
//! | [`mod@recognise`] | looks × [`table`] → a label for each line, with its confidence |
//! | [`settle`] | labels → labels that the model of an issue can hold |
//! | [`build`] | labelled lines → [`draft::Draft`], every part booked in a [`ledger::Ledger`] |
//! | [`head`] | draft → number and date |
//! | [`mod@write`] | draft → TOML |
//!
//! Before an issue is written, the ledger is compared with the TOML: see [`ledger`]. [`importer`]
//! takes files through all of these hops into a project.

pub mod markup;
pub mod vocabulary;

pub mod build;
pub mod byline;
pub mod code;
pub mod compound;
pub mod contents;
pub mod docx;
pub mod draft;
pub mod facts;
pub mod features;
pub mod head;
pub mod html;
pub mod importer;
pub mod imprint;
pub mod key;
pub mod ledger;
pub mod line;
pub mod magic;
pub mod markdown;
pub mod masthead;
pub mod office;
pub mod paste;
pub mod pdf;
pub mod reader;
pub mod recognise;
pub mod recognised;
pub mod reflow;
pub mod settle;
pub mod table;
pub mod text;
pub mod write;

pub use code::ImportError;
pub use facts::Facts;
pub use paste::clean;

use code::{ErrorCode, RemarkCode};
use line::{Remark, Source};
use recognised::Recognised;
use table::Label;

use crate::source::limits;

/// Recognises a source as an issue of the publication `facts`.
pub fn recognise(source: Source, facts: &Facts) -> Result<Recognised, ImportError> {
    let Source { lines: mut read, pictures, remarks, raw } = source;
    read.iter_mut().for_each(|line| line.take_out(markup::STEM));
    let (lines, furniture) = reflow::furniture(read.clone());
    let mut lines = reflow::cut(reflow::unwrap(lines));
    let aside = furniture.iter().map(|furniture| &furniture.line);
    ledger::balance(raw.as_deref(), &read, lines.iter().chain(aside))?;
    let looks = features::look(&lines, &facts.name);
    let mut guesses = recognise::recognise(&looks);
    settle::settle(&lines, &mut guesses);
    let noted = settle::settle_notes(&mut lines, &guesses);
    // Each line of the contents is compared with each title.
    let count = |wanted: Label| guesses.iter().filter(|guess| guess.label == wanted).count();
    let count = count(Label::Title).max(count(Label::ContentsEntry));
    if count > limits::ARTICLES {
        return Err(ImportError::new(ErrorCode::TooManyArticles, count));
    }
    let (mut draft, ledger) = build::build(&lines, &guesses, &pictures, facts);
    if draft.articles().next().is_none() {
        return Err(ImportError::new(ErrorCode::NoText, ""));
    }
    if draft.masthead.date.is_none()
        && let Some((line, date)) = reflow::web_date(&furniture)
    {
        draft.masthead.date = Some(date);
        draft.remarks.push(Remark::on(line, RemarkCode::DateFromWeb, date));
    }
    draft.remarks.splice(0..0, remarks);
    draft.remarks.extend(noted);
    draft.remarks.extend(lines.iter().zip(&guesses).filter_map(|(line, guess)| guess.doubt(line)));
    draft.remarks.sort_by_key(|remark| remark.line);
    Ok(Recognised { draft, ledger, lines, guesses, furniture, pictures })
}
