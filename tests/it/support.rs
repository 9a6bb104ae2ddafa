//! People, a fixed clock and a browser without a network.
//!
//! ```ignore
//! let app = TestApp::new(options).await;              // the house, with its people (`demo::PEOPLE`)
//! let director = app.visitor(Role::Director).await;   // signed in; `app.anonymous()` is not
//! let answer = director.get("/account").await;
//! assert_eq!(answer.status, 200);
//! assert_eq!(answer.texts("h1"), ["Mon compte"]);
//! ```
//!
//! Everything runs under the serving role, as in production.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};
use cpom::accounts::model::Role;
use cpom::accounts::{demo, store};
use cpom::kernel::clock::Clock;
use cpom::web::{App, Settings};
use scraper::{Html, Selector};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tower::ServiceExt;

/// The instant of every test: a Friday morning of the entry season.
pub const NOW: &str = "2025-09-12T08:42:00Z";
/// The password of every person of the house.
pub const PASSWORD: &str = "Tram-glissant-42-violon";
/// Another that is as good.
pub const OTHER_PASSWORD: &str = "Orage-violon-63-batterie";
/// The address of the director of the house.
pub const DIRECTOR: &str = "director@demo.invalid";

/// Tries to sign in.
pub async fn sign_in(visitor: &Visitor, email: &str, password: &str) -> Answer {
    visitor.post("/session", &[("email", email), ("password", password)]).await
}

/// Lets so many seconds pass on the clock of the throttle, which is the database's and not the application's.
pub async fn wait(app: &TestApp, seconds: f64) {
    sqlx::query("UPDATE signin_attempt SET at = at - make_interval(secs => $1)")
        .bind(seconds)
        .execute(app.pool())
        .await
        .unwrap();
}

/// A number that the database holds.
pub async fn count(app: &TestApp, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap()
}

/// The house, with a structure, a plan and one person a role.
#[derive(Clone)]
pub struct TestApp {
    /// What handlers share.
    pub app: App,
    router: Router,
}

impl TestApp {
    /// A migrated database with a small plan (`world.sql`) and the demo's people.
    pub async fn new(options: PgConnectOptions) -> Self {
        let app = Self::empty(options).await;
        let mut conn = app.app.conn().await.unwrap();
        sqlx::raw_sql(include_str!("world.sql")).execute(&mut *conn).await.unwrap();
        demo::create(&mut conn, &app.app.clock, PASSWORD).await.unwrap();
        app
    }

    /// A migrated database with the real contract, its campaign of the clock's year and the demo's people.
    pub async fn demo(options: PgConnectOptions) -> Self {
        let app = Self::empty(options).await;
        let mut conn = app.app.conn().await.unwrap();
        cpom::demo::load_contract(&mut conn, &app.app.clock).await.unwrap();
        demo::create(&mut conn, &app.app.clock, PASSWORD).await.unwrap();
        app
    }

    /// A migrated database with the six contracts that `cpom demo` loads, and the campaign of the clock's year alone.
    pub async fn university(options: PgConnectOptions) -> Self {
        let app = Self::empty(options).await;
        let mut conn = app.app.conn().await.unwrap();
        cpom::demo::load_structures(&mut conn, &app.app.clock).await.unwrap();
        let people = [demo::PEOPLE, demo::OTHERS].concat();
        demo::create_all(&mut conn, &app.app.clock, &people, PASSWORD).await.unwrap();
        app
    }

    /// A migrated database with all that `cpom demo` loads: six contracts, and the two campaigns before the present one.
    pub async fn history(options: PgConnectOptions, now: &str) -> Self {
        cpom::db::migrate(&options).await.unwrap();
        let pool = cpom::db::pool(options, 5).await.unwrap();
        let app = Self::serving(App::new(pool, Clock::fixed(now.parse().unwrap()), Settings::default()));
        let mut conn = app.app.conn().await.unwrap();
        cpom::demo::load(&mut conn, &app.app.clock).await.unwrap();
        let people = [demo::PEOPLE, demo::OTHERS].concat();
        demo::create_all(&mut conn, &app.app.clock, &people, PASSWORD).await.unwrap();
        app
    }

    /// A migrated database with nothing in it.
    pub async fn empty(options: PgConnectOptions) -> Self {
        cpom::db::migrate(&options).await.unwrap();
        let pool = cpom::db::pool(options, 5).await.unwrap();
        cpom::db::check_role(&pool).await.unwrap();
        Self::serving(App::new(pool, Clock::fixed(NOW.parse().unwrap()), Settings::default()))
    }

    /// The house around an application made by the test.
    pub fn serving(app: App) -> Self {
        Self { router: cpom::routes::app(app.clone()), app }
    }

    /// The same application behind other routes, with little patience: what stands around pages, tried on bad ones.
    pub fn around(&self, routes: cpom::web::Routes) -> Self {
        let patience = std::time::Duration::from_millis(100);
        Self { router: cpom::routes::around(routes, self.app.clone(), patience), app: self.app.clone() }
    }

