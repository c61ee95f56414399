//! The classes of words, and what several words together are: a number with its unit, a name.

use super::words::Word;

/// The class of a word, as far as breaking lines needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A verb that says what a title reports (召开).
    Verb,
    /// Any other verb, until it is known whether it says something here.
    Act,
    /// A verb that is as often a noun (检查).
    Weak,
    /// A noun.
    Noun,
    /// The name of a place.
    Place,
    /// The name of a body.
    Body,
    /// The name of a person.
    Person,
    /// Another name.
    Name,
    /// An adjective, or a noun that only modifies (大型).
    Adjective,
    /// An adverb.
    Adverb,
    /// A word that belongs to what follows (在, 把).
    Preposition,
    /// A word between two equal parts (和).
    Conjunction,
    /// 并, 暨: between two clauses or names.
    Also,
    /// 的.
    De,
    /// A word that belongs to what precedes (了, 等, 一行).
    Particle,
    /// A number, with its unit where it has one.
    Amount,
    /// A date or a time.
    Time,
    /// 上, 中, 期间.
    Locality,
    /// A set phrase.
    Idiom,
    /// A measure (个, 亿元).
    Unit,
    /// A mark that opens.
    Opening,
    /// A mark that closes.
    Closing,
    /// A dash, a colon, a mark that ends a clause.
    Stop,
    /// 、
    Comma,
    /// A blank.
    Blank,
    /// Latin letters or digits.
    Latin,
    /// A character that belongs to what follows (新, 副).
    Prefix,
    /// A state in one character (俄, 美).
    State,
    /// A single character that is no word.
    Single,
    /// Anything else.
    Other,
}

const NUMERALS: &str = "一二三四五六七八九十百千两〇零几数";
const UNITS: &str = "年月日号期届次个项名人家条件批万亿吨元岁周天亩座处米度户例种类位架艘辆支只册卷部篇场站所对组级倍成点幅款轮度份口";
const LONG_UNITS: [&str; 22] = [
    "年度",
    "周年",
    "月份",
    "小时",
    "分钟",
    "公里",
    "千米",
    "公顷",
    "平方米",
    "平方公里",
    "千瓦",
    "亿元",
    "万元",
    "万人",
    "万吨",
    "亿吨",
    "万名",
    "个百分点",
    "季度",
    "美元",
    "人次",
    "世纪",
];
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文马蓝严傅焦裴巩";
/// Offices, after which a name stands.
const OFFICES: &[&str] = &[
    "书记", "主席", "市长", "县长", "区长", "省长", "主任", "部长", "局长", "总理", "委员", "代表",
];
/// The characters that foreign names are written with.
const FOREIGN: &str = "京舒逊阿埃艾安奥巴柏班邦保贝本比彼宾波伯勃博布茨达戴丹当道德登迪蒂丁顿多厄恩尔法菲费芬佛弗夫福盖甘冈戈格根古哈海汉赫亨洪胡霍基吉加贾姜杰金卡凯坎康考柯科克肯库拉莱兰朗劳勒雷里利莉列林琳隆卢鲁路伦罗洛马玛迈曼梅门蒙米密缅明莫默姆穆拿内纳娜南尼涅宁纽努诺欧帕潘庞佩彭皮珀普奇齐契恰乔切热日荣茹萨塞瑟森沙莎绍舍申圣施什史斯苏索所塔台泰坦汤特提廷通图托脱瓦万威韦维魏温文沃乌武西希锡夏谢辛休叙雅亚延扬耶叶伊易因英尤约泽詹珍朱兹佐戛伏沃诺";
/// Endings of names of places and bodies.
const ENDINGS: &str = "省市县区州镇乡村旗盟局厅委办院部署社校馆厂站所队组军党";

/// Endings of other words.
const WORD_ENDINGS: &str =
    "周赛展节会团队员长站馆所室局厅署区带圈线网链库厂店园院校费率量额权法款书表证牌奖班课";

/// The class of a dictionary's letter.
pub fn of_class(class: char) -> Kind {
    match class {
        'V' => Kind::Verb,
        'v' => Kind::Act,
        'N' => Kind::Weak,
        'n' => Kind::Noun,
        'S' => Kind::Place,
        'T' => Kind::Body,
        'R' => Kind::Person,
        'F' => Kind::Name,
        'Z' => Kind::Noun,
        'a' | 'b' => Kind::Adjective,
        'd' => Kind::Adverb,
        'p' => Kind::Preposition,
        'c' => Kind::Conjunction,
        'u' => Kind::Particle,
        'm' => Kind::Amount,
        'q' => Kind::Unit,
        't' => Kind::Time,
        'f' => Kind::Locality,
        'i' => Kind::Idiom,
        _ => Kind::Other,
    }
}

