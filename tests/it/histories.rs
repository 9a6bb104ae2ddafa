//! Random histories: people who follow links and fill in whatever form they find, with whatever they think of.
//!
//! No door is named here: a page added tomorrow is walked through tomorrow. Whatever they did, no page failed, and the
//! journal alone gives the very bytes of the export (docs/regles.md §10).

use std::collections::BTreeMap;

use cpom::accounts::model::Role;
use cpom::document::store;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use scraper::{ElementRef, Html, Selector};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, TestApp, Visitor};

const PLAN: &str = "/plans/uca-iut-2021-2026";
const CODE: &str = "uca-iut-2021-2026";
/// Steps of the history, each a page read and perhaps a form sent.
const STEPS: usize = 400;
/// What they must at least have left in the journal for the history to prove anything: entries, and kinds of things.
const KEPT_MIN: i64 = 25;
const KINDS_MIN: usize = 4;

/// Who walks: those who write in a plan.
const PEOPLE: &[Role] = &[Role::Director, Role::Contributor, Role::Directoire, Role::Finance, Role::Rh, Role::Pilotage];

/// What people mean to type where a day, a number or words are asked for.
const DAYS: &[&str] = &["2025-09-10", "2025-07-01", "2026-03-31", "12/09/2025"];
const NUMBERS: &[&str] = &["0", "12", "29,4", "1 250", "NR"];
const YEARS: &[&str] = &["2022", "2024"];
const WORDS: &[&str] = &["Vu avec le service.", "Bilan du forum", "Séance du directoire", "B1"];
/// What some of them type all the same.
const ANYTHING: &[&str] = &[
    "",
    "−3",
    "n.d.",
    "NA",
    "p.m.",
    "49 (37%)",
    "31/02/2025",
    "99999999999999999999",
    "<b>gras</b> & « guillemets »",
    "\u{202e}à l’envers\u{0}",
];

/// Chances, used up one by one.
struct Chance<'a>(std::iter::Cycle<std::slice::Iter<'a, u16>>);

impl Chance<'_> {
    fn below(&mut self, limit: usize) -> usize {
        usize::from(*self.0.next().unwrap()) % limit.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'t, T>(&mut self, list: &'t [T]) -> Option<&'t T> {
        let at = self.below(list.len());
        list.get(at)
    }
}

fn select<'a>(element: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    element.select(&Selector::parse(selector).unwrap()).collect()
}

/// A form filled in: where it goes and what it sends.
fn fill(form: ElementRef<'_>, path: &str, chance: &mut Chance<'_>) -> (String, Vec<(String, String)>) {
    let mut fields: Vec<(String, String)> = Vec::new();
    // In a grid, a person touches a few cells and leaves the rest as it was.
    let grid = select(form, "input[name], select[name]").len() > 40;
    let typed = |before: String, meant: &[&str], chance: &mut Chance<'_>| {
        if grid && !chance.one_in(40) {
            before
        } else if chance.one_in(10) {
            (*chance.pick(ANYTHING).unwrap()).to_owned()
        } else if before.is_empty() || chance.one_in(4) {
            (*chance.pick(meant).unwrap()).to_owned()
        } else {
            before
        }
    };
    let mut radios: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for field in select(form, "input[name], select[name], textarea[name]") {
        let name = field.attr("name").unwrap().to_owned();
        if field.attr("disabled").is_some() {
            continue;
        }
        let value = field.attr("value").unwrap_or_default().to_owned();
        match (field.value().name(), field.attr("type").unwrap_or("text")) {
            ("select", _) => {
                let options = select(field, "option:not([value=''])");
                let chosen = select(field, "option[selected]").first().or(select(field, "option").first()).copied();
                let option =
                    if chance.one_in(if grid { 40 } else { 2 }) { chance.pick(&options).copied() } else { chosen };
                if let Some(option) = option {
                    let text = || option.text().collect::<String>();
                    fields.push((name, option.attr("value").map_or_else(text, str::to_owned)));
                }
            }
            ("textarea", _) => fields.push((name, typed(field.text().collect(), WORDS, chance))),
            // A version read from the page is sent back, but for the one who plays tricks.
            (_, "hidden") => fields.push((name, if chance.one_in(40) { "7".into() } else { value })),
            (_, "radio") => radios.entry(name).or_default().push(value),
            (_, "checkbox") => {
                if chance.one_in(2) {
                    fields.push((name, field.attr("value").unwrap_or("on").to_owned()));
                }
            }
            (_, "submit" | "button" | "file") => {}
            (_, "date") => fields.push((name, typed(value, DAYS, chance))),
            _ => {
                let meant = match field.attr("inputmode") {
                    _ if name.contains("year") => YEARS,
                    Some("decimal" | "numeric") => NUMBERS,
                    _ if name.ends_with("_on") || name.ends_with("_to") => DAYS,
                    _ => WORDS,
                };
                fields.push((name, typed(value, meant, chance)));
            }
        }
    }
    for (name, values) in radios {
        if let Some(value) = chance.pick(&values) {
            fields.push((name, value.clone()));
        }
    }
    if let Some(button) = select(form, "button[name]").first() {
        let attribute = |name| button.attr(name).unwrap_or_default().to_owned();
        fields.push((attribute("name"), attribute("value")));
    }
    let action = form.attr("action").filter(|action| !action.is_empty()).unwrap_or(path).to_owned();
    (action, fields)
}

