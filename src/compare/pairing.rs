//! The pages of two PDFs → which page of the reference each page stands for.

use super::difference::Couple;
use super::pages::Pages;
use super::text;
use crate::source::text::align;

/// Pairs the pages: in order if the counts are equal, else by the text that they share.
pub fn coupled(before: &Pages<'_>, now: &Pages<'_>) -> Vec<Couple> {
    let (olds, news) = (before.drawings.len(), now.drawings.len());
    if olds == news {
        return side_by_side(olds, news);
    }
    let shared = text::shared(&before.text(0..olds), &now.text(0..news));
    // Pages without text are still paired, in order.
    let worth = |o: usize, n: usize| {
        let is_same = before.draws_as(o, now, n);
        shared.get(&(o, n)).copied().unwrap_or(0) * 2 + usize::from(is_same) * 100 + 1
    };
    let (mut o, mut n, mut couples) = (0, 0, Vec::new());
    // After the last pair, the pages left on either side follow.
    for pair in align(olds, news, worth).into_iter().map(Some).chain([None]) {
        let (old, new) = pair.unwrap_or((olds, news));
        couples.extend((o..old).map(|page| Couple { before: Some(page), now: None }));
        couples.extend((n..new).map(|page| Couple { before: None, now: Some(page) }));
        couples.extend(pair.map(|(old, new)| Couple { before: Some(old), now: Some(new) }));
        (o, n) = (old + 1, new + 1);
    }
    couples
}

/// Pairs pages in their order; the longer side has pages without a partner.
pub fn side_by_side(olds: usize, news: usize) -> Vec<Couple> {
    let some = |page: usize, of: usize| (page < of).then_some(page);
    let pages = 0..olds.max(news);
    pages.map(|page| Couple { before: some(page, olds), now: some(page, news) }).collect()
}
