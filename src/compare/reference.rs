//! An issue → its reference: `approved/<publication>/<issue>.pdf`, or pages as PNG beside it.

use std::path::{Path, PathBuf};

use oxipng::{BitDepth, ColorType, Options, RawImage};

use super::Reference;
use super::drawing::{self, Fault};
use super::raster::{Raster, Rasteriser};
use crate::publication::tolerance::{Kept, Tolerance};
use crate::source::digest::Digest;
use crate::source::files::{self, FileError};
use crate::source::limits;
use crate::source::project::IssuePath;

/// The folder of references, at the root of a project.
pub const FOLDER: &str = "approved";

/// A reference on the disk.
pub struct Found {
    /// The file, or the folder of the pages.
    pub path: PathBuf,
    /// The digest of its content.
    pub digest: Digest,
    content: Content,
}

enum Content {
    Pdf(Vec<u8>),
    Png(Vec<Vec<u8>>),
}

/// The path of an issue's PDF reference; the file need not exist.
pub fn pdf(root: &Path, issue: &IssuePath) -> PathBuf {
    root.join(FOLDER).join(&issue.publication).join(format!("{}.pdf", issue.stem))
}

/// The folder of an issue's reference pages as PNG; it need not exist.
pub fn pages(root: &Path, issue: &IssuePath) -> PathBuf {
    root.join(FOLDER).join(&issue.publication).join(&issue.stem)
}

fn page(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("{}.png", index + 1))
}

/// Finds the reference of an issue: of the kind that the publication keeps, else of the other
/// kind.
pub fn find(root: &Path, issue: &IssuePath, kept: Kept) -> Result<Option<Found>, FileError> {
    let pdf = || find_pdf(root, issue);
    let png = || find_png(root, issue);
    match kept {
        Kept::Pdf => Ok(pdf()?.or(png()?)),
        Kept::Png => Ok(png()?.or(pdf()?)),
    }
}

fn find_pdf(root: &Path, issue: &IssuePath) -> Result<Option<Found>, FileError> {
    let path = pdf(root, issue);
    let Some(bytes) = read(root, &path, limits::REFERENCE_BYTES)? else { return Ok(None) };
    let digest = Digest::of(&bytes);
    Ok(Some(Found { path, digest, content: Content::Pdf(bytes) }))
}

fn find_png(root: &Path, issue: &IssuePath) -> Result<Option<Found>, FileError> {
    let path = pages(root, issue);
    let (mut files, mut left) = (Vec::new(), limits::REFERENCE_BYTES);
    while let Some(bytes) = read(root, &page(&path, files.len()), left)? {
        left -= bytes.len() as u64;
        files.push(bytes);
    }
    if files.is_empty() {
        return Ok(None);
    }
    let digests: Vec<Digest> = files.iter().map(|bytes| Digest::of(bytes)).collect();
    Ok(Some(Found { path, digest: Digest::of_value(&digests), content: Content::Png(files) }))
}

/// A file's bytes, if the file exists.
fn read(root: &Path, path: &Path, most: u64) -> Result<Option<Vec<u8>>, FileError> {
    match files::read_in(root, path, most) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fault) if fault.is_missing() => Ok(None),
        Err(fault) => Err(FileError::new(path, fault)),
    }
}

impl Found {
    /// The kind of the reference: a PDF, or pages as PNG.
    pub fn kind(&self) -> Kept {
        match self.content {
            Content::Pdf(_) => Kept::Pdf,
            Content::Png(_) => Kept::Png,
        }
    }

    /// The reference, ready to be compared with a PDF.
    pub fn open(self) -> Reference {
        match self.content {
            Content::Pdf(bytes) => Reference::Pdf(bytes),
            Content::Png(files) => Reference::Pictures {
                pages: files.len(),
                page: Box::new(move |index| {
                    files.get(index).ok_or(Fault::Damaged).and_then(|bytes| decode(bytes))
                }),
                usual: Tolerance::SAME_RENDERER,
            },
        }
    }
}

