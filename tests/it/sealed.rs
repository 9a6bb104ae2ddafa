//! What every answer carries, whatever its status: the headers that shut it, and nothing that a policy without
//! `unsafe-inline` would refuse.

use std::iter;

use axum::body::Body;
use axum::http::Method;
use cpom::accounts::model::Role;
use cpom::routes::BODY_MAX;
use cpom::web::{Error, Routes};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::roles::{furnished, table};
use crate::support::{Answer, PASSWORD, TestApp, Visitor};

/// The one policy: nothing inline, nothing from elsewhere, no framing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// What an answer lacks, or holds and should not.
pub fn unsealed(answer: &Answer) -> impl Iterator<Item = String> {
    let missing = HEADERS.iter().filter(|(name, value)| answer.header(name) != *value);
    let mut found: Vec<String> = missing.map(|(name, _)| format!("{name} is {:?}", answer.header(name))).collect();
    let mut tell = |holds: bool, what: &str| found.extend(iter::once(what.to_owned()).filter(|_| !holds));
    tell(answer.header("x-request-id").len() == 32, "no request number");
    let kind = answer.header("content-type");
    let kept = answer.header("cache-control");
    let page = kind.starts_with("text/html");
    let fixed = ["text/css", "text/javascript", "image/"].iter().any(|it| kind.starts_with(it));
    tell(kept == "no-store" || (fixed && !kept.is_empty()), "kept by caches");
    let refused = answer.status.is_client_error() || answer.status.is_server_error();
    // htmx leaves the page for the address of this header.
    let leaves = answer.status == 401 && answer.header("hx-redirect").starts_with("/session");
    tell(page || leaves || !refused, "a refusal that is no page");
    tell(kind.is_empty() == answer.body.is_empty(), "a body without a type, or the other way round");
    for name in ["server", "x-powered-by", "access-control-allow-origin"] {
        tell(!answer.headers.contains_key(name), &format!("{name} is sent"));
    }
    for line in answer.headers.get_all("set-cookie") {
        let line = line.to_str().unwrap();
        let shut = ["HttpOnly", "SameSite=Lax", "Path=/"].iter().all(|attribute| line.contains(attribute));
        tell(shut && !line.contains("Domain"), &format!("the cookie {line}"));
    }
    if page {
        let inline = answer.body.split("<script").skip(1).any(|it| !it.trim_start().starts_with("src=\"/static/"));
        tell(!inline, "an inline script");
        tell(!answer.body.contains("<style"), "an inline sheet");
        let mut tags = answer.body.split('<').skip(1).map(|it| it.split('>').next().unwrap_or_default());
        let handled = tags.find(|tag| tag.contains(" style=") || tag.contains(" on") || tag.contains("javascript:"));
        tell(handled.is_none(), &format!("an inline style or handler: {handled:?}"));
    }
    found.into_iter()
}

fn assert_sealed(expected: u16, answer: &Answer) {
    assert_eq!(answer.status, expected, "{}", answer.body);
    assert_eq!(unsealed(answer).collect::<Vec<_>>(), Vec::<String>::new(), "{expected}");
}

