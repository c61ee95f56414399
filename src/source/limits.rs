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
/// Bytes that the operations of a form may read together; each reads the whole text of the issue.
pub const FORM_BYTES: usize = 64 << 20;
/// Requests of a studio that take long (imports, exports, pasted pages) at the same time.
pub const REQUESTS: usize = 4;
/// Lines of a text that can be merged with another: many of them blank.
pub const MERGED_LINES: usize = 4 * PARTS;
/// Lines that two texts of an issue may differ by to be merged.
pub const CHANGED_LINES: usize = 2_000;
/// Articles of an issue, attachments counted.
pub const ARTICLES: usize = 300;
/// Entries of a publication's `[words]` and `[names]`, each of which is looked for in each line.
pub const WORDS: usize = 2_000;
/// Bytes of a picture; a larger file is a scan that should have been reduced.
pub const PICTURE_BYTES: u64 = 32 << 20;
/// Pixels of a picture: an A4 page at 600 dpi has 35 million. Those of 16 bits a colour count twice.
pub const PICTURE_PIXELS: u64 = 50_000_000;
/// Bytes of a picture's colour profile, unpacked; those of printers have some 2 MB.
pub const PROFILE_BYTES: u64 = 8 << 20;
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

/// Glyphs, rules, shapes and pictures of a page that is read from a PDF. Drawn, each takes 2 kB.
pub const MARKS: usize = 200_000;
/// Marks of all pages of a PDF that are kept together, each some 150 bytes.
pub const ALL_MARKS: usize = 2_000_000;
/// Operations that draw a page of a PDF, those within forms, masks and glyphs counted each time.
pub const OPERATIONS: usize = 1_000_000;
/// Graphics states of a page of a PDF that are saved at the same time; the standard advises 28.
pub const SAVED_STATES: usize = 10_000;
/// The height of all edges on a page of a PDF, in pt; drawn at 200 dpi, a pt takes some 50 bytes.
pub const EDGES: f64 = 10e6;
/// Bytes of a stream of a PDF, unpacked: the content of a page, a font, a table of objects.
pub const STREAM_BYTES: u64 = 32 << 20;
/// Bytes of a picture of a PDF, unpacked: four inks.
pub const PIXEL_BYTES: u64 = 4 * PICTURE_PIXELS;
/// Bytes of all streams of a PDF, unpacked.
pub const ALL_STREAM_BYTES: u64 = 2 << 30;
/// Bytes of a reference, of a PDF or picture to be traced or preflighted, and of our own PDFs.
pub const REFERENCE_BYTES: u64 = 256 << 20;

/// Bytes of a list of copies: ten thousand recipients take some 500 kB.
pub const LIST_BYTES: u64 = 1 << 20;
/// Numbered copies that are made at once, each some 13 kB while they are written.
pub const COPIES: u64 = 50_000;
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
