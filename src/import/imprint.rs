//! Lines of an imprint (版记) → its keys.

use super::key::Key;
use super::ledger::{Fate, Ledger};
use super::line::squeeze;
use super::vocabulary::{is_unit, number, pattern};
use crate::issue::imprint::{LISTS, STAFF};

/// The imprint as the source states it.
#[derive(Debug, Clone, Default)]
pub struct Imprint {
    /// Lists and people by their keys, in the order of the source.
    pub texts: Vec<(&'static str, String)>,
    /// The lists, cut into their units.
    pub lists: Vec<(&'static str, Vec<String>)>,
    /// 共印×份.
    pub print_run: Option<u32>,
    last: Option<&'static str>,
}

/// Labels that sources use where the program prints its own, by the key that they mean.
#[rustfmt::skip]
const OTHER_LABELS: &[(&str, &[&str])] = &[
    ("report_to", &["呈报", "呈送", "呈", "报送", "主送", "抄报", "报告"]),
    ("send_to", &["抄送", "抄", "分送", "印送", "送阅", "送达"]),
    ("distribute_to", &["下发", "印发", "发送", "抄发", "发至", "分发"]),
    ("also_to", &["增发", "本期发送", "本期发"]),
    ("editor", &["本期责任编辑", "责编", "编辑", "本期编辑", "主编", "执行编辑"]),
    ("reviewer", &["编审", "审稿", "审定", "核稿", "复审"]),
    ("approved_by", &["签发人"]),
    ("phone", &["联系电话"]),
    ("email", &["电子邮箱", "电子信箱", "投稿邮箱", "E-mail"]),
];

/// Every label, the key that it means, and whether the program prints the same label.
fn known_labels() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let lists = LISTS.iter().map(|list| (list.label, list.key, true));
    let staff = STAFF.iter().map(|field| (field.label, field.key, true));
    let other = OTHER_LABELS.iter();
    let other =
        other.flat_map(|&(key, labels)| labels.iter().map(move |&label| (label, key, false)));
    lists.chain(staff).chain(other)
}

/// The labels as a pattern. Labels of two characters and 责任编辑 are often spaced out.
fn any_label() -> String {
    let spread = |label: &str| label.chars().count() == 2 || label == "责任编辑";
    let pattern = |(label, ..): (&str, &str, bool)| match spread(label) {
        true => label.chars().map(String::from).collect::<Vec<_>>().join(r"\s*"),
        false => regex::escape(label),
    };
    known_labels().map(pattern).collect::<Vec<_>>().join("|")
}

pattern!(
    LABEL = &format!(
        r"(?:^|[\s\u{{3000}}\u{{a0}}。；;，,）)])(?<label>{})\s*(?<colon>[:：])",
        any_label()
    )
);
pattern!(OTHER = r"(?:^|[\s\u{3000}\u{a0}。；;）)])[\u{4e00}-\u{9fff}]{2,6}\s*[:：]");
pattern!(
    PRINT_RUN = r"[（(]?\s*(?:共\s*印|印\s*数|份\s*数|印)\s*[:：]?\s*(?<n>\d{1,6}|[０-９]{1,6}|[一二三四五六七八九十百千]+)\s*份\s*[)）]?"
);

/// A part of a line of the imprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A label, its colon, and the text up to the next label.
    Labelled(&'a str, &'a str, &'a str),
    /// Text before any label.
    Loose(&'a str),
    /// The number of copies, and the words that state it.
    Copies(&'a str, u32),
}

/// The parts of a line, in order. The number of copies may follow anything, so it is taken out
/// first.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut from = 0;
    for found in PRINT_RUN.captures_iter(text) {
        let whole = found.get(0).expect("the whole match").range();
        let Some(run) = number(&found["n"]).filter(|&n| n > 0) else { continue };
        labelled(&text[from..whole.start], &mut parts);
        from = whole.end;
        parts.push(Part::Copies(&text[whole], run));
    }
    labelled(&text[from..], &mut parts);
    parts
}

/// Cuts a text at its labels.
fn labelled<'a>(text: &'a str, parts: &mut Vec<Part<'a>>) {
    let matches = LABEL.captures_iter(text);
    let labels: Vec<_> = matches.filter_map(|l| l.name("label").zip(l.name("colon"))).collect();
    let start = |at: usize| labels.get(at).map_or(text.len(), |(label, _)| label.start());
    let head = &text[..start(0)];
    if !squeeze(head).is_empty() {
        parts.push(Part::Loose(head));
    }
    for (at, (label, colon)) in labels.iter().enumerate() {
        let words = &text[colon.end()..start(at + 1)];
        parts.push(Part::Labelled(label.as_str(), colon.as_str(), words));
    }
}

impl Imprint {
    /// Takes a text with its label. Returns the label if another will be printed.
    pub fn take(
        &mut self,
        at: usize,
        (label, colon, text): (&str, &str, &str),
        ledger: &mut Ledger,
    ) -> Option<&'static str> {
        let name = squeeze(label);
        let (known, key, own) =
            known_labels().find(|(known, ..)| *known == name).expect("the pattern has no other");
        ledger.book(at, label, Fate::Label(known));
        ledger.book(at, colon, Fate::Mark);
        self.put(at, key, text, ledger);
        (!own).then_some(known)
    }

