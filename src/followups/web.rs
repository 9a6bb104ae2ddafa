//! The pages of follow-ups: what is still to be done over many plans, one of them, and the acts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::{Connection, PgConnection};

use super::entry::{StateRefused, StateTyped, TaskRefused, TaskTyped, read_new, read_state, read_task};
use super::model::{FOLLOWUP_KIND, Followup};
use super::store::{self, Kept};
use super::views::{Back, FollowupPage, ListPage};
use crate::access::{self, DialogueState, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::{Role, User};
use crate::journal::model::Change;
use crate::journal::store::{self as journal, Filter};
use crate::kernel::canonical::Canonical;
use crate::plans::store::{self as plans, Header};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result, Routes};

/// Most journal entries that the page tells; the journal has the rest.
const HISTORY_MAX: i64 = 50;

/// The room's routes.
pub fn router() -> Routes {
    Routes::new()
        .get("/followups", list)
        .get("/plans/{code}/followups/{followup}", show)
        .post("/plans/{code}/followups/{followup}", correct)
        .post("/plans/{code}/followups/{followup}/state", say)
}

/// A follow-up at its address, for someone who follows the dialogues of its plan.
pub struct Found {
    /// Its plan.
    pub header: Header,
    /// The follow-up.
    pub kept: Kept,
    /// Its entries in the journal, newest first.
    pub history: Vec<crate::journal::model::Entry>,
}

impl Found {
    async fn load(conn: &mut PgConnection, user: &User, plan: &str, code: &str) -> Result<Self> {
        let header = plans::seen(conn, plan, &user.reach()).await?.ok_or(Error::NotFound)?;
        if !user.reads_dialogues(header.structure_id) {
            return Err(Error::NotFound);
        }
        let all = store::of_plan(conn, header.id).await?;
        let kept = all.into_iter().find(|kept| kept.followup.code.as_str() == code).ok_or(Error::NotFound)?;
        let filter = Filter { kind: Some(FOLLOWUP_KIND.into()), code: Some(code.to_owned()), ..Filter::default() };
        let history = journal::entries(conn, header.id, &filter, HISTORY_MAX).await?;
        Ok(Self { header, kept, history })
    }

    /// Its address.
    pub fn address(&self) -> String {
        address(self.header.plan.code.as_str(), self.kept.followup.code.as_str())
    }

    const fn task(&self) -> Thing<'static> {
        Thing::Followup { dialogue: self.kept.dialogue, closed: self.header.closed }
    }

    const fn state(&self) -> Thing<'static> {
        Thing::FollowupState { structure_id: self.header.structure_id, closed: self.header.closed }
    }

    fn page(&self, user: &CurrentUser, app: &App, back: Back) -> FollowupPage {
        let may = |thing: &Thing<'_>| verdict(user, app, thing);
        FollowupPage::new(user, self, &may(&self.task()), &may(&self.state()), back, app.clock.today())
    }
}

/// Where one is shown.
pub fn address(plan: &str, code: &str) -> String {
    format!("/plans/{plan}/followups/{code}")
}

fn verdict(user: &User, app: &App, thing: &Thing<'_>) -> Verdict {
    access::may_edit(Who::User(user), thing, app.clock.today())
}

fn refuse(verdict: &Verdict) -> Result<()> {
    if verdict.allowed() { Ok(()) } else { Err(Error::Forbidden(verdict.sentence())) }
}

/// `GET /followups`
async fn list(user: CurrentUser, State(app): State<App>) -> Result<ListPage> {
    if !user.reach().everything && !user.has(Role::Director) {
        return Err(Error::NotFound);
    }
    let mut conn = app.conn().await?;
    let mut headers = plans::list(&mut conn, &user.reach()).await?;
    headers.retain(|header| user.reads_dialogues(header.structure_id) && header.closed.is_none());
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let open = store::open(&mut conn, &ids).await?;
    Ok(ListPage::new(&user, &headers, open, app.clock.today()))
}

/// `GET /plans/{code}/followups/{followup}`
async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
) -> Result<FollowupPage> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &plan, &code).await?;
    Ok(found.page(&user, &app, Back::default()))
}

/// A new one that came back: what was typed, and why it is not written.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// As typed.
    pub typed: TaskTyped,
    /// Field by field; empty in a conflict.
    pub refused: TaskRefused,
    /// Somebody wrote one at the same instant: nothing was refused, all is kept.
    pub conflict: bool,
}

/// May this person write at the meeting of a dialogue that stands here?
pub fn may_write(user: &User, app: &App, header: &Header, dialogue: DialogueState) -> Verdict {
    verdict(user, app, &Thing::Followup { dialogue: Some(dialogue), closed: header.closed })
}

