//! Facts about text that several steps need.

/// The known word nearest to a misspelt one, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|&candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance * 2 <= candidate.chars().count().max(2))
        .min()
        .map(|(_, candidate)| candidate)
}

/// The width of a text in ems where Han characters and full-width marks are one em wide.
pub fn ems(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.5 } else { 1.0 }).sum()
}

/// 梯形 or 菱形: the lines only grow, only shrink, or grow and then shrink, and none is a scrap.
/// What differs by less than `slack` may be either way.
pub fn is_shapely(widths: &[f64], slack: f64) -> bool {
    let longest = widths.iter().copied().fold(0.0, f64::max);
    let peak = widths.iter().position(|&width| width == longest).unwrap_or(0);
    let grows = widths[..=peak].windows(2).all(|pair| pair[1] >= pair[0] - slack);
    let shrinks = widths[peak..].windows(2).all(|pair| pair[0] >= pair[1] - slack);
    grows && shrinks && widths.iter().all(|&width| width > longest / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trapezia_and_rhombi_are_shapely() {
        for widths in [&[3.0, 4.0][..], &[4.0, 3.0], &[2.0, 3.0, 2.0], &[3.0, 3.0]] {
            assert!(is_shapely(widths, 0.0), "{widths:?}");
        }
        for widths in [&[20.0, 1.0][..], &[3.0, 2.0, 3.0]] {
            assert!(!is_shapely(widths, 0.5), "{widths:?}");
        }
        assert!(is_shapely(&[3.0, 2.8, 3.1], 0.5));
    }
}
