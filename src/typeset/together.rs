//! A text → its pieces, some of which must stay on one line: a number with its unit, a dot with the
//! names beside it.
//!
//! The pieces are decided here and not by the layout's show rules, which would break the
//! compression of punctuation (typst#5474).

/// A piece of a text, and whether it must stay on one line.
pub type Piece = (String, bool);

/// The most characters of a piece; a longer one may break, because lines could not be justified
/// around it.
const LONGEST: usize = 12;

/// Measure words and units (量词、单位), longer ones first.
const UNITS: [&str; 92] = [
    "个百分点",
    "平方公里",
    "平方米",
    "立方米",
    "个工作日",
    "人次",
    "公里",
    "公斤",
    "千克",
    "公顷",
    "周年",
    "年度",
    "年代",
    "季度",
    "月份",
    "小时",
    "分钟",
    "美元",
    "户次",
    "场次",
    "年",
    "月",
    "日",
    "时",
    "分",
    "秒",
    "天",
    "周",
    "岁",
    "个",
    "名",
    "人",
    "位",
    "户",
    "家",
    "所",
    "处",
    "次",
    "场",
    "项",
    "件",
    "条",
    "份",
    "部",
    "辆",
    "台",
    "套",
    "册",
    "本",
    "篇",
    "期",
    "号",
    "届",
    "批",
    "类",
    "种",
    "级",
    "层",
    "座",
    "栋",
    "间",
    "亩",
    "吨",
    "斤",
    "米",
    "元",
    "倍",
    "成",
    "点",
    "度",
    "页",
    "章",
    "节",
    "款",
    "支",
    "只",
    "头",
    "株",
    "幅",
    "张",
    "块",
    "片",
    "轮",
    "组",
    "对",
    "起",
    "宗",
    "例",
    "%",
    "％",
    "‰",
    "℃",
];

/// Splits a text into pieces, which together contain the whole text.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let end = whole(&text[at..]).map(|length| at + length);
        // After a box a line may begin with these marks, so they go into the box.
        let end = end.map(|end| end + leading_marks(&text[end..]));
        match end.filter(|&end| text[at..end].chars().count() <= LONGEST) {
            Some(end) => {
                if plain < at {
                    pieces.push((text[plain..at].into(), false));
                }
                pieces.push((text[at..end].into(), true));
                (at, plain) = (end, end);
            }
            // A number is matched from its first digit only, so the others are skipped.
            None if is_digit(c) => at += digits(&text[at..]),
            None => at += c.len_utf8(),
        }
    }
    if plain < text.len() {
        pieces.push((text[plain..].into(), false));
    }
    pieces
}

/// The length of the marks at the start of a text that Unicode calls non-starters (UAX 14, NS).
pub fn leading_marks(text: &str) -> usize {
    text.find(|c| !"：；‥々〻".contains(c)).unwrap_or(text.len())
}

/// The length of the unbreakable piece at the start of a text, if there is one.
fn whole(text: &str) -> Option<usize> {
    quantity(text).or_else(|| dotted(text))
}

/// `第16期`, `1855个`, `3136.86万元`, `35－64岁`, `50.27%`.
fn quantity(text: &str) -> Option<usize> {
    let ordinal = if text.starts_with('第') { '第'.len_utf8() } else { 0 };
    let mut at = ordinal + number(&text[ordinal..])?;
    let mut is_more = ordinal > 0;
    if let Some(dash) = text[at..].chars().next().filter(|c| "-－—–~～至".contains(*c))
        && let Some(length) = number(&text[at + dash.len_utf8()..])
    {
        at += dash.len_utf8() + length;
        is_more = true;
    }
    for c in text[at..].chars().take_while(|c| "百千万亿余多".contains(*c)) {
        at += c.len_utf8();
        is_more = true;
    }
    if let Some(unit) = UNITS.iter().find(|unit| text[at..].starts_with(**unit)) {
        at += unit.len();
        is_more = true;
    }
    is_more.then_some(at)
}

