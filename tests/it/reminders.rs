//! Reminders over a real mail server and a real database: what arrives, once, and what is said of what does not.

use std::process::{Command, Stdio};

use chrono::TimeDelta;
use cpom::accounts::commands;
use cpom::accounts::model::Role;
use cpom::accounts::store::account;
use cpom::dialogue::model::Transition;
use cpom::document::store as documents;
use cpom::journal::model::Act;
use cpom::mail::Relay;
use cpom::reminders::model::Round;
use cpom::reminders::round;
use cpom::web::{App, Settings};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::watch;

use crate::contract::counted;
use crate::dialogue::{complete, moved};
use crate::smtp::{CERTIFICATE, FROM, MailServer, Received, relay};
use crate::support::TestApp;

const PLAN: &str = "uca-iut-2021-2026";
const URL: &str = "https://cpom.univ.example";
/// From the tests' instant, a Friday: the Tuesday fourteen days before the campaign's closing.
const FAR_BEFORE: TimeDelta = TimeDelta::days(4);

/// The small house, with what its dialogue keeps of its opening.
async fn house(options: PgConnectOptions) -> TestApp {
    let app = TestApp::new(options).await;
    let (_, document) = documents::load(&mut app.app.conn().await.unwrap(), PLAN).await.unwrap().unwrap();
    sqlx::query(
        "INSERT INTO snapshot (plan_id, dialogue_id, occasion, document, sha256, taken_at)
         SELECT plan_id, id, 'ouverture', $1, sha256($1), state_since FROM dialogue",
    )
    .bind(document.to_bytes())
    .execute(app.pool())
    .await
    .unwrap();
    app
}

/// The house with a mail server, at an instant.
fn mailing(app: &TestApp, relay: Relay, delay: TimeDelta) -> TestApp {
    app.with(Settings { public_url: URL.into(), mail: Some(relay), ..Settings::default() }).later(delay)
}

/// Someone who can sign in and receive mail, with a role.
async fn person(app: &TestApp, email: &str, role: &str, scope: Option<&str>) {
    let mut conn = app.app.conn().await.unwrap();
    let clock = &app.app.clock;
    commands::add(&mut conn, clock, email, "Direction de l’IUT").await.unwrap();
    let made = account::by_email(&mut conn, email).await.unwrap().unwrap();
    account::set_password(&mut conn, &Act::command("test", clock.now()), &made, "$argon2id$").await.unwrap();
    commands::grant(&mut conn, clock, email, role, scope).await.unwrap();
}

async fn director(app: &TestApp, email: &str) {
    person(app, email, "director", Some("iut")).await;
}

async fn go(app: &TestApp) -> Round {
    round::run(&app.app, &watch::channel(false).1).await.unwrap()
}

/// Messages accepted, messages not gone, and no problem.
fn went(sent: i32, failed: i32) -> Round {
    Round { sent, failed, problem: None }
}

