//! The imprint: lists that the publication asks for, units named twice, copies and print run.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, SourceFile, Span, Spanned};
use crate::issue::raw::RawIssue;
use crate::publication::{ImprintList, Publication};

type List = Option<Vec<Spanned<String>>>;

/// Looks at an issue's imprint over the publication's standing one.
pub fn imprint(
    raw: &RawIssue,
    publication: &Publication,
    file: &Arc<SourceFile>,
    found: &mut Vec<Diagnostic>,
) {
    let (own, standing) = (&raw.imprint, &publication.raw.imprint);
    let place = |of_issue: bool, text: &Spanned<String>| {
        Span::new(if of_issue { file } else { &publication.file }, text.range.clone())
    };
    let lists: Vec<(bool, &str, &List)> = [
        ("报", &own.report_to, &standing.report_to),
        ("送", &own.send_to, &standing.send_to),
        ("发", &own.distribute_to, &standing.distribute_to),
        ("本期增发", &own.also_to, &standing.also_to),
    ]
    .into_iter()
    .map(|(label, own, standing)| match own {
        Some(_) => (true, label, own),
        None => (false, label, standing),
    })
    .collect();
    let units = || {
        let units = lists.iter().map(|&(issue, label, list)| (issue, label, list.iter().flatten()));
        units.flat_map(|(issue, label, list)| list.map(move |unit| (issue, label, unit)))
    };

    for list in &publication.raw.required_lists {
        let (key, label) = match list {
            ImprintList::ReportTo => ("report_to", "报"),
            ImprintList::SendTo => ("send_to", "送"),
            ImprintList::DistributeTo => ("distribute_to", "发"),
        };
        let is_blank = |unit: &Spanned<String>| unit.value.trim().is_empty();
        if units().filter(|(_, of, _)| *of == label).all(|(_, _, unit)| is_blank(unit)) {
            let span = Span::new(file, 0..0);
            let missing = Diagnostic::error(Code::ImprintListMissing, span);
            found.push(missing.arg("list", label).arg("key", key));
        }
    }

    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (of_issue, _, unit) in units() {
        let name = without_copies(&unit.value);
        let span = place(of_issue, unit);
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

    let print_run = own.print_run.as_ref().map(|n| (true, n));
    let print_run = print_run.or(standing.print_run.as_ref().map(|n| (false, n)));
    let copies: Vec<Option<u64>> = units().map(|(_, _, unit)| copies(&unit.value)).collect();
    if let Some((of_issue, run)) = print_run {
        let sum: u64 = copies.iter().flatten().sum();
        let all_say = !copies.is_empty() && copies.iter().all(Option::is_some);
        let printed = u64::from(run.value);
        if sum > printed || all_say && sum != printed {
            let file = if of_issue { file } else { &publication.file };
            let wrong = Diagnostic::warning(Code::PrintRun, Span::new(file, run.range.clone()));
            found.push(wrong.arg("printed", printed).arg("sum", sum));
        }
    }
}

/// The copies that a unit gets: 市委办公室（3份） or 各县区各2份.
pub(crate) fn copies(unit: &str) -> Option<u64> {
    let unit = unit.trim().trim_end_matches(['）', ')']);
    let number = unit.strip_suffix('份')?;
    let start = number
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + number[at..].chars().next().map_or(0, char::len_utf8));
    // 各县区各2份: nobody knows how many.
    (!number[..start].ends_with('各')).then(|| number[start..].parse().ok())?
}

/// The unit without the copies that it gets.
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
