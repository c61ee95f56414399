//! The rules, pictures and shapes of two pages → their differences.

use kurbo::Rect;

use super::difference::{Difference, Kind, Place, SAME, Shift, Spot};
use super::drawing::{Drawing, Picture, Rule, Shape};
use crate::publication::tolerance::Tolerances;

/// A rule farther away than this is a different rule, in pt.
const NEAR: f64 = 60.0;

/// Compares the rules, pictures and shapes of a page; `old` and `new` are its indices on the two
/// sides. Marks that moved or grew within the tolerance go to `settled`.
pub fn differences(
    (old, before): (usize, &Drawing),
    (new, now): (usize, &Drawing),
    tolerances: &Tolerances,
    settled: &mut Vec<Spot>,
) -> Vec<Difference> {
    let mut marks = Marks { old, new, tolerances, found: Vec::new(), settled };
    for pair in matched(&before.rules, &now.rules, rule_distance) {
        match pair {
            Pair::Both(before, now) => marks.rule(before, now),
            Pair::Gone(rule) => marks.lost(Kind::RuleLost { length: rule.length() }, rule.ink),
            Pair::Came(rule) => marks.came(Kind::RuleAdded { length: rule.length() }, rule.ink),
        }
    }
    for pair in matched(&before.pictures, &now.pictures, picture_distance) {
        match pair {
            Pair::Both(before, now) => marks.picture(before, now),
            Pair::Gone(picture) => marks.lost(Kind::PictureLost, picture.ink),
            Pair::Came(picture) => marks.came(Kind::PictureAdded, picture.ink),
        }
    }
    // A shape that covers much of a page lies under other content, whose pixels still have to
    // count.
    let most = now.width * now.height / 4.0;
    for pair in matched(&before.shapes, &now.shapes, shape_distance) {
        match pair {
            Pair::Both(before, now) => marks.shape(before, now, most),
            Pair::Gone(shape) => marks.lost(Kind::ShapeLost, shape.ink),
            Pair::Came(shape) => marks.came(Kind::ShapeAdded, shape.ink),
        }
    }
    marks.found
}

/// A pair of pages whose rules, pictures and shapes are compared.
struct Marks<'a> {
    old: usize,
    new: usize,
    tolerances: &'a Tolerances,
    found: Vec<Difference>,
    settled: &'a mut Vec<Spot>,
}

impl Marks<'_> {
    fn rule(&mut self, before: &Rule, now: &Rule) {
        let (inks, found) = ([before.ink, now.ink], self.found.len());
        let allowed = self.allowed(now.ink);
        let thicker = (before.weight() - now.weight()).abs();
        if thicker > allowed {
            let kind = Kind::RuleWeight { before: before.weight(), now: now.weight() };
            self.changed(kind, inks);
        }
        let longer = (before.length() - now.length()).abs();
        if longer > allowed {
            let kind = Kind::RuleLength { before: before.length(), now: now.length() };
            self.changed(kind, inks);
        }
        let shift = Shift::of(before.ink.center(), now.ink.center());
        let (across, along) = match now.is_level() {
            true => (shift.down, shift.right),
            false => (shift.right, shift.down),
        };
        // A rule that grows at one end moves its centre by half of the growth.
        let is_moved = |by: f64, grown: f64| by.abs() > grown / 2.0 + SAME && by.abs() > allowed;
        if is_moved(across, thicker) || is_moved(along, longer) {
            self.changed(Kind::RuleMoved { shift }, inks);
        }
        if before.colour != now.colour {
            self.changed(Kind::ColourChanged { before: before.colour, now: now.colour }, inks);
        }
        if self.found.len() == found {
            self.settle(inks);
        }
    }

    fn picture(&mut self, before: &Picture, now: &Picture) {
        let (inks, found) = ([before.ink, now.ink], self.found.len());
        if before.digest != now.digest {
            let pixels = |picture: &Picture| [picture.columns, picture.rows];
            let kind = Kind::PictureChanged { before: pixels(before), now: pixels(now) };
            self.changed(kind, inks);
        }
        self.outline(inks);
        if self.found.len() == found {
            self.settle(inks);
        }
    }

    fn shape(&mut self, before: &Shape, now: &Shape, most: f64) {
        let (inks, found) = ([before.ink, now.ink], self.found.len());
        if before.colour != now.colour {
            self.changed(Kind::ColourChanged { before: before.colour, now: now.colour }, inks);
        }
        self.outline(inks);
        if self.found.len() == found && now.ink.area() < most {
            self.settle(inks);
        }
    }

    /// Whether a box grew or moved.
    fn outline(&mut self, [before, now]: [Rect; 2]) {
        let allowed = self.allowed(now);
        let size = |ink: Rect| [ink.width(), ink.height()];
        let grown =
            (before.width() - now.width()).abs().max((before.height() - now.height()).abs());
        if grown > allowed {
            self.changed(Kind::Resized { before: size(before), now: size(now) }, [before, now]);
        }
        let shift = Shift::of(before.origin(), now.origin());
        if shift.distance() > allowed && grown <= allowed {
            self.changed(Kind::MarkMoved { shift }, [before, now]);
        }
    }

    /// How far a mark may move, in pt.
    fn allowed(&self, ink: Rect) -> f64 {
        self.tolerances.moved(self.new, ink)
    }

    fn changed(&mut self, kind: Kind, [before, now]: [Rect; 2]) {
        self.add(kind, Some(before), Some(now));
    }

    fn lost(&mut self, kind: Kind, before: Rect) {
        self.add(kind, Some(before), None);
    }

    fn came(&mut self, kind: Kind, now: Rect) {
        self.add(kind, None, Some(now));
    }

    fn add(&mut self, kind: Kind, before: Option<Rect>, now: Option<Rect>) {
        let at = |page, ink: Option<Rect>| ink.map(|ink| Spot { page, ink });
        let place = Place { page: self.new + 1, line: None };
        let (before, now) = (at(self.old, before), at(self.new, now));
        self.found.push(Difference::new(kind, place, before, now));
    }

    fn settle(&mut self, [before, now]: [Rect; 2]) {
        self.settled.extend(Spot::settled(self.new, before, now));
    }
}

enum Pair<'a, T> {
    Both(&'a T, &'a T),
    Gone(&'a T),
    Came(&'a T),
}

/// Pairs the marks nearest to each other; `distance` is `None` for two that cannot be the same.
fn matched<'a, T>(
    old: &'a [T],
    new: &'a [T],
    distance: fn(&T, &T) -> Option<f64>,
) -> Vec<Pair<'a, T>> {
    let mut near: Vec<(f64, usize, usize)> = Vec::new();
    for (o, before) in old.iter().enumerate() {
        // Marks in their thousands make up a drawing: they are matched in their order.
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
