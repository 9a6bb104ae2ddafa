//! Addresses that are not theirs. Every line of the role table whose pattern has parameters is tried again with a code
//! that does not exist, with another structure's plan, with what belongs to another plan, and with hostile ones: what
//! is there and not theirs answers like what is not there.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::Method;
use cpom::accounts::commands;
use cpom::accounts::model::Role::{self, Admin, Contributor, Director, Pilotage, Reader};
use cpom::document;
use cpom::journal::model::Act;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::roles::{ALL, DRAFT, Line, furnished, table};
use crate::sealed::unsealed;
use crate::support::{Answer, TestApp, Visitor};

/// Their plan and ours: the same contract, signed by another structure, so that every address of ours has its twin.
const TWINS: &[(&str, &str)] = &[("uca-iut-2021-2026", "uca-autre-2021-2026"), ("brouillon", "autre-brouillon")];
/// The person who directs the other structure.
const NEIGHBOUR: &str = "voisinage@univ.example";

/// Fields of a form that are tried: those of a grid are all alike.
const FIELDS_TRIED: usize = 8;

/// The lines whose pattern has parameters.
fn parametrised() -> Vec<Line> {
    table().into_iter().filter(|line| line.path.contains('{')).collect()
}

/// The parameters of a line: name and value, by place in the address.
fn parameters(line: &Line) -> Vec<(usize, &'static str, &'static str)> {
    let segments = line.path.split('/').zip(line.at.split('/')).enumerate();
    segments
        .filter_map(|(place, (pattern, value))| Some((place, pattern.strip_prefix('{')?.strip_suffix('}')?, value)))
        .collect()
}

/// The address of a line with another parameter.
fn with(line: &Line, place: usize, value: &str) -> String {
    let mut segments: Vec<&str> = line.at.split('/').collect();
    segments[place] = value;
    segments.join("/")
}

/// The same address in the other structure.
fn twin(address: &str) -> Option<String> {
    let of = |(ours, theirs): &(&str, &str)| {
        let segments: Vec<&str> = address.split('/').map(|it| if it == *ours { theirs } else { it }).collect();
        let other = segments.join("/");
        (other != address).then_some(other)
    };
    TWINS.iter().find_map(of)
}

async fn send(visitor: &Visitor, line: &Line, address: &str) -> Answer {
    visitor.send(Method::from_bytes(line.method.as_bytes()).unwrap(), address, Body::empty()).await
}

/// What is not there is not found. Before it is looked for, nobody is sent to sign in; whoever may not do the act at
/// all is told why, whatever they do it to; and an empty form that has not its shape is malformed.
fn is_absent(line: &Line, who: &str, status: u16) -> bool {
    match Role::from_word(who) {
        None => [line.anonymous, 404].contains(&status),
        Some(role) => status == 404 || [400, 403].contains(&status) && line.expected(role) == status,
    }
}

/// A page without its request number.
fn said(answer: &Answer) -> String {
    answer.body.replace(answer.header("x-request-id"), "")
}

/// A browser a role, and one nobody signed in with.
async fn people(app: &TestApp) -> BTreeMap<&'static str, Visitor> {
    let mut people = BTreeMap::from([("nobody", app.anonymous())]);
    for role in ALL {
        people.insert(role.word(), app.visitor(*role).await);
    }
    people
}

/// The furnished demo, and beside it another structure with the same contract, its dialogue and a draft, and its
/// director.
async fn neighbours(options: PgConnectOptions) -> TestApp {
    let app = furnished(options).await;
    let mut contract: Value = serde_json::from_slice(cpom::demo::INVENTED).unwrap();
    contract["plan"]["code"] = "uca-autre-2021-2026".into();
    for (key, value) in [("code", "autre"), ("label", "Autre institut"), ("acronym", "AUTRE")] {
        contract["structure"][key] = value.into();
    }
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", app.app.clock.now());
    document::import(&mut conn, &act, contract.to_string().as_bytes(), false).await.unwrap();
    commands::add(&mut conn, &app.app.clock, NEIGHBOUR, "Direction voisine").await.unwrap();
    commands::grant(&mut conn, &app.app.clock, NEIGHBOUR, "director", Some("autre")).await.unwrap();
    let pilotage = app.visitor(Pilotage).await;
    let opening = "/admin/campaigns/2025/plans/uca-autre-2021-2026/opening";
    assert_eq!(pilotage.post(opening, &[]).await.status, 303);
    for (path, fields) in DRAFT {
        let theirs: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| match *value {
                "iut" => (*name, "autre"),
                "brouillon" => (*name, "autre-brouillon"),
                _ => (*name, *value),
            })
            .collect();
        let path = twin(path).unwrap_or_else(|| (*path).to_owned());
        assert_eq!(pilotage.post(&path, &theirs).await.status, 303, "{path}");
    }
    app
}

