//! Two snapshots, two days, or one of them and today, side by side.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

use super::{frame, hidden, seen};
use crate::accounts::CurrentUser;
use crate::contract::compare::{Side, Snapshot, TODAY, differences};
use crate::contract::store;
use crate::contract::views::compare::{ComparePage, End, Found};
use crate::document::model::Document;
use crate::document::store as documents;
use crate::journal::store as journal;
use crate::kernel::clock;
use crate::plans::past;
use crate::plans::store::Header;
use crate::plans::views::PlanPage;
use crate::web::extract::Path;
use crate::web::{App, Error, Result};

/// What the form sends: a day wins over the list beside it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    from_day: String,
    to: String,
    to_day: String,
}

/// The comparison.
pub async fn compare(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<(StatusCode, ComparePage)> {
    let mut conn = app.conn().await?;
    let (header, part) = seen(&mut conn, &user, &code).await?;
    let snapshots = store::snapshots(&mut conn, header.id).await?;
    let (now, today) = (app.clock.now(), app.clock.today());
    // Without a choice: what changed since the last snapshot.
    let last = snapshots.first().map_or_else(|| TODAY.to_owned(), Snapshot::key);
    let end = |name, label, chosen: String, day: String, otherwise: &str| {
        let typed = if day.is_empty() { &chosen } else { &day };
        let read = if typed.is_empty() {
            Side::read(otherwise, &snapshots, today)
        } else {
            Side::read(typed, &snapshots, today)
        };
        let chosen = if chosen.is_empty() && day.is_empty() { otherwise.to_owned() } else { chosen };
        let (side, problem) = read.map_or_else(|problem| (None, Some(problem)), |side| (Some(side), None));
        End { name, label, chosen, day, problem, side }
    };
    let mut ends =
        [end("from", "De", asked.from, asked.from_day, &last), end("to", "À", asked.to, asked.to_day, TODAY)];
    let found = found(&mut conn, &user, &header, &mut ends, now).await?;
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ComparePage {
        page: frame(&user, &header, part.as_ref(), format!("Comparaison · {}", header.plan.name()), PlanPage::Journal),
        plan: header.plan,
        snapshots,
        ends,
        found,
        today: today.to_string(),
    };
    Ok((status, page))
}

/// The differences, the earlier end first; `None` when an end does not read or shows no plan yet, which it then says.
async fn found(
    conn: &mut PgConnection,
    user: &CurrentUser,
    header: &Header,
    ends: &mut [End; 2],
    now: DateTime<Utc>,
) -> Result<Option<Found>> {
    let (plan_id, hidden) = (header.id, hidden(user, header.structure_id));
    let [Some(from), Some(to)] = ends.each_ref().map(|end| end.side.clone()) else { return Ok(None) };
    let (mut from, mut to) = (from, to);
    if from.instant(now) > to.instant(now) {
        std::mem::swap(&mut from, &mut to);
        let [first, second] = ends;
        std::mem::swap(&mut first.chosen, &mut second.chosen);
        std::mem::swap(&mut first.day, &mut second.day);
        std::mem::swap(&mut first.side, &mut second.side);
    }
    let mut documents = Vec::with_capacity(2);
    for (side, end) in [&from, &to].into_iter().zip(ends.iter_mut()) {
        let day = clock::day(side.instant(now));
        let Some(document) = document(conn, plan_id, side, now).await? else {
            let beginning = journal::beginning(conn, plan_id).await?.map(clock::day);
            end.problem = Some(past::not_yet(day, beginning));
            return Ok(None);
        };
        if document.plan.draft && !user.reads_drafts(header.structure_id) {
            end.problem = Some(past::still_a_draft(day));
            return Ok(None);
        }
        documents.push(document);
    }
    let [before, after] = documents.as_slice() else { return Ok(None) };
    let authors = store::authors(conn, plan_id, from.instant(now), to.instant(now)).await?;
    let shown = |kind: &str, code: &str| {
        let part = format!("{kind}/{}", code.split('/').next().unwrap_or_default());
        !hidden.contains(&kind) && !hidden.contains(&part.as_str())
    };
    let (groups, moved) = differences(before, after, &authors, shown);
    let gone = before.measures.iter().filter(|it| !after.measures.iter().any(|kept| kept.code == it.code));
    let measures = after.measures.iter().chain(gone).cloned().collect();
    Ok(Some(Found { groups, moved, measures }))
}

async fn document(conn: &mut PgConnection, plan_id: i64, side: &Side, now: DateTime<Utc>) -> Result<Option<Document>> {
    let Side::Snapshot(snapshot) = side else {
        return Ok(documents::as_of(conn, plan_id, side.instant(now)).await?);
    };
    let Some(bytes) = store::snapshot_bytes(conn, plan_id, snapshot).await? else { return Ok(None) };
    let parsed = Document::parse(&bytes).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        Error::from(anyhow::anyhow!("the snapshot {} does not read: {first}", snapshot.key()))
    })?;
    Ok(Some(parsed))
}
