//! The SQL of post lines, printed tables, the potential, and the confidential fields apart.
//!
//! `put_*` writes one element, matched by its code, and returns its version. The confidential fields are read and
//! written in a transaction that says who is asking ([`as_user`]): the database shows its rows to nobody else.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::model::{Confidential, Corps, Origin, Part, PostLine, PostTable, Posts, Potential, Realisation};
use crate::accounts::model::User;
use crate::db::{json_text, sound};
use crate::kernel::canonical;
use crate::kernel::ids::Code;

// ─────────────────────────────────────────────── elements of the document ──

/// Writes one line.
pub async fn put_line(conn: &mut PgConnection, plan_id: i64, it: &PostLine, position: i32) -> sqlx::Result<i32> {
    let objectives: Vec<String> = it.objectives.iter().map(Code::to_string).collect();
    sqlx::query_scalar!(
        "INSERT INTO post_line (plan_id, code, position, origin, year, year_printed, part, corps, count, qualifier,
                                funding, objectives, structuring, also_printed_in, realisation, provenance)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = post_line.version + 1, position = excluded.position,
             origin = excluded.origin, year = excluded.year, year_printed = excluded.year_printed,
             part = excluded.part, corps = excluded.corps, count = excluded.count, qualifier = excluded.qualifier,
             funding = excluded.funding, objectives = excluded.objectives, structuring = excluded.structuring,
             also_printed_in = excluded.also_printed_in, realisation = excluded.realisation,
             provenance = excluded.provenance
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.origin.word(),
        it.year,
        it.year_printed,
        it.part.word(),
        it.corps.word(),
        it.count,
        it.qualifier,
        it.funding,
        &objectives,
        it.structuring,
        it.also_printed_in,
        it.realisation.word(),
        it.provenance,
    )
    .fetch_one(conn)
    .await
}

/// Adds a line at the end of the plan's and returns its version and its position; `None` when its code was taken
/// meanwhile.
pub async fn append_line(conn: &mut PgConnection, plan_id: i64, it: &PostLine) -> sqlx::Result<Option<(i32, i32)>> {
    let position = sqlx::query_scalar!(
        r#"SELECT coalesce(max(position) + 1, 0) AS "next!" FROM post_line
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

/// Takes one line away, if nobody changed it since its author saw it, its confidential fields with it: `None` is a
/// conflict.
pub async fn remove_version(conn: &mut PgConnection, kept: &KeptLine) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM post_line WHERE id = $1 AND version = $2 RETURNING version", kept.id, kept.version)
        .fetch_optional(conn)
        .await
}

/// Takes one line away, its confidential fields with it; their history stays.
pub async fn remove_line(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM post_line WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes one printed table.
pub async fn put_table(conn: &mut PgConnection, plan_id: i64, it: &PostTable, position: i32) -> sqlx::Result<i32> {
    let origins: Vec<String> = it.origins.iter().map(|origin| origin.word().to_owned()).collect();
    sqlx::query_scalar!(
        "INSERT INTO post_table (plan_id, code, position, title, origins, rows, totals)
         VALUES ($1, $2, $3, $4, $5, $6::text::json, $7::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = post_table.version + 1, position = excluded.position,
             title = excluded.title, origins = excluded.origins, rows = excluded.rows, totals = excluded.totals
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.title,
        &origins,
        json_text(&it.rows),
        json_text(&it.totals),
    )
    .fetch_one(conn)
    .await
}

/// Takes one printed table away.
pub async fn remove_table(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM post_table WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}

/// Writes the potential of one family.
pub async fn put_potential(conn: &mut PgConnection, plan_id: i64, it: &Potential, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO recruitment_potential (plan_id, code, position, family, title, certain, possible, printed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::json)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = recruitment_potential.version + 1,
             position = excluded.position, family = excluded.family, title = excluded.title,
             certain = excluded.certain, possible = excluded.possible, printed = excluded.printed
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.family.word(),
        it.title,
        it.certain,
        it.possible,
        json_text(&it.printed),
    )
    .fetch_one(conn)
    .await
}

/// Takes the potential of one family away.
pub async fn remove_potential(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "DELETE FROM recruitment_potential WHERE plan_id = $1 AND code = $2 RETURNING version",
        plan_id,
        code
    )
    .fetch_optional(conn)
    .await
}

// ───────────────────────────────────────────────────────────────── pages ──

/// What a page of posts shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Lines, printed tables, potential.
    pub posts: Posts,
    /// Year of the latest campaign, for the navigation.
    pub campaign: Option<i32>,
}

