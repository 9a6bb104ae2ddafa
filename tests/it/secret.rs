//! The confidential fields of a post, planted, then looked for: in every page, file and answer that whoever must not see
//! them can reach, in every file for those who may, and in every table of the database (docs/regles.md §8).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::TimeDelta;
use cpom::accounts::commands;
use cpom::accounts::model::Role;
use cpom::accounts::store::account;
use cpom::dialogue::model::Campaign;
use cpom::dialogue::store::open_campaign;
use cpom::journal::model::Act;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use crate::roles::{furnished, table};
use crate::support::{Answer, TestApp, Visitor};

const LINE: &str = "/plans/uca-iut-2021-2026/posts/P02";
const NUMBER: &str = "SUP-QX-8813";
const REASON: &str = "Motif-ZW-2290";
/// The day, as it is stored and as it is shown.
const DAY: &str = "2031-03-14";
const DAY_SHOWN: &str = "14 mars 2031";
/// Pages looked at for each person.
const PAGES_MAX: usize = 400;

/// The demo with the secret on one line, corrected once, and a campaign opened after it: its snapshot is taken.
async fn planted(options: PgConnectOptions) -> TestApp {
    let app = furnished(options).await;
    let rh = app.visitor(Role::Rh).await;
    for (version, number) in [("0", "SUP-FIRST-5507"), ("1", NUMBER)] {
        let fields =
            [("support_number", number), ("departure_reason", REASON), ("departure_on", DAY), ("version", version)];
        let answer = rh.post(&format!("{LINE}/confidential"), &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    let page = rh.get(LINE).await;
    let version = page.attributes("[name=version]", "value").remove(0);
    let realised = [("realisation", "abandonne"), ("realisation-reason", "Support rendu"), ("version", &*version)];
    assert_eq!(rh.post(&format!("{LINE}/realisation"), &realised).await.status, 303);
    let mut conn = app.app.conn().await.unwrap();
    let (now, today) = (app.app.clock.now(), app.app.clock.today());
    let campaign =
        Campaign { year: 2026, opens_on: today, closes_on: today + chrono::Days::new(30), deviation_threshold: None };
    open_campaign(&mut conn, &Act::command("test", now), &campaign, &[], &[]).await.unwrap();
    // A director of elsewhere.
    sqlx::query(
        "INSERT INTO structure (position, code, kind, label, acronym) VALUES (9, 'autre', 'institut', 'A', 'A')",
    )
    .execute(&mut *conn)
    .await
    .unwrap();
    commands::add(&mut conn, &app.app.clock, "elsewhere@univ.example", "Direction d’ailleurs").await.unwrap();
    commands::grant(&mut conn, &app.app.clock, "elsewhere@univ.example", "director", Some("autre")).await.unwrap();
    app
}

/// The secret is in an answer, in any of its shapes.
fn tells(answer: &Answer) -> Option<&'static str> {
    let headers = format!("{:?}", answer.headers);
    let found = |it: &&str| answer.body.contains(*it) || headers.contains(*it);
    [NUMBER, REASON, DAY, DAY_SHOWN, "SUP-FIRST-5507"].into_iter().find(|it| found(it))
}

/// Every page a person reaches from the role table's addresses by following links.
async fn reached(visitor: &Visitor) -> Vec<(String, Answer)> {
    let mut waiting: VecDeque<String> =
        table().iter().filter(|line| line.method == "GET").map(|line| line.at.to_owned()).collect();
    // Where the secret would be first.
    waiting.push_front(LINE.into());
    waiting.push_front("/plans/uca-iut-2021-2026/journal?kind=poste&code=P02".into());
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut pages = Vec::new();
    while let Some(address) = waiting.pop_front().filter(|_| pages.len() < PAGES_MAX) {
        let answer = visitor.get(&address).await;
        if answer.header("content-type").starts_with("text/html") && answer.status == 200 {
            for link in answer.attributes("a[href], link[href]", "href") {
                let link = link.split('#').next().unwrap_or_default();
                let link = if link.starts_with('?') {
                    format!("{}{link}", address.split('?').next().unwrap_or_default())
                } else {
                    link.to_owned()
                };
                // What is most likely to hold a post comes first.
                if link.starts_with('/') && !link.starts_with("/static") && seen.insert(link.clone()) {
                    let likely = ["post", "journal", "compare", "json", "csv", "decisions", "snapshot"];
                    if likely.iter().any(|word| link.contains(word)) {
                        waiting.push_front(link);
                    } else {
                        waiting.push_back(link);
                    }
                }
            }
        }
        pages.push((address, answer));
    }
    pages
}

#[sqlx::test(migrations = false)]
async fn nobody_else_reaches_the_confidential_fields(_: PgPoolOptions, options: PgConnectOptions) {
    let app = planted(options).await;
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for email in ["contributor", "finance", "pilotage", "reader", "admin"]
        .map(|role| format!("{role}@demo.invalid"))
        .into_iter()
        .chain(["elsewhere@univ.example".to_owned()])
    {
        let visitor = app.signed_in(&email).await;
        for (address, answer) in reached(&visitor).await {
            looked_at += usize::from(answer.status == 200);
            wrong.extend(tells(&answer).map(|what| format!("{email} reads {what} at {address}")));
        }
        // Nor by trying to write over it, nor by guessing it.
        for version in ["0", "1", "2"] {
            let fields = [("support_number", "X"), ("version", version)];
            let answer = visitor.post(&format!("{LINE}/confidential"), &fields).await;
            assert!([403, 404].contains(&answer.status.as_u16()), "{email}: {}", answer.status);
            wrong.extend(tells(&answer).map(|what| format!("{email} is told {what} when refused")));
        }
        for query in [format!("?q={NUMBER}"), format!("?code={NUMBER}"), format!("?support_number={NUMBER}")] {
            for path in ["/plans/uca-iut-2021-2026/posts", "/plans/uca-iut-2021-2026/journal", "/decisions"] {
                let (with, without) =
                    (visitor.get(&format!("{path}{query}")).await, visitor.get(&format!("{path}?q=SUP-QX-0000")).await);
                assert_eq!(with.status, without.status, "{email} {path}{query}");
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(looked_at > 300, "{looked_at} pages");
    println!("the secret: {looked_at} pages of those who must not see it");
}

#[sqlx::test(migrations = false)]
async fn those_who_may_see_them_see_them_on_their_line_and_in_no_file(_: PgPoolOptions, options: PgConnectOptions) {
    let app = planted(options).await;
    for role in [Role::Rh, Role::Directoire, Role::Director] {
        let visitor = app.visitor(role).await;
        let mut on = BTreeSet::new();
        for (address, answer) in reached(&visitor).await {
            if tells(&answer).is_some() {
                assert!(answer.header("content-type").starts_with("text/html"), "{address} is a file");
                assert_eq!(answer.header("cache-control"), "no-store", "{address}");
                on.insert(address.split('?').next().unwrap().to_owned());
            }
        }
        assert_eq!(on.into_iter().collect::<Vec<_>>(), [LINE], "{role:?}");
    }
}

/// Every letter of the forty days that follow, to everyone who may receive one.
async fn letters(app: &TestApp) -> String {
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", app.app.clock.now());
    for (email, role, scope) in [
        ("direction@univ.example", "director", Some("iut")),
        ("saisie@univ.example", "contributor", Some("uca-iut-2021-2026:13,4")),
        ("directoire@univ.example", "directoire", None),
        ("finances@univ.example", "finance", None),
        ("rh@univ.example", "rh", None),
        ("pilotage@univ.example", "pilotage", None),
    ] {
        commands::add(&mut conn, &app.app.clock, email, role).await.unwrap();
        let made = account::by_email(&mut conn, email).await.unwrap().unwrap();
        account::set_password(&mut conn, &act, &made, "$argon2id$").await.unwrap();
        commands::grant(&mut conn, &app.app.clock, email, role, scope).await.unwrap();
    }
    drop(conn);
    let mut letters = Vec::new();
    for days in 0..40 {
        let found = cpom::reminders::round::preview(&app.later(TimeDelta::days(days)).app).await.unwrap();
        letters.extend(found.into_iter().map(|(_, letter)| letter));
    }
    format!("{letters:?}")
}

/// Snapshots, journal, letters, accounts: no table but the two that guard them holds them, under any spelling.
#[sqlx::test(migrations = false)]
async fn no_other_table_holds_them(_: PgPoolOptions, options: PgConnectOptions) {
    let app = planted(options).await;
    let letters = letters(&app).await;
    assert!(letters.contains("direction@univ.example") && letters.contains("uca-iut-2021-2026"), "{letters}");
    for secret in [NUMBER, REASON, DAY, DAY_SHOWN] {
        assert!(!letters.contains(secret), "a letter says {secret}");
    }
    // The owner, whom no row is hidden from.
    let mut owner = PgConnection::connect_with(&app.pool().connect_options()).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let mut holding = Vec::new();
    for table in &tables {
        // A snapshot is kept as bytes, which a text shows in hexadecimal.
        let statement = format!(
            "SELECT count(*) FROM (SELECT it::text AS told FROM {table} it) AS every
             WHERE told LIKE '%' || $1 || '%' OR told LIKE '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'
                   OR told LIKE '%' || $2 || '%' OR told LIKE '%' || encode(convert_to($2, 'UTF8'), 'hex') || '%'"
        );
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement))
            .bind(NUMBER)
            .bind(REASON)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        if count > 0 {
            holding.push(table.as_str());
        }
    }
    holding.sort_unstable();
    assert_eq!(holding, ["post_confidential", "post_confidential_history"]);
    let snapshots: i64 = sqlx::query_scalar("SELECT count(*) FROM snapshot").fetch_one(&mut owner).await.unwrap();
    assert!(snapshots >= 2 && tables.len() > 30, "{snapshots} snapshots, {} tables", tables.len());
}

/// What the database shows of the secret on a connection as it stands.
async fn shown(conn: &mut PgConnection) -> Result<i64, String> {
    sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM post_confidential) + (SELECT count(*) FROM post_confidential_history)",
    )
    .fetch_one(conn)
    .await
    .map_err(|error| error.to_string())
}

