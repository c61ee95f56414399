//! Files that are no files → each door through which a file comes in or goes out.

use std::os::unix::fs::{FileTypeExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::machine::{Attack, ISSUE, PUBLICATION, Place, is_long};

/// The text of a file outside the project, which no door may read into an answer or write.
const SECRET: &str = "SECRET-OUTSIDE";

/// A thing that is not a regular file of the project, by its name.
const THINGS: [&str; 11] = [
    "endless device",
    "full device",
    "pipe",
    "socket",
    "folder",
    "link to nothing",
    "link to itself",
    "link outside",
    "link to a pipe",
    "huge file",
    "file that cannot be read",
];

fn make(thing: &str, at: &Path, place: &Place) {
    std::fs::create_dir_all(at.parent().expect("a file has a folder")).expect("a folder");
    // What was there gives way.
    std::fs::remove_file(at).ok();
    let pipe = |path: &Path| {
        assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
    };
    match thing {
        "endless device" => symlink("/dev/zero", at).expect("a link"),
        "full device" => symlink("/dev/full", at).expect("a link"),
        "pipe" => pipe(at),
        "socket" => drop(UnixListener::bind(at).expect("a socket")),
        "folder" => std::fs::create_dir(at).expect("a folder"),
        "link to nothing" => symlink(place.path("nothing"), at).expect("a link"),
        "link to itself" => symlink(at, at).expect("a link"),
        "link outside" => symlink(place.file("victim", SECRET), at).expect("a link"),
        "link to a pipe" => {
            pipe(&place.path("a-pipe"));
            symlink(place.path("a-pipe"), at).expect("a link");
        }
        "huge file" => {
            let file = std::fs::File::create(at).expect("a file");
            file.set_len(6 << 30).expect("a sparse file");
        }
        _ => {
            use std::os::unix::fs::PermissionsExt;
            std::fs::write(at, SECRET).expect("a file");
            let nobody = std::fs::Permissions::from_mode(0o000);
            std::fs::set_permissions(at, nobody).expect("permissions");
        }
    }
}

/// A door: its file, and the command that goes through it.
struct Door {
    name: &'static str,
    file: &'static str,
    args: &'static [&'static str],
}

const fn door(name: &'static str, file: &'static str, args: &'static [&'static str]) -> Door {
    Door { name, file, args }
}

const DOORS: [Door; 27] = [
    door("issue", "project/issues/p/2026-1.toml", &["build", "-q"]),
    door("another issue", "project/issues/p/2026-2.toml", &["build", "-q"]),
    door("publication", "project/issues/p/publication.toml", &["build", "-q"]),
    door("publication's folder", "project/issues/q", &["build", "-q"]),
    door("lock", "project/jianbao.lock", &["build", "-q"]),
    door("lock, verified", "project/jianbao.lock", &["verify"]),
    door("state", "project/out/.jianbao/state", &["build", "-q"]),
    door("state's lock", "project/out/.jianbao/lock", &["build", "-q"]),
    door("PDF", "project/out/p/2026-1.pdf", &["build", "-q"]),
    door("folder of PDFs", "project/out/p", &["build", "-q"]),
    door("picture", "project/issues/p/pictures/a.png", &["check"]),
    door("layout", "project/layouts/own/layout.toml", &["build", "-q"]),
    door("file of a layout", "project/layouts/shared/extra.typ", &["build", "-q"]),
    door("font", "project/fonts/a.ttf", &["build", "-q", "--font-path", "fonts/a.ttf"]),
    door("folder of fonts", "project/fonts/a.ttf", &["fonts", "--font-path", "fonts"]),
    door("reference", "project/approved/p/2026-1.pdf", &["compare", "-q"]),
    door("accepted reference", "project/approved/p/2026-1.pdf", &["accept", "-q"]),
    door("remembered comparison", "project/out/.jianbao/compared", &["compare", "-q"]),
    door(
        "copies",
        "project/copies.csv",
        &["press", "issues/p/2026-1.toml", "--copies", "copies.csv"],
    ),
    door("trace", "project/copy.png", &["trace", "copy.png"]),
    door("register", "project/register.csv", &["trace", "good.png", "--register", "register.csv"]),
    door("preflight", "project/a.pdf", &["preflight", "a.pdf"]),
    door("import", "project/a.txt", &["import", "a.txt"]),
    door("import of a folder", "project/in/a.txt", &["import", "in"]),
    door(
        "export",
        "project/issues/p/2026-2.toml",
        &["import", "--number", "2", "--date", "2026-02-01", "good.txt"],
    ),
    door("report", "project/report.json", &["build", "-q", "--report", "report.json"]),
    door("checked issue", "project/issues/p/2026-1.toml", &["check", "--fix", "--format", "json"]),
];

