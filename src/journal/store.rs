//! The journal's SQL: the application's role can add and read, nothing else.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::model::{Act, Batch, Change, Entry, Source, Standing};
use crate::db::sound;
use crate::kernel::canonical::{Canonical, Reader};

/// Adds one entry, in the caller's transaction.
pub async fn append(conn: &mut PgConnection, act: &Act, change: Change<'_>) -> sqlx::Result<()> {
    append_all(conn, act, vec![change]).await
}

/// Adds the entries of one act in one statement, in their order, in the caller's transaction.
pub async fn append_all(conn: &mut PgConnection, act: &Act, changes: Vec<Change<'_>>) -> sqlx::Result<()> {
    let mut plans = Vec::with_capacity(changes.len());
    let mut kinds = Vec::with_capacity(changes.len());
    let mut codes = Vec::with_capacity(changes.len());
    let mut versions = Vec::with_capacity(changes.len());
    let mut befores = Vec::with_capacity(changes.len());
    let mut afters = Vec::with_capacity(changes.len());
    let mut positions = Vec::with_capacity(changes.len());
    for change in changes {
        plans.push(change.plan_id);
        kinds.push(change.kind.to_owned());
        codes.push(change.code.to_owned());
        versions.push(change.version);
        befores.push(change.before.map(|state| state.to_string()));
        afters.push(change.after.map(|state| state.to_string()));
        positions.push(change.position);
    }
    sqlx::query!(
        r#"INSERT INTO journal_entry
               (plan_id, kind, code, version, before, after, position, at, account_id, actor, source, import_id, reason)
           SELECT plan_id, kind, code, version, before::json, after::json, position, $8, $9, $10, $11, $12, $13
           FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::int[])
                WITH ORDINALITY AS change (plan_id, kind, code, version, before, after, position, rank)
           ORDER BY rank"#,
        &plans as &[Option<i64>],
        &kinds,
        &codes,
        &versions,
        &befores as &[Option<String>],
        &afters as &[Option<String>],
        &positions as &[Option<i32>],
        act.at,
        act.actor.account_id,
        act.actor.function,
        act.source.word(),
        act.import_id,
        act.reason,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Which entries of a plan to read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One kind of thing.
    pub kind: Option<String>,
    /// One thing of that kind.
    pub code: Option<String>,
    /// Several things of that kind.
    pub codes: Option<Vec<String>>,
    /// One source.
    pub source: Option<Source>,
    /// Entries older than this one.
    pub before_id: Option<i64>,
    /// Entries written by this instant.
    pub until: Option<DateTime<Utc>>,
}

/// The entries of a plan, newest first.
pub async fn entries(conn: &mut PgConnection, plan_id: i64, filter: &Filter, limit: i64) -> sqlx::Result<Vec<Entry>> {
    let rows = sqlx::query!(
        r#"SELECT id, kind, code, version, before AS "before: Json<serde_json::Value>",
                  after AS "after: Json<serde_json::Value>", at, actor, source, import_id, reason
           FROM journal_entry
           WHERE plan_id = $1
             AND ($2::text IS NULL OR kind = $2)
             AND ($3::text IS NULL OR code = $3)
             AND ($4::text[] IS NULL OR code = ANY ($4))
             AND ($5::text IS NULL OR source = $5)
             AND ($6::bigint IS NULL OR id < $6)
             AND ($8::timestamptz IS NULL OR at <= $8)
           ORDER BY id DESC
           LIMIT $7"#,
        plan_id,
        filter.kind,
        filter.code,
        filter.codes.as_deref(),
        filter.source.map(Source::word),
        filter.before_id,
        limit,
        filter.until,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Entry {
            id: row.id,
            kind: row.kind,
            code: row.code,
            version: row.version,
            before: row.before.map(|Json(state)| state),
            after: row.after.map(|Json(state)| state),
            at: row.at,
            actor: row.actor,
            // The table's own constraint admits no other word.
            source: Source::from_word(&row.source).unwrap_or(Source::Command),
            import_id: row.import_id,
            reason: row.reason,
        })
        .collect())
}

