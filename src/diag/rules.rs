//! A finding's code → its rule: level, strength and clause, from the one table of all rules; the
//! words are in the catalogue.
//!
//! A rule's id is its code's. A publication sets each rule to `error`, `warning`, `advice`
//! or `off` in its `[rules]`; rules without which an issue cannot be typeset are fixed.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nearest::nearest;
use super::{Code, Diagnostic, Severity, SourceFile, Span, Spanned};

/// The subject that a rule checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The parts of an issue.
    Structure,
    /// The run of a publication: each issue compared with its neighbours.
    Run,
    /// The imprint (版记).
    Imprint,
    /// The text.
    Text,
    /// Characters and the faces that have them.
    Glyphs,
    /// Pictures.
    Pictures,
    /// The laid-out pages; measured by `build` and by `check --pages`.
    Layout,
    /// What an issue says and its laid-out pages do not show.
    Account,
}

impl Group {
    /// The name in JSON and the catalogue (`group-…`).
    pub fn name(self) -> &'static str {
        match self {
            Group::Structure => "structure",
            Group::Run => "run",
            Group::Imprint => "imprint",
            Group::Text => "text",
            Group::Glyphs => "glyphs",
            Group::Pictures => "pictures",
            Group::Layout => "layout",
            Group::Account => "account",
        }
    }
}

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// 规定: the standard demands it.
    Must,
    /// 一般: the standard's usual case.
    Usual,
    /// 推荐: the standard advises it.
    Advised,
    /// 实务: practice; no clause says so.
    Practice,
}

impl Strength {
    /// The name in JSON and the catalogue (`strength-…`).
    pub fn name(self) -> &'static str {
        match self {
            Strength::Must => "must",
            Strength::Usual => "usual",
            Strength::Advised => "advised",
            Strength::Practice => "practice",
        }
    }
}

/// How a publication may set a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Level {
    /// The issue is not built.
    Error,
    /// Somebody should look.
    Warning,
    /// It may well be meant so.
    Advice,
    /// Not looked at.
    Off,
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Level::Error => Some(Severity::Error),
            Level::Warning => Some(Severity::Warning),
            Level::Advice => Some(Severity::Advice),
            Level::Off => None,
        }
    }
}

/// A clause of a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// The standard: `GB/T 15834—2011`.
    pub standard: &'static str,
    /// The clause's number in it.
    pub number: &'static str,
}

impl std::fmt::Display for Clause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.standard, self.number)
    }
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its id, and the code of its findings.
    pub code: Code,
    /// The group that the rule belongs to.
    pub group: Group,
    /// The severity of a finding unless the publication sets another.
    pub severity: Severity,
    /// Whether publications cannot change the rule.
    pub fixed: bool,
    /// How binding the rule is.
    pub strength: Strength,
    /// Its clause; `None` for practice.
    pub clause: Option<Clause>,
}

const OFFICIAL: &str = "GB/T 9704—2012";
const PUNCTUATION: &str = "GB/T 15834—2011";
const NUMERALS: &str = "GB/T 15835—2011";

macro_rules! rules {
    ($($code:ident $group:ident $severity:ident $fixed:literal $strength:ident $($standard:ident $clause:literal)?;)*) => {
        /// Every rule, group by group.
        const RULES: &[Rule] = &[$(Rule {
            code: Code::$code,
            group: Group::$group,
            severity: Severity::$severity,
            fixed: $fixed,
            strength: Strength::$strength,
            clause: rules!(@ $($standard $clause)?),
        },)*];
    };
    (@) => { None };
    (@ $standard:ident $clause:literal) => {
        Some(Clause { standard: $standard, number: $clause })
    };
}

