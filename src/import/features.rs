//! Lines → the look of each among the others: the facts that [`crate::import::table`] weighs.

use std::collections::HashMap;

use super::line::{Align, Line, Place, fold, squeeze};
use super::masthead::parts::{Fact, parts};
use super::reflow::{indents, is_source};
use super::vocabulary::{
    is_bulletin_name, is_names, is_section_word, is_unit, likeness, pattern, wording,
};
use crate::issue::body::{HeadingLevel, heading_level};
use crate::source::text::ems;

/// The facts of one line. Each is named as the feature that uses it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the table's features say what each fact is for")]
#[expect(clippy::struct_excessive_bools, reason = "they are facts, not states")]
pub struct Look {
    pub text: String,
    pub length: usize,
    pub object: bool,
    pub glued: bool,
    pub gap: bool,
    pub aside: bool,
    pub right: bool,
    pub center: bool,
    pub indented: bool,
    pub flush: bool,
    pub bold: bool,
    pub larger: bool,
    pub sized: bool,
    pub red: bool,
    pub outline: Option<u8>,
    pub ends_sentence: bool,
    pub ends_asking: bool,
    pub sentence_inside: bool,
    pub comma_inside: bool,
    pub begins_with_time: bool,
    pub bracketed: bool,
    pub bracket_habit: bool,
    pub bulleted: bool,
    pub dashed: bool,
    pub parenthesised: bool,
    pub source_words: bool,
    pub source_word: bool,
    pub section_word: bool,
    pub contents_word: bool,
    pub page_behind: bool,
    pub unit: bool,
    pub people: bool,
    pub unit_people: bool,
    pub note_word: bool,
    pub after_bare_note: bool,
    pub caption_word: bool,
    pub by_object: bool,
    pub attachment_mark: bool,
    pub attachment_list: bool,
    pub after_attachment_list: bool,
    pub has_number: bool,
    pub has_serial: bool,
    pub has_date: bool,
    pub date_only: bool,
    pub has_class: bool,
    pub has_notice: bool,
    pub issuer_word: bool,
    pub bulletin_name: bool,
    pub own_name: bool,
    pub facts_before: bool,
    pub masthead_like: bool,
    pub early: bool,
    pub late: bool,
    pub said_again: bool,
    pub said_before: bool,
    pub alike_again: bool,
    pub alike_before: bool,
    pub unlisted: bool,
    pub level: Option<u8>,
    pub numbered_title: bool,
    pub imprint_list: bool,
    pub imprint_staff: bool,
    pub print_run: bool,
    pub printed_by: bool,
    pub next_long: bool,
    pub next_short: bool,
    pub next_dashed: bool,
    pub next_glued: bool,
    pub next_right: bool,
    pub prev_sentence: bool,
    pub prev_comma: bool,
    pub same_bullet: bool,
    pub continues_title: bool,
}

