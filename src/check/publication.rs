//! A raw publication × layouts × fonts → a publication for its issues, or all errors in it.

use std::sync::Arc;

use super::amount;
use super::text::TextCheck;
use crate::diag::rules::Levels;
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span, Spanned};
use crate::issue::Kind;
use crate::publication::fonts::FontLibrary;
use crate::publication::layout::{Layouts, Pin};
use crate::publication::tolerance::{Allowed, At, Region, Settings};
use crate::publication::words::WordList;
use crate::publication::{Publication, RawCompare, RawPublication, RawRegion};
use crate::source::limits;
use crate::source::read::read;

/// Checks a publication: its layout, options, fonts, and the text of its fields.
/// `pin` is the layout version that an issue pins, which overrides the publication's own.
pub fn publication(
    id: &str,
    file: &Arc<SourceFile>,
    pin: Option<&Pin>,
    layouts: &Layouts,
    library: &FontLibrary,
) -> Checked<Publication> {
    let mut found = Vec::new();
    let Some(raw) = read::<RawPublication>(file).drain_into(&mut found) else {
        return Checked::failed(found);
    };
    let own = raw.layout_version.as_ref().map(|version| Pin {
        version: version.value.clone(),
        span: Span::new(file, version.range.clone()),
    });
    let layout = match pin.or(own.as_ref()) {
        Some(pin) => layouts.pinned(raw.layout.as_ref(), file, pin),
        None => layouts.load(raw.layout.as_ref(), file),
    };
    let layout = layout.drain_into(&mut found);
    let options = layout.as_ref().and_then(|layout| match pin {
        Some(_) => Some(layout.options_it_knows(&raw.options)),
        None => layout.options(&raw.options, file).drain_into(&mut found),
    });
    let fonts = library.cast(&raw.fonts, file).drain_into(&mut found);
    let (Some(layout), Some(options), Some(fonts)) = (layout, options, fonts) else {
        return Checked::failed(found);
    };
    let compare = settings(&raw.compare, file).drain_into(&mut found);
    let Some(compare) = compare else { return Checked::failed(found) };
    let levels = Levels::new(&raw.rules, file, &mut found);
    found.extend(amount::excess_of_imprint(&raw.imprint, file));
    if let Some(excess) = too_many_words(&raw, file) {
        found.push(excess);
        return Checked::failed(found);
    }
    let words = WordList::new(&raw.words, &raw.names);
    found.extend(contradictions(&raw, &words, file));
    let mut text = TextCheck::new(file, &fonts, &words);
    text.line(&raw.name, Kind::Nameplate);
    text.line(&raw.issuer, Kind::Issuer);
    let head = [raw.organization.as_ref(), raw.notice.as_ref()];
    head.into_iter().flatten().for_each(|field| text.line(field, Kind::Line));
    raw.imprint.texts().for_each(|field| text.line(field, Kind::Line));
    let mut said = text.finish();
    levels.apply(&mut said);
    found.extend(said);
    let (id, fonts, file) = (id.into(), Arc::new(fonts), file.clone());
    let publication = Publication { id, raw, layout, options, fonts, levels, words, compare, file };
    Checked::new(publication, found)
}

/// The error that a publication's own lists of words are too long.
fn too_many_words(raw: &RawPublication, file: &Arc<SourceFile>) -> Option<Diagnostic> {
    let count = raw.words.len() + raw.names.values().map(Vec::len).sum::<usize>();
    let first = raw.words.keys().chain(raw.names.keys()).next()?;
    let error = Diagnostic::error(Code::TooManyWords, Span::new(file, first.range.clone()));
    (count > limits::WORDS).then(|| error.arg("count", count).arg("limit", limits::WORDS))
}

/// Warns of right words that have a wrong one in them.
fn contradictions(
    raw: &RawPublication,
    words: &WordList,
    file: &Arc<SourceFile>,
) -> Vec<Diagnostic> {
    let own = raw.words.iter().filter(|(wrong, right)| wrong.value != right.value);
    let rights = own.map(|(_, right)| right).chain(raw.names.keys());
    let contradiction = |right: &Spanned<String>| {
        let (_, other) = words.find(&right.value).into_iter().next()?;
        let span = Span::new(file, right.range.clone());
        let warning = Diagnostic::warning(Code::WordsContradict, span).arg("right", &right.value);
        Some(warning.arg("wrong", &other.wrong).arg("other", &other.right))
    };
    rights.filter_map(contradiction).collect()
}

/// The settings of `[compare]`; a region must have either a name or a box.
fn settings(raw: &RawCompare, file: &Arc<SourceFile>) -> Checked<Settings> {
    let value = |value: &Option<Spanned<f64>>| value.as_ref().map(|value| value.value);
    let mut found = Vec::new();
    let mut regions = Vec::new();
    for region in &raw.regions {
        let corners = region.value.corners.as_ref().map(|corners| &corners.value[..]);
        let at = match (region.value.name, corners) {
            (Some(name), None) => At::Named(name),
            (None, Some(&[left, top, width, height])) => At::Box([left, top, width, height]),
            _ => {
                let span = Span::new(file, region.range.clone());
                found.push(Diagnostic::error(Code::RegionPlace, span));
                continue;
            }
        };
        let RawRegion { colour, area, moved, likeness, .. } = &region.value;
        let [colour, area, moved, likeness] = [colour, area, moved, likeness].map(value);
        let allowed = Allowed { colour, area, moved, likeness };
        regions.push(Region { at, ignore: region.value.ignore, allowed });
    }
    let resolution = raw.resolution.as_ref().map(|resolution| f64::from(resolution.value));
    let resolution = resolution.unwrap_or(Settings::default().resolution);
    let [colour, area, moved, likeness] =
        [&raw.colour, &raw.area, &raw.moved, &raw.likeness].map(value);
    match found.is_empty() {
        true => {
            let own = Allowed { colour, area, moved, likeness };
            Checked::new(Settings { resolution, own, regions }, found)
        }
        false => Checked::failed(found),
    }
}
