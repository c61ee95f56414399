//! Prints what came back: data to stdout, talk to stderr.

use std::io::{IsTerminal, Write};

use codespan_reporting::diagnostic::{Diagnostic as Shown, Label, LabelStyle};
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::termcolor::{ColorChoice, StandardStream};
use codespan_reporting::term::{self, Config};
use jianbao::catalogue::{Catalogue, Lang, Words};
use jianbao::diag::{Diagnostic, Severity, Span};

/// Where a command's words go.
pub struct Report {
    catalogue: Catalogue,
    stderr: StandardStream,
}

impl Report {
    /// Words in `lang`, in colour on a terminal unless `NO_COLOR` is set.
    pub fn new(lang: Lang) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some() || !std::io::stderr().is_terminal();
        let colour = if plain { ColorChoice::Never } else { ColorChoice::Auto };
        Report { catalogue: Catalogue::new(lang), stderr: StandardStream::stderr(colour) }
    }

    /// Data, for whoever reads the program's output. A closed pipe is the reader's choice.
    pub fn data(&mut self, text: &str) {
        std::io::stdout().lock().write_all(text.as_bytes()).ok();
    }

    /// One line of talk.
    pub fn say(&mut self, id: &str, args: &[(&'static str, String)]) {
        writeln!(self.stderr, "{}", self.catalogue.text(id, args)).ok();
    }

    /// A word of the catalogue.
    pub fn word(&self, id: &str) -> String {
        self.sentence(id, &[])
    }

    /// A sentence of the catalogue.
    pub fn sentence(&self, id: &str, args: &[(&'static str, String)]) -> String {
        self.catalogue.text(id, args)
    }

    /// The words of a diagnostic.
    pub fn words(&self, diagnostic: &Diagnostic) -> Words {
        self.catalogue.words(diagnostic)
    }

    /// Why the command could not run.
    pub fn fail(&mut self, id: &str, args: &[(&'static str, String)]) {
        let shown = Shown::error().with_message(self.catalogue.text(id, args));
        let hint = self.catalogue.hint(id, args);
        let shown = shown.with_notes(hint.map(|hint| self.note(&hint)).into_iter().collect());
        self.emit(&SimpleFiles::new(), &shown);
    }

    /// Findings, with the lines where they stand.
    pub fn diagnostics(&mut self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let words = self.catalogue.words(diagnostic);
            let mut files = SimpleFiles::new();
            let mut label = |style, span: &Span, text: &str| {
                let id = files.add(span.file.name.clone(), span.file.text.clone());
                Label::new(style, id, span.range.clone()).with_message(text)
            };
            let mut labels = Vec::new();
            if let Some(span) = &diagnostic.span {
                labels.push(label(LabelStyle::Primary, span, ""));
            }
            for ((span, _), text) in diagnostic.labels.iter().zip(&words.labels) {
                labels.push(label(LabelStyle::Secondary, span, text));
            }
            let shown = match diagnostic.severity {
                Severity::Error => Shown::error(),
                Severity::Warning => Shown::warning(),
            }
            .with_code(diagnostic.code.id())
            .with_message(&words.message)
            .with_labels(labels)
            .with_notes(words.hints.iter().map(|hint| self.note(hint)).collect());
            self.emit(&files, &shown);
        }
    }

    fn note(&self, hint: &str) -> String {
        format!("{}: {hint}", self.word("hint-label"))
    }

    fn emit(&mut self, files: &SimpleFiles<String, String>, shown: &Shown<usize>) {
        // A terminal that is gone is nobody's error.
        term::emit_to_write_style(&mut self.stderr, &Config::default(), files, shown).ok();
    }
}