    /// Takes a text without a label if it continues the list before. Returns whether it does.
    pub fn continues(&mut self, at: usize, text: &str, ledger: &mut Ledger) -> bool {
        let list = self.last.filter(|last| is_list(last) && !OTHER.is_match(text));
        if let Some(list) = list {
            self.put(at, list, text, ledger);
        }
        list.is_some()
    }

    /// Adds a text to a key. The program prints the separators between units itself.
    fn put(&mut self, at: usize, key: &'static str, text: &str, ledger: &mut Ledger) {
        self.last = Some(key);
        let known = self.texts.iter().position(|(known, _)| *known == key);
        let index = known.unwrap_or_else(|| {
            self.texts.push((key, String::new()));
            self.texts.len() - 1
        });
        let value = &mut self.texts[index].1;
        if !is_list(key) {
            // Text with another kind of label stays where it is.
            let text = text.trim();
            if !value.is_empty() && !text.is_empty() {
                value.push('　');
            }
            value.push_str(text);
            return ledger.book(at, text, Fate::Kept(Key::Imprint(key)));
        }
        let trimmed = text.trim();
        let shown = trimmed.trim_end_matches(['。', '.']);
        // No unit is longer; a list may have thousands of them.
        let tail =
            value.char_indices().nth_back(200).map_or(value.as_str(), |(at, _)| &value[at..]);
        let ends_as_unit = tail.rsplit(['，', ',', '、']).next().is_some_and(is_unit);
        if !value.is_empty()
            && !value.ends_with(['，', ',', '、', '；'])
            && ends_as_unit
            && !shown.is_empty()
        {
            value.push('，');
        }
        value.push_str(shown);
        let between = |c: char| matches!(c, '，' | ',');
        let mut from = 0;
        for (index, c) in shown.char_indices().filter(|(_, c)| between(*c)) {
            ledger.book(at, &shown[from..index], Fate::Kept(Key::Imprint(key)));
            from = index + c.len_utf8();
            ledger.book(at, &shown[index..from], Fate::Mark);
        }
        ledger.book(at, &shown[from..], Fate::Kept(Key::Imprint(key)));
        ledger.book(at, &trimmed[shown.len()..], Fate::Mark);
    }

    /// Adds a text without a key after the last name or number. Returns whether there was one.
    pub fn append(&mut self, at: usize, text: &str, ledger: &mut Ledger) -> bool {
        let Some(last) = self.last.filter(|last| !is_list(last)) else { return false };
        self.put(at, last, text, ledger);
        true
    }

    /// Cuts the lists into their units.
    pub fn finish(&mut self) {
        let (lists, texts): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.texts).into_iter().partition(|(key, _)| is_list(key));
        self.texts = texts.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        self.lists = lists.into_iter().map(|(key, text)| (key, units(&text))).collect();
    }
}

/// The units of a list: separated by commas, else by wide blanks.
fn units(text: &str) -> Vec<String> {
    pattern!(BLANKS = r"[\s\u{3000}\u{a0}]*[，,][\s\u{3000}\u{a0}]*|[\u{3000}\u{a0}]+|[ \t]{2,}");
    let whole = BLANKS.split(text).map(str::trim).filter(|unit| !unit.is_empty());
    whole.map(String::from).collect()
}

fn is_list(key: &str) -> bool {
    LISTS.iter().any(|list| list.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Imprint {
        let (mut imprint, mut ledger) = (Imprint::default(), Ledger::default());
        for (at, line) in lines.iter().enumerate() {
            for part in parts(line) {
                match part {
                    Part::Labelled(label, colon, text) => {
                        imprint.take(at, (label, colon, text), &mut ledger);
                    }
                    Part::Loose(text) => assert!(imprint.continues(at, text, &mut ledger)),
                    Part::Copies(_, run) => imprint.print_run = Some(run),
                }
            }
        }
        imprint.finish();
        imprint
    }

    #[test]
    fn lists_are_cut_at_commas_and_go_on_over_lines() {
        let imprint = read(&[
            "报：市委、市政府办公室，市人大",
            "    常委会，市政协",
            "送：各区县　　各部门",
            "（共印120份）",
        ]);
        let expected: [(&str, Vec<String>); 2] = [
            (
                "report_to",
                ["市委、市政府办公室", "市人大常委会", "市政协"].map(String::from).to_vec(),
            ),
            ("send_to", ["各区县", "各部门"].map(String::from).to_vec()),
        ];
        assert_eq!(imprint.lists, expected);
        assert_eq!(imprint.print_run, Some(120));
    }

    #[test]
    fn people_of_one_line_are_told_apart() {
        let imprint = read(&["责任编辑：李某某　　审核：张某　电话：0531-1234567"]);
        let expected = [("editor", "李某某"), ("reviewer", "张某"), ("phone", "0531-1234567")];
        assert_eq!(imprint.texts, expected.map(|(key, text)| (key, text.to_string())));
    }
}
