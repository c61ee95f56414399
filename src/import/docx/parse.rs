//! The XML of a .docx → elements, styles and list numbers. This module knows OOXML and nothing
//! else.

use std::collections::{HashMap, HashSet};

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// An element with its content. Names keep their usual prefixes: `w:p`.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// The name.
    pub name: String,
    /// The attributes.
    pub attributes: Vec<(String, String)>,
    /// The child elements.
    pub children: Vec<Node>,
    /// The text.
    pub text: String,
}

/// Why a part cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// The part has a document type, through which entities could expand without end.
    #[error("DTD")]
    DocumentType,
    /// The part is nested deeper, or has more elements, than any document.
    #[error("too deep or too large")]
    TooLarge,
    /// The XML is not well-formed.
    #[error("{0}")]
    Malformed(String),
}

const DEEPEST: usize = 250;
/// The most elements and attributes of all parts of a document; a hundred pages have 100,000.
pub const MOST: usize = 1_000_000;

/// Reads a part into its tree; `left` is how many elements and attributes there may still be.
pub fn tree(xml: &[u8], left: &mut usize) -> Result<Node, XmlError> {
    let malformed = |error: &dyn std::fmt::Display| XmlError::Malformed(error.to_string());
    let xml = std::str::from_utf8(xml).map_err(|error| malformed(&error))?;
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let mut open = vec![Node::default()];
    let mut take = |node: Node| {
        *left = left.checked_sub(1 + node.attributes.len()).ok_or(XmlError::TooLarge)?;
        Ok(node)
    };
    loop {
        match reader.read_event().map_err(|error| malformed(&error))? {
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Start(start) => {
                if open.len() > DEEPEST {
                    return Err(XmlError::TooLarge);
                }
                open.push(take(node(&start)?)?);
            }
            Event::Empty(start) => {
                let node = take(node(&start)?)?;
                open.last_mut().expect("the root is open").children.push(node);
            }
            Event::End(_) => {
                let node = open.pop().expect("the reader matches ends with starts");
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => return Err(XmlError::Malformed("end".into())),
                }
            }
            Event::Text(text) => {
                let text = text.xml_content(quick_xml::XmlVersion::Implicit1_0);
                open.last_mut().expect("the root is open").text.push_str(&text);
            }
            Event::CData(text) => {
                let text = text.xml_content(quick_xml::XmlVersion::Implicit1_0);
                open.last_mut().expect("the root is open").text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let name = reference.xml_content(quick_xml::XmlVersion::Implicit1_0).into_owned();
                let c = reference.resolve_char_ref().map_err(|error| malformed(&error))?;
                let text = match c {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&name)
                        .ok_or_else(|| XmlError::Malformed(format!("&{name};")))?
                        .to_string(),
                };
                open.last_mut().expect("the root is open").text.push_str(&text);
            }
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    match open.len() {
        1 => {
            let mut root = open.pop().expect("it was counted");
            root.children.pop().ok_or_else(|| XmlError::Malformed("empty".into()))
        }
        _ => Err(XmlError::Malformed("truncated".into())),
    }
}

fn node(start: &BytesStart<'_>) -> Result<Node, XmlError> {
    let name = start.name().as_ref().to_string();
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| XmlError::Malformed(error.to_string()))?;
        let key = attribute.key.as_ref().to_string();
        if key.starts_with("xmlns") || key.starts_with("w:rsid") {
            continue;
        }
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| XmlError::Malformed(error.to_string()))?;
        attributes.push((key, value.into_owned()));
    }
    Ok(Node { name, attributes, ..Node::default() })
}

impl Node {
    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The `w:val` of a child.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.attribute("w:val")
    }

    /// Whether a switch such as `w:b` is on or off; `None` if the switch is absent.
    pub fn switch(&self, name: &str) -> Option<bool> {
        let value = self.child(name)?.attribute("w:val");
        Some(!matches!(value, Some("0" | "false" | "off" | "none")))
    }
}

/// The look of a paragraph and its runs; `None` for a property that is not given.
#[derive(Debug, Clone, Default)]
pub struct Properties {
    /// `w:jc`.
    pub align: Option<String>,
    /// The first line's indent, in ems.
    pub indent: Option<f32>,
    /// The outline level, from 0.
    pub outline: Option<u8>,
    /// The list and the level in it.
    pub numbering: Option<(String, usize)>,
    /// Bold.
    pub bold: Option<bool>,
    /// Italic.
    pub italic: Option<bool>,
    /// The size in points.
    pub size: Option<f32>,
    /// The colour.
    pub color: Option<String>,
    /// The face for Han characters.
    pub font: Option<String>,
}

