//! A condition: what depends on it, and where it stands.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::{Connection, PgConnection};

use super::hold::hold;
use super::record::refuse;
use super::sees;
use crate::access::{self, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::entry::{StateRefused, StateTyped, read_state};
use crate::arbitrages::model::{CONDITION_KIND, Subject};
use crate::arbitrages::store;
use crate::arbitrages::views::condition::{Back, ConditionPage, Found};
use crate::journal::model::Change;
use crate::journal::store::{self as journal, Filter};
use crate::kernel::canonical::Canonical;
use crate::plans::store as plans;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// Most journal entries that the page tells; the journal has the rest.
const HISTORY_MAX: i64 = 50;

impl Found {
    /// The condition of an address, for someone to whom decisions of its plan are shown; 404 otherwise.
    async fn load(conn: &mut PgConnection, user: &CurrentUser, plan: &str, code: &str) -> Result<Self> {
        let header = plans::header(conn, plan).await?.ok_or(Error::NotFound)?;
        let seen = |subject: &Subject| sees(user, header.structure_id, *subject);
        if !Subject::ALL.iter().any(seen) {
            return Err(Error::NotFound);
        }
        let dossier = store::dossier(conn, header.id).await?;
        let condition = dossier.conditions.iter().find(|it| it.code.as_str() == code).ok_or(Error::NotFound)?.clone();
        let (version, position) = store::condition_version(conn, header.id, code).await?.ok_or(Error::NotFound)?;
        let filter = Filter { kind: Some(CONDITION_KIND.into()), code: Some(code.to_owned()), ..Filter::default() };
        let history = journal::entries(conn, header.id, &filter, HISTORY_MAX).await?;
        // The decision in force on each thing; one that was revised depends on nothing any more.
        let depends = dossier
            .decisions
            .iter()
            .filter(|it| it.condition.as_ref() == Some(&condition.code) && sees(user, header.structure_id, it.subject))
            .filter(|it| crate::arbitrages::model::current(&dossier.decisions, it.subject, &it.code) == Some(*it))
            .cloned()
            .collect();
        Ok(Self { header, condition, version, position, depends, history })
    }
}

fn verdict(user: &CurrentUser, found: &Found, app: &App) -> Verdict {
    access::may_edit(Who::User(user), &Thing::Condition { closed: found.header.closed }, app.clock.today())
}

/// `GET /plans/{code}/conditions/{condition}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
) -> Result<ConditionPage> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &plan, &code).await?;
    Ok(ConditionPage::new(&user, &found, &verdict(&user, &found, &app), None))
}

/// `POST /plans/{code}/conditions/{condition}/state`
pub async fn say(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<StateTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Found::load(&mut conn, &user, &plan, &code).await?;
    refuse(verdict(&user, &found, &app))?;
    let before = &found.condition;
    let after = match read_state(&typed, before, app.clock.today()) {
        Ok(after) => after,
        Err(refused) => {
            let back = Some(Back { typed, refused, conflict: false });
            let page = ConditionPage::new(&user, &found, &verdict(&user, &found, &app), back);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    if after == *before {
        return Ok(flash::redirect(&app.settings, Done::NothingChanged, &found.address()));
    }
    // A version that does not read is one that nobody saw.
    let base = typed.version.parse().unwrap_or(0);
    let mut tx = conn.begin().await?;
    hold(&mut tx, &app, &user, (&plan, found.header.id), Thing::Condition { closed: None }).await?;
    let Some(version) = store::save_state(&mut tx, found.header.id, &after, base).await? else {
        drop(tx);
        let found = Found::load(&mut conn, &user, &plan, &code).await?;
        let back = Some(Back { typed, refused: StateRefused::default(), conflict: true });
        let page = ConditionPage::new(&user, &found, &verdict(&user, &found, &app), back);
        return Ok((StatusCode::CONFLICT, page).into_response());
    };
    let entry = Change {
        plan_id: Some(found.header.id),
        kind: CONDITION_KIND,
        code: after.code.as_str(),
        version,
        before: Some(before.write()),
        after: Some(after.write()),
        position: Some(found.position),
    };
    let mut act = user.act(app.clock.now());
    act.reason.clone_from(&after.note);
    journal::append(&mut tx, &act, entry).await?;
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::ConditionSaid, &found.address()))
}
