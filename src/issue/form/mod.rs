//! An issue's TOML × the operations of a form → the edited TOML. Each operation changes only the
//! bytes it concerns: comments, order and formatting elsewhere stay.

mod array;
mod fields;
mod op;
mod slots;
mod value;

use serde::{Deserialize, Serialize};

pub use fields::{Fields, InField};
pub use op::{Op, Target};
use slots::Form;
pub use value::value;

use crate::source::limits;

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Key {
    /// The place in an array.
    Index(usize),
    /// The key in a table.
    Name(String),
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Key::Name(name.into())
    }
}

impl From<usize> for Key {
    fn from(index: usize) -> Self {
        Key::Index(index)
    }
}

/// The path to a value: `["sections", 0, "articles", 2, "title"]`.
pub type KeyPath = Vec<Key>;

/// An operation that the text does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The text is not TOML.
    #[error("not TOML")]
    Syntax,
    /// The path leads nowhere, or to a value of the wrong kind for the operation.
    #[error("nothing fits there")]
    Path,
    /// There are too many operations at once, or the text becomes longer than an issue can be.
    #[error("too much at once")]
    TooMuch,
}

/// Applies the operations in order, either all or none.
pub fn apply(text: &str, ops: &[Op]) -> Result<String, FormError> {
    let mut text = text.to_string();
    // Each operation reads the whole text.
    let mut left = limits::FORM_BYTES;
    for op in ops {
        left = left.checked_sub(text.len()).ok_or(FormError::TooMuch)?;
        text = Form::new(&text)?.apply(op)?;
        if text.len() as u64 > limits::FILE_BYTES {
            return Err(FormError::TooMuch);
        }
    }
    // The result must be valid TOML whatever the operations were.
    Form::new(&text).map(|_| ())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    pub const ISSUE: &str = "# 期首注释\nnumber = 1 # 期号\ndate = 2026-01-05\n\n\
        # 第一栏\n[[sections]]\nname = \"动态\" # 栏名\n\n\
        # 第一篇\n[[sections.articles]]\ntitle = '甲'\nsource = '来源' # 出处\nbody = '''\n一段\n# 不是注释\n[[sections]]\n'''\n\n\
        [[sections.articles]]\n# 标题上\ntitle = \"乙\"\nbody = '''\n二段\n'''\n\n\
        [[sections]]\nname = \"交流\"\n\n[[sections.articles]]\ntitle = \"丙\"\nbody = \"三段\"\n\n\
        # 版记\n[imprint]\nreport_to = [\n  \"甲部\", # 首\n  \"乙部\",\n]\n";

    /// The path written as its keys with dots between them.
    pub fn keys(path: &str) -> KeyPath {
        path.split('.').map(|key| key.parse().map_or(Key::from(key), Key::Index)).collect()
    }

    pub fn set(path: &str, value: impl Into<Json>) -> Op {
        Op::Set { path: keys(path), value: value.into() }
    }

    #[track_caller]
    pub fn applied(text: &str, op: Op) -> String {
        apply(text, &[op]).expect("the operation fits")
    }

    /// Asserts that an operation replaces `from` by `to` and keeps every other byte.
    #[track_caller]
    pub fn changes(op: Op, from: &str, to: &str) {
        assert_eq!(ISSUE.matches(from).count(), 1, "{from:?}");
        assert_eq!(applied(ISSUE, op), ISSUE.replacen(from, to, 1));
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        for op in [
            set("sections.7.name", "x"),
            set("sections.0.articles.0.title.0", "x"),
            set("sections", "x"),
            Op::Remove { path: keys("sections.9") },
            Op::Remove { path: keys("imprint.report_to.9") },
            Op::Move { path: keys("sections.0.articles.5"), to: Target::At(0) },
            Op::Duplicate { path: keys("number") },
            Op::Insert { path: keys("number"), at: 0, value: serde_json::json!({}) },
            Op::Remove { path: Vec::new() },
        ] {
            assert!(apply(ISSUE, std::slice::from_ref(&op)).is_err(), "{op:?}");
        }
        assert_eq!(apply("a = [", &[set("a", 1)]), Err(FormError::Syntax));
    }

    #[test]
    fn operations_have_bounds() {
        let long = format!("label = 'x'\n# {}\n", "x".repeat(1 << 19));
        let many: Vec<Op> = (0..1000).map(|n| set("label", n.to_string())).collect();
        assert_eq!(apply(&long, &many), Err(FormError::TooMuch));
        assert!(apply(ISSUE, &many).is_ok());
        let large = "x".repeat(limits::FILE_BYTES as usize);
        assert_eq!(apply(ISSUE, &[set("label", large)]), Err(FormError::TooMuch));
    }
}