    /// Listens on the loopback, as a server does: for what only a connection shows.
    pub async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let patience = std::time::Duration::from_millis(500);
        tokio::spawn(cpom::listen::serve(listener, self.router.clone(), patience, std::future::pending()));
        address
    }

    /// The same database, later.
    pub fn later(&self, delay: TimeDelta) -> Self {
        let instant: DateTime<Utc> = self.app.clock.now() + delay;
        Self::serving(App { clock: Clock::fixed(instant), ..self.app.clone() })
    }

    /// The same database, with other settings.
    pub fn with(&self, settings: Settings) -> Self {
        Self::serving(App { settings: Arc::new(settings), ..self.app.clone() })
    }

    /// The same database behind a server that has just started: it remembers nothing.
    pub fn anew(&self) -> Self {
        Self::serving(App { memory: Arc::default(), ..self.app.clone() })
    }

    /// The database, under the serving role.
    pub fn pool(&self) -> &PgPool {
        &self.app.pool
    }

    /// A browser nobody signed in with.
    pub fn anonymous(&self) -> Visitor {
        Visitor {
            router: self.router.clone(),
            cookies: Mutex::default(),
            address: "192.0.2.1".into(),
            headers: Vec::new(),
        }
    }

    /// A browser where someone made for the test is signed in, with a role over the whole establishment: in a house
    /// where the demo's people, who need its structure, cannot be.
    pub async fn newcomer(&self, role: Role) -> Visitor {
        use cpom::accounts::granting::{self, Asked};
        let mut conn = self.app.conn().await.unwrap();
        let act = cpom::journal::model::Act::command("test", self.app.clock.now());
        let email = format!("{}@univ.example", role.word());
        let account = store::account::create(&mut conn, &act, &email, "Fonction", false).await.unwrap().unwrap();
        let places = store::grant::places(&mut conn).await.unwrap();
        let asked = Asked::command(role.word(), None);
        let grant = granting::read(&asked, &places, &[], self.app.clock.today()).unwrap();
        store::grant::add(&mut conn, &act, account.id, "Fonction", &grant).await.unwrap();
        let token = store::session::open(&mut conn, account.id, self.app.clock.now()).await.unwrap();
        let visitor = self.anonymous();
        visitor.cookies.lock().unwrap().insert("cpom_session".into(), token.text());
        visitor
    }

    /// A browser where the person of this role is signed in.
    pub async fn visitor(&self, role: Role) -> Visitor {
        self.signed_in(&demo::email(role)).await
    }

    /// A browser where the person of this address is signed in.
    pub async fn signed_in(&self, email: &str) -> Visitor {
        let mut conn = self.app.conn().await.unwrap();
        let account = store::account::by_email(&mut conn, email).await.unwrap().unwrap();
        let token = store::session::open(&mut conn, account.id, self.app.clock.now()).await.unwrap();
        let visitor = self.anonymous();
        visitor.cookies.lock().unwrap().insert("cpom_session".into(), token.text());
        visitor
    }
}

/// A browser: it keeps cookies and does not follow redirects.
pub struct Visitor {
    router: Router,
    /// What it keeps.
    pub cookies: Mutex<BTreeMap<String, String>>,
    address: String,
    headers: Vec<(&'static str, String)>,
}

impl Visitor {
    /// The same, from another address.
    pub fn from(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// The same, sending one more header each time.
    pub fn sending(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same browser with the same cookies, before a house as it is later.
    pub fn at(&self, app: &TestApp) -> Self {
        Self {
            router: app.router.clone(),
            cookies: Mutex::new(self.cookies.lock().unwrap().clone()),
            address: self.address.clone(),
            headers: self.headers.clone(),
        }
    }

    /// Reads a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    /// Posts a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", cpom::web::error::url_encode(value))).collect();
        self.send(Method::POST, path, Body::from(body.join("&"))).await
    }

    /// Sends anything.
    pub async fn send(&self, method: Method, path: &str, body: Body) -> Answer {
        let peer: SocketAddr = format!("{}:50000", self.address).parse().unwrap();
        let mut request = Request::builder().method(method.clone()).uri(path).header(header::HOST, "cpom.test");
        let typed = self.headers.iter().any(|(name, _)| *name == "content-type");
        if method == Method::POST && !typed {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.extension(ConnectInfo(peer)).body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.keep(&parts.headers);
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut kept = self.cookies.lock().unwrap();
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if line.contains("Max-Age=0") {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// What came back.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, as text.
    pub body: String,
}

impl Answer {
    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The texts of what a CSS selector finds, spaces folded.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        let fold = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        page.select(&selector).map(|element| fold(element.text().collect())).collect()
    }

    /// An attribute of what a CSS selector finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector).filter_map(|element| element.attr(name).map(str::to_owned)).collect()
    }
}
