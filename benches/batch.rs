//! An archive of issues → the time to rebuild it, as ratios to `typst compile` on the same files
//! and fonts.
//!
//! `cargo bench --bench batch`: 1,000 issues. `-- --issues 100`: fewer. `-- --soak`: 10,000 too,
//! and the memory while they are built. `-- --generate DIR`: only the archive. The released CLI is
//! `$TYPST`, or `typst` on the path.
//! `$JIANBAO` names another build of this program. Everything is measured in one run: only the
//! ratios are comparable between machines.

#[path = "shared/archive.rs"]
mod archive;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;

use archive::generate;

/// This program, or another build of it to be measured instead.
fn program() -> String {
    std::env::var("JIANBAO").unwrap_or_else(|_| env!("CARGO_BIN_EXE_jianbao").into())
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = args.iter().position(|arg| arg == "--issues").and_then(|at| args.get(at + 1));
    let issues: usize = number.and_then(|number| number.parse().ok()).unwrap_or(1000);
    let soak = args.iter().any(|arg| arg == "--soak");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let folder = tempfile::tempdir().expect("a temporary folder");
    if let Some(at) = args.iter().position(|arg| arg == "--generate") {
        return generate(Path::new(&args[at + 1]), issues);
    }
    let archive = folder.path().join("archive");
    generate(&archive, issues);
    println!("{issues} issues, {cores} cores");

    // Run both once untimed: the first read of a file is slow for either program.
    let first = archive.join("issues/p/2000-1.toml");
    let first = first.to_str().expect("a plain path");
    let typst = Typst::prepare(&archive, &folder.path().join("typst"), issues.min(200));
    run(&archive, &["build", "-q", "-f", first]);

    // Cold: one process, one issue; the two in turn, the median of each.
    let rounds = 15;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(run(&archive, &["build", "-q", "-f", first]).time);
        theirs.extend(typst.as_ref().map(|typst| typst.compile(1)));
    }
    let cold = median(&mut ours);
    say("one issue, cold process", cold);
    let their_loop = typst.as_ref().map(|typst| {
        let their_cold = median(&mut theirs);
        say("  typst compile", their_cold);
        ratio("  of typst compile (at most 0.9, aim 0.6)", cold, their_cold);
        let time = typst.compile_all(cores);
        say(&format!("  typst compile, an issue, {cores} at once"), time / typst.issues as u32);
        time.as_secs_f64() / typst.issues as f64
    });

    let one = run(&archive, &["build", "-q", "-f", "-j", "1"]);
    let all = run(&archive, &["build", "-q", "-f"]);
    let an_issue = all.time.as_secs_f64() / issues as f64;
    say("batch, an issue, one worker", one.time / issues as u32);
    say(&format!("batch, an issue, {cores} workers"), all.time / issues as u32);
    let speedup = one.time.as_secs_f64() / all.time.as_secs_f64() / cores as f64;
    println!("{:<58}{speedup:>8.2}", "  of linear in cores (at least 0.9)");
    if let Some(theirs) = their_loop {
        println!(
            "{:<58}{:>8.2}",
            "  times the rate of typst compile (at least 3, aim 6)",
            theirs / an_issue
        );
    }
    if let Some(typst) = &typst {
        typst.compare_sizes(&archive);
    }
    println!("{:<58}{:>5} MB", "  peak memory", all.peak >> 20);

    compare_fitting(&archive);

    let nothing = run(&archive, &["build", "-q"]);
    say("nothing changed", nothing.time);
    println!(
        "{:<58}{:>8.5}",
        "  of building all (under 0.01)",
        nothing.time.as_secs_f64() / all.time.as_secs_f64()
    );
    // Alternate the two and take medians: background writes of the system may slow a single run.
    let (mut changed, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let text = std::fs::read_to_string(first).expect("an issue");
        std::fs::write(first, text.replacen("。", "，", 1)).expect("an issue");
        changed.push(run(&archive, &["build", "-q"]).time);
        alone.push(run(&archive, &["build", "-q", "-f", first]).time);
    }
    let (changed, alone) = (median(&mut changed), median(&mut alone));
    say("one issue changed", changed);
    ratio("  of building that one alone (under 1.5)", changed, alone);
    std::fs::create_dir_all(archive.join("layouts/shared")).expect("a folder");
    let layout = concat!(env!("CARGO_MANIFEST_DIR"), "/layouts/shared/section.typ");
    let layout = std::fs::read_to_string(layout).expect("a layout") + "\n// changed\n";
    std::fs::write(archive.join("layouts/shared/section.typ"), layout).expect("a layout");
    let relaid = run(&archive, &["build", "-q"]);
    say("layout changed", relaid.time);
    ratio("  of building all", relaid.time, all.time);

    if soak {
        measure_memory(folder.path());
    }
}