fn bad_routes() -> Routes {
    Routes::new()
        .get("/panic", async || -> &'static str { panic!("on purpose") })
        .get("/slow", async || std::future::pending::<&'static str>().await)
        .get("/fault", async || -> Result<&'static str, Error> { Err(sqlx::Error::RowNotFound.into()) })
        .get("/away", async || -> Result<&'static str, Error> { Err(sqlx::Error::PoolTimedOut.into()) })
}

#[sqlx::test(migrations = false)]
async fn every_status_is_sealed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let bad = app.around(bad_routes());
    let (director, rh, pilotage) =
        (app.visitor(Role::Director).await, app.visitor(Role::Rh).await, app.visitor(Role::Pilotage).await);
    let admin = app.visitor(Role::Admin).await;
    let plan = "/plans/uca-iut-2021-2026";
    let cross = app.anonymous().sending("sec-fetch-site", "cross-site");
    let send = async |visitor: &Visitor, method, path: &str| visitor.send(method, path, Body::empty()).await;
    assert_sealed(200, &director.get("/").await);
    assert_sealed(200, &director.sending("hx-request", "true").get(plan).await);
    let director = app.visitor(Role::Director).await;
    assert_sealed(201, &admin.post("/admin/accounts", &[("email", "a@univ.example"), ("function", "F")]).await);
    assert_sealed(303, &app.anonymous().get("/account").await);
    assert_sealed(303, &app.anonymous().post("/session/end", &[]).await);
    assert_sealed(
        303,
        &app.anonymous().post("/session", &[("email", "rh@demo.invalid"), ("password", PASSWORD)]).await,
    );
    assert_sealed(400, &director.post("/account/reminders", &[]).await);
    assert_sealed(400, &app.anonymous().get("/session?suite=a&suite=b").await);
    assert_sealed(401, &app.anonymous().sending("hx-request", "true").get("/account").await);
    assert_sealed(403, &cross.post("/session", &[]).await);
    assert_sealed(403, &rh.post(&format!("{plan}/jalons/J3/closure"), &[]).await);
    assert_sealed(404, &director.get("/nowhere").await);
    assert_sealed(404, &director.get("/admin").await);
    assert_sealed(404, &app.anonymous().get("/static/none.css").await);
    assert_sealed(405, &send(&director, Method::DELETE, plan).await);
    assert_sealed(405, &send(&director, Method::GET, "/session/end").await);
    assert_sealed(409, &director.post(&format!("{plan}/dialogues/2025/submission"), &[]).await);
    let big = "x".repeat(BODY_MAX + 1);
    assert_sealed(413, &director.send(Method::POST, "/account/password", Body::from(big)).await);
    assert_sealed(415, &app.anonymous().sending("content-type", "text/plain").post("/session", &[]).await);
    assert_sealed(422, &pilotage.post("/admin/plans", &[]).await);
    for _ in 0..5 {
        assert_sealed(422, &app.anonymous().post("/session", &[("email", "x@demo.invalid")]).await);
    }
    assert_sealed(429, &app.anonymous().post("/session", &[("email", "x@demo.invalid")]).await);
    assert_sealed(500, &bad.anonymous().get("/panic").await);
    assert_sealed(500, &bad.anonymous().get("/fault").await);
    assert_sealed(503, &bad.anonymous().get("/away").await);
    assert_sealed(503, &bad.anonymous().get("/slow").await);
    for file in ["app.css", "app.js", "icons.svg", "favicon.svg", "help-entry.webp"] {
        assert_sealed(200, &app.anonymous().get(&format!("/static/{file}")).await);
    }
    app.pool().close().await;
    assert_sealed(503, &director.get("/").await);
    assert_sealed(503, &app.anonymous().get("/readyz").await);
}

#[sqlx::test(migrations = false)]
async fn a_method_that_is_not_there_is_refused_as_a_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let lines = table();
    let mut wrong = Vec::new();
    for line in &lines {
        let mounted = |method: &str| lines.iter().any(|it| it.path == line.path && it.method == method);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            if mounted(method) {
                continue;
            }
            let answer =
                app.anonymous().send(Method::from_bytes(method.as_bytes()).unwrap(), line.at, Body::empty()).await;
            if answer.status != 405 || answer.header("allow").is_empty() {
                wrong.push(format!("{method} {}: {} {:?}", line.at, answer.status, answer.header("allow")));
            }
            wrong.extend(unsealed(&answer).map(|what| format!("{method} {}: {what}", line.at)));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Every act of the house, sent by another site in each of the ways a browser tells it, by the person who may most.
#[sqlx::test(migrations = false)]
async fn no_act_comes_from_another_site(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let ways = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "http://cpom.test.evil.example"),
        ("origin", "http://cpom.test:81"),
        ("origin", "null"),
    ];
    let before: i64 = sqlx::query_scalar("SELECT count(*) FROM journal_entry").fetch_one(app.pool()).await.unwrap();
    let mut wrong = Vec::new();
    for line in table().iter().filter(|line| line.method == "POST") {
        let role = line.roles.first().copied().unwrap_or(Role::Admin);
        for (name, value) in ways {
            let answer = app.visitor(role).await.sending(name, value).post(line.at, &[]).await;
            if answer.status != 403 || !answer.body.contains("un autre site") {
                wrong.push(format!("{} with {name}: {value}: {}", line.at, answer.status));
            }
            wrong.extend(unsealed(&answer).map(|what| format!("{}: {what}", line.at)));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let after: i64 = sqlx::query_scalar("SELECT count(*) FROM journal_entry").fetch_one(app.pool()).await.unwrap();
    assert_eq!(before, after, "something was written all the same");
}

/// Bodies that no form of ours sends, on every act, by the person who may most: refused as a page.
#[sqlx::test(migrations = false)]
async fn a_body_that_is_no_form_is_refused_as_a_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let odd: &[(&str, &[u8])] = &[
        ("text/plain", b"reason=x"),
        ("application/json", br#"{"reason": "x"}"#),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data; name=\"reason\"\r\n\r\nx\r\n--b--",
        ),
        ("application/x-www-form-urlencoded", b"reason=a&reason=b&version=1&version=2&state=x&state=y&email=a&email=b"),
        ("application/x-www-form-urlencoded", b"%FF=%FE&%00=%00&=&&&a"),
        ("application/x-www-form-urlencoded", b"\xff\xfe=\xc3\x28"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"\x00a\x00=\x00b"),
        ("application/x-www-form-urlencoded", b"was={\"a\":[[[[[[&version=-1&code=%2e%2e"),
        ("", b"reason=x"),
    ];
    let many = (0..60_000).map(|it| format!("facts.{it}.label=x&")).collect::<Vec<_>>().concat();
    let mut wrong = Vec::new();
    for line in table().iter().filter(|line| line.method == "POST") {
        let role = line.roles.first().copied().unwrap_or(Role::Admin);
        let bodies = odd.iter().copied().chain([("application/x-www-form-urlencoded", many.as_bytes())]);
        for (place, (kind, body)) in bodies.enumerate() {
            let visitor = app.visitor(role).await.from(&format!("198.51.100.{place}")).sending("content-type", kind);
            let answer = visitor.send(Method::POST, line.at, Body::from(body.to_vec())).await;
            if answer.status.is_server_error() {
                wrong.push(format!("{} {kind} {place}: {}", line.at, answer.status));
            }
            wrong.extend(unsealed(&answer).map(|what| format!("{} {kind} {place}: {what}", line.at)));
        }
        let big = Body::from(vec![b'x'; BODY_MAX + 1]);
        // As a browser does: it says how much it sends.
        let visitor = app.visitor(role).await.sending("content-length", &(BODY_MAX + 1).to_string());
        let answer = visitor.send(Method::POST, line.at, big).await;
        if answer.status != 413 {
            wrong.push(format!("{} with too much: {}", line.at, answer.status));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Sends bytes over a connection, half of them late, and reads what comes back for a little while.
async fn wired(address: std::net::SocketAddr, parts: &[&str]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    for part in parts {
        // A server that refuses early closes.
        if socket.write_all(part.as_bytes()).await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    let mut said = Vec::new();
    let patience = std::time::Duration::from_secs(2);
    let _ = tokio::time::timeout(patience, socket.read_to_end(&mut said)).await;
    String::from_utf8_lossy(&said).into_owned()
}

const FORM: &str = "Host: cpom.test\r\nContent-Type: application/x-www-form-urlencoded\r\n";

/// What only a connection shows: bodies that come slowly or never end, and requests that two programs would read
/// differently.
#[sqlx::test(migrations = false)]
async fn a_connection_gives_pages_or_is_closed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let impatient = app.around(cpom::routes::routes()).listen().await;
    let slow = wired(impatient, &[&format!("POST /session HTTP/1.1\r\n{FORM}Content-Length: 20\r\n\r\nemail=")]).await;
    assert!(slow.starts_with("HTTP/1.1 503") && slow.contains("momentanément indisponible"), "{slow}");
    let address = app.listen().await;
    // Without a length, more than is accepted.
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    let endless = format!("POST /session HTTP/1.1\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n{chunk}");
    let endless = wired(address, &[&endless, &chunk]).await;
    assert!(endless.starts_with("HTTP/1.1 413") && endless.contains("Envoi trop volumineux"), "{endless}");
    // In two minds about where the request ends: refused, or read to one end and the connection closed; what follows
    // never gets an answer of its own.
    let hidden = "GET /healthz HTTP/1.1\r\nHost: cpom.test\r\n\r\n";
    let length = hidden.len() + 5;
    for (name, head) in [
        ("two lengths", format!("Content-Length: 0\r\nContent-Length: {length}\r\n")),
        ("a list of lengths", format!("Content-Length: 0, {length}\r\n")),
        ("a signed length", "Content-Length: +5\r\n".into()),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n".into()),
        ("a coding under another", "Transfer-Encoding: chunked, identity\r\n".into()),
        ("a space before the colon", format!("Content-Length : {length}\r\n")),
        ("a folded line", format!("X: y\r\n Content-Length: {length}\r\n")),
        ("a bare carriage return", format!("X: y\rContent-Length: {length}\r\n")),
    ] {
        let said = wired(address, &[&format!("POST /session HTTP/1.1\r\n{FORM}{head}\r\n0\r\n\r\n{hidden}")]).await;
        assert!(!said.contains("ok\n"), "{name}: {said}");
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{name}: {said}");
    }
    // A chunked request that also gives a length ends where its chunks do.
    let both = format!(
        "POST /session HTTP/1.1\r\n{FORM}Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
    );
    let both = wired(address, &[&both]).await;
    assert!(both.starts_with("HTTP/1.1 4"), "{both}");
    // Lines without end.
    let header = format!("GET /healthz HTTP/1.1\r\nHost: cpom.test\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    let header = wired(address, &[&header]).await;
    assert!(header.is_empty() || header.starts_with("HTTP/1.1 431"), "{header}");
    let target = wired(address, &[&format!("GET /{} HTTP/1.1\r\nHost: cpom.test\r\n\r\n", "x".repeat(70_000))]).await;
    assert!(target.is_empty() || target.starts_with("HTTP/1.1 414"), "{target}");
    // Whoever opens a connection and says nothing, or half of a head, is let go.
    for half in ["", "GET /healthz HTTP/1.1\r\nHost: cpom", "GET /healthz HTTP/1.1\r\nHost: cpom.test\r\n\r\n"] {
        let since = std::time::Instant::now();
        wired(address, &[half]).await;
        assert!(since.elapsed() < std::time::Duration::from_millis(1900), "{half:?} is kept");
    }
    // And the house still answers.
    let fine = wired(address, &["GET /healthz HTTP/1.1\r\nHost: cpom.test\r\nConnection: close\r\n\r\n"]).await;
    assert!(fine.starts_with("HTTP/1.1 200"), "{fine}");
}
