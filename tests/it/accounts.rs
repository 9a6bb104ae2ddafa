//! Sign-in, sessions, accounts and grants, against a real PostgreSQL under the serving role.

use std::sync::Arc;

use chrono::TimeDelta;
use cpom::accounts::model::Role;
use cpom::accounts::{commands, demo};
use cpom::web::Settings;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

use crate::support::{DIRECTOR, OTHER_PASSWORD, PASSWORD, TestApp, Visitor, count, sign_in, wait};

// ───────────────────────────────────────────────────────────── sign-in ──

#[sqlx::test(migrations = false)]
async fn a_person_signs_in_and_out(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let visitor = app.anonymous();
    let form = visitor.get("/session?suite=/account").await;
    assert_eq!(form.status, 200);
    assert_eq!(form.attributes("input[name=suite]", "value"), ["/account"]);
    assert_eq!(form.texts(".brand-place"), ["Université Clermont Auvergne"]);

    let fields = [("email", " Director@DEMO.invalid "), ("password", PASSWORD), ("suite", "/account")];
    let answer = visitor.post("/session", &fields).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account"));
    let cookie = answer.header("set-cookie");
    for attribute in ["cpom_session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");

    let account = visitor.get("/account").await;
    assert_eq!(account.status, 200);
    assert_eq!(account.texts("h1"), ["Mon compte"]);
    assert!(account.body.contains("Institut universitaire de technologie"));
    assert_eq!(visitor.get("/session").await.location(), "/", "signed in already");

    let stale = visitor.at(&app);
    let out = visitor.post("/session/end", &[]).await;
    assert_eq!((out.status.as_u16(), out.location()), (303, "/session"));
    let form = visitor.get("/session").await;
    assert_eq!(form.texts("[role=status]"), ["Votre session est fermée."]);
    assert_eq!(visitor.get("/session").await.texts("[role=status]"), Vec::<String>::new(), "said once");
    assert_eq!(stale.get("/account").await.status, 303, "the session itself is over, not only its cookie");
}

#[sqlx::test(migrations = false)]
async fn over_https_the_cookie_is_secure(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let app = app.with(Settings { secure_cookies: true, ..Settings::default() });
    let visitor = app.anonymous();
    let answer = sign_in(&visitor, DIRECTOR, PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-cpom_session=") && cookie.contains("Secure"), "{cookie}");
    let page = visitor.get("/account").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
    let out = visitor.post("/session/end", &[]).await;
    let removed: Vec<&str> = out.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(
        removed.iter().any(|line| line.starts_with("__Host-cpom_session=;") && line.contains("Secure")),
        "{removed:?}"
    );
}

#[sqlx::test(migrations = false)]
async fn the_answer_does_not_tell_whether_an_account_exists(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let mut bodies = Vec::new();
    for email in [DIRECTOR, "nobody@demo.invalid", "not an address", "a\0b"] {
        let answer = sign_in(&app.anonymous(), email, "wrong").await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.attributes("#email", "value").len(), 1, "what was typed is kept");
        assert_eq!(answer.attributes("#password", "value"), [""], "the password is not");
        assert!(!answer.headers.contains_key("set-cookie"));
        bodies.push(answer.texts(".error"));
    }
    assert!(bodies.iter().all(|texts| *texts == bodies[0] && texts.len() == 1), "{bodies:?}");
}

