//! The codes of what an import reports: errors, remarks, furniture. Each code is the id of a
//! message in the catalogue, and appears unchanged in JSON.

use serde::Serialize;

macro_rules! codes {
    (
        $(#[$doc:meta])* $name:ident:
        $($(#[$variant_doc:meta])* $variant:ident = $id:literal,)*
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $id)] $variant,)* }

        impl $name {
            /// Every one of them.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The id of its message.
            pub fn id(self) -> &'static str {
                match self { $($name::$variant => $id,)* }
            }
        }
    };
}

codes! {
    /// Why a file does not become an issue.
    ErrorCode:
    /// The project has no publication of the given name.
    PublicationUnknown = "no-publication",
    /// The publication of the given name has errors of its own.
    PublicationFaulty = "import-publication-faulty",
    /// The project has no publication at all.
    NoPublications = "import-no-publications",
    /// The file may belong to any of several publications.
    WhichPublication = "import-which-publication",
    /// The issue cannot be written.
    Unwritable = "import-unwritable",
    /// The file cannot be read.
    Unreadable = "import-unreadable",
    /// A folder, a device, a pipe or a socket in place of a file.
    NotAFile = "import-not-a-file",
    /// The file is larger than a back issue can be.
    TooLarge = "import-too-large",
    /// The file has more characters than an issue may have.
    TooManyCharacters = "import-too-many-characters",
    /// The file has more paragraphs and cells than an issue may have.
    TooManyParts = "import-too-many-parts",
    /// The file has a paragraph longer than an issue may have.
    ParagraphTooLong = "import-paragraph-too-long",
    /// The web page has more elements, levels of elements or attributes than any page of text.
    PageTooLarge = "import-page-too-large",
    /// The file has more articles than an issue may have.
    TooManyArticles = "import-too-many-articles",
    /// The file has no text of an article.
    NoText = "import-no-text",
    /// The file is a picture.
    IsPicture = "import-is-picture",
    /// The file is named as a Word document and is not one.
    NotDocx = "import-not-docx",
    /// The file is one of Office and has no text of Word.
    NotWord = "import-not-word",
    /// The file needs a password.
    Password = "import-password",
    /// No reader reads files of this kind.
    UnknownFormat = "import-unknown-format",
    /// The zip is damaged.
    BrokenZip = "import-broken-zip",
    /// The XML is damaged.
    BrokenXml = "import-broken-xml",
    /// The PDF is damaged.
    BrokenPdf = "import-broken-pdf",
    /// The PDF has pages and no text.
    PdfWithoutText = "import-pdf-without-text",
    /// The file unpacks to more than a back issue can be.
    ZipBomb = "import-zip-bomb",
    /// The XML defines entities.
    Entities = "import-entities",
    /// A path in the file leads out of the file.
    UnsafePath = "import-unsafe-path",
    /// The file needs LibreOffice, which is not installed.
    NoOffice = "import-no-office",
    /// LibreOffice could not convert the file.
    OfficeFailed = "import-office-failed",
    /// LibreOffice made nothing of the file.
    OfficeNothing = "import-office-nothing",
    /// LibreOffice took too long.
    OfficeSlow = "import-office-slow",
    /// The source and the issue do not have the same text: a fault of the program.
    Lost = "import-lost",
}

