//! A message's id, its facts and a language → its words, from one catalogue in Chinese and English.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::Serialize;
use unic_langid::langid;

use super::Diagnostic;

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

/// The words in one language.
pub struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

/// The words of a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// A label for each further place, in the order of the diagnostic's labels.
    pub labels: Vec<String>,
}

impl Catalogue {
    /// The catalogue in a language.
    pub fn new(lang: Lang) -> Self {
        let (id, text) = match lang {
            Lang::Zh => (langid!("zh-CN"), include_str!("messages/zh.ftl")),
            Lang::En => (langid!("en"), include_str!("messages/en.ftl")),
        };
        let resource = FluentResource::try_new(text.into()).expect("the catalogue is well-formed");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("no message stands twice");
        Catalogue { bundle }
    }

    /// A message with its facts filled in.
    pub fn text(&self, id: &str, args: &[(&'static str, String)]) -> String {
        self.lookup(id, None, args).unwrap_or_else(|| format!("{id} {args:?}"))
    }

    /// A message's hint: the remedy. `None` where the catalogue has no hint.
    pub fn hint(&self, id: &str, args: &[(&'static str, String)]) -> Option<String> {
        self.lookup(id, Some("hint"), args)
    }

    /// A message's attribute, empty where it has none.
    pub fn attribute(&self, id: &str, attribute: &str) -> String {
        self.lookup(id, Some(attribute), &[]).unwrap_or_default()
    }

    /// Whether the catalogue has a message.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The words of a diagnostic.
    pub fn words(&self, diagnostic: &Diagnostic) -> Words {
        let id = diagnostic.code.id();
        let args = &diagnostic.args;
        Words {
            message: self.text(id, args),
            hints: diagnostic
                .hints
                .iter()
                .filter_map(|hint| self.lookup(id, Some(hint), args))
                .collect(),
            labels: diagnostic
                .labels
                .iter()
                .map(|(_, label)| self.lookup(id, Some(label), args).unwrap_or_default())
                .collect(),
        }
    }

    fn lookup(
        &self,
        id: &str,
        attribute: Option<&str>,
        args: &[(&'static str, String)],
    ) -> Option<String> {
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute)?.value(),
            None => message.value()?,
        };
        let mut facts = FluentArgs::new();
        args.iter().for_each(|(name, value)| facts.set(*name, self.fact(name, value)));
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&facts), &mut errors).into_owned();
        // A missing fact shows as its placeholder. `tests/messages.rs` looks for such messages too.
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        Some(text)
    }

    /// A fact as the message shows it: a kind of value (`string`, `date`) is itself translated.
    fn fact(&self, name: &str, value: &str) -> String {
        if !matches!(name, "expected" | "written") {
            return value.into();
        }
        let word = self.bundle.get_message(&format!("kind-{value}")).and_then(|m| m.value());
        let spell =
            |pattern| self.bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned();
        word.map_or_else(|| value.into(), spell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::diag::rules;
    use fluent_bundle::FluentResource;
    use std::collections::BTreeSet;

    /// Ids and attributes of a catalogue file.
    fn entries(text: &str) -> BTreeSet<String> {
        assert!(FluentResource::try_new(text.into()).is_ok());
        let mut id = "";
        let mut entries = BTreeSet::new();
        for line in text.lines() {
            if let Some((name, _)) = line.split_once(" =") {
                match name.trim_start().strip_prefix('.') {
                    Some(attribute) => entries.insert(format!("{id}.{attribute}")),
                    None => {
                        id = name;
                        entries.insert(id.into())
                    }
                };
            }
        }
        entries
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let zh = entries(include_str!("messages/zh.ftl"));
        let en = entries(include_str!("messages/en.ftl"));
        assert_eq!(zh, en);
        for code in Code::ALL {
            assert!(zh.contains(code.id()), "{} has no words", code.id());
        }
        for rule in rules::all() {
            let id = rule.code.id();
            assert!(zh.contains(id), "{id} has no words");
            for attribute in ["reason", "example"] {
                assert!(zh.contains(&format!("{id}.{attribute}")), "{id} has no {attribute}");
            }
        }
    }

    #[test]
    fn facts_are_filled_in() {
        let catalogue = Catalogue::new(Lang::En);
        let text = catalogue.text("key-missing", &[("key", "title".into())]);
        assert_eq!(text, "the key `title` is missing");
    }
}