/// A form of this page that changes a plan, filled in.
fn form(page: &Answer, path: &str, chance: &mut Chance<'_>) -> Option<(String, Vec<(String, String)>)> {
    let html = Html::parse_document(&page.body);
    let forms = select(html.root_element(), "main form[method=post]");
    Some(fill(*chance.pick(&forms)?, path, chance))
}

/// A link of this page to another of the plan's: one of its navigation as often as one of its contents.
fn link(page: &Answer, chance: &mut Chance<'_>) -> String {
    let within = if chance.one_in(2) { "nav" } else { "main" };
    let links: Vec<String> = page
        .attributes(&format!("{within} a[href]"), "href")
        .into_iter()
        .filter(|href| href.starts_with(PLAN))
        .map(|href| href.split('#').next().unwrap_or_default().to_owned())
        .collect();
    chance.pick(&links).map_or_else(|| PLAN.into(), Clone::clone)
}

/// How many entries the journal has of each kind of thing.
async fn told(app: &TestApp) -> BTreeMap<String, i64> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT kind, count(*) FROM journal_entry WHERE source = 'page' AND plan_id IS NOT NULL GROUP BY kind",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    rows.into_iter().collect()
}

#[sqlx::test(migrations = false)]
async fn whatever_people_do_the_journal_alone_gives_the_export(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let mut people: Vec<(Visitor, String)> = Vec::new();
    for role in PEOPLE {
        people.push((app.visitor(*role).await, PLAN.to_owned()));
    }
    // The same histories each time: a failure is found again.
    let mut runner = TestRunner::deterministic();
    let steps = prop::collection::vec((0..PEOPLE.len(), prop::collection::vec(any::<u16>(), 97)), STEPS);
    for (who, chances) in steps.new_tree(&mut runner).unwrap().current() {
        let mut chance = Chance(chances.iter().cycle());
        let (visitor, place) = &mut people[who];
        let page = visitor.get(place).await;
        assert!(!page.status.is_server_error(), "GET {place}: {}", page.body);
        let form = form(&page, place, &mut chance);
        let said = form.is_some();
        if let Some((action, fields)) = form {
            let sent: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = visitor.post(&action, &sent).await;
            assert!(!answer.status.is_server_error(), "POST {action} {fields:?}: {}", answer.body);
        }
        // Where there is something to say, one stays a while.
        if !said || chance.one_in(3) {
            *place = link(&page, &mut chance);
        }
    }
    let told = told(&app).await;
    assert!(told.len() >= KINDS_MIN && told.values().sum::<i64>() >= KEPT_MIN, "the walk has lost its way: {told:?}");
    let mut conn = app.app.conn().await.unwrap();
    let (plan_id, document) = store::load(&mut conn, CODE).await.unwrap().unwrap();
    let replayed = store::as_of(&mut conn, plan_id, app.app.clock.now()).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(replayed.to_bytes()), String::from_utf8(document.to_bytes()));
}
