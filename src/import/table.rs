//! The recogniser's whole knowledge: labels, features with their weights, transitions.
//!
//! A weight is in nats: 1.0 makes a label e times as likely. To support a new habit of bulletins,
//! add a row to [`FEATURES`].

use super::features::Look;

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident = $name:literal $bias:literal,)*) => {
        /// What a line is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Label { $($(#[$doc])* $label,)* }

        impl Label {
            /// Every label.
            pub const ALL: &[Label] = &[$(Label::$label,)*];

            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $(Label::$label => $name,)* }
            }

            /// The log weight of the label before any feature counts.
            pub fn bias(self) -> f32 {
                match self { $(Label::$label => $bias,)* }
            }
        }
    };
}

labels! {
    /// A line of the masthead: name, number, issuer, date, classification.
    Masthead = "masthead" -3.0,
    /// 内容提要, 本期要目.
    ContentsHeading = "contents-heading" -6.0,
    /// A section's name in the contents.
    ContentsSection = "contents-section" -3.5,
    /// An article's line in the contents.
    ContentsEntry = "contents-entry" -3.0,
    /// A section header.
    Section = "section" -3.5,
    /// The first line of a title.
    Title = "title" -2.5,
    /// A further line of a title.
    TitleMore = "title-more" -4.0,
    /// A subtitle.
    Subtitle = "subtitle" -4.5,
    /// A further line of a subtitle.
    SubtitleMore = "subtitle-more" -5.5,
    /// Source or author under the title.
    Author = "author" -4.0,
    /// The first paragraph of an editor's note.
    Note = "note" -7.0,
    /// A further paragraph of it.
    NoteMore = "note-more" -2.5,
    /// A heading within the text.
    Heading = "heading" -2.0,
    /// A paragraph.
    Body = "body" 0.0,
    /// The caption of a table or picture.
    Caption = "caption" -5.0,
    /// A table or picture.
    Object = "object" -9.0,
    /// The source under the text.
    Source = "source" -4.0,
    /// The list of attachments under the text.
    AttachmentList = "attachment-list" -5.0,
    /// 附件1, at the head of an attachment.
    Attachment = "attachment" -6.0,
    /// The title of an attachment.
    AttachmentTitle = "attachment-title" -3.0,
    /// A line of the imprint.
    Imprint = "imprint" -5.0,
    /// A further line of an item of the imprint.
    ImprintMore = "imprint-more" -4.0,
    /// Date or unit under the whole text.
    Closing = "closing" -4.0,
}

use Label::*;

/// The weights for or against labels.
pub type Weights = &'static [(Label, f32)];

/// A feature: its name, the lines that have it, and its weights.
pub struct Feature {
    /// Its stable name, shown where a guess is explained.
    pub name: &'static str,
    /// Whether a line has the feature.
    pub holds: fn(&Look) -> bool,
    /// The weights.
    pub weights: Weights,
}

const fn f(
    name: &'static str,
    holds: fn(&Look) -> bool,
    weights: &'static [(Label, f32)],
) -> Feature {
    Feature { name, holds, weights }
}

