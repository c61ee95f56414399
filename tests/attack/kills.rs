//! Processes that are killed → the next run, or the run itself, makes what is missing.

use crate::machine::{Attack, ISSUE, Place};

#[test]
fn a_killed_worker_costs_nothing() {
    let mut attack = Attack::new("killed workers");
    let place = Place::new();
    for n in 1..=40 {
        let text = ISSUE.replace("number = 1", &format!("number = {n}"));
        let text = text.replace("正文一段。", &format!("第{n}篇正文一段。\n").repeat(60));
        place.file(&format!("project/issues/p/2026-{n}.toml"), text);
    }
    let mut running = place.start(&["build", "-q"], "");
    let victim = loop {
        if let Some(id) = running.children().first() {
            break *id;
        }
        assert!(!running.has_ended(), "no worker was started: {}", running.stderr());
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    std::thread::sleep(std::time::Duration::from_millis(150));
    let kill = std::process::Command::new("kill").args(["-9", &victim.to_string()]).status();
    kill.expect("kill starts");
    let ended = running.end();
    attack.ran("a worker", &ended);
    let pdfs = std::fs::read_dir(place.path("project/out/p")).expect("PDFs").count();
    if ended.code() != Some(0) || pdfs != 40 {
        attack.wrong("a worker", &format!("{pdfs} PDFs: {}", ended.stderr));
    }
}
