//! Files nobody writes by mistake: refused with sentences, in little time and memory.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpom::document::model::{Document, FILE_MAX, VALUES_MAX};
use cpom::document::{self, ImportError};
use cpom::journal::model::Act;
use cpom::kernel::canonical::{Problem, TEXT_MAX};
use serde_json::{Value, json};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{NOW, TestApp};

/// A debug build on a busy machine reads the largest file in some seconds; what costs the square of a file takes minutes.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most resident memory of `cpom import`, whatever the file: it is held once as bytes and once as values.
const RESIDENT_MAX_KB: u64 = 200 * 1024;

/// The real contract with nothing but its frame and these lists.
fn contract(lists: &[(&str, Value)]) -> Vec<u8> {
    let mut whole: Value = serde_json::from_slice(cpom::demo::SIGNED).unwrap();
    let kept = ["schema", "establishment", "framework", "structure", "plan", "nodes"];
    whole.as_object_mut().unwrap().retain(|key, _| kept.contains(&key.as_str()));
    for (name, list) in lists {
        whole[*name] = list.clone();
    }
    whole.to_string().into_bytes()
}

/// The real contract with one text replaced, which must be there.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let whole = String::from_utf8(cpom::demo::SIGNED.to_vec()).unwrap();
    assert!(whole.contains(from), "{from}");
    whole.replacen(from, to, 1).into_bytes()
}

fn list(count: usize, item: impl Fn(usize) -> Value) -> Value {
    (0..count).map(item).collect()
}

fn jalon(code: &str) -> Value {
    json!({"code": code, "node": "O1", "is_group": true})
}

