//! Laid-out pages × the text → where each field stands on paper.

use std::sync::Arc;

use serde::Serialize;
use typst_layout::PagedDocument;

use crate::diag::SourceFile;
use crate::form::KeyPath;
use crate::publication::RawPublication;

/// A part of a field on one line of a page, in pt from the page's left top.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The field.
    pub path: KeyPath,
}

/// The places.
pub fn places(_: &PagedDocument, _: &Arc<SourceFile>, _: Option<&RawPublication>) -> Vec<Place> {
    Vec::new()
}
