//! A publication of the project → the facts that an import needs.

use crate::issue::raw::RawImprint;
use crate::publication::RawPublication;
use crate::source::files;
use crate::source::limits;
use crate::source::project::{PUBLICATION_FILE, Project};
use crate::source::read;

/// The facts of a publication that an import needs.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The publication's name in paths.
    pub id: String,
    /// The publication's name.
    pub name: String,
    /// The line above the name.
    pub organization: Option<String>,
    /// The issuer.
    pub issuer: String,
    /// The notice at the top left.
    pub notice: Option<String>,
    /// The standing imprint.
    pub imprint: RawImprint,
}

impl Facts {
    /// Reads the facts of a publication of a project.
    pub fn read(project: &Project, id: &str) -> Option<Self> {
        let path = project.publication(id).join(PUBLICATION_FILE);
        let bytes = files::read_in(&project.root, &path, limits::FILE_BYTES).ok()?;
        let file = read::decode(&project.shown(&path), bytes).value?;
        let raw = read::read::<RawPublication>(&file).value?;
        Some(Facts {
            id: id.into(),
            name: raw.name.value,
            organization: raw.organization.map(|text| text.value),
            issuer: raw.issuer.value,
            notice: raw.notice.map(|text| text.value),
            imprint: raw.imprint,
        })
    }

    /// All publications of a project.
    pub fn all(project: &Project) -> Vec<Self> {
        let entries =
            std::fs::read_dir(project.root.join("issues")).into_iter().flatten().flatten();
        let mut ids: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        ids.sort();
        ids.iter().filter_map(|id| Facts::read(project, id)).collect()
    }

    /// All text that the publication gives to every issue.
    pub fn standing(&self) -> String {
        let head = [
            &self.organization,
            &Some(self.name.clone()),
            &Some(self.issuer.clone()),
            &self.notice,
        ];
        let head = head.into_iter().flatten().cloned();
        let imprint = self.imprint.texts().map(|text| text.value.clone());
        head.chain(imprint).collect()
    }
}