/// All the posts of a plan, in one statement.
pub async fn shown(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Shown> {
    let row = sqlx::query!(
        r#"SELECT
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'origin', origin,
                        'year', year, 'year_printed', year_printed, 'part', part, 'corps', corps, 'count', count,
                        'qualifier', qualifier, 'funding', funding, 'objectives', objectives,
                        'structuring', structuring, 'also_printed_in', also_printed_in,
                        'realisation', realisation, 'provenance', provenance)) ORDER BY position, id), '[]')
              FROM post_line WHERE plan_id = $1)::text AS "lines!",
             (SELECT coalesce(json_agg(json_build_object('code', code, 'title', title, 'origins', origins,
                        'rows', rows, 'totals', totals) ORDER BY position, id), '[]')
              FROM post_table WHERE plan_id = $1)::text AS "tables!",
             (SELECT coalesce(json_agg(json_build_object('code', code, 'family', family, 'title', title,
                        'certain', certain::text, 'possible', possible::text, 'printed', printed)
                        ORDER BY position, id), '[]')
              FROM recruitment_potential WHERE plan_id = $1)::text AS "potential!",
             (SELECT max(year) FROM dialogue JOIN campaign ON campaign.id = campaign_id WHERE plan_id = $1)
                AS campaign"#,
        plan_id
    )
    .fetch_one(conn)
    .await?;
    Ok(Shown {
        posts: Posts {
            lines: sound("post_line", canonical::from_text(&row.lines))?,
            tables: sound("post_table", canonical::from_text(&row.tables))?,
            potential: sound("recruitment_potential", canonical::from_text(&row.potential))?,
        },
        campaign: row.campaign,
    })
}

/// A line as it is kept.
#[derive(Debug, Clone)]
pub struct KeptLine {
    /// Database id.
    pub id: i64,
    /// Raised by every change.
    pub version: i32,
    /// 0, 1, 2… among the lines of its plan.
    pub position: i32,
    /// The line.
    pub line: PostLine,
    /// Year of the latest campaign, for the navigation.
    pub campaign: Option<i32>,
}

/// One line of a plan; `None` for an unknown code.
pub async fn line(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<KeptLine>> {
    let row = sqlx::query!(
        "SELECT id, version, position, code, origin, year, year_printed, part, corps, count, qualifier, funding,
                objectives, structuring, also_printed_in, realisation, provenance,
                (SELECT max(campaign.year) FROM dialogue JOIN campaign ON campaign.id = campaign_id
                 WHERE dialogue.plan_id = post_line.plan_id) AS campaign
         FROM post_line WHERE plan_id = $1 AND code = $2",
        plan_id,
        code
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(KeptLine {
            id: row.id,
            version: row.version,
            position: row.position,
            campaign: row.campaign,
            line: PostLine {
                code: sound("post_line.code", Code::new(&row.code))?,
                origin: sound("post_line.origin", Origin::from_word(&row.origin))?,
                year: row.year,
                year_printed: row.year_printed,
                part: sound("post_line.part", Part::from_word(&row.part))?,
                corps: sound("post_line.corps", Corps::from_word(&row.corps))?,
                count: row.count,
                qualifier: row.qualifier,
                funding: row.funding,
                objectives: row
                    .objectives
                    .iter()
                    .map(|code| sound("post_line.objectives", Code::new(code)))
                    .collect::<sqlx::Result<_>>()?,
                structuring: row.structuring,
                also_printed_in: row.also_printed_in,
                realisation: sound("post_line.realisation", Realisation::from_word(&row.realisation))?,
                provenance: row.provenance,
            },
        })
    })
    .transpose()
}

