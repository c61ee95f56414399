//! Typesets one issue and prints where the lines of each page stand, without writing a PDF.
//!
//! `cargo run --example measure_issue -- issues/fugong/2014-16.toml`

use std::error::Error;
use std::path::PathBuf;

use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: measure_issue FILE")?;
    let session = Session::open(Project::find(&path)?, &FontPaths::default())?;
    for issue in session.project.issues(&[path])? {
        let typeset = session.typeset(&issue);
        let Some(typeset) = typeset.value else {
            return Err(format!("{} has errors", issue.name()).into());
        };
        for page in &typeset.measured.pages {
            let off = page.baseline_off;
            println!(
                "{}, page {}: {} lines, off the grid by {off}",
                issue.name(),
                page.page,
                page.lines
            );
        }
        for finding in &typeset.measured.findings {
            println!("page {}: {} “{}”", finding.page, finding.rule.id(), finding.text);
        }
    }
    Ok(())
}