/// What stood of a plan at an instant, out of the journal alone: the last state of each thing of these kinds, the plan's
/// own and the establishment's. Of the structures, only the plan's. Nothing of the plan itself before its first entry.
///
/// A change that moves nothing says no place: the last place said holds.
pub async fn standing(
    conn: &mut PgConnection,
    plan_id: i64,
    at: DateTime<Utc>,
    kinds: &[&str],
) -> sqlx::Result<Vec<Standing>> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let shared: Vec<String> = kinds.iter().filter(|kind| *kind != "structure").cloned().collect();
    // Only numbers are sorted; the states, which are long, are read for what stands.
    let rows = sqlx::query!(
        r#"WITH told AS (
               SELECT id, kind, code, position, after IS NULL AS gone FROM journal_entry
               WHERE at <= $2 AND kind = ANY ($3::text[])
                 AND (plan_id = $1 OR plan_id IS NULL AND kind = ANY ($4::text[])
                      OR plan_id IS NULL AND kind = 'structure' AND code = (
                          SELECT structure.code FROM structure JOIN plan ON plan.structure_id = structure.id
                          WHERE plan.id = $1))
           ), placed AS (
               SELECT DISTINCT ON (kind, code) kind, code, position FROM told
               WHERE position IS NOT NULL ORDER BY kind, code, id DESC
           ), last AS (
               SELECT DISTINCT ON (kind, code) id, kind, code, gone FROM told ORDER BY kind, code, id DESC
           )
           SELECT last.kind AS "kind!", last.code AS "code!", entry.after AS "after!: Json<serde_json::Value>",
                  coalesce(placed.position, 0) AS "position!"
           FROM last
                -- One step in the index for each: the whole journal is never read.
                JOIN LATERAL (SELECT after FROM journal_entry WHERE id = last.id OFFSET 0) entry ON true
                LEFT JOIN placed ON placed.kind = last.kind AND placed.code = last.code
           WHERE NOT last.gone"#,
        plan_id,
        at,
        &kinds,
        &shared,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Standing { kind: row.kind, code: row.code, state: row.after.0, position: row.position })
        .collect())
}

/// The things of one kind among those that stood, in their order.
pub fn things<T: Canonical>(standing: &[Standing], kind: &str) -> sqlx::Result<Vec<T>> {
    let mut found: Vec<&Standing> = standing.iter().filter(|it| it.kind == kind).collect();
    found.sort_by_key(|it| it.position);
    found
        .into_iter()
        .map(|it| {
            let read = T::read(&it.state, &mut Reader::default());
            sound(&format!("journal_entry.after of {kind} {}", it.code), read)
        })
        .collect()
}

/// When the journal of a plan begins; `None` while it has no entry.
pub async fn beginning(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("SELECT min(at) FROM journal_entry WHERE plan_id = $1", plan_id).fetch_one(conn).await
}

/// Who changed a thing last, by function, and when; of the establishment's own when there is no plan.
pub async fn latest(
    conn: &mut PgConnection,
    plan_id: Option<i64>,
    kind: &str,
    code: &str,
) -> sqlx::Result<Option<(String, DateTime<Utc>)>> {
    let row = sqlx::query!(
        "SELECT actor, at FROM journal_entry
         WHERE plan_id IS NOT DISTINCT FROM $1 AND kind = $2 AND code = $3 ORDER BY id DESC LIMIT 1",
        plan_id,
        kind,
        code,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.actor, row.at)))
}

/// What a reader looks for in a plan's journal.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// One kind of thing.
    pub kind: Option<String>,
    /// A code, and all that begins with it: `17` finds `17.b/2023-2024`.
    pub code: Option<String>,
    /// One source.
    pub source: Option<Source>,
    /// One import, told entry by entry.
    pub import_id: Option<i64>,
    /// Batches older than the one of this head.
    pub before: Option<i64>,
    /// What this reader does not see, neither told nor counted: kinds, or a kind and the first part of its codes
    /// (`arbitrage/poste`).
    pub hidden: Vec<&'static str>,
}

