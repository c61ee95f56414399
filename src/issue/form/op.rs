//! An operation of a form × a TOML text → the text with only the bytes concerned changed.

use serde::Deserialize;
use serde_json::Value as Json;
use toml_edit::{Item, Key as TomlKey, Table, Value};

use crate::issue::form::array::{array, put, take};
use crate::issue::form::slots::{Form, Found, blank, names};
use crate::issue::form::value::{literal, plain, rank, table_block};
use crate::issue::form::{FormError, Key, KeyPath};

/// An operation of a form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub enum Op {
    /// Gives a key another value; null takes it away.
    Set {
        /// The key.
        path: KeyPath,
        /// Its value.
        #[cfg_attr(test, ts(type = "Value"))]
        value: Json,
    },
    /// Puts something new into an array.
    Insert {
        /// The array, which need not be there.
        path: KeyPath,
        /// Its place in it.
        at: usize,
        /// The value.
        #[cfg_attr(test, ts(type = "Value"))]
        value: Json,
    },
    /// Takes something out of an array.
    Remove {
        /// The value.
        path: KeyPath,
    },
    /// Moves something within its array, or into another of the same kind.
    Move {
        /// The value.
        path: KeyPath,
        /// Where it is afterwards.
        to: Target,
    },
    /// Puts a copy of something after it in its array.
    Duplicate {
        /// The value.
        path: KeyPath,
    },
}

/// Where something is after it was moved.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Target {
    /// Its place in the same array.
    At(usize),
    /// The whole way to it.
    Path(KeyPath),
}

type Edited = Result<String, FormError>;