/// Each hostile file: its name, its bytes, and words of the first sentence told.
#[expect(clippy::too_many_lines, reason = "a table, a file a row")]
fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let text = |size: usize| "é".repeat(size);
    let pairs =
        |name: &str, count: usize| (0..count).map(|it| format!("\"{name}{it}\":1,")).collect::<Vec<_>>().concat();
    let section = |it: usize| json!({"code": format!("S{it}"), "title": "t", "body": "b"});
    let measured = VALUES_MAX / 20;
    let fiche = json!({
        "node": "O1", "label": "l", "unit": "u", "period_kind": "civile", "availability": "premier_trimestre_suivant",
        "origin": "institut",
    });
    let measure = json!({
        "label": "l", "unit": "u", "unit_kind": "nombre", "nature": "stock", "direction": "hausse",
    });
    let of = |shape: &Value, more: &[(&str, String)]| {
        let mut shape = shape.clone();
        for (key, value) in more {
            shape[*key] = value.clone().into();
        }
        shape
    };
    let touching: Vec<Value> =
        (0..VALUES_MAX / 4).map(|it| json!({"subject": "jalon", "code": format!("J{it}")})).collect();
    let dates =
        list(VALUES_MAX / 12, |it| json!({"jalon": format!("J{it}"), "due_on": "2025-12-31", "precision": "annee"}));
    let reserve = |touches: Value, dates: Value| {
        json!([{
            "code": "R1", "label": "l", "origin": "document", "touches": touches,
            "readings": [{"code": "a", "text": "t", "dates": dates}], "in_use": "a",
        }])
    };
    vec![
        ("empty", Vec::new(), "ligne 1, colonne 0"),
        ("null", b"null".to_vec(), "un objet { … } est attendu ici"),
        ("a byte too many", vec![b' '; FILE_MAX + 1], "le fichier dépasse 16 Mo"),
        ("spaces", vec![b' '; FILE_MAX], "ce n’est pas un document JSON lisible"),
        ("brackets in brackets", vec![b'['; FILE_MAX], "colonne 128"),
        ("objects in objects", "{\"a\":".repeat(FILE_MAX / 5).into_bytes(), "ce n’est pas un document JSON lisible"),
        ("millions of empty lists", format!("[{}[]]", "[],".repeat(FILE_MAX / 3 - 2)).into_bytes(), "trop de valeurs"),
        ("millions of numbers", format!("[{}0]", "0,".repeat(FILE_MAX / 2 - 2)).into_bytes(), "trop de valeurs"),
        ("millions of fields", format!("{{{}\"z\":1}}", pairs("k", 1_000_000)).into_bytes(), "trop de valeurs"),
        ("unknown fields", format!("{{{}\"z\":1}}", pairs("k", 200_000)).into_bytes(), "schema"),
        ("a million sections", contract(&[("sections", list(VALUES_MAX / 4, section))]), "trop de valeurs"),
        (
            "one code everywhere",
            contract(&[("sections", list(60_000, |_| section(0)))]),
            "le code « S0 » est déjà pris",
        ),
        ("a hundred thousand faults", contract(&[("sections", list(250_000, |_| Value::Null))]), "un objet { … }"),
        (
            "groups of jalons",
            contract(&[("jalons", list(70_000, |it| jalon(&format!("J{it}"))))]),
            "un groupe a au moins un jalon",
        ),
        (
            "groups and their jalons",
            contract(&[(
                "jalons",
                list(50_000, |it| match it % 2 {
                    0 => jalon(&format!("J{it}")),
                    _ => {
                        json!({"code": format!("J{it}"), "node": "O1", "parent": format!("J{}", it - 1), "label": "l"})
                    }
                }),
            )]),
            "un jalon a un état",
        ),
        (
            "as many measures as fiches",
            contract(&[
                ("indicators", list(measured, |it| of(&fiche, &[("code", format!("I{it}"))]))),
                (
                    "measures",
                    list(measured, |it| {
                        of(&measure, &[("code", format!("I{it}")), ("indicator", format!("I{}", it / 2))])
                    }),
                ),
            ]),
            "une seule mesure",
        ),
        ("a réserve about everything", contract(&[("reserves", reserve(touching.into(), json!([])))]), "n’existe pas"),
        (
            "a réserve full of dates",
            contract(&[("reserves", reserve(json!([]), dates))]),
            "une date est lue pour un jalon",
        ),
        ("an endless text", changed("\"IUT\"", &format!("\"{}\"", text(7_000_000))), "le texte dépasse"),
        ("an endless key", changed("\"acronym\"", &format!("\"{}\"", text(7_000_000))), "n’existe pas dans ce format"),
        (
            "an endless code",
            changed("\"code\": \"uca\"", &format!("\"code\": \"{}\"", "u".repeat(1_000_000))),
            "establishment.code",
        ),
        (
            "an endless number",
            changed("2021,", &format!("{},", "9".repeat(10_000_000))),
            "ce n’est pas un document JSON lisible",
        ),
        (
            "an endless decimal",
            changed("2021,", &format!("0.{},", "9".repeat(10_000_000))),
            "un nombre entier est attendu",
        ),
        (
            "an endless figure",
            changed("\"value\": \"", &format!("\"value\": \"{}", "9".repeat(10_000_000))),
            "un nombre décimal",
        ),
        ("a far exponent", changed("2021,", "1e999999999,"), "ce n’est pas un document JSON lisible"),
        ("a figure out of bounds", changed("\"value\": \"", "\"value\": \"79228162514264337593543950335"), "nombre"),
        ("a field twice", changed("\"acronym\"", "\"code\""), "le champ « code » est deux fois dans le même objet"),
        ("half a character", changed("\"IUT\"", "\"\\ud83d\""), "ce n’est pas un document JSON lisible"),
        ("the other half", changed("\"IUT\"", "\"\\udc00\\ud83d\""), "ce n’est pas un document JSON lisible"),
        ("a NUL", changed("\"IUT\"", "\"I\\u0000T\""), "caractère de contrôle"),
        ("a line break too raw", changed("\"IUT\"", "\"I\nT\""), "ce n’est pas un document JSON lisible"),
        (
            "Latin 1",
            cpom::demo::SIGNED.iter().map(|byte| if *byte == 0xc3 { 0xe9 } else { *byte }).collect(),
            "ce n’est pas",
        ),
        (
            "UTF-16",
            String::from_utf8_lossy(cpom::demo::SIGNED).encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "ce n’est pas",
        ),
        ("a mark", [b"\xef\xbb\xbf", cpom::demo::SIGNED].concat(), "UTF-8 sans BOM"),
        (
            "cut short",
            cpom::demo::SIGNED[..cpom::demo::SIGNED.len() / 2].to_vec(),
            "ce n’est pas un document JSON lisible",
        ),
        ("twice", cpom::demo::SIGNED.repeat(2), "ce n’est pas un document JSON lisible"),
        ("another schema", changed("\"cpom-2\"", "\"cpom-3000\""), "un de ces mots est attendu"),
        ("a year out of time", changed("\"first_year\": 2021", "\"first_year\": -2147483648"), "1990 et 2100"),
        ("the last of years", changed("\"last_year\": 2026", "\"last_year\": 2147483647"), "vingt ans au plus"),
    ]
}

fn told(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n").chars().take(4000).collect()
}

