//! Results and diagnostics → output: data on stdout, messages on stderr.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use codespan_reporting::diagnostic::{Diagnostic as Shown, LabelStyle, Severity as Level};
use codespan_reporting::term::termcolor::{ColorChoice, StandardStream};
use codespan_reporting::term::{self, Config, WriteStyle};
use jianbao::diag::Diagnostic;
use jianbao::diag::catalogue::{Catalogue, Lang};
use jianbao::diag::show::snippet::{self, Snippets};
use jianbao::diag::show::visible;
use jianbao::source::files::Fault;

use super::Exit;

/// The output of a command.
pub struct Report {
    /// The message catalogue.
    pub catalogue: Catalogue,
    /// The language of the messages.
    pub lang: Lang,
    stderr: StandardStream,
    /// The first failure to print data.
    unprinted: Option<std::io::Error>,
    /// What the command leaves out.
    pub left_out: Vec<Diagnostic>,
}

impl Report {
    /// A report in `lang`, in colour on a terminal unless `NO_COLOR` is set.
    pub fn new(lang: Lang) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some() || !std::io::stderr().is_terminal();
        let colour = if plain { ColorChoice::Never } else { ColorChoice::Auto };
        Report {
            catalogue: Catalogue::new(lang),
            lang,
            stderr: StandardStream::stderr(colour),
            unprinted: None,
            left_out: Vec::new(),
        }
    }

    /// A report with the same settings, for another thread.
    pub fn again(&self) -> Self {
        Report::new(self.lang)
    }

    /// Prints data. A failure is reported by [`Report::end`].
    pub fn data(&mut self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let printed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        self.printed(printed);
    }

    /// Notes whether data was printed.
    pub fn printed(&mut self, printed: std::io::Result<()>) {
        if let Err(error) = printed {
            self.unprinted.get_or_insert(error);
        }
    }

    /// Reports files and folders that a command leaves out, once.
    pub fn leave_out(&mut self, found: Vec<Diagnostic>) {
        if self.left_out.is_empty() {
            self.diagnostics(&found);
            self.left_out = found;
        }
    }

    /// The end of a command: its exit code, or that of what was left out or not printed. A reader
    /// that closes its pipe, as `head` does, has what it wanted: that is no failure.
    pub fn end(&mut self, exit: Exit) -> Exit {
        let exit = if self.left_out.is_empty() { exit } else { exit.max(Exit::IssueErrors) };
        match self.unprinted.take() {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.fail("data-unprinted", &[("detail", error.to_string())]);
                exit.max(Exit::CannotRun)
            }
            _ => exit,
        }
    }

    /// Prints data for people.
    pub fn print(&mut self, text: &str) {
        self.data(&visible::text(text));
    }

    /// Prints a message line.
    pub fn say(&mut self, id: &str, args: &[(&'static str, String)]) {
        let text = self.catalogue.text(id, &visible::facts(args));
        self.tell(&text);
    }

    /// Prints words on stderr.
    pub fn tell(&mut self, text: &str) {
        writeln!(self.stderr, "{}", visible::text(text)).ok();
    }

    /// A word of the catalogue.
    pub fn word(&self, id: &str) -> String {
        self.sentence(id, &[])
    }

    /// A sentence of the catalogue.
    pub fn sentence(&self, id: &str, args: &[(&'static str, String)]) -> String {
        self.catalogue.text(id, args)
    }

    /// Data as JSON.
    pub fn json(&mut self, data: &serde_json::Value) {
        let text = serde_json::to_string_pretty(data).expect("it is plain JSON");
        self.data(&format!("{text}\n"));
    }

    /// What is wrong with the command line.
    pub fn complain(&mut self, message: &str, hint: &str) {
        let notes = vec![self.note(&visible::line(hint))];
        let shown = Shown::error().with_message(visible::line(message)).with_notes(notes);
        self.emit(&Snippets::default(), &shown);
    }

    /// Why the command could not run.
    pub fn fail(&mut self, id: &str, args: &[(&'static str, String)]) {
        let args = &visible::facts(args);
        let shown = Shown::error().with_message(self.catalogue.text(id, args));
        let hint = self.catalogue.hint(id, args);
        let shown = shown.with_notes(hint.map(|hint| self.note(&hint)).into_iter().collect());
        self.emit(&Snippets::default(), &shown);
    }

    /// Why a file or folder could not be read or written.
    pub fn fault(&mut self, id: &str, path: &Path, fault: &Fault) {
        let detail = fault.words(&self.catalogue);
        self.fail(id, &[("path", path.display().to_string()), ("detail", detail)]);
    }

    /// Findings, with the lines where they stand.
    pub fn diagnostics(&mut self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let (shown, snippets) = snippet::shown(diagnostic, &self.catalogue);
            self.emit(&snippets, &shown);
        }
    }

    fn emit(&mut self, snippets: &Snippets, shown: &Shown<usize>) {
        let severity = match shown.severity {
            Level::Warning => "severity-warning",
            Level::Note => "severity-advice",
            _ => "severity-error",
        };
        let word = self.catalogue.text(severity, &[]);
        let mut out = Worded { out: &mut self.stderr, word: Some(word), in_header: false };
        // A failure to print cannot be reported anywhere.
        term::emit_to_write_style(&mut out, &Config::default(), snippets, shown).ok();
    }

    fn note(&self, hint: &str) -> String {
        format!("{}: {hint}", self.word("hint-label"))
    }
}

/// Replaces codespan's English severity by the word of the catalogue.
struct Worded<'a> {
    out: &'a mut StandardStream,
    word: Option<String>,
    in_header: bool,
}

impl Write for Worded<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.word.take_if(|_| self.in_header) {
            Some(word) => self.out.write_all(word.as_bytes()).map(|()| bytes.len()),
            None => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl WriteStyle for Worded<'_> {
    fn set_header(&mut self, severity: Level) -> std::io::Result<()> {
        self.in_header = true;
        self.out.set_header(severity)
    }
    fn set_header_message(&mut self) -> std::io::Result<()> {
        self.out.set_header_message()
    }
    fn set_line_number(&mut self) -> std::io::Result<()> {
        self.out.set_line_number()
    }
    fn set_note_bullet(&mut self) -> std::io::Result<()> {
        self.out.set_note_bullet()
    }
    fn set_source_border(&mut self) -> std::io::Result<()> {
        self.out.set_source_border()
    }
    fn set_label(&mut self, severity: Level, style: LabelStyle) -> std::io::Result<()> {
        self.out.set_label(severity, style)
    }
    fn reset(&mut self) -> std::io::Result<()> {
        self.out.reset()
    }
}