impl Form<'_> {
    /// The text after an operation.
    pub fn apply(&self, op: &Op) -> Edited {
        match op {
            Op::Set { path, value } => self.set(path, value),
            Op::Insert { path, at, value } => self.insert(path, *at, value),
            Op::Remove { path } => self.remove(path),
            Op::Move { path, to } => self.shift(path, to),
            Op::Duplicate { path } => self.duplicate(path),
        }
    }

    fn set(&self, path: &[Key], value: &Json) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        if value.is_null() {
            return match self.item(path) {
                None => Ok(self.text.into()),
                Some(_) => self.take_away(path),
            };
        }
        let Some(found) = self.item(path) else {
            let Key::Name(name) = key else { return Err(FormError::Path) };
            return self.add(above, name, value);
        };
        let old = found.value().ok_or(FormError::Path)?;
        let range = old.span().ok_or(FormError::Path)?;
        if let (Value::Array(_), Json::Array(new)) = (old, value) {
            return Ok(self.replaced(range.clone(), &array(&self.array(range)?, new)?));
        }
        let was_long = self.text[range.clone()].starts_with(['\'', '"'])
            && matches!(self.text.get(range.start..range.start + 3), Some("'''" | "\"\"\""));
        let was_date = matches!(old, Value::Datetime(_));
        Ok(self.replaced(range, &literal(key, value, was_long, was_date)?))
    }

    /// Adds a new key.
    fn add(&self, above: &[Key], name: &str, value: &Json) -> Edited {
        let is_tables = |value: &Json| {
            let items = value.as_array().is_some_and(|items| items.iter().any(Json::is_object));
            items || value.is_object()
        };
        if is_tables(value) {
            return Err(FormError::Path);
        }
        let line =
            format!("{} = {}\n", TomlKey::new(name), literal(&name.into(), value, false, false)?);
        let Some(found) = self.item(above) else {
            // The key's table has no header yet.
            let names: Option<Vec<&str>> = above
                .iter()
                .map(|key| match key {
                    Key::Name(name) => Some(name.as_str()),
                    Key::Index(_) => None,
                })
                .collect();
            let header = format!("[{}]\n{line}", names.ok_or(FormError::Path)?.join("."));
            return Ok(self.appended(header.trim_end()));
        };
        match found {
            Found::Item(Item::Table(table)) | Found::Table(table) if !table.is_dotted() => {
                Ok(self.add_line(above, table, name, &line))
            }
            _ => {
                let Some(Value::InlineTable(table)) = found.value() else {
                    return Err(FormError::Path);
                };
                let range = table.span().ok_or(FormError::Path)?;
                let mut table = self.inline(range.clone())?;
                table.insert(name, plain(value)?);
                table.fmt();
                Ok(self.replaced(range, table.to_string().trim()))
            }
        }
    }

    /// Adds a key's line at the place given by its rank.
    fn add_line(&self, path: &[Key], table: &Table, name: &str, line: &str) -> String {
        let mut keys: Vec<(usize, usize, usize)> = table
            .iter()
            .filter_map(|(key, item)| {
                let value = item.as_value()?.span()?;
                let start = table.key(key)?.span()?.start;
                Some((start, value.end, rank(key)))
            })
            .collect();
        keys.sort_unstable();
        let before = keys.iter().rev().take_while(|(_, _, of)| *of > rank(name)).last();
        if let Some((start, ..)) = before {
            let at = self.with_comments(self.line_start(*start));
            return self.replaced(at..at, line);
        }
        if let Some((_, end, _)) = keys.last() {
            return self.line_after(*end, line);
        }
        match self.header(path) {
            Some(header) => self.line_after(header.start, line),
            // The root table has no key yet: the line goes before the first header.
            None => {
                let at = self
                    .headers
                    .first()
                    .map_or(self.text.len(), |first| self.with_comments(first.start));
                let gap = if at < self.text.len() { "\n" } else { "" };
                // A comment may end the text without ending its line.
                let ends = self.text[..at].is_empty() || self.text[..at].ends_with('\n');
                let start = if ends { "" } else { "\n" };
                self.replaced(at..at, &format!("{start}{line}{gap}"))
            }
        }
    }

    /// Inserts a line after the line of byte `at`.
    fn line_after(&self, at: usize, line: &str) -> String {
        match self.text[at..].find('\n') {
            Some(end) => self.replaced(at + end + 1..at + end + 1, line),
            None => format!("{}\n{line}", self.text),
        }
    }

    fn insert(&self, path: &[Key], at: usize, value: &Json) -> Edited {
        if let Some(Value::Array(old)) = self.item(path).and_then(|found| found.value()) {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            put(&mut new, at.min(old.len()), plain(value)?);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        if !value.is_object() {
            // The value is the first of a new plain array.
            return match self.item(path) {
                None => self.set(path, &Json::Array(vec![value.clone()])),
                Some(_) => Err(FormError::Path),
            };
        }
        let names = names(path);
        let mut block = String::new();
        table_block(&names, value, &mut block)?;
        self.put_block(path, at, block.trim_end())
    }

    /// Inserts the text of a table and its subtables into an array of tables.
    fn put_block(&self, path: &[Key], at: usize, block: &str) -> Edited {
        let slots = self.slots(path);
        if let Some(slot) = slots.get(at) {
            return Ok(self.replaced(slot.start..slot.start, &format!("{block}\n\n")));
        }
        if let Some(slot) = slots.last() {
            return Ok(self.replaced(slot.end..slot.end, &format!("\n\n{block}")));
        }
        if self.item(path).is_some() {
            return Err(FormError::Path);
        }
        let (_, above) = path.split_last().ok_or(FormError::Path)?;
        if !above.is_empty() {
            self.item(above).ok_or(FormError::Path)?;
            let end = self.slot(above).ok_or(FormError::Path)?.end;
            return Ok(self.replaced(end..end, &format!("\n\n{block}")));
        }
        // Articles outside any section come before the sections, as in print.
        let sections = Key::from("sections");
        let first = self.headers.iter().find(|header| header.path.first() == Some(&sections));
        match first.filter(|_| path != [sections.clone()]) {
            Some(first) => {
                let at = self.with_comments(first.start);
                Ok(self.replaced(at..at, &format!("{block}\n\n")))
            }
            None => Ok(self.appended(block)),
        }
    }

    /// Appends a block to the text.
    fn appended(&self, block: &str) -> String {
        let text = self.text.trim_end();
        let gap = if text.is_empty() { "" } else { "\n\n" };
        format!("{text}{gap}{block}\n")
    }

    fn remove(&self, path: &[Key]) -> Edited {
        self.item(path).ok_or(FormError::Path)?;
        self.take_away(path)
    }

    fn take_away(&self, path: &[Key]) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        if let Key::Index(index) = key
            && let Some(Value::Array(old)) = self.item(above).and_then(|found| found.value())
        {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            take(&mut new, *index);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        let found = self.item(path).ok_or(FormError::Path)?;
        if found.value().is_none() {
            let slot = self.slot(path).ok_or(FormError::Path)?;
            let after = slot.end + blank(&self.text[slot.end..]);
            if after < self.text.len() {
                return Ok(self.replaced(slot.start..after, ""));
            }
            let before = self.text[..slot.start].trim_end().len();
            let end = if before == 0 { "" } else { "\n" };
            return Ok(self.replaced(before..after, end));
        }
        match self.item(above) {
            Some(Found::Item(Item::Table(table)) | Found::Table(table)) => {
                let Key::Name(name) = key else { return Err(FormError::Path) };
                let start = table.key(name).and_then(TomlKey::span).ok_or(FormError::Path)?.start;
                let end = found.value().and_then(Value::span).ok_or(FormError::Path)?.end;
                let start = self.line_start(start);
                let end = self.text[end..].find('\n').map_or(self.text.len(), |at| end + at + 1);
                Ok(self.replaced(start..end, ""))
            }
            Some(above) => {
                let Some(Value::InlineTable(table)) = above.value() else {
                    return Err(FormError::Path);
                };
                let Key::Name(name) = key else { return Err(FormError::Path) };
                let range = table.span().ok_or(FormError::Path)?;
                let mut table = self.inline(range.clone())?;
                table.remove(name);
                table.fmt();
                Ok(self.replaced(range, table.to_string().trim()))
            }
            None => Err(FormError::Path),
        }
    }

    fn shift(&self, path: &[Key], to: &Target) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        let Key::Index(from) = key else { return Err(FormError::Path) };
        self.item(path).ok_or(FormError::Path)?;
        let to = match to {
            Target::At(to) => *to,
            Target::Path(target) => {
                let (Key::Index(to), array) = target.split_last().ok_or(FormError::Path)? else {
                    return Err(FormError::Path);
                };
                if array != above {
                    return self.shift_to(path, array, *to);
                }
                *to
            }
        };
        if let Some(Value::Array(old)) = self.item(above).and_then(|found| found.value()) {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            let value = take(&mut new, *from);
            let to = to.min(new.len());
            put(&mut new, to, value);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        // Only the texts of the tables change places; comments between them stay.
        let slots = self.slots(above);
        let mut texts: Vec<&str> = slots.iter().map(|slot| &self.text[slot.clone()]).collect();
        let moved = texts.remove(*from);
        texts.insert(to.min(texts.len()), moved);
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (slot, own) in slots.iter().zip(texts) {
            text.push_str(&self.text[at..slot.start]);
            text.push_str(own);
            at = slot.end;
        }
        text.push_str(&self.text[at..]);
        Ok(text)
    }

    /// Moves a table into another array, and renames its headers accordingly.
    fn shift_to(&self, path: &[Key], array: &[Key], to: usize) -> Edited {
        let slot = self.slot(path).ok_or(FormError::Path)?;
        let (old, new) = (names(path), names(array));
        if old.last() != new.last() {
            return Err(FormError::Path);
        }
        let mut block = String::new();
        let mut at = slot.start;
        for header in self.headers.iter().filter(|header| header.path.starts_with(path)) {
            let line_end =
                self.text[header.start..].find('\n').map_or(self.text.len(), |n| header.start + n);
            let line = &self.text[header.start..line_end];
            let (open, close) =
                if line.trim_start().starts_with("[[") { ("[[", "]]") } else { ("[", "]") };
            let rest = line.split_once(close).map_or("", |(_, rest)| rest);
            block.push_str(&self.text[at..header.start]);
            let own: Vec<&str> =
                new.iter().copied().chain(names(&header.path).split_off(old.len())).collect();
            block.push_str(&format!("{open}{}{close}{rest}", own.join(".")));
            at = line_end;
        }
        block.push_str(&self.text[at..slot.end]);
        // The target is looked up after the removal, which shifts the text after the table.
        let without = self.take_away(path)?;
        Form::new(&without)?.put_block(array, to, &block)
    }

    fn duplicate(&self, path: &[Key]) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        let Key::Index(index) = key else { return Err(FormError::Path) };
        self.item(path).ok_or(FormError::Path)?;
        if let Some(Value::Array(old)) = self.item(above).and_then(|found| found.value()) {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            let copy = new.get(*index).cloned().ok_or(FormError::Path)?;
            put(&mut new, index + 1, copy);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        let slot = self.slot(path).ok_or(FormError::Path)?;
        let block = self.text[slot.clone()].to_string();
        Ok(self.replaced(slot.end..slot.end, &format!("\n\n{block}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::form::tests::{ISSUE, applied, changes, keys, set};
    use crate::issue::form::value;

    #[test]
    fn a_value_is_changed_and_nothing_else() {
        changes(set("number", 12), "number = 1 #", "number = 12 #");
        changes(set("date", "2026-02-01"), "2026-01-05", "2026-02-01");
        changes(set("sections.0.name", "新\"闻"), "\"动态\"", "'新\"闻'");
        changes(
            set("sections.0.articles.0.body", "新\n段"),
            "'''\n一段\n# 不是注释\n[[sections]]\n'''",
            "'''\n新\n段\n'''",
        );
        changes(set("sections.1.articles.0.body", "三\n四"), "\"三段\"", "'''\n三\n四\n'''");
        changes(set("imprint.report_to.1", "丙部"), "\"乙部\"", "\"丙部\"");
    }

    #[test]
    fn a_key_is_added_where_it_belongs_and_taken_away_alone() {
        changes(set("serial_number", 3), "# 期号\n", "# 期号\nserial_number = 3\n");
        changes(
            set("sections.0.articles.1.source", "某"),
            "title = \"乙\"\n",
            "title = \"乙\"\nsource = \"某\"\n",
        );
        changes(set("sections.0.articles.0.source", Json::Null), "source = '来源' # 出处\n", "");
        changes(set("imprint.editor", "李"), "\"乙部\",\n]\n", "\"乙部\",\n]\neditor = \"李\"\n");
        let text = applied("number = 1\n", set("imprint.editor", "李"));
        assert_eq!(text, "number = 1\n\n[imprint]\neditor = \"李\"\n");
        let text = applied("", set("number", 1));
        assert_eq!(text, "number = 1\n");
    }

    #[test]
    fn articles_move_with_their_comments() {
        let first = "# 第一篇\n[[sections.articles]]\ntitle = '甲'\nsource = '来源' # 出处\nbody = '''\n一段\n# 不是注释\n[[sections]]\n'''";
        let second = "[[sections.articles]]\n# 标题上\ntitle = \"乙\"\nbody = '''\n二段\n'''";
        let swapped =
            ISSUE.replacen(&format!("{first}\n\n{second}"), &format!("{second}\n\n{first}"), 1);
        let op = |from: &str, to| Op::Move { path: keys(from), to: Target::At(to) };
        assert_eq!(applied(ISSUE, op("sections.0.articles.0", 1)), swapped);
        assert_eq!(applied(&swapped, op("sections.0.articles.1", 0)), ISSUE);
        let moved = applied(ISSUE, op("sections.1", 0));
        let names = &value(&moved).expect("TOML")["sections"];
        assert_eq!((&names[0]["name"], &names[1]["name"]), (&"交流".into(), &"动态".into()));
        assert_eq!(names[1]["articles"][0]["title"], "甲");
        assert!(moved.contains("# 第一栏\n[[sections]]\nname = \"动态\" # 栏名"));
        // Into another section, and out of all sections.
        let target = Target::Path(keys("sections.1.articles.0"));
        let moved = applied(ISSUE, Op::Move { path: keys("sections.0.articles.0"), to: target });
        let sections = value(&moved).expect("TOML");
        assert_eq!(sections["sections"][1]["articles"][0]["title"], "甲");
        assert_eq!(sections["sections"][1]["articles"][1]["title"], "丙");
        assert!(moved.contains(first) && moved.contains("# 版记\n[imprint]"));
        let target = Target::Path(keys("articles.0"));
        let moved = applied(ISSUE, Op::Move { path: keys("sections.0.articles.1"), to: target });
        assert_eq!(value(&moved).expect("TOML")["articles"][0]["title"], "乙");
        assert!(moved.contains("[[articles]]\n# 标题上"));
    }

    #[test]
    fn articles_come_and_go() {
        let article = serde_json::json!({ "body": "文", "title": "丁", "attachments": [{ "title": "件", "body": "b" }] });
        let block = "[[sections.articles]]\ntitle = \"丁\"\nbody = '''\n文\n'''\n\n[[sections.articles.attachments]]\ntitle = \"件\"\nbody = '''\nb\n'''";
        let insert =
            |at| Op::Insert { path: keys("sections.0.articles"), at, value: article.clone() };
        changes(insert(0), "# 第一篇\n", &format!("{block}\n\n# 第一篇\n"));
        changes(insert(9), "二段\n'''\n", &format!("二段\n'''\n\n{block}\n"));
        let back =
            applied(&applied(ISSUE, insert(1)), Op::Remove { path: keys("sections.0.articles.1") });
        assert_eq!(back, ISSUE);
        let twice = applied(ISSUE, Op::Duplicate { path: keys("sections.0.articles.0") });
        assert_eq!(twice.matches("# 第一篇").count(), 2);
        assert_eq!(applied(&twice, Op::Remove { path: keys("sections.0.articles.1") }), ISSUE);
        // Comments after an article and a blank line are not part of the article.
        let apart = "number = 1\n\n[[articles]]\ntitle = \"甲\"\nbody = \"\"\n\n# 待办\n# 未定\n";
        let gone = applied(apart, Op::Remove { path: keys("articles.0") });
        assert_eq!(gone, "number = 1\n\n# 待办\n# 未定\n");
        let loose = Op::Insert {
            path: keys("articles"),
            at: 0,
            value: serde_json::json!({ "title": "零", "body": "" }),
        };
        changes(loose, "# 第一栏\n", "[[articles]]\ntitle = \"零\"\nbody = '''\n'''\n\n# 第一栏\n");
        let none = applied(
            "number = 1\n\n[[articles]]\ntitle = \"甲\"\nbody = \"\"\n",
            Op::Remove { path: keys("articles.0") },
        );
        assert_eq!(none, "number = 1\n");
    }
}
