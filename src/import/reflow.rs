//! Lines as typed → lines as intended: page furniture is set aside, hard-wrapped lines are joined,
//! and lines that may be two things are cut apart for the recogniser to judge.

use std::collections::HashMap;

use super::code::FurnitureKind;
use super::line::{Align, Line, Object, Piece, Place, squeeze};
use super::masthead::parts::{Fact, parts};
use super::vocabulary::{is_names, is_section_word, is_unit, pattern};
use crate::issue::Date;
use crate::source::text::ems;

/// A line that is not text of the issue, and why.
#[derive(Debug, Clone)]
pub struct Furniture {
    /// The line.
    pub line: Line,
    /// The kind of furniture.
    pub kind: FurnitureKind,
}

/// Sets aside page numbers, repeated headers and the text that a web page adds around an article.
pub fn furniture(lines: Vec<Line>) -> (Vec<Line>, Vec<Furniture>) {
    let mut count: HashMap<String, usize> = HashMap::new();
    for line in &lines {
        *count.entry(header_key(&line.content())).or_default() += 1;
    }
    let mut kept: Vec<Line> = Vec::new();
    let mut aside = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let total = lines.len();
    let mut headers: Vec<String> = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        let content = line.content();
        let key = header_key(&content);
        let before = *seen.entry(key.clone()).and_modify(|n| *n += 1).or_insert(1);
        let near_edge = at < 12 || at + 12 >= total;
        let paged = kept.len() != at
            && aside.last().is_some_and(|f: &Furniture| f.kind == FurnitureKind::PageNumber);
        let kind = if line.object.is_some() {
            None
        } else if PAGE_NUMBER.is_match(&content) {
            Some(FurnitureKind::PageNumber)
        } else if WEB.is_match(&content) && (near_edge || content.chars().count() < 14)
            || CRUMBS.is_match(&content) && near_edge
        {
            Some(FurnitureKind::Web)
        } else if before > 1
            && count[&key] >= 3
            && is_header(&content)
            && (paged || headers.contains(&key))
            || line.place == Place::Margin && (before > 1 || !says_facts(&line))
        {
            // The first header stays where it is; the others are the running head of each page.
            headers.push(key);
            Some(FurnitureKind::RunningHead)
        } else {
            None
        };
        match kind {
            Some(kind) => aside.push(Furniture { line, kind }),
            None => kept.push(line),
        }
    }
    (kept, aside)
}

/// Whether a header or footer states more than a name: number, date, distribution.
fn says_facts(line: &Line) -> bool {
    let parts = parts(&line.text());
    let fact = |fact: &Option<Fact>| !matches!(fact, None | Some(Fact::Text(_)));
    STARTS.is_match(&line.content()) || parts.iter().any(|part| fact(&part.fact))
}

/// The date on which a web page was published, for want of a better one.
pub fn web_date(furniture: &[Furniture]) -> Option<(&Line, Date)> {
    let web = furniture.iter().filter(|furniture| furniture.kind == FurnitureKind::Web);
    let mut words = web.flat_map(|furniture| {
        let text = furniture.line.text();
        let words: Vec<String> =
            text.split([' ', '　', '\u{a0}', '：', ':']).map(String::from).collect();
        words.into_iter().map(move |word| (&furniture.line, word))
    });
    words.find_map(|(line, word)| {
        let facts = parts(&word).into_iter().filter_map(|part| part.fact);
        let mut dates = facts.filter_map(|fact| match fact {
            Fact::Date(date) if date.day > 0 => Some(date),
            _ => None,
        });
        dates.next().map(|date| (line, date))
    })
}

