//! What travels between the server and its pages: the messages of the live channel and the JSON
//! bodies of the HTTP API, each declared once.
//!
//! The page's types in `src/serve/web/src/protocol.ts` are made from these by a test:
//! `UPDATE=1 cargo test protocol` writes that file anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::messages::Reason;
use crate::diag::Severity;
use crate::diag::catalogue::Lang;
use crate::issue::form::{KeyPath, Op};
use crate::page::places::Place;

// The live channel, from the page to the server.

/// The first message of a channel.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum First {
    /// Opens an issue.
    Open {
        /// Its id: `publication/stem`.
        issue: String,
        /// The language of the page, where it is not the program's.
        #[cfg_attr(test, ts(optional))]
        lang: Option<String>,
    },
}

/// A request of a page that has an issue open.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Request {
    /// The whole text.
    Edit {
        /// Counts the client's messages.
        seq: u64,
        /// The revision that it edited.
        #[serde(default)]
        base: u64,
        /// The text that it edited, where it is of another run of the program.
        #[cfg_attr(test, ts(optional))]
        base_text: Option<String>,
        /// The text.
        text: String,
    },
    /// Operations of the form.
    Apply {
        /// Counts the client's messages.
        seq: u64,
        /// The revision that it edited.
        base: u64,
        /// The operations.
        ops: Vec<Op>,
        /// Values that operations, by place, replaced on the page, where they differ from the
        /// server's.
        #[serde(default)]
        #[cfg_attr(test, ts(type = "Array<[number, Value]>"))]
        was: Vec<(usize, Json)>,
    },
    /// The fix of a finding.
    Fix {
        /// Counts the client's messages.
        seq: u64,
        /// The revision that the findings are of.
        #[cfg_attr(test, ts(optional))]
        base: Option<u64>,
        /// The finding's place in the list.
        finding: usize,
    },
    /// Writes the text to its file.
    Save {
        /// Counts the client's messages.
        seq: u64,
    },
    /// The answer to a question.
    Resolve {
        /// Counts the client's messages.
        seq: u64,
        /// Whose text is kept.
        choice: Choice,
        /// The text, where a person made one of both.
        #[cfg_attr(test, ts(optional))]
        text: Option<String>,
    },
}

impl Request {
    /// The count of the message.
    pub fn seq(&self) -> u64 {
        match self {
            Request::Edit { seq, .. }
            | Request::Apply { seq, .. }
            | Request::Fix { seq, .. }
            | Request::Save { seq }
            | Request::Resolve { seq, .. } => *seq,
        }
    }
}

/// Whose text is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The text of the client that answers.
    Mine,
    /// The other text.
    Theirs,
    /// A text made of both.
    Merged,
}

// The live channel, from the server to the page.

/// A message to a page.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Message<'a> {
    /// The text as the server has it.
    State(State<'a>),
    /// New pages.
    Pages(Pages<'a>),
    /// All findings.
    Findings(Findings<'a>),
    /// Where the fields stand on the pages.
    Places(Places),
    /// Another text beside the client's.
    Disk(Merge<'a>),
    /// A request that was refused.
    Error(Refusal),
}

impl Message<'_> {
    /// The message as it is sent.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("every key of a message is a string")
    }
}

/// The text as the server has it, after everything that came before.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct State<'a> {
    /// The client's last message that is in it.
    pub seq: Option<u64>,
    /// The revision.
    pub rev: u64,
    /// The text can be read as tables.
    pub ok: bool,
    /// The text as tables.
    #[cfg_attr(test, ts(type = "Table | null"))]
    pub value: Option<&'a Json>,
    /// The text is in the file.
    pub saved: bool,
    /// Where the text comes from that the client was asked about and has not answered yet.
    pub conflict: Option<Origin>,
    /// The text, unless the client has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub text: Option<&'a str>,
    /// The text was left unsaved by an earlier run of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub recovered: Option<bool>,
}

/// Where another text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The file.
    Disk,
    /// Another client.
    Tab,
}

/// Another text, and ours merged with it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Merge<'a> {
    /// Where the other text comes from.
    pub from: Origin,
    /// The other text.
    pub theirs: &'a str,
    /// Both merged; with marks between them where they meet.
    pub merged: &'a str,
    /// They do not meet: nothing is asked.
    pub clean: bool,
    /// There is no file any more; only where something is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub gone: Option<bool>,
}

/// The pages of a text.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Pages<'a> {
    /// The text's revision.
    pub rev: u64,
    /// The size of the first page.
    pub size: PageSize,
    /// Outlines that pages name, new since the last message.
    pub glyphs: String,
    /// The pages in their order.
    pub pages: Vec<Page<'a>>,
}