/// What does not exist: 404 for everyone who sees the page, and for everyone else.
#[sqlx::test(migrations = false)]
async fn what_does_not_exist_is_not_found(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let people = people(&app).await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for line in parametrised() {
        for (place, name, value) in parameters(&line) {
            // The same kind of thing, for one that no longer reads would be refused before it is looked for.
            let number = value.parse::<u32>().is_ok();
            let other = if number && name == "year" {
                "2031"
            } else if number {
                "987654"
            } else {
                "introuvable"
            };
            let address = with(&line, place, other);
            for (who, visitor) in &people {
                let answer = send(visitor, &line, &address).await;
                tried += 1;
                if !is_absent(&line, who, answer.status.as_u16()) {
                    wrong.push(format!("{} {address} {who}: {}", line.method, answer.status));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    println!("what does not exist: {tried} tries");
}

/// Another structure's plan: for whoever has no right there, exactly what a missing one answers.
#[sqlx::test(migrations = false)]
async fn a_plan_of_another_structure_is_not_there(_: PgPoolOptions, options: PgConnectOptions) {
    let app = neighbours(options).await;
    let people = people(&app).await;
    let neighbour = app.signed_in(NEIGHBOUR).await;
    let mut wrong = Vec::new();
    let (mut tried, mut real) = (0, 0);
    for line in parametrised() {
        let Some(theirs) = twin(line.at) else { continue };
        let missing =
            theirs.replace("uca-autre-2021-2026", "uca-absent-2021-2026").replace("autre-brouillon", "absent");
        for role in [Director, Contributor, Reader, Admin] {
            let visitor = &people[role.word()];
            let (there, nowhere) = (send(visitor, &line, &theirs).await, send(visitor, &line, &missing).await);
            tried += 1;
            if there.status != 404 || nowhere.status != 404 || said(&there) != said(&nowhere) {
                let statuses = format!("{}, and {} when missing", there.status, nowhere.status);
                wrong.push(format!("{} {theirs} {}: {statuses}", line.method, role.word()));
            }
        }
        // Read by its own director, it is a real page; and nothing of ours is there for them.
        if line.method == "GET" && line.roles.contains(&Director) {
            real += usize::from(send(&neighbour, &line, &theirs).await.status == line.status);
            let ours = send(&neighbour, &line, line.at).await;
            if ours.status != 404 {
                wrong.push(format!("{} {} the neighbour: {}", line.method, line.at, ours.status));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(tried > 200 && real > 15, "{tried} tries, {real} real pages");
    println!("another structure's plan: {tried} tries, {real} of them real pages of its director's");
}

/// What belongs to another plan, asked under one's own plan's address.
#[sqlx::test(migrations = false)]
async fn what_belongs_to_another_plan_is_not_under_ones_own(_: PgPoolOptions, options: PgConnectOptions) {
    let app = neighbours(options).await;
    // Every code of the other plan gets an end of its own.
    let mut conn = app.app.conn().await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT code.table_name::text FROM information_schema.columns code
              JOIN information_schema.columns plan USING (table_schema, table_name)
              JOIN information_schema.tables USING (table_schema, table_name)
         WHERE code.column_name = 'code' AND plan.column_name = 'plan_id' AND table_type = 'BASE TABLE'
               AND table_name NOT IN ('journal_entry', 'arbitrage', 'amendment', 'opinion')",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    assert!(tables.len() > 12, "{tables:?}");
    for table in &tables {
        let renamed = format!(
            "UPDATE {table} SET code = code || '-z' WHERE plan_id IN (SELECT id FROM plan WHERE code LIKE '%autre%')"
        );
        sqlx::query(sqlx::AssertSqlSafe(renamed)).execute(&mut *conn).await.unwrap();
    }
    drop(conn);
    let people = people(&app).await;
    let neighbour = app.signed_in(NEIGHBOUR).await;
    let mut wrong = Vec::new();
    let (mut tried, mut real) = (0, 0);
    for line in parametrised().iter().filter(|line| line.path.starts_with("/plans/{code}/")) {
        for (place, name, value) in parameters(line) {
            if ["code", "year", "period", "list"].contains(&name) {
                continue;
            }
            let address = with(line, place, &format!("{value}-z"));
            for (who, visitor) in people.iter().filter(|(who, _)| **who != "nobody") {
                let answer = send(visitor, line, &address).await;
                tried += 1;
                if !is_absent(line, who, answer.status.as_u16()) {
                    wrong.push(format!("{} {address} {who}: {}", line.method, answer.status));
                }
            }
            let theirs = twin(&address).unwrap();
            if line.method == "GET" && line.roles.contains(&Director) && !line.path.contains("{period}") {
                real += usize::from(send(&neighbour, line, &theirs).await.status == line.status);
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(tried > 200 && real > 4, "{tried} tries, {real} real pages");
    println!("what another plan holds: {tried} tries");
}

/// Parameters nobody types by mistake: not found, or malformed, as a page; never a fault of ours.
#[sqlx::test(migrations = false)]
async fn hostile_parameters_break_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let people = people(&app).await;
    let long = "a".repeat(10_000);
    let digits = "9".repeat(400);
    let hostile = [
        "0",
        "-1",
        "2147483648",
        "9223372036854775808",
        "99999999999999999999999999",
        digits.as_str(),
        "%00",
        "J3%00",
        "..",
        "..%2F..%2F..%2Fetc%2Fpasswd",
        "%2e%2e%2f",
        long.as_str(),
        "%FF%FE",
        "%C3%28",
        "%ED%A0%80",
        "%F0%9F%98%80%E2%80%AE",
        "1'%20OR%20'1'='1",
        "%27;DROP%20TABLE%20plan;--",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%0d%0aSet-Cookie:%20a=b",
        "%",
        "%25",
        "{code}",
    ];
    let mut wrong = Vec::new();
    let mut tried = 0;
    for line in parametrised() {
        let sees = line.roles.first().copied().unwrap_or(Role::Admin).word();
        for (place, _, _) in parameters(&line) {
            for value in hostile {
                let address = with(&line, place, value);
                for who in ["nobody", sees] {
                    let answer = send(&people[who], &line, &address).await;
                    tried += 1;
                    let shown: String = format!("{} {address}", line.method).chars().take(120).collect();
                    let allowed: &[u16] = if who == "nobody" { &[303, 400, 404] } else { &[400, 404] };
                    if !allowed.contains(&answer.status.as_u16()) && answer.status != line.anonymous {
                        wrong.push(format!("{shown} {who}: {}", answer.status));
                    }
                    wrong.extend(unsealed(&answer).map(|what| format!("{shown} {who}: {what}")));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    println!("hostile parameters: {tried} tries");
}

/// Queries nobody types by mistake, on every page, by whoever sees it: shown all the same, or malformed as a page.
#[sqlx::test(migrations = false)]
async fn hostile_queries_break_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let people = people(&app).await;
    let long = "a".repeat(7_000);
    let values = ["%00'%22%3E%3Cscript%3E", "%FF%FE%", "99999999999999999999", long.as_str()];
    // Every name that a page links to or that its forms send.
    let mut wrong = Vec::new();
    let mut tried = 0;
    for line in table().iter().filter(|line| line.method == "GET") {
        let role = line.roles.first().copied().unwrap_or(Role::Admin);
        let visitor = &people[role.word()];
        let page = visitor.get(line.at).await;
        let here = line.at.split('?').next().unwrap();
        let mut names: Vec<String> = page.attributes("form[method=get] [name], form:not([method]) [name]", "name");
        for link in page.attributes("a", "href") {
            let Some((path, query)) = link.split_once('?') else { continue };
            if path.is_empty() || path == here {
                let query = query.split('#').next().unwrap_or_default();
                names.extend(query.split('&').filter_map(|pair| Some(pair.split('=').next()?.to_owned())));
            }
        }
        names.sort();
        names.dedup();
        let mut queries: Vec<String> = Vec::new();
        for name in &names {
            queries.extend(values.iter().map(|value| format!("{name}={value}")));
            queries.push(format!("{name}=1&{name}=2"));
        }
        // Names that this page may read without linking to them.
        let others = ["from", "to", "page", "kind", "code", "suite", "under", "year"];
        queries.extend(values.map(|value| others.map(|name| format!("{name}={value}")).join("&")));
        for query in queries {
            let answer = visitor.get(&format!("{here}?{query}")).await;
            tried += 1;
            let shown: String = format!("{here}?{query} {}", role.word()).chars().take(120).collect();
            if answer.status.is_server_error() || answer.body.contains("><script>") {
                wrong.push(format!("{shown}: {}", answer.status));
            }
            wrong.extend(unsealed(&answer).map(|what| format!("{shown}: {what}")));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(tried > 300, "{tried}");
    println!("hostile queries: {tried} tries");
}

/// Every form of every page, each field in turn filled with what nobody types by mistake.
#[sqlx::test(migrations = false)]
async fn hostile_fields_break_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let long = "9".repeat(30_000);
    let values = ["a%00b", "%FF%FE", long.as_str(), "99999999999999999999", "2025-02-31"];
    let people = people(&app).await;
    let mut wrong = Vec::new();
    let (mut tried, mut seen) = (0, BTreeSet::new());
    for line in table().iter().filter(|line| line.method == "GET") {
        for role in ALL.iter().copied().filter(|role| line.expected(*role) == 200) {
            let page = people[role.word()].get(line.at).await;
            for (action, fields) in forms(&page, line.at) {
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                // Neither signing out nor changing a password is what is tried here; and a form needs trying once.
                let leaves = action.contains("/session") || action.contains("/password");
                if leaves || !seen.insert(format!("{action} {}", names.join(" "))) {
                    continue;
                }
                for ((name, _), value) in
                    fields.iter().take(FIELDS_TRIED).flat_map(|it| values.map(|value| (it, value)))
                {
                    let typed = |(other, kept): &(String, String)| {
                        format!("{other}={}", if other == name { value } else { kept })
                    };
                    let body = fields.iter().map(typed).collect::<Vec<_>>().join("&");
                    let answer = people[role.word()].send(Method::POST, &action, Body::from(body)).await;
                    assert!(!answer.location().starts_with("/session"), "{action} signed {role:?} out");
                    tried += 1;
                    let shown: String = format!("{action} {name}={value} {}", role.word()).chars().take(140).collect();
                    if answer.status.is_server_error() {
                        wrong.push(format!("{shown}: {}", answer.status));
                    }
                    wrong.extend(unsealed(&answer).map(|what| format!("{shown}: {what}")));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(tried > 500, "{tried} tries of {} forms", seen.len());
    println!("hostile fields: {tried} tries of {} forms", seen.len());
}

/// The forms that a page posts: where, and what they would send as they are shown.
fn forms(page: &Answer, here: &str) -> Vec<(String, Vec<(String, String)>)> {
    use scraper::{Html, Selector};
    let html = Html::parse_document(&page.body);
    let select = |text: &str| Selector::parse(text).unwrap();
    let encode = cpom::web::error::url_encode;
    let inputs = select("input[name], select[name], textarea[name]");
    html.select(&select("form[method=post]"))
        .map(|form| {
            let action = form.attr("action").unwrap_or(here).split('#').next().unwrap().to_owned();
            let fields = form.select(&inputs).map(|field| {
                let value = match field.value().name() {
                    "textarea" => field.text().collect(),
                    "select" => {
                        let chosen = field.select(&select("option[selected]")).next();
                        let chosen = chosen.or_else(|| field.select(&select("option")).last());
                        chosen.and_then(|it| it.attr("value")).unwrap_or_default().to_owned()
                    }
                    _ => field.attr("value").unwrap_or_default().to_owned(),
                };
                (encode(field.attr("name").unwrap_or_default()), encode(&value))
            });
            (action, fields.collect())
        })
        .collect()
}
