//! The SQL of mentions.

use std::collections::HashMap;

use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::model::{Mention, Mentions, Says};
use crate::db::{json, json_text, sound};
use crate::kernel::ids::Code;

/// The mentions of a plan, in order.
pub async fn of_plan(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Mentions> {
    Ok(of_plans(conn, &[plan_id]).await?.remove(&plan_id).unwrap_or_default())
}

/// The mentions of these plans, each plan's in order.
pub async fn of_plans(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Mentions>> {
    let rows = sqlx::query!(
        r#"SELECT plan_id, code, says, about::text AS "about!", body, value, terms::text AS "terms!", lines
           FROM mention WHERE plan_id = ANY ($1) ORDER BY position, id"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    let mut found: HashMap<i64, Mentions> = HashMap::new();
    for row in rows {
        found.entry(row.plan_id).or_default().0.push(Mention {
            code: sound("mention.code", Code::new(&row.code))?,
            says: sound("mention.says", Says::from_word(&row.says))?,
            about: json("mention.about", &row.about)?,
            text: row.body,
            value: row.value.map(|value: Decimal| value.normalize()),
            terms: json("mention.terms", &row.terms)?,
            lines: row.lines,
        });
    }
    Ok(found)
}

/// Writes one mention, matched by its code.
pub async fn put_mention(conn: &mut PgConnection, plan_id: i64, it: &Mention, position: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "INSERT INTO mention (plan_id, code, position, says, about, body, value, terms, lines)
         VALUES ($1, $2, $3, $4, $5::text::json, $6, $7, $8::text::json, $9)
         ON CONFLICT (plan_id, code) DO UPDATE SET version = mention.version + 1, position = excluded.position,
             says = excluded.says, about = excluded.about, body = excluded.body, value = excluded.value,
             terms = excluded.terms, lines = excluded.lines
         RETURNING version",
        plan_id,
        it.code.as_str(),
        position,
        it.says.word(),
        json_text(&it.about),
        it.text,
        it.value,
        json_text(&it.terms),
        &it.lines,
    )
    .fetch_one(conn)
    .await
}

/// Takes one mention away.
pub async fn remove_mention(conn: &mut PgConnection, plan_id: i64, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("DELETE FROM mention WHERE plan_id = $1 AND code = $2 RETURNING version", plan_id, code)
        .fetch_optional(conn)
        .await
}