async fn states(app: &TestApp) -> Vec<(String, i32)> {
    sqlx::query_as("SELECT state, tries FROM reminder_mail ORDER BY id").fetch_all(app.pool()).await.unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_digest_says_what_waits_and_leads_there(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    director(&app, "direction@univ.example").await;
    sqlx::query("UPDATE jalon SET due_on = '2025-09-19', label = 'Ouvrir la 3e année à l’été' WHERE code = 'J3'")
        .execute(app.pool())
        .await
        .unwrap();
    let server = MailServer::start(&[]);
    let app = mailing(&app, server.relay(), FAR_BEFORE);
    assert_eq!(go(&app).await, went(1, 0));
    let received = server.received(1);
    let message = received[0].parsed();
    assert_eq!(received[0].to, "direction@univ.example");
    let sender = message.from().unwrap().first().unwrap();
    assert_eq!((sender.name(), sender.address()), (Some("CPOM — rappels"), Some("cpom@univ.example")));
    assert_eq!(received[0].subject(), "CPOM : 2 choses vous attendent");
    assert_eq!(message.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(message.message_id().unwrap(), "rappel-2025-09-16-1@univ.example");
    assert_eq!(message.date().unwrap().to_rfc3339(), "2025-09-16T08:42:00Z");
    let entry = format!("{URL}/plans/{PLAN}/entry/2025?show=due");
    let jalon = format!("{URL}/plans/{PLAN}/jalons/J3");
    let text = received[0].text();
    for line in [
        "Université Clermont Auvergne — Direction de l’IUT",
        "À VENIR",
        "- 2 situations à saisir",
        "jusqu’au 30 septembre 2025, dans 14 jours.",
        &format!("  {entry}\n"),
        "- Jalon J3 : Ouvrir la 3e année à l’été",
        "il est attendu pour le 19 septembre 2025, dans 3 jours.",
        &format!("  {jalon}\n"),
        &format!("{URL}/account"),
    ] {
        assert!(text.replace("\r\n", "\n").contains(line), "{line}\n{text}");
    }
    let html = scraper::Html::parse_document(&received[0].html());
    let select = |css: &str| scraper::Selector::parse(css).unwrap();
    let links: Vec<&str> = html.select(&select("li a")).filter_map(|it| it.attr("href")).collect();
    assert_eq!(links, [jalon.as_str(), entry.as_str()], "the closest deadline comes first");
    assert_eq!(html.root_element().attr("lang"), Some("fr"));
    let title: String = html.select(&select("h1")).flat_map(|it| it.text()).collect();
    assert_eq!(title, "2 choses vous attendent");
    assert!(html.select(&select("img, style, script, [style]")).next().is_none());
}

#[sqlx::test(migrations = false)]
async fn a_followup_is_recalled_without_its_words(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    director(&app, "direction@univ.example").await;
    sqlx::query(
        "INSERT INTO followup (plan_id, position, code, year, body, owner, due_on, state)
         SELECT id, 0, 'S2025-1', 2025, 'Chiffrer 12 salles', 'SAPCG', '2025-09-19', 'a_faire' FROM plan WHERE code = $1",
    )
    .bind(PLAN)
    .execute(app.pool())
    .await
    .unwrap();
    let server = MailServer::start(&[]);
    let app = mailing(&app, server.relay(), FAR_BEFORE);
    assert_eq!(go(&app).await, went(1, 0));
    let text = server.received(1)[0].text().replace("\r\n", "\n");
    let link = format!("  {URL}/plans/{PLAN}/followups/S2025-1\n");
    for line in ["- Suite de dialogue S2025-1 à faire", "elle est attendue pour le 19 septembre 2025", link.as_str()] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("12 salles"), "a figure stays out of mail: {text}");
    assert_eq!(go(&app).await, went(0, 0));
}

#[sqlx::test(migrations = false)]
async fn a_deadline_is_recalled_before_it_on_it_and_after(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    director(&app, "direction@univ.example").await;
    let server = MailServer::start(&[]);
    // Every working day from the tests' instant to a month after the closing of 30 September, twice a day.
    let mut left = Vec::new();
    for day in 0..50 {
        let app = mailing(&app, server.relay(), TimeDelta::days(day));
        for _ in 0..2 {
            if go(&app).await.sent > 0 {
                left.push(app.app.clock.today().to_string());
            }
        }
    }
    assert_eq!(left, ["2025-09-16", "2025-09-27", "2025-09-30", "2025-10-07"]);
    let subjects: Vec<String> = server.received(4).iter().map(Received::subject).collect();
    let waits = "CPOM : 1 chose vous attend";
    assert_eq!(subjects, [waits, waits, waits, "CPOM : 1 chose vous attend, en retard"]);
    assert!(server.received(4)[3].text().contains("le dernier jour était le 30 septembre 2025, il y a 7 jours"));
}

#[sqlx::test(migrations = false)]
async fn what_is_done_is_not_recalled_and_the_counts_are_those_of_the_pages(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    director(&app, "direction@univ.example").await;
    person(&app, "contribution@univ.example", "contributor", Some(&format!("{PLAN}:13,4"))).await;
    let server = MailServer::start(&[]);
    // The demo's campaign closes thirty days after the tests' instant.
    let app = mailing(&app, server.relay(), TimeDelta::days(17));
    assert_eq!(go(&app).await, went(2, 0));
    let received = server.received(2);
    for (email, role) in [("direction@univ.example", Role::Director), ("contribution@univ.example", Role::Contributor)]
    {
        let told = received.iter().find(|it| it.to == email).unwrap().text();
        let home = app.visitor(role).await.get("/").await;
        let headings: Vec<String> = home.texts(".inbox h3");
        let entry = headings.iter().find(|it| it.ends_with("à saisir")).unwrap();
        let waits = !entry.starts_with("0 ");
        assert_eq!(told.contains(&format!("- {entry}")), waits, "{entry}\n{told}");
        assert_eq!(told.contains("à saisir"), waits, "{entry}\n{told}");
        assert!(waits || role == Role::Contributor, "the director has something to enter");
        let explain: Vec<&String> = headings.iter().filter(|it| it.ends_with("à expliquer")).collect();
        assert!(!explain.is_empty());
        for count in explain {
            let count = count.trim_end_matches(" à expliquer");
            assert_eq!(told.contains(count), !count.starts_with("0 "), "{count}\n{told}");
        }
    }
    // Nothing is asked any more: three days before, there is nothing left but to submit.
    sqlx::query("DELETE FROM expected_cell").execute(app.pool()).await.unwrap();
    sqlx::query("UPDATE jalon SET state = 'abandonne', reason = 'essai' WHERE state <> 'atteint'")
        .execute(app.pool())
        .await
        .unwrap();
    let ready = "Dialogue 2025 à soumettre : tout a sa réponse".to_owned();
    assert_eq!(told(&app, &server, 11).await, [("direction@univ.example".to_owned(), ready)]);
}

/// The real contract, all of it answered, with its director and a member of the directoire.
async fn answered(options: PgConnectOptions) -> TestApp {
    let app = TestApp::demo(options).await;
    complete(&app).await;
    director(&app, "direction@univ.example").await;
    person(&app, "directoire@univ.example", "directoire", None).await;
    app
}

/// What one round sends, days after the tests' instant: to whom, and the first thing of each message.
async fn told(app: &TestApp, server: &MailServer, days: i64) -> Vec<(String, String)> {
    let before = server.count();
    let round = go(&mailing(app, server.relay(), TimeDelta::days(days))).await;
    let received = server.received(before + usize::try_from(round.sent).unwrap()).split_off(before);
    let first = |text: String| text.lines().find_map(|line| line.strip_prefix("- ").map(str::to_owned)).unwrap();
    received.into_iter().map(|it| (it.to.clone(), first(it.text()))).collect()
}

#[sqlx::test(migrations = false)]
async fn a_dialogue_that_comes_back_is_told_to_whoever_has_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = answered(options).await;
    let server = MailServer::start(&[]);
    let directoire = |what: &str| vec![("directoire@univ.example".to_owned(), what.to_owned())];
    let direction = |what: &str| vec![("direction@univ.example".to_owned(), what.to_owned())];
    moved(&app, 2025, Transition::Submission).await;
    assert_eq!(told(&app, &server, 0).await, directoire("Dialogue 2025 à examiner"));
    let app = app.later(TimeDelta::days(3));
    moved(&app, 2025, Transition::Review).await;
    moved(&app, 2025, Transition::Return).await;
    assert_eq!(told(&app, &server, 0).await, direction("Dialogue 2025 retourné par le directoire"));
    assert!(!server.received(2)[1].text().contains("à préciser"), "why stays in the application");
    // The director edits: nothing new came. A week later, what came back is still there.
    sqlx::query("UPDATE dialogue SET state = 'saisie', state_since = now()").execute(app.pool()).await.unwrap();
    assert_eq!(told(&app, &server, 1).await, []);
    assert_eq!(told(&app, &server, 7).await, direction("Dialogue 2025 retourné par le directoire"));
}

