//! The SQL of budget lines and printed totals.
//!
//! `put_*` writes one element, matched by its code, and returns its version; `remove_*` takes one away. A line's
//! version is what a person had under their eyes: [`save_line`] writes only over that one.

use std::collections::HashMap;

use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::model::{BUDGET_KIND, BudgetLine, BudgetTotals, Nature, Scheduled, TOTALS_KIND, YearAmount};
use super::sums::Asked;
use crate::arbitrages::amendment::AMENDMENT_KIND;
use crate::arbitrages::model::{ARBITRAGE_KIND, CONDITION_KIND, Subject};
use crate::arbitrages::opinion::OPINION_KIND;
use crate::arbitrages::store::Dossier;
use crate::db::{json, sound};
use crate::kernel::canonical::{self, Canonical};
use crate::kernel::ids::Code;
use crate::plans::model::{NODE_KIND, Node};
use crate::plans::store::Past;
use crate::printed::model::MENTION_KIND;
use crate::reserves::model::RESERVE_KIND;

fn codes(column: &str, texts: &[String]) -> sqlx::Result<Vec<Code>> {
    texts.iter().map(|code| sound(column, Code::new(code))).collect()
}

/// A line, its version, and whose it is.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Database id of its plan.
    pub plan_id: i64,
    /// The line.
    pub line: BudgetLine,
    /// What an editor has under their eyes.
    pub version: i32,
}

/// The lines of these plans, those of each in order.
pub async fn lines(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<Vec<Kept>> {
    let rows = sqlx::query!(
        r#"SELECT plan_id, version, code, objective_printed, objective_inherited, nodes, nature, category, subcategory,
                  label, site, years, years_printed, cost, cost_printed, participation, participation_of,
                  participation_printed, self_financing::text AS "self_financing!", self_financing_printed,
                  schedule::text AS "schedule!", provenance
           FROM budget_line WHERE plan_id = ANY ($1) ORDER BY position, id"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    let normal = |value: Option<Decimal>| value.map(|value| value.normalize());
    rows.into_iter()
        .map(|row| {
            let line = BudgetLine {
                code: sound("budget_line.code", Code::new(&row.code))?,
                objective_printed: row.objective_printed,
                objective_inherited: row.objective_inherited,
                nodes: codes("budget_line.nodes", &row.nodes)?,
                nature: sound("budget_line.nature", Nature::from_word(&row.nature))?,
                category: row.category,
                subcategory: row.subcategory,
                label: row.label,
                site: row.site.map(|code| sound("budget_line.site", Code::new(&code))).transpose()?,
                years: row.years,
                years_printed: row.years_printed,
                cost: normal(row.cost),
                cost_printed: row.cost_printed,
                participation: normal(row.participation),
                participation_of: row.participation_of,
                participation_printed: row.participation_printed,
                self_financing: sound(
                    "budget_line.self_financing",
                    canonical::from_text::<Vec<YearAmount>>(&row.self_financing),
                )?,
                self_financing_printed: row.self_financing_printed,
                schedule: sound("budget_line.schedule", canonical::from_text::<Vec<Scheduled>>(&row.schedule))?,
                provenance: row.provenance,
            };
            Ok(Kept { plan_id: row.plan_id, line, version: row.version })
        })
        .collect()
}

/// Writes one line.
pub async fn put_line(conn: &mut PgConnection, plan_id: i64, it: &BudgetLine, position: i32) -> sqlx::Result<i32> {
    let nodes: Vec<String> = it.nodes.iter().map(Code::to_string).collect();
    sqlx::query_scalar!(
        "INSERT INTO budget_line (plan_id, code, position, objective_printed, objective_inherited, nodes, nature,
                                  category, subcategory, label, site, years, years_printed, cost, cost_printed,
                                  participation, participation_of, participation_printed, self_financing,
                                  self_financing_printed, schedule, provenance)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19::text::json, $20,
                 $21::text::json, $22)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = budget_line.version + 1, position = excluded.position,
             objective_printed = excluded.objective_printed, objective_inherited = excluded.objective_inherited,
             nodes = excluded.nodes, nature = excluded.nature, category = excluded.category,
             subcategory = excluded.subcategory, label = excluded.label, site = excluded.site, years = excluded.years,
             years_printed = excluded.years_printed, cost = excluded.cost, cost_printed = excluded.cost_printed,
             participation = excluded.participation, participation_of = excluded.participation_of,
             participation_printed = excluded.participation_printed, self_financing = excluded.self_financing,
             self_financing_printed = excluded.self_financing_printed, schedule = excluded.schedule,
             provenance = excluded.provenance
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.objective_printed,
        it.objective_inherited,
        &nodes,
        it.nature.word(),
        it.category,
        it.subcategory,
        it.label,
        it.site.as_ref().map(Code::as_str),
        &it.years,
        it.years_printed,
        it.cost,
        it.cost_printed,
        it.participation,
        it.participation_of,
        it.participation_printed,
        it.self_financing.write().to_string(),
        it.self_financing_printed,
        it.schedule.write().to_string(),
        it.provenance,
    )
    .fetch_one(conn)
    .await
}

