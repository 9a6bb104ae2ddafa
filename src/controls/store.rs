//! The facts of controls, read for any number of plans in one statement: only what a control reads, in the shapes of
//! the rooms that own them.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::model::{Demand, Facts};
use crate::arbitrages::amendment::Amendment;
use crate::arbitrages::model::{Subject, current};
use crate::arbitrages::store::Dossier;
use crate::budget::BudgetLine;
use crate::budget::sums::Asked;
use crate::commitments::model::Request;
use crate::db::json;
use crate::posts::demand::counted;
use crate::posts::model::{PostLine, Posts};
use crate::printed::Mentions;

/// The facts of one plan; those of an unknown one are empty.
pub async fn of_plan(conn: &mut PgConnection, plan_id: i64) -> sqlx::Result<Facts> {
    Ok(facts(conn, &[plan_id]).await?.remove(&plan_id).unwrap_or_default())
}

/// The facts of these plans.
pub async fn facts(conn: &mut PgConnection, plans: &[i64]) -> sqlx::Result<HashMap<i64, Facts>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT plan.id, plan.first_year, plan.last_year, json_array_length(structure.sites) AS "sites!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'body', body, 'act', act,
                        'label', label, 'held_on', held_on, 'date_printed', date_printed, 'vote', vote))
                        ORDER BY position, id), '[]')
              FROM adoption_step WHERE plan_id = plan.id)::text AS "steps!",
             (SELECT coalesce(json_agg(json_build_object('code', code, 'is_group', is_group,
                        'period_kind', period_kind, 'columns_printed', columns_printed) ORDER BY position, id), '[]')
              FROM indicator WHERE plan_id = plan.id)::text AS "fiches!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', measure.code,
                        'indicator', indicator.code, 'nature', nature, 'direction', direction,
                        'reference', reference_value::text, 'target', aimed.value::text))
                        ORDER BY measure.position, measure.id), '[]')
              FROM measure JOIN indicator ON indicator.id = measure.indicator_id
                   LEFT JOIN LATERAL (SELECT value FROM target WHERE target.measure_id = measure.id
                                      ORDER BY rank DESC LIMIT 1) aimed ON true
              WHERE measure.plan_id = plan.id)::text AS "aims!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', jalon.code, 'parent', parent.code,
                        'is_group', jalon.is_group, 'due_on', jalon.due_on, 'due_printed', jalon.due_printed))
                        ORDER BY jalon.position, jalon.id), '[]')
              FROM jalon LEFT JOIN jalon parent ON parent.id = jalon.parent_id
              WHERE jalon.plan_id = plan.id)::text AS "jalons!",
             (SELECT coalesce(json_agg(json_build_object('code', code, 'title', title) ORDER BY position, id), '[]')
              FROM heading WHERE plan_id = plan.id)::text AS "headings!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', request.code,
                        'heading', heading.code, 'label', request.label, 'quantities', quantities))
                        ORDER BY request.position, request.id), '[]')
              FROM request LEFT JOIN heading ON heading.id = request.heading_id
              WHERE request.plan_id = plan.id)::text AS "requests!",
             (SELECT coalesce(json_agg(json_build_object('code', envelope.code, 'request', request.code,
                        'label', envelope.label, 'ceiling', ceiling::text, 'unit', unit, 'used', used)
                        ORDER BY envelope.position, envelope.id), '[]')
              FROM envelope JOIN request ON request.id = envelope.request_id
              WHERE envelope.plan_id = plan.id)::text AS "envelopes!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'origin', origin,
                        'year', year, 'part', part, 'corps', corps, 'count', count, 'qualifier', qualifier,
                        'objectives', objectives, 'structuring', structuring, 'realisation', realisation))
                        ORDER BY position, id), '[]')
              FROM post_line WHERE plan_id = plan.id)::text AS "posts!",
             (SELECT coalesce(json_agg(json_build_object('code', code, 'title', title, 'origins', origins,
                        'rows', rows, 'totals', totals) ORDER BY position, id), '[]')
              FROM post_table WHERE plan_id = plan.id)::text AS "tables!",
             (SELECT coalesce(json_agg(json_build_object('code', code, 'family', family, 'title', title,
                        'certain', certain::text, 'possible', possible::text, 'printed', printed)
                        ORDER BY position, id), '[]')
              FROM recruitment_potential WHERE plan_id = plan.id)::text AS "potential!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'nature', nature,
                        'category', category, 'label', label, 'years', years, 'cost', cost::text,
                        'participation', participation::text, 'self_financing', self_financing,
                        'schedule', schedule)) ORDER BY position, id), '[]')
              FROM budget_line WHERE plan_id = plan.id)::text AS "lines!",
             (SELECT content::text FROM budget_totals WHERE plan_id = plan.id) AS totals,
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('subject', subject, 'code', code,
                        'rank', rank, 'state', state, 'granted', granted::text,
                        'granted_printed_keur', granted_printed_keur::text, 'session_on', session_on))), '[]')
              FROM arbitrage WHERE plan_id = plan.id)::text AS "decisions!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('subject', subject, 'code', code,
                        'rank', rank, 'step', step, 'dated_on', dated_on, 'reason', reason, 'answers', answers,
                        'request', request, 'money', money, 'post', post))), '[]')
              FROM amendment WHERE plan_id = plan.id)::text AS "amendments!",
             (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('code', code, 'says', says, 'about', about,
                        'text', body, 'value', value::text, 'terms', terms, 'lines', lines)) ORDER BY position, id), '[]')
              FROM mention WHERE plan_id = plan.id)::text AS "mentions!"
           FROM plan JOIN structure ON structure.id = plan.structure_id WHERE plan.id = ANY ($1)"#,
        plans
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The facts of one plan as the database gives them: lists as the document writes them.
struct Row {
    id: i64,
    first_year: i32,
    last_year: i32,
    sites: i32,
    steps: String,
    fiches: String,
    aims: String,
    jalons: String,
    headings: String,
    requests: String,
    envelopes: String,
    posts: String,
    tables: String,
    potential: String,
    lines: String,
    totals: Option<String>,
    decisions: String,
    amendments: String,
    mentions: String,
}

