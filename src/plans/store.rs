//! The SQL of the establishment, its framework and structures, and of plans with their texts, adoption and tree.
//!
//! `put_*` writes one element, matched by its code, and returns its version; `remove_*` takes one away. The caller
//! owns the transaction and writes the journal in it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::model::{
    Act, AdoptionStep, ESTABLISHMENT_KIND, Establishment, Fact, FrameworkRow, Node, PLAN_KIND, Plan, PlanKind,
    STRUCTURE_KIND, Section, Site, Structure, StructureKind,
};
use crate::accounts::model::Reach;
use crate::db::{json, json_text, sound};
use crate::journal::model::Standing;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::kernel::clock;
use crate::kernel::ids::Code;
use crate::kernel::memory::Mark;

fn strings(codes: &[Code]) -> Vec<String> {
    codes.iter().map(Code::to_string).collect()
}

// ───────────────────────────────────────────────────────── establishment ──

/// The university, once a document has been imported.
pub async fn establishment(conn: &mut PgConnection) -> sqlx::Result<Option<Establishment>> {
    let row = sqlx::query!(
        r#"SELECT code, name, acronym, facts::text AS "facts!", framework_title, framework_levels FROM establishment"#
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Establishment {
            code: sound("establishment.code", Code::new(&row.code))?,
            name: row.name,
            acronym: row.acronym,
            facts: json::<Vec<Fact>>("establishment.facts", &row.facts)?,
            framework_title: row.framework_title,
            framework_levels: row.framework_levels,
        })
    })
    .transpose()
}

/// Writes the university.
pub async fn put_establishment(conn: &mut PgConnection, it: &Establishment) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO establishment (code, name, acronym, facts, framework_title, framework_levels)
         VALUES ($1, $2, $3, $4::text::json, $5, $6)
         ON CONFLICT (id) DO UPDATE SET version = establishment.version + 1, code = excluded.code,
             name = excluded.name, acronym = excluded.acronym, facts = excluded.facts,
             framework_title = excluded.framework_title, framework_levels = excluded.framework_levels
         RETURNING version",
        it.code.as_str(),
        it.name,
        it.acronym,
        json_text(&it.facts),
        it.framework_title,
        &it.framework_levels,
    )
    .fetch_one(conn)
    .await
}

/// The framework, in order.
pub async fn framework(conn: &mut PgConnection) -> sqlx::Result<Vec<FrameworkRow>> {
    let rows = sqlx::query!(
        "SELECT code, domain, theme, theme_printed, objective, truncated, note FROM framework_row ORDER BY position, id"
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(FrameworkRow {
                code: sound("framework_row.code", Code::new(&row.code))?,
                domain: row.domain,
                theme: row.theme,
                theme_printed: row.theme_printed,
                objective: row.objective,
                truncated: row.truncated,
                note: row.note,
            })
        })
        .collect()
}

/// Writes one row of the framework.
pub async fn put_framework_row(conn: &mut PgConnection, it: &FrameworkRow, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO framework_row (code, position, domain, theme, theme_printed, objective, truncated, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (code) DO UPDATE SET version = framework_row.version + 1, position = excluded.position,
             domain = excluded.domain, theme = excluded.theme, theme_printed = excluded.theme_printed,
             objective = excluded.objective, truncated = excluded.truncated, note = excluded.note
         RETURNING version",
        it.code.as_str(),
        position,
        it.domain,
        it.theme,
        it.theme_printed,
        it.objective,
        it.truncated,
        it.note,
    )
    .fetch_one(conn)
    .await
}

/// Takes one row of the framework away.
pub async fn remove_framework_row(conn: &mut PgConnection, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM framework_row WHERE code = $1 RETURNING version", code).fetch_optional(conn).await
}

/// Plans other than this one whose nodes link to a row of the framework.
pub async fn framework_users(conn: &mut PgConnection, row: &str, but: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "SELECT DISTINCT plan.code FROM node JOIN plan ON plan.id = node.plan_id
         WHERE $1 = ANY (node.framework_rows) AND plan.code <> $2 ORDER BY 1",
        row,
        but,
    )
    .fetch_all(conn)
    .await
}

