//! Lines of a masthead (报头) → its texts and values, as far as the source states them.

pub mod parts;

use crate::import::code::{FurnitureKind, RemarkCode};
use crate::import::facts::Facts;
use crate::import::key::Key;
use crate::import::ledger::{Fate, Ledger};
use crate::import::line::{append, squeeze};
use crate::import::vocabulary::{ends_as_issuer, is_bulletin_name, is_unit, without_spacing};
use crate::issue::{Date, Number};
use parts::{Fact, Part, parts};

/// The masthead as the source states it.
#[derive(Debug, Clone, Default)]
pub struct Masthead {
    /// The number, if the source has one.
    pub number: Option<Number>,
    /// The year that stood beside the number.
    pub year: Option<u16>,
    /// The cumulative number.
    pub serial: Option<u32>,
    /// The date; a day or month that the source does not state is 0.
    pub date: Option<Date>,
    /// The label beside the number.
    pub label: Option<String>,
    /// The line above the name, where it differs from the publication's.
    pub meeting: Option<String>,
    /// The issuer, where it differs from the publication's.
    pub issuer: Option<String>,
    /// The line at the top left, where it differs from the publication's.
    pub notice: Option<String>,
    /// Level and period of the classification.
    pub classification: Option<(&'static str, Option<String>)>,
    /// The urgency.
    pub urgency: Option<&'static str>,
    /// Whether a name of a bulletin has been read.
    named: bool,
}

/// A value that a person should check: the code of a remark and its detail.
type Doubt = (RemarkCode, String);

impl Masthead {
    /// Reads line `at`.
    pub fn read(
        &mut self,
        at: usize,
        text: &str,
        facts: &Facts,
        ledger: &mut Ledger,
    ) -> Vec<Doubt> {
        let parts = parts(text);
        let dated = parts.iter().any(|part| matches!(part.fact, Some(Fact::Date(_))));
        let mut doubts = Vec::new();
        for part in &parts {
            doubts.extend(match part.fact {
                Some(Fact::Text(_)) => self.text(at, part, dated, facts, ledger),
                _ => self.state(at, part, facts, ledger),
            });
        }
        doubts
    }

    /// Takes a value that a part of line `at` states; the first value of each kind counts.
    pub fn state(
        &mut self,
        at: usize,
        part: &Part,
        facts: &Facts,
        ledger: &mut Ledger,
    ) -> Option<Doubt> {
        let text = &part.text;
        let agrees = match &part.fact {
            None => {
                ledger.book(at, text, Fate::Mark);
                return None;
            }
            Some(Fact::Number(number, year)) => {
                self.year = self.year.or(*year);
                *self.number.get_or_insert(*number) == *number
            }
            Some(Fact::Serial(n)) => *self.serial.get_or_insert(*n) == *n,
            Some(Fact::Date(date)) => {
                if self.date.is_none_or(|known| known.day == 0 && known.month == date.month) {
                    self.date = Some(*date);
                }
                self.date == Some(*date) || date.day == 0
            }
            Some(Fact::Classification(level, period)) => {
                self.classification.get_or_insert((level, period.clone())).0 == *level
            }
            Some(Fact::Urgency(urgency)) => *self.urgency.get_or_insert(urgency) == *urgency,
            Some(Fact::Label(label)) if self.label.is_none() => {
                self.label = Some(label.clone());
                let (before, after) = text.split_once(label.as_str()).unwrap_or(("", ""));
                ledger.book(at, before, Fate::Mark);
                ledger.book(at, label, Fate::Kept(Key::Label));
                ledger.book(at, after, Fate::Mark);
                return None;
            }
            Some(Fact::Notice(notice)) => {
                if facts.notice.as_deref().map(squeeze) == Some(squeeze(notice)) {
                    ledger.book(at, text, Fate::Repeated(notice.clone()));
                } else {
                    append(&mut self.notice, notice);
                    ledger.book(at, text, Fate::Kept(Key::Notice));
                }
                return None;
            }
            Some(Fact::Label(_) | Fact::Text(_)) => false,
        };
        if agrees {
            ledger.book(at, text, Fate::Value);
            return None;
        }
        ledger.book(at, text, Fate::Furniture(FurnitureKind::SecondValue));
        Some((RemarkCode::Disagrees, text.clone()))
    }

    /// Whether a text repeats what the publication prints in every issue: its name, its
    /// organisation, both together, or its issuer. Such a text is booked as repeated.
    fn repeats(&mut self, at: usize, text: &str, facts: &Facts, ledger: &mut Ledger) -> bool {
        let text = squeeze(text);
        let name = squeeze(&facts.name);
        let organization = facts.organization.as_deref().map(squeeze).unwrap_or_default();
        let issuer = squeeze(&facts.issuer);
        let bare = unquoted(&text);
        let both = format!("{organization}{name}");
        if [&both, &name, &organization].into_iter().any(|known| known == bare) {
            self.named |= bare == name || bare == both;
            let (before, after) = text.split_once(bare).unwrap_or(("", ""));
            ledger.book(at, before, Fate::Furniture(FurnitureKind::Mark));
            ledger.book(at, bare, Fate::Repeated(bare.into()));
            ledger.book(at, after, Fate::Furniture(FurnitureKind::Mark));
        } else if let Some(rest) = text.strip_prefix(&issuer).filter(|rest| {
            !issuer.is_empty()
                && matches!(*rest, "" | "编" | "主办" | "编印" | "编发" | "编辑" | "印发" | "印")
        }) {
            ledger.book(at, &issuer, Fate::Repeated(issuer.clone()));
            ledger.book(at, rest, Fate::Mark);
        } else {
            return false;
        }
        true
    }

    /// Takes a text that states no value. A text that the publication does not print in every
    /// issue is an issuer or the line above the name, depending on its place.
    fn text(
        &mut self,
        at: usize,
        part: &Part,
        dated: bool,
        facts: &Facts,
        ledger: &mut Ledger,
    ) -> Option<Doubt> {
        if self.repeats(at, &part.text, facts, ledger) {
            return None;
        }
        let (text, shown) = (squeeze(&part.text), without_spacing(&part.spaced));
        if text.chars().count() <= 1 || !text.chars().any(char::is_alphabetic) {
            ledger.book(at, &text, Fate::Furniture(FurnitureKind::Mark));
            None
        } else if is_bulletin_name(unquoted(&text)) && !self.named && !dated && !is_unit(&text) {
            // The name belongs to the publication, not to the issue.
            self.named = true;
            ledger.book(at, &text, Fate::Furniture(FurnitureKind::Name));
            Some((RemarkCode::OtherName, shown))
        } else if dated || self.named || self.number.is_some() || ends_as_issuer(&text) {
            append(&mut self.issuer, &shown);
            ledger.book(at, &text, Fate::Kept(Key::Issuer));
            None
        } else {
            append(&mut self.meeting, &shown);
            ledger.book(at, &text, Fate::Kept(Key::Meeting));
            Some((RemarkCode::AboveName, shown))
        }
    }
}

/// A name without the marks around it.
fn unquoted(text: &str) -> &str {
    text.trim_matches(['《', '》', '(', ')', '（', '）', '，', ','])
}