/// The length of a number in Arabic digits.
fn number(text: &str) -> Option<usize> {
    let mut at = digits(text);
    if at == 0 {
        return None;
    }
    while let Some(mark) = text[at..].chars().next().filter(|c| ".,:．/".contains(*c)) {
        match digits(&text[at + mark.len_utf8()..]) {
            0 => break,
            length => at += mark.len_utf8() + length,
        }
    }
    Some(at)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

fn digits(text: &str) -> usize {
    text.find(|c| !is_digit(c)).unwrap_or(text.len())
}

/// `提·艾`: by GB/T 15834 a 间隔号 may not begin a line.
fn dotted(text: &str) -> Option<usize> {
    let letter = |c: &char| c.is_alphabetic();
    let mut chars = text.chars();
    let mut at = chars.next().filter(letter)?.len_utf8();
    let mut is_dotted = false;
    while let Some(dot) = text[at..].chars().next().filter(|c| "·•・‧".contains(*c))
        && let Some(next) = text[at + dot.len_utf8()..].chars().next().filter(letter)
    {
        at += dot.len_utf8() + next.len_utf8();
        is_dotted = true;
    }
    is_dotted.then_some(at)
}

/// Where the unit of a quantity begins: `3136.86|万元`. A sign such as % stays with its number.
pub fn unit(text: &str) -> Option<usize> {
    let last = text.rfind(|c| is_digit(c) || "%％‰℃".contains(c))?;
    let end = last + text[last..].chars().next()?.len_utf8();
    (end < text.len() && text[end..].starts_with(char::is_alphabetic)).then_some(end)
}

/// Parts numbers from their units where the line before would be spread: every piece is a text
/// with whether it stays on one line. `first` and `rest` are the characters that the first line
/// and the others hold.
pub fn part_units<T: Clone>(pieces: Vec<(T, Piece)>, first: f64, rest: f64) -> Vec<(T, Piece)> {
    let mut parted = Vec::new();
    let mut line = Fill { free: first, steps: 0.0, rest };
    for (of, (text, is_whole)) in pieces {
        let cut = unit(&text).filter(|&at| {
            is_whole && line.is_loose_before(&text) && width(&text[..at]) <= line.free
        });
        let parts = match cut {
            Some(at) => vec![(text[..at].to_string(), true), (text[at..].to_string(), true)],
            None => vec![(text, is_whole)],
        };
        for part in parts {
            line.take(&part);
            parted.push((of.clone(), part));
        }
    }
    parted
}

/// How much each character of a line may be spread, in characters, before a number parts from its
/// unit: 8 %.
const SPREAD: f64 = 0.08;

/// A line while it is being filled, in characters of the grid.
struct Fill {
    free: f64,
    steps: f64,
    rest: f64,
}

impl Fill {
    /// Whether the line would be spread if this went to the next one.
    fn is_loose_before(&self, text: &str) -> bool {
        let free = self.free;
        width(text) > free && free > SPREAD * self.steps.max(1.0)
    }

    fn take(&mut self, (text, is_whole): &Piece) {
        match is_whole {
            true => self.place(width(text), text.chars().count()),
            false => text.chars().for_each(|c| self.place(character(c), 1)),
        }
    }

    fn place(&mut self, width: f64, glyphs: usize) {
        // Half of a mark at a line's end is blank, and is cut off.
        if width > self.free + 0.5 {
            (self.free, self.steps) = (self.rest, 0.0);
        }
        self.free -= width;
        self.steps += glyphs as f64;
    }
}

fn width(text: &str) -> f64 {
    text.chars().map(character).sum()
}

/// The width of a character on the grid, to judge where lines end.
fn character(c: char) -> f64 {
    if c.is_ascii() { 0.5 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<String> {
        let pieces = pieces(text);
        assert_eq!(pieces.iter().map(|(text, _)| text.as_str()).collect::<String>(), text);
        pieces.into_iter().filter(|(_, kept)| *kept).map(|(text, _)| text).collect()
    }

    #[test]
    fn numbers_keep_their_units() {
        for (text, expected) in [
            ("全省1855个乡镇支出3136.86万元，占50.27%。", &["1855个", "3136.86万元", "50.27%"][..]),
            ("共3个；5个：甲", &["3个；", "5个："]),
            ("今年1－7月，107万名35-64岁", &["1－7月", "107万名", "35-64岁"]),
            ("2014年8月20日第16期", &["2014年", "8月", "20日", "第16期"]),
            ("培训2万余名，增长3.5个百分点", &["2万余名", "3.5个百分点"]),
            ("编号12345，比例1:3，见表1", &[]),
            ("第一，一个", &[]),
        ] {
            assert_eq!(kept(text), expected, "{text}");
        }
    }

    #[test]
    fn a_unit_goes_to_the_next_line_where_this_one_would_be_spread() {
        let parted = |before: usize, text: &str| -> Vec<String> {
            let pieces = pieces(&format!("{}{text}", "字".repeat(before)));
            let pieces = pieces.into_iter().map(|piece| ((), piece)).collect();
            let parts = part_units(pieces, 26.0, 28.0).into_iter();
            parts.map(|(_, (text, _))| text).skip(1).collect()
        };
        assert_eq!(parted(22, "3136.86万元到"), ["3136.86", "万元", "到"], "4 of 5.5 are free");
        assert_eq!(parted(25, "3136.86万元到"), ["3136.86万元", "到"], "one is no spread");
        assert_eq!(parted(10, "3136.86万元到"), ["3136.86万元", "到"], "it fits");
        assert_eq!(parted(23, "3136.86万元到"), ["3136.86万元", "到"], "the number does not fit");
        assert_eq!(unit("50.27%"), None);
        assert_eq!(unit("第16期"), Some(5));
        assert_eq!(unit("提·艾"), None);
    }

    #[test]
    fn dots_stay_within_a_line() {
        assert_eq!(kept("会见买买提·艾力·库尔班同志"), ["提·艾", "力·库"]);
        assert_eq!(kept("甲·乙·丙"), ["甲·乙·丙"]);
        assert_eq!(kept("· 甲"), [""; 0]);
    }
}
