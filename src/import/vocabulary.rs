//! A text → the kind of words in it: units, names, sections, dates, numbers.

use super::line::{fold, squeeze};

/// A pattern that is compiled when it is first used.
macro_rules! pattern {
    ($name:ident = $pattern:expr) => {
        static $name: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
            regex::Regex::new($pattern).expect("a pattern of ours is well-formed")
        });
    };
}
pub(super) use pattern;

pattern!(
    UNIT = r"(委员会|联合会|协会|学会|商会|工会|总工会|基金会|研究会|理事会|促进会|管委会|居委会|村委会|常委会|总会|分会|同乡会|妇委会|工委会|办公室|办公厅|委|委办|办|局|厅|部|处|科|股|室|组|队|所|站|中心|妇联|文联|残联|侨联|工商联|社联|联社|团委|院|校|公司|集团|银行|支行|分行|政府|街道|镇|乡|村|区|县|市|省|州|旗|大学|小学|中学|幼儿园|党支部|支部|党总支|党委|党组|科协|社科联|作协|记协|日报社?|晚报社?|报社|杂志社|通讯社|合作社|供销社|出版社|网|馆|厂|矿|分局|基地|指挥部|专班|单位|基层)$"
);
pattern!(
    NO_UNIT = r"(全部|内部|干部|局部|外部|到处|之处|好处|难处|本科|学科|场所|住所|小组长|布局|格局|结局|开局|全局|大局|举办|创办|承办|督办|交办|协办|主办|法院判决|社区治理|全区|全市|全县|全省|进社区|进农村|进校园|进机关|入学校|教室|原委|编委|示范区|先进村|全村|城市|乡镇|强镇|强县|强市|强省|关|联网|互联网|上市)$"
);
pattern!(NAMES = r"^[\u4e00-\u9fff]{2,4}([\s、，,]+[\u4e00-\u9fff]{2,4}){0,5}$");
pattern!(
    SURNAME = r"^[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗凤方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮齐康伍余元卜顾孟黄和穆萧尹姚邵汪祁毛禹狄米贝明戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万支柯卢莫房裘解丁宣邓杭洪包左石崔吉龚程邢裴陆荣翁甄曲封靳段焦侯宁武刘景龙叶白蒲邰赖卓池乔阴闻莘党翟谭劳申冉桑桂牛寿边尚温庄柴瞿阎慕连茹习艾容向古易廖庾耿匡国文广欧师巩聂晁辛简饶空曾沙养关查游权付肖闫辜岳帅欧阳司马上官诸葛尉迟]"
);
pattern!(
    SECTION = r"(动态|交流|简讯|快讯|要闻|要情|短讯|短波|集锦|集萃|之窗|园地|论坛|讲话|讲话摘登|摘登|风采|传真|选登|选载|选编|视点|聚焦|关注|特稿|专稿|专栏|专题|专报|信息|荟萃|扫描|播报|速递|速览|一线|前沿|探索|思考|研讨|调研|调查|参考|借鉴|启示|案例|典型|典型经验|经验|做法|创新|实践|亮点|特色|人物|先进|榜样|天地|平台|窗口|解读|政策|导读|领导|批示|部署|落实|进展|工作|建设|活动|通报|通知|公告|简报|头条|推荐|大家谈|回音壁|曝光台|光荣榜|红黑榜|工作法|摘要|文摘|撷英|纪实|见闻|行动|战线|在线|点评|综述|综合|民生|法治|党建|廉政|学习|教育|宣传|统计|数据|监测|预警|提示|文件|法规|理论|时评|言论|报道|专题报道|特别报道|本期关注|县区|基层|部门|机关|各地|外地|国内|省内|市内|重要|热点|反响|体会|心得|建言|献策|声音|建议|意见|问题|举措|成效|成果|反馈|督查|督办|巡察|安全|应急)$"
);
pattern!(
    NAME = r"(简报|信息|动态|通讯|快报|专报|参考|交流|摘报|要情|内参|通报|简讯|月报|周报|旬报|季报|日报|周刊|月刊|快讯|情况|要报|送阅|呈阅件|专刊|之声|导刊|通信|要闻|工作|资讯|文摘|快递|热线|之窗|瞭望)$"
);

/// Whether a short text ends like the name of a unit.
pub fn is_unit(text: &str) -> bool {
    let text = squeeze(text);
    let last = text.split(['、', '，', ',', '/']).next_back().unwrap_or_default();
    (2..=30).contains(&text.chars().count()) && UNIT.is_match(last) && !NO_UNIT.is_match(last)
}

/// Whether a text is one or several names of people.
pub fn is_names(text: &str) -> bool {
    // Names of two characters are often spaced to the width of three.
    let text = join_spaced_names(text.trim());
    NAMES.is_match(&text)
        && text
            .split(|c: char| c.is_whitespace() || "、，,".contains(c))
            .filter(|name| !name.is_empty())
            .all(|name| SURNAME.is_match(name) && name.chars().count() <= 4 && !UNIT.is_match(name))
}

fn join_spaced_names(text: &str) -> String {
    let parts: Vec<&str> = text.split_whitespace().collect();
    match parts.as_slice() {
        [a, b] if a.chars().count() == 1 && b.chars().count() == 1 => format!("{a}{b}"),
        _ => text.into(),
    }
}

/// Whether a name is usual for a section.
pub fn is_section_word(name: &str) -> bool {
    let name = squeeze(name);
    (2..=10).contains(&name.chars().count())
        && SECTION.is_match(&name)
        && !matches!(name.as_str(), "打印" | "关闭" | "编者按" | "按语")
}