pattern!(
    BRACKETED =
        r"^[●◆★※■▲◎☆◇□○▼]?[\[【〔［『「〖〈《][^\[\]【】〔〕［］]{1,14}[\]】〕］』」〗〉》]$"
);
pattern!(BULLETED = r"^[●◆★※■▲◎☆◇▼▶►➢❖□○⊙✦✱][^●◆★※■]+$");
pattern!(DASHED = r"^(―+|—+|－{1,}|─+|--+|–+)[^―—－─\-–\d].{2,}");
pattern!(PARENTHESISED = r"^[(][^()]*([(][^()]*[)][^()]*)*[)][。.]?$");
pattern!(
    SOURCE_WORD = r"^[(]?(供稿(单位|人)?|撰稿人?|作者(单位)?|来源|稿件来源|信息来源|摘自|转自|执笔人?|记者|通讯员|整理|报送单位|文/|本刊记者|本报记者)([:/]|[\s\u{3000}]*[\u{4e00}-\u{9fff}]{2,4}([\s、]|$))|供稿[)]?$|^[(].*(供稿|撰稿|记者|通讯员|摘自).*[)]$"
);
pattern!(
    CONTENTS_WORD = r"^[●◆★※■◎○☆▲\[【〔(<《]*(本期|本刊)?(内容)?(提要|要目|目录|导读|内容提要|主要内容|内容摘要|要点|目次|内容导读|重点导读|看点|内容目录|内容)[\]】〕)>》●◆★※■]*[:：]?$|^本期(要目|目录|导读|提要|内容|看点|主要内容|刊登内容|重点)[:：]?$"
);
pattern!(
    PAGE_BEHIND = r"([.…·．。_—―\-\s]{2,}|[\s\u{3000}\t]+)[(（]?\d{1,3}[)）]?$|[(（]\d{1,2}[)）]$"
);
pattern!(
    NOTE_WORD = r"^[【\[〔(（]?(编\s*者\s*按|按\s*语|编\s*后|编后语|编者的话|编者语|卷首语|开栏语|开栏的话|本刊按|编按|按)[】\]〕)）]?\s*([:：]|$|[\s\u{3000}])|^[【\[〔(（](编者按|按语|按)[】\]〕)）]"
);
pattern!(
    BARE_NOTE =
        r"^[【\[〔(（]?(编者按|按语|编后语|编者的话|开栏语|开栏的话|卷首语|按)[】\]〕)）]?[:：]?$"
);
pattern!(
    CAPTION_WORD = r"^(附?[表图]\s?[\d一二三四五六七八九十]{1,3}([-—.]\d{1,2})?([\s\u{3000}:：.、．]|[\u{4e00}-\u{9fff}])[^。]*$)"
);
pattern!(ATTACHMENT_MARK = r"^附[件录]?[\d一二三四五六七八九十]{0,2}[:：]?$");
pattern!(
    ATTACHMENT_LIST =
        r"^附[件录]?[\d一二三四五六七八九十]{0,2}[:：].+|^附[件录][:：]?\s*\d[.．、].+"
);
pattern!(
    ISSUER_WORD = r"[\u{4e00}-\u{9fff}）)]{3,}(\s*(编|主办|编印|编发|编辑|印发|编制|承办|编辑部|秘书处|主编|编写组|印))$|(办公室|办公厅|委员会|秘书处|编辑部|工作组|指挥部|宣传部|组织部)\s*(编|主办|编印|印发)?$"
);
pattern!(
    IMPRINT_LIST = r"^[●◆]?(报|送|发|呈|抄|报送|呈报|呈送|主送|抄送|抄报|抄发|分送|印送|下发|印发|发送|送阅|本期增发|本期发|增发|本期发送|发至|送达|报告|分发)\s*[:：].*"
);
pattern!(
    IMPRINT_STAFF = r"^(本期|本刊)?(编辑部)?(责任编辑|责编|编\s*辑|主\s*编|副主编|执行主编|审\s*核|审\s*稿|审\s*定|签\s*发|核\s*稿|校\s*对|编\s*审|复\s*审|终\s*审|总\s*编|拟\s*稿|主\s*办|联系电话|电\s*话|联系人|传\s*真|邮\s*箱|电子邮箱|电子信箱|投稿邮箱|E-?mail|地\s*址|邮\s*编|网\s*址)\s*[:：].*"
);
pattern!(PRINT_RUN = r"[(（]?(共印|印数|印)[:：]?\s*\d+\s*份[)）]?$|份数[:：]?\d+");
pattern!(PRINTED_BY = r"(印发|印制|编印|印|出版)$");
pattern!(
    TIME = r"^(近日|日前|近期|近年来|今年|去年|上半年|下半年|昨日|今日|连日来|最近|目前|当前|为(了|进一步|深入|贯彻|全面|切实|认真|推|加|做|确|扎)|按照|根据|随着|截至|自\d|自20|[12]\d{3}年|\d{1,2}月\d{0,2}日?|一季度|前三季度|本报讯|会议(指出|强调|要求|认为)|会上|一直以来|长期以来|据)"
);
pattern!(
    NUMBERED = r"^([一二三四五六七八九十百]{1,3}[、.．]|[(（][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[.．、]\D|[(（]\d{1,2}[)）]|第[一二三四五六七八九十]+[章节部分]+|[①②③④⑤⑥⑦⑧⑨⑩])"
);

/// Determines the look of every line of a document of the publication `name`.
pub fn look(lines: &[Line], name: &str) -> Vec<Look> {
    let document = Document::new(lines);
    let mut looks: Vec<Look> = lines.iter().map(|line| alone(line, &document, name)).collect();
    repetitions(&mut looks);
    neighbours(&mut looks);
    looks
}

/// Facts that hold for the document as a whole.
struct Document {
    indented: bool,
    body_size: Option<f32>,
    all_bold: bool,
}