#[sqlx::test(migrations = false)]
async fn a_dialogue_validated_then_reopened_is_told_to_whoever_has_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = answered(options).await;
    let server = MailServer::start(&[]);
    // All is answered and nobody submits: two weeks before the last day, the director is told so.
    let ready = "Dialogue 2025 à soumettre : tout a sa réponse";
    assert_eq!(told(&app, &server, 17).await, [("direction@univ.example".to_owned(), ready.to_owned())]);
    for transition in [Transition::Submission, Transition::Review, Transition::Validation] {
        moved(&app, 2025, transition).await;
    }
    let to_close = "Dialogue 2025 validé, à clore";
    assert_eq!(told(&app, &server, 0).await, [("directoire@univ.example".to_owned(), to_close.to_owned())]);
    let app = app.later(TimeDelta::days(3));
    moved(&app, 2025, Transition::Reopening).await;
    let back = "Dialogue 2025 rouvert par le directoire";
    assert_eq!(told(&app, &server, 0).await, [("direction@univ.example".to_owned(), back.to_owned())]);
}

#[sqlx::test(migrations = false)]
async fn those_who_take_no_mail_get_none(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    for email in ["suspendu@univ.example", "sans-rappel@univ.example", "parti@univ.invalid", "lu@univ.example"] {
        director(&app, email).await;
    }
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", app.app.clock.now());
    let one = async |email: &str| account::by_email(&mut app.app.conn().await.unwrap(), email).await.unwrap().unwrap();
    account::suspend(&mut conn, &act, &one("suspendu@univ.example").await).await.unwrap();
    account::set_reminders(&mut conn, &act, &one("sans-rappel@univ.example").await, false).await.unwrap();
    commands::add(&mut conn, &app.app.clock, "invite@univ.example", "Invité").await.unwrap();
    commands::grant(&mut conn, &app.app.clock, "invite@univ.example", "director", Some("iut")).await.unwrap();
    drop(conn);
    let server = MailServer::start(&[]);
    assert_eq!(go(&mailing(&app, server.relay(), FAR_BEFORE)).await, went(1, 0));
    assert_eq!(server.readers(1), ["lu@univ.example"]);
    // Without a mail server nothing is taken in hand either.
    assert_eq!(go(&app.later(TimeDelta::days(14))).await, went(0, 0));
    assert_eq!(states(&app).await.len(), 1);
}

