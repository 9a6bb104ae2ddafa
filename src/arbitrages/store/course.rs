//! The steps of demands and the avis given on them, as they are written.

use sqlx::PgConnection;

use crate::arbitrages::amendment::Amendment;
use crate::arbitrages::model::Subject;
use crate::arbitrages::opinion::Opinion;
use crate::db::json_text;

/// Writes one step.
pub async fn put_amendment(conn: &mut PgConnection, plan_id: i64, it: &Amendment) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO amendment (plan_id, subject, code, rank, step, dated_on, reason, answers, request, money, post)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::json, $10::text::json, $11::text::json)
         ON CONFLICT (plan_id, subject, code, rank) DO UPDATE SET version = amendment.version + 1,
             step = excluded.step, dated_on = excluded.dated_on, reason = excluded.reason, answers = excluded.answers,
             request = excluded.request, money = excluded.money, post = excluded.post
         RETURNING version",
        plan_id,
        it.subject.word(),
        it.code.as_str(),
        it.rank,
        it.step.word(),
        it.dated_on,
        it.reason,
        it.answers,
        it.request.as_ref().map(json_text),
        it.money.as_ref().map(json_text),
        it.post.as_ref().map(json_text),
    )
    .fetch_one(conn)
    .await
}

/// Adds a step at the end of its demand's, if the end is where its author saw it: `None` when someone wrote one in
/// between.
pub async fn append_amendment(conn: &mut PgConnection, plan_id: i64, it: &Amendment) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "INSERT INTO amendment (plan_id, subject, code, rank, step, dated_on, reason, answers, request, money, post)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::json, $10::text::json, $11::text::json)
         ON CONFLICT (plan_id, subject, code, rank) DO NOTHING
         RETURNING version",
        plan_id,
        it.subject.word(),
        it.code.as_str(),
        it.rank,
        it.step.word(),
        it.dated_on,
        it.reason,
        it.answers,
        it.request.as_ref().map(json_text),
        it.money.as_ref().map(json_text),
        it.post.as_ref().map(json_text),
    )
    .fetch_optional(conn)
    .await
}

/// Takes one step away.
pub async fn remove_amendment(
    conn: &mut PgConnection,
    plan_id: i64,
    subject: Subject,
    code: &str,
    rank: i32,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "DELETE FROM amendment WHERE plan_id = $1 AND subject = $2 AND code = $3 AND rank = $4 RETURNING version",
        plan_id,
        subject.word(),
        code,
        rank,
    )
    .fetch_optional(conn)
    .await
}

/// Writes one avis.
pub async fn put_opinion(conn: &mut PgConnection, plan_id: i64, it: &Opinion) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO opinion (plan_id, subject, code, rank, author, dated_on, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (plan_id, subject, code, rank) DO UPDATE SET version = opinion.version + 1,
             author = excluded.author, dated_on = excluded.dated_on, body = excluded.body
         RETURNING version",
        plan_id,
        it.subject.word(),
        it.code.as_str(),
        it.rank,
        it.author.word(),
        it.dated_on,
        it.text,
    )
    .fetch_one(conn)
    .await
}

/// Adds an avis after those already given; `None` when another one took its rank meanwhile.
pub async fn append_opinion(conn: &mut PgConnection, plan_id: i64, it: &Opinion) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "INSERT INTO opinion (plan_id, subject, code, rank, author, dated_on, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (plan_id, subject, code, rank) DO NOTHING
         RETURNING version",
        plan_id,
        it.subject.word(),
        it.code.as_str(),
        it.rank,
        it.author.word(),
        it.dated_on,
        it.text,
    )
    .fetch_optional(conn)
    .await
}

/// Takes one avis away.
pub async fn remove_opinion(
    conn: &mut PgConnection,
    plan_id: i64,
    subject: Subject,
    code: &str,
    rank: i32,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "DELETE FROM opinion WHERE plan_id = $1 AND subject = $2 AND code = $3 AND rank = $4 RETURNING version",
        plan_id,
        subject.word(),
        code,
        rank,
    )
    .fetch_optional(conn)
    .await
}
