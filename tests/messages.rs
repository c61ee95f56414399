//! The sources, as text, × the catalogue → messages that lack a fact, and facts that no message names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jianbao::diag::catalogue::{Catalogue, Lang};
use regex::Regex;

/// Messages whose facts are not made by the function that names them, but by another: what the
/// function names (an id, a code, or how several begin), the file of the other, and its name.
const MADE_ELSEWHERE: [(&str, &str, &str); 33] = [
    ("ErrorCode::", "import/code.rs", "facts"),
    ("RemarkCode::", "import/line.rs", "sentence"),
    ("Reason::", "serve/messages.rs", "args"),
    ("Code::Picture", "check/mod.rs", "picture"),
    ("Code::WordWrong", "check/words.rs", "words"),
    ("Code::NameVariant", "check/words.rs", "words"),
    ("Code::PdfStandard", "typeset/compile.rs", "convert"),
    ("Code::Typesetting", "typeset/compile.rs", "convert"),
    ("Code::FileKind", "source/files/mod.rs", "arg"),
    ("Code::FileOutside", "source/files/mod.rs", "arg"),
    ("Code::FileTooLarge", "source/files/mod.rs", "arg"),
    ("Code::FileUnreadable", "source/files/mod.rs", "arg"),
    ("Code::TextMissing", "page/account/mod.rs", "findings"),
    ("Code::PictureNotShown", "page/account/mod.rs", "findings"),
    ("Code::TextAdded", "page/account/mod.rs", "findings"),
    ("Code::TextTwice", "page/account/mod.rs", "findings"),
    ("Code::TextDisordered", "page/account/mod.rs", "findings"),
    ("Code::TextOverlap", "page/account/mod.rs", "findings"),
    ("Code::OffSheet", "page/account/mod.rs", "findings"),
    ("Code::ImprintTooLong", "page/account/mod.rs", "findings"),
    ("path-unreadable", "cli/report.rs", "fault"),
    ("path-unwritable", "cli/report.rs", "fault"),
    ("output-unusable", "cli/report.rs", "fault"),
    ("preflight-", "cli/preflight.rs", "worded"),
    ("cause-", "pipeline/inputs.rs", "args"),
    ("difference-", "compare/difference.rs", "args"),
    ("strength-", "cli/measure.rs", "sentence"),
    ("built", "cli/build.rs", "count"),
    ("fresh", "cli/build.rs", "count"),
    ("stale", "cli/build.rs", "count"),
    ("summary", "cli/build.rs", "summary"),
    ("watch-serves", "cli/serve.rs", "serve"),
    ("studio-serves", "cli/serve.rs", "serve"),
];

/// The rules of measured pages are all worded here.
const PAGES: (&str, &str, &str) = ("page/measure.rs", "pipeline/mod.rs", "on_page");

/// A message: for itself (`""`) and each of its attributes, the facts that they name.
type Message = BTreeMap<String, BTreeSet<String>>;

