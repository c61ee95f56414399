//! A date and the name of an issue → the options with which `typst_pdf` writes the circulated PDF.

use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::issue::Date;

/// The standards that the circulated edition conforms to.
pub const STANDARDS: [PdfStandard; 2] = [PdfStandard::A_2a, PdfStandard::Ua_1];

/// The names of [`STANDARDS`].
pub const STANDARDS_NAME: &str = "PDF/A-2a, PDF/UA-1";

/// Beijing time, in minutes from UTC: a date of issue begins at midnight in Beijing.
const OFFSET: i32 = 8 * 60;

/// The export options of the circulated edition. `ident` identifies the issue permanently:
/// publication and number.
pub fn options(ident: &str, date: Date) -> PdfOptions {
    let midnight = Datetime::from_ymd_hms(date.year.into(), date.month, date.day, 0, 0, 0);
    PdfOptions {
        ident: Smart::Custom(ident.into()),
        creator: Smart::Custom(Some(concat!("jianbao ", env!("CARGO_PKG_VERSION")).into())),
        timestamp: midnight.and_then(|date| Timestamp::new_local(date, OFFSET)),
        standards: PdfStandards::new(&STANDARDS).expect("the two standards go together"),
        ..PdfOptions::default()
    }
}