/// A structure with its database id.
pub async fn structure(conn: &mut PgConnection, code: &str) -> sqlx::Result<Option<(i64, Structure)>> {
    let row = sqlx::query!(
        r#"SELECT id, code, kind, label, acronym, sites::text AS "sites!" FROM structure WHERE code = $1"#,
        code
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let structure = Structure {
            code: sound("structure.code", Code::new(&row.code))?,
            kind: sound("structure.kind", StructureKind::from_word(&row.kind))?,
            label: row.label,
            acronym: row.acronym,
            sites: json::<Vec<Site>>("structure.sites", &row.sites)?,
        };
        Ok((row.id, structure))
    })
    .transpose()
}

/// Writes a structure; a new one comes after those known.
pub async fn put_structure(conn: &mut PgConnection, it: &Structure) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO structure (code, position, kind, label, acronym, sites)
         VALUES ($1, (SELECT coalesce(max(position) + 1, 0) FROM structure), $2, $3, $4, $5::text::json)
         ON CONFLICT (code) DO UPDATE SET version = structure.version + 1, kind = excluded.kind,
             label = excluded.label, acronym = excluded.acronym, sites = excluded.sites
         RETURNING version",
        it.code.as_str(),
        it.kind.word(),
        it.label,
        it.acronym,
        json_text(&it.sites),
    )
    .fetch_one(conn)
    .await
}

// ────────────────────────────────────────────────────────────────── plan ──

/// What every page of a plan starts from.
#[derive(Debug, Clone)]
pub struct Header {
    /// Database id.
    pub id: i64,
    /// The plan.
    pub plan: Plan,
    /// Database id of its structure.
    pub structure_id: i64,
    /// Its structure.
    pub structure: Structure,
    /// The university, the same for all.
    pub establishment: Arc<Establishment>,
    /// The campaign whose closing closed it: nothing is entered any more (docs/regles.md §9).
    pub closed: Option<i32>,
    /// Up to where its history was read: its own entries, and those of what contracts share.
    pub mark: Mark,
}

impl Header {
    /// A campaign of this year asks it: signed, begun, and not closed (docs/regles.md §9).
    pub const fn takes_part(&self, year: i32) -> bool {
        self.plan.first_year <= year && self.closed.is_none() && !self.plan.draft
    }
}

/// The plan of a code with its structure, whoever asks: the caller checks visibility.
pub async fn header(conn: &mut PgConnection, code: &str) -> sqlx::Result<Option<Header>> {
    seen(conn, code, &Reach::all()).await
}

/// The plan of a code, for someone whose reach it is in: what they do not read is not there.
pub async fn seen(conn: &mut PgConnection, code: &str, reach: &Reach) -> sqlx::Result<Option<Header>> {
    Ok(headers(conn, Some(code), reach).await?.pop())
}

/// The plans a person reads, by structure, the latest first.
pub async fn list(conn: &mut PgConnection, reach: &Reach) -> sqlx::Result<Vec<Header>> {
    headers(conn, None, reach).await
}

async fn headers(conn: &mut PgConnection, code: Option<&str>, reach: &Reach) -> sqlx::Result<Vec<Header>> {
    let rows = sqlx::query!(
        r#"SELECT plan.id, plan.code, plan.kind, plan.title, plan.first_year, plan.last_year, plan.levels,
                  plan.parties::text AS "parties!", plan.annexes::text AS "annexes!", plan.notice,
                  plan.deviation_threshold, plan.closed_year,
                  structure.id AS structure_id, structure.code AS structure_code, structure.kind AS structure_kind,
                  structure.label AS structure_label, structure.acronym AS structure_acronym,
                  structure.sites::text AS "structure_sites!", plan.draft, establishment.code AS establishment_code,
                  establishment.name AS establishment_name, establishment.acronym AS establishment_acronym,
                  establishment.facts::text AS "establishment_facts!", framework_title, framework_levels,
                  greatest((SELECT max(id) FROM journal_entry WHERE plan_id = plan.id),
                           (SELECT max(id) FROM journal_entry WHERE plan_id IS NULL)) AS entry,
                  pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot()) AS "settled!"
           FROM plan JOIN structure ON structure.id = plan.structure_id CROSS JOIN establishment
           WHERE ($1::text IS NULL OR plan.code = $1)
             AND ($2 OR plan.structure_id = ANY ($3) OR plan.id = ANY ($4))
             AND (NOT plan.draft OR $5 OR plan.structure_id = ANY ($3))
           ORDER BY structure.position, plan.first_year DESC, plan.code"#,
        code,
        reach.everything,
        &reach.structures,
        &reach.plans,
        reach.drafts,
    )
    .fetch_all(conn)
    .await?;
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let establishment = Arc::new(Establishment {
        code: sound("establishment.code", Code::new(&first.establishment_code))?,
        name: first.establishment_name.clone(),
        acronym: first.establishment_acronym.clone(),
        facts: json::<Vec<Fact>>("establishment.facts", &first.establishment_facts)?,
        framework_title: first.framework_title.clone(),
        framework_levels: first.framework_levels.clone(),
    });
    rows.into_iter()
        .map(|row| {
            Ok(Header {
                id: row.id,
                plan: Plan {
                    code: sound("plan.code", Code::new(&row.code))?,
                    kind: sound("plan.kind", PlanKind::from_word(&row.kind))?,
                    title: row.title,
                    first_year: row.first_year,
                    last_year: row.last_year,
                    levels: row.levels,
                    parties: json("plan.parties", &row.parties)?,
                    annexes: json("plan.annexes", &row.annexes)?,
                    notice: row.notice,
                    deviation_threshold: row.deviation_threshold.normalize(),
                    draft: row.draft,
                },
                structure_id: row.structure_id,
                structure: Structure {
                    code: sound("structure.code", Code::new(&row.structure_code))?,
                    kind: sound("structure.kind", StructureKind::from_word(&row.structure_kind))?,
                    label: row.structure_label,
                    acronym: row.structure_acronym,
                    sites: json("structure.sites", &row.structure_sites)?,
                },
                establishment: Arc::clone(&establishment),
                closed: row.closed_year,
                mark: Mark { id: row.id, entry: row.entry.unwrap_or_default(), settled: row.settled },
            })
        })
        .collect()
}