/// Whether a short text ends like the name of a bulletin.
pub fn is_bulletin_name(text: &str) -> bool {
    let text = squeeze(text);
    (2..=18).contains(&text.chars().count()) && NAME.is_match(&text)
}

/// The number written in Arabic or Chinese digits, up to 99999.
pub fn number(text: &str) -> Option<u32> {
    let text = fold(text);
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().filter(|&n| n < 1_000_000);
    }
    let digit = |c: char| {
        "〇一二三四五六七八九"
            .chars()
            .position(|d| d == c)
            .or_else(|| "零壹贰叁肆伍陆柒捌玖".chars().position(|d| d == c))
            .or(match c {
                '○' | 'О' | 'O' | 'o' | '0' | '◯' | 'Ｏ' => Some(0),
                '两' => Some(2),
                _ => None,
            })
            .map(|n| n as u32)
    };
    let (mut total, mut run, mut seen) = (0, None, false);
    for c in text.chars() {
        let unit = match c {
            '十' | '拾' => 10,
            '百' | '佰' => 100,
            '千' | '仟' => 1000,
            '廿' => {
                total += 20;
                seen = true;
                continue;
            }
            c => {
                let next: u32 = digit(c)?;
                run = Some(run.unwrap_or(0) * 10 + next);
                if run > Some(99_999) {
                    return None;
                }
                seen = true;
                continue;
            }
        };
        total += run.take().unwrap_or(1) * unit;
        seen = true;
    }
    seen.then(|| total + run.unwrap_or(0))
}

/// A short text without the single blanks that space its characters out.
pub fn without_spacing(text: &str) -> String {
    let text = text.trim();
    let words: Vec<&str> = text.split_whitespace().collect();
    let singles = words.iter().filter(|word| word.chars().count() == 1).count();
    if words.len() > 1 && singles == words.len() { words.concat() } else { text.into() }
}

/// The wording of a line in the contents or of a title, for comparing the two: without numbers,
/// marks and page numbers.
pub fn wording(text: &str) -> String {
    pattern!(HEAD = r"^([(]?[\d一二三四五六七八九十]{1,3}[)]?[、.．)]|[●◆★※■▲◎☆·•▪○◇□►▶➢—―\-]+)+");
    pattern!(TAIL = r"[.…·．。_—―\-]*[(\[]?\d{0,3}[)\]]?$");
    let text = fold(&squeeze(text));
    let text = HEAD.replace(&text, "");
    let text = if text.chars().count() > 6 { TAIL.replace(&text, "") } else { text };
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The likeness of two wordings, from 0 to 1, by the pairs of characters that they share.
pub fn likeness(a: &str, b: &str) -> f32 {
    let pairs =
        |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (a, mut b) = (pairs(a), pairs(b));
    let total = a.len() + b.len();
    if total == 0 {
        return 0.0;
    }
    let mut shared = 0;
    for pair in &a {
        if let Some(at) = b.iter().position(|other| other == pair) {
            b.swap_remove(at);
            shared += 2;
        }
    }
    shared as f32 / total as f32
}

/// A section header split into its opening marks, its name, and its closing marks.
pub fn unbracketed(text: &str) -> (&str, &str, &str) {
    const MARKS: &[char] = &[
        '[', ']', '【', '】', '〔', '〕', '［', '］', '〖', '〗', '「', '」', '『', '』', '<', '>',
        '〈', '〉', '《', '》', '●', '◆', '★', '※', '■', '▲', '◎', '☆', '◇', '▼', '▶', '►', '➢',
        '❖', '□', '○', '⊙', '✦', '✱', '-', '—', '―', '－',
    ];
    let mark = |c: char| MARKS.contains(&c) || c.is_whitespace();
    let start = text.len() - text.trim_start_matches(mark).len();
    let end = text.trim_end_matches(|c| mark(c) || c == '：' || c == ':').len();
    if start >= end { ("", text, "") } else { (&text[..start], &text[start..end], &text[end..]) }
}

/// Whether a text names the makers of the issue: 某某办公室编.
pub fn says_editors(text: &str) -> bool {
    let text = squeeze(text);
    text.chars().count() <= 40
        && (text.ends_with('编')
            || text.ends_with("主办")
            || text.ends_with("编印")
            || text.ends_with("编发"))
}

/// Whether a text ends like an issuer's line: 某某办公室, 某某办公室编.
pub fn ends_as_issuer(text: &str) -> bool {
    is_unit(text)
        || text.ends_with(['编', '办'])
        || text.ends_with("主办")
        || text.ends_with("编印")
        || text.ends_with("编发")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_writing() {
        for (text, expected) in [
            ("16", 16),
            ("０１６", 16),
            ("十六", 16),
            ("二十", 20),
            ("一百零三", 103),
            ("二〇一四", 2014),
            ("二○一四", 2014),
            ("三百一十二", 312),
        ] {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        assert_eq!(number("甲"), None);
    }

    #[test]
    fn units_and_names_are_told_apart() {
        assert!(is_unit("青岛市妇联") && is_unit("临沂市妇儿工委办公室") && !is_unit("持续推进"));
        assert!(is_names("张某某　李某") && !is_names("市教育局"));
    }

    #[test]
    fn wordings_leave_numbers_and_pages_out() {
        assert_eq!(wording("1. 全市召开工作会议……3"), wording("●全市召开工作会议"));
        assert_eq!(wording("――综述报告"), "综述报告");
    }
}
