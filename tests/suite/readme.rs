//! The examples of the READMEs → a build without errors.

use crate::support::{TempProject, root};

fn blocks(file: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).expect("the README");
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or("").to_string())
        .collect()
}

#[test]
fn the_example_issue_builds() {
    for file in ["README.md", "README.zh-CN.md"] {
        let issue = &blocks(file, "toml")[0];
        let project = TempProject::new();
        project.file("issues/p/2026-1.toml", issue);
        let run = project.run(&["build"]);
        run.exit(0);
        assert!(!run.stderr().contains("error"), "{}", run.stderr());
    }
}

#[test]
fn every_toml_block_is_toml() {
    for file in ["README.md", "README.zh-CN.md"] {
        for block in blocks(file, "toml") {
            assert!(toml::from_str::<toml::Table>(&block).is_ok(), "{file}:\n{block}");
        }
    }
}
