//! What waits for people outside any figure: follow-ups to do, conditional jalons of which nothing was said this year.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::model::{Conditional, ToDo, Waits};
use crate::db::sound;
use crate::document::model::Extract;

/// What waits in these plans, and the definitions that a dialogue reads when one is asked for, in one statement. A
/// conditional jalon is silent when nothing was said of it on a page since `since`; a closed plan waits for nobody any
/// more.
pub async fn waits(
    conn: &mut PgConnection,
    plans: &[i64],
    since: DateTime<Utc>,
    dialogue: Option<i64>,
) -> sqlx::Result<(Waits, Option<Extract>)> {
    let rows = sqlx::query!(
        r#"SELECT 1 AS "list!", jalon.plan_id AS "plan_id!", jalon.code AS "code!",
                  coalesce(jalon.label, parent.label, '') AS "text!", parent.code AS "parent?",
                  coalesce(jalon.condition, '') AS "about!", NULL::date AS due_on, jalon.position AS "place!",
                  NULL::bytea AS document
           FROM jalon LEFT JOIN jalon parent ON parent.id = jalon.parent_id JOIN plan ON plan.id = jalon.plan_id
           WHERE jalon.plan_id = ANY ($1) AND plan.closed_year IS NULL AND NOT plan.draft AND NOT jalon.is_group
             AND jalon.precision = 'condition' AND jalon.state NOT IN ('atteint', 'abandonne')
             AND NOT EXISTS (SELECT FROM journal_entry entry
                             WHERE entry.plan_id = jalon.plan_id AND entry.kind = 'jalon' AND entry.code = jalon.code
                               AND entry.source = 'page' AND entry.at >= $2)
           UNION ALL
           SELECT 2, followup.plan_id, followup.code, followup.body, NULL, followup.owner, followup.due_on,
                  followup.due_on - '2000-01-01', NULL
           FROM followup JOIN plan ON plan.id = followup.plan_id
           WHERE followup.plan_id = ANY ($1) AND followup.state = 'a_faire' AND plan.closed_year IS NULL
           UNION ALL
           (SELECT 3, plan_id, '', '', NULL, '', NULL, 0, document FROM snapshot
            WHERE dialogue_id = $3 AND occasion = 'ouverture' ORDER BY id LIMIT 1)
           ORDER BY "list!", "place!", "plan_id!""#,
        plans,
        since,
        dialogue,
    )
    .fetch_all(conn)
    .await?;
    let (mut waits, mut opening) = (Waits::default(), None);
    for row in rows {
        if let Some(document) = row.document {
            opening = Some(sound("snapshot.document", Extract::parse(&document))?);
            continue;
        }
        let (plan_id, code) = (row.plan_id, row.code);
        if let Some(due_on) = row.due_on {
            waits.followups.push(ToDo { plan_id, code, text: row.text, owner: row.about, due_on });
        } else {
            let (label, condition) = (row.text, row.about);
            waits.jalons.push(Conditional { plan_id, code, group: row.parent, label, condition });
        }
    }
    waits.jalons.sort_by_key(|it| it.plan_id);
    Ok((waits, opening))
}

/// The first instant of a day's year, in Paris.
pub fn new_year(today: NaiveDate) -> DateTime<Utc> {
    use chrono::Datelike;
    let eve = NaiveDate::from_ymd_opt(today.year() - 1, 12, 31).unwrap_or(today);
    crate::kernel::clock::end_of(eve)
}