fn project() -> Place {
    let place = Place::new();
    place.file("project/good.txt", "标题\n这是一段正文，讲一件事情，说得很清楚。\n");
    place.file(
        "project/issues/p/2026-1.toml",
        ISSUE.replace("正文一段。", "正文一段。\n\n![图](a.png)"),
    );
    place.file("project/issues/p/publication.toml", PUBLICATION);
    place
}

/// Reads what a run may write into a pipe, so that the writer does not wait; ends with the run.
fn drain(pipe: PathBuf) -> Option<std::process::Child> {
    let is_pipe = std::fs::metadata(&pipe).is_ok_and(|known| known.file_type().is_fifo());
    is_pipe.then(|| {
        let mut command = Command::new("timeout");
        command.args(["60", "cat"]).arg(pipe).stdout(std::process::Stdio::null());
        command.spawn().expect("cat starts")
    })
}

#[test]
fn things_that_are_no_files() {
    let mut attack = Attack::new("things that are no files");
    let devices = ["/dev/zero", "/dev/full"].map(|path| (path, is_device(path)));
    let some = if is_long() { 1 } else { 5 };
    let all = DOORS.iter().flat_map(|door| THINGS.iter().map(move |thing| (door, *thing)));
    for (door, thing) in all.step_by(some) {
        let place = project();
        let at = place.path(door.file);
        make(thing, &at, &place);
        // A report that the user sends into a pipe is written there; every other pipe stays unopened.
        let reader = (door.name == "report").then(|| drain(at.clone())).flatten();
        let input = format!("{} is a {thing}", door.name);
        let ended = place.run(door.args);
        attack.ran(&input, &ended);
        if ended.time > Duration::from_secs(20) {
            attack.wrong(&input, "takes long");
        }
        if let Some(mut reader) = reader {
            reader.kill().ok();
            reader.wait().ok();
        }
        // What a user names on the command line is used, wherever it leads.
        let name = at.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let named = door.args.contains(&name);
        let is_outside = thing == "link outside" && !named;
        if is_outside && (ended.stdout + &ended.stderr).contains(SECRET) {
            attack.wrong(&input, "shows a file outside");
        }
        let victim = std::fs::read_to_string(place.path("victim"));
        if is_outside && victim.is_ok_and(|text| text != SECRET) {
            attack.wrong(&input, "changes a file outside");
        }
        if door.name == "report"
            && thing.contains("pipe")
            && !std::fs::metadata(&at).is_ok_and(|known| known.file_type().is_fifo())
        {
            attack.wrong(&input, "replaces a pipe");
        }
        for (path, was) in devices {
            if is_device(path) != was {
                attack.wrong(&input, &format!("destroys {path}"));
            }
        }
    }
}

fn is_device(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|known| known.file_type().is_char_device())
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let mut attack = Attack::new("a full disk under standard output");
    let place = project();
    // With a finding, so that every format says something.
    place.file("project/issues/p/2026-1.toml", ISSUE.replace("正文一段", "正文,一段"));
    for args in [
        "check --format json",
        "check --format sarif",
        "check --format short",
        "measure --format json",
        "schema issue",
        "rules --format json",
        "rules",
        "fonts",
        "compare --format json",
        "--help",
        "--version",
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let ended = place.start(&args, "exec >/dev/full").end();
        attack.ran(&args.join(" "), &ended);
        if ended.code() == Some(0) {
            attack.wrong(&args.join(" "), "exit code 0");
        }
    }
}
