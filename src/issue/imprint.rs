//! The imprint (版记): as written, as checked, and the table of its lists and people.
//!
//! A new list needs a field of [`RawImprint`] and a row of [`LISTS`], a new person or contact a
//! field and a row of [`STAFF`]. Reading, checking, printing and importing all use these tables.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::diag::Spanned;

/// The imprint (版记): who gets the issue, and who made it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawImprint {
    /// 报: superiors, in order of precedence.
    pub report_to: Option<Vec<Spanned<String>>>,
    /// 送: equals.
    pub send_to: Option<Vec<Spanned<String>>>,
    /// 发: subordinates.
    pub distribute_to: Option<Vec<Spanned<String>>>,
    /// 本期增发: those who get this issue besides.
    pub also_to: Option<Vec<Spanned<String>>>,
    /// The number of copies, printed 共印×份.
    #[schemars(range(min = 1, max = 999999))]
    pub print_run: Option<Spanned<u32>>,
    /// 责任编辑.
    pub editor: Option<Spanned<String>>,
    /// 审核.
    pub reviewer: Option<Spanned<String>>,
    /// 签发.
    pub approved_by: Option<Spanned<String>>,
    /// 电话.
    pub phone: Option<Spanned<String>>,
    /// 邮箱.
    pub email: Option<Spanned<String>>,
}

/// A list of units in the imprint.
#[derive(Debug)]
pub struct List {
    /// Its key in the TOML.
    pub key: &'static str,
    /// The label that is printed before it.
    pub label: &'static str,
    /// Its name in `required_lists`; `None` for 本期增发, which belongs to a single issue.
    pub required: Option<ImprintList>,
    /// Its units in an imprint; `None` where the imprint lacks the list.
    pub of: fn(&RawImprint) -> Option<&[Spanned<String>]>,
}

/// A person or a contact in the imprint.
#[derive(Debug)]
pub struct Field {
    /// Its key in the TOML.
    pub key: &'static str,
    /// The label that is printed before it.
    pub label: &'static str,
    /// Its text in an imprint; `None` where the imprint lacks it.
    pub of: fn(&RawImprint) -> Option<&Spanned<String>>,
}

/// The lists in the order in which they are printed.
#[rustfmt::skip]
pub static LISTS: [List; 4] = [
    List { key: "report_to", label: "报", required: Some(ImprintList::ReportTo), of: |raw| raw.report_to.as_deref() },
    List { key: "send_to", label: "送", required: Some(ImprintList::SendTo), of: |raw| raw.send_to.as_deref() },
    List { key: "distribute_to", label: "发", required: Some(ImprintList::DistributeTo), of: |raw| raw.distribute_to.as_deref() },
    List { key: "also_to", label: "本期增发", required: None, of: |raw| raw.also_to.as_deref() },
];

/// The people and contacts in the order in which they are printed.
#[rustfmt::skip]
pub static STAFF: [Field; 5] = [
    Field { key: "editor", label: "责任编辑", of: |raw| raw.editor.as_ref() },
    Field { key: "reviewer", label: "审核", of: |raw| raw.reviewer.as_ref() },
    Field { key: "approved_by", label: "签发", of: |raw| raw.approved_by.as_ref() },
    Field { key: "phone", label: "电话", of: |raw| raw.phone.as_ref() },
    Field { key: "email", label: "邮箱", of: |raw| raw.email.as_ref() },
];

/// A list of the imprint (版记).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ImprintList {
    /// 报.
    ReportTo,
    /// 送.
    SendTo,
    /// 发.
    DistributeTo,
}

impl RawImprint {
    /// The lists that are present.
    pub fn lists(&self) -> impl Iterator<Item = (&'static List, &[Spanned<String>])> {
        LISTS.iter().filter_map(|list| Some((list, (list.of)(self)?)))
    }

    /// The people and contacts that are present.
    pub fn staff(&self) -> impl Iterator<Item = (&'static Field, &Spanned<String>)> {
        STAFF.iter().filter_map(|field| Some((field, (field.of)(self)?)))
    }

    /// Every text of the imprint.
    pub fn texts(&self) -> impl Iterator<Item = &Spanned<String>> {
        let units = self.lists().flat_map(|(_, units)| units);
        units.chain(self.staff().map(|(_, text)| text))
    }

