//! A text of several lines → its spelling in TOML.

/// A text of several lines as a TOML string: without escapes where TOML allows that, else with
/// escapes.
pub fn long(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines = match text.strip_suffix('\n').unwrap_or(&text) {
        "" => String::new(),
        text => format!("{text}\n"),
    };
    unescaped(&lines).unwrap_or_else(|| escaped(&lines))
}

/// Whole lines between `'''`, without escapes; `None` where TOML does not allow that.
pub fn unescaped(lines: &str) -> Option<String> {
    let allowed = lines.chars().all(is_raw) && !lines.contains("'''");
    allowed.then(|| format!("'''\n{lines}'''"))
}

/// Whole lines between `"""`, with escapes where TOML requires them.
fn escaped(lines: &str) -> String {
    let mut escaped = String::with_capacity(lines.len());
    for c in lines.chars() {
        match c {
            '\\' | '"' => escaped.extend(['\\', c]),
            c if is_raw(c) => escaped.push(c),
            c => escaped.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    format!("\"\"\"\n{escaped}\"\"\"")
}

/// Whether a character needs no escape in a literal string.
fn is_raw(c: char) -> bool {
    c == '\n' || c == '\t' || !c.is_control()
}