impl Properties {
    /// Reads `w:pPr` or `w:rPr`.
    pub fn read(node: &Node) -> Self {
        let number = |text: &str| text.parse::<f32>().ok().filter(|n| n.is_finite());
        let indent = node.child("w:ind").and_then(|ind| {
            let get = |name| ind.attribute(name).and_then(number);
            let left = get("w:left").or(get("w:start")).unwrap_or(0.0) / 320.0;
            let first = get("w:firstLineChars")
                .map(|n| n / 100.0)
                .or(get("w:firstLine").map(|n| n / 320.0));
            let left_chars = get("w:leftChars").or(get("w:startChars")).map_or(left, |n| n / 100.0);
            let hanging = get("w:hanging").map_or(0.0, |n| n / 320.0);
            (first.is_some() || left_chars > 0.0)
                .then(|| first.unwrap_or(0.0) + left_chars - hanging)
        });
        let numbering = node.child("w:numPr").map(|num| {
            let level = num.value("w:ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
            (num.value("w:numId").unwrap_or("0").to_string(), level)
        });
        let fonts = node.child("w:rFonts");
        Properties {
            align: node.value("w:jc").map(String::from),
            indent,
            outline: node.value("w:outlineLvl").and_then(|level| level.parse().ok()),
            numbering,
            bold: node.switch("w:b"),
            italic: node.switch("w:i"),
            // Word's largest type has 1638 pt.
            size: node
                .value("w:sz")
                .and_then(number)
                .map(|half| half / 2.0)
                .filter(|size| (0.0..=1638.0).contains(size)),
            color: node.value("w:color").map(String::from),
            font: fonts
                .and_then(|f| f.attribute("w:eastAsia").or(f.attribute("w:ascii")))
                .map(String::from),
        }
    }

    /// These properties, completed by those of `base`.
    pub fn over(self, base: &Properties) -> Properties {
        Properties {
            align: self.align.or_else(|| base.align.clone()),
            indent: self.indent.or(base.indent),
            outline: self.outline.or(base.outline),
            numbering: self.numbering.or_else(|| base.numbering.clone()),
            bold: self.bold.or(base.bold),
            italic: self.italic.or(base.italic),
            size: self.size.or(base.size),
            color: self.color.or_else(|| base.color.clone()),
            font: self.font.or_else(|| base.font.clone()),
        }
    }
}

/// The styles of a document.
#[derive(Debug, Default)]
pub struct Styles {
    /// The properties used where a style gives none.
    pub defaults: Properties,
    /// The default style of paragraphs.
    pub normal: Option<String>,
    styles: HashMap<String, (Option<String>, Properties)>,
}

impl Styles {
    /// Reads `styles.xml`.
    pub fn read(root: &Node) -> Self {
        let mut styles = Styles::default();
        if let Some(defaults) = root.child("w:docDefaults") {
            let run = defaults.child("w:rPrDefault").and_then(|node| node.child("w:rPr"));
            styles.defaults = run.map(Properties::read).unwrap_or_default();
        }
        for style in root.children.iter().filter(|child| child.name == "w:style") {
            let Some(id) = style.attribute("w:styleId") else { continue };
            let part = |name| style.child(name).map(Properties::read).unwrap_or_default();
            let mut own = part("w:rPr").over(&part("w:pPr"));
            let name = style.value("w:name").unwrap_or_default().to_lowercase();
            let level = name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok());
            own.outline = own.outline.or(level.map(|level| level.saturating_sub(1)));
            if name == "title" {
                own.outline = Some(0);
            }
            if style.attribute("w:type") == Some("paragraph")
                && style.attribute("w:default") == Some("1")
            {
                styles.normal = Some(id.into());
            }
            styles.styles.insert(id.into(), (style.value("w:basedOn").map(String::from), own));
        }
        styles
    }

    /// The properties of a style, including those of the styles it is based on.
    pub fn resolve(&self, id: Option<&str>) -> Properties {
        let mut found = Properties::default();
        let mut next = id;
        // The limit stops at styles that are based on one another in a circle.
        for _ in 0..20 {
            let Some((base, own)) = next.and_then(|id| self.styles.get(id)) else { break };
            found = found.over(own);
            next = base.as_deref();
        }
        found
    }
}

/// The lists of a document, with their counters.
#[derive(Debug, Default)]
pub struct Numbering {
    levels: HashMap<String, HashMap<usize, Level>>,
    lists: HashMap<String, String>,
    starts: HashMap<(String, usize), u32>,
    counters: HashMap<String, Vec<u32>>,
    begun: HashSet<String>,
}

