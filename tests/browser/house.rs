//! The real application on a port of its own, over a database holding the demo.

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::extract::Request;
use cpom::accounts::demo;
use cpom::demo::{INVENTED, OTHERS, SIGNED};
use cpom::dialogue::model::Campaign;
use cpom::dialogue::store::open_campaign;
use cpom::document::import::import;
use cpom::document::store as documents;
use cpom::drafts::shape;
use cpom::followups::Followup;
use cpom::followups::model::State;
use cpom::journal::model::Act;
use cpom::kernel::clock::Clock;
use cpom::kernel::ids::Code;
use cpom::web::{App, Settings};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tower::ServiceExt;

/// A Friday morning of the entry season: the campaign of 2026 is open for thirty days, and expects 89 cells.
pub const NOW: &str = "2026-09-11T08:42:00Z";
/// The campaign's year.
pub const YEAR: i32 = 2026;
/// The contract.
pub const PLAN: &str = "/plans/uca-iut-2021-2026";
/// The one being written.
pub const DRAFT: &str = "/plans/uca-iut-2027-2032/draft";
/// Everyone's password.
pub const PASSWORD: &str = "Tram-glissant-42-violon";

/// What the house stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The real contract, its campaign of the year, and the draft of the next.
    Contract,
    /// The six structures of the demo, before any campaign.
    University,
}

/// The application, listening.
#[derive(Clone)]
pub struct House {
    app: App,
    /// `http://127.0.0.1:…`
    pub address: String,
    /// What answers now: the same application at one instant, then at another.
    router: Arc<RwLock<Router>>,
}

impl House {
    /// Migrates the database, loads the demo and serves, all under the serving role as in production.
    pub async fn open(options: PgConnectOptions, ground: Ground) -> Self {
        cpom::db::migrate(&options).await.unwrap();
        let pool = cpom::db::pool(options, 8).await.unwrap();
        cpom::db::check_role(&pool).await.unwrap();
        let clock = Clock::fixed(NOW.parse().unwrap());
        let mut conn = pool.acquire().await.unwrap();
        match ground {
            Ground::Contract => load_contract(&mut conn, &clock).await,
            Ground::University => load_university(&mut conn, &clock).await,
        }
        drop(conn);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { public_url: address.clone(), ..Settings::default() };
        let app = App::new(pool, clock, settings);
        let router = Arc::new(RwLock::new(cpom::routes::app(app.clone())));
        let answering = router.clone();
        let serving = Router::new().fallback(move |request: Request| {
            let router = answering.read().unwrap().clone();
            async move { router.oneshot(request).await }
        });
        tokio::spawn(async move {
            axum::serve(listener, serving.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
        });
        Self { app, address, router }
    }

    /// From now on, it is this instant.
    pub fn at(&self, instant: &str) {
        let app = App { clock: Clock::fixed(instant.parse().unwrap()), ..self.app.clone() };
        *self.router.write().unwrap() = cpom::routes::app(app);
    }

    /// Gives the connections back, so that the database can be dropped.
    pub async fn close(&self) {
        self.app.pool.close().await;
    }
}

async fn load_contract(conn: &mut PgConnection, clock: &Clock) {
    let act = Act::command("demo", clock.now());
    // The contract was there a little before its figures: an earlier day has something to show.
    let before = Act::command("demo", clock.now() - chrono::TimeDelta::days(10));
    import(conn, &before, SIGNED, false).await.unwrap();
    import(conn, &act, INVENTED, true).await.unwrap();
    let opens_on = clock.today();
    let closes_on = opens_on + chrono::TimeDelta::days(30);
    let campaign = Campaign { year: YEAR, opens_on, closes_on, deviation_threshold: None };
    open_campaign(conn, &act, &campaign, &[], &[]).await.unwrap();
    follow_up(conn, &act).await;
    demo::create(conn, clock, PASSWORD).await.unwrap();
    begin_draft(conn, &act).await;
    prepare_avenant(conn).await;
}

/// An avenant that one party agreed to.
async fn prepare_avenant(conn: &mut PgConnection) {
    let avenant = r#"{"code": "1", "reference": "CA 2026-31", "dated_on": "2026-09-04",
        "reason": "Un parcours de plus", "deliberation": "Conseil d’administration du 4 septembre 2026",
        "changes": [{"kind": "cible", "code": "1", "before": {"figure": {"status": "valeur", "value": "11"}},
                     "after": {"figure": {"status": "valeur", "value": "14"}}}],
        "director": {"on": "2026-09-05", "by": "Direction de l’IUT"}}"#;
    let avenant = cpom::kernel::canonical::from_text(avenant).unwrap();
    let plan_id = sqlx::query_scalar("SELECT id FROM plan WHERE code = 'uca-iut-2021-2026'");
    let plan_id = plan_id.fetch_one(&mut *conn).await.unwrap();
    cpom::avenants::store::put_avenant(conn, plan_id, &avenant, 0).await.unwrap();
}

async fn load_university(conn: &mut PgConnection, clock: &Clock) {
    let act = Act::command("demo", clock.now());
    for document in [SIGNED, INVENTED].into_iter().chain(OTHERS) {
        import(conn, &act, document, true).await.unwrap();
    }
    demo::create_all(conn, clock, &[demo::PEOPLE, demo::OTHERS].concat(), PASSWORD).await.unwrap();
}

/// What the meeting of this year asks someone to do.
async fn follow_up(conn: &mut PgConnection, act: &Act) {
    let (_, mut document) = documents::load(conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    document.followups.push(Followup {
        code: Code::new("S2026-1").unwrap(),
        year: YEAR,
        text: "Présenter un calendrier des jalons en retard.".into(),
        owner: "Direction de l’IUT".into(),
        due_on: "2027-03-31".parse().unwrap(),
        state: State::ToDo,
        said_on: None,
        note: None,
        provenance: Some("donnée fictive".into()),
    });
    import(conn, act, &document.to_bytes(), true).await.unwrap();
}

/// The contract that comes after, on the shape of this one.
async fn begin_draft(conn: &mut PgConnection, act: &Act) {
    let (_, like) = documents::load(conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    let ground = shape::Ground {
        establishment: like.establishment.clone(),
        framework: like.framework.clone(),
        structure: like.structure.clone(),
    };
    let form =
        serde_json::json!({ "kind": "cpom", "first_year": 2027, "last_year": 2032, "title": "Contrat 2027-2032" });
    let draft = shape::begin(ground, form, Some(&like)).unwrap();
    let shared = documents::shared(conn, "iut").await.unwrap();
    documents::write(conn, act, &draft, &draft.changes_from(&shared)).await.unwrap();
}
