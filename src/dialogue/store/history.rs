//! What happened to a dialogue: its moves, what was asked of it otherwise than by the rule, its snapshots.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::db::sound;
use crate::dialogue::model::Transition;
use crate::document::model::Extract;

/// A move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Which.
    pub transition: Transition,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by function.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
    /// The séance of a validation.
    pub session_on: Option<NaiveDate>,
    /// Answers entered by others that a submission took over.
    pub countersigned: Option<i32>,
}

/// A cell asked, or not asked, otherwise than by the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    /// Code of the measure.
    pub measure: String,
    /// Its period, as shown.
    pub period: String,
    /// Asked; otherwise exempted.
    pub is_added: bool,
    /// Why.
    pub reason: String,
    /// Who, by function.
    pub actor: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A kept document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Database id.
    pub id: i64,
    /// When it was taken: the word of the table.
    pub occasion: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Digest of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Snapshot {
    /// As shown.
    pub fn label(&self) -> &'static str {
        match self.occasion.as_str() {
            "ouverture" => "Ouverture",
            "soumission" => "Soumission",
            "validation" => "Validation",
            _ => "Clôture",
        }
    }
}

/// All of it, in time order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Its moves.
    pub passages: Vec<Passage>,
    /// Its adjustments.
    pub adjustments: Vec<Adjusted>,
    /// Its snapshots.
    pub snapshots: Vec<Snapshot>,
    /// Codes of the jalons that were commented since the opening.
    pub said: Vec<String>,
}

/// What the statement gives of each list.
type Moves = Vec<(String, DateTime<Utc>, String, Option<String>, Option<NaiveDate>, Option<i32>)>;
type Adjustments = Vec<(String, String, bool, String, String, DateTime<Utc>)>;
type Snapshots = Vec<(i64, String, DateTime<Utc>, String)>;

/// The history of a dialogue, and the definitions it reads, those of its opening ([`super::opening`]), in one statement.
pub async fn history(conn: &mut PgConnection, dialogue_id: i64) -> sqlx::Result<(Extract, History)> {
    let row = sqlx::query!(
        r#"SELECT
             (SELECT document FROM snapshot WHERE dialogue_id = $1 AND occasion = 'ouverture' ORDER BY id LIMIT 1)
               AS "opening!",
             (SELECT coalesce(json_agg(json_build_array(kind, at, actor, reason, session_on, countersigned)
                                       ORDER BY id), '[]')
              FROM dialogue_transition WHERE dialogue_id = $1) AS "moves!: Json<Moves>",
             (SELECT coalesce(json_agg(json_build_array(measure_code, period, is_added, reason, actor, at)
                                       ORDER BY id), '[]')
              FROM expected_adjustment WHERE dialogue_id = $1) AS "adjustments!: Json<Adjustments>",
             (SELECT coalesce(json_agg(json_build_array(id, occasion, taken_at, encode(sha256, 'hex')) ORDER BY id),
                              '[]')
              FROM snapshot WHERE dialogue_id = $1) AS "snapshots!: Json<Snapshots>",
             ARRAY(SELECT DISTINCT entry.code
                   FROM dialogue
                   JOIN campaign ON campaign.id = dialogue.campaign_id
                   JOIN journal_entry opened ON opened.plan_id = dialogue.plan_id AND opened.kind = 'dialogue'
                        AND opened.code = campaign.year::text AND opened.before IS NULL
                   JOIN journal_entry entry ON entry.plan_id = dialogue.plan_id AND entry.id > opened.id
                        AND entry.kind = 'jalon'
                   WHERE dialogue.id = $1 AND entry.after ->> 'comment' IS NOT NULL
                     AND entry.after ->> 'comment' IS DISTINCT FROM entry.before ->> 'comment') AS "said!""#,
        dialogue_id
    )
    .fetch_one(conn)
    .await?;
    let opening = sound("snapshot.document", Extract::parse(&row.opening))?;
    let passages = row.moves.0.into_iter().map(|(kind, at, actor, reason, session_on, countersigned)| {
        let transition = sound("dialogue_transition.kind", Transition::from_word(&kind))?;
        Ok(Passage { transition, at, actor, reason, session_on, countersigned })
    });
    let history = History {
        passages: passages.collect::<sqlx::Result<_>>()?,
        adjustments: row
            .adjustments
            .0
            .into_iter()
            .map(|(measure, period, is_added, reason, actor, at)| Adjusted {
                measure,
                period,
                is_added,
                reason,
                actor,
                at,
            })
            .collect(),
        snapshots: row
            .snapshots
            .0
            .into_iter()
            .map(|(id, occasion, at, sha256)| Snapshot { id, occasion, at, sha256 })
            .collect(),
        said: row.said,
    };
    Ok((opening, history))
}