impl Document {
    fn new(lines: &[Line]) -> Self {
        let mut sizes: Vec<(u32, usize)> = Vec::new();
        for line in lines {
            let Some(size) = line.size else { continue };
            let (size, length) = ((size * 2.0) as u32, line.text().chars().count());
            match sizes.iter_mut().find(|(known, _)| *known == size) {
                Some((_, count)) => *count += length,
                None => sizes.push((size, length)),
            }
        }
        let body = sizes.iter().max_by_key(|(_, count)| *count);
        let text = || lines.iter().filter(|line| line.object.is_none());
        let bold = text().filter(|line| line.is_bold()).count();
        Document {
            indented: indents(lines),
            body_size: body.map(|(size, _)| *size as f32 / 2.0),
            all_bold: bold * 2 > text().count(),
        }
    }
}

/// The facts visible on the line itself.
#[expect(clippy::too_many_lines, reason = "a flat list of features")]
fn alone(line: &Line, document: &Document, name: &str) -> Look {
    let text = line.text();
    let content = squeeze(&text);
    let folded = fold(&content);
    let length = content.chars().count();
    let object = line.object.is_some();
    let facts: Vec<Fact> = if length <= 60 && !object {
        parts(&text).into_iter().filter_map(|part| part.fact).collect()
    } else {
        Vec::new()
    };
    let has = |wanted: fn(&Fact) -> bool| facts.iter().any(wanted);
    let body_size = document.body_size.unwrap_or(0.0);
    // Plain text is aligned to the right, or centred, by leading blanks.
    let pushed = line.size.is_none() && line.align == Align::Start;
    let width = ems(text.trim()) as f32;
    let end = line.indent + width;
    let right =
        line.align == Align::End || pushed && line.indent >= 9.0 && width <= 24.0 && end >= 20.0;
    let center = !right
        && (line.align == Align::Center
            || pushed
                && line.indent >= 3.5
                && line.indent < 16.0
                && width <= 36.0
                && !content.ends_with('。'));
    let inner = folded.trim_matches(['(', ')']).to_string();
    let inner_end = content.trim_end_matches(['。', '！', '？', '；', '…', '”', '』', '）', ')']);
    let ends_sentence = content.ends_with(['。', '；', '…']) && !content.ends_with("……")
        || content.ends_with("。”")
        || content.ends_with("！”")
        || content.ends_with("。）");
    let sentence_inside =
        inner_end.contains(['。', '；']) || inner_end.contains("！") && length > 45;
    let bulleted = BULLETED.is_match(&content);
    let bare = content.trim_matches([
        '[', ']', '【', '】', '〔', '〕', '［', '］', '●', '◆', '★', '※', '■', '◎', '☆', '▲', '〖',
        '〗', '《', '》', '「', '」',
    ]);
    let bracketed = BRACKETED.is_match(&content)
        && !NOTE_WORD.is_match(&content)
        && (is_section_word(bare) || !content.starts_with(['《', '〈', '『', '「']));
    let level = NUMBERED.is_match(&folded).then(|| match heading_level(&content) {
        Some(HeadingLevel::First) => 1,
        Some(HeadingLevel::Second) => 2,
        Some(HeadingLevel::Third) => 3,
        Some(HeadingLevel::Fourth) => 4,
        None => 5,
    });
    let after_number = content.trim_start_matches(|c: char| "一二三四五六七八九十、".contains(c));
    let parenthesised = PARENTHESISED.is_match(&folded) && level.is_none();
    let typed = !object && length > 0;
    Look {
        length,
        object,
        glued: line.glued,
        gap: line.gap > 0,
        aside: line.place != Place::Body,
        right,
        center,
        indented: document.indented && (1.0..4.0).contains(&line.indent) && !right && !center,
        flush: document.indented && line.indent < 1.0 && line.align == Align::Start,
        bold: line.is_bold() && !document.all_bold,
        larger: line.size.is_some_and(|size| size > body_size + 0.9),
        sized: line.size.is_some(),
        red: line.red,
        outline: line.outline,
        ends_sentence,
        ends_asking: content.ends_with(['！', '？', '!', '?']),
        sentence_inside,
        comma_inside: inner_end.contains(['，', ',']),
        begins_with_time: TIME.is_match(&content)
            && length > 12
            && !matches!(facts.as_slice(), [Fact::Date(_)]),
        bracketed,
        bulleted,
        dashed: DASHED.is_match(&content) && !ends_sentence && length <= 60,
        parenthesised,
        source_words: parenthesised && is_source(inner.trim()),
        source_word: SOURCE_WORD.is_match(&fold(text.trim())) && !sentence_inside,
        section_word: is_section_word(bare) || (level == Some(1) && is_section_word(after_number)),
        contents_word: CONTENTS_WORD.is_match(&folded),
        page_behind: length <= 60
            && !sentence_inside
            && PAGE_BEHIND.is_match(fold(text.trim()).as_str())
            && !parenthesised
            && content.chars().any(|c| c > '\u{2e80}'),
        unit: typed && is_unit(&content) && !sentence_inside,
        people: is_names(text.trim()),
        unit_people: unit_and_people(text.trim()),
        note_word: NOTE_WORD.is_match(text.trim()),
        caption_word: length <= 45 && CAPTION_WORD.is_match(&content),
        attachment_mark: ATTACHMENT_MARK.is_match(&content),
        attachment_list: ATTACHMENT_LIST.is_match(&content) && length <= 60,
        has_number: has(|fact| matches!(fact, Fact::Number(..))),
        has_serial: has(|fact| matches!(fact, Fact::Serial(_))),
        has_date: has(|fact| matches!(fact, Fact::Date(_))),
        date_only: matches!(facts.as_slice(), [Fact::Date(_)]),
        has_class: has(|fact| matches!(fact, Fact::Classification(..) | Fact::Urgency(_)))
            && length <= 12,
        has_notice: has(|fact| matches!(fact, Fact::Notice(_))),
        issuer_word: length <= 40
            && ISSUER_WORD.is_match(&content)
            && !sentence_inside
            && !bracketed,
        bulletin_name: is_bulletin_name(&content) && !bracketed && !bulleted,
        own_name: !name.is_empty() && content.trim_matches(['《', '》']) == squeeze(name),
        level,
        imprint_list: IMPRINT_LIST.is_match(&content),
        imprint_staff: IMPRINT_STAFF.is_match(&fold(&content)) && length <= 80,
        print_run: PRINT_RUN.is_match(&folded) && length <= 60,
        printed_by: length <= 50
            && has(|fact| matches!(fact, Fact::Date(_)))
            && PRINTED_BY.is_match(&content),
        text: content,
        ..Look::default()
    }
}