#[sqlx::test(migrations = false)]
async fn two_servers_on_one_database_send_each_message_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options.clone()).await;
    let emails: Vec<String> = (10..22).map(|place| format!("direction.{place}@univ.example")).collect();
    for email in &emails {
        director(&app, email).await;
    }
    let server = MailServer::start(&[]);
    let one = mailing(&app, server.relay(), FAR_BEFORE);
    let pool: PgPool = cpom::db::pool(options, 5).await.unwrap();
    let other = TestApp::serving(App { pool: pool.clone(), ..one.app.clone() });
    let (first, second, third, fourth) = tokio::join!(go(&one), go(&other), go(&one), go(&other));
    assert_eq!(first.sent + second.sent + third.sent + fourth.sent, 12);
    assert_eq!(server.readers(12), emails);
    assert_eq!(go(&other).await, went(0, 0));
    // Refused for now, twelve messages are then taken up by two servers at once.
    sqlx::query("UPDATE reminder_mail SET state = 'a_reprendre', next_at = taken_at, sent_at = NULL")
        .execute(&pool)
        .await
        .unwrap();
    let (first, second) = tokio::join!(go(&one), go(&other));
    assert_eq!(first.sent + second.sent, 12);
    let mut twice = [emails.clone(), emails].concat();
    twice.sort();
    assert_eq!(server.readers(24), twice);
    pool.close().await;
}

#[sqlx::test(migrations = false)]
async fn a_refused_reader_is_tried_again_or_listed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    // In the order of their addresses, which is that of a round: the last one finds the conversation cut.
    for email in
        ["drop@univ.example", "later@univ.example", "once@univ.example", "refuse@univ.example", "vu@univ.example"]
    {
        director(&app, email).await;
    }
    let server = MailServer::start(&[]);
    let app = mailing(&app, server.relay(), FAR_BEFORE);
    assert_eq!(go(&app).await, went(1, 4));
    assert_eq!(server.readers(1), ["vu@univ.example"]);
    let again = ("a_reprendre".to_owned(), 1);
    assert_eq!(states(&app).await, [again.clone(), again.clone(), again, ("echec".into(), 1), ("envoye".into(), 1)]);
    let admin = app.visitor(Role::Admin).await;
    let page = admin.get("/admin/reminders").await;
    assert_eq!(page.texts("h2")[1], "Ce qui n’est pas parti : 4");
    assert!(page.texts("tbody tr")[3].contains("réponse 550 : 5.1.1 Boîte inconnue"), "{:?}", page.texts("tbody tr"));
    assert!(page.texts("tbody tr")[1].contains("à partir du 16 sept. 2025, 11:02"), "{:?}", page.texts("tbody tr"));
    assert!(page.body.contains("10:42, 1 courriel envoyé, 4 non partis"), "{}", page.body);
    // Too soon, then the second and the third try; the one that came in is not sent again.
    assert_eq!(go(&app.later(TimeDelta::minutes(19))).await, went(0, 0));
    assert_eq!(go(&app.later(TimeDelta::minutes(20))).await, went(1, 2));
    assert_eq!(go(&app.later(TimeDelta::minutes(200))).await, went(0, 2));
    assert_eq!(server.readers(2), ["once@univ.example", "vu@univ.example"]);
    let told: Vec<String> = states(&app).await.into_iter().map(|(state, tries)| format!("{state} {tries}")).collect();
    assert_eq!(told, ["echec 3", "echec 3", "envoye 2", "echec 1", "envoye 1"]);
    assert_eq!(go(&app.later(TimeDelta::days(1))).await, went(0, 0));
}