/// Every feature. Lengths are in characters without blanks.
#[rustfmt::skip]
pub const FEATURES: &[Feature] = &[
    // Length.
    f("over-70", |l| l.length > 70 && !l.object, &[(Body, 4.0), (NoteMore, 1.0), (Note, 0.0), (Title, -9.0), (TitleMore, -9.0), (Section, -12.0), (Subtitle, -8.0), (SubtitleMore, -8.0), (Heading, -4.0), (ContentsEntry, -8.0), (ContentsSection, -9.0), (ContentsHeading, -9.0), (Masthead, -6.0), (Source, -8.0), (Author, -8.0), (AttachmentTitle, -8.0), (Closing, -8.0), (Caption, -6.0)]),
    f("41-to-70", |l| (41..=70).contains(&l.length) && !l.object, &[(Body, 1.0), (Title, -1.5), (TitleMore, -3.0), (Section, -8.0), (Subtitle, -1.0), (SubtitleMore, -2.0), (Heading, -1.5), (ContentsEntry, -1.0), (ContentsSection, -8.0), (ContentsHeading, -9.0), (Masthead, -1.5), (Source, -3.0), (Author, -4.0), (AttachmentTitle, -1.5), (Closing, -4.0)]),
    f("9-to-40", |l| (9..=40).contains(&l.length) && !l.object, &[(Title, 1.2), (Subtitle, 0.5), (ContentsEntry, 0.5), (Section, -2.0), (ContentsSection, -2.0)]),
    f("13-to-40", |l| (13..=40).contains(&l.length), &[(Section, -2.5), (ContentsSection, -2.0), (Heading, -0.3)]),
    f("2-to-8", |l| (2..=8).contains(&l.length), &[(Section, 1.0), (ContentsSection, 0.7), (Title, -1.0), (ContentsEntry, -0.5), (TitleMore, -0.3)]),
    f("under-4", |l| l.length < 4 && !l.object, &[(Title, -2.5), (Subtitle, -3.0), (Section, -0.5), (Source, -1.0), (ContentsEntry, -1.5)]),

    // The end of the line, its content.
    f("ends-sentence", |l| l.ends_sentence, &[(Body, 2.5), (Title, -4.0), (TitleMore, -4.0), (Section, -6.0), (Heading, -2.0), (Source, -3.0), (Author, -4.0), (Subtitle, -3.5), (SubtitleMore, -3.5), (ContentsEntry, -4.0), (ContentsSection, -6.0), (Masthead, -4.0), (Closing, -5.0), (AttachmentTitle, -4.0), (Note, 1.0), (NoteMore, 1.0), (Caption, -2.0)]),
    f("ends-asking", |l| l.ends_asking, &[(Body, 0.7), (Section, -3.0), (Source, -3.0)]),
    f("ends-colon", |l| l.text.ends_with(['：', ':']), &[(Body, 2.0), (Title, -3.5), (Section, -3.0), (Heading, 0.5), (Subtitle, -3.0), (ContentsEntry, -2.0), (Source, -3.0), (Masthead, -1.0)]),
    f("ends-comma", |l| l.text.ends_with(['，', ',', '、', '；', ';']), &[(Body, 1.5), (Title, -2.5), (Section, -4.0), (Subtitle, -2.0), (ContentsEntry, -2.0), (ContentsSection, -4.0), (Source, -2.0), (Masthead, -1.0), (ImprintMore, 0.5), (TitleMore, -2.0)]),
    f("sentence-inside", |l| l.sentence_inside, &[(Body, 3.0), (NoteMore, 1.0), (Title, -4.5), (TitleMore, -5.0), (Section, -8.0), (Subtitle, -4.5), (ContentsEntry, -4.5), (ContentsSection, -7.0), (Masthead, -4.5), (Heading, -3.0), (Source, -5.0), (Author, -5.0), (Closing, -5.0), (AttachmentTitle, -5.0), (Caption, -2.0)]),
    f("comma-inside", |l| l.comma_inside, &[(Body, 0.5), (Section, -4.0), (ContentsSection, -4.0), (Source, -1.5), (Masthead, -1.5), (Title, -0.3), (ImprintMore, 0.5)]),
    f("begins-with-time", |l| l.begins_with_time, &[(Body, 2.0), (Title, -2.0), (Subtitle, -1.0), (Section, -3.0), (ContentsEntry, -1.5), (Heading, -1.5)]),

    // Marks.
    f("bracketed", |l| l.bracketed, &[(Section, 7.5), (ContentsSection, 6.0), (Title, -4.0), (Body, -0.5), (Heading, -1.0), (Masthead, -1.0), (TitleMore, -4.0), (ContentsEntry, -3.0)]),
    f("bracketed-again", |l| l.bracketed && l.bracket_habit, &[(Section, 1.5), (ContentsSection, 1.5)]),
    f("bracketed-otherwise", |l| l.bracketed && !l.section_word && !l.said_before && !l.said_again, &[(Section, -1.5), (Heading, 1.5), (Body, 1.0)]),
    f("bullet-as-before", |l| l.same_bullet, &[(ContentsEntry, 2.0), (Section, -3.0), (ContentsSection, -1.0)]),
    f("bullet-and-short", |l| l.bulleted && l.length <= 12 && !l.comma_inside && !l.ends_sentence, &[(Section, 4.5), (ContentsSection, 3.5), (ContentsEntry, 0.5), (Title, 0.5), (Body, -1.0)]),
    f("bullet", |l| l.bulleted && l.length > 12, &[(Title, 1.5), (ContentsEntry, 1.5), (Section, -3.0), (Body, 0.0)]),
    f("dash", |l| l.dashed, &[(Subtitle, 9.0), (Title, -4.0), (TitleMore, -3.0), (Body, -1.0), (Section, -5.0), (ContentsEntry, -1.0), (Heading, -3.0), (Masthead, -4.0)]),
    f("parentheses-around", |l| l.parenthesised, &[(Source, 4.0), (Author, 2.0), (Body, -1.0), (Title, -4.0), (Section, -3.0), (Subtitle, 0.5), (ContentsEntry, -2.0), (TitleMore, -2.0), (Heading, -2.0)]),
    f("parentheses-source", |l| l.parenthesised && l.source_words, &[(Source, 3.5), (Author, 2.0), (Body, -1.5), (Subtitle, -2.0)]),
    f("glued-source", |l| l.glued && l.parenthesised, &[(Source, 3.0), (Author, -6.0), (Subtitle, -5.0), (Title, -3.0)]),
    f("glued-bare-source", |l| l.glued && l.right && l.unit, &[(Source, 5.0), (Author, -6.0)]),
    f("glued-body", |l| l.glued && l.sentence_inside, &[(Body, 1.0), (NoteMore, 0.5)]),
    f("next-glued-body", |l| l.next_glued && !l.next_right && l.next_long, &[(Title, 4.0), (Heading, 0.5), (Body, 0.0), (Section, -1.0)]),

    // Words.
    f("section-word", |l| l.section_word, &[(Section, 3.2), (ContentsSection, 2.2), (Title, -1.2), (ContentsEntry, -0.7), (Body, -0.5)]),
    f("section-word-alone", |l| l.section_word && l.gap && l.length <= 8 && l.level.is_none() && !l.bracketed && !l.ends_sentence, &[(Section, 1.5), (Body, -0.5)]),
    f("contents-word", |l| l.contents_word, &[(ContentsHeading, 16.0), (Section, -6.0), (Masthead, -3.0)]),
    f("page-number-behind", |l| l.page_behind, &[(ContentsEntry, 6.0), (ContentsSection, 2.0), (Title, -3.0), (Section, -1.0), (Body, -2.0)]),
    f("source-word", |l| l.source_word && l.length <= 40, &[(Source, 4.5), (Author, 4.5), (Title, -4.0), (Body, -0.5), (Subtitle, -3.0), (Section, -5.0)]),
    f("unit", |l| l.unit && l.length <= 22 && !l.bracketed, &[(Source, 1.5), (Author, 2.0), (Masthead, 1.0), (Closing, 1.0), (Section, -2.0), (ContentsSection, -1.5), (Heading, -1.0)]),
    f("short-unit", |l| l.unit && l.length <= 14 && !l.bracketed && !l.issuer_word, &[(Title, -2.5), (Author, 1.0), (Source, 0.5)]),
    f("unit-and-no-section-word", |l| l.unit && !l.section_word && !l.bracketed && !l.bulleted, &[(Section, -3.0), (ContentsSection, -2.0)]),
    f("people", |l| l.people, &[(Author, 3.5), (Source, 1.5), (Section, -3.0), (Title, -2.0)]),
    f("unit-and-people", |l| l.unit_people, &[(Author, 4.0), (Source, 2.5), (Title, -2.5), (Section, -4.0)]),
    f("note-word", |l| l.note_word, &[(Note, 16.0), (Section, -8.0), (ContentsSection, -6.0), (Title, -4.0)]),
    f("after-bare-note-word", |l| l.after_bare_note, &[(NoteMore, 14.0)]),
    f("caption-word", |l| l.caption_word, &[(Caption, 7.0), (Title, -3.0), (Heading, -1.0)]),
    f("by-object", |l| l.by_object && l.length <= 40 && !l.ends_sentence, &[(Caption, 2.0)]),
    f("attachment-mark", |l| l.attachment_mark, &[(Attachment, 12.0), (Title, -6.0), (Section, -6.0), (Body, -2.0), (AttachmentList, 0.5)]),
    f("no-attachment-mark", |l| !l.attachment_mark && !l.attachment_list, &[(Attachment, -12.0)]),
    f("attachment-list", |l| l.attachment_list, &[(AttachmentList, 9.0), (Title, -5.0), (Body, 1.0), (Section, -6.0)]),
    f("numbered-in-attachment-list", |l| l.after_attachment_list && l.level.is_some() && l.length <= 40, &[(AttachmentList, 4.0)]),

    // Masthead.
    f("issue-number", |l| l.has_number && l.length <= 45, &[(Masthead, 9.0), (Section, -4.0), (Title, -4.0), (ContentsEntry, -3.0), (Source, -4.0)]),
    f("serial-number", |l| l.has_serial && l.length <= 45, &[(Masthead, 7.0), (Title, -3.0), (Source, -4.0)]),
    f("date-alone", |l| l.date_only, &[(Masthead, 5.0), (Closing, 5.0), (Title, -5.0), (Section, -6.0), (Source, -1.0), (Author, -0.5), (ContentsEntry, -4.0)]),
    f("date-behind", |l| l.has_date && !l.date_only && l.length <= 45 && !l.ends_sentence && !l.sentence_inside, &[(Masthead, 4.0), (Closing, 2.0), (Imprint, 1.0), (Title, -2.0), (ContentsEntry, -2.0)]),
    f("issuer-word", |l| l.issuer_word, &[(Masthead, 4.5), (Imprint, 0.5), (Title, -2.0), (Section, -3.0)]),
    f("bulletin-name", |l| l.bulletin_name && l.length <= 16 && !l.facts_before, &[(Masthead, 3.0), (Body, -0.5)]),
    f("publication-name", |l| l.own_name, &[(Masthead, 8.0), (Section, -2.0), (Title, -4.0)]),
    f("nothing-of-a-masthead", |l| !l.masthead_like && !l.larger, &[(Masthead, -2.5)]),
    f("masthead-said-all", |l| l.facts_before && !l.has_number && !l.has_serial && !l.has_date && !l.issuer_word && !l.has_class && !l.has_notice, &[(Masthead, -1.5)]),
    f("classification", |l| l.has_class && l.length <= 20, &[(Masthead, 9.0), (Section, -4.0), (Title, -4.0)]),
    f("internal", |l| l.has_notice && l.length <= 24, &[(Masthead, 8.0), (Title, -3.0)]),
    f("red", |l| l.red, &[(Masthead, 4.0), (Title, 0.5), (Body, -1.0)]),
    f("in-box-or-margin", |l| l.aside, &[(Masthead, 1.0), (Body, -0.5)]),
    f("before-any-text", |l| l.early, &[(Masthead, 1.5), (ContentsEntry, 1.0), (ContentsSection, 1.0), (Imprint, -4.0), (ImprintMore, -3.0), (Closing, -6.0), (Source, -3.0)]),
    f("after-some-text", |l| !l.early, &[(Masthead, -7.0), (ContentsHeading, -6.0), (ContentsSection, -7.0), (ContentsEntry, -7.0)]),

    // Titles repeated in the contents.
    f("said-again", |l| l.said_again, &[(ContentsEntry, 5.0), (ContentsSection, 4.0), (Title, -2.0), (Section, -3.5), (Masthead, -1.0)]),
    f("said-alike-again", |l| l.alike_again, &[(ContentsEntry, 3.0), (Title, -1.0)]),
    f("said-before", |l| l.said_before, &[(Title, 5.5), (Section, 4.0), (Subtitle, 4.5), (ContentsEntry, -4.0), (ContentsSection, -3.0), (Body, -2.0), (Heading, -3.0)]),
    f("said-alike-before", |l| l.alike_before, &[(Title, 3.5), (Subtitle, 2.5), (ContentsEntry, -2.5)]),
    f("listed-otherwise", |l| l.unlisted, &[(Title, -2.0)]),

    // Typography.
    f("right", |l| l.right, &[(Source, 3.5), (Closing, 2.0), (Author, 0.5), (Masthead, 0.5), (Title, -3.0), (Section, -4.0), (Body, -2.0), (Heading, -3.0), (ContentsEntry, -2.0), (Subtitle, -0.5)]),
    f("centred", |l| l.center, &[(Title, 3.0), (TitleMore, 2.0), (Subtitle, 2.0), (SubtitleMore, 2.0), (Section, 0.7), (Masthead, 1.5), (Author, 2.0), (ContentsHeading, 1.0), (Body, -3.0), (Heading, -0.5), (AttachmentTitle, 2.0), (Caption, 1.5)]),
    f("indented", |l| l.indented, &[(Body, 1.5), (Heading, 0.7), (NoteMore, 0.5), (Title, -1.2), (Section, -0.7), (AttachmentList, 0.5), (TitleMore, -0.7)]),
    f("flush-among-indented", |l| l.flush, &[(Title, 1.2), (TitleMore, 0.7), (Section, 1.2), (Body, -1.5), (Heading, -1.0), (Imprint, 0.3), (NoteMore, -0.5)]),
    f("bold", |l| l.bold, &[(Title, 1.5), (Section, 1.5), (Heading, 2.0), (Body, -2.0), (Masthead, 0.5), (TitleMore, 0.5)]),
    f("larger", |l| l.larger, &[(Title, 4.0), (TitleMore, 3.0), (Masthead, 2.0), (Section, 0.5), (AttachmentTitle, 2.5), (Body, -4.0), (Heading, -1.5), (Subtitle, -0.5), (Source, -3.0), (ContentsEntry, -2.0)]),
    f("body-size", |l| l.sized && !l.larger, &[(Title, -1.0)]),
    f("styled-as-heading-1", |l| l.outline == Some(1), &[(Title, 4.0), (Section, 2.0), (Heading, -0.5), (Body, -6.0), (Masthead, 1.0)]),
    f("styled-as-heading-2", |l| l.outline == Some(2), &[(Title, 2.5), (Section, 2.0), (Heading, 2.5), (Body, -6.0)]),
    f("styled-as-heading-3", |l| l.outline.is_some_and(|o| o > 2), &[(Title, 1.0), (Heading, 3.5), (Body, -6.0)]),

    // Numbers of headings.
    f("numbered", |l| l.level.is_some(), &[(Heading, 4.5), (Body, 1.0), (Title, -3.5), (Section, -4.0), (TitleMore, -4.0), (Subtitle, -4.0), (Source, -4.0), (Author, -4.0), (Masthead, -3.0), (ContentsEntry, 0.5), (AttachmentTitle, -2.0)]),
    f("numbered-section", |l| l.level == Some(1) && l.section_word && l.length <= 9, &[(Section, 2.0)]),
    f("numbered-title-habit", |l| l.numbered_title, &[(Title, 6.0), (ContentsEntry, 0.5)]),
    f("short-in-text", |l| !l.early && l.length <= 12 && !l.bracketed && !l.bulleted && l.level.is_none() && !l.object && !l.parenthesised, &[(Body, 0.5), (Heading, 0.3)]),

    // The neighbours.
    f("text-follows", |l| l.next_long, &[(Title, 2.5), (TitleMore, 1.5), (Subtitle, 1.5), (Author, 1.0), (Heading, 1.0), (ContentsEntry, -3.5), (ContentsSection, -3.0), (Masthead, -1.0), (AttachmentTitle, 1.0)]),
    f("dash-follows", |l| l.next_dashed, &[(Title, 4.0), (TitleMore, 2.0), (Body, -1.0), (ContentsEntry, 0.0)]),
    f("dash-does-not-follow-text", |l| l.dashed && l.prev_sentence, &[(Subtitle, -7.0), (Body, 3.0)]),
    f("short-follows", |l| l.next_short, &[(Section, 0.7), (Masthead, 0.5), (ContentsEntry, 0.5), (ContentsSection, 0.5)]),
    f("sentence-before", |l| l.prev_sentence, &[(TitleMore, -3.0), (SubtitleMore, -3.0), (Author, -2.0)]),
    f("broken-title", |l| l.continues_title, &[(TitleMore, 2.5)]),
    f("gap-before", |l| l.gap, &[(Title, 0.5), (Section, 0.5), (Imprint, 0.5), (TitleMore, -1.5), (SubtitleMore, -1.0), (ImprintMore, -1.0), (Attachment, 0.3)]),
    f("no-text-follows", |l| l.late, &[(Imprint, 1.5), (ImprintMore, 1.0), (Closing, 1.5), (Source, 0.5), (Title, -5.0), (Section, -4.0), (ContentsEntry, -4.0), (Subtitle, -4.0), (TitleMore, -4.0), (Heading, -2.0)]),
    f("text-follows-somewhere", |l| !l.late, &[(Imprint, -3.0), (ImprintMore, -1.5), (Closing, -3.5)]),

    // Imprint.
    f("imprint-list", |l| l.imprint_list, &[(Imprint, 12.0), (Masthead, -3.0), (Body, -1.0), (Source, -4.0)]),
    f("list-goes-on", |l| l.prev_comma && !l.early, &[(ImprintMore, 3.5), (Body, 0.5), (Closing, -1.0)]),
    f("issuer-at-the-end", |l| l.issuer_word && l.late && !l.imprint_list, &[(Closing, 4.0), (Body, -1.0), (ImprintMore, -1.0)]),
    f("imprint-staff", |l| l.imprint_staff, &[(Imprint, 9.0), (Source, -1.0), (Author, -1.0), (Title, -4.0), (Closing, -2.0)]),
    f("print-run", |l| l.print_run, &[(Imprint, 10.0), (Closing, -1.0), (Body, -1.0), (Title, -4.0)]),
    f("printed-by", |l| l.printed_by, &[(Imprint, 6.0), (Closing, 1.0)]),
    f("table-or-picture", |l| l.object, &[(Object, 40.0)]),
];