codes! {
    /// What a person should look at.
    RemarkCode:
    /// The text was not in UTF-8.
    Encoding = "import-encoding",
    /// Some bytes do not fit the encoding.
    Damaged = "import-damaged",
    /// A line has replacement characters for such bytes.
    DamagedLine = "import-damaged-line",
    /// A line had control characters, which were taken out.
    Control = "import-control",
    /// LibreOffice converted the file.
    ThroughOffice = "import-through-office",
    /// The text is that of a PDF.
    FromPdf = "import-from-pdf",
    /// The text was extracted from a PDF.
    Deleted = "import-deleted",
    /// The merged cells of a table were separated.
    MergedCells = "import-merged-cells",
    /// A picture was saved, and a person should say what the picture shows.
    Picture = "import-picture",
    /// A picture of another format than the three that can be typeset.
    PictureFormat = "import-picture-format",
    /// A picture that is too large or damaged.
    PictureLarge = "import-picture-large",
    /// A picture that the file names and does not have.
    PictureMissing = "import-picture-missing",
    /// The recogniser is not sure of a line.
    Guess = "import-guess",
    /// An article without a title.
    Untitled = "import-untitled",
    /// An article without text.
    NoBody = "import-no-body",
    /// A number, date or level that disagrees with the one before.
    Disagrees = "import-disagrees",
    /// The masthead names another bulletin than the publication.
    OtherName = "import-other-name",
    /// A line was taken for the line above the name.
    AboveName = "import-above-name",
    /// A label of the imprint that will be printed as the program's own.
    Label = "import-label",
    /// A text without a place of its own, kept in the body.
    KeptInBody = "import-kept-in-body",
    /// A line of the contents matches no article.
    ContentsUnmatched = "import-contents-unmatched",
    /// Another issue has the number.
    NumberTaken = "import-number-taken",
    /// A placeholder stands for the number.
    NumberPlaceholder = "import-number-placeholder",
    /// A placeholder stands for the date.
    DatePlaceholder = "import-date-placeholder",
    /// The date is that of the web page.
    DateFromWeb = "import-date-from-web",
    /// The year of the number is not that of the date.
    YearDisagrees = "import-year-disagrees",
}

codes! {
    /// The kind of a part of the source that is left out of the issue.
    FurnitureKind:
    /// A page number.
    PageNumber = "import-page-number",
    /// A header or footer that every page repeats.
    RunningHead = "import-running-head",
    /// Text that a web page adds around an article.
    Web = "import-web",
    /// The heading of the contents.
    ContentsHeading = "import-contents-heading",
    /// A page number in the contents.
    ContentsPage = "import-contents-page",
    /// A number or mark in the contents.
    ContentsMark = "import-contents-mark",
    /// A section's name in the contents.
    ContentsSection = "import-contents-section",
    /// A line of the contents that repeats the text.
    ContentsEntry = "import-contents-entry",
    /// The name of the publication.
    Name = "import-name",
    /// A number, date or level that disagrees with the one before.
    SecondValue = "import-second-value",
    /// A mark.
    Mark = "import-mark",
    /// A bullet.
    Bullet = "import-bullet",
}

/// Why a file did not become an issue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{}: {detail}", .code.id())]
pub struct ImportError {
    /// The kind of error.
    pub code: ErrorCode,
    /// The fact that the message names.
    pub detail: String,
    /// What was asked for, where that is unknown; the detail lists what is known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl ImportError {
    /// An error.
    pub fn new(code: ErrorCode, detail: impl ToString) -> Self {
        ImportError { code, detail: detail.to_string(), name: String::new() }
    }

    /// An error about something that was asked for by name and is not among those known.
    pub fn named(code: ErrorCode, name: &str, known: impl ToString) -> Self {
        ImportError { name: name.into(), ..ImportError::new(code, known) }
    }

    /// The facts of its message.
    pub fn facts(&self) -> [(&'static str, String); 3] {
        let detail = self.detail.clone();
        [("detail", detail.clone()), ("name", self.name.clone()), ("known", detail)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::catalogue::{Catalogue, Lang};

    #[test]
    fn every_code_has_words_in_both_languages() {
        let errors = ErrorCode::ALL.iter().map(|code| code.id());
        let remarks = RemarkCode::ALL.iter().map(|code| code.id());
        let furniture = FurnitureKind::ALL.iter().map(|kind| kind.id());
        let ids: Vec<&str> = errors.chain(remarks).chain(furniture).collect();
        for lang in [Lang::Zh, Lang::En] {
            let catalogue = Catalogue::new(lang);
            for id in &ids {
                assert!(catalogue.has(id), "{id} has no words in {lang:?}");
            }
        }
    }

    #[test]
    fn json_has_the_id() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::json!(code), code.id());
        }
    }
}
