//! The lines of `/finance` as a finance officer opens them: in the real `LibreOffice`, with French settings.

use std::path::{Path, PathBuf};

use cpom::accounts::model::Role;
use rust_decimal::Decimal;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::TestApp;

/// What `LibreOffice` is told of its user: French, and nothing else.
const FRENCH: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>fr-FR</value></prop></item></oor:items>"#;
/// The separators that its dialog proposes at first: tabulation, comma, semicolon.
const PROPOSED: &str = "9/44/59";
/// The one that people who know the file leave.
const SEMICOLON: &str = "59";
/// Requests worded so that a spreadsheet that believes them runs something.
const ARMED: [&str; 5] =
    ["=1+1", "+SUM(A1:A9)", "-2+3", "@SUM(A1:A9)", "=HYPERLINK(\"https://example.invalid\";\"ici\")"];
const LINES: &str = "/plans/uca-iut-2021-2026/demands/budget";

/// A cell as the spreadsheet holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Empty,
    Number(Decimal),
    Text(String),
}

/// `LibreOffice`, with a profile of its own.
struct Office {
    place: TempDir,
}

impl Office {
    fn new() -> Self {
        let place = TempDir::new().unwrap();
        let user = place.path().join("profile/user");
        std::fs::create_dir_all(&user).unwrap();
        std::fs::write(user.join("registrymodifications.xcu"), FRENCH).unwrap();
        Self { place }
    }

    /// Puts a file where it can be opened.
    fn receive(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let file = self.place.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    }

    /// Opens a CSV file as its dialog does with these separators, UTF-8 as its mark says and the user's language, and
    /// tells what each cell holds. `special` is « Détecter les nombres spéciaux ».
    async fn open(&self, file: &Path, separators: &str, special: bool) -> Vec<Vec<Cell>> {
        let read = format!("CSV:{separators},34,76,1,,0,false,{special}");
        // Texts between quotes, figures bare.
        let write = "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,true,false,true";
        let out = self.place.path().join("out");
        let output = Command::new("timeout")
            .args(["--kill-after=5", "60", "soffice", "--headless", "--norestore"])
            .arg(format!("-env:UserInstallation=file://{}", self.place.path().join("profile").display()))
            .arg(format!("--infilter={read}"))
            .args(["--convert-to", write, "--outdir"])
            .args([&out, file])
            .output()
            .await
            .unwrap();
        let Ok(opened) = std::fs::read_to_string(out.join(file.file_name().unwrap())) else {
            panic!("soffice is missing, or failed: run `make test`. {}", String::from_utf8_lossy(&output.stderr));
        };
        cells(&opened)
    }
}

/// Reads what `Office::open` had written: quotes tell a text from a figure, which no ordinary reader keeps.
fn cells(text: &str) -> Vec<Vec<Cell>> {
    let mut rows = vec![Vec::new()];
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let cell = if let Some(quoted) = rest.strip_prefix('"') {
            let mut held = String::new();
            let mut left = quoted;
            loop {
                let (before, after) = left.split_once('"').unwrap();
                held.push_str(before);
                left = after;
                let Some(more) = left.strip_prefix('"') else { break };
                held.push('"');
                left = more;
            }
            rest = left;
            Cell::Text(held)
        } else {
            let end = rest.find(['\t', '\n', '\r']).unwrap_or(rest.len());
            let bare = &rest[..end];
            rest = &rest[end..];
            match bare.replace(',', ".").parse() {
                Ok(number) => Cell::Number(number),
                Err(_) if bare.is_empty() => Cell::Empty,
                Err(_) => Cell::Text(bare.to_owned()),
            }
        };
        rows.last_mut().unwrap().push(cell);
        if let Some(next) = rest.strip_prefix('\t') {
            rest = next;
        } else {
            rest = rest.trim_start_matches(['\r', '\n']);
            rows.push(Vec::new());
        }
    }
    rows.pop();
    rows
}