/// The class of a single character.
pub fn of_char(c: char) -> Kind {
    match c {
        '的' => Kind::De,
        '了' | '着' | '过' | '等' | '地' | '们' | '性' | '者' | '式' | '型' | '化' => {
            Kind::Particle
        }
        '和' | '与' | '及' | '或' | '同' => Kind::Conjunction,
        '并' | '暨' | '而' => Kind::Also,
        '在' | '对' | '向' | '为' | '以' | '从' | '由' | '就' | '让' | '把' | '被' | '到'
        | '致' | '赴' | '遭' | '受' | '获' | '将' | '给' | '令' | '使' | '按' | '于' | '据'
        | '当' | '因' => Kind::Preposition,
        '称' | '促' | '助' | '迎' | '聚' | '建' | '创' | '谋' | '享' | '开' | '办' => {
            Kind::Other
        }
        '已' | '再' | '又' | '均' | '正' | '也' | '都' | '仍' | '更' | '不' | '超' | '约'
        | '近' | '逾' | '首' => Kind::Adverb,
        '新' | '大' | '小' | '老' | '高' | '低' | '多' | '副' | '前' | '原' | '总' | '各'
        | '本' | '该' | '每' | '最' | '无' | '非' | '双' | '单' | '好' | '全' => {
            Kind::Prefix
        }
        '美' | '俄' | '乌' | '英' | '法' | '德' | '日' | '韩' | '朝' | '巴' | '伊' | '黎'
        | '欧' => Kind::State,
        '上' | '中' | '下' | '内' | '外' | '里' | '后' | '间' | '时' => Kind::Locality,
        '“' | '‘' | '《' | '〈' | '（' | '(' | '【' | '〔' | '「' | '『' => {
            Kind::Opening
        }
        '”' | '’' | '》' | '〉' | '）' | ')' | '】' | '〕' | '」' | '』' | '%' | '％' | '℃' => {
            Kind::Closing
        }
        '，' | '。' | '；' | '：' | '！' | '？' | '—' | '―' | '…' | '─' => Kind::Stop,
        '、' => Kind::Comma,
        c if c.is_whitespace() => Kind::Blank,
        c if c.is_ascii() || "·－".contains(c) => Kind::Latin,
        _ => Kind::Single,
    }
}

/// Joins words that are one thing.
pub fn join(words: &mut Vec<Word>) {
    acts(words);
    latin(words);
    amounts(words);
    meetings(words);
    endings(words);
    foreign(words);
    persons(words);
    bodies(words);
    names(words);
}

/// Whether verbs say something: in what 关于 announces, only those do that titles report with.
fn acts(words: &mut [Word]) {
    let about = words.iter().position(|word| word.text == "关于").unwrap_or(words.len());
    let is_paper =
        words.last().is_some_and(|last| last.kind != Kind::Verb && last.text.chars().count() <= 4);
    for (at, word) in words.iter_mut().enumerate() {
        if word.kind == Kind::Act {
            let is_named = is_paper && at > about + 1;
            word.kind = if is_named { Kind::Weak } else { Kind::Verb };
        }
    }
}

/// Makes one word of the words `from..to`.
fn merge(words: &mut Vec<Word>, from: usize, to: usize, kind: Kind) {
    let text = words[from..to].iter().map(|word| word.text.as_str()).collect();
    let end = words[to - 1].end;
    let start = words[from].start;
    words.splice(from..to, [Word { start, end, text, kind }]);
}

fn latin(words: &mut Vec<Word>) {
    let mut at = 0;
    while at < words.len() {
        let run = words[at..].iter().take_while(|word| word.kind == Kind::Latin).count();
        if run > 1 {
            merge(words, at, at + run, Kind::Latin);
        }
        at += 1;
    }
}

fn is_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || "０１２３４５６７８９".contains(c))
}

fn is_numeral(word: &Word) -> bool {
    let number = word.text.strip_prefix('第').unwrap_or(&word.text);
    !number.is_empty() && number.chars().all(|c| NUMERALS.contains(c))
}

