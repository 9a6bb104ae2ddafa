//! The program as a person at a terminal meets it: exit codes, sentences, and a whole life on the embedded default.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::cluster::data_dir;

/// Runs `cpom` with a data directory of its own and nothing else of this environment.
fn cpom(dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpom"))
        .args(arguments)
        .env_remove("DATABASE_URL")
        .env("CPOM_DATA_DIR", dir)
        .env("CPOM_DEMO_PASSWORD", "Tram-glissant-42-violon")
        .env("CPOM_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn misuse_is_2_with_a_sentence() {
    let dir = data_dir();
    for arguments in [
        &[][..],
        &["danse"],
        &["export"],
        &["import"],
        &["serve", "vite"],
        &["import", "-", "--force"],
        &["remind", "tout"],
        &["user", "danse", "a@b.fr"],
        &["user", "grant", "a@b.fr"],
    ] {
        let output = cpom(dir.path(), arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains("cpom help"), "{}", said(&output));
    }
}

#[test]
fn help_names_every_command_and_setting() {
    let output = cpom(data_dir().path(), &["help"], "");
    assert_eq!(output.status.code(), Some(0));
    let help = said(&output);
    for word in [
        "serve",
        "migrate",
        "demo",
        "import",
        "export",
        "remind",
        "backup",
        "restore",
        "routes",
        "CPOM_NOW",
        "DATABASE_URL",
    ] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn a_contract_lives_on_the_embedded_default() {
    let dir = data_dir();
    let run = |arguments: &[&str], input: &str| cpom(dir.path(), arguments, input);
    let demo = run(&["demo"], "");
    assert_eq!(demo.status.code(), Some(0), "{}", said(&demo));
    assert!(said(&demo).contains("director@demo.invalid"), "{}", said(&demo));
    let password = dir.path().join("demo-password");
    let mode = std::os::unix::fs::PermissionsExt::mode(&password.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(said(&run(&["demo"], "")).contains("déjà là"));
    // The document comes out whole, with what its past meetings asked, and nothing else comes with it.
    let exported = run(&["export", "uca-iut-2021-2026"], "");
    let document = String::from_utf8(exported.stdout.clone()).unwrap();
    assert!(cpom::document::model::Document::parse(document.as_bytes()).unwrap().to_bytes() == exported.stdout);
    assert!(document.contains("\"followups\""), "{}", said(&exported));
    assert_eq!(run(&["export", "inconnu"], "").status.code(), Some(1));
    // Refused: the code exists. Then the same, on purpose: nothing differs.
    let refused = run(&["import", "-"], &document);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("--replace"), "{}", said(&refused));
    assert!(said(&run(&["import", "-", "--replace"], &document)).contains("0 élément"));
    // An account by hand.
    assert_eq!(run(&["user", "add", "finances@univ.example", "Agence comptable"], "").status.code(), Some(0));
    assert_eq!(run(&["user", "password", "finances@univ.example"], "court\n").status.code(), Some(1));
    let strong = "Pluie-oblique-71-bergamote\n";
    assert_eq!(run(&["user", "password", "finances@univ.example"], strong).status.code(), Some(0));
    assert_eq!(run(&["user", "grant", "finances@univ.example", "finance"], "").status.code(), Some(0));
    assert_eq!(run(&["user", "grant", "finances@univ.example", "empereur"], "").status.code(), Some(1));
    // Saved, and restored elsewhere.
    let file = dir.path().join("sauvegarde");
    let file = file.to_str().unwrap();
    assert_eq!(run(&["backup", file], "").status.code(), Some(0));
    let elsewhere = data_dir();
    let restored = cpom(elsewhere.path(), &["restore", file], "");
    assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
    assert!(cpom(elsewhere.path(), &["export", "uca-iut-2021-2026"], "").stdout == exported.stdout);
    assert_eq!(run(&["restore", file], "").status.code(), Some(1), "a base that holds something is not overwritten");
}
