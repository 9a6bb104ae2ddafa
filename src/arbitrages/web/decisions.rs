//! What is to be decided, what was decided lately and what waits on a condition, over the plans of a person.

use axum::extract::State;
use chrono::TimeDelta;
use sqlx::PgConnection;

use super::sees;
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::Role;
use crate::arbitrages::model::{RECENT_DAYS, Subject};
use crate::arbitrages::store::{self, Inbox};
use crate::arbitrages::views::decisions::{DecisionsPage, News};
use crate::plans::store::{self as plans, Header};
use crate::web::{App, Error, Result};

/// The news of these plans for this person, in at most one statement; `None` for someone to whom no decision is shown.
pub async fn news(conn: &mut PgConnection, app: &App, user: &CurrentUser, headers: &[Header]) -> Result<Option<News>> {
    let shown = |header: &&Header| Subject::ALL.iter().any(|subject| sees(user, header.structure_id, *subject));
    let headers: Vec<&Header> = headers.iter().filter(shown).collect();
    if headers.is_empty() {
        return Ok(None);
    }
    let inbox = inbox(conn, app, &headers).await?;
    let may = |thing: Thing<'_>| access::may_edit(Who::User(user), &thing, app.clock.today()).allowed();
    Ok(Some(News::new(
        &headers,
        inbox,
        |header, subject| sees(user, header.structure_id, subject),
        |subject| may(Thing::Decision { on: subject.means(), closed: None }),
        |header| user.directs(header.structure_id),
        may(Thing::Condition { closed: None }),
    )))
}

/// What the memory keeps of a plan here.
const INBOX: &str = "inbox of decisions";

/// What waits in these plans, in one statement for those of which something was written since.
pub async fn inbox(conn: &mut PgConnection, app: &App, headers: &[&Header]) -> Result<Inbox> {
    let since = app.clock.now() - TimeDelta::days(RECENT_DAYS);
    let mut kept = app.memory.recall::<Inbox>(INBOX, app.clock.today(), headers.iter().map(|header| header.mark));
    let missing = kept.missing();
    if !missing.is_empty() {
        let mut found = store::inbox(conn, &missing, since).await?.by_plan();
        for id in missing {
            kept.keep(id, found.remove(&id).unwrap_or_default());
        }
    }
    let kept = kept.all();
    let mut inbox = Inbox::joined(headers.iter().filter_map(|header| Some(&**kept.get(&header.id)?)));
    inbox.recent.retain(|it| it.at >= since);
    Ok(inbox)
}

/// `GET /decisions`
pub async fn page(user: CurrentUser, State(app): State<App>) -> Result<DecisionsPage> {
    let mut conn = app.conn().await?;
    let headers = plans::list(&mut conn, &user.reach()).await?;
    let news = news(&mut conn, &app, &user, &headers).await?;
    // Someone who reads decisions and has no plan yet has a page that says so.
    let news = news.or_else(|| (user.reach().everything || user.has(Role::Director)).then(News::default));
    Ok(DecisionsPage { page: user.page("Décisions", "/decisions"), news: news.ok_or(Error::NotFound)? })
}