#[derive(Debug, Clone, Default)]
struct Level {
    format: String,
    text: String,
    start: u32,
}

/// The levels of a list in Word.
const LEVELS: usize = 9;
/// The greatest number of a list in Word.
const GREATEST: u32 = 32_767;
/// The greatest number that Word writes in letters: thirty of one letter.
const LETTERS: u32 = 780;
/// Characters of the text around the numbers of a level.
const LEVEL_TEXT: usize = 100;

/// The first number of a list. Word refuses a greater one.
fn start(text: &str) -> Option<u32> {
    text.parse().ok().filter(|n| *n <= GREATEST)
}

impl Numbering {
    /// Reads `numbering.xml`.
    pub fn read(root: &Node) -> Self {
        let mut numbering = Numbering::default();
        for child in &root.children {
            let abstract_id = child.attribute("w:abstractNumId").map(String::from);
            match (child.name.as_str(), abstract_id) {
                ("w:abstractNum", Some(id)) => {
                    let levels = child.children.iter().filter(|level| level.name == "w:lvl");
                    let levels = levels.filter_map(|level| {
                        let at = level.attribute("w:ilvl")?.parse().ok()?;
                        if at >= LEVELS {
                            return None;
                        }
                        Some((
                            at,
                            Level {
                                format: level.value("w:numFmt").unwrap_or("decimal").into(),
                                text: level
                                    .value("w:lvlText")
                                    .unwrap_or_default()
                                    .chars()
                                    .take(LEVEL_TEXT)
                                    .collect(),
                                start: level.value("w:start").and_then(start).unwrap_or(1),
                            },
                        ))
                    });
                    numbering.levels.insert(id, levels.collect());
                }
                ("w:num", _) => {
                    let Some(id) = child.attribute("w:numId") else { continue };
                    let of = child.value("w:abstractNumId").unwrap_or_default();
                    numbering.lists.insert(id.into(), of.into());
                    for over in child.children.iter().filter(|over| over.name == "w:lvlOverride") {
                        let at = over.attribute("w:ilvl").and_then(|at| at.parse().ok());
                        let start = over.value("w:startOverride").and_then(start);
                        if let (Some(at), Some(start)) = (at, start) {
                            numbering.starts.insert((id.into(), at), start);
                        }
                    }
                }
                _ => {}
            }
        }
        numbering
    }

    /// The number of the next paragraph of a list, as it is printed.
    pub fn next(&mut self, list: &str, level: usize) -> Option<String> {
        let of = self.lists.get(list)?.clone();
        let levels = self.levels.get(&of)?;
        let own = levels.get(&level)?.clone();
        let counters = self.counters.entry(of.clone()).or_default();
        if self.begun.insert(list.into()) {
            // A list restarts where its override first applies.
            if let Some(start) = self.starts.get(&(list.to_string(), level)) {
                counters.truncate(level);
                while counters.len() < level {
                    counters.push(1);
                }
                counters.push(start.saturating_sub(1));
            }
        }
        while counters.len() <= level {
            let start = levels.get(&counters.len()).map_or(1, |level| level.start);
            let above = counters.len() < level;
            counters.push(if above { start } else { start.saturating_sub(1) });
        }
        counters.truncate(level + 1);
        counters[level] = (counters[level] + 1).min(GREATEST);
        if own.format == "bullet" {
            return Some("•".into());
        }
        let mut text = own.text.clone();
        for (at, count) in counters.iter().enumerate() {
            let format = levels.get(&at).map_or("decimal", |level| level.format.as_str());
            text = text.replace(&format!("%{}", at + 1), &written(*count, format));
        }
        (!text.trim().is_empty()).then_some(text)
    }
}

