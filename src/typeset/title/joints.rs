//! Words → what a break of the line costs between any two of them.
//!
//! The costs are weighed against each other only: 0 is a place that asks for a break, from 6 on
//! sense is hurt.

use super::kinds::Kind;
use super::words::Word;

/// What a break costs more within a quotation that is too long for a line.
const LONG_QUOTATION: f64 = 3.5;
/// A break that is never made.
pub const NEVER: f64 = 40.0;

/// Nouns that end a phrase, to which what precedes belongs.
const HEADS: &[&str] = &[
    "工作", "活动", "项目", "行动", "任务", "计划", "规划", "方案", "措施", "机制", "体系", "制度",
    "政策", "情况", "问题", "意见", "办法", "通知", "通报", "报告", "公告", "决定", "会议", "仪式",
    "事件", "事业", "工程", "能力", "水平", "作用", "目标", "企业", "单位", "领域", "服务", "建设",
    "发展", "管理", "改革", "治理", "论坛", "峰会", "大会", "协议", "方式", "模式", "平台", "品牌",
    "机构", "体制",
];
/// What kinds of papers are called.
const PAPERS: &[&str] = &[
    "规范",
    "规划",
    "方案",
    "章程",
    "条例",
    "规则",
    "规程",
    "细则",
    "纲要",
    "要点",
    "清单",
    "目录",
    "工作规范",
    "计划",
    "通知",
    "通报",
    "意见",
    "报告",
    "公告",
    "通告",
    "决定",
    "决议",
    "批复",
    "函",
    "纪要",
    "请示",
    "议案",
    "命令",
    "公报",
    "指导意见",
    "实施意见",
    "若干意见",
    "若干措施",
    "解释",
    "规定",
    "办法",
    "建议",
    "讲话",
];
/// What bodies are called, to which what precedes belongs.
const BODIES: &[&str] = &[
    "委员会",
    "领导小组",
    "工作组",
    "办公室",
    "办公厅",
    "调研组",
    "督导组",
    "检查组",
    "专班",
    "主席团",
    "委员会会议",
    "代表大会",
    "常务委员会",
    "执法检查组",
];
/// Verbs that help another: 加快发展.
const HELPING: &[&str] = &["加快", "支持", "鼓励", "引导", "鼓励和引导", "着力"];
/// Words for a whole land, which belong to what follows.
const WIDE: &[&str] = &["全国", "全省", "全市", "全县", "全区"];
/// Verbs that a subject speaks with: what is said follows.
const SAYING: &[&str] =
    &["强调", "指出", "要求", "表示", "称", "提出", "呼吁", "认为", "宣布", "说"];
/// Offices, to which what precedes belongs.
const OFFICES: &[&str] = &[
    "总书记",
    "书记",
    "主席",
    "副主席",
    "总理",
    "副总理",
    "总统",
    "市长",
    "省长",
    "县长",
    "主任",
    "部长",
    "局长",
    "国家主席",
    "首相",
    "外长",
    "大使",
    "议长",
];
/// Verbs that may end a clause, so that another may follow.
const ENDING: &[&str] = &[
    "举行", "启动", "开幕", "闭幕", "成立", "结束", "揭牌", "建成", "亮相", "出炉", "召开", "落幕",
];
/// Verbs whose object is the paper that follows.
const ISSUING: &[&str] = &["印发", "转发", "批转", "公布", "发布", "下发", "出台"];

/// What a break before each word costs; the first word's is [`NEVER`].
pub fn joints(words: &[Word]) -> Vec<f64> {
    let mut costs = vec![NEVER; words.len()];
    let mut open = Vec::new();
    for at in 0..words.len() {
        if at > 0 {
            let within: f64 = open.iter().sum();
            costs[at] = (Joint { words, at }.cost() + within).min(NEVER);
        }
        match words[at].kind {
            Kind::Opening => open.push(within(words, at)),
            Kind::Closing if !words[at].text.starts_with(['%', '％', '℃']) => {
                open.pop();
            }
            _ => {}
        }
    }
    frames(words, &mut costs);
    costs
}

