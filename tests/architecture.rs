//! Holds the doors of the house shut, by reading its source: who may call whom, what each kind of file may contain.
//!
//! It reads text, not syntax: comments and test modules are set aside, the rest is looked at word by word. A failure
//! names the file and the rule; if the rule is wrong, change it here and say why in the commit.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may use, the lowest first: a room only ever uses rooms written above it, so there is no circle.
///
/// `kernel` and `web` name no business word. Where a line looks odd, the reason stands beside it.
const ROOMS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    // Messages over SMTP: no business word there, nor any other room.
    ("mail", &[]),
    ("web", &["kernel", "mail"]),
    ("journal", &["kernel"]),
    // Grants are journaled: the journal is below accounts.
    ("accounts", &["kernel", "web", "journal"]),
    // A list of plans is filtered by what a person reads.
    ("plans", &["kernel", "web", "journal", "accounts"]),
    // What follows an edit, a dialogue resumed, is journaled.
    ("access", &["kernel", "journal", "accounts"]),
    // A réserve shows beside figures of every room above.
    ("reserves", &["kernel", "web", "journal", "accounts", "plans", "access"]),
    ("arbitrages", &["kernel", "web", "journal", "accounts", "plans", "access"]),
    // What is printed is about things that réserves touch too, and is seen by the same people.
    ("printed", &["kernel", "accounts", "reserves"]),
    ("indicators", &["kernel", "web", "journal", "accounts", "plans", "access", "reserves"]),
    ("posts", &["kernel", "web", "journal", "accounts", "plans", "access", "reserves", "arbitrages", "printed"]),
    ("budget", &["kernel", "web", "journal", "accounts", "plans", "access", "reserves", "arbitrages", "printed"]),
    ("jalons", &["kernel", "web", "journal", "accounts", "plans", "access", "reserves"]),
    ("commitments", &["kernel", "web", "journal", "accounts", "plans", "access", "reserves", "arbitrages"]),
    ("followups", &["kernel", "web", "journal", "accounts", "plans", "access"]),
    // What changes a signed contract: targets, dates of jalons, definitions. Below `document`, of which an avenant is an
    // element, and whose imports ask what avenants explain. A step that the document speaks of does not go.
    (
        "avenants",
        &["kernel", "web", "journal", "accounts", "plans", "access", "reserves", "printed", "indicators", "jalons"],
    ),
    (
        "document",
        &[
            "kernel",
            "journal",
            "accounts",
            "plans",
            "access",
            "reserves",
            "printed",
            "indicators",
            "arbitrages",
            "budget",
            "jalons",
            "commitments",
            "posts",
            "followups",
            "avenants",
        ],
    ),
    // The identities of every room of figures, over any plan.
    (
        "controls",
        &[
            "kernel",
            "web",
            "accounts",
            "plans",
            "access",
            "reserves",
            "arbitrages",
            "printed",
            "indicators",
            "posts",
            "budget",
            "commitments",
        ],
    ),
    (
        "dialogue",
        // The meeting on one page shows a plan whole: what is asked and decided, and what is left to do.
        &[
            "kernel",
            "web",
            "journal",
            "accounts",
            "plans",
            "access",
            "reserves",
            "arbitrages",
            "indicators",
            "posts",
            "budget",
            "jalons",
            "commitments",
            "avenants",
            "followups",
            "printed",
            "document",
            "controls",
        ],
    ),
    (
        "contract",
        &[
            "kernel",
            "web",
            "journal",
            "accounts",
            "plans",
            "access",
            "reserves",
            "indicators",
            "arbitrages",
            "budget",
            "posts",
            "jalons",
            "commitments",
            "followups",
            "avenants",
            "printed",
            "document",
            "controls",
            "dialogue",
        ],
    ),
    ("establishment", &["kernel", "web", "journal", "accounts", "plans", "access", "document"]),
    (
        "drafts",
        &[
            "kernel",
            "web",
            "journal",
            "accounts",
            "plans",
            "access",
            "indicators",
            "arbitrages",
            "budget",
            "posts",
            "jalons",
            "commitments",
            "document",
            "establishment",
        ],
    ),
    (
        "directoire",
        &[
            "kernel",
            "web",
            "accounts",
            "plans",
            "reserves",
            "access",
            "indicators",
            "jalons",
            "budget",
            "dialogue",
            "contract",
        ],
    ),
    (
        "home",
        &[
            "kernel",
            "web",
            "accounts",
            "plans",
            "access",
            "reserves",
            "arbitrages",
            "indicators",
            "jalons",
            "followups",
            // What a dialogue reads of its opening comes with what waits.
            "document",
            "avenants",
            "controls",
            "dialogue",
            "contract",
        ],
    ),
    (
        "reminders",
        &[
            "kernel",
            "mail",
            "web",
            "accounts",
            "plans",
            "access",
            "reserves",
            "jalons",
            "indicators",
            "followups",
            "dialogue",
            // What waits for a person is counted as Accueil counts it.
            "home",
        ],
    ),
    ("help", &["kernel", "web", "accounts", "plans", "access", "dialogue"]),
];