impl Row {
    fn read(self) -> sqlx::Result<(i64, Facts)> {
        let mut amendments: Vec<Amendment> = json("amendment", &self.amendments)?;
        amendments.sort_by_key(|it| it.rank);
        let dossier = Dossier { decisions: json("arbitrage", &self.decisions)?, amendments, ..Dossier::default() };
        let facts = Facts {
            first_year: self.first_year,
            last_year: self.last_year,
            sites: usize::try_from(self.sites).unwrap_or(0),
            steps: json("adoption_step", &self.steps)?,
            fiches: json("indicator", &self.fiches)?,
            aims: json("measure", &self.aims)?,
            jalons: json("jalon", &self.jalons)?,
            headings: json("heading", &self.headings)?,
            demands: demands(json("request", &self.requests)?, &dossier),
            envelopes: json("envelope", &self.envelopes)?,
            posts: Posts {
                lines: granted(&json::<Vec<PostLine>>("post_line", &self.posts)?, &dossier),
                tables: json("post_table", &self.tables)?,
                potential: json("recruitment_potential", &self.potential)?,
            },
            budget: asked(json("budget_line", &self.lines)?, &dossier),
            totals: self.totals.map(|content| json("budget_totals.content", &content)).transpose()?,
            mentions: Mentions(json("mention", &self.mentions)?),
        };
        Ok((self.id, facts))
    }
}

/// Budget lines with what became of each.
fn asked(lines: Vec<BudgetLine>, dossier: &Dossier) -> Vec<Asked> {
    let with = |line: BudgetLine| {
        let ledger = dossier.ledger(Subject::BudgetLine, &line.code);
        let course = dossier.course(Subject::BudgetLine, &line.code);
        // Whether a grant is firm depends on its condition; no control asks.
        Asked::new(line, 0, ledger, course, &[])
    };
    lines.into_iter().map(with).collect()
}

/// The requests as they are asked now; a heading's decision is that of its requests that have none of their own.
fn demands(requests: Vec<Request>, dossier: &Dossier) -> Vec<Demand> {
    let mut kept = Vec::with_capacity(requests.len());
    for request in requests {
        let course = dossier.course(Subject::Request, &request.code);
        if course.withdrawn().is_some() {
            continue;
        }
        let of_heading =
            || request.heading.as_ref().and_then(|code| current(&dossier.decisions, Subject::Heading, code));
        let decision = current(&dossier.decisions, Subject::Request, &request.code).or_else(of_heading);
        let favourable = decision.is_some_and(|it| it.state.is_favourable());
        kept.push(Demand { request: request.amended(&course), favourable });
    }
    kept
}

/// The post lines that the tables count.
fn granted(lines: &[PostLine], dossier: &Dossier) -> Vec<PostLine> {
    let counted = |line: &PostLine| {
        let ledger = dossier.ledger(Subject::Post, &line.code);
        counted(line, &ledger, &dossier.course(Subject::Post, &line.code))
    };
    lines.iter().filter_map(counted).collect()
}
