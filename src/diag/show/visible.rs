//! Text of files, names and arguments → text that a terminal shows as it is: characters that nobody
//! sees, or that steer the terminal, are shown by their numbers.

use std::borrow::Cow;

/// Whether a character is invisible: a control, or a mark that directs how other text is shown.
/// Pasted text often brings such characters in.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'
            | '\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

/// The number of a character, as it is shown in its place.
pub fn number(c: char) -> String {
    format!("⟨U+{:04X}⟩", u32::from(c))
}

/// A text of any lines, with its invisible characters shown. Tabs stay.
pub fn text(text: &str) -> Cow<'_, str> {
    with(text, |c| is_invisible(c) && !matches!(c, '\n' | '\t'))
}

/// A text of one line: its line breaks are shown too, or a name with one could forge a message.
pub fn line(text: &str) -> Cow<'_, str> {
    with(text, |c| is_invisible(c) && c != '\t')
}

/// The facts of a message. The words of a library, its `detail`, may have several lines.
pub fn facts(args: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let shown = |name: &str, value: &str| match name {
        "detail" => text(value).into_owned(),
        _ => line(value).into_owned(),
    };
    args.iter().map(|(name, value)| (*name, shown(name, value))).collect()
}

fn with(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match hidden(c) {
            true => shown.push_str(&number(c)),
            false => shown.push(c),
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_by_its_number() {
        let seen = text("a\u{1b}[31m\u{202e}b\u{9b}\r\u{7f}\u{200f}\u{2066}\n\tc");
        assert_eq!(seen, "a⟨U+001B⟩[31m⟨U+202E⟩b⟨U+009B⟩⟨U+000D⟩⟨U+007F⟩⟨U+200F⟩⟨U+2066⟩\n\tc");
        assert_eq!(line("a\nb"), "a⟨U+000A⟩b");
        for plain in ["妇工动态 №1 “a”—…", "é e\u{301} 〇 \u{3000}"] {
            assert!(matches!(text(plain), Cow::Borrowed(_)), "{plain}");
        }
    }
}