/// Files of `src/` itself: settings, the pool, the cluster, the commands. They stand around the rooms and may use any.
/// A room may use these only.
const GROUND: &[&str] = &["db"];

/// Pure like `model.rs`, under another name because the room has several; a folder is pure whole.
const PURE_TOO: &[&str] = &[
    "access/season.rs",
    "accounts/granting.rs",
    "accounts/session.rs",
    "accounts/throttle.rs",
    "arbitrages/amendment.rs",
    "arbitrages/case.rs",
    "arbitrages/entry/",
    "arbitrages/opinion.rs",
    "avenants/fields.rs",
    "avenants/ground.rs",
    "avenants/removal.rs",
    "avenants/telling.rs",
    "budget/controls.rs",
    "budget/entry.rs",
    "budget/finance.rs",
    "contract/compare.rs",
    "contract/telling/",
    "budget/sums.rs",
    "commitments/entry.rs",
    "dialogue/meeting.rs",
    "document/check/",
    "drafts/codes.rs",
    "drafts/parts.rs",
    "drafts/problems.rs",
    "drafts/shape.rs",
    "drafts/signature.rs",
    "drafts/whole.rs",
    "followups/entry.rs",
    "indicators/aim.rs",
    "indicators/entry/",
    "indicators/progress/",
    "indicators/sheet.rs",
    "indicators/telling.rs",
    "plans/fields.rs",
    "plans/past.rs",
    "plans/vote.rs",
    "posts/controls.rs",
    "posts/demand.rs",
    "printed/outcome.rs",
    "reserves/dates.rs",
    "reserves/marks.rs",
    "posts/entry.rs",
    "posts/tables.rs",
    "posts/telling.rs",
    "reminders/schedule.rs",
    "jalons/entry.rs",
    "jalons/summary.rs",
    "jalons/telling.rs",
    "jalons/timeline.rs",
];

/// The only files that touch axum's routers: everything else is mounted through `web::Routes`, which keeps the list.
const ROUTERS: &[&str] = &["web/routes.rs", "routes.rs", "commands.rs"];

/// Macros live at the root of the crate, wherever they are written.
const MACROS: &[&str] = &["words", "record", "canonical_words"];

