//! Laid-out pages → the bytes of a PDF.

use std::sync::Arc;

use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::compile::convert;
use crate::diag::{Checked, Code, SourceFile};
use crate::issue::Date;
use crate::world::BulletinWorld;

/// What the circulated edition conforms to.
pub const STANDARDS: [PdfStandard; 2] = [PdfStandard::A_2a, PdfStandard::Ua_1];

/// The same, as people call them.
pub const STANDARDS_NAME: &str = "PDF/A-2a, PDF/UA-1";

/// Beijing time, in minutes from UTC: a date of issue begins at midnight there.
const OFFSET: i32 = 8 * 60;

/// The PDF of an issue. `ident` names the issue for good: publication and number.
pub fn pdf(
    document: &PagedDocument,
    ident: &str,
    date: Date,
    world: &BulletinWorld<'_>,
    blamed: &Arc<SourceFile>,
) -> Checked<Vec<u8>> {
    let midnight = Datetime::from_ymd_hms(date.year.into(), date.month, date.day, 0, 0, 0);
    let options = PdfOptions {
        ident: Smart::Custom(ident.into()),
        creator: Smart::Custom(Some(concat!("jianbao ", env!("CARGO_PKG_VERSION")).into())),
        timestamp: midnight.and_then(|date| Timestamp::new_local(date, OFFSET)),
        standards: PdfStandards::new(&STANDARDS).expect("the two standards go together"),
        ..PdfOptions::default()
    };
    match typst_pdf::pdf(document, &options) {
        Ok(bytes) => Checked::new(bytes, Vec::new()),
        Err(errors) => Checked::failed(
            errors.iter().map(|d| convert(d, Code::PdfStandard, world, blamed)).collect(),
        ),
    }
}
