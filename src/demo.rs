//! The demonstration: the real contract, and five structures invented around it so that every state is on screen.

mod avenant;
mod past;

use chrono::Datelike;
use sqlx::{Connection, PgConnection};

use crate::dialogue::model::Campaign;
use crate::dialogue::store::campaign::campaign;
use crate::dialogue::store::{OpenError, open_campaign};
use crate::document::{self, ImportError};
use crate::journal::model::Act;
use crate::kernel::canonical::Problem;
use crate::kernel::clock::Clock;
use crate::plans::store as plans;

/// The real contract, as signed.
pub const SIGNED: &[u8] = include_bytes!("../demo/contrat-signe.json");
/// The same with invented situations, each marked « donnée fictive ».
pub const INVENTED: &[u8] = include_bytes!("../demo/situations-fictives.json");
/// Contracts of structures that do not exist, in the order of the lists: a large one; one with an objective without
/// indicator; one without any reference in figures; one that is over; one that has not begun.
pub const OTHERS: [&[u8]; 5] = [
    include_bytes!("../demo/ecole-ingenieurs-fictive.json"),
    include_bytes!("../demo/institut-humanites-fictif.json"),
    include_bytes!("../demo/institut-vivant-fictif.json"),
    include_bytes!("../demo/institut-droit-economie-gestion-fictif.json"),
    include_bytes!("../demo/service-formation-fictif.json"),
];
/// The code of the real contract.
const CONTRACT: &str = "uca-iut-2021-2026";
/// How long the demo's campaign lasts.
const CAMPAIGN_DAYS: u64 = 30;

/// The two documents of the real contract, the second over the first, and the campaign of the clock's year.
pub async fn load_contract(conn: &mut PgConnection, clock: &Clock) -> anyhow::Result<()> {
    let act = Act::command("demo", clock.now());
    load_signed(conn, &act).await?;
    open(conn, &act, clock).await
}

/// The six structures, and the two campaigns before the one of the clock's year: all of it, or nothing.
pub async fn load(conn: &mut PgConnection, clock: &Clock) -> anyhow::Result<()> {
    let mut tx = conn.begin().await?;
    if campaign(&mut tx, clock.today().year()).await?.is_some() {
        return Ok(());
    }
    let arrival = past::arrival(clock);
    load_documents(&mut tx, &Act::command("demo", arrival), &[SIGNED]).await?;
    let documents: Vec<&[u8]> = [INVENTED].into_iter().chain(OTHERS).collect();
    past::load(&mut tx, clock, &documents).await?;
    tx.commit().await?;
    Ok(())
}

/// The six structures, and the campaign of the clock's year alone.
pub async fn load_structures(conn: &mut PgConnection, clock: &Clock) -> anyhow::Result<()> {
    let act = Act::command("demo", clock.now());
    load_signed(conn, &act).await?;
    load_documents(conn, &act, &OTHERS).await?;
    open(conn, &act, clock).await
}

/// The real contract as signed, unless it is there already: what was confirmed since does not go back to the paper.
async fn load_signed(conn: &mut PgConnection, act: &Act) -> anyhow::Result<()> {
    if plans::header(conn, CONTRACT).await?.is_none() {
        load_documents(conn, act, &[SIGNED]).await?;
    }
    load_documents(conn, act, &[INVENTED]).await
}

/// A demo cut short is taken up where it stopped: what is there already is written over.
async fn load_documents(conn: &mut PgConnection, act: &Act, documents: &[&[u8]]) -> anyhow::Result<()> {
    for bytes in documents {
        told(document::import(conn, act, bytes, true).await)?;
    }
    Ok(())
}

/// What is there already is no obstacle.
async fn open(conn: &mut PgConnection, act: &Act, clock: &Clock) -> anyhow::Result<()> {
    let today = clock.today();
    let closing = today + chrono::Days::new(CAMPAIGN_DAYS);
    let campaign = Campaign { year: today.year(), opens_on: today, closes_on: closing, deviation_threshold: None };
    match open_campaign(conn, act, &campaign, &[], &[]).await {
        Ok(()) | Err(OpenError::Exists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// An import, its problems told one a line.
pub fn told(result: Result<document::Imported, ImportError>) -> anyhow::Result<document::Imported> {
    result.map_err(|error| match error {
        ImportError::Problems(problems) => {
            let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
            anyhow::anyhow!("rien n’a été écrit, {} problème(s) :\n  {}", lines.len(), lines.join("\n  "))
        }
        ImportError::Sql(error) => error.into(),
    })
}
