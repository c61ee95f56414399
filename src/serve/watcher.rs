//! Files that change → the desks that they concern.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::App;
use super::desk::Ask;
use crate::source::project::PUBLICATION_FILE;

/// One save raises several events: events within this time of one another count as one save.
const SETTLES: Duration = Duration::from_millis(8);
/// The most events counted as one save, for a folder in which files change all the time.
const MOST: usize = 1000;

/// Watches the project as long as the result lives.
pub fn watch(app: &Arc<App>) -> Option<RecommendedWatcher> {
    let (said, heard) = channel();
    let tell = move |event: notify::Result<Event>| {
        // Reading a file is not a change.
        if let Ok(event) = event
            && !matches!(event.kind, EventKind::Access(access) if !is_written(access))
        {
            said.send(event.paths).ok();
        }
    };
    let mut watcher = notify::recommended_watcher(tell).ok()?;
    let root = app.project().root;
    watcher.watch(&root.join("issues"), RecursiveMode::Recursive).ok()?;
    // A project need not have layouts of its own.
    watcher.watch(&root.join("layouts"), RecursiveMode::Recursive).ok();
    let app = Arc::downgrade(app);
    let root = root.canonicalize().unwrap_or(root);
    std::thread::Builder::new()
        .name("jianbao-watcher".into())
        .spawn(move || follow(&heard, &root, &app))
        .ok()?;
    Some(watcher)
}

fn is_written(access: notify::event::AccessKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    access == AccessKind::Close(AccessMode::Write)
}

fn follow(heard: &Receiver<Vec<PathBuf>>, root: &Path, app: &Weak<App>) {
    while let Ok(first) = heard.recv() {
        let mut changes = Changes::default();
        changes.add(root, &first);
        for _ in 0..MOST {
            let Ok(more) = heard.recv_timeout(SETTLES) else { break };
            changes.add(root, &more);
        }
        let Some(app) = app.upgrade() else { return };
        changes.tell(&app);
    }
}

/// What has changed.
#[derive(Default)]
struct Changes {
    /// A publication or a layout.
    shared: bool,
    /// Issues, by name.
    issues: BTreeSet<String>,
    /// Publications with other files, such as pictures.
    beside: BTreeSet<String>,
}

impl Changes {
    fn add(&mut self, root: &Path, paths: &[PathBuf]) {
        for path in paths {
            let Ok(inside) = path.strip_prefix(root) else { continue };
            let parts: Vec<&str> = inside
                .components()
                .filter_map(|part| match part {
                    Component::Normal(part) => part.to_str(),
                    _ => None,
                })
                .collect();
            match parts.as_slice() {
                // Temporary files are renamed when whole: only the rename matters.
                [.., name] if name.starts_with('.') => {}
                ["layouts", ..] => self.shared = true,
                ["issues", _, name] if *name == PUBLICATION_FILE => self.shared = true,
                ["issues", publication, name] if name.ends_with(".toml") => {
                    let stem = name.trim_end_matches(".toml");
                    self.issues.insert(format!("{publication}/{stem}"));
                }
                ["issues", publication, _, ..] => drop(self.beside.insert((*publication).into())),
                _ => {}
            }
        }
    }

    fn tell(&self, app: &Arc<App>) {
        if self.shared {
            // If a layout cannot be read now, the next change reads it again.
            app.renew().ok();
        }
        for name in &self.issues {
            if let Some((publication, _)) = name.split_once('/') {
                app.session().forget_series(publication);
            }
            // A watched issue is typeset at each change even without a client.
            if let Ok(at) = app.issue(name)
                && app.is_watched(&at)
            {
                app.desk(&at, |_| None).ok();
            }
        }
        let desks = app.desks.lock();
        for (name, desk) in desks.iter() {
            let beside = name.split_once('/').is_some_and(|(id, _)| self.beside.contains(id));
            // Editors write other files together with an issue: notify the desks of both.
            if self.issues.contains(name) {
                desk.send(Ask::Look).ok();
            }
            if self.shared || beside {
                desk.send(Ask::Renewed).ok();
            }
        }
    }
}