/// The journal of a plan in batches, newest first: an import is one batch, of which the first `shown` entries are read,
/// unless it is the one looked for; any other entry is a batch of its own.
pub async fn batches(
    conn: &mut PgConnection,
    plan_id: i64,
    search: &Search,
    shown: i64,
    limit: i64,
) -> sqlx::Result<Vec<Batch>> {
    let hidden: Vec<String> = search.hidden.iter().map(|kind| (*kind).to_owned()).collect();
    // Only numbers are ranked; the states, which are long, are read for what is shown.
    let rows = sqlx::query!(
        r#"WITH looked_for AS NOT MATERIALIZED (
               SELECT id, kind, import_id FROM journal_entry
               WHERE plan_id = $1
                 AND ($2::text IS NULL OR kind = $2)
                 AND ($3::text IS NULL OR lower(code) = lower($3) OR starts_with(lower(code), lower($3) || '.')
                      OR starts_with(lower(code), lower($3) || '/'))
                 AND ($4::text IS NULL OR source = $4)
                 AND kind <> ALL ($9::text[]) AND kind || '/' || split_part(code, '/', 1) <> ALL ($9)
           ), found AS (
               -- Batches of one: as many as are shown, however long the journal is.
               (SELECT id, kind, NULL::bigint AS run FROM looked_for
                WHERE (import_id IS NULL OR $6::bigint IS NOT NULL) AND ($6::bigint IS NULL OR import_id = $6)
                  AND ($5::bigint IS NULL OR id < $5)
                ORDER BY id DESC LIMIT $7)
               UNION ALL
               -- Imports, whole, unless one of them is the one looked for.
               SELECT looked_for.id, kind, import_id
               FROM import_run JOIN looked_for ON import_id = import_run.id
               WHERE import_run.plan_id = $1 AND $6::bigint IS NULL
           ), ranked AS (
               SELECT id, max(id) OVER batch AS head, count(*) OVER batch AS size,
                      row_number() OVER (PARTITION BY coalesce(run, -id) ORDER BY id) AS rank
               FROM found WINDOW batch AS (PARTITION BY coalesce(run, -id))
           ), heads AS (
               SELECT DISTINCT head FROM ranked WHERE $5::bigint IS NULL OR head < $5 ORDER BY head DESC LIMIT $7
           ), runs AS MATERIALIZED (
               SELECT run, json_agg(json_build_array(kind, size) ORDER BY size DESC, kind) AS kinds
               FROM (SELECT run, kind, count(*) AS size FROM found WHERE run IS NOT NULL GROUP BY run, kind) counted
               GROUP BY run
           )
           SELECT ranked.head AS "head!", ranked.size AS "size!", runs.kinds AS "kinds: Json<Vec<(String, usize)>>",
                  entry.id, kind, code, version, before AS "before: Json<serde_json::Value>",
                  after AS "after: Json<serde_json::Value>", at, actor, source, import_id, reason
           FROM ranked
                -- One step in the index for each: the whole journal is never read.
                JOIN LATERAL (SELECT * FROM journal_entry WHERE id = ranked.id OFFSET 0) entry ON true
                LEFT JOIN runs ON runs.run = entry.import_id
           WHERE ranked.rank <= $8 AND ranked.head >= (SELECT min(head) FROM heads)
             AND ($5::bigint IS NULL OR ranked.head < $5)
           ORDER BY ranked.head DESC, entry.id"#,
        plan_id,
        search.kind,
        search.code,
        search.source.map(Source::word),
        search.before,
        search.import_id,
        limit,
        shown,
        &hidden,
    )
    .fetch_all(conn)
    .await?;
    let mut batches: Vec<Batch> = Vec::new();
    for row in rows {
        let entry = Entry {
            id: row.id,
            kind: row.kind,
            code: row.code,
            version: row.version,
            before: row.before.map(|Json(state)| state),
            after: row.after.map(|Json(state)| state),
            at: row.at,
            actor: row.actor,
            // The table's own constraint admits no other word.
            source: Source::from_word(&row.source).unwrap_or(Source::Command),
            import_id: row.import_id,
            reason: row.reason,
        };
        match batches.last_mut() {
            Some(batch) if batch.head == row.head => batch.entries.push(entry),
            _ => batches.push(Batch {
                head: row.head,
                size: usize::try_from(row.size).unwrap_or(0),
                kinds: row.kinds.map(|Json(kinds)| kinds).unwrap_or_default(),
                entries: vec![entry],
            }),
        }
    }
    Ok(batches)
}