/// What stands between 在 and its 时 or 中 keeps together.
fn frames(words: &[Word], costs: &mut [f64]) {
    for (start, word) in words.iter().enumerate() {
        let is_open =
            word.kind == Kind::Preposition && matches!(word.text.as_str(), "在" | "从" | "以");
        if !is_open {
            continue;
        }
        let reach = words[start + 1..]
            .iter()
            .position(|word| word.kind == Kind::Locality && word.end - word.start == 1);
        let Some(length) = reach else { continue };
        let end = start + 1 + length;
        let short = words[end].end - word.start <= 14;
        let whole =
            words[start..end].iter().all(|word| !matches!(word.kind, Kind::Blank | Kind::Stop));
        if short && whole {
            costs[start + 1..end].iter_mut().for_each(|cost| *cost = (*cost + 2.0).min(NEVER));
        }
    }
}

/// What a break costs more within the quotation that the word `at` opens; one that is longer than
/// a line has to break somewhere.
fn within(words: &[Word], at: usize) -> f64 {
    let length = words[at..]
        .iter()
        .take_while(|word| word.kind != Kind::Closing || word.text == "）")
        .map(|word| word.end - word.start)
        .sum::<usize>();
    match words[at].text.as_str() {
        "（" | "(" => 9.0,
        _ if length > 16 => LONG_QUOTATION,
        _ => 9.0,
    }
}

/// Whether a break before the character `at` cuts a word, a number, a name or a quotation.
pub fn is_cut(words: &[Word], at: usize) -> bool {
    let mut open: Vec<f64> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if at <= word.start {
            let after_blank = index > 0 && words[index - 1].kind == Kind::Blank;
            let is_led = matches!(word.kind, Kind::De | Kind::Closing);
            return is_led || !after_blank && open.iter().any(|cost| *cost > LONG_QUOTATION);
        }
        if at < word.end {
            return true;
        }
        match word.kind {
            Kind::Opening => open.push(within(words, index)),
            Kind::Closing => {
                open.pop();
            }
            _ => {}
        }
    }
    false
}

/// Whether a clause may end with this verb.
pub fn is_ending(word: &Word) -> bool {
    ENDING.contains(&word.text.as_str())
}

/// Whether what is said follows this verb.
pub fn is_saying(word: &Word) -> bool {
    SAYING.contains(&word.text.as_str())
}

/// The place before the word `at`.
struct Joint<'a> {
    words: &'a [Word],
    at: usize,
}