#[sqlx::test(migrations = false)]
async fn only_our_own_pages_come_next(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    for suite in ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", ""] {
        let fields = [("email", DIRECTOR), ("password", PASSWORD), ("suite", suite)];
        assert_eq!(app.anonymous().post("/session", &fields).await.location(), "/", "{suite}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_new_session_replaces_the_one_presented(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let visitor = app.anonymous();
    sign_in(&visitor, DIRECTOR, PASSWORD).await;
    let planted = visitor.at(&app);
    let before = visitor.cookies.lock().unwrap()["cpom_session"].clone();
    sign_in(&visitor, DIRECTOR, PASSWORD).await;
    let after = visitor.cookies.lock().unwrap()["cpom_session"].clone();
    assert_ne!(before, after);
    assert_eq!(planted.get("/account").await.status, 303);
    assert_eq!(visitor.get("/account").await.status, 200);
    assert_eq!(count(&app, "SELECT count(*) FROM session").await, 1);
}

#[sqlx::test(migrations = false)]
async fn a_number_without_its_secret_opens_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let director = app.visitor(Role::Director).await;
    let admin = app.visitor(Role::Admin).await;
    let (id, _) = director.cookies.lock().unwrap()["cpom_session"]
        .clone()
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let (_, secret) = admin.cookies.lock().unwrap()["cpom_session"]
        .clone()
        .split_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let thief = app.anonymous();
    thief.cookies.lock().unwrap().insert("cpom_session".into(), format!("{id}.{secret}"));
    assert_eq!(thief.get("/account").await.status, 303);
    thief.post("/session/end", &[]).await;
    assert_eq!(director.get("/account").await.status, 200, "nor closes anything");
}

// ──────────────────────────────────────────────────────────── sessions ──

#[sqlx::test(migrations = false)]
async fn a_session_ends_when_unused_and_after_a_day_of_work(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let director = app.visitor(Role::Director).await;
    let at = |hours: i64, minutes: i64| app.later(TimeDelta::minutes(hours * 60 + minutes));
    assert_eq!(director.at(&at(3, 59)).get("/account").await.status, 200);
    assert_eq!(director.at(&at(7, 58)).get("/account").await.status, 200, "used since");
    assert_eq!(director.at(&at(11, 58)).get("/account").await.status, 303, "unused for four hours");
    let director = app.visitor(Role::Director).await;
    for hours in [3, 6, 9, 11] {
        assert_eq!(director.at(&at(hours, 0)).get("/account").await.status, 200);
    }
    assert_eq!(director.at(&at(12, 0)).get("/account").await.status, 303, "used, and over all the same");
    // The next sign-in sweeps.
    let late = at(13, 0);
    sign_in(&late.anonymous(), DIRECTOR, PASSWORD).await;
    assert_eq!(count(&app, "SELECT count(*) FROM session").await, 1);
}

#[sqlx::test(migrations = false)]
async fn use_is_noted_every_five_minutes_at_most(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let director = app.visitor(Role::Director).await;
    let seen = "SELECT extract(epoch FROM max(last_seen_at - created_at))::bigint FROM session";
    director.at(&app.later(TimeDelta::seconds(299))).get("/account").await;
    assert_eq!(count(&app, seen).await, 0);
    director.at(&app.later(TimeDelta::seconds(300))).get("/account").await;
    assert_eq!(count(&app, seen).await, 300);
}

#[sqlx::test(migrations = false)]
async fn everywhere_means_everywhere(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (office, home) = (app.visitor(Role::Director).await, app.visitor(Role::Director).await);
    let other = app.visitor(Role::Admin).await;
    assert_eq!(office.get("/account").await.texts("#sessions"), ["Sessions ouvertes : 2"]);
    assert_eq!(office.post("/account/sessions/end", &[]).await.location(), "/session");
    assert_eq!(office.get("/session").await.texts("[role=status]"), ["Toutes vos sessions sont fermées."]);
    assert_eq!(home.get("/account").await.status, 303);
    assert_eq!(other.get("/account").await.status, 200);
}

