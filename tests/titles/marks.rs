//! A marked headline → its text, the places where an editor would break it, and those where nobody
//! may. For the test and for what learns from the headlines.

use std::collections::{BTreeMap, BTreeSet};

/// A headline without its marks; places are counted in characters.
pub struct Headline {
    /// Its text.
    pub text: String,
    /// The places where an editor would break it, and whether he would do so first.
    pub good: BTreeMap<usize, bool>,
    /// The places where nobody may.
    pub faults: BTreeSet<usize>,
}

/// Reads a line of the marks that the README describes.
pub fn headline(line: &str) -> Headline {
    let (mut text, mut good, mut faults) = (String::new(), BTreeMap::new(), BTreeSet::new());
    let (mut opened, mut at, mut before, mut depth) = (Vec::new(), 0, ' ', 0);
    for c in line.chars() {
        match c {
            '|' | '/' => {
                good.insert(at, c == '|');
            }
            '{' => opened.push(at),
            '}' => faults.extend(opened.pop().expect("it was opened") + 1..at),
            _ => {
                depth -= i32::from("”》）".contains(c));
                let is_led = "的了等".contains(c) || "和与及并暨在对向为将把".contains(before);
                if depth > 0 || is_led || before.is_ascii_digit() && c != ' ' {
                    faults.insert(at);
                }
                depth += i32::from("“《（".contains(c));
                text.push(c);
                (at, before) = (at + 1, c);
            }
        }
    }
    faults.retain(|at| !good.contains_key(at));
    Headline { text, good, faults }
}