impl Joint<'_> {
    fn before(&self) -> &Word {
        &self.words[self.at - 1]
    }

    fn after(&self) -> &Word {
        &self.words[self.at]
    }

    fn next(&self) -> Option<&Word> {
        self.words.get(self.at + 1)
    }

    fn cost(&self) -> f64 {
        let costs = [self.by_marks(), self.by_small_words(), self.by_classes()];
        costs.into_iter().flatten().next().unwrap_or(4.0)
    }

    /// Where a mark decides.
    fn by_marks(&self) -> Option<f64> {
        let (before, after) = (self.before(), self.after());
        let cost = match (before.kind, after.kind) {
            (Kind::Opening, _) | (_, Kind::Closing | Kind::Stop | Kind::Comma) => NEVER,
            (_, Kind::Blank) => NEVER,
            (Kind::Blank, _) => {
                let earlier = self.words[..self.at - 1].last().map(|word| word.kind);
                match (earlier, after.kind) {
                    (Some(Kind::Body), Kind::Body) | (Some(Kind::Place), Kind::Place) => 2.0,
                    _ => -1.5,
                }
            }
            (Kind::Stop, _) => match before.text.as_str() {
                "—" | "―" | "─" => self.after_dash(),
                "：" => -0.9,
                _ => -1.2,
            },
            (Kind::Comma, _) => self.after_comma(),
            (_, Kind::Opening) => match after.text.as_str() {
                "（" | "(" => 12.0,
                "《" => self.opening(),
                _ => self.opening() + 0.8,
            },
            _ => return None,
        };
        Some(cost)
    }

    /// After 、: between phrases, not between words.
    fn after_comma(&self) -> f64 {
        let short = |word: Option<&Word>| word.is_some_and(|word| word.end - word.start <= 2);
        let earlier = self.at.checked_sub(2).map(|at| &self.words[at]);
        if short(earlier) && short(Some(self.after())) { 4.6 } else { 2.4 }
    }

    /// After a dash: a pair of them parts clauses, a single one joins.
    fn after_dash(&self) -> f64 {
        let is_dash =
            |word: Option<&Word>| word.is_some_and(|word| "—―─".contains(word.text.as_str()));
        let earlier = self.at.checked_sub(2).map(|at| &self.words[at]);
        if is_dash(earlier) { -1.2 } else { 14.0 }
    }

    /// Before a quotation or a title.
    fn opening(&self) -> f64 {
        match self.before().kind {
            Kind::Verb => {
                if ISSUING.contains(&self.before().text.as_str()) {
                    0.4
                } else {
                    2.6
                }
            }
            Kind::Preposition | Kind::Conjunction | Kind::Prefix | Kind::Also => 14.0,
            Kind::Adverb | Kind::Amount => 5.0,
            Kind::De => 2.0,
            Kind::Weak => 2.2,
            _ => 2.4,
        }
    }

    /// Where a word decides that belongs to one side.
    fn by_small_words(&self) -> Option<f64> {
        let (before, after) = (self.before(), self.after());
        let (last, first) = (before.text.as_str(), after.text.as_str());
        if first == "关于" {
            return Some(if self.is_subject() { 0.3 } else { 1.0 });
        }
        if last == "关于" {
            return Some(13.0);
        }
        let cost = match (before.kind, after.kind) {
            (_, Kind::De | Kind::Particle) => 30.0,
            (_, Kind::Locality)
                if after.end - after.start == 1 || first == "以上" || first == "期间" =>
            {
                16.0
            }
            (_, Kind::Unit) if before.kind == Kind::Amount => 30.0,
            (
                Kind::Preposition | Kind::Conjunction | Kind::Also | Kind::Prefix | Kind::State,
                _,
            ) => 14.0,
            (Kind::De, _) => self.after_of(),
            (_, Kind::Also) => 0.7,
            (_, Kind::Conjunction) => self.before_and(),
            (_, Kind::Amount) if first.ends_with("周年") => 8.0,
            (Kind::Latin, Kind::Latin) => 30.0,
            _ if SAYING.contains(&last) => {
                if matches!(last, "强调" | "指出" | "要求" | "认为") { 0.8 } else { 2.0 }
            }
            (_, Kind::Preposition) => self.leading(1.4),
            (_, Kind::State) => self.leading(2.0),
            (_, Kind::Person) if OFFICES.iter().any(|office| last.ends_with(office)) => 9.0,
            _ if OFFICES.contains(&first) => 6.0,
            _ if SAYING.contains(&first) => match before.kind {
                Kind::Locality => 2.0,
                _ => 3.0,
            },
            _ if WIDE.contains(&last) && !matches!(after.kind, Kind::Verb | Kind::Adverb) => 5.0,
            _ if ISSUING.contains(&last) && self.is_issuing() => 0.3,
            _ if self.is_paper() => 7.5,
            _ => return None,
        };
        Some(cost)
    }

    /// Before 和: between phrases, not between words.
    fn before_and(&self) -> f64 {
        let is_part = |word: &&Word| {
            matches!(
                word.kind,
                Kind::Noun | Kind::Weak | Kind::Adjective | Kind::Verb | Kind::Amount | Kind::Body
            )
        };
        let length = |word: &Word| word.end - word.start;
        let verb = |word: &Word| matches!(word.kind, Kind::Verb | Kind::Weak);
        let earlier = &self.words[..self.at];
        if matches!(self.before().kind, Kind::Person | Kind::Name)
            || verb(self.before()) && self.next().is_some_and(verb) && length(self.before()) == 2
        {
            return 8.0;
        }
        if earlier.iter().rev().take(3).any(|word| word.kind == Kind::Comma) {
            return 7.0;
        }
        let first: usize = earlier.iter().rev().take_while(is_part).map(length).sum();
        let second: usize = self.words[self.at + 1..].iter().take_while(is_part).map(length).sum();
        if first.min(second) >= 4 { 3.6 } else { 6.0 }
    }

    /// After 的.
    fn after_of(&self) -> f64 {
        if self.is_paper() {
            return 10.0;
        }
        // 党的建设.
        if self.at > 1 && self.words[self.at - 2].end - self.words[self.at - 2].start == 1 {
            return 7.0;
        }
        match self.after().kind {
            Kind::Verb => 3.0,
            Kind::Amount => 7.0,
            _ => 2.6,
        }
    }

    /// Whether the kind of paper ends the title here.
    fn is_paper(&self) -> bool {
        let ends = match self.next().map(|next| next.kind) {
            None | Some(Kind::Closing | Kind::Blank | Kind::Opening | Kind::Stop) => true,
            Some(_) => false,
        };
        ends && PAPERS.contains(&self.after().text.as_str())
    }

    /// Whether a verb of issuing follows 关于 or a body: 关于印发|…的通知.
    fn is_issuing(&self) -> bool {
        let earlier = self.at.checked_sub(2).map(|at| self.words[at].kind);
        !matches!(earlier, Some(Kind::Adverb))
    }

    /// Whether what precedes can be the subject of the title.
    fn is_subject(&self) -> bool {
        matches!(self.before().kind, Kind::Body | Kind::Place | Kind::Person | Kind::Noun)
    }

    /// Before a word that leads its phrase.
    fn leading(&self, cost: f64) -> f64 {
        match self.before().kind {
            Kind::Adverb => 8.0,
            Kind::Verb => cost + 2.0,
            Kind::Weak => cost + 0.6,
            Kind::Single | Kind::Other => cost + 3.0,
            _ => cost,
        }
    }

    /// Where the classes of both words decide.
    fn by_classes(&self) -> Option<f64> {
        let (before, after) = (self.before(), self.after());
        let last = before.text.as_str();
        let short = |word: &Word| word.end - word.start == 1;
        let cost = match (before.kind, after.kind) {
            (Kind::Single, Kind::Single) => 16.0,
            (Kind::Single | Kind::Other, _) if short(before) => 10.0,
            (_, Kind::Single | Kind::Other) if short(after) => self.before_single(),
            (Kind::Adverb, Kind::Adverb) => 8.0,
            (Kind::Adverb, _) => 9.0,
            (Kind::Adjective, Kind::Adverb) => 7.0,
            (_, Kind::Adverb) => self.leading(1.6),
            (Kind::Adjective, Kind::Verb) => 4.0,
            (Kind::Adjective, _) => 8.0,
            (Kind::Verb, Kind::Verb) => 5.0,
            (Kind::Verb, Kind::Weak) if self.is_helped(self.at) => 8.0,
            (Kind::Verb, Kind::Weak) => self.after_verb().max(4.4),
            (Kind::Weak, Kind::Noun | Kind::Adjective) if self.is_helped(self.at - 1) => 3.4,
            (Kind::Verb, Kind::Locality | Kind::Unit) => 8.0,
            (Kind::Verb, Kind::Body | Kind::Place | Kind::Person | Kind::Name | Kind::Time) => 3.0,
            (Kind::Verb, Kind::Amount) => 2.6,
            (Kind::Verb, _) => self.after_verb(),
            (_, Kind::Verb) => self.before_verb(),
            (_, Kind::Weak) if self.is_predicate() => self.before_verb() + 0.6,
            (Kind::Time, Kind::Time) => 7.0,
            (Kind::Weak, _) if self.follows_predicate() => 3.8,
            (Kind::Time, Kind::Noun | Kind::Weak) if !self.is_date() => self.between_nouns(),
            (Kind::Time, _) => 2.6,
            (Kind::Locality, _) => 2.4,
            (Kind::Noun | Kind::Weak, Kind::Idiom) | (Kind::Idiom, Kind::Noun | Kind::Weak) => 4.4,
            (Kind::Idiom, _) | (_, Kind::Idiom) => 3.0,
            (Kind::Amount, Kind::Amount) => 12.0,
            (Kind::Amount, _) if last.starts_with('第') && last.ends_with('次') => 7.0,
            (Kind::Amount, _) => 5.0,
            (Kind::Noun | Kind::Weak, Kind::Amount) if self.is_counted() => 5.0,
            (_, Kind::Amount) => 3.2,
            (Kind::Weak, Kind::Time) => 3.6,
            (_, Kind::Time) => 2.4,
            (_, Kind::Unit) => 6.0,
            (Kind::Closing, _) => self.after_closing(),
            (Kind::Person, Kind::Noun) => 6.0,
            (_, Kind::Person) => 4.0,
            (Kind::Place, Kind::Place | Kind::Body) => 5.0,
            (Kind::Place | Kind::Body | Kind::Name, Kind::Noun) if self.is_office() => 6.0,
            (Kind::Place, _) => 4.2,
            (Kind::Name, Kind::Noun | Kind::Weak) => 4.4,
            (_, Kind::Body) if BODIES.contains(&after.text.as_str()) => 7.0,
            (Kind::Noun, Kind::Body) => 4.4,
            (_, Kind::Place | Kind::Body | Kind::Name) => 3.2,
            _ => self.between_nouns(),
        };
        Some(cost)
    }

    /// Whether the time before is a date or a day, not a season or a feast.
    fn is_date(&self) -> bool {
        let text = &self.before().text;
        text.starts_with(|c: char| c.is_ascii_digit()) || text.ends_with(['年', '月', '日', '度'])
    }

    /// Whether an office follows, to which its state or body belongs.
    fn is_office(&self) -> bool {
        let text = &self.after().text;
        OFFICES.iter().any(|office| text.ends_with(office))
    }

    /// Whether a number counts what precedes it: 项目57个.
    fn is_counted(&self) -> bool {
        let modifies = |next: &Word| matches!(next.kind, Kind::De | Kind::Locality);
        self.after().text.starts_with(|c: char| c.is_ascii_digit())
            && !self.next().is_some_and(modifies)
    }

    fn before_single(&self) -> f64 {
        match self.after().text.as_str() {
            "市" | "省" | "县" | "区" | "沪" | "首" | "获" | "促" | "助" | "迎" => 3.0,
            _ => 10.0,
        }
    }

    /// Whether a word that may be a noun is a verb here: it follows a name and has an object.
    fn is_predicate(&self) -> bool {
        let has_object = self.next().is_some_and(|next| {
            !matches!(
                next.kind,
                Kind::De | Kind::Particle | Kind::Closing | Kind::Weak | Kind::Locality
            )
        });
        let has_name = self.next().is_some_and(|next| {
            matches!(next.kind, Kind::Time | Kind::Place | Kind::Body | Kind::Name)
        });
        match self.before().kind {
            Kind::Body | Kind::Person | Kind::Name => has_object,
            Kind::Noun | Kind::Place | Kind::Closing => has_name,
            _ => false,
        }
    }

    /// Whether the word before is such a verb.
    fn follows_predicate(&self) -> bool {
        let earlier = Joint { words: self.words, at: self.at - 1 };
        self.at > 1 && (earlier.is_predicate() || earlier.before().kind == Kind::Adverb)
    }

    /// Whether the word `at` is a verb that another helps: 加快发展.
    fn is_helped(&self, at: usize) -> bool {
        let after = |word: &Word| matches!(word.kind, Kind::Noun | Kind::Adjective);
        at > 0
            && HELPING.contains(&self.words[at - 1].text.as_str())
            && self.words[at].kind == Kind::Weak
            && self.words.get(at + 1).is_some_and(after)
    }

    /// Between a verb and its object.
    fn after_verb(&self) -> f64 {
        let object = self.words[self.at..]
            .iter()
            .take_while(|word| !matches!(word.kind, Kind::Blank | Kind::Stop | Kind::Also))
            .map(|word| word.end - word.start)
            .sum::<usize>();
        if ENDING.contains(&self.before().text.as_str()) && self.at > 2 {
            return 2.0;
        }
        if object <= 4 { 7.0 } else { 3.2 }
    }

    fn before_verb(&self) -> f64 {
        // A verb without an object stays with its subject.
        if self.next().is_none_or(|next| matches!(next.kind, Kind::Blank | Kind::Stop)) {
            return 4.0;
        }
        match self.before().kind {
            Kind::Body | Kind::Person | Kind::Place | Kind::Name => 1.0,
            Kind::Weak => 2.2,
            Kind::Time => 1.6,
            Kind::Amount | Kind::Single => 4.0,
            Kind::Closing => 2.0,
            _ => 1.5,
        }
    }

    /// After a quotation, which may modify what follows.
    fn after_closing(&self) -> f64 {
        if self.before().text == "）" {
            return if self.after().kind == Kind::Verb { 1.6 } else { 6.5 };
        }
        match self.after().kind {
            Kind::Noun | Kind::Weak | Kind::Unit => {
                if self.is_head(self.after()) {
                    6.5
                } else {
                    4.6
                }
            }
            _ => 3.0,
        }
    }

    fn is_head(&self, word: &Word) -> bool {
        HEADS.contains(&word.text.as_str())
    }

    /// Between a noun (or a verb that is used as one) and another.
    fn between_nouns(&self) -> f64 {
        let (before, after) = (self.before(), self.after());
        let is_end = self
            .next()
            .is_none_or(|next| !matches!(next.kind, Kind::Noun | Kind::Weak | Kind::Body));
        let mut cost: f64 = 4.6;
        if self.is_head(before) {
            cost -= if before.kind == Kind::Weak && before.text != "工作" { 0.6 } else { 1.6 };
        }
        if self.is_head(after) {
            let meets = self
                .next()
                .is_some_and(|next| next.end - next.start > 2 && next.text.ends_with('会'));
            cost += if is_end {
                2.4
            } else if meets {
                0.0
            } else {
                1.2
            };
        } else if is_end && after.end - after.start <= 2 {
            cost += 1.4;
        }
        if before.kind == Kind::Weak && !self.is_head(before) {
            cost += 0.6;
        }
        if after.end - after.start >= 3
            && "会仪式坛".contains(after.text.chars().next_back().unwrap_or(' '))
        {
            cost -= 0.8;
        } else if after.end - after.start == 3 {
            cost += 0.8;
        }
        if self.is_odd() {
            cost += 1.3;
        }
        cost
    }

    /// Whether an odd number of words of two characters precede: they go in pairs.
    fn is_odd(&self) -> bool {
        let is_pair = |word: &&Word| {
            word.end - word.start == 2
                && matches!(word.kind, Kind::Noun | Kind::Weak | Kind::Adjective)
        };
        self.words[..self.at].iter().rev().take_while(is_pair).count() % 2 == 1
    }
}
