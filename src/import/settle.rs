//! Labels → labels that the model of an issue can hold: every title and section has text below.

use super::code::RemarkCode;
use super::line::{Line, Piece, Remark};
use super::recognise::Guess;
use super::table::Label;

/// Relabels titles and sections without text, and cuts that prove to be inside a paragraph.
pub fn settle(lines: &[Line], guesses: &mut [Guess]) {
    let mut has_text = false;
    for at in 0..guesses.len() {
        let label = guesses[at].label;
        let next = guesses.get(at + 1).map(|guess| guess.label);
        let mut rest = guesses[at + 1..].iter().map(|guess| guess.label);
        let empty = match label {
            Label::Section => {
                !next.is_some_and(|l| is_text(l) || matches!(l, Label::Title | Label::Note))
            }
            Label::Title => !rest.find(|l| !stands_under_title(*l)).is_some_and(is_text),
            _ => false,
        };
        if empty && label == Label::Title && next == Some(Label::Title) {
            guesses[at + 1].label = Label::TitleMore;
        } else if empty && has_text {
            guesses[at].label = Label::Body;
            guesses[at].confidence = guesses[at].confidence.min(0.5);
        }
        has_text |= is_text(guesses[at].label);
        // A title cut off a paragraph is part of that paragraph after all.
        let cut_off = lines[at].glued && at > 0 && guesses[at - 1].label == Label::Body;
        if cut_off && guesses[at].label == Label::Title {
            guesses[at].label = Label::Body;
        }
    }
}

/// Moves notes (注释) on lines that cannot hold them, such as titles, to the next paragraph of the
/// text, else to the one before, and remarks on them. Where there is none, they become ordinary text.
pub fn settle_notes(lines: &mut [Line], guesses: &[Guess]) -> Vec<Remark> {
    let is_text = |label: Label| {
        matches!(label, Label::Body | Label::Heading | Label::Note | Label::NoteMore)
    };
    let mut remarks = Vec::new();
    for at in 0..lines.len() {
        if is_text(guesses[at].label) || !lines[at].pieces.iter().any(|piece| piece.note) {
            continue;
        }
        let (notes, own) = std::mem::take(&mut lines[at].pieces).into_iter().partition(|p| p.note);
        lines[at].pieces = own;
        remarks.push(Remark::on(&lines[at], RemarkCode::KeptInBody, ""));
        let mut places = (at..lines.len()).chain((0..at).rev());
        match places.find(|&at| guesses[at].label == Label::Body && lines[at].object.is_none()) {
            Some(place) => lines[place].pieces.extend::<Vec<Piece>>(notes),
            None => {
                let text = notes.into_iter().map(|piece| Piece { note: false, ..piece });
                lines[at].pieces.extend(text);
            }
        }
    }
    remarks
}

/// Whether a line with this label is text of an article.
fn is_text(label: Label) -> bool {
    matches!(
        label,
        Label::Body | Label::Heading | Label::Object | Label::Caption | Label::AttachmentList
    )
}

/// Whether a line with this label stands between a title and its text.
fn stands_under_title(label: Label) -> bool {
    matches!(
        label,
        Label::TitleMore
            | Label::Subtitle
            | Label::SubtitleMore
            | Label::Author
            | Label::Note
            | Label::NoteMore
    )
}