/// A setting that names nobody, or not in the way pages do, shows nothing; and what a page said of who reads does not
/// stay on its connection.
#[sqlx::test(migrations = false)]
async fn nobody_is_nobody_on_every_connection(_: PgPoolOptions, options: PgConnectOptions) {
    let app = planted(options).await;
    for role in [Role::Rh, Role::Directoire, Role::Director] {
        let visitor = Arc::new(app.visitor(role).await);
        // As many at once as there are connections.
        let mut pages = JoinSet::new();
        for _ in 0..5 {
            let visitor = visitor.clone();
            pages.spawn(async move { visitor.get(LINE).await });
        }
        assert!(pages.join_all().await.iter().all(|page| page.body.contains(NUMBER)));
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(app.app.conn().await.unwrap());
        }
        for conn in &mut held {
            assert_eq!(shown(conn).await, Ok(0), "a connection remembers {role:?}");
        }
    }
    let mut conn = app.app.conn().await.unwrap();
    for nobody in ["", "0", "-1", "9223372036854775807", " ", "abc", "1 OR 1=1", "NULL", "1e0", "1,2"] {
        let mut tx = conn.begin().await.unwrap();
        sqlx::query("SELECT set_config('cpom.user', $1, true)").bind(nobody).execute(&mut *tx).await.unwrap();
        let seen = shown(&mut tx).await;
        assert!(seen == Ok(0) || seen.is_err(), "{nobody:?} sees {seen:?}");
        tx.rollback().await.unwrap();
    }
    // Joined, aggregated, aimed at a leak through an error: the rows are not there.
    for query in [
        "SELECT count(*) FROM post_line LEFT JOIN post_confidential ON post_line_id = post_line.id WHERE support_number IS NOT NULL",
        "SELECT count(*) FROM post_confidential WHERE support_number::int > 0",
        "SELECT count(*) FROM post_confidential_history WHERE 1 / (length(actor) - length(actor)) > 0",
        "SELECT count(*) FROM (SELECT string_agg(support_number, ',') AS all_of FROM post_confidential) it WHERE all_of IS NOT NULL",
    ] {
        let seen: i64 = sqlx::query_scalar(query).fetch_one(&mut *conn).await.unwrap();
        assert_eq!(seen, 0, "{query}");
    }
}