/// A plan at the end of an earlier day, out of the journal alone.
#[derive(Debug, Clone)]
pub struct Past {
    /// The day.
    pub day: NaiveDate,
    /// Its last instant.
    pub at: DateTime<Utc>,
    /// The plan, its structure and the university as they were; its reader's rights are those of today.
    pub header: Header,
    /// What else stood, of the kinds asked for.
    pub standing: Vec<Standing>,
}

impl Past {
    /// The things of one kind, in their order.
    pub fn things<T: Canonical>(&self, kind: &str) -> sqlx::Result<Vec<T>> {
        journal::things(&self.standing, kind)
    }
}

/// A plan at the end of an earlier day with its things of these kinds, in one statement; `None` before its first entry.
pub async fn past(conn: &mut PgConnection, now: &Header, day: NaiveDate, kinds: &[&str]) -> sqlx::Result<Option<Past>> {
    let at = clock::end_of(day);
    let wanted = [&[ESTABLISHMENT_KIND, STRUCTURE_KIND, PLAN_KIND], kinds].concat();
    let standing = journal::standing(conn, now.id, at, &wanted).await?;
    let establishment = journal::things(&standing, ESTABLISHMENT_KIND)?.pop();
    let structure = journal::things(&standing, STRUCTURE_KIND)?.pop();
    let plan = journal::things(&standing, PLAN_KIND)?.pop();
    let (Some(establishment), Some(structure), Some(plan)) = (establishment, structure, plan) else { return Ok(None) };
    let header = Header { plan, structure, establishment: Arc::new(establishment), ..now.clone() };
    Ok(Some(Past { day, at, header, standing }))
}

/// Closes a plan with the campaign of a year: its bilan is made.
pub async fn close_plan(conn: &mut PgConnection, plan_id: i64, year: i32) -> sqlx::Result<()> {
    sqlx::query!("UPDATE plan SET closed_year = $2 WHERE id = $1", plan_id, year).execute(conn).await?;
    Ok(())
}

/// Writes the plan itself and returns its id and version.
pub async fn put_plan(conn: &mut PgConnection, it: &Plan, structure: &Code) -> sqlx::Result<(i64, i32)> {
    let row = sqlx::query!(
        "INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels, parties, annexes, notice,
                           deviation_threshold, draft)
         VALUES ($1, $2, $3, (SELECT id FROM structure WHERE code = $4), $5, $6, $7, $8::text::json, $9::text::json,
                 $10, $11, $12)
         ON CONFLICT (code) DO UPDATE SET version = plan.version + 1, kind = excluded.kind, title = excluded.title,
             structure_id = excluded.structure_id, first_year = excluded.first_year, last_year = excluded.last_year,
             levels = excluded.levels, parties = excluded.parties, annexes = excluded.annexes,
             notice = excluded.notice, deviation_threshold = excluded.deviation_threshold, draft = excluded.draft
         RETURNING id, version",
        it.code.as_str(),
        it.kind.word(),
        it.title,
        structure.as_str(),
        it.first_year,
        it.last_year,
        &it.levels,
        json_text(&it.parties),
        json_text(&it.annexes),
        it.notice,
        it.deviation_threshold,
        it.draft,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.id, row.version))
}

