//! Layouts that give a part to another owner or another neighbour → an error at its line.

use jianbao::diag::Code;

use super::{ISSUE, Own, PUBLICATION, png};

/// What a layout may do to the order of an issue's parts, and the line of the one out of place.
const TURNED: [(&str, &str); 7] = [
    (
        "let (a, b) = (d.sections.at(0).articles.at(0).title, d.sections.at(1).articles.at(0).title)\n  d.sections.at(0).articles.at(0).title = b\n  d.sections.at(1).articles.at(0).title = a",
        "title =",
    ),
    (
        "let (a, b) = (d.sections.at(0).name, d.sections.at(1).name)\n  d.sections.at(0).name = b\n  d.sections.at(1).name = a",
        "",
    ),
    (
        "let (a, b) = (d.attachments.at(0).title, d.attachments.at(1).title)\n  d.attachments.at(0).title = b\n  d.attachments.at(1).title = a",
        "title =",
    ),
    ("d.contents = d.contents.rev()", ""),
    (
        "d.sections.at(1).articles.at(0).editors_note = d.sections.at(0).articles.at(0).editors_note\n  d.sections.at(0).articles.at(0).editors_note = ()",
        "editors_note = '会议",
    ),
    (
        "let b = d.sections.at(0).articles.at(0).body\n  d.sections.at(0).articles.at(0).body = b.slice(0, 3) + (b.at(4), b.at(3)) + b.slice(5)",
        "",
    ),
    (
        "let b = d.sections.at(0).articles.at(0).body\n  let (s, t) = (b.at(4), b.at(5))\n  let c = s.caption\n  s.caption = t.caption\n  t.caption = c\n  d.sections.at(0).articles.at(0).body = b.slice(0, 4) + (s, t) + b.slice(6)",
        "图1",
    ),
];

#[test]
fn a_part_with_another_owner_or_neighbour_is_an_error_at_its_line() {
    let issue = ISSUE.replace("title = '又开一次会'", "title = '又开一次会议'");
    // The pages stay as they come: what floats may stand elsewhere.
    let publication = format!("copy_fit = false\n{PUBLICATION}");
    for (change, line) in TURNED {
        let own = Own::new(&publication, &issue);
        own.project.file("issues/p/a.png", png(80));
        let main = format!("#let issue(data) = {{\n  let d = data\n  {change}\n  bulletin(d)\n}}");
        own.change("official/main.typ", "#let issue(data) = bulletin(data)", &main);
        own.finds(Code::TextDisordered, line);
    }
    // What floats to the head or the foot of its page.
    for edge in ["top", "bottom"] {
        for what in ["table", "figure"] {
            let own = Own::new(PUBLICATION, &issue);
            let call = format!("{{ set-{what}(data, look) }}");
            let place = format!("place({edge}, float: true, scope: \"parent\"");
            let floating = format!("{{ {place}, set-{what}(data, look)) }}");
            own.change("shared/blocks.typ", &call, &floating).finds_nothing();
        }
    }
}