/// Numbers with their units: 第十五次, 1.6亿吨, 2023—2027年.
fn amounts(words: &mut Vec<Word>) {
    let mut at = 0;
    while at < words.len() {
        let is_ordinal = words[at].text == "第" || words[at].text == "前";
        let numeral = |word: &Word| is_digits(&word.text) || is_numeral(word);
        let first = at + usize::from(is_ordinal);
        if !words.get(first).is_some_and(numeral) {
            at += 1;
            continue;
        }
        let mut to = first + 1;
        while words.get(to).is_some_and(|word| {
            numeral(word)
                || word.text == "%"
                || word.text == "％"
                || word.text == "多"
                || word.text == "余"
                || (word.text == "—" && words.get(to + 1).is_some_and(numeral))
        }) {
            to += 1;
        }
        let mut has_unit = false;
        while words.get(to).is_some_and(|word| is_unit(&word.text)) {
            has_unit = true;
            to += 1;
        }
        let unit = words[to - 1].text.as_str();
        let is_date = unit.ends_with(['年', '月', '日']) && !unit.ends_with("周年");
        let is_span = is_date && words[at].text.starts_with('第');
        let is_time = is_date && !is_span || matches!(unit, "年度" | "月份" | "季度");
        let kind = if is_time { Kind::Time } else { Kind::Amount };
        if to - at > 1 && (is_ordinal || has_unit || to - first > 1) {
            merge(words, at, to, kind);
        } else if is_digits(&words[at].text) {
            words[at].kind = Kind::Amount;
        }
        at += 1;
    }
}

fn is_unit(text: &str) -> bool {
    LONG_UNITS.contains(&text)
        || (!text.is_empty()
            && text.chars().count() <= 2
            && text.chars().all(|c| UNITS.contains(c)))
}

/// Words that end in a character of their own: 宣传周, 经贸合作区.
fn endings(words: &mut Vec<Word>) {
    let mut at = 1;
    while at < words.len() {
        let (before, word) = (&words[at - 1], &words[at]);
        let is_ending = word.end - word.start == 1
            && word.kind == Kind::Single
            && WORD_ENDINGS.contains(&word.text);
        let is_stem = matches!(before.kind, Kind::Noun | Kind::Weak)
            && (2..=6).contains(&(before.end - before.start));
        if is_ending && is_stem {
            let is_body = "局厅院署".contains(&word.text);
            merge(words, at - 1, at + 1, if is_body { Kind::Body } else { Kind::Noun });
        } else {
            at += 1;
        }
    }
}

/// Foreign names, which are written with few characters: 车里雅宾斯克.
fn foreign(words: &mut Vec<Word>) {
    let mut at = 0;
    while at < words.len() {
        let is_part = |word: &Word| {
            word.text.chars().all(|c| FOREIGN.contains(c))
                && matches!(
                    word.kind,
                    Kind::Single
                        | Kind::State
                        | Kind::Person
                        | Kind::Place
                        | Kind::Other
                        | Kind::Name
                        | Kind::Noun
                )
                && (word.kind != Kind::Noun || word.end - word.start == 1)
        };
        let run = words[at..].iter().take_while(|word| is_part(word)).count();
        let singles = words[at..at + run].iter().filter(|word| word.end - word.start == 1).count();
        let length: usize = words[at..at + run].iter().map(|word| word.end - word.start).sum();
        if run > 1 && length >= 3 && singles * 3 >= length {
            merge(words, at, at + run, Kind::Name);
        }
        at += 1;
    }
    let mut at = 1;
    while at + 1 < words.len() {
        if words[at].text == "·" {
            merge(words, at - 1, at + 2, Kind::Name);
        } else {
            at += 1;
        }
    }
}

/// Names of persons that the dictionary lacks: a surname and one or two characters.
fn persons(words: &mut Vec<Word>) {
    let mut at = 0;
    while at + 1 < words.len() {
        let length = |word: &Word| word.end - word.start;
        let single = |word: Option<&Word>| {
            word.is_some_and(|word| {
                length(word) == 1 && matches!(word.kind, Kind::Single | Kind::Other)
            })
        };
        let (word, next) = (&words[at], &words[at + 1]);
        let is_surname = length(word) == 1 && SURNAMES.contains(&word.text);
        let has_office = at > 0 && OFFICES.iter().any(|end| words[at - 1].text.ends_with(end));
        let is_given = match has_office {
            true => !matches!(next.kind, Kind::Verb | Kind::Preposition | Kind::De),
            false => next.kind == Kind::Other,
        };
        if is_surname && word.kind == Kind::Single {
            if single(words.get(at + 1)) && single(words.get(at + 2)) {
                merge(words, at, at + 3, Kind::Person);
            } else if single(words.get(at + 1)) || length(next) == 2 && is_given {
                merge(words, at, at + 2, Kind::Person);
            }
        }
        at += 1;
    }
}

