//! A place between two words → the named features that its score is the sum of.
//!
//! A feature is the name of its kind, a colon and what is found there: `ba:Noun+Verb` says that
//! a noun stands before the place and a verb after it. `weights.txt` says what each is worth.
//!
//! | kinds | what is found |
//! |---|---|
//! | `b` `a` `ba` `bb` `aa` | the classes of the word before, after, of both, of two before, of two after |
//! | `lb` `la` `l` `bl` `al` | how long these words are; their classes with their lengths |
//! | `wb` `wa` `cb` `ca` `ga` | the words themselves; their last characters; the first one after |
//! | `done` `left` `first` | how far the clause's begin and end are, and the title's begin |
//! | `v` `about` `ab` `de` | whether verbs stand on either side, 关于 before, 的 behind |
//! | `nb` `na` `nn` `nw` `nwl` | within a phrase of nouns: how much of it is before and after |
//! | `ra` `rb` `re` `st` `sk` `sl` | how long it is, what begins it, what stands around it |
//! | `hd` `hc` | how the phrase ends |
//! | `in` `pp` `frame` | what is open: a quotation, a preposition, 在 before its 上 |
//! | `hand` | what the rules of `joints` say |

use super::kinds::Kind;
use super::words::Word;

/// The features of the place before the word `at`.
pub fn features(words: &[Word], at: usize) -> Vec<String> {
    let clause = words[..at].iter().rposition(is_end).map_or(0, |at| at + 1);
    let stop = words[at..].iter().position(is_end).map_or(words.len(), |to| at + to);
    let place = Place { words, at, clause, stop };
    let mut features = Vec::with_capacity(48);
    place.neighbours(&mut features);
    place.clause(&mut features);
    place.nouns(&mut features);
    place.frames(&mut features);
    features
}

/// The place before the word `at`, in its clause.
struct Place<'a> {
    words: &'a [Word],
    at: usize,
    /// The first word of the clause.
    clause: usize,
    /// The word that ends the clause.
    stop: usize,
}

fn length(word: &Word) -> usize {
    word.end - word.start
}

fn is_end(word: &Word) -> bool {
    matches!(word.kind, Kind::Blank | Kind::Stop)
}

/// Whether a word can be part of a phrase of nouns.
fn is_noun(word: &Word) -> bool {
    matches!(
        word.kind,
        Kind::Noun
            | Kind::Weak
            | Kind::Adjective
            | Kind::Body
            | Kind::Place
            | Kind::Name
            | Kind::Single
            | Kind::Other
            | Kind::Prefix
            | Kind::Idiom
    )
}

/// A length in characters, so that near ones are one feature.
fn about(length: usize) -> &'static str {
    match length {
        0 => "0",
        1 => "1",
        2 => "2",
        3 => "3",
        4 => "4",
        5..=6 => "6",
        7..=9 => "9",
        10..=13 => "13",
        _ => "14",
    }
}