/// Writes the schedule of a line over the version its author had under their eyes, and returns its new version and its
/// position; `None` when another version is there: a conflict.
pub async fn save_schedule(
    conn: &mut PgConnection,
    plan_id: i64,
    it: &BudgetLine,
    base: i32,
) -> sqlx::Result<Option<(i32, i32)>> {
    let row = sqlx::query!(
        "UPDATE budget_line SET version = version + 1, schedule = $4::text::json
         WHERE plan_id = $1 AND code = $2 AND version = $3 RETURNING version, position",
        plan_id,
        it.code.as_str(),
        base,
        it.schedule.write().to_string(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.version, row.position)))
}

/// Adds a line at the end of the plan's and returns its version and its position; `None` when its code was taken
/// meanwhile.
pub async fn append_line(conn: &mut PgConnection, plan_id: i64, it: &BudgetLine) -> sqlx::Result<Option<(i32, i32)>> {
    let position = sqlx::query_scalar!(
        r#"SELECT coalesce(max(position) + 1, 0) AS "next!" FROM budget_line
           WHERE plan_id = $1 HAVING NOT coalesce(bool_or(code = $2), false)"#,
        plan_id,
        it.code.as_str(),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(position) = position else { return Ok(None) };
    let version = put_line(conn, plan_id, it, position).await?;
    Ok(Some((version, position)))
}

/// Takes one line away.
pub async fn remove_line(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM budget_line WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes the printed totals.
pub async fn put_totals(conn: &mut PgConnection, plan_id: i64, it: &BudgetTotals) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO budget_totals (plan_id, content) VALUES ($1, $2::text::json)
         ON CONFLICT (plan_id) DO UPDATE SET version = budget_totals.version + 1, content = excluded.content
         RETURNING version",
        plan_id,
        it.write().to_string(),
    )
    .fetch_one(conn)
    .await
}

/// Takes the printed totals away.
pub async fn remove_totals(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM budget_totals WHERE plan_id = $1 RETURNING version", plan_id)
        .fetch_optional(conn)
        .await
}

