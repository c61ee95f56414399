//! The rules, pictures and shapes of two pages → what became of them.

use std::cell::Cell;

use kurbo::Rect;

use super::{Difference, Kind, Place, Settled, Shift, Tolerances};
use crate::drawing::{Drawing, Picture, Rule, Shape};

/// Nearer than this many pt is the same place.
pub const SAME: f64 = 0.005;

/// A rule farther away is another rule, in pt.
const NEAR: f64 = 60.0;

/// What became of the rules, pictures and shapes of a page; `old` and `new` are its index on
/// both sides. What moved or grew no more than it may is `settled`.
pub fn differences(
    (old, before): (usize, &Drawing),
    (new, now): (usize, &Drawing),
    tolerances: &Tolerances<'_>,
    settled: &mut Vec<Settled>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let place = Place { page: new + 1, line: None };
    let (said, most) = (Cell::new(0), now.width * now.height / 4.0);
    let mut say = |kind, from: Option<Rect>, to: Option<Rect>| {
        said.set(said.get() + 1);
        let at = |page, ink: Option<Rect>| ink.map(|ink| (page, ink));
        found.push(Difference::new(kind, place, at(old, from), at(new, to)));
    };
    let allowed = |ink: Rect| tolerances.at(new, ink).moved;
    let rules = matched(&before.rules, &now.rules, rule_distance);
    for pair in rules {
        let (before, now) = match pair {
            Pair::Both(before, now) => (before, now),
            Pair::Gone(rule) => {
                say(Kind::RuleLost { length: rule.length() }, Some(rule.ink), None);
                continue;
            }
            Pair::Came(rule) => {
                say(Kind::RuleAdded { length: rule.length() }, None, Some(rule.ink));
                continue;
            }
        };
        let (from, to) = (Some(before.ink), Some(now.ink));
        let begun = said.get();
        let allowed = allowed(now.ink);
        let thicker = (before.weight() - now.weight()).abs();
        if thicker > allowed {
            say(Kind::RuleWeight { before: before.weight(), now: now.weight() }, from, to);
        }
        let longer = (before.length() - now.length()).abs();
        if longer > allowed {
            say(Kind::RuleLength { before: before.length(), now: now.length() }, from, to);
        }
        let shift = Shift::of(before.ink.center(), now.ink.center());
        // Who grows on one side moves in the middle.
        let (across, along) = match now.is_level() {
            true => (shift.down, shift.right),
            false => (shift.right, shift.down),
        };
        let is_moved = |by: f64, grown: f64| by.abs() > grown / 2.0 + SAME && by.abs() > allowed;
        if is_moved(across, thicker) || is_moved(along, longer) {
            say(Kind::RuleMoved { shift }, from, to);
        }
        if before.colour != now.colour {
            say(Kind::ColourChanged { before: before.colour, now: now.colour }, from, to);
        }
        if said.get() == begun {
            settled.extend(Settled::of(new, before.ink, now.ink));
        }
    }
    for pair in matched(&before.pictures, &now.pictures, picture_distance) {
        match pair {
            Pair::Gone(picture) => say(Kind::PictureLost, Some(picture.ink), None),
            Pair::Came(picture) => say(Kind::PictureAdded, None, Some(picture.ink)),
            Pair::Both(before, now) => {
                let (from, to) = (Some(before.ink), Some(now.ink));
                let begun = said.get();
                if before.digest != now.digest {
                    let pixels = |picture: &Picture| [picture.columns, picture.rows];
                    say(
                        Kind::PictureChanged { before: pixels(before), now: pixels(now) },
                        from,
                        to,
                    );
                }
                box_differences(before.ink, now.ink, allowed(now.ink), &mut say);
                if said.get() == begun {
                    settled.extend(Settled::of(new, before.ink, now.ink));
                }
            }
        }
    }
    for pair in matched(&before.shapes, &now.shapes, shape_distance) {
        match pair {
            Pair::Gone(shape) => say(Kind::ShapeLost, Some(shape.ink), None),
            Pair::Came(shape) => say(Kind::ShapeAdded, None, Some(shape.ink)),
            Pair::Both(before, now) => {
                let (from, to) = (Some(before.ink), Some(now.ink));
                let begun = said.get();
                if before.colour != now.colour {
                    say(Kind::ColourChanged { before: before.colour, now: now.colour }, from, to);
                }
                box_differences(before.ink, now.ink, allowed(now.ink), &mut say);
                // What covers much of a page has more on it than itself.
                if said.get() == begun && now.ink.area() < most {
                    settled.extend(Settled::of(new, before.ink, now.ink));
                }
            }
        }
    }
    found
}

fn box_differences(
    before: Rect,
    now: Rect,
    allowed: f64,
    say: &mut impl FnMut(Kind, Option<Rect>, Option<Rect>),
) {
    let size = |ink: Rect| [ink.width(), ink.height()];
    let grown = (before.width() - now.width()).abs().max((before.height() - now.height()).abs());
    if grown > allowed {
        say(Kind::Resized { before: size(before), now: size(now) }, Some(before), Some(now));
    }
    let shift = Shift::of(before.origin(), now.origin());
    if shift.distance() > allowed && grown <= allowed {
        say(Kind::MarkMoved { shift }, Some(before), Some(now));
    }
}

enum Pair<'a, T> {
    Both(&'a T, &'a T),
    Gone(&'a T),
    Came(&'a T),
}

/// Pairs what is nearest to each other; `distance` is nothing where two cannot be one.
fn matched<'a, T>(
    old: &'a [T],
    new: &'a [T],
    distance: fn(&T, &T) -> Option<f64>,
) -> Vec<Pair<'a, T>> {
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    for (o, before) in old.iter().enumerate() {
        // Drawings with thousands of marks are drawings: they are matched in their order.
        let around = if old.len().max(new.len()) > 500 {
            o.saturating_sub(5)..(o + 6).min(new.len())
        } else {
            0..new.len()
        };
        for n in around {
            if let Some(distance) = distance(before, &new[n]) {
                near.push((distance, o, n));
            }
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (mut olds, mut news) = (vec![None; old.len()], vec![false; new.len()]);
    for (_, o, n) in near {
        if olds[o].is_none() && !news[n] {
            olds[o] = Some(n);
            news[n] = true;
        }
    }
    let mut pairs: Vec<Pair<'a, T>> = Vec::new();
    for (o, partner) in olds.iter().enumerate() {
        pairs.push(match partner {
            Some(n) => Pair::Both(&old[o], &new[*n]),
            None => Pair::Gone(&old[o]),
        });
    }
    pairs.extend((0..new.len()).filter(|n| !news[*n]).map(|n| Pair::Came(&new[n])));
    pairs
}

fn rule_distance(a: &Rule, b: &Rule) -> Option<f64> {
    if a.is_level() != b.is_level() {
        return None;
    }
    let (from, to) = (a.ink.center(), b.ink.center());
    let away = (from - to).hypot();
    (away < NEAR).then_some(away + (a.length() - b.length()).abs())
}

fn picture_distance(a: &Picture, b: &Picture) -> Option<f64> {
    let away = (a.ink.center() - b.ink.center()).hypot();
    Some(if a.digest == b.digest { away } else { away + 1e4 })
}

fn shape_distance(a: &Shape, b: &Shape) -> Option<f64> {
    let away = (a.ink.center() - b.ink.center()).hypot();
    (a.outline == b.outline).then_some(away)
}