/// A number in one of the formats of lists.
fn written(n: u32, format: &str) -> String {
    let letters = |base: u8| {
        let at = (n.max(1) - 1) % 26;
        char::from(base + at as u8).to_string().repeat(((n.max(1) - 1) / 26 + 1) as usize)
    };
    match format {
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand" => chinese(n, "〇一二三四五六七八九", ["", "十", "百", "千"]),
        "chineseLegalSimplified" | "ideographLegalTraditional" => {
            chinese(n, "零壹贰叁肆伍陆柒捌玖", ["", "拾", "佰", "仟"])
        }
        "ideographDigital" | "taiwaneseDigital" | "japaneseDigitalTenThousand" => {
            let digits: Vec<char> = "〇一二三四五六七八九".chars().collect();
            n.to_string().bytes().map(|b| digits[usize::from(b - b'0')]).collect()
        }
        "ideographTraditional" | "ideographZodiac" => {
            let stems = if format == "ideographZodiac" {
                "子丑寅卯辰巳午未申酉戌亥"
            } else {
                "甲乙丙丁戊己庚辛壬癸"
            };
            stems.chars().nth((n.max(1) - 1) as usize).map_or(n.to_string(), |c| c.to_string())
        }
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if (1..=20).contains(&n) => {
            char::from_u32(0x2460 + n - 1).map_or(n.to_string(), |c| c.to_string())
        }
        "decimalEnclosedParen" if (1..=20).contains(&n) => {
            char::from_u32(0x2474 + n - 1).map_or(n.to_string(), |c| c.to_string())
        }
        "ideographEnclosedCircle" if (1..=10).contains(&n) => {
            char::from_u32(0x3280 + n - 1).map_or(n.to_string(), |c| c.to_string())
        }
        "decimalFullWidth" | "decimalFullWidth2" => n
            .to_string()
            .bytes()
            .filter_map(|b| char::from_u32(u32::from(b - b'0') + 0xff10))
            .collect(),
        "decimalZero" => format!("{n:02}"),
        "upperLetter" if n <= LETTERS => letters(b'A'),
        "lowerLetter" if n <= LETTERS => letters(b'a'),
        "upperRoman" => roman(n),
        "lowerRoman" => roman(n).to_lowercase(),
        "none" => String::new(),
        _ => n.to_string(),
    }
}

fn chinese(n: u32, digits: &str, units: [&str; 4]) -> String {
    let digits: Vec<char> = digits.chars().collect();
    let ten = units[1];
    if n == 0 || n >= 10_000 {
        return n.to_string();
    }
    let mut text = String::new();
    let mut zero = false;
    for (place, unit) in units.iter().enumerate().rev() {
        let digit = n / 10u32.pow(place as u32) % 10;
        if digit == 0 {
            zero |= !text.is_empty();
        } else {
            if std::mem::take(&mut zero) {
                text.push('零');
            }
            text.push(digits[digit as usize]);
            text.push_str(unit);
        }
    }
    // 十二, not 一十二.
    match text.strip_prefix(&format!("一{ten}")) {
        Some(rest) if (10..20).contains(&n) => format!("{ten}{rest}"),
        _ => text,
    }
}

fn roman(mut n: u32) -> String {
    const STEPS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut text = String::new();
    for (value, letters) in STEPS {
        while n >= value && text.len() < 40 {
            text.push_str(letters);
            n -= value;
        }
    }
    text
}

/// The text of a part, extracted in the simplest way: every `w:t`, one after the other.
pub fn raw_text(node: &Node, text: &mut String) {
    match node.name.as_str() {
        "w:t" | "m:t" => text.push_str(&node.text),
        "w:del" | "w:moveFrom" => {}
        "mc:AlternateContent" => {
            if let Some(choice) = node.child("mc:Choice").or(node.child("mc:Fallback")) {
                raw_text(choice, text);
            }
        }
        _ => node.children.iter().for_each(|child| raw_text(child, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_lists_are_written_as_word_prints_them() {
        for (n, format, expected) in [
            (3, "chineseCounting", "三"),
            (12, "chineseCountingThousand", "十二"),
            (20, "chineseCounting", "二十"),
            (105, "chineseCountingThousand", "一百零五"),
            (12, "ideographDigital", "一二"),
            (3, "decimalEnclosedCircle", "③"),
            (3, "decimalFullWidth", "３"),
            (780, "lowerLetter", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"),
            (781, "lowerLetter", "781"),
            (32_767, "upperRoman", "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMDCCLXVII"),
            (u32::MAX, "chineseCounting", "4294967295"),
            (28, "upperLetter", "BB"),
            (9, "lowerRoman", "ix"),
            (2, "ideographTraditional", "乙"),
        ] {
            assert_eq!(written(n, format), expected, "{format}");
        }
    }

    #[test]
    fn a_document_type_is_refused() {
        let bomb = b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
        assert!(matches!(tree(bomb, &mut 9), Err(XmlError::DocumentType)));
        assert!(matches!(tree(b"<a>&b;</a>", &mut 9), Err(XmlError::Malformed(_))));
        for broken in ["<a><b></a>", "<a><b>", ""] {
            assert!(tree(broken.as_bytes(), &mut 9).is_err(), "{broken}");
        }
        assert!(matches!(tree(b"<a><b c='d'/></a>", &mut 2), Err(XmlError::TooLarge)));
        assert_eq!(tree(b"<a>&lt;&#x4e00;</a>", &mut 9).expect("well-formed").text, "<一");
    }
}