/// What the file says, cell by cell.
fn told(body: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .has_headers(false)
        .from_reader(body.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn is_amount(head: &str) -> bool {
    head.ends_with("€)")
}

#[sqlx::test(migrations = false)]
async fn the_lines_of_finance_open_right_in_libreoffice(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::university(options).await;
    let director = app.visitor(Role::Director).await;
    for label in ARMED {
        let fields = [
            ("label", label),
            ("year", "2025"),
            ("nature", "investissement"),
            ("category", "NUMÉRIQUE ; « réseaux »"),
            ("node", "O3"),
            ("cost", "1 957 120,55"),
            ("participation", "400 000,50"),
            ("participation_of", "Région Auvergne-Rhône-Alpes"),
            ("own", ""),
            ("reason", "devis"),
        ];
        let added = director.post(LINES, &fields).await;
        assert_eq!(added.status, 303, "{label}: {}", added.body);
    }
    let finance = app.visitor(Role::Finance).await;
    let file = finance.get("/finance.csv").await;
    let told = told(&file.body);
    let head = &told[0];
    assert!(told.len() > 20 && ARMED.iter().all(|label| told.iter().any(|row| row.contains(&format!("'{label}")))));

    let office = Office::new();
    let finance_csv = office.receive("finance.csv", file.body.as_bytes());
    for (separators, special) in [(PROPOSED, false), (SEMICOLON, true)] {
        let opened = office.open(&finance_csv, separators, special).await;
        assert_eq!(opened.len(), told.len(), "rows");
        for (row, said) in opened.iter().zip(&told) {
            let width = row.iter().rposition(|cell| *cell != Cell::Empty).unwrap() + 1;
            assert!(width <= head.len(), "columns are not aligned: {row:?}");
            for (at, said) in said.iter().enumerate() {
                let cell = row.get(at).unwrap_or(&Cell::Empty);
                match cell {
                    Cell::Empty => assert_eq!(said, "", "{}", head[at]),
                    Cell::Number(number) if is_amount(&head[at]) => {
                        assert_eq!(number.normalize().to_string(), said.replace(',', "."), "{}", head[at]);
                    }
                    Cell::Text(text) if !is_amount(&head[at]) || row == &opened[0] => {
                        // With special numbers, a day is a day and not a text.
                        assert!(text == said || (special && head[at] == "Séance"), "{}: {text} for {said}", head[at]);
                    }
                    // A lone year, and a printed amount read as one.
                    Cell::Number(_) if ["Années", "Coût imprimé", "Ligne"].contains(&head[at].as_str()) => {}
                    _ => panic!("{}: {cell:?} for « {said} »", head[at]),
                }
            }
        }
        // What the columns add up to is what the page says.
        let page = finance.get("/finance").await;
        let figures = page.texts(".figures dd");
        for (name, shown) in [
            ("Coût estimé (€)", &figures[1]),
            ("Participation demandée (€)", &figures[2]),
            ("Autofinancement (€)", &figures[3]),
            ("Accordé imprimé (k€)", &figures[4]),
        ] {
            let at = head.iter().position(|it| it == name).unwrap();
            let sum: Decimal = opened
                .iter()
                .filter_map(|row| match row.get(at) {
                    Some(Cell::Number(number)) => Some(*number),
                    _ => None,
                })
                .sum();
            let digits: String = shown.chars().filter(|it| it.is_ascii_digit() || *it == ',').collect();
            assert_eq!(sum, digits.replace(',', ".").parse().unwrap(), "{name}");
        }
    }

    // The eye of this test: the same words without their guard do run, and a bare decimal is two columns.
    let armed: String = ARMED.map(|label| format!("\"{}\"\r\n", label.replace('"', "\"\""))).concat();
    let bare = office.receive("armed.csv", format!("\u{feff}{armed}1250,5\r\n").as_bytes());
    let ran = office.open(&bare, PROPOSED, false).await;
    assert_eq!((&ran[0][0], &ran[4][0]), (&Cell::Number(2.into()), &Cell::Text("ici".into())));
    assert_eq!(ran[5], [Cell::Number(1250.into()), Cell::Number(5.into())]);
}