#[sqlx::test(migrations = false)]
async fn what_was_done_before_the_next_try_is_not_sent(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    director(&app, "once@univ.example").await;
    let server = MailServer::start(&[]);
    let app = mailing(&app, server.relay(), FAR_BEFORE);
    assert_eq!(go(&app).await, went(0, 1));
    sqlx::query("DELETE FROM expected_cell").execute(app.pool()).await.unwrap();
    assert_eq!(go(&app.later(TimeDelta::minutes(20))).await, went(0, 0));
    assert_eq!(states(&app).await, [("sans_objet".to_owned(), 2)]);
}

#[sqlx::test(migrations = false)]
async fn a_mail_server_that_is_away_loses_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    director(&app, "direction@univ.example").await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = mailing(&app, relay(&format!("smtp://127.0.0.1:{port}?tls=non")), FAR_BEFORE);
    let round = go(&away).await;
    assert!(round.sent == 0 && round.problem.unwrap().contains("refused"));
    assert!(states(&app).await.is_empty());
    let page = away.visitor(Role::Admin).await.get("/admin/reminders").await;
    assert!(page.texts(".notice--warning")[0].contains("La liaison avec le serveur de courrier échoue"));
    // It refuses our name: the try does not count, and the message waits for the setting to be mended.
    let stranger = MailServer::start(&["--stranger"]);
    let round = go(&mailing(&app, stranger.relay(), FAR_BEFORE)).await;
    assert_eq!(round.problem.unwrap(), "L’expéditeur est refusé : réponse 553 : 5.7.1 Expéditeur inconnu");
    assert_eq!(states(&app).await, [("a_reprendre".to_owned(), 0)]);
    let server = MailServer::start(&[]);
    assert_eq!(go(&mailing(&app, server.relay(), FAR_BEFORE)).await, went(1, 0));
    assert_eq!(server.readers(1), ["direction@univ.example"]);
}

#[sqlx::test(migrations = false)]
async fn a_message_whose_fate_is_unknown_waits_for_a_person(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    director(&app, "cut@univ.example").await;
    let server = MailServer::start(&[]);
    let app = mailing(&app, server.relay(), FAR_BEFORE);
    assert_eq!(go(&app).await, went(0, 1));
    assert_eq!(server.received(1).len(), 1);
    assert_eq!(states(&app).await, [("incertain".to_owned(), 1)]);
    let app = app.later(TimeDelta::hours(2));
    assert_eq!(go(&app).await, went(0, 0));
    let admin = app.visitor(Role::Admin).await;
    let page = admin.get("/admin/reminders").await;
    let retry = page.attributes("tbody form", "action");
    assert!(page.texts("tbody tr")[0].contains("Incertain"), "{:?}", page.texts("tbody tr"));
    let sent = admin.post(&retry[0], &[]).await;
    assert_eq!((sent.status.as_u16(), sent.location()), (303, "/admin/reminders"));
    assert_eq!(states(&app).await, [("a_reprendre".to_owned(), 0)]);
    assert_eq!(go(&app).await, went(0, 1));
    assert_eq!(server.received(2).len(), 2, "a person asked for it");
    // What has left is not sent again, even by hand.
    sqlx::query("UPDATE reminder_mail SET state = 'envoye', sent_at = taken_at").execute(app.pool()).await.unwrap();
    assert_eq!(admin.post(&retry[0], &[]).await.status, 403);
    assert_eq!(admin.post("/admin/reminders/999/retry", &[]).await.status, 404);
}

