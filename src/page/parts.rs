//! The tags of laid-out pages → the parts that are open at a place: heading, paragraph, table, cell,
//! link.

use typst::foundations::{Smart, StyleChain};
use typst::introspection::{Location, Tag};
use typst::layout::PlaceElem;
use typst::model::{HeadingElem, LinkMarker, ParElem, TableCell, TableElem};
use typst::pdf::ArtifactElem;

use super::lines::Heading;

/// The parts that a glyph belongs to, each counted from 1 in the order of the pages; 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Its paragraph.
    pub paragraph: u32,
    /// Its table.
    pub table: u32,
    /// Its cell in the table; the head that is repeated has cells of its own.
    pub cell: u32,
    /// Its link.
    pub link: u32,
}

/// The parts that are open, the outermost first, and how many there have been.
#[derive(Debug, Default)]
pub(super) struct Parts {
    open: Vec<(Location, Part)>,
    paragraphs: u32,
    tables: u32,
    cells: u32,
    links: u32,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Heading(Heading),
    Paragraph(u32),
    Table(u32),
    Cell(u32),
    Link(u32),
    /// What stands apart from the parts around it: a float, a page number.
    Apart,
}

impl Parts {
    pub fn see(&mut self, tag: &Tag) {
        match tag {
            Tag::Start(element, _) => {
                let Some(id) = element.location() else { return };
                let next = |count: &mut u32| {
                    *count += 1;
                    *count
                };
                let part = if element.is::<ParElem>() {
                    Part::Paragraph(next(&mut self.paragraphs))
                } else if element.is::<TableElem>() {
                    Part::Table(next(&mut self.tables))
                } else if element.is::<TableCell>() {
                    Part::Cell(next(&mut self.cells))
                } else if element.is::<LinkMarker>() {
                    Part::Link(next(&mut self.links))
                } else if element.is::<PlaceElem>() || element.is::<ArtifactElem>() {
                    Part::Apart
                } else if let Some(heading) = element.to_packed::<HeadingElem>() {
                    let bookmarked = heading.bookmarked.get(StyleChain::default());
                    let is_title = bookmarked != Smart::Custom(false);
                    Part::Heading(Heading { is_title, id })
                } else {
                    return;
                };
                self.open.push((id, part));
            }
            Tag::End(id, ..) => self.open.retain(|(open, _)| open != id),
        }
    }

    /// The open parts, the innermost first, as far as they hold what is laid out now.
    fn around(&self) -> impl Iterator<Item = Part> {
        let parts = self.open.iter().rev().map(|(_, part)| *part);
        parts.take_while(|part| !matches!(part, Part::Apart))
    }

    pub fn heading(&self) -> Option<Heading> {
        self.around().find_map(|part| match part {
            Part::Heading(heading) => Some(heading),
            _ => None,
        })
    }

    pub fn table(&self) -> u32 {
        self.place().table
    }

    pub fn place(&self) -> Place {
        let mut place = Place::default();
        for part in self.around() {
            match part {
                // A paragraph around a table is not the one of the cell's text.
                Part::Paragraph(id) if place.paragraph == 0 && place.table == 0 => {
                    place.paragraph = id;
                }
                Part::Table(id) if place.table == 0 => place.table = id,
                Part::Cell(id) if place.cell == 0 => place.cell = id,
                Part::Link(id) if place.link == 0 => place.link = id,
                _ => {}
            }
        }
        place
    }
}