fn header_key(content: &str) -> String {
    content.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn is_header(content: &str) -> bool {
    let length = content.chars().count();
    (4..=30).contains(&length)
        && !content.contains(['。', '，', '【', '[', '（', '('])
        && !content.starts_with(['●', '◆', '★', '※'])
}

pattern!(
    PAGE_NUMBER = r"^[-—―－–─·•.=~～\s]*(第?\d{1,3}页?)[-—―－–─·•.=~～]*$|^第[\d一二三四五六七八九十]+页[,，/]?(共[\d一二三四五六七八九十]+页)?$|^\d{1,3}/\d{1,3}$|^[-—―－–─_=*＿＊]{4,}$|^[-—―－–─]+[０-９]{1,3}[-—―－–─]+$"
);
pattern!(
    WEB = r"^(【?(打印|关闭|收藏|字号|字体|返回|分享|我要纠错)|(分享到|上一篇|下一篇|上一条|下一条|浏览次数|点击数?|点击量|阅读次数|阅读量|访问量|发布时间|发布日期|发表时间|更新时间|录入时间|信息来源|文章来源|稿件来源|来源[：:].{0,30}(时间|日期|浏览|点击|作者|发布|字体)|当前位置|您的位置|您现在的位置|您当前的位置|首页[>＞»|｜]|相关(链接|文章|附件下载|新闻)|扫一扫|版权所有|主办单位[：:]|网站地图|联系我们|关于我们|技术支持|[\u4e00-\u9fff]?ICP备|京公网安备|责任编辑[：:].{0,8}(浏览|打印|关闭)|附件下载|推荐阅读|热门|\[字体|【字体|【大 ?中 ?小】)|Copyright|©|https?://|www\.)"
);
pattern!(CRUMBS = r"^[^。]{1,10}([>＞»][^>＞»。]{1,16}){1,5}$");

/// Joins the lines that were broken at a fixed width.
pub fn unwrap(lines: Vec<Line>) -> Vec<Line> {
    let Some(width) = wrap_width(&lines) else { return lines };
    let indented = indents(&lines);
    let mut joined: Vec<Line> = Vec::new();
    let mut last_width = 0.0;
    for line in lines {
        let text = line.text();
        let own = f64::from(line.indent) + ems(text.trim_end());
        let goes_on = joined.last().is_some_and(|before| {
            let said = before.text();
            let full = last_width >= width - 2.6;
            let starts = STARTS.is_match(&squeeze(&text));
            let ended = said.ends_with(['。', '！', '？', '；', '：', '”', '）']);
            let objects = before.object.is_some() || line.object.is_some();
            let plain = !objects && line.align == Align::Start;
            // Where paragraphs are indented, a line without indent continues the line above.
            let hangs = line.indent < if indented { 1.5 } else { 0.6 };
            plain
                && full
                && hangs
                && line.gap == 0
                && !(starts && (ended || said.chars().count() < 12))
                && !(ended && !indented && last_width < width - 0.6)
        });
        last_width = own;
        match joined.last_mut() {
            Some(before) if goes_on => {
                let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                let said = before.text();
                if latin(said.chars().last())
                    && latin(text.chars().next())
                    && !said.ends_with(|c: char| c.is_ascii_digit())
                {
                    before.pieces.push(Piece { text: " ".into(), ..Piece::default() });
                }
                before.pieces.extend(line.pieces);
            }
            _ => joined.push(line),
        }
    }
    joined
}

pattern!(
    STARTS = r"^([\[【〔［●◆★※■▲◎☆]|[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十\d]{1,3}[)）]|―|——|报[:：]|送[:：]|发[:：]|抄送|抄报|主送|责任编辑)"
);

/// The width at which most lines end, if the text was wrapped at a fixed width.
fn wrap_width(lines: &[Line]) -> Option<f64> {
    let widths: Vec<f64> = lines
        .iter()
        .filter(|line| line.object.is_none())
        .map(width_of)
        .filter(|&width| width >= 16.0)
        .collect();
    let longest = widths.iter().copied().fold(0.0, f64::max);
    if widths.len() < 6 || longest > 64.0 {
        return None;
    }
    let best = widths.iter().copied().max_by_key(|&width| {
        widths.iter().filter(|&&other| other <= width && other >= width - 2.0).count()
    })?;
    let is_full = |width: f64| (best - 2.6..=best + 1.1).contains(&width);
    let over = widths.iter().filter(|&&w| w > best + 1.1).count();
    // Lines wrapped at a fixed width end anywhere; other lines end where a sentence ends.
    let full = lines.iter().filter(|line| line.object.is_none() && is_full(width_of(line)));
    let (mut count, mut broken) = (0, 0);
    for line in full {
        count += 1;
        broken += usize::from(
            !line.text().trim_end().ends_with(['。', '！', '？', '；', '：', '）', '】', ']']),
        );
    }
    let top = widths.iter().copied().filter(|&w| w <= best + 1.1).fold(0.0, f64::max);
    (count >= 4 && broken * 10 >= count * 6 && over * 10 <= count).then_some(top)
}

fn width_of(line: &Line) -> f64 {
    f64::from(line.indent) + ems(line.text().trim_end())
}

/// Whether paragraphs begin with two blanks.
pub fn indents(lines: &[Line]) -> bool {
    let text = || lines.iter().filter(|line| line.object.is_none());
    let long = || text().filter(|line| line.text().chars().count() > 20);
    let indented = long().filter(|line| (1.0..4.0).contains(&line.indent)).count();
    indented >= 2 && indented * 6 >= long().count()
}

/// The most times that a line is cut: each time, the rest is looked through again.
const CUTS: usize = 32;

/// Cuts a typed line apart where it may be two things.
pub fn cut(lines: Vec<Line>) -> Vec<Line> {
    let mut parts = Vec::new();
    for mut line in lines {
        for _ in 0..CUTS {
            let Some((head, rest)) = cut_line(&line) else { break };
            parts.push(head);
            line = rest;
        }
        parts.push(line);
    }
    parts
}

/// A line in two, where it is the first time two things.
fn cut_line(line: &Line) -> Option<(Line, Line)> {
    let text = line.text();
    let at = match line.object {
        Some(Object::Table(_) | Object::Picture(..)) => None,
        None => title_end(&text)
            .or_else(|| section_end(&text))
            .or_else(|| source_start(&text))
            .or_else(|| imprint_start(&text)),
    };
    let (at, align) = at?;
    let head = Line { pieces: line.slice(0, at), ..line.clone() };
    let align = align.unwrap_or(line.align);
    let rest = Line {
        pieces: line.slice(at, usize::MAX),
        glued: true,
        gap: 0,
        indent: 2.0,
        align,
        ..line.clone()
    };
    Some((head, rest))
}

/// The end of a title in a paragraph where only blanks separate title and text.
fn title_end(text: &str) -> Option<(usize, Option<Align>)> {
    pattern!(WIDE = r"[ \t\u{a0}]{2,}|[\u{3000}\u{2003}\u{2002}]+[ \u{3000}\u{a0}\u{2003}]*");
    let found = WIDE.find(text)?;
    let (head, rest) = (text[..found.start()].trim(), text[found.end()..].trim());
    let bare = head.trim_start_matches(|c: char| "●◆★※■▲◎☆◇".contains(c) || c.is_whitespace());
    let (length, follows) = (bare.chars().count(), rest.chars().count());
    let is_title = (6..=48).contains(&length)
        && !head.contains(['。', '；', '：', ':', '|'])
        && !LABEL.is_match(head)
        && follows > length
        && follows >= 30
        && rest.contains(['。', '，']);
    is_title.then(|| (text[..found.end()].chars().count(), None))
}

pattern!(
    LABEL = r"^(报|送|发|抄|主送|责任|[一二三四五六七八九十]{1,3}、?$|\d+[.．、]?$|附|编者|按)"
);

/// The end of a section's name before the title or text in the same line: 【工作动态】全市……
fn section_end(text: &str) -> Option<(usize, Option<Align>)> {
    pattern!(MARKED = r"^\s*[\[【〔［](?<name>[^\]】〕］]{2,10})[\]】〕］]\s*(?<rest>\S.{3,})$");
    let found = MARKED.captures(text)?;
    let (name, rest) = (&found["name"], &found["rest"]);
    let is_title = rest.chars().count() <= 44 && !rest.contains('。') && is_section_word(name);
    let end = text.len() - rest.len();
    is_title.then(|| (text[..end].chars().count(), None))
}

/// The start of a source after the last sentence.
fn source_start(text: &str) -> Option<(usize, Option<Align>)> {
    pattern!(
        PARENS = r"^(?<text>.*\S)(?<blank>\s*)[（(](?<in>[^（）()]{2,40}(?:[（(][^（）()]{1,12}[）)])?[^（）()]{0,12})[）)]\s*[。.]?\s*$"
    );
    pattern!(BARE = r"^(?<text>.*[。！？”；])(?<blank>[\s\u{a0}]{4,})(?<in>[^，。；：]{2,24})\s*$");
    if let Some(found) = PARENS.captures(text) {
        let (before, blank, inner) = (&found["text"], &found["blank"], &found["in"]);
        let ended = before.ends_with(['。', '！', '？', '”', '…', '.', '；', '）', '》']);
        let wide = blank.chars().count() >= 2;
        let alone = before.chars().count() < 8;
        if !alone
            && (ended && is_source(inner)
                || wide && (is_source(inner) || inner.chars().count() <= 16))
        {
            return Some((before.chars().count(), Some(Align::End)));
        }
    }
    let found = BARE.captures(text)?;
    is_unit(&found["in"]).then(|| (found["text"].chars().count(), Some(Align::End)))
}

/// Whether the words in parentheses can be those of a source.
pub fn is_source(inner: &str) -> bool {
    pattern!(WORDS = r"供稿|作者|撰稿|来源|摘自|报送|记者|通讯员|执笔|文[／/]|整理|转自|选自");
    pattern!(
        NOT = r"[，。；！？]|^(下同|以下简称|简称|含|不含|见|注|如|即|其中|约|同比|略|详见|上接|下转|一|二|三|四|五|六|完|待续|下称|试行|第|图|表|附|左|右|暂行|征求意见|讨论)|^\d"
    );
    if WORDS.is_match(inner) {
        return inner.chars().count() <= 40;
    }
    let short = inner.chars().count() <= 24;
    short && !NOT.is_match(inner) && (is_unit(inner) || is_names(inner))
}

/// The start of a second imprint line typed on the same line: 报：…… 送：……
fn imprint_start(text: &str) -> Option<(usize, Option<Align>)> {
    pattern!(NEXT = r"[\s\u{3000}。；](?<next>(报|送|发|抄送|抄报|主送|分送)\s*[:：])");
    pattern!(FIRST = r"^\s*(报|送|发|抄送|抄报|主送|分送)\s*[:：]");
    if !FIRST.is_match(text) {
        return None;
    }
    let found = NEXT.captures(text)?;
    let next = found.name("next")?;
    Some((text[..next.start()].chars().count(), None))
}
