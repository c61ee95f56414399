//! A laid-out frame → its items, each with its place on the page.

use typst::layout::{Frame, FrameItem, Point, Transform};

/// How far an em box reaches above its baseline.
pub const ASCENT: f64 = 0.88;

/// The direct items of a frame placed by `at`, each with its position in the frame and its
/// transform to the page; for a group, the transform of the group's frame.
pub fn items(frame: &Frame, at: Transform) -> impl Iterator<Item = (Point, Transform, &FrameItem)> {
    frame.items().map(move |(point, item)| {
        let here = at.pre_concat(Transform::translate(point.x, point.y));
        match item {
            FrameItem::Group(group) => (*point, here.pre_concat(group.transform), item),
            _ => (*point, here, item),
        }
    })
}

/// Calls `see` with each item of a frame and its groups and the item's transform to the page.
pub fn walk(frame: &Frame, at: Transform, see: &mut impl FnMut(Transform, &FrameItem)) {
    for (_, here, item) in items(frame, at) {
        match item {
            FrameItem::Group(group) => walk(&group.frame, here, see),
            item => see(here, item),
        }
    }
}

/// A copy of a frame with each item replaced by `change` at the same place, or left out for
/// `None`. `change` gets the item's transform to the page.
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