/// A unit and its people: 市妇联 张某某.
fn unit_and_people(text: &str) -> bool {
    let text = text.trim_matches(['（', '）', '(', ')']);
    let mut words = text.split_whitespace();
    let Some(first) = words.next() else { return false };
    let rest: Vec<&str> = words.collect();
    let office =
        (2..=14).contains(&first.chars().count()) && !first.contains(['，', '。', '：', '、']);
    office && !is_names(first) && !rest.is_empty() && is_names(&rest.join(" "))
}

/// Marks the lines that appear both in the contents and in the text.
fn repetitions(looks: &mut [Look]) {
    let first_long = looks.iter().position(is_long);
    let keys: Vec<String> = looks
        .iter()
        .map(|look| {
            if look.length <= 60 && !look.object && !look.sentence_inside {
                wording(&look.text)
            } else {
                String::new()
            }
        })
        .collect();
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut pairs = Vec::new();
    for (at, key) in keys.iter().enumerate().filter(|(_, key)| key.chars().count() >= 2) {
        match first.get(key.as_str()) {
            Some(&before) => pairs.push((before, at)),
            None => {
                first.insert(key, at);
            }
        }
    }
    let zone = first_long.unwrap_or(0);
    for (before, at) in pairs {
        // Contents come before the first long text.
        if before < zone {
            looks[before].said_again = true;
            looks[at].said_before = true;
        }
    }
    let open =
        |look: &Look| !look.said_again && !look.said_before && (8..=60).contains(&look.length);
    let early: Vec<usize> =
        (0..zone.min(80)).filter(|&at| open(&looks[at]) && !looks[at].ends_sentence).collect();
    for at in 0..looks.len() {
        if !open(&looks[at])
            || looks[at].sentence_inside
            || looks[at].ends_sentence
            || keys[at].is_empty()
        {
            continue;
        }
        let alike = early.iter().filter(|&&before| before < at && !keys[before].is_empty()).find(
            |&&before| {
                likeness(&keys[before], &keys[at]) >= 0.6
                    || keys[at].starts_with(&keys[before])
                    || keys[before].starts_with(&keys[at])
            },
        );
        if let Some(&before) = alike {
            looks[before].alike_again = true;
            looks[at].alike_before = true;
        }
    }
    let listed = looks.iter().filter(|look| look.said_before).count();
    if listed >= 2 {
        for look in looks.iter_mut() {
            look.unlisted = !look.said_before && !look.alike_before && !look.object;
        }
    }
}

