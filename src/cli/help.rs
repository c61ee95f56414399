//! Clap's command and errors → help and usage errors in the words of the catalogue.

use clap::builder::{PossibleValue, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, Error};
use jianbao::diag::catalogue::Catalogue;

use super::args::Args;

/// The whole command line, in the words of `catalogue`.
pub fn command(catalogue: &Catalogue) -> Command {
    translated(Args::command(), "help", catalogue)
}

/// The id of an argument's or a command's words: `help-build-output`.
fn id(path: &str, name: &str) -> String {
    format!("{path}-{}", name.replace('_', "-"))
}

fn translated(command: Command, path: &str, catalogue: &Catalogue) -> Command {
    let word = |id: &str| catalogue.text(id, &[]);
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_string()).collect();
    let arguments: Vec<String> = command.get_arguments().map(|a| a.get_id().to_string()).collect();
    let mut command = command
        .about(word(path))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading(word("help-commands"))
        .subcommand_value_name(word("help-command"));
    for name in arguments {
        let words = word(&id(if is_shared(&name) { "help" } else { path }, &name));
        command = command.mut_arg(name, |argument| {
            let positional = argument.is_positional();
            let heading = word(if positional { "help-arguments" } else { "help-options" });
            let help = explained(&argument, words, catalogue);
            let takes_values = argument.get_action().takes_values();
            let argument = argument.help(help).help_heading(heading);
            match takes_values {
                true => {
                    let name = word(&id("value", &value_name(&argument)));
                    argument.value_name(name).hide_possible_values(true).hide_default_value(true)
                }
                false => argument,
            }
        });
    }
    for name in names {
        let below = id(path, &name);
        command = command.mut_subcommand(name, |command| translated(command, &below, catalogue));
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    command = command.arg(help.help(word("help-help")).help_heading(word("help-options")));
    if path == "help" {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
        let version = version.help(word("help-version")).help_heading(word("help-options"));
        command = command.after_help(word("help-exit-codes")).arg(version);
    }
    // Replace the words of clap's usage line that are always English.
    let name = path.replacen("help", "jianbao", 1).replace('-', " ");
    let usage = command.clone().bin_name(name).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let usage = usage.replace("[OPTIONS]", &format!("[{}]", word("help-options").to_uppercase()));
    command.override_usage(usage).help_template(format!(
        "{{about}}\n\n{} {{usage}}\n\n{{all-args}}{{after-help}}",
        word("help-usage")
    ))
}

/// The placeholder of an argument's value in help.
fn value_name(argument: &Arg) -> String {
    let given = argument.get_value_names().and_then(|names| names.first());
    given.map_or(argument.get_id().as_str(), |name| name.as_str()).to_lowercase()
}

/// Whether an argument means the same in every command, so that it has one text for all.
fn is_shared(name: &str) -> bool {
    matches!(name, "project" | "font_path" | "system_fonts" | "lang" | "port" | "no_open")
}

/// An argument's text with its possible values and default, which clap would add in English.
fn explained(argument: &Arg, text: String, catalogue: &Catalogue) -> StyledStr {
    let mut text = text;
    let takes_values = argument.get_action().takes_values();
    let values: Vec<PossibleValue> = match takes_values {
        true => argument.get_possible_values(),
        false => Vec::new(),
    };
    if !values.is_empty() {
        let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
        let names = names.join(", ");
        text += &catalogue.text("help-values", &[("values", names)]);
    }
    let default = argument.get_default_values().first();
    if let (true, Some(default)) = (takes_values, default) {
        let default = default.to_string_lossy().into_owned();
        text += &catalogue.text("help-default", &[("value", default)]);
    }
    text.into()
}

/// A usage error in the words of the catalogue, with its hint; `None` for help and version.
pub fn complaint(error: &Error, catalogue: &Catalogue) -> Option<(String, String)> {
    let fact = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(texts)) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    };
    let message = match error.kind() {
        ErrorKind::UnknownArgument => "usage-unknown-argument",
        ErrorKind::InvalidSubcommand => "usage-unknown-command",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            if fact(ContextKind::InvalidValue).is_empty() {
                "usage-missing-value"
            } else {
                "usage-wrong-value"
            }
        }
        ErrorKind::MissingRequiredArgument => "usage-missing-argument",
        ErrorKind::ArgumentConflict => "usage-twice",
        _ => return None,
    };
    let known =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::ValidValue]
            .map(fact)
            .into_iter()
            .find(|text| !text.is_empty());
    let known = known.or_else(|| {
        let names =
            Args::command().get_subcommands().map(|c| c.get_name().to_string()).collect::<Vec<_>>();
        (error.kind() == ErrorKind::InvalidSubcommand).then(|| names.join(", "))
    });
    let written = match error.kind() {
        ErrorKind::InvalidSubcommand => fact(ContextKind::InvalidSubcommand),
        _ => fact(ContextKind::InvalidArg),
    };
    let args = [("argument", written), ("value", fact(ContextKind::InvalidValue))];
    let hint = match known {
        Some(known) => catalogue.text("usage-known", &[("known", known)]),
        None => catalogue.text("usage-hint", &[]),
    };
    Some((catalogue.text(message, &args), hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jianbao::diag::catalogue::Lang;

    fn walk(command: &Command, path: &str, said: &mut Vec<String>) {
        said.push(path.into());
        for argument in command.get_arguments() {
            let name = argument.get_id().as_str();
            said.push(id(if is_shared(name) { "help" } else { path }, name));
            if argument.get_action().takes_values() {
                said.push(id("value", &value_name(argument)));
            }
        }
        for below in command.get_subcommands() {
            walk(below, &id(path, below.get_name()), said);
        }
    }

    #[test]
    fn every_command_and_argument_has_words_in_both_languages() {
        let mut ids = Vec::new();
        walk(&Args::command(), "help", &mut ids);
        assert!(ids.len() > 30, "{ids:?}");
        for lang in [Lang::Zh, Lang::En] {
            let catalogue = Catalogue::new(lang);
            for id in &ids {
                assert!(catalogue.has(id), "{id} has no words in {lang:?}");
            }
        }
    }

    #[test]
    fn help_is_in_one_language() {
        for (command_line, words) in
            [("jianbao --help", "用法："), ("jianbao check --help", "选项:")]
        {
            let command = command(&Catalogue::new(Lang::Zh));
            let error = command.try_get_matches_from(command_line.split(' ')).expect_err("help");
            let help = error.to_string();
            assert!(help.contains(words), "{help}");
            for english in
                ["Usage", "Options", "Commands", "Arguments", "default", "possible", "Print"]
            {
                assert!(!help.contains(english), "{english} in {help}");
            }
        }
    }
}
