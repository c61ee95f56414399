//! A project's folder → a process that runs `studio` or `watch`, and the address that it prints.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Starts `studio` or `watch` in a project.
pub fn launch(folder: &Path, command: &str) -> (Child, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_jianbao"))
        .args([command, "--no-open"])
        .current_dir(folder)
        .env("LANG", "zh_CN.UTF-8")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(process.stderr.take().expect("its talk")).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| address_in(&line))
        .expect("the program says its address");
    // Read to the end, or the program would wait for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    (process, address)
}

fn address_in(line: &str) -> Option<String> {
    let from = line.find("http://")?;
    let end = |c: char| c.is_whitespace() || !c.is_ascii();
    Some(line[from..].split(end).next().unwrap_or_default().into())
}