/// Makes a PDF the reference of its issue, and returns the files that changed. PNG pages are
/// rewritten only where they look different. A reference of the other kind is removed, since an
/// issue has one reference.
pub fn accept(
    root: &Path,
    issue: &IssuePath,
    kept: Kept,
    resolution: f64,
    bytes: &[u8],
) -> Result<Vec<PathBuf>, FileError> {
    let (file, folder) = (pdf(root, issue), pages(root, issue));
    match kept {
        Kept::Pdf => {
            files::write_in(root, &file, bytes)?;
            let mut changed = vec![file];
            remove_pages(root, &folder, 0, &mut changed)?;
            // The folder stays if it holds other files.
            std::fs::remove_dir(&folder).ok();
            Ok(changed)
        }
        Kept::Png => {
            let mut changed = accept_pages(root, &folder, resolution, bytes)?;
            if file.is_file() {
                remove(root, file, &mut changed)?;
            }
            Ok(changed)
        }
    }
}

/// Removes a file of a folder that lies in the project.
fn remove(root: &Path, path: PathBuf, changed: &mut Vec<PathBuf>) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(root);
    let removed = files::resolve(root, folder).and_then(|_| Ok(std::fs::remove_file(&path)?));
    match removed {
        Ok(()) => {
            changed.push(path);
            Ok(())
        }
        Err(fault) => Err(FileError::new(&path, fault)),
    }
}

/// Removes the pages of a folder, beginning with the page of index `first`.
fn remove_pages(
    root: &Path,
    folder: &Path,
    first: usize,
    changed: &mut Vec<PathBuf>,
) -> Result<(), FileError> {
    let mut surplus = (first..).map(|index| page(folder, index)).take_while(|path| path.is_file());
    surplus.try_for_each(|path| remove(root, path, changed))
}

fn accept_pages(
    root: &Path,
    folder: &Path,
    resolution: f64,
    bytes: &[u8],
) -> Result<Vec<PathBuf>, FileError> {
    let failed = |path: &Path, detail: String| FileError::new(path, std::io::Error::other(detail));
    let fault = |fault: Fault| failed(folder, format!("{fault:?}"));
    let opened = drawing::open(bytes.to_vec()).map_err(fault)?;
    let rasters = Rasteriser::new(&opened, resolution).exact();
    let (mut staged, mut changed) = (Vec::new(), Vec::new());
    let count = opened.pages().len();
    for index in 0..count {
        let path = page(folder, index);
        let raster = rasters.page(index).map_err(fault)?;
        let before = files::read_in(root, &path, limits::REFERENCE_BYTES).ok();
        let before = before.and_then(|bytes| decode(&bytes).ok());
        if before.as_ref() == Some(&raster) {
            continue;
        }
        let encoded = encode(&raster).map_err(|error| failed(&path, error.to_string()))?;
        staged.push(files::stage_in(root, &path, &encoded)?);
        changed.push(path);
    }
    staged.into_iter().try_for_each(files::Staged::commit)?;
    remove_pages(root, folder, count, &mut changed)?;
    Ok(changed)
}

/// A page as a PNG made as small as possible, since references are kept in version control.
fn encode(raster: &Raster) -> Result<Vec<u8>, oxipng::PngError> {
    let (width, height) = (raster.width as u32, raster.height as u32);
    let rgb = ColorType::RGB { transparent_color: None };
    let image = RawImage::new(width, height, rgb, BitDepth::Eight, raster.rgb())?;
    image.create_optimized_png(&Options::from_preset(3))
}

fn decode(bytes: &[u8]) -> Result<Raster, Fault> {
    let mut reader =
        image::ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(limits::PAGE_PIXELS as u64 * 8);
    limits.max_image_width = Some(limits::PAGE_SIDE);
    limits.max_image_height = Some(limits::PAGE_SIDE);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => Fault::TooLarge,
        _ => Fault::Damaged,
    })?;
    let picture = picture.into_rgba8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Ok(Raster { width, height, pixels: picture.into_raw() })
}