/// The program itself, with the settings of a mail server.
fn program(options: &PgConnectOptions, url: &str, now: &str, arguments: &[&str]) -> Command {
    use sqlx::ConnectOptions;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpom"));
    command
        .args(arguments)
        .env("DATABASE_URL", options.to_url_lossy().as_str())
        .env("CPOM_PUBLIC_URL", URL)
        .env("CPOM_SMTP_URL", url)
        .env("CPOM_SMTP_FROM", FROM)
        .env("CPOM_NOW", now)
        .env("CPOM_LOG", "warn")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The instant of [`FAR_BEFORE`].
const THEN: &str = "2025-09-16T08:42:00Z";

fn said(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[sqlx::test(migrations = false)]
async fn a_server_killed_while_it_sends_never_sends_twice(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options.clone()).await;
    director(&app, "hang@univ.example").await;
    let server = MailServer::start(&[]);
    let mut sending = program(&options, &server.url(), THEN, &["remind"]).spawn().unwrap();
    // The mail server has it all, and has not answered yet.
    server.received(1);
    sending.kill().unwrap();
    sending.wait().unwrap();
    assert_eq!(states(&app).await, [("en_cours".to_owned(), 1)]);
    // Another server, at once then later: it may have left, so it does not leave again.
    let app = mailing(&app, server.relay(), FAR_BEFORE);
    assert_eq!(go(&app).await, went(0, 0));
    assert_eq!(states(&app).await, [("en_cours".to_owned(), 1)]);
    let app = app.later(TimeDelta::minutes(16));
    assert_eq!(go(&app).await, went(0, 0));
    assert_eq!(states(&app).await, [("incertain".to_owned(), 1)]);
    assert_eq!(server.received(1).len(), 1);
    let page = app.visitor(Role::Admin).await.get("/admin/reminders").await;
    assert!(page.texts("tbody tr")[0].contains("Le serveur s’est arrêté pendant l’envoi."), "{}", page.body);
}

#[sqlx::test(migrations = false)]
async fn a_login_travels_over_tls_only_and_is_never_shown(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options.clone()).await;
    director(&app, "direction@univ.example").await;
    let server = MailServer::start(&["--login"]);
    let right = server.login_url("pomme%20verte");
    // What would leave, without leaving.
    let (code, told) = said(&mut program(&options, &right, THEN, &["remind", "--dry-run"]));
    assert!(code == 0 && told.contains("direction@univ.example (Direction de l’IUT)\n  CPOM : 1 chose"), "{told}");
    assert!(states(&app).await.is_empty());
    // Its certificate is nobody's.
    let (code, told) = said(&mut program(&options, &right, THEN, &["remind"]));
    assert!(code == 1 && told.contains("échoue : invalid peer certificate"), "{told}");
    // Trusted by the machine, with the wrong password: the server's own words would repeat it.
    let trusted = |url: &str| {
        let mut command = program(&options, url, THEN, &["remind"]);
        command.env("SSL_CERT_FILE", CERTIFICATE);
        said(&mut command)
    };
    let (code, told) = trusted(&server.login_url("pomme%20rouge"));
    assert!(code == 1 && told.contains("refuse le compte ou le mot de passe (réponse 535)"), "{told}");
    assert!(!told.contains("pomme"), "{told}");
    assert!(states(&app).await.is_empty());
    let (code, told) = trusted(&right);
    assert!(code == 0 && told.contains("1 courriel envoyé"), "{told}");
    let received = server.received(1);
    assert_eq!((received[0].secure, received[0].user.as_deref()), (true, Some("ana")));
    // Without settings, a command that cannot do its work says so.
    let mut unset = program(&options, "", THEN, &["remind"]);
    let (code, told) = said(unset.env("CPOM_SMTP_FROM", ""));
    assert!(code == 1 && told.contains("aucun serveur de courrier n’est réglé"), "{told}");
}