/// A function of the sources.
struct Function {
    file: String,
    name: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A pattern, compiled once.
fn regex(pattern: &'static str) -> &'static Regex {
    static KNOWN: Mutex<BTreeMap<&str, &Regex>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().expect("no test panics here");
    let new = || &*Box::leak(Box::new(Regex::new(pattern).expect("a pattern")));
    known.entry(pattern).or_insert_with(new)
}

fn all(pattern: &Regex, text: &str) -> BTreeSet<String> {
    pattern.captures_iter(text).map(|found| found[1].to_string()).collect()
}

/// The messages of a language.
fn messages(lang: &str) -> BTreeMap<String, Message> {
    let path = root().join(format!("src/diag/messages/{lang}.ftl"));
    let (head, fact) = (regex(r"^(?:([a-z][\w-]*)|\s+\.([\w-]+)) ="), regex(r"\$([\w-]+)"));
    let mut messages: BTreeMap<String, Message> = BTreeMap::new();
    let (mut id, mut attribute) = (String::new(), String::new());
    for line in std::fs::read_to_string(path).expect("the catalogue").lines() {
        if let Some(found) = head.captures(line) {
            match (found.get(1), found.get(2)) {
                (Some(name), _) => (id, attribute) = (name.as_str().into(), String::new()),
                (_, name) => attribute = name.map_or("", |name| name.as_str()).into(),
            }
        } else if !line.starts_with(' ') {
            continue;
        }
        let message = messages.entry(id.clone()).or_default();
        message.entry(attribute.clone()).or_default().extend(all(fact, line));
    }
    messages
}

/// The functions of `src/`, without those of tests.
fn functions() -> Vec<Function> {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("web") {
                files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let (mut paths, mut functions) = (Vec::new(), Vec::new());
    files(&root().join("src"), &mut paths);
    let start = regex(r"(?m)^ {0,8}(?:pub(?:\([\w: ]+\))? )?(?:async )?(?:const )?fn (\w+)");
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a source");
        let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let file = path.strip_prefix(root().join("src")).expect("it is in src");
        let file = file.components().map(|part| part.as_os_str().to_string_lossy());
        let file = file.collect::<Vec<_>>().join("/");
        let mut starts: Vec<(usize, String)> = start
            .captures_iter(text)
            .map(|found| (found.get(0).map_or(0, |all| all.start()), found[1].to_string()))
            .collect();
        starts.push((text.len(), String::new()));
        let head =
            Function { file: file.clone(), name: String::new(), text: text[..starts[0].0].into() };
        functions.push(head);
        functions.extend(starts.windows(2).map(|pair| Function {
            file: file.clone(),
            name: pair[0].1.clone(),
            text: text[pair[0].0..pair[1].0].into(),
        }));
    }
    functions
}

/// The ids of the codes and reasons, by the names that the sources have for them.
fn codes() -> BTreeMap<String, String> {
    let row = regex(r#"(?m)^\s+(\w+) = "([\w-]+)",$"#);
    let mut codes = BTreeMap::new();
    for (file, kinds) in [
        ("diag/mod.rs", &["Code"][..]),
        ("import/code.rs", &["ErrorCode", "RemarkCode", "FurnitureKind"]),
        ("serve/messages.rs", &["Reason"]),
    ] {
        let text = std::fs::read_to_string(root().join("src").join(file)).expect("a source");
        for found in row.captures_iter(&text) {
            for kind in kinds {
                codes.insert(format!("{kind}::{}", &found[1]), found[2].to_string());
            }
        }
    }
    codes
}

/// The facts that a function makes: `("name", …)` in lists, `.arg("name", …)`.
fn made(text: &str) -> BTreeSet<String> {
    let mut made = all(regex(r#"[(\[]\s*"([a-z_]+)"\s*,"#), text);
    made.extend(all(regex(r#"\.arg\(\s*"([a-z_]+)""#), text));
    made.extend(text.contains(".page(").then(|| "page".to_string()));
    made
}

/// All words in quotes of the function that makes facts for others.
fn made_by(functions: &[Function], file: &str, name: &str) -> BTreeSet<String> {
    let of = functions.iter().filter(|f| f.file == file && f.name == name);
    let made: BTreeSet<String> =
        of.flat_map(|f| all(regex(r#""([a-z_]+)""#), &f.text)).chain(["page".into()]).collect();
    assert!(made.len() > 1, "{file} has no function {name} that makes facts");
    made
}

/// The messages that a function raises, each with how the function names it.
fn raised(
    function: &Function,
    ids: &BTreeMap<String, Message>,
    codes: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let compared = regex(r"[!=]= (?:\w+::)?\w*Code::\w+");
    let text = compared.replace_all(&function.text, "");
    let coded: BTreeSet<&String> = codes.values().collect();
    let word = regex(r#""([a-z][a-z0-9-]+)""#);
    let said = regex(r#"\.(?:say|fail|sentence|word|text)\(\s*"([a-z]+)""#);
    let text = text.replace("DiagCode::", "Code::");
    let code = regex(r"\b((?:Error|Remark)?Code::\w+|FurnitureKind::\w+|Reason::\w+)");
    let words = all(word, &text).into_iter().filter(|id| id.contains('-') && !coded.contains(id));
    let words = words.chain(all(said, &text)).filter(|id| ids.contains_key(id));
    let mut raised: Vec<(String, String)> = words.map(|id| (id.clone(), id)).collect();
    let named = all(code, &text).into_iter();
    raised.extend(named.filter_map(|name| Some((codes.get(&name)?.clone(), name))));
    raised
}

#[test]
fn both_languages_name_the_same_facts() {
    let (zh, en) = (messages("zh"), messages("en"));
    for (id, message) in &zh {
        assert_eq!(Some(message), en.get(id), "{id}");
    }
}

#[test]
fn every_message_gets_the_facts_that_it_names() {
    let (ids, codes, functions) = (messages("en"), codes(), functions());
    let catalogues = [Lang::Zh, Lang::En].map(Catalogue::new);
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for function in &functions {
        let own = made(&function.text);
        for (id, name) in raised(function, &ids, &codes) {
            seen.insert(id.clone());
            let mut facts = own.clone();
            for (prefix, file, maker) in MADE_ELSEWHERE {
                if name.starts_with(prefix) {
                    facts.extend(made_by(&functions, file, maker));
                }
            }
            if function.file == PAGES.0 || function.file.starts_with("page/composition/") {
                facts.extend(made_by(&functions, PAGES.1, PAGES.2));
            }
            let message = &ids[&id];
            let needed = ["", "hint"].into_iter().filter_map(|part| message.get(part)).flatten();
            let lacking: Vec<&String> = needed.filter(|fact| !facts.contains(*fact)).collect();
            if !lacking.is_empty() {
                faults.push(format!(
                    "{id} lacks {lacking:?} in {} of {}",
                    function.name, function.file
                ));
                continue;
            }
            let facts: Vec<(&'static str, String)> =
                facts.into_iter().map(|fact| (&*fact.leak(), "7".to_string())).collect();
            for catalogue in &catalogues {
                let words = [Some(catalogue.text(&id, &facts)), catalogue.hint(&id, &facts)];
                for words in words.into_iter().flatten() {
                    assert!(!words.contains("{$") && !words.contains("{ $"), "{id}: {words}");
                }
            }
        }
    }
    // A message that is named in parts has its facts from a function of the list.
    for (id, message) in &ids {
        let prefix = MADE_ELSEWHERE.iter().find(|(prefix, ..)| id.starts_with(prefix));
        if seen.contains(id) || message.values().all(BTreeSet::is_empty) {
            continue;
        }
        match prefix {
            Some((_, file, maker)) => {
                let facts = made_by(&functions, file, maker);
                let lacking: Vec<&String> =
                    message.values().flatten().filter(|fact| !facts.contains(*fact)).collect();
                if !lacking.is_empty() {
                    faults.push(format!("{id} lacks {lacking:?} in {maker} of {file}"));
                }
            }
            None => faults.push(format!("nothing raises {id}")),
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_fact_is_given_that_its_message_never_names() {
    let (ids, codes) = (messages("en"), codes());
    let call = regex(
        r#"(?s)\.(?:say|fail|sentence|text)\(\s*"([a-z-]+)",\s*&\[((?:\("[a-z_]+", [^;]*?\)(?:,\s*)?)+)\]\s*,?\s*\)"#,
    );
    let chain = regex(r#"(?s)\bCode::(\w+),[^;{}]*?((?:\s*\.arg\("[a-z_]+",[^;]*?\))+)"#);
    let (listed, given) = (regex(r#"\("([a-z_]+)","#), regex(r#"\.arg\("([a-z_]+)""#));
    let mut faults = Vec::new();
    for function in functions() {
        let calls = call.captures_iter(&function.text);
        let calls = calls.map(|found| (found[1].to_string(), all(listed, &found[2])));
        let chains = chain.captures_iter(&function.text).filter_map(|found| {
            let id = codes.get(&format!("Code::{}", &found[1]))?.clone();
            Some((id, all(given, &found[2])))
        });
        for (id, facts) in calls.chain(chains) {
            let Some(message) = ids.get(&id) else { continue };
            let named: BTreeSet<&String> = message.values().flatten().collect();
            let idle: Vec<&String> = facts.iter().filter(|fact| !named.contains(fact)).collect();
            if !idle.is_empty() {
                faults.push(format!("{id} never names {idle:?} ({})", function.file));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