/// Builds all with and without copy-fitting in turn, and prints the ratio of the medians.
fn compare_fitting(archive: &Path) {
    let publication = archive.join("issues/p/publication.toml");
    let fitted = std::fs::read_to_string(&publication).expect("a publication");
    let plain = format!("copy_fit = false\n{fitted}");
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        for (text, times) in [(&plain, &mut without), (&fitted, &mut with)] {
            std::fs::write(&publication, text).expect("a publication");
            times.push(run(archive, &["build", "-q", "-f"]).time);
        }
    }
    ratio(
        "  of a batch without copy-fitting (at most 1.15)",
        median(&mut with),
        median(&mut without),
    );
}

/// Builds 500 and 10,000 issues, and prints the memory that each run takes.
fn measure_memory(folder: &Path) {
    let half = folder.join("half");
    generate(&half, 500);
    let half = run(&half, &["build", "-q", "-f"]);
    let many = folder.join("many");
    generate(&many, 10_000);
    let many = run(&many, &["build", "-q", "-f"]);
    println!("10,000 issues: {:.0} s; memory in MB, from start to end:", many.time.as_secs_f64());
    let step = many.curve.len().div_ceil(40).max(1);
    let curve: Vec<String> =
        many.curve.iter().step_by(step).map(|bytes| (bytes >> 20).to_string()).collect();
    println!("  {}", curve.join(" "));
    println!("{:<58}{:>5} MB", "  peak at 500 issues", half.peak >> 20);
    println!("{:<58}{:>5} MB", "  peak at 10,000 issues (under 600)", many.peak >> 20);
    println!("{:<58}{:>8.2}", "  ratio (at most 1.15)", many.peak as f64 / half.peak as f64);
}

fn say(what: &str, time: Duration) {
    println!("{what:<58}{:>8.1} ms", time.as_secs_f64() * 1e3);
}

fn ratio(what: &str, a: Duration, b: Duration) {
    println!("{what:<58}{:>8.2}", a.as_secs_f64() / b.as_secs_f64());
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "this is about time")]
fn now() -> Instant {
    Instant::now()
}

/// A run of a program.
struct Measured {
    time: Duration,
    /// The largest resident memory in bytes; 0 if the system does not report it.
    peak: usize,
    /// The resident memory, several times a second.
    curve: Vec<usize>,
}