impl Place<'_> {
    fn before(&self) -> &Word {
        &self.words[self.at - 1]
    }

    fn after(&self) -> &Word {
        &self.words[self.at]
    }

    /// The words of the clause before the place.
    fn behind(&self) -> &[Word] {
        &self.words[self.clause.min(self.at)..self.at]
    }

    /// The words of the clause after it.
    fn ahead(&self) -> &[Word] {
        &self.words[self.at..self.stop]
    }

    fn pair(&self) -> String {
        format!("{:?}+{:?}", self.before().kind, self.after().kind)
    }

    /// The class of the word that many after the place.
    fn kind(&self, offset: isize) -> String {
        let at = self.at.checked_add_signed(offset).and_then(|at| self.words.get(at));
        at.map_or("End".into(), |word| format!("{:?}", word.kind))
    }

    /// The words around the place: classes, lengths, the words themselves, their characters.
    fn neighbours(&self, features: &mut Vec<String>) {
        let (before, after) = (self.before(), self.after());
        let [two, one, next, last] = [-2, -1, 0, 1].map(|offset| self.kind(offset));
        let (long, wide) = (length(before).min(4), length(after).min(4));
        features.extend([
            format!("b:{one}"),
            format!("a:{next}"),
            format!("ba:{one}+{next}"),
            format!("bb:{two}+{one}"),
            format!("aa:{next}+{last}"),
            format!("lb:{long}"),
            format!("la:{wide}"),
            format!("l:{long}+{wide}"),
            format!("bl:{one}{long}"),
            format!("al:{next}{wide}"),
            format!("wb:{}", before.text),
            format!("wa:{}", after.text),
        ]);
        let end = |word: &Word| word.text.chars().next_back().unwrap_or(' ');
        features.push(format!("cb:{}", end(before)));
        features.push(format!("ca:{}", end(after)));
        features.push(format!("ga:{}", after.text.chars().next().unwrap_or(' ')));
    }

    /// How far the ends of the clause are, and whether verbs stand on either side.
    fn clause(&self, features: &mut Vec<String>) {
        let length_of = |words: &[Word]| words.iter().map(length).sum::<usize>();
        features.push(format!("done:{}", about(length_of(self.behind()))));
        features.push(format!("left:{}", about(length_of(self.ahead()))));
        features.push(format!("first:{}", about(self.before().end)));
        let is_verb = |word: &Word| word.kind == Kind::Verb;
        let verb = self.behind().split_last().is_some_and(|(_, rest)| rest.iter().any(is_verb));
        let verbs = self.ahead().iter().skip(1).any(is_verb);
        features.push(format!("v:{verb}{verbs}:{}", self.pair()));
        let announced = self.words[..self.at].iter().any(|word| word.text == "关于");
        features.push(format!("about:{announced}"));
        features.push(format!("ab:{announced}:{}", self.pair()));
        if let Some(of) = self.ahead().iter().position(|word| word.kind == Kind::De) {
            let far = length_of(&self.ahead()[..of]);
            features.push(format!("de:{}", about(far)));
            features.push(format!("de:{}:{}", far <= 6, self.pair()));
        }
    }

    /// In or beside a phrase of nouns: how much of it is before and after, what begins and ends it.
    fn nouns(&self, features: &mut Vec<String>) {
        let (before, after) = (self.before(), self.after());
        let behind: Vec<&Word> = self.behind().iter().rev().take_while(|w| is_noun(w)).collect();
        let ahead: Vec<&Word> = self.ahead().iter().take_while(|w| is_noun(w)).collect();
        let length_of = |words: &[&Word]| words.iter().map(|word| length(word)).sum::<usize>();
        let (done, left) = (about(length_of(&behind)), about(length_of(&ahead)));
        if is_noun(before) && is_noun(after) {
            let (count, more) = (behind.len().min(4), ahead.len().min(4));
            let (long, wide) = (length(before).min(4), length(after).min(4));
            features.push(format!("nb:{done}"));
            features.push(format!("na:{left}"));
            features.push(format!("nn:{done}+{left}"));
            features.push(format!("nw:{count}+{more}"));
            features.push(format!("nwl:{count}+{more}:{long}+{wide}"));
        } else if is_noun(after) {
            features.push(format!("ra:{:?}:{left}", before.kind));
        } else if is_noun(before) {
            features.push(format!("rb:{:?}:{done}", after.kind));
        }
        let Some(head) = ahead.last() else { return };
        let within = is_noun(before);
        if ahead.len() > 1 {
            let chars: Vec<char> = head.text.chars().collect();
            let end: String = chars[chars.len().saturating_sub(2)..].iter().collect();
            features.push(format!("hd:{within}:{end}"));
            features.push(format!("hc:{within}:{}", chars[chars.len() - 1]));
        }
        let next = self.ahead().get(ahead.len()).map(|word| word.kind);
        features.push(format!("re:{:?}:{left}:{next:?}", before.kind));
        if let (true, Some(first)) = (within, behind.last()) {
            features.push(format!("st:{:?}", first.kind));
            features.push(format!("sk:{:?}:{}", first.kind, behind.len()));
            let lead = (self.at > behind.len()).then(|| &self.words[self.at - behind.len() - 1]);
            features.push(format!("sl:{:?}:{done}", lead.map(|word| word.kind)));
        }
    }

    /// What is open at the place: a quotation, a preposition, 在 before its 上.
    fn frames(&self, features: &mut Vec<String>) {
        let after = self.after().kind;
        let mut open = Vec::new();
        for (at, word) in self.words[..self.at].iter().enumerate() {
            match word.kind {
                Kind::Opening => open.push(at),
                Kind::Closing => {
                    open.pop();
                }
                _ => {}
            }
        }
        if let Some(&from) = open.last() {
            let words = self.words[from..].iter();
            let long: usize = words.take_while(|w| w.kind != Kind::Closing).map(length).sum();
            let size = match long {
                19.. => "long",
                13.. => "middle",
                _ => "short",
            };
            features.push(format!("in:{}", self.words[from].text));
            features.push(format!("in:{}:{size}", self.words[from].text));
        }
        let is_preposition = |word: &&Word| word.kind == Kind::Preposition;
        let reach = |word: &&Word| !matches!(word.kind, Kind::Verb | Kind::Locality);
        let open = self.behind().iter().rev().take_while(reach).find(is_preposition);
        if let Some(preposition) = open {
            features.push(format!("pp:{after:?}"));
            features.push(format!("pp:{}:{after:?}", preposition.text));
        }
        let is_locality = |word: &Word| word.kind == Kind::Locality;
        let from = self.behind().iter().rposition(|word| word.kind == Kind::Preposition);
        let is_open = from.is_some_and(|from| !self.behind()[from..].iter().any(is_locality));
        if is_open && self.ahead().iter().any(is_locality) {
            features.push("frame:".into());
            features.push(format!("frame:{after:?}"));
            features.push(format!("frame:{:?}-", self.before().kind));
        }
    }
}
