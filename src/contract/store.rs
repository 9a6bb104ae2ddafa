//! The SQL of a comparison and of a journal: snapshots kept, the changes between two instants, the signature.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::compare::{Author, Authors, Occasion, Snapshot};
use crate::db::sound;
use crate::document::model::Kind;
use crate::journal::model::Source;
use crate::plans::model::PLAN_KIND;

/// The snapshots of a plan, newest first.
pub async fn snapshots(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Vec<Snapshot>> {
    let rows = sqlx::query!(
        r#"SELECT campaign.year, snapshot.occasion, snapshot.taken_at, encode(snapshot.sha256, 'hex') AS "sha256!",
                  row_number() OVER (PARTITION BY dialogue.id, snapshot.occasion ORDER BY snapshot.id) AS "rank!"
           FROM snapshot JOIN dialogue ON dialogue.id = snapshot.dialogue_id
                JOIN campaign ON campaign.id = dialogue.campaign_id
           WHERE snapshot.plan_id = $1
           ORDER BY snapshot.id DESC"#,
        plan_id
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Snapshot {
                year: row.year,
                occasion: sound("snapshot.occasion", Occasion::from_word(&row.occasion))?,
                rank: row.rank,
                taken_at: row.taken_at,
                sha256: row.sha256,
            })
        })
        .collect()
}

/// The canonical bytes of a snapshot.
pub async fn snapshot_bytes(conn: &mut PgConnection, plan_id: i64, it: &Snapshot) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "SELECT snapshot.document FROM snapshot JOIN dialogue ON dialogue.id = snapshot.dialogue_id
              JOIN campaign ON campaign.id = dialogue.campaign_id
         WHERE snapshot.plan_id = $1 AND campaign.year = $2 AND snapshot.occasion = $3
         ORDER BY snapshot.id OFFSET $4 LIMIT 1",
        plan_id,
        it.year,
        it.occasion.word(),
        it.rank - 1,
    )
    .fetch_optional(conn)
    .await
}

/// When a draft became this contract; `None` for one that was imported signed, and for a draft.
pub async fn signed_at(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!(
        "SELECT max(at) FROM journal_entry
         WHERE plan_id = $1 AND kind = $2 AND before ->> 'draft' = 'true' AND after ->> 'draft' IS NULL",
        plan_id,
        PLAN_KIND,
    )
    .fetch_one(conn)
    .await
}

/// The last change of each thing between two instants, both included, and how many there were.
pub async fn authors(
    conn: &mut PgConnection,
    plan_id: i64,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> sqlx::Result<Authors> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (kind, code) kind, code, at, actor, source, import_id, reason,
                  count(*) OVER (PARTITION BY kind, code) AS "count!"
           FROM journal_entry
           WHERE at >= $2 AND at <= $3
             AND (plan_id = $1
                  -- Of what contracts share, not the structures of others, nor the accounts.
                  OR plan_id IS NULL AND kind = ANY ($4)
                  OR plan_id IS NULL AND kind = $5 AND code = (
                      SELECT structure.code FROM structure JOIN plan ON plan.structure_id = structure.id
                      WHERE plan.id = $1))
           ORDER BY kind, code, id DESC"#,
        plan_id,
        from,
        to,
        &[Kind::Establishment.word().to_owned(), Kind::FrameworkRow.word().to_owned()],
        Kind::Structure.word(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let author = Author {
                at: row.at,
                actor: row.actor,
                source: sound("journal_entry.source", Source::from_word(&row.source))?,
                import_id: row.import_id,
                reason: row.reason,
                count: row.count,
            };
            Ok(((row.kind, row.code), author))
        })
        .collect()
}