#[sqlx::test(migrations = false)]
async fn nobody_is_sent_to_sign_in_and_back(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let page = app.anonymous().get("/admin/accounts/3?vue=a%26b").await;
    assert_eq!((page.status.as_u16(), page.location()), (303, "/session?suite=/admin/accounts/3%3Fvue%3Da%2526b"));
    let form = app.anonymous().get(page.location()).await;
    assert_eq!(form.attributes("input[name=suite]", "value"), ["/admin/accounts/3?vue=a%26b"]);
    // An act cannot be done again by a link: one comes back to the page it was made from.
    let act = app.anonymous().sending("referer", "http://cpom.test/account").post("/account/password", &[]).await;
    assert_eq!((act.status.as_u16(), act.location()), (303, "/session?suite=/account"));
    let act = app.anonymous().sending("referer", "http://evil.example/account").post("/account/password", &[]).await;
    assert_eq!(act.location(), "/session");
    // htmx must leave the page, not put a form inside it.
    let fragment = app.anonymous().sending("hx-request", "true").sending("hx-current-url", "http://cpom.test/account");
    let fragment = fragment.post("/account/password", &[]).await;
    assert_eq!((fragment.status.as_u16(), fragment.header("hx-redirect")), (401, "/session?suite=/account"));
}

#[sqlx::test(migrations = false)]
async fn a_page_begins_with_one_statement(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let token = {
        let account =
            cpom::accounts::store::account::by_email(&mut conn, "contributor@demo.invalid").await.unwrap().unwrap();
        cpom::accounts::store::session::open(&mut conn, account.id, app.app.clock.now()).await.unwrap()
    };
    let found = cpom::accounts::store::session::find(&mut conn, token.id, app.app.clock.now(), app.app.clock.today())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.establishment, "Université Clermont Auvergne");
    assert!(found.user.contributes_to(1, &["13"]) && found.user.contributes_to(1, &["4"]));
    assert!(!found.user.contributes_to(2, &["13"]));
}

// ──────────────────────────────────────────────────────────── throttle ──

#[sqlx::test(migrations = false)]
async fn guessing_is_slowed_down_and_nobody_is_locked_out(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let guesser = app.anonymous().from("198.51.100.7");
    for _ in 0..5 {
        assert_eq!(sign_in(&guesser, DIRECTOR, "wrong").await.status, 422);
    }
    let refused = sign_in(&guesser, DIRECTOR, PASSWORD).await;
    assert_eq!(refused.status, 429, "even the right password waits");
    assert_eq!(refused.texts(".error"), ["Trop d’essais ont échoué. Attendez 1 minute avant de recommencer."]);
    assert_eq!(refused.attributes("#email", "value"), [DIRECTOR]);
    assert_eq!(refused.header("retry-after"), "60");
    // An address that belongs to nobody is slowed down the same way.
    for _ in 0..5 {
        assert_eq!(sign_in(&guesser, "nobody@demo.invalid", "wrong").await.status, 422);
    }
    assert_eq!(sign_in(&guesser, "nobody@demo.invalid", "wrong").await.status, 429);
    // From elsewhere the director comes in.
    assert_eq!(sign_in(&app.anonymous(), DIRECTOR, PASSWORD).await.status, 303);
    // Tries made during the delay do not lengthen it; after it, the right password works and clears the count.
    wait(&app, 61.0).await;
    assert_eq!(sign_in(&guesser, DIRECTOR, PASSWORD).await.status, 303);
    assert_eq!(sign_in(&guesser, DIRECTOR, "wrong").await.status, 422);
    // The delay doubles.
    wait(&app, 61.0).await;
    assert_eq!(sign_in(&guesser, "nobody@demo.invalid", "wrong").await.status, 422);
    wait(&app, 61.0).await;
    assert_eq!(sign_in(&guesser, "nobody@demo.invalid", "wrong").await.status, 429);
}

#[sqlx::test(migrations = false)]
async fn an_attack_from_many_addresses_spares_who_is_known(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    assert_eq!(sign_in(&app.anonymous(), DIRECTOR, PASSWORD).await.status, 303);
    for host in 0..20 {
        let guesser = app.anonymous().from(&format!("198.51.100.{host}"));
        assert_eq!(sign_in(&guesser, DIRECTOR, "wrong").await.status, 422);
    }
    assert_eq!(sign_in(&app.anonymous().from("203.0.113.5"), DIRECTOR, PASSWORD).await.status, 429);
    assert_eq!(sign_in(&app.anonymous(), DIRECTOR, PASSWORD).await.status, 303, "known at this address");
    wait(&app, 601.0).await;
    assert_eq!(sign_in(&app.anonymous().from("203.0.113.5"), DIRECTOR, PASSWORD).await.status, 303);
}

