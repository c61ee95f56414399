//! Text → its characters' kinds, its width, its place in a file, its alignment with another text.

use std::ops::{Add, Range};

/// The bytes of a file that hold a line of a page. The comparison ignores blanks, line breaks and
/// marks that are not printed.
pub fn find_printed(file: &str, line: &str) -> Option<Range<usize>> {
    let counts = |c: char| !(c.is_whitespace() || matches!(c, '*' | '|' | '\\'));
    let wanted: String = line.chars().filter(|&c| counts(c)).collect();
    // One or two characters would match in too many places.
    (wanted.chars().count() > 2).then_some(())?;
    let (mut text, mut places) = (String::new(), Vec::new());
    for (at, c) in file.char_indices().filter(|&(_, c)| counts(c)) {
        places.extend(std::iter::repeat_n(at..at + c.len_utf8(), c.len_utf8()));
        text.push(c);
    }
    let start = text.find(&wanted)?;
    Some(places[start].start..places[start + wanted.len() - 1].end)
}

/// Whether a character is a Han character or 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// The width of a text in ems where Han characters and full-width marks are one em wide.
pub fn ems(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.5 } else { 1.0 }).sum()
}

/// Whether lines form a trapezium (梯形) or a rhombus (菱形): they only grow, only shrink, or grow
/// and then shrink, and each is longer than a third of the longest. Differences of up to `slack`
/// count as equal.
pub fn is_shapely(widths: &[f64], slack: f64) -> bool {
    let longest = widths.iter().copied().fold(0.0, f64::max);
    let peak = widths.iter().position(|&width| width == longest).unwrap_or(0);
    let grows = widths[..=peak].windows(2).all(|pair| pair[1] >= pair[0] - slack);
    let shrinks = widths[peak..].windows(2).all(|pair| pair[0] >= pair[1] - slack);
    grows && shrinks && widths.iter().all(|&width| width > longest / 3.0)
}

/// Pairs the items of two lists of these lengths, keeping the order of both, so that the sum of
/// the pairs' worth is largest; `worth` takes the indices of two items and must not be negative.
/// Among equally good pairings the result pairs as early as possible, and otherwise skips items of
/// the first list before items of the second.
pub fn align<T>(olds: usize, news: usize, worth: impl Fn(usize, usize) -> T) -> Vec<(usize, usize)>
where
    T: Copy + Default + PartialOrd + Add<Output = T>,
{
    let larger = |a: T, b: T| if b > a { b } else { a };
    // `best[o][n]`: the largest worth of the items from `o` and `n` on.
    let mut best = vec![vec![T::default(); news + 1]; olds + 1];
    for o in (0..olds).rev() {
        for n in (0..news).rev() {
            let both = worth(o, n) + best[o + 1][n + 1];
            best[o][n] = larger(both, larger(best[o + 1][n], best[o][n + 1]));
        }
    }
    let (mut o, mut n, mut pairs) = (0, 0, Vec::new());
    while o < olds && n < news {
        if best[o][n] == worth(o, n) + best[o + 1][n + 1] {
            pairs.push((o, n));
            (o, n) = (o + 1, n + 1);
        } else if best[o][n] == best[o + 1][n] {
            o += 1;
        } else {
            n += 1;
        }
    }
    pairs
}

/// How many lines are to be removed and added to make one text of another, if they are not more
/// than `most` (Myers 1986); found in time that grows with the texts and the square of `most`.
pub fn changes(from: &[&str], to: &[&str], most: usize) -> Option<usize> {
    let most = most as isize;
    // The farthest line of `from` that is reached on each diagonal, which is its place in `from`
    // less that in `to`.
    let mut reached = vec![0isize; 2 * most as usize + 3];
    let index = |diagonal: isize| (diagonal + most + 1) as usize;
    let is_same = |x: isize, y: isize| {
        let (x, y) = (usize::try_from(x).ok(), usize::try_from(y).ok());
        let line = x.and_then(|x| from.get(x));
        line.is_some() && line == y.and_then(|y| to.get(y))
    };
    for count in 0..=most {
        for diagonal in (-count..=count).step_by(2) {
            let (left, right) = (reached[index(diagonal - 1)], reached[index(diagonal + 1)]);
            let is_added = diagonal == -count || diagonal != count && left < right;
            let mut x = if is_added { right } else { left + 1 };
            while is_same(x, x - diagonal) {
                x += 1;
            }
            reached[index(diagonal)] = x;
            if x >= from.len() as isize && x - diagonal >= to.len() as isize {
                return Some(count as usize);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lists_are_aligned_by_what_their_pairs_are_worth() {
        let aligned = |olds: &str, news: &str| {
            let (olds, news): (Vec<char>, Vec<char>) =
                (olds.chars().collect(), news.chars().collect());
            let worth = |o: usize, n: usize| if olds[o] == news[n] { 2.0 } else { 0.5 };
            align(olds.len(), news.len(), worth)
        };
        assert_eq!(aligned("甲乙丙", "甲丙"), [(0, 0), (2, 1)]);
        assert_eq!(aligned("甲丙", "甲乙丙"), [(0, 0), (1, 2)]);
        assert_eq!(aligned("甲乙", "甲丁"), [(0, 0), (1, 1)], "unlike ones are better than none");
        assert_eq!(aligned("甲乙", "乙甲"), [(1, 0)], "the order is kept, the first list left out");
        assert_eq!(aligned("", "甲"), []);
    }

    #[test]
    fn changes_are_counted_up_to_a_limit() {
        let count = |from: &str, to: &str, most| {
            changes(&from.split("").collect::<Vec<_>>(), &to.split("").collect::<Vec<_>>(), most)
        };
        assert_eq!(count("abcabba", "cbabac", 9), Some(5));
        assert_eq!(count("abc", "abc", 0), Some(0));
        assert_eq!(count("", "abc", 3), Some(3));
        assert_eq!(count("abc", "", 3), Some(3));
        assert_eq!(count("abcabba", "cbabac", 4), None);
        let lines: Vec<String> = (0..30_000).map(|line| line.to_string()).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let reversed: Vec<&str> = lines.iter().rev().copied().collect();
        assert_eq!(changes(&lines, &reversed, 2_000), None);
    }

    #[test]
    fn a_line_of_a_page_is_found_in_the_file() {
        let file = "body = '''\n**甲乙。**丙丁\n'''\n";
        let place = find_printed(file, "乙。丙丁").expect("it is there");
        assert_eq!(&file[place], "乙。**丙丁");
        assert_eq!(find_printed(file, "戊己庚"), None);
        assert_eq!(find_printed(file, "甲"), None);
    }

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
