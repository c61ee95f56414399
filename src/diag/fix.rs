//! Findings with certain fixes × the text of a file → the corrected text.

use super::{Diagnostic, SourceFile};

/// Applies the fixes of the findings in `file`; returns the new text and the findings fixed.
///
/// Only the bytes that a fix names change, so that comments and the look of the file stay. Of
/// two fixes that overlap, the first is made; the next run reports the other again.
pub fn apply<'a>(
    file: &SourceFile,
    found: &'a [Diagnostic],
) -> Option<(String, Vec<&'a Diagnostic>)> {
    let mut fixes: Vec<_> = found
        .iter()
        // The same file, mostly: its text is compared only where another reading of it is held.
        .filter(|d| {
            d.span.as_ref().is_some_and(|s| std::ptr::eq(&*s.file, file) || *s.file == *file)
        })
        .filter_map(|d| Some((d.fix.as_ref()?, d)))
        .collect();
    fixes.sort_by_key(|(fix, _)| (fix.range.start, fix.range.end));
    let mut text = String::with_capacity(file.text.len());
    let mut made = Vec::new();
    let mut at = 0;
    for (fix, diagnostic) in fixes {
        if fix.range.start < at {
            continue;
        }
        text.push_str(&file.text[at..fix.range.start]);
        text.push_str(&fix.text);
        at = fix.range.end;
        made.push(diagnostic);
    }
    text.push_str(&file.text[at..]);
    (!made.is_empty()).then_some((text, made))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Span};
    use std::sync::Arc;

    #[test]
    fn only_the_named_bytes_change_and_the_first_of_two_wins() {
        let text = "# 注\nk = '甲,乙'  # 甲,乙\n".to_string();
        let file = Arc::new(SourceFile { name: "f".into(), text });
        let comma = file.text.find(',').expect("a comma");
        let fix = |range: std::ops::Range<usize>, text: &str| {
            let span = Span::new(&file, range.clone());
            Diagnostic::warning(Code::HalfWidthMark, span).fix(range, text)
        };
        let found = [fix(comma..comma + 1, "，"), fix(comma..comma + 4, "；丙")];
        let (text, made) = apply(&file, &found).expect("a fix");
        assert_eq!(text, "# 注\nk = '甲，乙'  # 甲,乙\n");
        assert_eq!(made.len(), 1);
        assert!(apply(&file, &[]).is_none());
    }
}
