//! An invented establishment of any size, for `make bench`: the demo's contract brought to round numbers, then as many
//! times as there are structures.
//!
//! The first contract comes in through the same doors as any other (the import, the campaign, the accounts); the others
//! are copies of its rows, because two million journal entries written one by one would take the night.

use anyhow::{Context, bail, ensure};
use chrono::{Datelike, Days, Months};
use sqlx::{Connection, PgConnection};

use crate::accounts::demo;
use crate::budget::model::BudgetLine;
use crate::demo::{INVENTED, told};
use crate::dialogue::{self, model::Campaign};
use crate::document::{self, model::Document};
use crate::indicators::model::{Cell, Indicator, Measure, Origin, Status, Target};
use crate::journal::model::Act;
use crate::kernel::clock::Clock;
use crate::kernel::ids::Code;
use crate::kernel::period::{Availability, PeriodKind, columns};

/// Measures of a contract, each with one cell a year.
const MEASURES: usize = 40;
/// Lines of its budget.
const BUDGET_LINES: usize = 10;
/// Entries of its journal, and how many of them are younger than the campaign.
const ENTRIES: i64 = 1250;
const ENTRIES_OF_CAMPAIGN: i64 = 100;

fn code(text: &str) -> anyhow::Result<Code> {
    Code::new(text).with_context(|| format!("« {text} » n’est pas un code"))
}

/// The demo's contract with round numbers: every year has its cell, and there are as many things as the constants say.
fn contract() -> anyhow::Result<Document> {
    let Ok(mut document) = Document::parse(INVENTED) else { bail!("le document de démonstration ne se lit pas") };
    let lines: Vec<BudgetLine> = document.budget.clone();
    for (rank, model) in (lines.len()..BUDGET_LINES).zip(lines.iter().cycle()) {
        document.budget.push(BudgetLine { code: code(&format!("B{}", rank + 1))?, ..model.clone() });
    }
    for indicator in &mut document.indicators {
        indicator.period_kind = PeriodKind::Civil;
        indicator.availability = Availability::NextFirstQuarter;
        indicator.columns_printed.clear();
    }
    for measure in &mut document.measures {
        measure.is_quotient = false;
    }
    let models: Vec<(Indicator, Measure, Target)> = document
        .measures
        .iter()
        .filter_map(|measure| {
            let indicator = document.indicators.iter().find(|it| it.code == measure.indicator && !it.is_group)?;
            let target = document.targets.iter().find(|it| it.measure == measure.code)?;
            Some((indicator.clone(), measure.clone(), target.clone()))
        })
        .collect();
    let missing = MEASURES.saturating_sub(document.measures.len());
    for (number, (indicator, measure, target)) in
        (document.indicators.len() + 1..).zip(models.iter().cycle()).take(missing)
    {
        let code = code(&number.to_string())?;
        // Half of what is added is entered by pilotage.
        let origin = if number % 2 == 0 { Origin::Sapcg } else { indicator.origin };
        document.indicators.push(Indicator { code: code.clone(), origin, ..indicator.clone() });
        document.measures.push(Measure { code: code.clone(), indicator: code.clone(), ..measure.clone() });
        document.targets.push(Target { measure: code, ..target.clone() });
    }
    let years = columns(PeriodKind::Civil, document.plan.first_year, document.plan.last_year);
    document.cells = document
        .measures
        .iter()
        .zip(0_i64..)
        .flat_map(|(measure, rank)| years.iter().zip(0_i64..).map(move |(period, year)| (measure, *period, rank, year)))
        .map(|(measure, period, rank, year)| {
            // One answer in twenty is missing, one in forty does not apply; one in seven is explained.
            let place = rank * 6 + year;
            let status = match place % 40 {
                13 | 33 => Status::NotProvided,
                27 => Status::NotApplicable,
                _ => Status::Value,
            };
            Cell {
                status: Some(status),
                value: (status == Status::Value).then(|| (10 + rank + 3 * year).into()),
                comment: (place % 7 == 0).then(|| "Le périmètre a changé dans l’année (donnée fictive).".into()),
                provenance: Some("donnée fictive".into()),
                ..Cell::empty(measure.code.clone(), period)
            }
        })
        .collect();
    ensure!(document.measures.len() == MEASURES, "le contrat n’a pas la taille voulue");
    Ok(document)
}

/// Fills an empty database, as its owner: structures, each with its contract, dialogue, director and journal.
pub async fn fill(conn: &mut PgConnection, clock: &Clock, password: &str, structures: u32) -> anyhow::Result<()> {
    ensure!(structures >= 1, "il faut au moins une structure");
    let used = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM plan) OR EXISTS (SELECT FROM account) AS "used!""#)
        .fetch_one(&mut *conn)
        .await?;
    ensure!(!used, "cette base n’est pas vide : l’établissement d’essai ne s’installe que dans une base vide");
    let mut tx = conn.begin().await?;
    let (now, today) = (clock.now(), clock.today());
    let opened = now - Days::new(30);
    let begun = opened - Months::new(36);
    let act = Act::command("bench-data", begun);
    told(document::import(&mut tx, &act, &contract()?.to_bytes(), false).await)?;
    corrections(&mut tx, ENTRIES - ENTRIES_OF_CAMPAIGN, begun, opened).await?;
    let act = Act::command("bench-data", opened);
    let campaign = Campaign {
        year: today.year(),
        opens_on: opened.date_naive(),
        closes_on: today + Days::new(30),
        deviation_threshold: None,
    };
    dialogue::store::open_campaign(&mut tx, &act, &campaign, &[], &[]).await?;
    corrections(&mut tx, ENTRIES, opened, now).await?;
    demo::create(&mut tx, clock, password).await?;
    set(&mut tx, "bench.copies", (structures - 1).to_string()).await?;
    sqlx::raw_sql(include_str!("synthetic/copies.sql")).execute(&mut *tx).await?;
    tx.commit().await?;
    // What is not the owner's is skipped, each time with a warning nobody needs.
    sqlx::raw_sql("SET client_min_messages = error; ANALYZE").execute(conn).await?;
    Ok(())
}

/// Corrects cells until the journal has so many entries, between two instants.
async fn corrections(
    conn: &mut PgConnection,
    entries: i64,
    from: chrono::DateTime<chrono::Utc>,
    until: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<()> {
    set(conn, "bench.entries", entries.to_string()).await?;
    set(conn, "bench.from", from.to_rfc3339()).await?;
    set(conn, "bench.until", until.to_rfc3339()).await?;
    sqlx::raw_sql(include_str!("synthetic/edits.sql")).execute(conn).await?;
    Ok(())
}

/// A parameter of the scripts, until the end of the transaction.
async fn set(conn: &mut PgConnection, name: &str, value: String) -> anyhow::Result<()> {
    sqlx::query_scalar!("SELECT set_config($1, $2, true)", name, value).fetch_one(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_sound_and_round() {
        let document = contract().unwrap();
        let read = Document::parse(&document.to_bytes()).unwrap();
        assert_eq!((read.measures.len(), read.targets.len(), read.cells.len()), (40, 40, 240));
        assert_eq!((read.budget.len(), read.jalons.len()), (10, 26));
        assert!(read.indicators.iter().filter(|it| it.origin == Origin::Sapcg).count() >= 9);
    }
}
