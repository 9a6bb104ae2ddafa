//! Random histories: people who follow links and fill in whatever form they find, with whatever they think of, over some
//! days.
//!
//! No door is named here: a page added tomorrow is walked through tomorrow. Whatever they did, no page failed, what a
//! server remembers of contracts is what another one reads anew, and the journal alone gives the very bytes of the export
//! of every contract, on the last day and on each day before it (docs/regles.md §10).

use std::collections::BTreeMap;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use cpom::accounts::model::Role;
use cpom::document::store;
use cpom::kernel::clock;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scraper::{ElementRef, Html, Selector};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, TestApp, Visitor};

const PLAN: &str = "/plans/uca-iut-2021-2026";
/// The days on which they walk, after the demo's.
const DAYS_WALKED: &[i64] = &[0, 1, 6, 20];
/// Steps of a day, each a page read and perhaps a form sent.
const STEPS: usize = 100;
/// After so many steps the pages that remember are looked at.
const LOOK: usize = 20;
/// The pages that are made of what a server remembers, and who reads them.
const REMEMBERED: &[(Role, &str)] = &[
    (Role::Directoire, "/"),
    (Role::Directoire, "/directoire"),
    (Role::Directoire, "/decisions"),
    (Role::Finance, "/"),
    (Role::Finance, "/finance"),
    (Role::Pilotage, "/"),
    (Role::Director, "/"),
    (Role::Director, "/decisions"),
];
/// What they must at least have left in the journal for a history to prove anything: entries, and kinds of things.
const KEPT_MIN: i64 = 15;
const KINDS_MIN: usize = 3;
/// Histories of the long test, one a seed.
const MANY: u8 = 60;
/// Where nobody walks: their own account, other people's, and what is only read.
const ELSEWHERE: &[&str] = &["/account", "/session", "/delegations", "/admin/accounts", "/admin/reminders", "/help"];

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

/// A link of this page: one of its navigation as often as one of its contents, and mostly to a page of the contract.
fn link(page: &Answer, chance: &mut Chance<'_>) -> String {
    let within = if chance.one_in(2) { "nav" } else { "main" };
    let anywhere = chance.one_in(6);
    let links: Vec<String> = page
        .attributes(&format!("{within} a[href]"), "href")
        .into_iter()
        .filter(|href| href.starts_with(PLAN) || anywhere && href.starts_with('/'))
        .filter(|href| !ELSEWHERE.iter().any(|place| href.starts_with(place)))
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

/// The export of every contract, draft or signed, by its id.
async fn exports(app: &TestApp) -> BTreeMap<i64, String> {
    let codes: Vec<String> = sqlx::query_scalar("SELECT code FROM plan").fetch_all(app.pool()).await.unwrap();
    let mut conn = app.app.conn().await.unwrap();
    let mut found = BTreeMap::new();
    for code in codes {
        let (plan_id, document) = store::load(&mut conn, &code).await.unwrap().unwrap();
        found.insert(plan_id, String::from_utf8(document.to_bytes()).unwrap());
    }
    found
}

/// The journal alone gives these exports at this instant.
async fn assert_replayed(app: &TestApp, at: DateTime<Utc>, exports: &BTreeMap<i64, String>, told: &str) {
    let mut conn = app.app.conn().await.unwrap();
    for (plan_id, export) in exports {
        let replayed = store::as_of(&mut conn, *plan_id, at).await.unwrap().expect("the plan is in the journal");
        let replayed = String::from_utf8(replayed.to_bytes()).unwrap();
        let difference = replayed.lines().zip(export.lines()).find(|(one, other)| one != other);
        assert!(replayed == *export, "{told}, plan {plan_id}, {at}: {difference:?}");
    }
}

/// What this server remembers shows the same as what one that has just started reads.
async fn assert_remembered(app: &TestApp) {
    let anew = app.anew();
    for (role, path) in REMEMBERED {
        let reader = app.visitor(*role).await;
        let (remembered, read) = (reader.get(path).await, reader.at(&anew).get(path).await);
        assert_eq!((remembered.status, read.status), (StatusCode::OK, StatusCode::OK), "{role:?} {path}");
        let difference = remembered.body.lines().zip(read.body.lines()).find(|(one, other)| one != other);
        assert!(remembered.body == read.body, "{role:?} {path}: {difference:?}");
    }
}

/// A day of the walk: its people at their places.
async fn walk(app: &TestApp, places: &mut [String], steps: &[(usize, Vec<u16>)]) {
    let mut people: Vec<Visitor> = Vec::new();
    for role in PEOPLE {
        people.push(app.visitor(*role).await);
    }
    for (rank, (who, chances)) in steps.iter().enumerate() {
        if rank % LOOK == 0 {
            assert_remembered(app).await;
        }
        let mut chance = Chance(chances.iter().cycle());
        let (visitor, place) = (&people[*who], &mut places[*who]);
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
}

/// The history of a seed, always the same: a failure is found again.
async fn history(options: PgConnectOptions, seed: u8) {
    let app = TestApp::demo(options).await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let step = (0..PEOPLE.len(), prop::collection::vec(any::<u16>(), 97));
    let steps = prop::collection::vec(step, STEPS * DAYS_WALKED.len()).new_tree(&mut runner).unwrap().current();
    let mut places = vec![PLAN.to_owned(); PEOPLE.len()];
    let mut evenings = Vec::new();
    for (day, steps) in DAYS_WALKED.iter().zip(steps.chunks(STEPS)) {
        let today = app.later(TimeDelta::days(*day));
        walk(&today, &mut places, steps).await;
        evenings.push((clock::end_of(today.app.clock.today()), exports(&today).await));
    }
    let told = told(&app).await;
    assert!(
        told.len() >= KINDS_MIN && told.values().sum::<i64>() >= KEPT_MIN,
        "seed {seed}: the walk has lost its way: {told:?}"
    );
    for (at, exports) in evenings {
        assert_replayed(&app, at, &exports, &format!("seed {seed}")).await;
    }
    app.app.pool.close().await;
}

/// One test a seed, so that they run side by side.
macro_rules! histories {
    ($($name:ident($seed:literal);)*) => {
        $(
            #[sqlx::test(migrations = false)]
            async fn $name(_: PgPoolOptions, options: PgConnectOptions) {
                history(options, $seed).await;
            }
        )*
    };
}

histories! {
    whatever_people_do_the_journal_alone_gives_the_exports(200);
    and_again_with_other_chances(201);
    and_a_third_time(202);
}

/// `cargo test --test it many_histories -- --ignored`: minutes.
#[sqlx::test(migrations = false)]
#[ignore = "minutes: the same as the tests above, with many seeds"]
async fn many_histories(_: PgPoolOptions, options: PgConnectOptions) {
    let mut conn = options.connect().await.unwrap();
    let base = options.get_database().unwrap().to_owned();
    for seed in 0..MANY {
        let name = format!("{base}_{seed}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\""))).execute(&mut conn).await.unwrap();
        history(options.clone().database(&name), seed).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE \"{name}\""))).execute(&mut conn).await.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn the_journal_of_the_demo_alone_gives_its_exports(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::university(options).await;
    let exports = exports(&app).await;
    assert_eq!(exports.len(), 6);
    assert_replayed(&app, app.app.clock.now(), &exports, "the demo").await;
}