    /// This issue's imprint laid over the publication's.
    pub fn over<'a>(&'a self, standing: &'a RawImprint) -> Over<'a> {
        Over { own: self, standing }
    }
}

/// Where a part of an issue's imprint is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the issue.
    Issue,
    /// In the publication, because the issue lacks the part.
    Publication,
}

/// An issue's imprint laid over the publication's. A part that the issue writes, even an empty
/// one, replaces the publication's.
#[derive(Debug, Clone, Copy)]
pub struct Over<'a> {
    own: &'a RawImprint,
    standing: &'a RawImprint,
}

impl<'a> Over<'a> {
    /// The lists present in either imprint.
    pub fn lists(self) -> impl Iterator<Item = (&'static List, Origin, &'a [Spanned<String>])> {
        LISTS.iter().filter_map(move |list| {
            let (origin, units) = self.either(list.of)?;
            Some((list, origin, units))
        })
    }

    /// The units of a list.
    pub fn units(self, list: &List) -> &'a [Spanned<String>] {
        self.either(list.of).map_or(&[], |(_, units)| units)
    }

    /// The people and contacts present in either imprint.
    pub fn staff(self) -> impl Iterator<Item = (&'static Field, Origin, &'a Spanned<String>)> {
        STAFF.iter().filter_map(move |field| {
            let (origin, text) = self.either(field.of)?;
            Some((field, origin, text))
        })
    }

    /// The number of copies.
    pub fn print_run(self) -> Option<(Origin, &'a Spanned<u32>)> {
        self.either(|raw| raw.print_run.as_ref())
    }

    fn either<T>(self, of: impl Fn(&'a RawImprint) -> Option<T>) -> Option<(Origin, T)> {
        let own = of(self.own).map(|part| (Origin::Issue, part));
        own.or_else(|| Some((Origin::Publication, of(self.standing)?)))
    }
}

/// The imprint (版记), checked: only its printed parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imprint {
    /// The lists that have units (报, 送, 发, 本期增发), each with its printed label.
    pub lists: Vec<(&'static str, Vec<String>)>,
    /// 共印×份.
    pub print_run: Option<u32>,
    /// The people and contacts, each with its printed label (责任编辑, 审核, 签发, 电话, 邮箱).
    pub staff: Vec<(&'static str, String)>,
}

impl From<Over<'_>> for Imprint {
    fn from(over: Over<'_>) -> Self {
        let text = |text: &Spanned<String>| text.value.trim().to_string();
        let lists = over.lists().filter(|(_, _, units)| !units.is_empty());
        let staff = over.staff().map(|(field, _, value)| (field.label, text(value)));
        Imprint {
            lists: lists
                .map(|(list, _, units)| (list.label, units.iter().map(text).collect()))
                .collect(),
            print_run: over.print_run().map(|(_, copies)| copies.value),
            staff: staff.filter(|(_, text)| !text.is_empty()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_of_an_imprint_is_in_a_table() {
        let schema = crate::source::read::schema::<RawImprint>();
        let keys = schema["properties"].as_object().expect("keys").keys().map(String::as_str);
        let keys: BTreeSet<&str> = keys.filter(|key| *key != "print_run").collect();
        let lists = LISTS.iter().map(|list| list.key);
        assert_eq!(lists.chain(STAFF.iter().map(|field| field.key)).collect::<BTreeSet<_>>(), keys);
    }

    #[test]
    fn an_empty_part_of_the_issue_stands_over_the_publications() {
        let read = |toml: &str| toml::from_str::<RawImprint>(toml).expect("an imprint");
        let standing = read("report_to = ['甲']\nsend_to = ['乙']\neditor = '丙'\nprint_run = 3");
        let own = read("report_to = []\nalso_to = ['丁']\neditor = ''");
        let over = own.over(&standing);
        let lists: Vec<_> =
            over.lists().map(|(list, from, all)| (list.key, from, all.len())).collect();
        let (issue, publication) = (Origin::Issue, Origin::Publication);
        let expected =
            [("report_to", issue, 0), ("send_to", publication, 1), ("also_to", issue, 1)];
        assert_eq!(lists, expected);
        assert_eq!(over.print_run().map(|(from, run)| (from, run.value)), Some((publication, 3)));
        let imprint = Imprint::from(over);
        assert_eq!(imprint.lists, [("送", vec!["乙".into()]), ("本期增发", vec!["丁".into()])]);
        assert_eq!(imprint.staff, []);
    }
}