/// Whether a line is text beyond doubt.
fn is_long(look: &Look) -> bool {
    look.length > 45 || look.sentence_inside || look.ends_sentence && look.length > 20
}

/// Adds the facts that depend on the neighbouring lines.
fn neighbours(looks: &mut [Look]) {
    let count = looks.len();
    let long = is_long;
    let first_long = looks.iter().position(long).unwrap_or(count);
    let last_long =
        looks.iter().rposition(|look| long(look) && !look.imprint_list && !look.imprint_staff);
    let brackets = looks.iter().filter(|look| look.bracketed).count();
    // A heading number that recurs after text which has numbers of its own numbers titles.
    let numbered_titles: Vec<usize> = numbered_titles(looks);
    let mut listing = false;
    let mut facts_before = false;
    for at in 0..count {
        let next = looks.get(at + 1).cloned();
        let prev = at.checked_sub(1).map(|at| looks[at].clone());
        let next_is_long = next.as_ref().is_some_and(|next| long(next) && next.length > 30);
        let look = &mut looks[at];
        let facts = look.has_number
            || look.has_serial
            || look.has_date
            || look.has_class
            || look.has_notice;
        look.masthead_like = facts
            || look.issuer_word
            || look.bulletin_name
            || look.own_name
            || look.red
            || look.aside;
        look.facts_before = facts_before;
        facts_before |= look.has_number || look.has_serial || look.has_date;
        look.early = at < first_long;
        look.late = last_long.is_none_or(|last| at > last);
        look.bracket_habit = brackets >= 2;
        look.next_long = next_is_long;
        look.next_short = next.as_ref().is_some_and(|n| n.length <= 40 && !long(n) && !n.object);
        look.next_dashed = next.as_ref().is_some_and(|n| n.dashed);
        look.next_glued = next.as_ref().is_some_and(|n| n.glued);
        look.next_right = next.as_ref().is_some_and(|n| n.right);
        look.by_object =
            next.as_ref().is_some_and(|n| n.object) || prev.as_ref().is_some_and(|p| p.object);
        let mark = |look: &Look| look.text.chars().next();
        look.same_bullet =
            look.bulleted && prev.as_ref().is_some_and(|p| p.bulleted && mark(p) == mark(look));
        look.prev_comma = prev.as_ref().is_some_and(|p| p.text.ends_with(['，', ',', '、']));
        look.prev_sentence = prev.as_ref().is_some_and(|p| p.ends_sentence);
        look.after_bare_note = prev.as_ref().is_some_and(|p| BARE_NOTE.is_match(&p.text));
        listing = look.attachment_list && look.length < 60 || listing && look.level.is_some();
        look.after_attachment_list = listing && !look.attachment_list;
        let both = |test: fn(&Look) -> bool| test(look) && prev.as_ref().is_some_and(test);
        let same = both(|l| l.center) || both(|l| l.larger) || both(|l| l.outline.is_some());
        let prev_titleish = prev.as_ref().is_some_and(|p| {
            (9..=40).contains(&p.length) && !p.bracketed && !p.ends_sentence && !p.parenthesised
        });
        look.continues_title = same
            && prev_titleish
            && !look.bracketed
            && !look.parenthesised
            && !look.dashed
            && !look.gap;
        look.numbered_title = numbered_titles.contains(&at);
    }
}

/// Numbered lines that each follow a source and precede text: the numbered titles of a digest.
fn numbered_titles(looks: &[Look]) -> Vec<usize> {
    let after_source = |at: usize| {
        at.checked_sub(1).is_some_and(|before| {
            let before = &looks[before];
            before.source_words
                || before.source_word
                || before.bracketed
                || before.has_date
                || before.has_number
        })
    };
    let found: Vec<usize> = (0..looks.len())
        .filter(|&at| {
            looks[at].level.is_some()
                && (8..=45).contains(&looks[at].length)
                && !looks[at].ends_sentence
                && !looks[at].sentence_inside
        })
        .filter(|&at| after_source(at))
        .collect();
    if found.len() >= 2 { found } else { Vec::new() }
}