/// The totals printed under the lines of those of these plans that have some.
pub async fn totals_of(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, BudgetTotals>> {
    let rows = sqlx::query!(
        r#"SELECT plan_id, content::text AS "content!" FROM budget_totals WHERE plan_id = ANY ($1)"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.plan_id, json("budget_totals.content", &row.content)?))).collect()
}

/// What surrounds the lines of a plan on its pages.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The totals as printed.
    pub printed: Option<BudgetTotals>,
    /// The tree: what the lines serve.
    pub nodes: Vec<Node>,
    /// Year of the plan's latest campaign.
    pub year: Option<i32>,
}

/// What surrounds the lines of a plan, in one statement.
pub async fn surroundings(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Surroundings> {
    let row = sqlx::query!(
        r#"SELECT
             (SELECT content::text FROM budget_totals WHERE plan_id = $1) AS printed,
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'level', level,
                        'label', label)) ORDER BY position, id), '[]')
              FROM node WHERE plan_id = $1)::text AS "nodes!",
             (SELECT max(campaign.year) FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
              WHERE dialogue.plan_id = $1) AS year"#,
        plan_id
    )
    .fetch_one(conn)
    .await?;
    Ok(Surroundings {
        printed: row
            .printed
            .map(|content| sound("budget_totals.content", canonical::from_text(&content)))
            .transpose()?,
        nodes: sound("node", canonical::from_text(&row.nodes))?,
        year: row.year,
    })
}

/// The lines of a plan with the decisions on each, out of the plan's dossier.
pub async fn asked(conn: &mut PgConnection, plan_id: i64, dossier: &Dossier) -> sqlx::Result<Vec<Asked>> {
    let lines = lines(conn, &[plan_id]).await?;
    Ok(lines.into_iter().map(|kept| with_dossier(kept, dossier)).collect())
}

fn with_dossier(kept: Kept, dossier: &Dossier) -> Asked {
    let ledger = dossier.ledger(Subject::BudgetLine, &kept.line.code);
    let course = dossier.course(Subject::BudgetLine, &kept.line.code);
    Asked::new(kept.line, kept.version, ledger, course, &dossier.conditions)
}

/// What an earlier day of a budget is made of, out of the journal.
pub const PAST_KINDS: &[&str] = &[
    NODE_KIND,
    BUDGET_KIND,
    TOTALS_KIND,
    ARBITRAGE_KIND,
    AMENDMENT_KIND,
    OPINION_KIND,
    CONDITION_KIND,
    RESERVE_KIND,
    MENTION_KIND,
];

/// The lines of a plan with the decisions on each, its dossier and what surrounded them, as they stood on an earlier day;
/// `year` is that of the latest campaign, which the navigation leads to.
pub fn past(past: &Past, year: Option<i32>) -> sqlx::Result<(Vec<Asked>, Dossier, Surroundings)> {
    let dossier = Dossier::past(past)?;
    let lines: Vec<BudgetLine> = past.things(BUDGET_KIND)?;
    let lines = lines
        .into_iter()
        .map(|mut line| {
            line.sort();
            with_dossier(Kept { plan_id: past.header.id, line, version: 0 }, &dossier)
        })
        .collect();
    let around = Surroundings { printed: past.things(TOTALS_KIND)?.pop(), nodes: past.things(NODE_KIND)?, year };
    Ok((lines, dossier, around))
}

/// The lines of each of these plans with what became of them, in two statements.
pub async fn asked_of(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Vec<Asked>>> {
    let lines = lines(conn, plans).await?;
    let dossiers = crate::arbitrages::store::dossiers(conn, plans).await?;
    let none = Dossier::default();
    let mut found: HashMap<i64, Vec<Asked>> = HashMap::new();
    for kept in lines {
        let dossier = dossiers.get(&kept.plan_id).unwrap_or(&none);
        found.entry(kept.plan_id).or_default().push(with_dossier(kept, dossier));
    }
    Ok(found)
}

/// The labels of the objectives that the lines of these plans serve, by code.
pub async fn served(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, HashMap<String, String>>> {
    let rows = sqlx::query!(
        "SELECT plan_id, code, label FROM node
         WHERE plan_id = ANY ($1)
           AND EXISTS (SELECT FROM budget_line line WHERE line.plan_id = node.plan_id AND node.code = ANY (line.nodes))",
        plans
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<i64, HashMap<String, String>> = HashMap::new();
    for row in rows {
        found.entry(row.plan_id).or_default().insert(row.code, row.label);
    }
    Ok(found)
}