#[sqlx::test(migrations = false)]
async fn one_address_does_not_try_every_account(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let proxied = app.with(Settings { trusted_proxies: vec!["10.0.0.1".parse().unwrap()], ..Settings::default() });
    let behind = |address: &str| proxied.anonymous().from("10.0.0.1").sending("x-forwarded-for", address);
    for person in 0..30 {
        let guesser = behind("198.51.100.7");
        assert_eq!(sign_in(&guesser, &format!("person{person}@univ.example"), "wrong").await.status, 422);
    }
    assert_eq!(sign_in(&behind("198.51.100.7"), DIRECTOR, PASSWORD).await.status, 429);
    assert_eq!(sign_in(&behind("203.0.113.5, 198.51.100.7"), DIRECTOR, PASSWORD).await.status, 429, "a forged hop");
    assert_eq!(sign_in(&behind("203.0.113.5"), DIRECTOR, PASSWORD).await.status, 303, "another visitor of the proxy");
    // Old tries are forgotten when someone signs in.
    wait(&app, 90_000.0).await;
    assert_eq!(sign_in(&behind("203.0.113.6"), DIRECTOR, PASSWORD).await.status, 303);
    assert_eq!(count(&app, "SELECT count(*) FROM signin_attempt WHERE NOT succeeded").await, 0);
}

#[sqlx::test(migrations = false)]
async fn tries_sent_at_once_see_each_other(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let guesser = Arc::new(app.anonymous());
    let mut tries = JoinSet::new();
    for _ in 0..20 {
        let guesser = guesser.clone();
        tries.spawn(async move { sign_in(&guesser, DIRECTOR, "wrong").await.status });
    }
    let looked_at = tries.join_all().await.iter().filter(|status| status.as_u16() == 422).count();
    assert!(looked_at <= 5, "{looked_at} were looked at");
}

// ───────────────────────────────────────────────────────────── account ──

#[sqlx::test(migrations = false)]
async fn a_new_password_ends_the_other_sessions(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (here, elsewhere) = (app.visitor(Role::Director).await, app.visitor(Role::Director).await);
    let change = async |current: &str, new: &str, again: &str| {
        here.post("/account/password", &[("current", current), ("new", new), ("again", again)]).await
    };
    let refused = change("wrong", OTHER_PASSWORD, OTHER_PASSWORD).await;
    assert_eq!((refused.status.as_u16(), refused.texts("#current-error").len()), (422, 1));
    let refused = change(PASSWORD, OTHER_PASSWORD, "other").await;
    assert_eq!((refused.status.as_u16(), refused.texts("#again-error").len()), (422, 1));
    let refused = change(PASSWORD, "court", "court").await;
    assert_eq!((refused.status.as_u16(), refused.texts("#new-error").len()), (422, 1));
    assert!(refused.texts("title")[0].starts_with("Erreur"));
    assert_eq!(elsewhere.get("/account").await.status, 200, "nothing changed yet");

    let before = here.at(&app);
    assert_eq!(change(PASSWORD, OTHER_PASSWORD, OTHER_PASSWORD).await.location(), "/account");
    let page = here.get("/account").await;
    assert_eq!(page.texts("[role=status]"), ["Mot de passe changé. Vos autres sessions sont fermées."]);
    assert_eq!(page.texts("#sessions"), ["Sessions ouvertes : 1"]);
    assert_eq!(elsewhere.get("/account").await.status, 303);
    assert_eq!(before.get("/account").await.status, 303, "this browser too has a new session");
    assert_eq!(sign_in(&app.anonymous(), DIRECTOR, PASSWORD).await.status, 422);
    assert_eq!(sign_in(&app.anonymous(), DIRECTOR, OTHER_PASSWORD).await.status, 303);
}

