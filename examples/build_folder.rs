//! Builds every issue of a project, and prints what is wrong with each.
//!
//! `cargo run --example build_folder -- PROJECT OUTPUT`

use std::error::Error;
use std::path::PathBuf;

use jianbao::diag::catalogue::{Catalogue, Lang};
use jianbao::diag::show;
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(project), Some(output)) = (args.next(), args.next()) else {
        return Err("usage: build_folder PROJECT OUTPUT".into());
    };
    let session = Session::open(Project::find(&project)?, &FontPaths::default())?;
    let catalogue = Catalogue::new(Lang::En);
    for issue in session.project.issues(&[])? {
        let built = session.typeset(&issue).then(|typeset| typeset.pdf());
        for diagnostic in &built.diagnostics {
            println!("{}", show::short(diagnostic, &catalogue));
        }
        // An issue with errors has no PDF; the others are built all the same.
        if let Some(pdf) = built.value {
            let path = issue.pdf(&output);
            pdf.write_in(&output, &path)?;
            println!("{}: {} pages", path.display(), pdf.pages);
        }
    }
    Ok(())
}
