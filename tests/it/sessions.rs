//! Sessions and sign-in as somebody who wants another's tries them: planted cookies, shapes of cookies, guessing that
//! goes on for hours.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::sealed::unsealed;
use crate::support::{DIRECTOR, OTHER_PASSWORD, PASSWORD, TestApp, Visitor, sign_in, wait};

fn cookie(visitor: &Visitor) -> String {
    visitor.cookies.lock().unwrap()["cpom_session"].clone()
}

fn holding(app: &TestApp, cookie: &str) -> Visitor {
    let visitor = app.anonymous();
    visitor.cookies.lock().unwrap().insert("cpom_session".into(), cookie.into());
    visitor
}

#[sqlx::test(migrations = false)]
async fn a_cookie_known_before_does_not_open_what_comes_after(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    // One's own session, one that is over, one that never was: planted in the browser of someone who then signs in.
    let attacker = app.visitor(Role::Reader).await;
    let over = app.visitor(Role::Reader).await;
    over.post("/session/end", &[]).await;
    let (own, never) = (cookie(&attacker), cpom::accounts::session::Token::generate().text());
    for planted in [own.as_str(), never.as_str(), "x.y", "cpom", ""] {
        let victim = holding(&app, planted);
        assert_eq!(sign_in(&victim, DIRECTOR, PASSWORD).await.status, 303);
        assert_ne!(cookie(&victim), planted);
        assert!(victim.get("/account").await.body.contains(DIRECTOR));
        assert_eq!(holding(&app, planted).get("/account").await.status, 303, "{planted} opens something");
    }
    // At the change of a password too, in this browser and in every other.
    let (here, elsewhere) = (app.visitor(Role::Director).await, app.visitor(Role::Director).await);
    let before = [cookie(&here), cookie(&elsewhere)];
    let fields = [("current", PASSWORD), ("new", OTHER_PASSWORD), ("again", OTHER_PASSWORD)];
    assert_eq!(here.post("/account/password", &fields).await.status, 303);
    assert!(!before.contains(&cookie(&here)));
    for cookie in before {
        assert_eq!(holding(&app, &cookie).get("/account").await.status, 303);
    }
    assert_eq!(here.get("/account").await.status, 200);
    // A role given or taken changes what is seen at once; the database keeps no cookie.
    let kept: Vec<String> =
        sqlx::query_scalar("SELECT session::text FROM session").fetch_all(app.pool()).await.unwrap();
    let secret = cookie(&here).split_once('.').unwrap().1.to_owned();
    assert!(!kept.is_empty() && kept.iter().all(|row| !row.contains(&secret)));
}

#[sqlx::test(migrations = false)]
async fn a_cookie_of_any_shape_opens_nothing_and_breaks_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let director = app.visitor(Role::Director).await;
    let good = cookie(&director);
    let (id, secret) = good.split_once('.').unwrap();
    let upper = good.to_uppercase();
    let (long, many) = ("A".repeat(6000), "a=b; ".repeat(500));
    let shapes = [
        id.to_owned(),
        format!("{id}."),
        format!(".{secret}"),
        format!("{id}.{}", &secret[1..]),
        format!("{id}.{secret}A"),
        format!("{id}.{secret}="),
        format!("{id}.{secret}.{secret}"),
        format!("{secret}.{id}"),
        format!("{id}.{}", "A".repeat(43)),
        format!("{}.{secret}", "A".repeat(22)),
        upper,
        long,
        "%00".into(),
        "é".into(),
        "' OR 1=1 --".into(),
        "\"".into(),
    ];
    for shape in shapes.iter().map(String::as_str).filter(|it| *it != good) {
        for path in ["/account", "/plans/uca-iut-2021-2026", "/session", "/session/end", "/static/app.css"] {
            let visitor = app.anonymous().sending("cookie", &format!("cpom_session={shape}"));
            let answer = if path == "/session/end" { visitor.post(path, &[]).await } else { visitor.get(path).await };
            let expected = if path.ends_with("css") || path == "/session" { 200 } else { 303 };
            assert_eq!(answer.status, expected, "{path} {shape}");
            assert_eq!(unsealed(&answer).collect::<Vec<_>>(), Vec::<String>::new(), "{path} {shape}");
        }
    }
    for line in [many.as_str(), "cpom_session", "=", ";;;", "cpom_session=a; cpom_session=b", "cpom_flash=<script>"] {
        let answer = app.anonymous().sending("cookie", line).get("/session").await;
        assert_eq!((answer.status.as_u16(), answer.body.contains("<script>")), (200, false), "{line}");
    }
    assert_eq!(director.get("/account").await.status, 200, "nor closes anything");
}