/// Meetings by their number: 二十届四中全会.
fn meetings(words: &mut Vec<Word>) {
    let mut at = 1;
    while at < words.len() {
        if words[at - 1].text.ends_with('届') && words[at].text.contains("中全会") {
            merge(words, at - 1, at + 1, Kind::Noun);
        } else {
            at += 1;
        }
    }
}

/// Names of bodies: places and bodies that follow one another (广东省人民政府办公厅).
fn bodies(words: &mut Vec<Word>) {
    let mut at = 0;
    while at + 1 < words.len() {
        let (first, second) = (&words[at], &words[at + 1]);
        let length = |word: &Word| word.end - word.start;
        let is_named = matches!(first.kind, Kind::Place | Kind::Body | Kind::Person | Kind::Name)
            || length(first) == 1 && first.kind == Kind::Single;
        let ends = length(second) == 1 && ENDINGS.contains(second.text.as_str());
        if is_named && ends && second.kind == Kind::Single {
            let kind = if "省市县区州镇乡村旗盟".contains(second.text.as_str()) {
                Kind::Place
            } else {
                Kind::Body
            };
            merge(words, at, at + 2, kind);
        } else if (matches!(first.kind, Kind::Place | Kind::Body)
            || matches!(first.text.as_str(), "省" | "市" | "县" | "区"))
            && second.kind == Kind::Body
            && length(first) + length(second) <= 13
        {
            merge(words, at, at + 2, Kind::Body);
        } else {
            at += 1;
        }
    }
}

/// Words that a long name of a meeting or a body begins with.
const LEADS: &[&str] = &[
    "世界",
    "国际",
    "全球",
    "亚洲",
    "亚太",
    "欧洲",
    "非洲",
    "全国",
    "国家",
    "中央",
    "中华",
    "首都",
    "联合国",
    "国务院",
    "省",
    "市",
    "县",
    "区",
    "省委",
    "市委",
    "县委",
    "区委",
    "自治区",
];
/// Words that it ends with.
const HEADS: &[&str] = &[
    "运动会",
    "博览会",
    "交易会",
    "洽谈会",
    "展览会",
    "论坛",
    "大会",
    "峰会",
    "锦标赛",
    "委员会",
    "领导小组",
    "集团",
    "公司",
    "银行",
    "基金会",
    "协会",
    "学会",
    "研究会",
    "研究院",
    "研究所",
    "管理局",
    "监管局",
    "监督局",
    "督察组",
    "巡视组",
    "指挥部",
    "联席会议",
    "组织",
    "联盟",
];
/// The longest of such names, in characters.
const LONGEST: usize = 13;

/// Long names of meetings and bodies: 世界大学生夏季运动会, 国家教材委员会.
fn names(words: &mut Vec<Word>) {
    let is_part = |word: &Word| {
        matches!(
            word.kind,
            Kind::Noun
                | Kind::Weak
                | Kind::Place
                | Kind::Name
                | Kind::Adjective
                | Kind::Body
                | Kind::State
                | Kind::Time
        ) && !word.text.ends_with(['年', '月', '日'])
    };
    let mut at = 1;
    while at < words.len() {
        let is_head = HEADS.iter().any(|head| words[at].text.ends_with(head))
            && matches!(words[at].kind, Kind::Noun | Kind::Body | Kind::Weak | Kind::Name);
        let reach = |from: usize| words[at].end - words[from].start <= LONGEST;
        let run = (0..at).rev().take_while(|&from| is_part(&words[from]) && reach(from));
        let lead = run.filter(|&from| {
            words[from].kind == Kind::Place || LEADS.contains(&words[from].text.as_str())
        });
        match lead.last().filter(|_| is_head) {
            Some(from) => {
                merge(words, from, at + 1, Kind::Body);
                at = from + 1;
            }
            None => at += 1,
        }
    }
}
