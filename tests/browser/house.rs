//! The real application on a port of its own, over a database holding the demo.

use std::net::SocketAddr;

use cpom::accounts::demo;
use cpom::dialogue::model::Campaign;
use cpom::dialogue::store::open_campaign;
use cpom::document::import::import;
use cpom::document::store as documents;
use cpom::drafts::shape::{Ground, begin};
use cpom::journal::model::Act;
use cpom::kernel::clock::Clock;
use cpom::web::{App, Settings};
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool};

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

const SIGNED: &[u8] = include_bytes!("../../demo/contrat-signe.json");
const INVENTED: &[u8] = include_bytes!("../../demo/situations-fictives.json");

/// The application, listening.
#[derive(Clone)]
pub struct House {
    pool: PgPool,
    /// `http://127.0.0.1:…`
    pub address: String,
}

impl House {
    /// Migrates the database, loads the demo and serves, all under the serving role as in production.
    pub async fn open(options: PgConnectOptions) -> Self {
        cpom::db::migrate(&options).await.unwrap();
        let pool = cpom::db::pool(options, 8).await.unwrap();
        cpom::db::check_role(&pool).await.unwrap();
        let clock = Clock::fixed(NOW.parse().unwrap());
        load_demo(&pool, &clock).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { public_url: address.clone(), ..Settings::default() };
        let router = cpom::routes::app(App::new(pool.clone(), clock, settings));
        tokio::spawn(async move {
            axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
        });
        Self { pool, address }
    }

    /// Gives the connections back, so that the database can be dropped.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

async fn load_demo(pool: &PgPool, clock: &Clock) {
    let mut conn = pool.acquire().await.unwrap();
    let act = Act::command("demo", clock.now());
    // The contract was there a little before its figures: an earlier day has something to show.
    let before = Act::command("demo", clock.now() - chrono::TimeDelta::days(10));
    import(&mut conn, &before, SIGNED, false).await.unwrap();
    import(&mut conn, &act, INVENTED, true).await.unwrap();
    let opens_on = clock.today();
    let closes_on = opens_on + chrono::TimeDelta::days(30);
    let campaign = Campaign { year: YEAR, opens_on, closes_on, deviation_threshold: None };
    open_campaign(&mut conn, &act, &campaign, &[], &[]).await.unwrap();
    demo::create(&mut conn, clock, PASSWORD).await.unwrap();
    begin_draft(&mut conn, &act).await;
}

/// The contract that comes after, on the shape of this one.
async fn begin_draft(conn: &mut PgConnection, act: &Act) {
    let (_, like) = documents::load(conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    let ground = Ground {
        establishment: like.establishment.clone(),
        framework: like.framework.clone(),
        structure: like.structure.clone(),
    };
    let form =
        serde_json::json!({ "kind": "cpom", "first_year": 2027, "last_year": 2032, "title": "Contrat 2027-2032" });
    let draft = begin(ground, form, Some(&like)).unwrap();
    let shared = documents::shared(conn, "iut").await.unwrap();
    documents::write(conn, act, &draft, &draft.changes_from(&shared)).await.unwrap();
}
