//! Sources and Cargo.lock → build variables: their hash and the version of Typst, so that PDFs
//! made by another build of the program are made again. Changed layouts trigger a rebuild, since
//! they are compiled in.

use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=layouts");
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=Cargo.lock");
    let packages = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    let typst = packages.split("name = \"typst\"\nversion = \"").nth(1);
    let typst = typst.and_then(|rest| rest.split('"').next()).unwrap_or("?");
    println!("cargo:rustc-env=JIANBAO_TYPST={typst}");
    // `DefaultHasher::new` has no random key, so the hash is the same on every machine.
    let mut hasher = DefaultHasher::new();
    hasher.write(packages.as_bytes());
    hash(Path::new("src"), &mut hasher);
    println!("cargo:rustc-env=JIANBAO_BUILD={:016x}", hasher.finish());
}

fn hash(path: &Path, hasher: &mut DefaultHasher) {
    if let Ok(bytes) = std::fs::read(path) {
        hasher.write(&bytes);
    } else if let Ok(entries) = std::fs::read_dir(path) {
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().for_each(|path| hash(path, hasher));
    }
}
