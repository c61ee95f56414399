//! An issue's imprint × its publication's → findings on required lists, repeated units, copies and
//! print run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, SourceFile, Span, Spanned};
use crate::issue::imprint::{ImprintList, LISTS, List, Origin, Over};
use crate::issue::raw::RawIssue;
use crate::publication::Publication;

/// Checks an issue's imprint, laid over the publication's.
pub fn imprint(
    raw: &RawIssue,
    publication: &Publication,
    file: &Arc<SourceFile>,
    found: &mut Vec<Diagnostic>,
) {
    let imprint = raw.imprint.over(&publication.raw.imprint);
    let place = |origin: Origin, range: &Range<usize>| {
        let file = match origin {
            Origin::Issue => file,
            Origin::Publication => &publication.file,
        };
        Span::new(file, range.clone())
    };
    for required in &publication.raw.required_lists {
        if let Some(List { key, label, .. }) = missing(imprint, *required) {
            let missing = Diagnostic::error(Code::ImprintListMissing, Span::new(file, 0..0));
            found.push(missing.arg("list", label).arg("key", key));
        }
    }
    let units: Vec<(Origin, &Spanned<String>)> = imprint
        .lists()
        .flat_map(|(_, origin, units)| units.iter().map(move |unit| (origin, unit)))
        .collect();

    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (origin, unit) in &units {
        let name = without_copies(&unit.value);
        let span = place(*origin, &unit.range);
        match seen.get(&name) {
            Some(first) if !name.is_empty() => {
                let repeated = Diagnostic::warning(Code::UnitRepeated, span);
                found.push(repeated.arg("unit", &name).label(first.clone(), "first"));
            }
            _ => {
                seen.insert(name, span);
            }
        }
    }

    let copies: Vec<Option<u64>> = units.iter().map(|(_, unit)| copies(&unit.value)).collect();
    if let Some((origin, run)) = imprint.print_run() {
        let sum: u64 = copies.iter().flatten().sum();
        let all_say = !copies.is_empty() && copies.iter().all(Option::is_some);
        let printed = u64::from(run.value);
        if sum > printed || all_say && sum != printed {
            let wrong = Diagnostic::warning(Code::PrintRun, place(origin, &run.range));
            found.push(wrong.arg("printed", printed).arg("sum", sum));
        }
    }
}

/// The required list, if it has no units.
fn missing(imprint: Over<'_>, required: ImprintList) -> Option<&'static List> {
    let list = LISTS.iter().find(|list| list.required == Some(required))?;
    let is_blank = |unit: &Spanned<String>| unit.value.trim().is_empty();
    imprint.units(list).iter().all(is_blank).then_some(list)
}

/// The number of a unit's copies: 3 for 市委办公室（3份）; `None` where no number is written.
pub(crate) fn copies(unit: &str) -> Option<u64> {
    let unit = unit.trim().trim_end_matches(['）', ')']);
    let number = unit.strip_suffix('份')?;
    let start = number
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + number[at..].chars().next().map_or(0, char::len_utf8));
    // 各县区各2份: the number of units, and so of copies, is unknown.
    (!number[..start].ends_with('各')).then(|| number[start..].parse().ok())?
}

/// The unit's name without its number of copies.
pub(crate) fn without_copies(unit: &str) -> String {
    let unit = unit.trim();
    match (copies(unit), unit.rfind(['（', '('])) {
        (Some(_), Some(at)) => unit[..at].trim().into(),
        _ => unit.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_read_where_they_are_said() {
        for (unit, said) in [
            ("市委办公室（3份）", Some(3)),
            ("存档 2份", Some(2)),
            ("各县区各2份", None),
            ("市委办公室", None),
            ("份", None),
        ] {
            assert_eq!(copies(unit), said, "{unit}");
        }
        assert_eq!(without_copies("市委办公室（3份）"), "市委办公室");
    }
}