/// Takes the plan whole for the transaction: two imports of one plan go one after the other, and whatever is being
/// entered in it comes before or after (`access::store::hold`).
pub async fn lock_plan(conn: &mut PgConnection, code: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!("SELECT id FROM plan WHERE code = $1 FOR UPDATE", code).fetch_optional(conn).await
}

/// Writes one text.
pub async fn put_section(conn: &mut PgConnection, plan_id: i64, it: &Section, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO section (plan_id, code, position, title, body) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = section.version + 1, position = excluded.position,
             title = excluded.title, body = excluded.body
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.title,
        it.body,
    )
    .fetch_one(conn)
    .await
}

/// Takes one text away.
pub async fn remove_section(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM section WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// An adoption step as kept.
#[derive(Debug, Clone)]
pub struct KeptStep {
    /// The step.
    pub step: AdoptionStep,
    /// Raised by every change.
    pub version: i32,
    /// Its place among the plan's.
    pub position: i32,
}

/// The adoption steps of a plan, in order.
pub async fn steps(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<KeptStep>> {
    let rows = sqlx::query!(
        r#"SELECT code, version, position, body, act, label, held_on, date_printed, reference, vote::text AS vote,
                  transmitted_on, published_on, avenant
           FROM adoption_step WHERE plan_id = $1 ORDER BY position, id"#,
        plan_id
    )
    .fetch_all(conn)
    .await?;
    let kept = rows.into_iter().map(|row| {
        let step = AdoptionStep {
            code: sound("adoption_step.code", Code::new(&row.code))?,
            body: row.body,
            act: sound("adoption_step.act", Act::from_word(&row.act))?,
            label: row.label,
            held_on: row.held_on,
            date_printed: row.date_printed,
            reference: row.reference,
            vote: row.vote.map(|vote| json("adoption_step.vote", &vote)).transpose()?,
            transmitted_on: row.transmitted_on,
            published_on: row.published_on,
            avenant: row.avenant.map(|code| sound("adoption_step.avenant", Code::new(&code))).transpose()?,
        };
        Ok(KeptStep { step, version: row.version, position: row.position })
    });
    kept.collect()
}

/// Writes one adoption step.
pub async fn put_step(conn: &mut PgConnection, plan_id: i64, it: &AdoptionStep, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO adoption_step (plan_id, code, position, body, act, label, held_on, date_printed, reference, vote,
                                    transmitted_on, published_on, avenant)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::json, $11, $12, $13)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = adoption_step.version + 1, position = excluded.position,
             body = excluded.body, act = excluded.act, label = excluded.label, held_on = excluded.held_on,
             date_printed = excluded.date_printed, reference = excluded.reference, vote = excluded.vote,
             transmitted_on = excluded.transmitted_on, published_on = excluded.published_on,
             avenant = excluded.avenant
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.body,
        it.act.word(),
        it.label,
        it.held_on,
        it.date_printed,
        it.reference,
        it.vote.as_ref().map(json_text),
        it.transmitted_on,
        it.published_on,
        it.avenant.as_ref().map(Code::as_str),
    )
    .fetch_one(conn)
    .await
}

/// Takes one adoption step away.
pub async fn remove_step(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM adoption_step WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one node; its parent is there already.
pub async fn put_node(conn: &mut PgConnection, plan_id: i64, it: &Node, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO node (plan_id, code, position, parent_id, level, label, label_printed, statement, framework_rows)
         VALUES ($1, $2, $3, (SELECT id FROM node WHERE plan_id = $1 AND code = $4), $5, $6, $7, $8, $9)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = node.version + 1, position = excluded.position,
             parent_id = excluded.parent_id, level = excluded.level, label = excluded.label,
             label_printed = excluded.label_printed, statement = excluded.statement,
             framework_rows = excluded.framework_rows
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.parent.as_ref().map(Code::as_str),
        it.level,
        it.label,
        it.label_printed,
        it.statement,
        &strings(&it.framework_rows),
    )
    .fetch_one(conn)
    .await
}

