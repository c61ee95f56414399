//! The gallery: each sample and gallery issue → a small picture of its pages in `docs/gallery/`.
//!
//! `UPDATE=1 cargo test gallery` makes `docs/gallery.md` and its pictures anew.

use std::fmt::Write;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use jianbao::source::project::IssuePath;

use crate::support::{GALLERY, SAMPLES, pdf, root};

/// Pixels per pt: 40 dpi.
const SCALE: f32 = 40.0 / 72.0;
const PAGES_IN_A_ROW: usize = 4;
/// Between pages, in pixels.
const GAP: usize = 4;
const GREY: u8 = 0xb0;
/// The average difference that is accepted: renderings vary a little between processors.
const TOLERANCE: f64 = 1.0;

/// A picture of 8-bit RGB.
#[derive(Debug, PartialEq)]
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// All pages of a PDF, in rows.
    fn of(pdf: Vec<u8>) -> Self {
        let pdf = Pdf::new(pdf).expect("a PDF");
        let cache = RenderCache::default();
        let look = PixmapSettings { x_scale: SCALE, y_scale: SCALE, bg_color: WHITE };
        let pages: Vec<_> = pdf
            .pages()
            .iter()
            .map(|page| {
                let (settings, how) = (InterpreterSettings::default(), RenderSettings::default());
                hayro::render(page, &cache, &settings, &how, &look)
            })
            .collect();
        let (wide, high) = (usize::from(pages[0].width()), usize::from(pages[0].height()));
        let columns = pages.len().min(PAGES_IN_A_ROW);
        let rows = pages.len().div_ceil(PAGES_IN_A_ROW);
        let (width, height) = (columns * (wide + GAP) + GAP, rows * (high + GAP) + GAP);
        let mut pixels = vec![GREY; width * height * 3];
        for (index, page) in pages.iter().enumerate() {
            let left = GAP + index % PAGES_IN_A_ROW * (wide + GAP);
            let top = GAP + index / PAGES_IN_A_ROW * (high + GAP);
            for (at, pixel) in page.data_as_u8_slice().chunks_exact(4).enumerate() {
                let to = ((top + at / wide) * width + left + at % wide) * 3;
                // Fewer shades make smaller files.
                let shade = |value: u8| value / 17 * 17;
                pixels[to..to + 3].copy_from_slice(&[pixel[0], pixel[1], pixel[2]].map(shade));
            }
        }
        Picture { width, height, pixels }
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("memory can be written");
        writer.write_image_data(&self.pixels).expect("the picture is whole");
        writer.finish().expect("memory can be written");
        bytes
    }

    fn read(bytes: Vec<u8>) -> Self {
        let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a picture that fits")];
        let info = reader.next_frame(&mut pixels).expect("a PNG");
        Picture { width: info.width as usize, height: info.height as usize, pixels }
    }

    /// The average difference of two pictures of one size, from 0 to 255.
    fn differs(&self, other: &Picture) -> f64 {
        let pairs = self.pixels.iter().zip(&other.pixels);
        let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        sum / self.pixels.len() as f64
    }
}

/// Every issue of the gallery and the samples: where it lies, and its PDF.
fn shown() -> Vec<(PathBuf, IssuePath, Vec<u8>)> {
    let mut shown = Vec::new();
    for session in [&*SAMPLES, &*GALLERY] {
        for issue in session.project.issues(&[]).expect("issues") {
            let pdf = pdf(session, &issue).value.expect("it is set").bytes;
            let path = issue.path.strip_prefix(root()).expect("in the repository").to_path_buf();
            shown.push((path, issue, pdf));
        }
    }
    shown
}

/// The comment at the head of a publication's file, which describes the variant.
fn words(publication: &Path) -> String {
    let text = std::fs::read_to_string(publication).expect("a publication");
    let comment = text.lines().take_while(|line| line.starts_with('#'));
    comment.map(|line| line.trim_start_matches(['#', ' '])).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_gallery_shows_every_variant_as_it_is() {
    let update = std::env::var_os("UPDATE").is_some();
    let folder = root().join("docs/gallery");
    let mut page = String::from(
        "# Gallery\n\nEvery variant of the page, from the samples in `issues/` and the cases in \
         `tests/gallery/issues/`.\nEach picture shows all pages of one issue, read row by row. \
         `UPDATE=1 cargo test gallery`\nmakes this file and its pictures from the PDFs.\n",
    );
    for (path, issue, pdf) in shown() {
        let name = format!("{}-{}.png", issue.publication, issue.stem);
        let says = words(&root().join(path.with_file_name("publication.toml")));
        let source = path.display();
        write!(page, "\n## {}/{}\n\n{says}\n\n", issue.publication, issue.stem).expect("a string");
        writeln!(page, "![All pages of {source}](gallery/{name})").expect("a string");
        let live = Picture::of(pdf);
        if update {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(&name), live.write()).expect("a picture");
        }
        let kept = std::fs::read(folder.join(&name)).map(Picture::read);
        let kept =
            kept.unwrap_or_else(|_| panic!("{name} is missing: UPDATE=1 cargo test gallery"));
        let same = (kept.width, kept.height) == (live.width, live.height);
        assert!(
            same && live.differs(&kept) < TOLERANCE,
            "{name} is stale: UPDATE=1 cargo test gallery"
        );
    }
    let file = root().join("docs/gallery.md");
    if update {
        std::fs::write(&file, &page).expect("the page is written");
    }
    let kept = std::fs::read_to_string(&file).expect("docs/gallery.md");
    assert!(kept == page, "docs/gallery.md is stale: UPDATE=1 cargo test gallery");
}
