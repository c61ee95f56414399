//! The published JSON Schemas are those of the model, and the samples are valid by them.

use jianbao::issue::raw::RawIssue;
use jianbao::publication::RawPublication;
use jianbao::source::read::schema;
use serde_json::Value as Json;

use crate::support::root;

/// Compares a schema in the repository with the model's; `UPDATE=1` writes it.
#[track_caller]
fn is_current(file: &str, schema: &Json) {
    let path = root().join("schemas").join(file);
    let current = serde_json::to_string_pretty(schema).expect("a schema is plain JSON") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &current).expect("the schema is written");
    }
    let published = std::fs::read_to_string(&path).expect("the schema is published");
    assert!(published == current, "{file} is stale: run UPDATE=1 cargo test schema");
}

#[test]
fn the_published_schemas_are_current() {
    is_current("issue.schema.json", &schema::<RawIssue>());
    is_current("publication.schema.json", &schema::<RawPublication>());
}

#[test]
fn the_samples_are_valid_by_an_independent_validator() {
    let issue = jsonschema::validator_for(&schema::<RawIssue>()).expect("a valid schema");
    let publication =
        jsonschema::validator_for(&schema::<RawPublication>()).expect("a valid schema");
    let mut seen = 0;
    for folder in std::fs::read_dir(root().join("issues")).expect("the samples") {
        for file in std::fs::read_dir(folder.expect("an entry").path()).expect("a publication") {
            let path = file.expect("an entry").path();
            if path.extension().is_none_or(|e| e != "toml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a sample");
            let table: toml::Table = toml::from_str(&text).expect("valid TOML");
            let json =
                dates_as_text(serde_json::to_value(table).expect("TOML is JSON but for dates"));
            let validator = if path.ends_with("publication.toml") { &publication } else { &issue };
            let errors: Vec<String> = validator.iter_errors(&json).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 6);
}

/// The form that TOML plug-ins of editors give to dates.
fn dates_as_text(json: Json) -> Json {
    match json {
        Json::Object(map) => match map.get("$__toml_private_datetime") {
            Some(date) => date.clone(),
            None => Json::Object(map.into_iter().map(|(k, v)| (k, dates_as_text(v))).collect()),
        },
        Json::Array(items) => items.into_iter().map(dates_as_text).collect(),
        other => other,
    }
}
