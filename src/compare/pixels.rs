//! The pixels of two pages → where they differ, and how much.

use blazediff::{DiffOptions, Image, diff};
use blazediff_ssim::{Plane, Rgba8, SsimOptions, ssim};

use super::raster::Raster;

/// Up to this value, `colour` is a plain limit on each channel. Above it, differently smoothed
/// edges do not count, since renderers smooth edges differently.
const PLAIN: f64 = 0.01;

/// The side of the blocks of pixels that are gathered into one place.
const BLOCK: usize = 12;

/// A box of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The first column.
    pub left: usize,
    /// The first row.
    pub top: usize,
    /// The column after the last.
    pub right: usize,
    /// The row after the last.
    pub bottom: usize,
}

/// The pixels of a page that differ.
#[derive(Clone)]
pub struct Mask {
    width: usize,
    height: usize,
    /// One flag per pixel.
    differs: Vec<bool>,
}

impl Raster {
    fn image(&self) -> Image {
        Image { data: self.pixels.clone(), width: self.width as u32, height: self.height as u32 }
    }

    /// The part of a page in a box.
    fn part(&self, block: Block) -> Raster {
        let (width, height) = (block.right - block.left, block.bottom - block.top);
        let mut pixels = Vec::with_capacity(width * height * 4);
        for y in block.top..block.bottom {
            let from = (y * self.width + block.left) * 4;
            pixels.extend_from_slice(&self.pixels[from..from + width * 4]);
        }
        Raster { width, height, pixels }
    }

    /// Whether both have the same number of pixels across and down.
    pub fn is_as_large_as(&self, other: &Raster) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }

    /// The same page on a larger sheet.
    pub fn on_sheet(&self, width: usize, height: usize) -> Raster {
        let mut sheet = Raster { width, height, pixels: vec![u8::MAX; width * height * 4] };
        for y in 0..self.height.min(height) {
            let wide = self.width.min(width) * 4;
            let (from, to) = (y * self.width * 4, y * width * 4);
            sheet.pixels[to..to + wide].copy_from_slice(&self.pixels[from..from + wide]);
        }
        sheet
    }
}

impl Mask {
    /// Marks the pixels of two pages of one size whose colours differ by more than `colour`, from
    /// 0 to 1. Above 0.01, pixels that only smooth an edge do not count.
    pub fn of(old: &Raster, new: &Raster, colour: f64) -> Self {
        let (width, height) = (new.width, new.height);
        let mut mask = Mask { width, height, differs: vec![false; width * height] };
        let is_plain = colour <= PLAIN;
        let limit = if is_plain { (colour.max(0.0) * 255.0) as u8 } else { 0 };
        let Some(block) = mask.unequal(old, new, limit).filter(|_| !is_plain) else { return mask };
        // The box gets a margin, since neighbouring pixels decide whether a pixel smooths an edge.
        let block = block.grown(2, width, height);
        let (before, now) = (old.part(block).image(), new.part(block).image());
        let options = DiffOptions { threshold: colour, diff_mask: true, ..DiffOptions::default() };
        let mut shown = Image::new(before.width, before.height);
        let counted = diff(&before, &now, Some(&mut shown), &options);
        debug_assert!(counted.is_ok(), "both are of one size");
        mask.differs.fill(false);
        if counted.is_ok_and(|counted| !counted.identical) {
            let red = options.diff_color;
            for (at, pixel) in shown.data.chunks_exact(4).enumerate() {
                let (x, y) = (at % (block.right - block.left), at / (block.right - block.left));
                let is_red = pixel[..3] == red && pixel[3] > 0;
                mask.differs[(block.top + y) * width + block.left + x] = is_red;
            }
        }
        mask
    }

    /// Marks every pixel with a channel that differs by more than `limit`, and returns the box
    /// around them.
    fn unequal(&mut self, old: &Raster, new: &Raster, limit: u8) -> Option<Block> {
        let is_off = |before: &[u8], now: &[u8]| {
            before != now && before.iter().zip(now).any(|(a, b)| a.abs_diff(*b) > limit)
        };
        let mut around: Option<Block> = None;
        let row = self.width * 4;
        let rows = old.pixels.chunks_exact(row).zip(new.pixels.chunks_exact(row));
        for (y, (before, now)) in rows.enumerate() {
            if before == now {
                continue;
            }
            let pixels = before.chunks_exact(4).zip(now.chunks_exact(4));
            for (x, _) in pixels.enumerate().filter(|(_, (before, now))| is_off(before, now)) {
                self.differs[y * self.width + x] = true;
                let here = Block { left: x, top: y, right: x + 1, bottom: y + 1 };
                around = Some(around.map_or(here, |around| around.with(here)));
            }
        }
        around
    }

