//! The line under a text or a title → the source, the contributor or the authors.

use super::vocabulary::{is_names, pattern};

/// A line that names where an article comes from.
#[derive(Debug, PartialEq, Eq)]
pub struct Byline<'a> {
    /// The whole line in its parts.
    pub parts: Vec<Part<'a>>,
    /// The names.
    pub names: Names,
}

/// A part of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A name, which the issue keeps.
    Name(&'a str),
    /// A label, bracket or separator, which the program prints itself.
    Mark(&'a str),
}

/// The names of a byline, by the key that holds them.
#[derive(Debug, PartialEq, Eq)]
pub enum Names {
    /// The source (来源).
    Source(String),
    /// The contributor (供稿).
    Contributor(String),
    /// The authors (撰稿人).
    Authors(Vec<String>),
}

pattern!(
    LABEL_BEFORE =
        r"^(?<label>供稿单位|供稿人|供稿|撰稿人|撰稿|作者|执笔人|执笔)\s*[:：/／]?\s*(?<name>.+)$"
);
pattern!(LABEL_AFTER = r"^(?<name>[^:：，]+?)\s*(?<label>供稿)$");

impl<'a> Byline<'a> {
    /// Reads a line. A label distinguishes contributor and authors; `plain` ignores labels, since
    /// the article already has a byline.
    pub fn read(text: &'a str, plain: bool) -> Self {
        let (before, inner, after) = unparenthesised(text.trim());
        let found = LABEL_BEFORE.captures(inner).or_else(|| LABEL_AFTER.captures(inner));
        let (mut parts, names) = match found.filter(|_| !plain) {
            Some(found) => {
                let label = found.name("label").expect("both patterns have a label");
                let name = found.name("name").expect("both patterns have a name");
                let (parts, names) = if label.as_str().starts_with("供稿") {
                    contributor(name.as_str())
                } else {
                    authors(name.as_str())
                };
                let label_part = Part::Mark(label.as_str());
                if label.start() < name.start() {
                    let between = Part::Mark(&inner[label.end()..name.start()]);
                    ([vec![label_part, between], parts].concat(), names)
                } else {
                    ([parts, vec![label_part]].concat(), names)
                }
            }
            None => (vec![Part::Name(inner)], Names::Source(inner.trim().into())),
        };
        parts.insert(0, Part::Mark(before));
        parts.push(Part::Mark(after));
        Byline { parts, names }
    }
}

/// A line's opening parenthesis, the text within, and the closing one with a full stop.
fn unparenthesised(text: &str) -> (&str, &str, &str) {
    let opened = text.trim_start_matches(['（', '(']);
    let start = text.len() - opened.len();
    let stopped = opened.trim_end_matches(['。', '.']);
    let inner = match stopped.strip_suffix(['）', ')']) {
        Some(inner) if start > 0 => inner,
        // The last parenthesis closes a pair within the line, as in 张三（市妇联）.
        _ => opened,
    };
    (&text[..start], inner, &text[start + inner.len()..])
}

fn contributor(text: &str) -> (Vec<Part<'_>>, Names) {
    (vec![Part::Name(text)], Names::Contributor(text.trim().into()))
}

fn authors(text: &str) -> (Vec<Part<'_>>, Names) {
    let names: Vec<&str> = text
        .split([' ', '　', '、', '\u{a0}', '，'])
        .filter(|name| !name.trim().is_empty())
        .collect();
    let mut parts = Vec::new();
    let mut rest = text;
    for name in &names {
        let (before, after) = rest.split_once(name).unwrap_or(("", rest));
        parts.extend([Part::Mark(before), Part::Name(name)]);
        rest = after;
    }
    // A list that someone cut short ends with a separator.
    parts.push(Part::Mark(rest));
    // A name of two characters is often spaced to the width of three: 张 三.
    let spaced = is_names(text) && names.len() == 2 && names.iter().all(|n| n.chars().count() == 1);
    let authors = if spaced {
        vec![names.concat()]
    } else {
        names.iter().map(|name| (*name).to_string()).collect()
    };
    (parts, Names::Authors(authors))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Names {
        let byline = Byline::read(line, false);
        let text = |part: &Part| match part {
            Part::Name(text) | Part::Mark(text) => text.to_string(),
        };
        let whole: String = byline.parts.iter().map(text).collect();
        assert_eq!(whole, line, "a part of {line} is lost");
        byline.names
    }

    #[test]
    fn labels_decide_between_source_contributor_and_authors() {
        assert_eq!(names("（青岛市妇联）"), Names::Source("青岛市妇联".into()));
        assert_eq!(names("（青岛市妇联供稿）"), Names::Contributor("青岛市妇联".into()));
        assert_eq!(names("供稿单位：青岛市妇联"), Names::Contributor("青岛市妇联".into()));
        let two = ["张某某", "李某"].map(String::from).to_vec();
        assert_eq!(names("（撰稿人：张某某　李某）"), Names::Authors(two.clone()));
        assert_eq!(names("（作者：张某某、李某、）"), Names::Authors(two));
        assert_eq!(names("作者：张　三"), Names::Authors(vec!["张三".into()]));
        assert_eq!(names("张三（市妇联）"), Names::Source("张三（市妇联）".into()));
    }
}
