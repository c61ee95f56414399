//! A text of an issue → its kind, which decides its marks and its typeface.

/// The kind of a text, which decides the face that it is typeset in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name in the masthead.
    Nameplate,
    /// A title.
    Title,
    /// A subtitle.
    Subtitle,
    /// The name of a section.
    Section,
    /// An editor's note.
    Note,
    /// The organs that issue it.
    Issuer,
    /// Any other text of one line.
    Line,
    /// The body of an article or attachment.
    Body,
}

impl Kind {
    /// Whether the text consists of blocks: paragraphs, headings, tables, with marks in them.
    pub fn has_marks(self) -> bool {
        matches!(self, Kind::Note | Kind::Body)
    }

    /// Whether a `|` marks a line break.
    pub fn breaks_at_bars(self) -> bool {
        matches!(self, Kind::Nameplate | Kind::Issuer | Kind::Title | Kind::Subtitle)
    }
}