    /// The number of differing pixels in a box.
    pub fn count(&self, block: Block) -> usize {
        let row =
            |y: usize| &self.differs[y * self.width + block.left..y * self.width + block.right];
        (block.top..block.bottom).flat_map(row).filter(|differs| **differs).count()
    }

    /// The whole page.
    pub fn all(&self) -> Block {
        Block { left: 0, top: 0, right: self.width, bottom: self.height }
    }

    /// Clears a box, as if none of its pixels differed.
    pub fn clear(&mut self, block: Block) {
        for y in block.top..block.bottom {
            self.differs[y * self.width + block.left..y * self.width + block.right].fill(false);
        }
    }

    /// Clears every pixel outside of the boxes.
    pub fn keep(&mut self, blocks: &[Block]) {
        let all = std::mem::take(&mut self.differs);
        self.differs = vec![false; all.len()];
        for block in blocks {
            for y in block.top..block.bottom {
                let row = y * self.width + block.left..y * self.width + block.right;
                self.differs[row.clone()].copy_from_slice(&all[row]);
            }
        }
    }

    /// The places that differ: boxes around pixels that are near each other.
    pub fn places(&self) -> Vec<Block> {
        let (columns, rows) = (self.width.div_ceil(BLOCK), self.height.div_ceil(BLOCK));
        let mut open = vec![false; columns * rows];
        for (at, _) in self.differs.iter().enumerate().filter(|(_, differs)| **differs) {
            open[at / self.width / BLOCK * columns + at % self.width / BLOCK] = true;
        }
        let mut places = Vec::new();
        for start in 0..open.len() {
            if !std::mem::take(&mut open[start]) {
                continue;
            }
            let (mut stack, mut place) = (vec![start], None::<Block>);
            while let Some(at) = stack.pop() {
                let (x, y) = (at % columns, at / columns);
                let here = Block {
                    left: x * BLOCK,
                    top: y * BLOCK,
                    right: ((x + 1) * BLOCK).min(self.width),
                    bottom: ((y + 1) * BLOCK).min(self.height),
                };
                place = Some(place.map_or(here, |place| place.with(here)));
                for (x, y) in
                    [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)]
                {
                    if x < columns && y < rows && std::mem::take(&mut open[y * columns + x]) {
                        stack.push(y * columns + x);
                    }
                }
            }
            places.extend(place);
        }
        places
    }
}

impl Block {
    /// The number of pixels.
    pub fn pixels(self) -> usize {
        (self.right - self.left) * (self.bottom - self.top)
    }

    /// The box around both.
    pub fn with(self, other: Block) -> Block {
        Block {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Whether the two boxes share a pixel.
    pub fn meets(self, other: Block) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// The box with a margin, limited to the page.
    pub fn grown(self, by: usize, width: usize, height: usize) -> Block {
        Block {
            left: self.left.saturating_sub(by),
            top: self.top.saturating_sub(by),
            right: (self.right + by).min(width),
            bottom: (self.bottom + by).min(height),
        }
    }
}

/// The likeness of two pages of one size in a box: 1 for equal ones (structural similarity).
pub fn likeness(old: &Raster, new: &Raster, block: Block) -> f64 {
    let block = block.grown(SsimOptions::default().window_size, new.width, new.height);
    let (before, now) = (old.part(block), new.part(block));
    let plane =
        |part: &Raster| Plane::from_rgba8(Rgba8::new(&part.pixels, part.width, part.height));
    let (Ok(before), Ok(now)) = (plane(&before), plane(&now)) else { return 0.0 };
    // A page smaller than one window has no structure to compare.
    ssim(&before, &now, &SsimOptions::default())
        .map_or(0.0, |outcome| outcome.score.clamp(0.0, 1.0))
}
