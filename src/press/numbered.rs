//! The pages of an issue × its recipients → numbered copies, with their codes and watermarks.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::json;
use typst::layout::{Abs, Angle, Frame, Point, Size, Transform};

use super::code::{self, Code};
use super::copies::Recipient;
use super::impose::Scheme;
use super::ink::{self, Ink};
use super::number::{self, NumberPlace};
use super::pad::Moved;
use super::sheet::{Face, own, shared};
use super::{Copies, Press, PressFile};
use crate::diag::{Code as DiagCode, Diagnostic};

/// The parts that differ from copy to copy of an issue.
struct Numbering<'a> {
    copies: &'a Copies,
    recipients: &'a [Recipient],
    /// Where page 1 has the copy number.
    place: NumberPlace,
    /// The code of each copy in the order of the copies; empty if copies carry no codes.
    codes: Vec<Frame>,
    /// The watermark of each recipient; empty if copies carry no watermarks.
    watermarks: Vec<Frame>,
}

impl Press<'_> {
    /// The files of numbered copies. `only` is the ink of a plate.
    pub(super) fn numbered(
        &mut self,
        mut pages: Vec<Frame>,
        copies: &Copies,
        recipients: &[Recipient],
        only: Option<Ink>,
        suffix: &str,
    ) -> Option<Vec<PressFile>> {
        if self.job.imposition.is_some_and(|imposition| imposition.scheme == Scheme::Step) {
            self.found.push(Diagnostic::error(DiagCode::PressStep, self.whole()));
            return None;
        }
        let Some((first, place)) = pages.first().and_then(number::take) else {
            self.found.push(Diagnostic::error(DiagCode::CopyNumberPlace, self.whole()));
            return None;
        };
        let size = first.size();
        pages[0] = first;
        let pages = self.padded(pages)?;
        let watermarks = match copies.watermark {
            true => self.watermarks(recipients, size)?,
            false => Vec::new(),
        };
        let codes = match copies.code {
            true => self.codes(recipients),
            false => Vec::new(),
        };
        let numbering = Numbering { copies, recipients, place, codes, watermarks };
        let mut files = Vec::new();
        for (suffix, copies) in numbering.by_file(&pages, size, suffix) {
            let sheets = self.sheets(copies, only)?;
            files.push(self.write(sheets, suffix)?);
        }
        Some(files)
    }

    /// The code of each copy. Codes take longer than any other part of a copy, so all cores draw
    /// them.
    fn codes(&self, recipients: &[Recipient]) -> Vec<Frame> {
        let name = &self.source.name;
        let numbers = recipients.iter().flat_map(|to| to.numbers().map(move |number| (number, to)));
        let code = |(number, to): (u32, &Recipient)| {
            let check_digits = code::check_digits(name, self.source.digest, number, &to.name);
            Code { issue: name.clone(), number, check_digits }.frame()
        };
        numbers.collect::<Vec<_>>().into_par_iter().map(code).collect()
    }

    /// Each recipient's name across a page, in a tenth of black.
    fn watermarks(&mut self, recipients: &[Recipient], size: Size) -> Option<Vec<Frame>> {
        let diagonal = (size.x.to_pt().powi(2) + size.y.to_pt().powi(2)).sqrt();
        let texts = recipients.iter().map(|Recipient { name, .. }| {
            let ems = crate::source::text::ems(name).max(1.0);
            json!({ "text": name, "role": "heiti", "size": (diagonal * 0.7 / ems).min(60.0) })
        });
        let pieces = self.pieces(texts.collect())?.into_iter();
        Some(pieces.map(|piece| across(ink::recoloured(&piece, Ink::Black, 0.1), size)).collect())
    }
}

impl Numbering<'_> {
    /// The copies of each file, with the addition to the file's name. `pages` are the pages that
    /// all copies share.
    fn by_file(
        self,
        pages: &[Option<Moved>],
        size: Size,
        suffix: &str,
    ) -> Vec<(String, Vec<Vec<Face>>)> {
        let mut codes = self.codes.into_iter();
        let mut files: Vec<(String, Vec<Vec<Face>>)> = Vec::new();
        for (index, recipient) in self.recipients.iter().enumerate() {
            let watermark = self.watermarks.get(index);
            let copies = recipient.numbers().map(|number| {
                let mut copy = below(pages, watermark, size);
                let frames = [self.place.frame(size, number)].into_iter().chain(codes.next());
                copy[0].layers.extend(frames.map(|frame| own(frame, Point::zero())));
                copy
            });
            match files.last_mut() {
                Some((_, file)) if !self.copies.apart => file.extend(copies),
                _ => {
                    let copies = copies.collect();
                    let of_recipient = match self.copies.apart {
                        true => format!("/{:03}-{}", index + 1, file_name(&recipient.name)),
                        false => String::new(),
                    };
                    files.push((format!("{suffix}-copies{of_recipient}"), copies));
                }
            }
        }
        files
    }
}

/// The pages that the copies of a recipient share, with the watermark under the text.
fn below(pages: &[Option<Moved>], watermark: Option<&Frame>, size: Size) -> Vec<Face> {
    let face = |page: &Option<Moved>| {
        let Some((frame, moved)) = page else { return Face::blank(size) };
        let mut face = Face::new(frame.clone(), *moved);
        let below = watermark.cloned().map(|frame| shared(frame, Abs::zero()));
        face.layers.splice(0..0, below);
        face
    };
    pages.iter().map(face).collect()
}

/// A line three times across a page, rising.
fn across(line: Frame, size: Size) -> Frame {
    let mut page = Frame::hard(size);
    for share in [0.25, 0.55, 0.85] {
        let mut turned = Frame::soft(line.size());
        turned.push_frame(Point::zero(), line.clone());
        let middle = Point::new(size.x * 0.5, size.y * share);
        turned.transform(
            Transform::translate(middle.x, middle.y)
                .pre_concat(Transform::rotate(Angle::deg(-30.0)))
                .pre_concat(Transform::translate(-line.width() / 2.0, -line.height() / 2.0)),
        );
        page.push_frame(Point::zero(), turned);
    }
    page
}

/// A recipient's name, made fit for a file's name.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(40).collect()
}
