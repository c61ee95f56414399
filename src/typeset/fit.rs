//! How the pages of one issue are fitted: what a layout may set tighter or looser than usual, each
//! within the bounds of a master's hand.
//!
//! The values are data: the layout reads those of the whole issue in `/fit.json`, and those of one
//! block at the block itself in `/issue.json`. `pipeline::fit` decides them.

use std::collections::BTreeMap;

use crate::publication::layout::LINES;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

/// What is fitted; the default is what a layout does of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// The grid lines of every page: one more or one less than [`LINES`] in special cases (5.2.3).
    pub lines: usize,
    /// The empty lines before a title.
    pub titles: usize,
    /// How the contents are set.
    pub contents: Contents,
    /// The imprint's pitch, in parts of the grid's.
    pub imprint: f64,
    /// Grid lines kept free above the imprint under columns, so that these end at one height.
    pub balance: usize,
    /// What is done to single blocks, by their place in `issue.json` (a JSON pointer).
    #[serde(skip)]
    pub blocks: BTreeMap<String, Block>,
}

/// How the contents (内容提要) are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contents {
    /// As the body.
    Normal,
    /// In 四号 at a smaller pitch.
    Tight,
    /// The same in two columns.
    Columns,
}

/// What is done to a block of the text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// A paragraph: what is taken from each character's step, in parts of an em.
    pub close: Option<f64>,
    /// A table: steps of compression.
    pub squeeze: usize,
    /// A table: it breaks between rows though it is short.
    pub split: bool,
    /// A table or picture: it stands at the head of the next page, and the text behind it comes up.
    pub float: bool,
    /// Any block: a page ends before it.
    pub carry: bool,
    /// A picture: its size, in parts of its usual one.
    pub scale: Option<f64>,
}

impl Default for Fit {
    fn default() -> Self {
        Fit {
            lines: LINES,
            titles: 1,
            contents: Contents::Normal,
            imprint: 0.75,
            balance: 0,
            blocks: BTreeMap::new(),
        }
    }
}

impl Fit {
    /// Writes what is done to single blocks into the data of the layout.
    pub fn mark(&self, data: &mut Json) {
        for (place, block) in &self.blocks {
            if let Some(Json::Object(own)) = data.pointer_mut(place) {
                block.mark(own);
            }
        }
    }
}

/// Gives every table and picture its place in the data (a JSON pointer), which the layout puts
/// beside it on the page.
pub fn address(data: &mut Json) {
    each_block(data, String::new(), &mut |place, block| {
        if matches!(block["kind"].as_str(), Some("table" | "figure")) {
            block.insert("at".into(), place.into());
        }
    });
}

/// Calls `see` with each block in the data and its place, in order.
pub fn each_block(
    data: &mut Json,
    place: String,
    see: &mut impl FnMut(&str, &mut Map<String, Json>),
) {
    match data {
        Json::Object(own) if own.contains_key("kind") => see(&place, own),
        Json::Object(own) => {
            own.iter_mut()
                .for_each(|(key, value)| each_block(value, format!("{place}/{key}"), see));
        }
        Json::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                each_block(item, format!("{place}/{index}"), see);
            }
        }
        _ => {}
    }
}

impl Block {
    fn mark(&self, own: &mut Map<String, Json>) {
        let mut set = |key: &str, value: Json| own.insert(key.into(), value);
        if let Some(close) = self.close {
            set("close", json!(close));
        }
        if self.squeeze > 0 {
            set("squeeze", json!(self.squeeze));
        }
        if self.split {
            set("split", json!(true));
        }
        if self.float {
            set("float", json!(true));
        }
        if self.carry {
            set("carry", json!(true));
        }
        if let Some(scale) = self.scale {
            set("scale", json!(scale));
        }
    }
}