#[sqlx::test(migrations = false)]
async fn the_rounds_of_a_server_come_by_themselves_and_stop_with_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    director(&app, "direction@univ.example").await;
    let server = MailServer::start(&[]);
    let rounds = async |app: TestApp, tries: u32| {
        let (stop, stopped) = watch::channel(false);
        let rounds = tokio::spawn(round::keep(app.app.clone(), stopped));
        for _ in 0..tries {
            if server.count() > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        // Told at once, it still ends what it began.
        stop.send(true).unwrap();
        rounds.await.unwrap();
    };
    // At night nothing leaves; in the morning, the first round comes at once.
    rounds(mailing(&app, server.relay(), FAR_BEFORE - TimeDelta::hours(6)), 10).await;
    assert!(states(&app).await.is_empty());
    rounds(mailing(&app, server.relay(), FAR_BEFORE), 400).await;
    assert_eq!(states(&app).await, [("envoye".to_owned(), 1)]);
    assert_eq!(server.count(), 1);
}

#[sqlx::test(migrations = false)]
async fn an_administrator_tries_the_mail_server(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    let server = MailServer::start(&[]);
    let unset = app.visitor(Role::Admin).await;
    let page = unset.get("/admin/reminders").await;
    assert!(page.body.contains("Aucun serveur de courrier n’est réglé : aucun rappel ne part."));
    assert!(page.attributes("main form", "action").is_empty());
    assert_eq!(unset.post("/admin/reminders/test", &[]).await.status, 422);
    let set = mailing(&app, server.relay(), TimeDelta::zero());
    let refused = set.visitor(Role::Admin).await.post("/admin/reminders/test", &[]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.texts(".notice--error")[0].contains("compte de démonstration"), "{}", refused.body);
    sqlx::query("UPDATE account SET email = 'admin@univ.example' WHERE email = 'admin@demo.invalid'")
        .execute(app.pool())
        .await
        .unwrap();
    let admin = unset.at(&set);
    let sent = admin.post("/admin/reminders/test", &[]).await;
    assert_eq!((sent.status.as_u16(), sent.location()), (303, "/admin/reminders"), "{}", sent.body);
    let received = server.received(1);
    assert_eq!(
        (received[0].to.as_str(), received[0].subject().as_str()),
        ("admin@univ.example", "CPOM : courriel d’essai")
    );
    assert!(received[0].html().contains(&format!("href=\"{URL}/admin/reminders\"")));
    let stranger = MailServer::start(&["--stranger"]);
    let away = unset.at(&mailing(&app, stranger.relay(), TimeDelta::zero()));
    let told = away.post("/admin/reminders/test", &[]).await;
    assert_eq!(told.status, 502);
    assert!(told.texts(".notice--error")[0].contains("L’expéditeur est refusé"), "{}", told.body);
}

#[sqlx::test(migrations = false)]
async fn a_person_may_choose_to_receive_none(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    let director = app.visitor(Role::Director).await;
    let button = async || director.get("/account").await.texts("form[action='/account/reminders'] button");
    assert_eq!(button().await, ["Ne plus recevoir de rappel"]);
    assert_eq!(director.post("/account/reminders", &[("wanted", "non")]).await.status, 303);
    assert_eq!(button().await, ["Recevoir les rappels"]);
    assert_eq!(director.post("/account/reminders", &[("wanted", "non")]).await.status, 303);
    assert_eq!(director.post("/account/reminders", &[("wanted", "peut-être")]).await.status, 400);
    assert_eq!(director.post("/account/reminders", &[("wanted", "oui")]).await.status, 303);
    let told: Vec<(Option<bool>, String)> = sqlx::query_as(
        "SELECT (after->>'reminders')::boolean, actor FROM journal_entry
         WHERE kind = 'compte' AND after->>'reminders' <> before->>'reminders' ORDER BY id",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    let who = "Direction de l’IUT".to_owned();
    assert_eq!(told, [(Some(false), who.clone()), (Some(true), who)]);
}

#[sqlx::test(migrations = false)]
async fn the_page_keeps_to_its_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = house(options).await;
    let server = MailServer::start(&[]);
    let mut counts = Vec::new();
    for place in 0..3 {
        director(&app, &format!("refuse.{place}@univ.example")).await;
        assert_eq!(go(&mailing(&app, server.relay(), FAR_BEFORE)).await, went(0, 1));
        let (page, count) = counted(&app, Role::Admin, "/admin/reminders").await;
        assert_eq!(page.texts("tbody tr").len(), place + 1);
        counts.push(count);
    }
    assert!(counts[0] <= 5 && counts.iter().all(|count| *count == counts[0]), "{counts:?}");
}
