//! The limits on what an issue may cost the machine. Files come from elsewhere: each is read,
//! checked and typeset within these limits, or refused with a reason.

use std::time::Duration;

/// Bytes of a TOML file; a hundred pages of text take some 200 kB.
pub const FILE_BYTES: u64 = 1 << 20;
/// Characters of a text of one line: a title, a unit of the imprint.
pub const LINE: usize = 500;
/// Articles of an issue, attachments counted.
pub const ARTICLES: usize = 300;
/// Bytes of a picture; a larger file is a scan that should have been reduced.
pub const PICTURE_BYTES: u64 = 32 << 20;
/// Pixels of a picture: an A4 page at 600 dpi has 35 million.
pub const PICTURE_PIXELS: u64 = 50_000_000;
/// Pixels of all pictures of an issue.
pub const ISSUE_PIXELS: u64 = 100_000_000;
/// Pages of an issue.
pub const PAGES: usize = 500;
/// Time for typesetting one issue, after which a program gives up; the library has no clock.
pub const TIME: Duration = Duration::from_secs(60);
/// Bytes of memory of a process that sets issues. The system refuses it more, so that an issue cannot
/// take the machine's.
pub const WORKER_BYTES: u64 = 1 << 30;
/// Pixels of a page in a comparison: A0 at 100 dpi has 15 million.
pub const PAGE_PIXELS: f64 = 40e6;

/// Pixels of one side of a page in a comparison: A0 at 300 dpi has 14,000.
pub const PAGE_SIDE: u32 = 30_000;

/// Glyphs, rules, shapes and pictures of a page that is read from a PDF.
pub const MARKS: usize = 500_000;
/// Bytes of a reference, of a PDF or picture to be traced or preflighted, and of our own PDFs.
pub const REFERENCE_BYTES: u64 = 256 << 20;

/// Bytes of a list of copies: ten thousand recipients take some 500 kB.
pub const LIST_BYTES: u64 = 1 << 20;
/// Bytes of a register of numbered copies, which has a line for each copy.
pub const REGISTER_BYTES: u64 = 64 << 20;
/// Bytes of `jianbao.lock`, of the journal of an output folder and of the memory of comparisons:
/// an issue takes some 500 bytes.
pub const RECORD_BYTES: u64 = 64 << 20;
/// Bytes of a file of fonts; collections of Han fonts have more than 100 MB.
pub const FONT_BYTES: u64 = 256 << 20;
/// Bytes of all files of the project's layouts.
pub const LAYOUT_BYTES: u64 = 64 << 20;
/// Bytes of a back issue's file with its pictures.
pub const IMPORT_BYTES: u64 = 64 << 20;
/// Bytes of a file of the studio's own: unsaved text with the text that it was made from, doubts of
/// an import.
pub const STUDIO_BYTES: u64 = 16 << 20;