#[test]
fn hostile_files_are_refused_in_little_time() {
    for (name, bytes, words) in files() {
        let since = Instant::now();
        let refused = Document::parse(&bytes).map(|_| ()).unwrap_err();
        let elapsed = since.elapsed();
        assert!(elapsed < PATIENCE, "{name}: {elapsed:?}");
        assert!(told(&refused).contains(words), "{name}: {}", told(&refused));
        assert!(refused.len() <= 101, "{name}: {} problems", refused.len());
        let longest = refused.iter().map(|it| it.sentence.len() + it.place.len()).max().unwrap();
        assert!(longest < 2 * TEXT_MAX, "{name}: a sentence of {longest} bytes");
        println!("{name}: {} kB in {} ms", bytes.len() / 1024, elapsed.as_millis());
    }
}

/// Runs `cpom import` on these bytes: its exit code, what it says, and its peak of resident memory in kB.
fn imported(options: &PgConnectOptions, bytes: &[u8]) -> (Option<i32>, String, u64, Duration) {
    let since = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpom"))
        .args(["import", "-"])
        .env("DATABASE_URL", options.to_url_lossy().to_string())
        .env("CPOM_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    // The kernel keeps the peak: it is read until there is nobody to ask.
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let Some(line) = text.lines().find(|line| line.starts_with("VmHWM")) else { break };
            peak = peak.max(line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap());
            std::thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    // Whoever refuses early stops reading.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    let output = child.wait_with_output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said, watch.join().unwrap(), since.elapsed())
}

#[sqlx::test(migrations = false)]
async fn hostile_files_cost_little_memory(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options.clone()).await;
    let worst = [
        "spaces",
        "brackets in brackets",
        "millions of empty lists",
        "millions of numbers",
        "millions of fields",
        "a hundred thousand faults",
        "groups and their jalons",
        "as many measures as fiches",
        "a réserve about everything",
        "an endless text",
        "an endless key",
        "an endless decimal",
    ];
    for (name, bytes, _) in files().iter().filter(|(name, ..)| worst.contains(name)) {
        let (code, said, peak, elapsed) = imported(&options, bytes);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains("problème"), "{name}: {said}");
        assert!(said.len() < 100_000, "{name}: {} bytes are said", said.len());
        assert!((1..RESIDENT_MAX_KB).contains(&peak), "{name}: {peak} kB");
        assert!(elapsed < PATIENCE, "{name}: {elapsed:?}");
        println!("{name}: {} MB resident at most, {} ms", peak / 1024, elapsed.as_millis());
    }
    let left: i64 = sqlx::query_scalar("SELECT (SELECT count(*) FROM plan) + (SELECT count(*) FROM journal_entry)")
        .fetch_one(app.pool())
        .await
        .unwrap();
    assert_eq!(left, 0, "nothing was written");
}

/// What is read and odd is kept as it is, or refused: never a fault of ours.
#[sqlx::test(migrations = false)]
async fn odd_files_are_kept_whole_or_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let act = Act::command("test", NOW.parse().unwrap());
    let odd = [
        changed("\"IUT\"", "\"I\u{202e}T\u{feff}\""),
        changed("\"IUT\"", "\"I\u{1F469}\u{200d}\u{1F52C}T\""),
        changed("\"IUT\"", "\"\\u00ad\""),
        changed("\"label\": \"Aubière\"", "\"label\": \"' OR 1=1; --\""),
        changed("\"due_on\": \"2022-12-31\"", "\"due_on\": \"+262142-12-31\""),
        changed("\"due_on\": \"2022-12-31\"", "\"due_on\": \"-0001-12-31\""),
        changed("\"in_favour\": 23", "\"in_favour\": 2147483647"),
        changed("\"code\": \"J2\"", "\"code\": \"J2.a\""),
        changed("\"code\": \"aubiere\"", "\"code\": \"AUBIERE\""),
    ];
    let mut kept = 0;
    for bytes in odd {
        let mut conn = app.app.conn().await.unwrap();
        match document::import(&mut conn, &act, &bytes, true).await {
            Err(ImportError::Problems(problems)) => assert!(!problems.is_empty()),
            Err(ImportError::Sql(error)) => panic!("{error}"),
            Ok(done) => {
                let (_, written) = document::store::load(&mut conn, &done.code).await.unwrap().unwrap();
                assert!(written.to_bytes() == Document::parse(&bytes).unwrap().to_bytes(), "not what was imported");
                kept += 1;
            }
        }
    }
    assert!(kept >= 3, "{kept}");
}