/// A source file: its path under `src/`, its code without comments nor tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// `accounts` for `accounts/web/admin.rs`; `None` for the files of `src/` itself.
    fn room(&self) -> Option<&str> {
        let (room, _) = self.path.split_once('/')?;
        // Neither is `cluster/` a room, nor `demo/`: each is one of the files of `src/`, in several parts.
        (room != "cluster" && room != "commands" && room != "demo").then_some(room)
    }

    /// `web` for `accounts/web.rs` and for `accounts/web/admin.rs`.
    fn kind(&self) -> &str {
        let parts: Vec<&str> = self.path.trim_end_matches(".rs").split('/').collect();
        match parts[..] {
            [_, kind, ..] if self.room().is_some() => kind,
            _ => "",
        }
    }

    /// It is this file, or one of this folder (`arbitrages/entry/`).
    fn stands_at(&self, place: &str) -> bool {
        self.path == place || place.ends_with('/') && self.path.starts_with(place)
    }

    /// The first-level names that follow `crate::`, groups included.
    fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for after in self.code.split("crate::").skip(1) {
            match after.strip_prefix('{') {
                Some(group) => names.extend(top_level(group)),
                None => names.extend([word(after)]),
            }
        }
        names.retain(|name| !name.is_empty() && !MACROS.contains(&name.as_str()));
        names
    }
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// `a::b, c::{d, e}}; …` gives `a` and `c`.
fn top_level(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut items = vec![String::new()];
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ if depth == 0 => items.iter_mut().last().unwrap().push(c),
            _ => {}
        }
    }
    items.iter().map(|item| word(item.trim())).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder with this extension, with its path from there.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let base = root().join(folder);
    let mut found = Vec::new();
    walk(&base, &mut found);
    found.sort();
    found
        .into_iter()
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .map(|path| {
            let name = path.strip_prefix(&base).unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn sources() -> Vec<Source> {
    let read: Vec<Source> = files("src", "rs")
        .into_iter()
        .map(|(path, text)| {
            let code: Vec<&str> = text
                .lines()
                .take_while(|line| *line != "#[cfg(test)]")
                .map(|line| if line.trim_start().starts_with("//") { "" } else { line.split(" // ").next().unwrap() })
                .collect();
            Source { path, code: code.join("\n") }
        })
        .collect();
    assert!(read.len() > 20, "the sources are not where they are looked for");
    read
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_rooms_a_source_names_are_found() {
    let code =
        "use crate::{a::x, b::{c, d}, e};\nfn f(it: crate::g::H) { crate::words! {} crate::h::i::<crate::j::K>() }";
    let source = Source { path: "room/web/page.rs".into(), code: code.into() };
    assert_eq!(source.names().into_iter().collect::<Vec<_>>(), ["a", "b", "e", "g", "h", "j"]);
    assert_eq!((source.room(), source.kind()), (Some("room"), "web"));
}

#[test]
fn rooms_stack_without_circles() {
    let mut problems = Vec::new();
    for (rank, (room, uses)) in ROOMS.iter().enumerate() {
        for used in *uses {
            if !ROOMS[..rank].iter().any(|(below, _)| below == used) {
                problems.push(format!("tests/architecture.rs: `{room}` may not use `{used}`, which is not below it"));
            }
        }
    }
    for source in sources() {
        let Some(room) = source.room() else { continue };
        let Some((_, uses)) = ROOMS.iter().find(|(known, _)| *known == room) else {
            problems.push(format!("src/{}: the room `{room}` has no line in ROOMS", source.path));
            continue;
        };
        let ground = if room == "kernel" { &[] } else { GROUND };
        for name in source.names() {
            if name != room && !uses.contains(&name.as_str()) && !ground.contains(&name.as_str()) {
                problems.push(format!("src/{}: `{room}` does not use `{name}` (see ROOMS)", source.path));
            }
        }
    }
    report(&problems);
}

#[test]
fn each_kind_of_file_keeps_to_its_task() {
    const PURE: &[&str] = &["axum", "askama", "sqlx", "async ", "::now(", ".now("];
    let mut problems = Vec::new();
    let sources = sources();
    for pure in PURE_TOO.iter().filter(|pure| !sources.iter().any(|source| source.stands_at(pure))) {
        problems.push(format!("tests/architecture.rs: `{pure}` of PURE_TOO is no file"));
    }
    for source in sources {
        let (forbidden, rule): (&[&str], &str) = match (source.room(), source.kind()) {
            (Some("kernel"), _) => (&["axum", "askama", "sqlx", "tokio"], "kernel/ knows neither web nor database"),
            (_, "model") => (PURE, "a model is true on paper: no web, no SQL, no waiting, time is passed in"),
            _ if PURE_TOO.iter().any(|pure| source.stands_at(pure)) => (PURE, "this file is pure, like a model"),
            (_, "store") => (&["axum", "askama"], "a store holds SQL, and speaks neither HTTP nor HTML"),
            (_, "views") => (&["sqlx"], "a view shows what it was given"),
            (Some(room), "web") if room != "web" => {
                (&["sqlx::query", "SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"], "SQL lives in store.rs")
            }
            _ => continue,
        };
        for word in forbidden.iter().filter(|word| source.code.contains(**word)) {
            problems.push(format!("src/{}: holds `{}`; {rule}", source.path, word.trim()));
        }
    }
    report(&problems);
}

#[test]
fn routes_are_mounted_through_the_recording_router() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !ROUTERS.contains(&source.path.as_str())) {
        for word in ["axum::routing", "Router::new", "MethodRouter"] {
            if source.code.contains(word) {
                problems.push(format!("src/{}: holds `{word}`; mount routes through web::Routes", source.path));
            }
        }
    }
    report(&problems);
}

#[test]
fn templates_hold_no_code_no_style_and_escape_everything() {
    let mut problems = Vec::new();
    let templates = files("templates", "html");
    assert!(!templates.is_empty());
    for (path, text) in templates {
        let flat = text.replace("| ", "|");
        for (word, rule) in [
            ("|safe", "everything is escaped"),
            (" style=", "the content policy refuses styles in a page: use a class"),
            ("<style", "the content policy refuses styles in a page: use static/app.css"),
            ("javascript:", "no code in a page"),
            (" onclick=", "no code in a page: use static/app.js"),
            (" onchange=", "no code in a page: use static/app.js"),
            (" onsubmit=", "no code in a page: use static/app.js"),
            (" hx-on", "no code in a page: use static/app.js"),
        ] {
            if flat.contains(word) {
                problems.push(format!("templates/{path}: holds `{}`; {rule}", word.trim()));
            }
        }
        for tag in text.split("<script").skip(1) {
            let (attributes, _) = tag.split_once('>').unwrap_or((tag, ""));
            if !attributes.contains("src=") {
                problems.push(format!("templates/{path}: holds an inline script; use static/app.js"));
            }
        }
    }
    for source in sources().iter().filter(|source| source.code.contains("escape = \"none\"")) {
        problems.push(format!("src/{}: holds `escape = \"none\"`; everything is escaped", source.path));
    }
    report(&problems);
}

#[test]
fn the_sections_of_the_rules_that_the_code_cites_exist() {
    const CITED: &str = "docs/regles.md";
    let rules = fs::read_to_string(root().join(CITED)).unwrap();
    let mut problems = Vec::new();
    let mut cited = 0;
    for (folder, extension) in [("src", "rs"), ("tests", "rs"), ("migrations", "sql"), ("templates", "html")] {
        for (path, text) in files(folder, extension) {
            // A citation may be cut by the end of a comment's line.
            let lines: Vec<&str> =
                text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!', '-'])).collect();
            let flat = lines.join(" ").replace("  ", " ");
            for after in flat.split(CITED).skip(1) {
                let Some(section) = after.strip_prefix(" §") else { continue };
                let number: String = section.chars().take_while(char::is_ascii_digit).collect();
                cited += 1;
                if !rules.contains(&format!("\n## {number}. ")) {
                    problems.push(format!("{folder}/{path}: cites {CITED} §{number}, which does not exist"));
                }
            }
        }
    }
    assert!(cited > 20, "the citations are not found where they are looked for");
    report(&problems);
}