/// The size of a page, in pt.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PageSize {
    /// The width.
    pub w: f64,
    /// The height.
    pub h: f64,
}

/// A page.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Page<'a> {
    /// Its number, from 1.
    pub n: usize,
    /// Tells it from every other page.
    pub key: &'a str,
    /// The picture, unless the client has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub svg: Option<&'a str>,
}

/// All findings of a text.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Findings<'a> {
    /// The text's revision.
    pub rev: u64,
    /// The pages that are shown are of the same text.
    pub pages: bool,
    /// The findings.
    pub findings: Vec<Finding<'a>>,
}

/// A finding, in the client's language.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding<'a> {
    /// Its place in the list.
    pub id: usize,
    /// The rule's id.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// The page that it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub page: Option<usize>,
    /// The line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub line: Option<usize>,
    /// The character of the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub column: Option<usize>,
    /// Another file than the issue's: publication.toml, a layout.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub file: Option<&'a str>,
    /// Where it begins in the whole text, in UTF-16 units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub start: Option<usize>,
    /// Where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub end: Option<usize>,
    /// The field that it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<KeyPath>,
    /// Where it begins in the field's value, in UTF-16 units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub from: Option<usize>,
    /// Where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub to: Option<usize>,
    /// How to put it right, where the program is sure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub fix: Option<FixTitle>,
}

/// A fix that can be asked for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FixTitle {
    /// What it does, in the client's language.
    pub title: String,
}

/// Where the fields of a text stand on its pages.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Places {
    /// The text's revision.
    pub rev: u64,
    /// The places in the order of the pages.
    pub places: Vec<Place>,
}

/// Why a message was refused.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Refusal {
    /// The client's message, unless it could not be read.
    pub seq: Option<u64>,
    /// Why.
    #[serde(flatten)]
    pub error: Explanation,
}

/// Why something was not done, in the client's language.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Explanation {
    /// The reason's id.
    pub code: Reason,
    /// The reason.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub hint: Option<String>,
}

// The HTTP API.

/// The body of every answer that is not a success.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorBody {
    /// Why.
    pub error: Explanation,
}

/// `GET project`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Project {
    /// The language of the program.
    pub language: Lang,
    /// The name of the project's folder.
    pub name: Option<String>,
    /// The publications by their ids.
    pub publications: Vec<Publication>,
    /// Files and folders that are left out: their names are not UTF-8, or they are links that lead
    /// out of the project.
    pub left_out: Vec<String>,
    /// What an issue can be exported as.
    pub exports: &'static [&'static str],
    /// The schemas of the files.
    pub schema: Schemas,
}

/// JSON Schemas of the files of a project.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Schemas {
    /// An issue's.
    #[cfg_attr(test, ts(type = "Schema"))]
    pub issue: Json,
    /// A publication's.
    #[cfg_attr(test, ts(type = "Schema"))]
    pub publication: Json,
}

/// A publication and its issues.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Publication {
    /// The name of its folder.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The layout of its pages.
    pub layout: String,
    /// The issues, the latest first.
    pub issues: Vec<IssueEntry>,
    /// Its file as tables, from which issues inherit.
    #[cfg_attr(test, ts(type = "Table | null"))]
    pub inherits: Json,
}

/// An issue in the list; of a text that is not right, as much as can be read.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct IssueEntry {
    /// `publication/stem`.
    pub id: String,
    /// The name of its file without the ending.
    pub stem: String,
    /// The year of its date.
    pub year: Option<u16>,
    /// Its number.
    pub number: Option<i64>,
    /// Its number as a supplement.
    pub supplement: Option<i64>,
    /// Its cumulative number.
    pub serial_number: Option<i64>,
    /// Its date.
    pub date: Option<String>,
    /// The titles of all articles.
    pub titles: Vec<Option<String>>,
    /// Imported, and its doubts not yet looked at.
    pub review: bool,
    /// There is text that was never saved.
    pub unsaved: bool,
}

/// A line that has the text of `GET search`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Hit {
    /// The issue.
    pub id: String,
    /// The line in its file, from 1.
    pub line: usize,
    /// The whole line.
    pub text: String,
    /// Where the hit begins in the line, in UTF-16 units.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The field that it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<KeyPath>,
    /// Where it begins in the field's value, in UTF-16 units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub from: Option<usize>,
    /// Where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub to: Option<usize>,
}

/// `GET units`: units and people of earlier issues by the key that names them, the most frequent
/// first.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Units(pub BTreeMap<&'static str, Vec<String>>);

/// `POST issues`: the next issue of a publication.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NewIssue {
    /// The publication.
    pub publication: String,
    /// The issue whose lists and sections are carried on; the last one if none is named.
    #[cfg_attr(test, ts(optional))]
    pub from: Option<String>,
}