/// Takes one node away.
pub async fn remove_node(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM node WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Texts, adoption steps and tree, for the page that shows them all.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// The texts, in order.
    pub sections: Vec<Section>,
    /// The adoption steps, in order.
    pub steps: Vec<AdoptionStep>,
    /// The tree, in order.
    pub nodes: Vec<Node>,
    /// The rows of the framework that the tree declines, in order.
    pub framework: Vec<FrameworkRow>,
    /// The jalons as the document writes them: their own room reads them.
    pub jalons: String,
    /// The avenants, likewise.
    pub avenants: String,
}

/// The outline of a plan, in one statement.
pub async fn outline(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Outline> {
    Ok(outlines(conn, &[plan_id]).await?.remove(&plan_id).unwrap_or_default())
}

/// The outlines of these plans, in one statement.
pub async fn outlines(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Outline>> {
    let rows = sqlx::query!(
        r#"SELECT plan.id,
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'title', title, 'body', body))
                                       ORDER BY position, id), '[]')
              FROM section WHERE plan_id = plan.id)::text AS "sections!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'body', body, 'act', act,
                        'label', label, 'held_on', held_on, 'date_printed', date_printed, 'reference', reference,
                        'vote', vote, 'transmitted_on', transmitted_on, 'published_on', published_on,
                        'avenant', avenant))
                                       ORDER BY position, id), '[]')
              FROM adoption_step WHERE plan_id = plan.id)::text AS "steps!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', node.code, 'parent', parent.code,
                        'level', node.level, 'label', node.label, 'label_printed', node.label_printed,
                        'statement', node.statement, 'framework_rows', node.framework_rows))
                                       ORDER BY node.position, node.id), '[]')
              FROM node LEFT JOIN node parent ON parent.id = node.parent_id
              WHERE node.plan_id = plan.id)::text AS "nodes!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'domain', domain,
                        'theme', theme, 'theme_printed', theme_printed, 'objective', objective,
                        'truncated', truncated, 'note', note)) ORDER BY position, id), '[]')
              FROM framework_row
              WHERE code IN (SELECT unnest(framework_rows) FROM node WHERE plan_id = plan.id))::text AS "framework!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', jalon.code, 'parent', parent.code,
                        'node', node.code, 'label', jalon.label, 'is_group', jalon.is_group,
                        'precision', jalon.precision, 'due_on', jalon.due_on, 'due_printed', jalon.due_printed,
                        'condition', jalon.condition, 'owners', jalon.owners, 'state', jalon.state,
                        'reached_on', jalon.reached_on, 'evidence', jalon.evidence, 'reason', jalon.reason,
                        'postponed_to', jalon.postponed_to, 'comment', jalon.comment,
                        'provenance', jalon.provenance, 'redated', jalon.redated)) ORDER BY jalon.position, jalon.id), '[]')
              FROM jalon JOIN node ON node.id = jalon.node_id LEFT JOIN jalon parent ON parent.id = jalon.parent_id
              WHERE jalon.plan_id = plan.id)::text AS "jalons!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'reference', reference,
                        'dated_on', dated_on, 'reason', reason, 'deliberation', deliberation, 'changes', changes,
                        'director', CASE WHEN director_on IS NOT NULL
                                         THEN json_build_object('on', director_on, 'by', director_by) END,
                        'directoire', CASE WHEN directoire_on IS NOT NULL
                                           THEN json_build_object('on', directoire_on, 'by', directoire_by) END,
                        'since', since, 'abandoned', CASE WHEN abandoned_on IS NOT NULL
                                   THEN json_build_object('on', abandoned_on, 'by', abandoned_by,
                                                          'reason', abandoned_reason) END)) ORDER BY position, id), '[]')
              FROM avenant WHERE plan_id = plan.id)::text AS "avenants!"
           FROM plan WHERE plan.id = ANY ($1)"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let outline = Outline {
                sections: json("section", &row.sections)?,
                steps: json("adoption_step", &row.steps)?,
                nodes: json("node", &row.nodes)?,
                framework: json("framework_row", &row.framework)?,
                jalons: row.jalons,
                avenants: row.avenants,
            };
            Ok((row.id, outline))
        })
        .collect()
}

/// The year of the latest campaign of a plan: the navigation leads to its entry.
pub async fn campaign_year(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "SELECT max(campaign.year) FROM dialogue JOIN campaign ON campaign.id = dialogue.campaign_id
         WHERE dialogue.plan_id = $1",
        plan_id
    )
    .fetch_one(conn)
    .await
}