rules! {
    KeyMissing Structure Error true Practice;
    ValueEmpty Structure Error true Practice;
    NumberOrSupplement Structure Error true Practice;
    IssueWithoutArticles Structure Error true Practice;
    SectionWithoutArticles Structure Error false Practice;
    ArticleWithoutBody Structure Error true Practice;
    TitleRepeated Structure Warning false Practice;
    ContentsEntry Structure Warning false Practice;
    LabelRepeated Structure Warning false Practice;
    CopyNumber Structure Error false Practice;
    TableRagged Structure Error true Practice;
    MarkUnclosed Structure Warning false Practice;
    MarkNested Structure Warning false Practice;
    FileNameDisagrees Run Warning false Practice;
    NumberGap Run Warning false Practice;
    NumberRepeated Run Warning false Practice;
    SerialNumber Run Warning false Practice;
    DateOrder Run Warning false Practice;
    ImprintListMissing Imprint Error false Practice;
    UnitRepeated Imprint Warning false Practice;
    PrintRun Imprint Warning false Practice;
    HalfWidthMark Text Warning false Must PUNCTUATION "5.1";
    MarksUnbalanced Text Warning false Must PUNCTUATION "5.1.3";
    QuoteSeparator Text Advice false Usual PUNCTUATION "4.5.3.5";
    RangeDash Text Warning false Must PUNCTUATION "4.13.3";
    RangeDashMixed Text Advice false Practice;
    RangeUnit Text Warning false Must NUMERALS "5.1.3";
    FullWidthDigit Text Warning false Usual NUMERALS "5.1.7";
    NumberWithGe Text Advice false Practice;
    DateImpossible Text Warning false Practice;
    WeekdayWrong Text Warning false Practice;
    RelativeDate Text Warning false Practice;
    WordWrong Text Warning false Practice;
    NameVariant Text Warning false Practice;
    TrailingBlank Text Advice false Practice;
    GlyphMissing Glyphs Error true Practice;
    GlyphStandIn Glyphs Advice false Practice;
    ControlCharacter Glyphs Error true Practice;
    PrivateUseCharacter Glyphs Error true Practice;
    CompatibilityCharacter Glyphs Warning false Practice;
    PictureMissing Pictures Error true Practice;
    PictureOutside Pictures Error true Practice;
    PictureFormat Pictures Error true Practice;
    PictureCorrupt Pictures Error true Practice;
    PictureTooLarge Pictures Error true Practice;
    PictureAnimated Pictures Error true Practice;
    PictureCmyk Pictures Error true Practice;
    PictureWithoutAlt Pictures Error true Practice;
    // A page that breaks a clause yields a warning at most: the layout is at fault, and an editor
    // cannot correct the page.
    TypeArea Layout Warning false Must OFFICIAL "5.2.1";
    BaselineGrid Layout Warning false Usual OFFICIAL "5.2.3";
    CharactersPerLine Layout Warning false Usual OFFICIAL "5.2.3";
    Overlap Layout Advice false Practice;
    MastheadRule Layout Warning false Must OFFICIAL "7.2.7";
    MastheadHeight Layout Advice false Practice;
    ImprintPlace Layout Warning false Must OFFICIAL "7.4.1";
    ImprintRule Layout Warning false Must OFFICIAL "7.4.1";
    PageNumber Layout Warning false Must OFFICIAL "7.5";
    LoneCharacter Layout Advice false Practice;
    MarkAtEdge Layout Advice false Practice;
    HeadingAtFoot Layout Advice false Practice;
    TitleShape Layout Warning false Must OFFICIAL "7.3.1";
    ColumnsUneven Layout Advice false Practice;
    CopyFitted Layout Advice false Practice;
    ImprintAlone Layout Advice false Practice;
    FewLinesBeforeImprint Layout Advice false Practice;
    PageHole Layout Advice false Practice;
    FrontWithoutText Layout Advice false Practice;
    MastheadType Layout Advice false Practice;
    MastheadName Layout Advice false Practice;
    WordBroken Layout Advice false Practice;
    FigureAtRule Layout Advice false Practice;
    LineSpread Layout Advice false Practice;
    LooseLine Layout Advice false Practice;
    TableOrder Layout Advice false Practice;
    TooNear Layout Advice false Practice;
    TitleCut Layout Advice false Practice;
    // A reader of these pages would not get what the issue says.
    TextMissing Account Error false Practice;
    PictureNotShown Account Error false Practice;
    TextAdded Account Error false Practice;
    TextDisordered Account Error false Practice;
    TextTwice Account Warning false Practice;
    OffSheet Account Error false Practice;
    ImprintTooLong Account Error false Must OFFICIAL "7.4.1";
    TextOverlap Account Error false Practice;
}

/// Every rule: first the rules of the data, then the rules of the pages.
pub fn all() -> impl Iterator<Item = Rule> {
    RULES.iter().copied()
}

/// The rule with this code; `None` for a code that is not a rule's.
pub fn of(code: Code) -> Option<Rule> {
    all().find(|rule| rule.code == code)
}

/// The levels that one publication's `[rules]` sets.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    set: BTreeMap<Code, Level>,
}

impl Levels {
    /// Reads a publication's `[rules]`; an entry for a rule that is unknown or fixed is reported.
    pub fn new(
        raw: &BTreeMap<Spanned<String>, Level>,
        file: &Arc<SourceFile>,
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut set = BTreeMap::new();
        for (id, level) in raw {
            let span = Span::new(file, id.range.clone());
            match all().find(|rule| rule.code.id() == id.value) {
                Some(rule) if rule.fixed => {
                    found.push(Diagnostic::error(Code::RuleFixed, span).arg("rule", &id.value));
                }
                Some(rule) => {
                    set.insert(rule.code, *level);
                }
                None => {
                    let known: Vec<&str> = all().map(|rule| rule.code.id()).collect();
                    let mut unknown =
                        Diagnostic::error(Code::RuleUnknown, span).arg("rule", &id.value);
                    if let Some(near) = nearest(&id.value, &known) {
                        unknown = unknown.arg("nearest", near).hint("nearest");
                    }
                    found.push(unknown);
                }
            }
        }
        Levels { set }
    }

    /// Gives each finding the severity of its rule, and drops the findings of rules that are off.
    pub fn apply(&self, found: &mut Vec<Diagnostic>) {
        found.retain_mut(|diagnostic| {
            let level = match self.set.get(&diagnostic.code) {
                Some(level) => level.severity(),
                None => of(diagnostic.code).map(|rule| rule.severity).or(Some(diagnostic.severity)),
            };
            level.inspect(|&severity| diagnostic.severity = severity).is_some()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_distinct() {
        let ids: BTreeSet<&str> = all().map(|rule| rule.code.id()).collect();
        assert_eq!(ids.len(), all().count());
    }

    #[test]
    fn practice_is_never_called_a_clause() {
        for rule in all() {
            let practice = rule.strength == Strength::Practice;
            assert_eq!(rule.clause.is_none(), practice, "{}", rule.code.id());
        }
    }

    #[test]
    fn a_page_is_warned_of_by_a_clause_and_advised_on_by_practice() {
        for rule in all().filter(|rule| rule.group == Group::Layout) {
            let severity = match rule.strength {
                Strength::Must | Strength::Usual => Severity::Warning,
                Strength::Advised | Strength::Practice => Severity::Advice,
            };
            assert_eq!(rule.severity, severity, "{}", rule.code.id());
        }
    }

    #[test]
    fn what_is_fixed_is_an_error() {
        assert!(all().filter(|rule| rule.fixed).all(|rule| rule.severity == Severity::Error));
    }
}
