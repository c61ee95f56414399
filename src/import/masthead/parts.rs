//! A line → the facts that a masthead states (number, date, classification, …), and the text
//! between them.

use crate::import::line::{fold, is_invisible, squeeze};
use crate::import::vocabulary::{number, pattern};
use crate::issue::{Date, Number};

/// A fact that a masthead states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The number of a regular issue or a supplement, and the year that stood with it.
    Number(Number, Option<u16>),
    /// The cumulative number.
    Serial(u32),
    /// A day; 0 for a day or month that the text does not name.
    Date(Date),
    /// A label beside the number.
    Label(String),
    /// The classification: its level and its period.
    Classification(&'static str, Option<String>),
    /// The urgency.
    Urgency(&'static str),
    /// A line at the top left: 内部资料 and the like.
    Notice(String),
    /// Any other text: a name, an issuer.
    Text(String),
}

/// A part of a line, without blanks, and the fact that it states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The text as it stands, without blanks.
    pub text: String,
    /// The same text with its blanks.
    pub spaced: String,
    /// The fact; `None` for brackets and the like around facts.
    pub fact: Option<Fact>,
}

pattern!(
    FACTS = concat!(
        r"(?<serial>[(\[【〔]?(?:总|累计|总字|总编|累)第?(?<s>\d{1,6}|[〇○零一二三四五六七八九十百千]+)[期号]?(?:[(](?<slabel>专刊|特刊)[)])?[)\]】〕]?)",
        r"|(?<supplement>[(\[]?(?:(?<y0>\d{4})年)?增刊[(]?第?(?<p>\d{1,5}|[一二三四五六七八九十]+)?期?[)\]]?|[(\[]?(?:(?<y00>\d{4})年)?第(?<p2>\d{1,4}|[一二三四五六七八九十]+)期?[(]?增刊期?[)\]]?)",
        r"|(?<number>[(\[【〔]?第?(?:(?<y1>\d{4}|[一二][〇○零一二三四五六七八九O0]{3})[-—―]?年?度?[)\]】〕]?)?[,，]?第?(?<n1>\d{1,5}|[〇○零一二三四五六七八九十百]+)期[)\]】〕]?|第(?:(?<y3>\d{4})[-—])?(?<n3>\d{1,5}|[〇○零一二三四五六七八九十百]+)[号周][)\]】〕]?|[(\[【〔](?<y2>\d{4})[)\]】〕]第?(?<n2>\d{1,4})[号期周]?|(?<y4>\d{4})年第(?<n4>\d{1,3})周|第(?<n5>\d{1,3})周)",
        r"|(?<date>(?<y>\d{4}|[一二][〇○零一二三四五六七八九OОＯ0]{3})(?:年|[./\-])(?<m>\d{1,2}|[〇○一二三四五六七八九十]{1,3})(?:月|[./\-])(?:(?<d>\d{1,2}|[〇○零一二三四五六七八九十廿]{1,4})日?)?(?:[(]?(?:星期|周)[一二三四五六日天][)]?)?(?:印发|印制|出版|编印|印|编发)?)",
        r"|(?<class>(?<level>绝密|机密|秘密)(?:[★☆*](?<period>\d+(?:年|个月)|长期)?)?)",
        r"|(?<urgency>特急|加急)",
        r"|(?<label>[(\[【]?(?:专刊|特刊|特辑|专辑|专报|号外|合刊)[)\]】]?)",
        r"|(?<notice>内部(?:资料|刊物|材料|文件|参考|情况|发行|使用)[,，。.·]?(?:注意保存|注意保管|妥善保管|不得外传|请勿外传|严禁外传|免费交流|仅供参考|请注意保存)?|注意保存|妥善保管|(?:编号|份号|No\.?)[:]?\d{1,6})",
    )
);

/// The parts of a line.
pub fn parts(line: &str) -> Vec<Part> {
    let content: Vec<char> = squeeze(line).chars().collect();
    let folded = fold(&content.iter().collect::<String>());
    let spaced = Spaced::new(line);
    let mut parts = Vec::new();
    let mut done = 0;
    let mut push = |from: usize, to: usize, fact: Option<Fact>| {
        if from < to {
            let text: String = content[from..to].iter().collect();
            let spaced = spaced.slice(from, to);
            let fact = fact.or_else(|| {
                text.chars().any(char::is_alphanumeric).then(|| Fact::Text(spaced.clone()))
            });
            parts.push(Part { text, spaced, fact });
        }
    };
    for found in FACTS.captures_iter(&folded) {
        let whole = found.get(0).expect("the whole match");
        let at = |byte: usize| folded[..byte].chars().count();
        let (from, to) = (at(whole.start()), at(whole.end()));
        let get = |name: &str| found.name(name).map(|m| m.as_str());
        let year = |names: &[&str]| {
            let text = names.iter().find_map(|name| get(name));
            text.and_then(number)
                .and_then(|n| u16::try_from(n).ok())
                .filter(|y| (1949..2100).contains(y))
        };
        let fact = if get("serial").is_some() {
            get("s").and_then(number).map(Fact::Serial)
        } else if get("supplement").is_some() {
            let n = get("p").or(get("p2")).and_then(number).unwrap_or(1);
            Some(Fact::Number(Number::Supplement(n.max(1)), year(&["y0", "y00"])))
        } else if get("number").is_some() {
            let n =
                ["n1", "n2", "n3", "n4", "n5"].iter().find_map(|name| get(name)).and_then(number);
            n.filter(|&n| n > 0)
                .map(|n| Fact::Number(Number::Regular(n), year(&["y1", "y2", "y3", "y4"])))
        } else if get("date").is_some() {
            date(get("y"), get("m"), get("d")).map(Fact::Date)
        } else if let Some(level) = get("level") {
            let level =
                ["绝密", "机密", "秘密"].into_iter().find(|l| *l == level).expect("one of them");
            Some(Fact::Classification(level, get("period").map(String::from)))
        } else if let Some(urgency) = get("urgency") {
            Some(Fact::Urgency(if urgency == "特急" { "特急" } else { "加急" }))
        } else if let Some(label) = get("label") {
            // 工作专报 is a name, 专报 alone a label.
            let alone = from == done || label.starts_with(['(', '[', '【']);
            alone.then(|| Fact::Label(label.trim_matches(['(', ')', '[', ']', '【', '】']).into()))
        } else {
            get("notice").map(|_| Fact::Notice(spaced.slice(from, to)))
        };
        let Some(fact) = fact else { continue };
        push(done, from, None);
        push(from, to, Some(fact));
        done = to;
    }
    push(done, content.len(), None);
    parts
}