fn run(project: &Path, args: &[&str]) -> Measured {
    let begun = now();
    let mut command = Command::new(program());
    let mut child = command.args(args).current_dir(project).spawn().expect("the program starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let (mut peak, mut curve) = (0, Vec::new());
    let watch = std::thread::spawn(move || {
        while let Ok(text) = std::fs::read_to_string(&status) {
            let field = |name: &str| {
                let line = text.lines().find(|line| line.starts_with(name))?;
                line.split_whitespace().nth(1)?.parse::<usize>().ok()
            };
            let (Some(most), Some(present)) = (field("VmHWM:"), field("VmRSS:")) else { break };
            peak = peak.max(most << 10);
            curve.push(present << 10);
            std::thread::sleep(Duration::from_millis(50));
        }
        (peak, curve)
    });
    let status = child.wait().expect("the program ends");
    let time = begun.elapsed();
    assert!(status.success(), "{args:?}");
    let (peak, curve) = watch.join().expect("the watcher ends");
    Measured { time, peak, curve }
}

/// The released CLI with the same manuscripts, layout and faces.
struct Typst {
    program: String,
    root: PathBuf,
    issues: usize,
}

impl Typst {
    fn prepare(archive: &Path, root: &Path, issues: usize) -> Option<Self> {
        let program = std::env::var("TYPST").unwrap_or_else(|_| "typst".into());
        let version = Command::new(&program).arg("--version").output();
        let Ok(version) = version else {
            println!("NOT COMPARED with typst compile: there is no `{program}` ($TYPST)");
            return None;
        };
        println!("beside {}", String::from_utf8_lossy(&version.stdout).trim());
        let session = Session::open(Project::find(archive).ok()?, &FontPaths::default()).ok()?;
        let layouts = Path::new(env!("CARGO_MANIFEST_DIR")).join("layouts");
        copy(&layouts, &root.join("layouts"));
        // One face plays two roles. The CLI has one name for it, and embeds it once as we do.
        let system = root.join("layouts/shared/system.typ");
        let text = std::fs::read_to_string(&system).ok()?;
        assert!(text.contains("name: \"latin\""), "the layout names the role otherwise now");
        std::fs::write(&system, text.replace("name: \"latin\"", "name: \"songti\"")).ok()?;
        std::fs::create_dir_all(root.join("fonts")).ok()?;
        let mut pages = 0;
        for (at, issue) in session.project.issues(&[]).ok()?.iter().take(issues).enumerate() {
            let typeset = session.typeset(issue).value?;
            pages += typeset.document.pages().len();
            let manuscript = typeset.manuscript;
            let main = manuscript.main.replace("issue.json", &format!("issue-{at}.json"));
            std::fs::write(root.join(format!("main-{at}.typ")), main).ok()?;
            std::fs::write(root.join(format!("issue-{at}.json")), manuscript.data.to_string())
                .ok()?;
            let fonts = manuscript.fonts.to_string().replace("\"latin\",", "\"songti\",");
            let fonts = fonts.replace("\"songti\",\"songti\"", "\"songti\"");
            std::fs::write(root.join("fonts.json"), fonts).ok()?;
        }
        println!("{:.1} pages an issue", pages as f64 / issues as f64);
        let faces = [
            ("xiaobiaosong", "NotoSerifSC_700Bold.ttf"),
            ("fangsong", "LXGWZhuqueFangsong-Regular.ttf"),
            ("kaiti", "LXGWWenKaiGBLite-Regular.ttf"),
            ("heiti", "NotoSansSC_500Medium.ttf"),
            ("songti", "NotoSerifSC_400Regular.ttf"),
        ];
        for (role, file) in faces {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts").join(file);
            let font = renamed(&std::fs::read(path).ok()?, role);
            std::fs::write(root.join("fonts").join(format!("{role}.ttf")), font).ok()?;
        }
        let typst = Typst { program, root: root.into(), issues };
        typst.compile(0);
        Some(typst)
    }

    fn command(&self, at: usize) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.root);
        command.args(["compile", "--ignore-system-fonts", "--font-path", "fonts", "--root", "."]);
        command.args(["--pdf-standard", "a-2a", "--pdf-standard", "ua-1"]);
        command.args([format!("main-{at}.typ"), format!("{at}.pdf")]);
        command
    }

    fn compile(&self, at: usize) -> Duration {
        let begun = now();
        let output = self.command(at % self.issues).output().expect("typst starts");
        let time = begun.elapsed();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        time
    }

    /// A process for each issue, `jobs` at once.
    fn compile_all(&self, jobs: usize) -> Duration {
        let begun = now();
        let next = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        if at >= self.issues {
                            break;
                        }
                        let mut command = self.command(at);
                        let status = command.stderr(Stdio::null()).status().expect("typst starts");
                        assert!(status.success(), "issue {at}");
                    }
                });
            }
        });
        begun.elapsed()
    }

    fn compare_sizes(&self, archive: &Path) {
        let project = Project::find(archive).expect("the archive");
        let (mut ours, mut theirs) = (0, 0);
        for (at, issue) in project.issues(&[]).expect("issues").iter().take(self.issues).enumerate()
        {
            let size = |path: PathBuf| std::fs::metadata(path).expect("a PDF").len();
            ours += size(archive.join("out/p").join(format!("{}.pdf", issue.stem)));
            theirs += size(self.root.join(format!("{at}.pdf")));
        }
        println!(
            "{:<58}{:>8.3}",
            "  PDF size, of that of typst compile (at most 1)",
            ours as f64 / theirs as f64
        );
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// A font with another family name and its other names kept: the CLI finds faces by family, this
/// program by role.
fn renamed(font: &[u8], family: &str) -> Vec<u8> {
    let u16_at = |at: usize| u16::from_be_bytes([font[at], font[at + 1]]);
    let u32_at =
        |at: usize| u32::from_be_bytes([font[at], font[at + 1], font[at + 2], font[at + 3]]);
    let mut tables = (0..usize::from(u16_at(4))).map(|at| 12 + 16 * at);
    let entry = tables.find(|at| &font[*at..at + 4] == b"name").expect("every font has names");
    let table = u32_at(entry + 8) as usize;
    let storage = table + usize::from(u16_at(table + 4));
    // A name record: platform, encoding, language and name id; then its text.
    let mut records: Vec<([u16; 4], Vec<u8>)> = (0..usize::from(u16_at(table + 2)))
        .map(|at| {
            let record: [u16; 6] =
                std::array::from_fn(|field| u16_at(table + 6 + 12 * at + 2 * field));
            let [platform, encoding, language, name, length, offset] = record;
            let text = storage + usize::from(offset);
            ([platform, encoding, language, name], font[text..text + usize::from(length)].to_vec())
        })
        .filter(|([.., name], _)| *name != 1)
        .collect();
    let text = family.encode_utf16().flat_map(u16::to_be_bytes).collect();
    records.push(([3, 1, 0x409, 1], text));
    records.sort();
    let mut name: Vec<u8> = [0, records.len() as u16, 6 + 12 * records.len() as u16]
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect();
    let mut offset = 0;
    for (record, text) in &records {
        let rest = [text.len() as u16, offset];
        name.extend(record.iter().chain(&rest).flat_map(|field| field.to_be_bytes()));
        offset += text.len() as u16;
    }
    records.iter().for_each(|(_, text)| name.extend(text));
    let mut out = font.to_vec();
    out.resize(out.len().next_multiple_of(4), 0);
    let place = out.len() as u32;
    out[entry + 8..entry + 12].copy_from_slice(&place.to_be_bytes());
    out[entry + 12..entry + 16].copy_from_slice(&(name.len() as u32).to_be_bytes());
    out.extend(name);
    out
}