/// Writes what a page may change of a line over the version that was shown. `None`: somebody else was first.
pub async fn save_line(conn: &mut PgConnection, kept: &KeptLine, it: &PostLine) -> sqlx::Result<Option<i32>> {
    let objectives: Vec<String> = it.objectives.iter().map(Code::to_string).collect();
    sqlx::query_scalar!(
        "UPDATE post_line SET version = version + 1, year = $3, year_printed = $4, part = $5, corps = $6, count = $7,
                qualifier = $8, funding = $9, objectives = $10, realisation = $11, provenance = $12
         WHERE id = $1 AND version = $2 RETURNING version",
        kept.id,
        kept.version,
        it.year,
        it.year_printed,
        it.part.word(),
        it.corps.word(),
        it.count,
        it.qualifier,
        it.funding,
        &objectives,
        it.realisation.word(),
        it.provenance,
    )
    .fetch_optional(conn)
    .await
}

// ─────────────────────────────────────────────────── confidential fields ──

/// Says to the database who is asking, for the rest of this transaction. Outside one it says nothing that lasts.
pub async fn as_user(conn: &mut PgConnection, user: &User, today: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT set_config('cpom.user', $1, true) AS asking, set_config('cpom.today', $2, true) AS day",
        user.account_id.to_string(),
        today.to_string(),
    )
    .fetch_one(conn)
    .await
    .map(|_| ())
}

/// The confidential fields of a line, as the database shows them to whoever asks ([`as_user`]).
#[derive(Debug, Clone, Default)]
pub struct KeptConfidential {
    /// What they say; all empty when nothing was ever written, or nothing is shown.
    pub fields: Confidential,
    /// 0 when nothing was ever written.
    pub version: i32,
    /// Their versions, newest first.
    pub history: Vec<Past>,
}

/// A state of the confidential fields.
#[derive(Debug, Clone)]
pub struct Past {
    /// What they said.
    pub fields: Confidential,
    /// Which version.
    pub version: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom, by function.
    pub actor: String,
}

/// Reads them with their history, in one statement.
pub async fn confidential(conn: &mut PgConnection, plan_id: i64, line: &KeptLine) -> sqlx::Result<KeptConfidential> {
    let rows = sqlx::query!(
        r#"SELECT version AS "version!", support_number, departure_reason, departure_on, at, actor
           FROM (SELECT version, support_number, departure_reason, departure_on, NULL::timestamptz AS at,
                        NULL::text AS actor, NULL::bigint AS id
                 FROM post_confidential WHERE post_line_id = $1
                 UNION ALL
                 SELECT version, support_number, departure_reason, departure_on, at, actor, id
                 FROM post_confidential_history WHERE plan_id = $2 AND post_code = $3) known
           ORDER BY id DESC NULLS FIRST"#,
        line.id,
        plan_id,
        line.line.code.as_str(),
    )
    .fetch_all(conn)
    .await?;
    let mut kept = KeptConfidential::default();
    for row in rows {
        let fields = Confidential {
            support_number: row.support_number,
            departure_reason: row.departure_reason,
            departure_on: row.departure_on,
        };
        if let (Some(at), Some(actor)) = (row.at, row.actor) {
            kept.history.push(Past { fields, version: row.version, at, actor });
        } else {
            (kept.fields, kept.version) = (fields, row.version);
        }
    }
    Ok(kept)
}

/// Writes them over the version that was shown, 0 for none, and their history. `None`: somebody else was first.
pub async fn save_confidential(
    conn: &mut PgConnection,
    plan_id: i64,
    line: &KeptLine,
    it: &Confidential,
    base: i32,
    by: &User,
    at: DateTime<Utc>,
) -> sqlx::Result<Option<i32>> {
    let version = sqlx::query_scalar!(
        "INSERT INTO post_confidential (post_line_id, support_number, departure_reason, departure_on)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (post_line_id) DO UPDATE SET version = post_confidential.version + 1,
             support_number = excluded.support_number, departure_reason = excluded.departure_reason,
             departure_on = excluded.departure_on
             WHERE post_confidential.version = $5
         RETURNING version",
        line.id,
        it.support_number,
        it.departure_reason,
        it.departure_on,
        base,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(version) = version else { return Ok(None) };
    sqlx::query!(
        "INSERT INTO post_confidential_history (plan_id, post_code, version, support_number, departure_reason,
                                                departure_on, at, account_id, actor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        plan_id,
        line.line.code.as_str(),
        version,
        it.support_number,
        it.departure_reason,
        it.departure_on,
        at,
        by.account_id,
        by.function,
    )
    .execute(conn)
    .await?;
    Ok(Some(version))
}
