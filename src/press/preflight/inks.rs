//! Colours as a PDF names them → the inks that print them.

use hayro_syntax::object::{Name, Number, Object};
use hayro_syntax::page::Resources;

use crate::press::preflight::DEEPEST;

/// The name of screen colours (RGB) among inks.
pub const SCREEN: &str = "RGB";

/// A colour space, as far as inks are concerned.
#[derive(Debug, Clone, PartialEq)]
pub enum Space {
    /// Grey, which is printed in black.
    Grey,
    /// The colours of a screen.
    Screen,
    /// Cyan, magenta, yellow and black.
    Process,
    /// Inks by name.
    Inks(Vec<String>),
    /// Indices into a table of colours of another space.
    Table(Box<Space>),
    /// A pattern: with colours of its own, or with a colour of another space.
    Pattern(Option<Box<Space>>),
}

/// The inks of process colours, in the order of their parts.
const PROCESS: [&str; 4] = ["Cyan", "Magenta", "Yellow", "Black"];

impl Space {
    /// The space that an object of a PDF describes.
    pub fn of(object: &Object<'_>, resources: &Resources<'_>, depth: usize) -> Space {
        if depth > DEEPEST {
            return Space::Screen;
        }
        match object {
            Object::Name(name) => Space::named(name, resources, depth),
            Object::Array(array) => {
                let parts: Vec<Object<'_>> = array.iter::<Object<'_>>().collect();
                let part = |at: usize| parts.get(at);
                let family = part(0).and_then(name_of).unwrap_or_default();
                let below = |at: usize| {
                    part(at).map_or(Space::Screen, |space| Space::of(space, resources, depth + 1))
                };
                match family.as_str() {
                    "CalGray" => Space::Grey,
                    "ICCBased" => match part(1) {
                        Some(Object::Stream(profile)) => match profile.dict().get::<i32>("N") {
                            Some(1) => Space::Grey,
                            Some(4) => Space::Process,
                            _ => Space::Screen,
                        },
                        _ => Space::Screen,
                    },
                    "Separation" => Space::Inks(part(1).and_then(name_of).into_iter().collect()),
                    "DeviceN" => match part(1) {
                        Some(Object::Array(names)) => {
                            let names: Vec<Object<'_>> = names.iter().collect();
                            Space::Inks(names.iter().filter_map(name_of).collect())
                        }
                        _ => Space::Screen,
                    },
                    "Indexed" | "I" => Space::Table(Box::new(below(1))),
                    "Pattern" => Space::Pattern(part(1).map(|_| Box::new(below(1)))),
                    "DeviceGray" | "G" => Space::Grey,
                    "DeviceCMYK" | "CMYK" => Space::Process,
                    _ => Space::Screen,
                }
            }
            _ => Space::Screen,
        }
    }

    /// The space that a name stands for.
    fn named(name: &Name<'_>, resources: &Resources<'_>, depth: usize) -> Space {
        match name.as_str() {
            "DeviceGray" | "G" | "CalGray" => Space::Grey,
            "DeviceRGB" | "RGB" | "CalRGB" => Space::Screen,
            "DeviceCMYK" | "CMYK" => Space::Process,
            "Pattern" => Space::Pattern(None),
            _ => match resources.get_color_space(name) {
                Some(object) => Space::of(&object, resources, depth + 1),
                None => Space::Screen,
            },
        }
    }

    /// The inks of a colour; without parts, the inks of every colour that the space has.
    pub fn inks(&self, parts: Option<&[f64]>) -> Vec<String> {
        let prints = |at: usize| parts.is_none_or(|parts| parts.get(at).is_none_or(|p| *p > 0.0));
        match self {
            // White is paper.
            Space::Grey if parts.is_some_and(|parts| parts.first() >= Some(&1.0)) => Vec::new(),
            Space::Grey => vec!["Black".into()],
            Space::Screen if parts.is_some_and(|parts| parts.iter().all(|p| *p >= 1.0)) => {
                Vec::new()
            }
            Space::Screen => vec![SCREEN.into()],
            Space::Process => {
                let used = PROCESS.iter().enumerate().filter(|(at, _)| prints(*at));
                used.map(|(_, ink)| ink.to_string()).collect()
            }
            Space::Inks(names) => {
                let used = names.iter().enumerate().filter(|(at, _)| prints(*at));
                used.map(|(_, ink)| ink.clone()).filter(|ink| ink != "None").collect()
            }
            Space::Table(base) => base.inks(None),
            Space::Pattern(Some(base)) if parts.is_some_and(|parts| !parts.is_empty()) => {
                base.inks(parts)
            }
            Space::Pattern(_) => Vec::new(),
        }
    }
}

/// The name in an object; `None` if the object is not a name.
pub fn name_of(object: &Object<'_>) -> Option<String> {
    match object {
        Object::Name(name) => Some(name.as_str().into()),
        _ => None,
    }
}

/// A colour to draw with: its space and its inks.
#[derive(Debug, Clone)]
pub struct Pen {
    space: Space,
    /// The inks that print the colour.
    pub inks: Vec<String>,
}

impl Pen {
    /// The colour of these parts in a space.
    pub fn new(space: Space, parts: &[Number]) -> Pen {
        let mut pen = Pen { space, inks: Vec::new() };
        pen.set(parts);
        pen
    }

    /// The initial colour of each page.
    pub fn black() -> Pen {
        Pen { space: Space::Grey, inks: vec!["Black".into()] }
    }

    /// The first colour of a space, which is black or the full ink.
    pub fn initial(name: &Name<'_>, resources: &Resources<'_>) -> Pen {
        let space = Space::named(name, resources, 0);
        let parts = match &space {
            Space::Process => vec![0.0, 0.0, 0.0, 1.0],
            Space::Inks(names) => vec![1.0; names.len()],
            Space::Pattern(_) => Vec::new(),
            _ => vec![0.0; 3],
        };
        let inks = space.inks(Some(&parts));
        Pen { space, inks }
    }

    /// Takes another colour of the same space.
    pub fn set(&mut self, parts: &[Number]) {
        let parts: Vec<f64> = parts.iter().map(|part| part.as_f64()).collect();
        self.inks = self.space.inks(Some(&parts));
    }

    /// Whether the colour leaves ink on the paper.
    pub fn prints(&self) -> bool {
        !self.inks.is_empty()
    }
}