fn date(year: Option<&str>, month: Option<&str>, day: Option<&str>) -> Option<Date> {
    let year = u16::try_from(number(year?)?).ok().filter(|y| (1949..2100).contains(y))?;
    let month = u8::try_from(number(month?)?).ok().filter(|m| (1..=12).contains(m))?;
    let day = match day {
        Some(day) => u8::try_from(number(day)?).ok().filter(|&d| d >= 1)?,
        None => 0,
    };
    let exists = day == 0
        || format!("{year:04}-{month:02}-{day:02}").parse::<toml::value::Datetime>().is_ok();
    exists.then_some(Date { year, month, day })
}

/// A line, with the positions of its non-blank characters.
struct Spaced {
    text: String,
    at: Vec<usize>,
}

impl Spaced {
    fn new(line: &str) -> Self {
        let kept = |c: &(usize, char)| !c.1.is_whitespace() && !is_invisible(c.1);
        Spaced {
            text: line.into(),
            at: line.char_indices().filter(kept).map(|(at, _)| at).collect(),
        }
    }

    fn slice(&self, from: usize, to: usize) -> String {
        let start = self.at.get(from).copied().unwrap_or(self.text.len());
        let end = self.at.get(to).copied().unwrap_or(self.text.len());
        self.text[start..end].trim().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(line: &str) -> Vec<Fact> {
        let parts = parts(line);
        let whole: String = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(whole, squeeze(line), "a part of {line} is lost");
        parts.into_iter().filter_map(|part| part.fact).collect()
    }

    fn day(year: u16, month: u8, day: u8) -> Fact {
        Fact::Date(Date { year, month, day })
    }

    fn issue(n: u32, year: Option<u16>) -> Fact {
        Fact::Number(Number::Regular(n), year)
    }

    #[test]
    fn numbers_in_every_form() {
        for (line, expected) in [
            ("第16期", vec![issue(16, None)]),
            ("第 ０１６ 期（总第312期）", vec![issue(16, None), Fact::Serial(312)]),
            ("2014年第16期", vec![issue(16, Some(2014))]),
            ("（2014）第16期", vec![issue(16, Some(2014))]),
            ("〔2014〕16号", vec![issue(16, Some(2014))]),
            ("二○一四年第十六期", vec![issue(16, Some(2014))]),
            ("总第312期", vec![Fact::Serial(312)]),
            ("增刊第2期", vec![Fact::Number(Number::Supplement(2), None)]),
            ("第3期（增刊）", vec![Fact::Number(Number::Supplement(3), None)]),
            ("2024年第32周", vec![issue(32, Some(2024))]),
            ("[2014] 第 8 期", vec![issue(8, Some(2014))]),
        ] {
            assert_eq!(facts(line), expected, "{line}");
        }
    }

    #[test]
    fn dates_in_every_form() {
        for line in [
            "2014年8月20日",
            "二〇一四年八月二十日",
            "２０１４年０８月２０日",
            "2014.8.20",
            "2014-08-20",
            "2014/8/20",
            "2014 年 8 月 20 日（星期三）",
        ] {
            assert_eq!(facts(line), [day(2014, 8, 20)], "{line}");
        }
        assert_eq!(facts("2014年8月"), [day(2014, 8, 0)]);
    }

    #[test]
    fn issuer_and_date_on_one_line() {
        let expected = [Fact::Text("某某市委办公室编".into()), day(2014, 8, 20)];
        assert_eq!(facts("某某市委办公室编      2014年8月20日"), expected);
    }

    #[test]
    fn secrets_and_notices() {
        let secret = Fact::Classification("机密", Some("1年".into()));
        assert_eq!(facts("机密★1年"), [secret]);
        assert_eq!(facts("内部资料　注意保存"), [Fact::Notice("内部资料　注意保存".into())]);
    }
}