/// The weight of each label after another. A pair that is not named costs [`UNUSUAL`].
#[rustfmt::skip]
pub const TRANSITIONS: &[(Option<Label>, Weights)] = &[
    (None, &[(Masthead, 0.5), (ContentsHeading, 0.0), (ContentsEntry, -1.0), (ContentsSection, -1.0), (Section, 0.0), (Title, 0.5), (Note, -0.5), (Body, -2.0), (Object, -3.0), (Heading, -3.0), (Attachment, -3.0)]),
    (Some(Masthead), &[(Masthead, 1.0), (ContentsHeading, 1.0), (ContentsSection, -1.0), (ContentsEntry, -1.0), (Section, 0.5), (Title, 0.5), (Note, 0.0), (Body, -2.0), (Heading, -3.0), (Object, -2.0)]),
    (Some(ContentsHeading), &[(ContentsSection, 1.0), (ContentsEntry, 1.5)]),
    (Some(ContentsSection), &[(ContentsEntry, 2.0), (ContentsSection, -2.0)]),
    (Some(ContentsEntry), &[(ContentsEntry, 1.5), (ContentsSection, 0.5), (Section, 0.5), (Title, 0.0), (Note, 0.0), (Masthead, -0.5), (Body, -4.0), (Object, -3.0)]),
    (Some(Section), &[(Title, 1.5), (Body, -1.0), (Note, 0.0), (Heading, -2.0), (Section, -3.0), (Object, -3.0)]),
    (Some(Title), &[(Body, 1.0), (Subtitle, 1.0), (TitleMore, 0.0), (Author, 0.5), (Note, 0.5), (Heading, 0.7), (Object, -0.5), (Caption, -0.5), (Title, -4.0), (Section, -5.0), (Attachment, -3.0)]),
    (Some(TitleMore), &[(Body, 1.0), (Subtitle, 1.0), (TitleMore, -0.5), (Author, 0.5), (Note, 0.5), (Heading, 0.7), (Object, -0.5), (Caption, -0.5), (Title, -4.0), (Section, -5.0)]),
    (Some(Subtitle), &[(Body, 1.0), (SubtitleMore, 0.0), (Author, 0.7), (Note, 0.5), (Heading, 0.7), (Object, -0.5), (Title, -5.0)]),
    (Some(SubtitleMore), &[(Body, 1.0), (SubtitleMore, -1.0), (Author, 0.7), (Note, 0.5), (Heading, 0.7), (Title, -5.0)]),
    (Some(Author), &[(Body, 1.0), (Note, 0.5), (Heading, 0.7), (Author, -1.0), (Object, -1.0), (Subtitle, -1.0)]),
    (Some(Note), &[(NoteMore, 0.0), (Title, 0.7), (Section, 0.7), (Body, 0.0), (Heading, 0.0), (Author, -1.0), (ContentsHeading, -1.0)]),
    (Some(NoteMore), &[(NoteMore, 0.0), (Title, 1.0), (Section, 1.0), (Body, -1.5), (Heading, 0.0), (Author, -1.0), (ContentsHeading, -1.0)]),
    (Some(Heading), &[(Body, 1.0), (Heading, 0.5), (Object, 0.0), (Caption, 0.0), (Title, -4.0)]),
    (Some(Body), &[(Body, 1.0), (Heading, 0.5), (Source, 0.5), (Title, -0.7), (Section, 0.0), (Object, 0.5), (Caption, 0.0), (AttachmentList, 0.0), (Attachment, 0.0), (Imprint, 0.5), (Closing, 0.0), (Note, -2.0)]),
    (Some(Caption), &[(Object, 1.5), (Body, 0.0), (Caption, -1.0), (Heading, 0.0), (Source, -0.5), (Title, -1.0), (Section, -0.5), (Imprint, 0.0), (Attachment, 0.0)]),
    (Some(Object), &[(Body, 0.5), (Object, 0.0), (Caption, 0.7), (Heading, 0.5), (Source, 0.0), (Title, -0.7), (Section, 0.0), (Attachment, 0.0), (Imprint, 0.5), (Closing, 0.0), (AttachmentList, -1.0)]),
    (Some(Source), &[(Title, 1.7), (Section, 1.2), (Imprint, 1.0), (Body, -1.5), (Source, -2.0), (Attachment, 0.0), (Closing, 0.0), (Note, 0.0), (AttachmentList, -0.5), (Heading, -3.0)]),
    (Some(AttachmentList), &[(AttachmentList, 0.5), (Attachment, 0.7), (Title, 0.0), (Section, 0.0), (Source, 0.5), (Imprint, 0.0), (Closing, 0.5), (Body, -2.0)]),
    (Some(Attachment), &[(AttachmentTitle, 2.0), (Body, 0.0), (Object, 0.0), (Heading, -1.0)]),
    (Some(AttachmentTitle), &[(Body, 1.0), (Heading, 0.7), (Object, 0.7), (AttachmentTitle, -1.0), (Caption, 0.0), (Author, -2.0)]),
    (Some(Imprint), &[(Imprint, 1.0), (ImprintMore, 0.5), (Closing, 0.0)]),
    (Some(ImprintMore), &[(Imprint, 1.0), (ImprintMore, 0.0), (Closing, 0.0)]),
    (Some(Closing), &[(Closing, 0.0), (Imprint, 1.0), (Title, -1.0), (Section, -1.0), (Attachment, 0.5), (Source, -1.0)]),
];

/// The cost of a pair that [`TRANSITIONS`] does not name.
pub const UNUSUAL: f32 = -7.0;