#[sqlx::test(migrations = false)]
async fn an_open_session_does_not_serve_to_guess_the_password(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let here = app.visitor(Role::Director).await;
    let fields = [("current", "wrong"), ("new", OTHER_PASSWORD), ("again", OTHER_PASSWORD)];
    for _ in 0..5 {
        assert_eq!(here.post("/account/password", &fields).await.status, 422);
    }
    assert_eq!(here.post("/account/password", &fields).await.status, 429);
}

// ─────────────────────────────────────────────────────── administration ──

/// Invites someone; the link and the account's page.
async fn invite(admin: &Visitor, email: &str) -> (String, String) {
    let answer = admin.post("/admin/accounts", &[("email", email), ("function", "Scolarité")]).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let page = answer.attributes("form[action$='/grants']", "action")[0].trim_end_matches("/grants").to_owned();
    (answer.texts("code.once")[0].clone(), page)
}

#[sqlx::test(migrations = false)]
async fn an_invited_person_chooses_a_password_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.visitor(Role::Admin).await;
    let (link, page) = invite(&admin, "Camille@univ.example").await;
    assert!(!admin.get(&page).await.body.contains(&link), "shown once");
    assert!(
        admin
            .get("/admin/accounts")
            .await
            .texts("tbody tr")
            .iter()
            .any(|row| row.contains("camille@univ.example") && row.contains("Invité"))
    );

    let visitor = app.anonymous();
    let form = visitor.get(&link).await;
    assert_eq!(form.status, 200);
    assert!(form.body.contains("camille@univ.example"));
    let refused = visitor.post(&link, &[("new", "Motdepasse2024!"), ("again", "Motdepasse2024!")]).await;
    assert_eq!((refused.status.as_u16(), refused.texts("#new-error").len()), (422, 1));
    let accepted = visitor.post(&link, &[("new", OTHER_PASSWORD), ("again", OTHER_PASSWORD)]).await;
    assert_eq!((accepted.status.as_u16(), accepted.location()), (303, "/session"));
    assert_eq!(
        visitor.get("/session").await.texts("[role=status]"),
        ["Mot de passe enregistré. Vous pouvez vous connecter."]
    );
    assert_eq!(sign_in(&visitor, "camille@univ.example", OTHER_PASSWORD).await.status, 303);
    assert!(visitor.get("/account").await.body.contains("Aucun rôle ne vous est encore donné"));

    for answer in [visitor.get(&link).await, visitor.post(&link, &[("new", PASSWORD), ("again", PASSWORD)]).await] {
        assert_eq!((answer.status.as_u16(), answer.texts("h1")), (410, vec!["Ce lien ne sert plus".to_owned()]));
    }
    let again = admin.post("/admin/accounts", &[("email", "camille@univ.example"), ("function", "x")]).await;
    assert_eq!((again.status.as_u16(), again.texts("#email-error").len()), (422, 1));
}