#[sqlx::test(migrations = false)]
async fn whoever_guesses_for_hours_locks_nobody_out(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let home = || app.anonymous().from("203.0.113.5");
    assert_eq!(sign_in(&home(), DIRECTOR, PASSWORD).await.status, 303);
    // From more addresses than an account has tries, as often as the delays allow, for two hours.
    for round in 0..8 {
        let mut slowed = false;
        for host in 0..21 {
            let guesser = app.anonymous().from(&format!("198.51.100.{host}"));
            slowed |= sign_in(&guesser, DIRECTOR, "wrong").await.status == 429;
        }
        assert!(slowed, "round {round}: nothing slows the guesser down");
        if round % 3 == 0 {
            assert_eq!(
                sign_in(&home(), DIRECTOR, PASSWORD).await.status,
                303,
                "round {round}: from where one is known"
            );
        }
        wait(&app, 15.0 * 60.0).await;
    }
    // Once the attack pauses, from anywhere, even from where the guesses came.
    assert_eq!(sign_in(&app.anonymous().from("192.0.2.77"), DIRECTOR, PASSWORD).await.status, 303);
    assert_eq!(sign_in(&app.anonymous().from("198.51.100.3"), DIRECTOR, PASSWORD).await.status, 303);
}

#[sqlx::test(migrations = false)]
async fn hammering_during_a_delay_neither_lengthens_it_nor_passes_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let shared = || app.anonymous().from("198.51.100.7");
    // The same account however it is spelt: one count.
    for spelling in
        ["director@demo.invalid", "DIRECTOR@demo.invalid", " director@DEMO.invalid ", "Director@Demo.Invalid\t"]
    {
        assert_eq!(sign_in(&shared(), spelling, "wrong").await.status, 422, "{spelling:?}");
    }
    assert_eq!(sign_in(&shared(), DIRECTOR, "wrong").await.status, 422);
    for spelling in
        ["director@demo.invalid", "DIRECTOR@demo.invalid", "\u{a0}director@demo.invalid", "director@demo.invalid "]
    {
        for _ in 0..10 {
            let status = sign_in(&shared(), spelling, PASSWORD).await.status;
            // What is no spelling of the account's address is another's, and right for nobody.
            assert!(status == 429 || status == 422, "{spelling:?}: {status}");
        }
    }
    wait(&app, 61.0).await;
    assert_eq!(sign_in(&shared(), DIRECTOR, PASSWORD).await.status, 303, "after the minute that was said");
}

/// Every spelling that reaches an account counts as that account.
#[sqlx::test(migrations = false)]
async fn no_spelling_escapes_the_count(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let spellings = [
        "director@demo.invalid",
        "DIRECTOR@DEMO.INVALID",
        "\u{2003}director@demo.invalid",
        "director@demo.invalid\u{a0}",
        "d\u{131}rector@demo.invalid",
        "d\u{130}rector@demo.invalid",
        "director@demo.\u{131}nvalid",
        "director@demo.inval\u{130}d",
        "\u{feff}director@demo.invalid",
        "director+a@demo.invalid",
        "director @demo.invalid",
        "director@demo.invalid.",
    ];
    for (place, spelling) in spellings.iter().enumerate() {
        let there = app.anonymous().from(&format!("203.0.113.{place}"));
        if sign_in(&there, spelling, PASSWORD).await.status != 303 {
            continue;
        }
        // It opens the account: five failures under it must slow the plain spelling down.
        let address = format!("198.51.100.{place}");
        for _ in 0..5 {
            sign_in(&app.anonymous().from(&address), spelling, "wrong").await;
        }
        let plain = sign_in(&app.anonymous().from(&address), DIRECTOR, "wrong").await;
        assert_eq!(plain.status, 429, "{spelling:?} has a count of its own");
        wait(&app, 3600.0).await;
    }
}