/// Writes a new one at the end of its plan's and journals it. `None` when it is written.
///
/// # Errors
/// 403 with the reason for those who may not.
pub async fn write(
    conn: &mut PgConnection,
    app: &App,
    user: &CurrentUser,
    header: &Header,
    year: i32,
    typed: TaskTyped,
) -> Result<Option<Returned>> {
    let mut tx = conn.begin().await?;
    // The dialogue may have been closed since its page was read.
    let closed = access::store::hold(&mut tx, header.plan.code.as_str()).await?;
    // A year without a dialogue has no page, hence no act either.
    let dialogue = store::dialogues(&mut tx, header.id).await?.get(&year).copied().ok_or(Error::NotFound)?;
    refuse(&verdict(user, app, &Thing::Followup { dialogue: Some(dialogue), closed }))?;
    let kept: Vec<Followup> = store::of_plan(&mut tx, header.id).await?.into_iter().map(|it| it.followup).collect();
    let code = Followup::next_code(year, &kept).ok_or(Error::Malformed("too many follow-ups"))?;
    let it = match read_new(&typed, year, code) {
        Ok(it) => it,
        Err(refused) => return Ok(Some(Returned { typed, refused, conflict: false })),
    };
    let Some((version, position)) = store::append(&mut tx, header.id, &it).await? else {
        return Ok(Some(Returned { typed, conflict: true, ..Returned::default() }));
    };
    let entry = Change {
        plan_id: Some(header.id),
        kind: FOLLOWUP_KIND,
        code: it.code.as_str(),
        version,
        before: None,
        after: Some(it.write()),
        position: Some(position),
    };
    journal::append(&mut tx, &user.act(app.clock.now()), entry).await?;
    tx.commit().await?;
    Ok(None)
}

/// What an act leads to.
enum Outcome {
    Saved,
    Unchanged,
    Conflict,
}

/// Writes one over the version its author saw, and journals it; `thing` is what the rights are asked about again, once the
/// plan is held.
async fn save(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    found: &Found,
    after: &Followup,
    seen: &str,
    thing: fn(&Found) -> Thing<'static>,
) -> Result<Outcome> {
    if *after == found.kept.followup {
        return Ok(Outcome::Unchanged);
    }
    // A version that does not read is one that nobody saw.
    let base = seen.parse().unwrap_or(0);
    let (plan, plan_id) = (found.header.plan.code.as_str(), found.header.id);
    let mut tx = conn.begin().await?;
    access::store::hold(&mut tx, plan).await?;
    let fresh = Found::load(&mut tx, user, plan, after.code.as_str()).await?;
    refuse(&verdict(user, app, &thing(&fresh)))?;
    let Some(version) = store::save(&mut tx, plan_id, after, base).await? else { return Ok(Outcome::Conflict) };
    let entry = Change {
        plan_id: Some(plan_id),
        kind: FOLLOWUP_KIND,
        code: after.code.as_str(),
        version,
        before: Some(fresh.kept.followup.write()),
        after: Some(after.write()),
        position: Some(fresh.kept.position),
    };
    let mut act = user.act(app.clock.now());
    act.reason = after.note.clone().filter(|_| after.note != fresh.kept.followup.note);
    journal::append(&mut tx, &act, entry).await?;
    tx.commit().await?;
    Ok(Outcome::Saved)
}

/// What the page answers to an act: a redirection, or itself again with what was typed.
async fn answer(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    found: Found,
    outcome: Outcome,
    (done, back): (Done, Back),
) -> Result<Response> {
    let done = match outcome {
        Outcome::Saved => done,
        Outcome::Unchanged => Done::NothingChanged,
        Outcome::Conflict => {
            let (plan, code) = (found.header.plan.code.as_str(), found.kept.followup.code.as_str());
            let fresh = Found::load(conn, user, plan, code).await?;
            let back = Back { conflict: true, ..back };
            return Ok((StatusCode::CONFLICT, fresh.page(user, app, back)).into_response());
        }
    };
    Ok(flash::redirect(&app.settings, done, &found.address()))
}

/// `POST /plans/{code}/followups/{followup}/state`
async fn say(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<StateTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &plan, &code).await?;
    refuse(&verdict(&user, &app, &found.state()))?;
    let after = match read_state(&typed, &found.kept.followup, app.clock.today()) {
        Ok(after) => after,
        Err(refused) => {
            let page = found.page(&user, &app, Back { state: Some((typed, refused)), ..Back::default() });
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let outcome = save(&mut conn, &user, &app, &found, &after, &typed.version, Found::state).await?;
    let back = Back { state: Some((typed, StateRefused::default())), ..Back::default() };
    answer(&mut conn, &user, &app, found, outcome, (Done::FollowupSaid, back)).await
}

/// `POST /plans/{code}/followups/{followup}`
async fn correct(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<TaskTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &plan, &code).await?;
    refuse(&verdict(&user, &app, &found.task()))?;
    let after = match read_task(&typed, &found.kept.followup) {
        Ok(after) => after,
        Err(refused) => {
            let page = found.page(&user, &app, Back { task: Some((typed, refused)), ..Back::default() });
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let outcome = save(&mut conn, &user, &app, &found, &after, &typed.version, Found::task).await?;
    let back = Back { task: Some((typed, TaskRefused::default())), ..Back::default() };
    answer(&mut conn, &user, &app, found, outcome, (Done::FollowupCorrected, back)).await
}
