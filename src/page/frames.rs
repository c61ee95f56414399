//! A laid-out frame → its items, each with where on the page it stands.

use typst::layout::{Frame, FrameItem, Point, Transform};

/// How far an em box reaches above its baseline.
pub const ASCENT: f64 = 0.88;

/// The items directly in a frame that stands `at`: where in the frame and where on the page each
/// stands; for a group, where its frame stands on the page.
pub fn items(frame: &Frame, at: Transform) -> impl Iterator<Item = (Point, Transform, &FrameItem)> {
    frame.items().map(move |(point, item)| {
        let here = at.pre_concat(Transform::translate(point.x, point.y));
        match item {
            FrameItem::Group(group) => (*point, here.pre_concat(group.transform), item),
            _ => (*point, here, item),
        }
    })
}

/// Shows each item of a frame, those of groups too, with where on the page it stands.
pub fn walk(frame: &Frame, at: Transform, see: &mut impl FnMut(Transform, &FrameItem)) {
    for (_, here, item) in items(frame, at) {
        match item {
            FrameItem::Group(group) => walk(&group.frame, here, see),
            item => see(here, item),
        }
    }
}

/// A copy of a frame with each of its items changed, and none moved; what becomes `None` is left
/// out. `change` is given where on the page the item stands.
pub fn map(
    frame: &Frame,
    at: Transform,
    change: &mut impl FnMut(Transform, &FrameItem) -> Option<FrameItem>,
) -> Frame {
    let mut mapped = Frame::new(frame.size(), frame.kind());
    if frame.has_baseline() {
        mapped.set_baseline(frame.baseline());
    }
    for (point, here, item) in items(frame, at) {
        let item = match item {
            FrameItem::Group(group) => {
                let mut group = group.clone();
                group.frame = map(&group.frame, here, change);
                Some(FrameItem::Group(group))
            }
            item => change(here, item),
        };
        mapped.push_multiple(item.map(|item| (point, item)));
    }
    mapped
}