#[sqlx::test(migrations = false)]
async fn a_link_expires_is_replaced_and_dies_with_the_account(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.visitor(Role::Admin).await;
    let (link, page) = invite(&admin, "camille@univ.example").await;
    assert_eq!(app.later(TimeDelta::hours(7 * 24)).anonymous().get(&link).await.status, 410);
    let answer = admin.post(&format!("{page}/invitation"), &[]).await;
    let newer = answer.texts("code.once")[0].clone();
    assert_eq!(app.anonymous().get(&link).await.status, 404, "replaced");
    assert_eq!(app.anonymous().get(&newer).await.status, 200);
    admin.post(&format!("{page}/suspension"), &[]).await;
    assert_eq!(app.anonymous().get(&newer).await.status, 404);
    assert_eq!(admin.post(&format!("{page}/invitation"), &[]).await.status, 403);
    assert_eq!(app.anonymous().get("/invitations/%00").await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn a_link_used_by_two_serves_the_first(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.visitor(Role::Admin).await;
    let (link, _) = invite(&admin, "camille@univ.example").await;
    let (one, other) = (app.anonymous(), app.anonymous());
    let one = one.post(&link, &[("new", PASSWORD), ("again", PASSWORD)]);
    let other = other.post(&link, &[("new", OTHER_PASSWORD), ("again", OTHER_PASSWORD)]);
    let (one, other) = tokio::join!(one, other);
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
}

#[sqlx::test(migrations = false)]
async fn grants_are_given_and_taken_back(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.visitor(Role::Admin).await;
    let (link, page) = invite(&admin, "camille@univ.example").await;
    app.anonymous().post(&link, &[("new", OTHER_PASSWORD), ("again", OTHER_PASSWORD)]).await;
    let camille = app.anonymous();
    sign_in(&camille, "camille@univ.example", OTHER_PASSWORD).await;
    assert_eq!(camille.get("/admin/accounts").await.status, 404);

    let grants = format!("{page}/grants");
    let refused =
        admin.post(&grants, &[("role", "contributor"), ("place", "uca-iut-2021-2026"), ("items", "13, 99")]).await;
    assert_eq!((refused.status.as_u16(), refused.texts("#items-error").len()), (422, 1));
    assert_eq!(refused.attributes("#items", "value"), ["13, 99"], "what was typed is kept");
    assert_eq!(refused.attributes("#role option[selected]", "value"), ["contributor"]);

    let given = [("role", "admin"), ("starts_on", "2025-09-12"), ("ends_on", "2025-09-13")];
    assert_eq!(admin.post(&grants, &given).await.location(), page);
    assert_eq!(admin.get(&page).await.texts("[role=status]"), ["Droit ajouté."]);
    assert_eq!(admin.post(&grants, &given).await.status, 422, "already given");
    assert_eq!(camille.get("/admin/accounts").await.status, 200, "at once, in the session already open");
    let end = admin.get(&page).await.attributes("tbody form[action$='/end']", "action")[0].clone();
    assert_eq!(admin.post(&end, &[]).await.location(), page);
    assert_eq!(admin.post(&end, &[]).await.status, 404);
    assert_eq!(camille.get("/admin/accounts").await.status, 404);
    let other = end.replace(&page, "/admin/accounts/1");
    assert_eq!(admin.post(&other, &[]).await.status, 404, "a grant is ended from its own account");
}

#[sqlx::test(migrations = false)]
async fn a_dated_grant_ends_by_itself(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.visitor(Role::Admin).await;
    let given = [("role", "admin"), ("starts_on", "2025-09-13"), ("ends_on", "2025-09-13")];
    assert_eq!(admin.post("/admin/accounts/1/grants", &given).await.status, 303);
    for (days, status) in [(0, 404), (1, 200), (2, 404)] {
        let app = app.later(TimeDelta::days(days));
        assert_eq!(app.visitor(Role::Director).await.get("/admin/accounts").await.status, status, "day {days}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_suspended_person_is_out_until_reinstated(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let (admin, director) = (app.visitor(Role::Admin).await, app.visitor(Role::Director).await);
    assert_eq!(admin.post("/admin/accounts/1/suspension", &[]).await.location(), "/admin/accounts/1");
    assert_eq!(director.get("/account").await.status, 303);
    assert_eq!(sign_in(&app.anonymous(), DIRECTOR, PASSWORD).await.status, 422);
    assert!(admin.get("/admin/accounts/1").await.body.contains("Suspendu"));
    admin.post("/admin/accounts/1/suspension/end", &[]).await;
    assert_eq!(director.get("/account").await.status, 303, "the old session stays closed");
    assert_eq!(sign_in(&app.anonymous(), DIRECTOR, PASSWORD).await.status, 303);
}

#[sqlx::test(migrations = false)]
async fn somebody_always_administers(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.visitor(Role::Admin).await;
    let own = "/admin/accounts/8";
    let refused = admin.post(&format!("{own}/suspension"), &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("votre propre compte"));
    assert!(!admin.get(own).await.body.contains(&format!("{own}/suspension")), "the page offers no button");
    let end = admin.get(own).await.attributes("tbody form[action$='/end']", "action")[0].clone();
    assert_eq!(admin.post(&end, &[]).await.status, 403);

    // Two who suspend each other at once: one of them stays.
    let mut conn = app.app.conn().await.unwrap();
    commands::grant(&mut conn, &app.app.clock, "pilotage@demo.invalid", "admin", None).await.unwrap();
    drop(conn);
    let other = app.visitor(Role::Pilotage).await;
    let one = admin.post("/admin/accounts/6/suspension", &[]);
    let two = other.post("/admin/accounts/8/suspension", &[]);
    let (one, two) = tokio::join!(one, two);
    // The other is refused, or already out when the act arrives.
    let done = [&one, &two].iter().filter(|answer| answer.location().starts_with("/admin")).count();
    assert_eq!(done, 1, "{} {}", one.status, two.status);
    assert_eq!(count(&app, "SELECT count(*) FROM account WHERE suspended_at IS NOT NULL").await, 1);
}

#[sqlx::test(migrations = false)]
async fn acts_are_journaled_without_secrets(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.visitor(Role::Admin).await;
    let before = count(&app, "SELECT coalesce(max(id), 0) FROM journal_entry").await;
    let (link, page) = invite(&admin, "camille@univ.example").await;
    app.anonymous().post(&link, &[("new", OTHER_PASSWORD), ("again", OTHER_PASSWORD)]).await;
    admin.post(&format!("{page}/grants"), &[("role", "director"), ("place", "iut")]).await;
    let end = admin.get(&page).await.attributes("tbody form[action$='/end']", "action")[0].clone();
    admin.post(&end, &[]).await;
    admin.post(&format!("{page}/suspension"), &[]).await;
    admin.post(&format!("{page}/suspension/end"), &[]).await;
    let told: Vec<String> = sqlx::query_scalar(
        "SELECT format('%s %s %s: %s > %s (%s)', kind, version, actor,
                       coalesce(before ->> 'state', before ->> 'role', '–'),
                       coalesce(after ->> 'state', after ->> 'role', '–'), coalesce(reason, '–'))
         FROM journal_entry WHERE id > $1 ORDER BY id",
    )
    .bind(before)
    .fetch_all(app.pool())
    .await
    .unwrap();
    assert_eq!(
        told,
        [
            "compte 1 Administration: – > invité (–)",
            "compte 2 Administration: invité > invité (–)",
            "compte 3 Scolarité: invité > actif (mot de passe choisi par le lien)",
            "droit 1 Administration: – > director (–)",
            "droit 2 Administration: director > – (–)",
            "compte 4 Administration: actif > suspendu (–)",
            "compte 5 Administration: suspendu > actif (–)",
        ]
    );
    let all: String = sqlx::query_scalar("SELECT string_agg(entry::text, ' ') FROM journal_entry entry")
        .fetch_one(app.pool())
        .await
        .unwrap();
    let token = link.rsplit('/').next().unwrap();
    for secret in [token, "argon2", OTHER_PASSWORD, "camille"] {
        assert!(!all.contains(secret), "{secret} is in the journal");
    }
}

// ───────────────────────────────────────────────────────── delegations ──

#[sqlx::test(migrations = false)]
async fn a_director_delegates_on_their_own_plan(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let director = app.visitor(Role::Director).await;
    let fields = |email, place| {
        [
            ("email", email),
            ("place", place),
            ("items", "13, J16.a"),
            ("starts_on", "2025-09-12"),
            ("ends_on", "2025-10-15"),
        ]
    };
    let unknown = director.post("/delegations", &fields("nobody@univ.example", "uca-iut-2021-2026")).await;
    assert_eq!((unknown.status.as_u16(), unknown.texts("#email-error").len()), (422, 1));
    assert_eq!(unknown.attributes("#items", "value"), ["13, J16.a"]);
    let foreign = director.post("/delegations", &fields("reader@demo.invalid", "uca-droit-2021-2026")).await;
    assert_eq!((foreign.status.as_u16(), foreign.texts("#place-error").len()), (422, 1));
    let undated = [("email", "reader@demo.invalid"), ("place", "uca-iut-2021-2026"), ("items", "13")];
    assert_eq!(director.post("/delegations", &undated).await.texts(".error").len(), 2);

    let given = director.post("/delegations", &fields("reader@demo.invalid", "uca-iut-2021-2026")).await;
    assert_eq!(given.location(), "/delegations");
    let page = director.get("/delegations").await;
    assert!(page.texts("tbody tr")[0].contains("reader@demo.invalid"), "{:?}", page.texts("tbody tr"));
    assert_eq!(page.texts("tbody tr").len(), 1, "what an administrator gave is not theirs to end");
    assert!(app.visitor(Role::Reader).await.get("/account").await.body.contains("13, J16.a"));

    let end = page.attributes("tbody form", "action")[0].clone();
    assert_eq!(app.visitor(Role::Reader).await.post(&end, &[]).await.status, 404);
    assert_eq!(director.post(&end, &[]).await.location(), "/delegations");
    assert_eq!(director.post(&end, &[]).await.status, 404);
}

// ──────────────────────────────────────────────────────────── commands ──

#[sqlx::test(migrations = false)]
async fn the_terminal_makes_an_administrator(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let (clock, mut conn) = (app.app.clock.clone(), app.app.conn().await.unwrap());
    assert!(!demo::exists(&mut conn).await.unwrap());
    commands::add(&mut conn, &clock, "Admin@univ.example", "Administration").await.unwrap();
    let twice = commands::add(&mut conn, &clock, "admin@univ.example", "Administration").await.unwrap_err();
    assert!(twice.to_string().contains("existe déjà"));
    let weak = commands::set_password(&mut conn, &clock, "admin@univ.example", "administration").await.unwrap_err();
    assert!(weak.to_string().contains("Il manque"), "{weak}");
    commands::set_password(&mut conn, &clock, "admin@univ.example", OTHER_PASSWORD).await.unwrap();
    let nobody = commands::grant(&mut conn, &clock, "nobody@univ.example", "admin", None).await.unwrap_err();
    assert!(nobody.to_string().contains("Aucun compte"));
    let role = commands::grant(&mut conn, &clock, "admin@univ.example", "chef", None).await.unwrap_err();
    assert!(role.to_string().contains("director, contributor"), "{role}");
    let scope = commands::grant(&mut conn, &clock, "admin@univ.example", "director", Some("iut")).await.unwrap_err();
    assert!(scope.to_string().contains("aucun n’est encore importé"), "{scope}");
    commands::grant(&mut conn, &clock, "admin@univ.example", "admin", None).await.unwrap();
    let admin = app.anonymous();
    sign_in(&admin, "admin@univ.example", OTHER_PASSWORD).await;
    let page = admin.get("/admin/accounts").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts(".brand-place"), ["Contrats d’objectifs et de moyens"], "no establishment yet");
}

#[sqlx::test(migrations = false)]
async fn the_demo_has_one_account_a_role(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let mut conn = app.app.conn().await.unwrap();
    assert!(demo::exists(&mut conn).await.unwrap());
    demo::create(&mut conn, &app.app.clock, PASSWORD).await.unwrap();
    assert_eq!(count(&app, "SELECT count(*) FROM account WHERE demo").await, 8, "made once");
    for role in Role::ALL {
        assert_eq!(sign_in(&app.anonymous(), &demo::email(*role), PASSWORD).await.status, 303, "{role:?}");
    }
}
