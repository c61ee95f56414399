//! Walks frames: what stands on a page is changed item by item, and nothing moves.

use typst::layout::{Frame, FrameItem, Transform};

/// A copy of a frame with each of its items changed; what becomes `None` is left out. `change`
/// is told where on the page the item stands.
pub fn map(
    frame: &Frame,
    at: Transform,
    change: &mut impl FnMut(Transform, &FrameItem) -> Option<FrameItem>,
) -> Frame {
    let mut mapped = Frame::new(frame.size(), frame.kind());
    if frame.has_baseline() {
        mapped.set_baseline(frame.baseline());
    }
    for (point, item) in frame.items() {
        let here = at.pre_concat(Transform::translate(point.x, point.y));
        let item = match item {
            FrameItem::Group(group) => {
                let mut group = group.clone();
                group.frame = map(&group.frame, here.pre_concat(group.transform), change);
                Some(FrameItem::Group(group))
            }
            item => change(here, item),
        };
        mapped.push_multiple(item.map(|item| (*point, item)));
    }
    mapped
}

/// Shows each item of a frame with where on the page it stands.
pub fn walk(frame: &Frame, at: Transform, see: &mut impl FnMut(Transform, &FrameItem)) {
    for (point, item) in frame.items() {
        let here = at.pre_concat(Transform::translate(point.x, point.y));
        match item {
            FrameItem::Group(group) => walk(&group.frame, here.pre_concat(group.transform), see),
            item => see(here, item),
        }
    }
}
