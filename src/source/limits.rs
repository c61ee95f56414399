//! The limits on what an issue may cost the machine. Files come from elsewhere: each is read,
//! checked and typeset within these limits, or refused with a reason.

use std::time::Duration;

/// Bytes of a TOML file; a hundred pages of text take some 200 kB.
pub const FILE_BYTES: u64 = 1 << 20;
/// Characters of a text of one line: a title, a unit of the imprint.
pub const LINE: usize = 500;
/// Characters of a paragraph: thirty pages without a break.
pub const PARAGRAPH: usize = 20_000;
/// Characters of an issue: four hundred pages of body type.
pub const CHARACTERS: usize = 250_000;
/// Combining marks in a row. Vietnamese and the tones of pinyin have two; the memory and time of a
/// row grow with its square.
pub const COMBINING: usize = 8;
/// Parts of an issue, each some 30 kB while it is typeset: paragraphs, items, cells, emphasised
/// words and units of the imprint are one each, a note is three, a table ten besides its cells.
pub const PARTS: usize = 10_000;
/// Articles of an issue, attachments counted.
pub const ARTICLES: usize = 300;
/// Entries of a publication's `[words]` and `[names]`, each of which is looked for in each line.
pub const WORDS: usize = 2_000;
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
/// Pixels of a page in a comparison: A0 at 100 dpi has 15 million.
pub const PAGE_PIXELS: f64 = 40e6;

/// Pixels of one side of a page in a comparison: A0 at 300 dpi has 14,000.
pub const PAGE_SIDE: u32 = 30_000;

/// Glyphs, rules, shapes and pictures of a page that is read from a PDF.
pub const MARKS: usize = 500_000;
/// Bytes of a reference, PDF or picture.
pub const REFERENCE_BYTES: u64 = 256 << 20;
