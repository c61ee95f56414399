//! An issue's text → the fields that lists, searches and the next issue need.
//!
//! An unfinished text breaks rules and must be listed all the same: a value of the wrong type
//! counts as missing.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};

use crate::issue::form;

/// An issue, as far as it can be read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Sketch {
    /// The number.
    #[serde(deserialize_with = "if_fits")]
    pub number: Option<i64>,
    /// The number of a supplement.
    #[serde(deserialize_with = "if_fits")]
    pub supplement: Option<i64>,
    /// The cumulative number.
    #[serde(deserialize_with = "if_fits")]
    pub serial_number: Option<i64>,
    /// The date, as it is written.
    #[serde(deserialize_with = "if_fits")]
    pub date: Option<String>,
    /// The imprint by its keys.
    #[serde(deserialize_with = "if_fits")]
    pub imprint: Map<String, Json>,
    /// The sections.
    #[serde(deserialize_with = "each")]
    pub sections: Vec<Section>,
    #[serde(deserialize_with = "each")]
    articles: Vec<Article>,
}

/// A section.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Section {
    /// The name.
    #[serde(deserialize_with = "if_fits")]
    pub name: Option<String>,
    #[serde(deserialize_with = "each")]
    articles: Vec<Article>,
}

/// An article.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Article {
    /// The title.
    #[serde(deserialize_with = "if_fits")]
    pub title: Option<String>,
    /// The values of all other keys.
    #[serde(flatten)]
    keys: Map<String, Json>,
}

impl Article {
    /// The texts under a key, which may be missing, one text, or a list of texts.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        let value = self.keys.get(key);
        let one = value.and_then(Json::as_str).into_iter();
        let many = value.and_then(Json::as_array).into_iter().flatten();
        one.chain(many.filter_map(Json::as_str))
    }
}

impl Sketch {
    /// Reads a text; nothing where it is not TOML.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_value(form::value(text)?).ok()
    }

    /// All articles in their order: those outside any section first.
    pub fn articles(&self) -> impl Iterator<Item = &Article> {
        self.articles.iter().chain(self.sections.iter().flat_map(|section| &section.articles))
    }
}

/// The value, if it has the type that is expected.
fn if_fits<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: DeserializeOwned + Default,
    D: Deserializer<'de>,
{
    Ok(T::deserialize(Json::deserialize(from)?).unwrap_or_default())
}

/// Reads a list; an item of the wrong type becomes an empty item.
fn each<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: DeserializeOwned + Default,
    D: Deserializer<'de>,
{
    let items = Vec::<Json>::deserialize(Json::deserialize(from)?).unwrap_or_default();
    Ok(items.into_iter().map(|item| T::deserialize(item).unwrap_or_default()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_read_beside_what_does_not() {
        let text = "number = 'x'\ndate = 2026-01-05\nunknown = 1\nimprint = 3\n\
            [[articles]]\ntitle = '甲'\nauthors = ['某']\n[[articles]]\ntitle = 2\nsource = '乙'\n\
            [[sections]]\nname = '丙'\n[[sections.articles]]\ntitle = '丁'\n";
        let sketch = Sketch::read(text).expect("it is TOML");
        assert_eq!((sketch.number, sketch.date.as_deref()), (None, Some("2026-01-05")));
        let titles: Vec<_> = sketch.articles().map(|article| article.title.as_deref()).collect();
        assert_eq!(titles, [Some("甲"), None, Some("丁")]);
        let sources: Vec<_> = sketch.articles().flat_map(|a| a.texts("source")).collect();
        assert_eq!(sources, ["乙"]);
        assert!(Sketch::read("number = ").is_none());
    }
}