/// `POST publications`: a publication without issues.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NewPublication {
    /// The name of its folder.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
}

/// A new issue or publication.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Made {
    /// Its id.
    pub id: String,
}

/// `POST import`: a file has become an issue.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Imported {
    /// The issue.
    pub id: String,
    /// Its text.
    pub text: Option<String>,
    /// What the program was not sure of.
    pub doubts: Vec<Doubt>,
    /// How many errors keep it from building.
    pub errors: usize,
}

/// `GET review`: what is still to be looked at.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Review {
    /// What the program was not sure of.
    pub doubts: Vec<Doubt>,
}

/// A place that an import was not sure of.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Doubt {
    /// The line or paragraph of the source; 0 for the file as a whole.
    pub line: usize,
    /// The beginning of the text that it is about.
    pub text: String,
    /// The doubt, in the language of the program.
    pub message: String,
}

/// `POST review`: done, and there is nothing to tell.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Done {}

/// `POST clean`: HTML from another program's clipboard.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Pasted {
    /// The HTML.
    pub html: String,
}

/// `POST clean`: the same text with the marks of a body.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Cleaned {
    /// The text.
    pub body: String,
}

/// `POST pictures`: a picture that lies beside the issue now.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Picture {
    /// The path that an issue names it by.
    pub path: String,
}

/// An entry of `GET history`, the newest first.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Saved {
    /// Its count.
    pub id: u64,
    /// When it was made.
    pub at: String,
    /// Its length.
    pub bytes: u64,
}

/// `GET history/{id}`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SavedText {
    /// The text that was saved.
    pub text: String,
}

/// `GET issues` of `watch`: the issues to choose from.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Watched {
    /// The language of the program.
    pub language: Lang,
    /// The issues by their ids.
    pub issues: Vec<String>,
    /// The words of the page.
    pub words: BTreeMap<&'static str, String>,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ts_rs::{Config, TS, TypeVisitor};

    use super::*;

    /// The beginning of the file, with types that no Rust type of ours declares: JSON, and as much
    /// of JSON Schema as the page reads.
    const HEAD: &str = "\
// What travels between the page and the program. Made from src/serve/protocol.rs: change that,
// then `UPDATE=1 cargo test protocol`.

/** A value of an issue's TOML, as JSON. */
export type Value = string | number | boolean | null | Value[] | Table;

/** A table of an issue's TOML. */
export interface Table {
  [key: string]: Value;
}

/** As much of JSON Schema as the page reads. */
export interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  oneOf?: { const: string; description?: string }[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}
";

    /// The declarations of types and of all types that they name, by name: `ts_rs` visits them in
    /// no order.
    struct Declarations(Config, BTreeMap<String, String>);

    impl TypeVisitor for Declarations {
        fn visit<T: TS + 'static + ?Sized>(&mut self) {
            // Numbers, texts and lists have no declaration.
            if T::output_path().is_none() {
                return;
            }
            let Declarations(config, all) = self;
            let name = T::ident(config);
            if all.contains_key(&name) {
                return;
            }
            let docs = tidy(&T::docs().unwrap_or_default());
            let declared = tidy(&T::decl(config)).replace('\n', "\n  ");
            all.insert(name, format!("\n{docs}\nexport {declared}\n"));
            T::visit_dependencies(self);
        }
    }

    /// Comments on lines of their own, and no blanks at the ends of lines.
    fn tidy(text: &str) -> String {
        let short = text.replace("/**\n * ", "/** ").replace("\n */", " */");
        short.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_page_has_the_types_of_the_protocol() {
        let config = Config::new().with_large_int("number");
        let mut all = Declarations(config, BTreeMap::new());
        all.visit::<First>();
        all.visit::<Request>();
        all.visit::<Message<'static>>();
        all.visit::<ErrorBody>();
        all.visit::<Project>();
        all.visit::<Hit>();
        all.visit::<Units>();
        all.visit::<NewIssue>();
        all.visit::<NewPublication>();
        all.visit::<Made>();
        all.visit::<Imported>();
        all.visit::<Review>();
        all.visit::<Done>();
        all.visit::<Pasted>();
        all.visit::<Cleaned>();
        all.visit::<Picture>();
        all.visit::<Saved>();
        all.visit::<SavedText>();
        all.visit::<Watched>();
        let text = [HEAD.into()].into_iter().chain(all.1.into_values()).collect::<String>();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/web/src/protocol.ts");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).expect("protocol.ts is written");
        }
        let kept = std::fs::read_to_string(&path).expect("protocol.ts");
        assert!(kept == text, "protocol.ts is stale: UPDATE=1 cargo test protocol");
    }
}
