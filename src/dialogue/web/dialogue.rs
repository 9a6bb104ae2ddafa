//! A dialogue: where it stands, what is missing, and the moves.

use axum::extract::{MatchedPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::PgConnection;

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::store::Inbox;
use crate::arbitrages::web as arbitrages;
use crate::controls;
use crate::dialogue::model::Transition;
use crate::dialogue::model::machine::{Refused, Typed};
use crate::dialogue::passage::{self, Asked, Loaded, PassageError};
use crate::dialogue::store;
use crate::dialogue::views::dialogue::{Back, DialoguePage, ListPage};
use crate::dialogue::views::meeting::{Meeting, Shown};
use crate::document::model::Kind;
use crate::document::store as documents;
use crate::followups::entry::TaskTyped;
use crate::followups::web::{self as followups, Returned};
use crate::kernel::clock;
use crate::plans::store::{self as plans, Header};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// Every move has its noun and its address; one handler reads this table.
pub const PASSAGES: &[(&str, Transition)] = &[
    ("/plans/{code}/dialogues/{year}/submission", Transition::Submission),
    ("/plans/{code}/dialogues/{year}/recall", Transition::Recall),
    ("/plans/{code}/dialogues/{year}/review", Transition::Review),
    ("/plans/{code}/dialogues/{year}/return", Transition::Return),
    ("/plans/{code}/dialogues/{year}/validation", Transition::Validation),
    ("/plans/{code}/dialogues/{year}/reopening", Transition::Reopening),
    ("/plans/{code}/dialogues/{year}/closure", Transition::Closure),
];

/// What a dialogue that goes on reads elsewhere than in the kept document.
const LIVE: &[Kind] =
    &[Kind::FrameworkRow, Kind::Section, Kind::Indicator, Kind::Measure, Kind::Target, Kind::Cell, Kind::Jalon];

/// The plan of an address, for someone who follows its dialogue; 404 otherwise.
async fn followed(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<Header> {
    let header = plans::header(conn, code).await?.ok_or(Error::NotFound)?;
    if user.reads_dialogues(header.structure_id) { Ok(header) } else { Err(Error::NotFound) }
}

/// `GET /plans/{code}/dialogues`
pub async fn list(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<ListPage> {
    let mut conn = app.conn().await?;
    let header = followed(&mut conn, &user, &code).await?;
    let parts = store::all_parts(&mut conn, &[header.id]).await?;
    Ok(ListPage::new(&user, &header, parts, app.clock.today()))
}

/// `GET /plans/{code}/dialogues/{year}`: ten statements, whatever the number of rows.
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, year)): Path<(String, i32)>,
) -> Result<DialoguePage> {
    let mut conn = app.conn().await?;
    page(&mut conn, &user, &app, (&code, year), Back::default(), None).await
}

async fn page(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    (code, year): (&str, i32),
    back: Back,
    returned: Option<Returned>,
) -> Result<DialoguePage> {
    let header = followed(conn, user, code).await?;
    let (plan_id, structure_id) = (header.id, header.structure_id);
    let loaded = Loaded::load(conn, header, year).await?.ok_or(Error::NotFound)?;
    let (now, today) = (app.clock.now(), app.clock.today());
    // A closed dialogue shows what it was closed on, whatever came since: its page is its minutes.
    let closed_at = loaded.closed_at();
    let at = closed_at.unwrap_or(now);
    // While it goes on, figures and jalons are read with what may be done with them.
    let left_out: &[Kind] = if closed_at.is_some() { &[] } else { LIVE };
    let document = documents::as_of_without(conn, plan_id, at, left_out).await?.ok_or(Error::NotFound)?;
    let inbox = match closed_at {
        Some(_) => Inbox::default(),
        None => arbitrages::inbox(conn, app, &[&loaded.header]).await?,
    };
    // What does not add up is looked at while something can be done about it.
    let outcomes = match closed_at {
        Some(_) => Vec::new(),
        None => controls::of_plan(conn, user, &loaded.header).await?,
    };
    let writes = followups::may_write(user, app, &loaded.header, loaded.part.state).allowed();
    let (over, day) = (closed_at.is_some(), clock::day(at));
    let shown =
        Shown { user, loaded: &loaded, document: &document, inbox, outcomes, day, over, writes, back: returned };
    let may = |transition: Transition| {
        let party = transition.party()?;
        Some(access::may_edit(Who::User(user), &Thing::Dialogue { structure_id, party }, today))
    };
    Ok(DialoguePage::new(user, &loaded, Meeting::new(shown), may, back, today))
}

/// `POST /plans/{code}/dialogues/{year}/followups`: what the meeting asks someone to do.
pub async fn follow_up(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, year)): Path<(String, i32)>,
    Form(typed): Form<TaskTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let header = followed(&mut conn, &user, &code).await?;
    let Some(returned) = followups::write(&mut conn, &app, &user, &header, year, typed).await? else {
        let address = format!("/plans/{code}/dialogues/{year}#suites");
        return Ok(flash::redirect(&app.settings, Done::FollowupAdded, &address));
    };
    let status = if returned.conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = page(&mut conn, &user, &app, (&code, year), Back::default(), Some(returned)).await?;
    Ok((status, page).into_response())
}

/// What a form of the page posts; each posts its own fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    version: String,
    reason: String,
    session_on: String,
}

/// `POST /plans/{code}/dialogues/{year}/{noun}`
pub async fn pass(
    user: CurrentUser,
    State(app): State<App>,
    matched: MatchedPath,
    Path((code, year)): Path<(String, i32)>,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    let (_, transition) = *PASSAGES.iter().find(|(path, _)| *path == matched.as_str()).ok_or(Error::NotFound)?;
    let mut conn = app.conn().await?;
    followed(&mut conn, &user, &code).await?;
    let Posted { version, reason, session_on } = posted;
    // A version that does not read is one that nobody saw.
    let version = Some(version.parse().unwrap_or(0));
    let asked = Asked { transition, version, typed: Typed { reason, session_on } };
    let act = user.act(app.clock.now());
    let passed = passage::pass(&mut conn, Who::User(&user), &act, &code, year, &asked).await;
    let (status, refused, stale) = match passed {
        Ok(()) => {
            let address = format!("/plans/{code}/dialogues/{year}");
            return Ok(flash::redirect(&app.settings, done(transition), &address));
        }
        Err(PassageError::NotThere) => return Err(Error::NotFound),
        Err(PassageError::Forbidden(sentence)) => return Err(Error::Forbidden(sentence)),
        Err(PassageError::Sql(error)) => return Err(error.into()),
        Err(PassageError::Stale(sentence)) => (StatusCode::CONFLICT, Refused::default(), Some(sentence)),
        Err(PassageError::Fields(refused)) => (StatusCode::UNPROCESSABLE_ENTITY, refused, None),
        // What is missing is on the page, read again.
        Err(PassageError::Incomplete(_)) => (StatusCode::UNPROCESSABLE_ENTITY, Refused::default(), None),
    };
    let incomplete = stale.is_none() && refused == Refused::default();
    let back = Back { transition: Some(transition), typed: asked.typed, refused, stale, incomplete };
    Ok((status, page(&mut conn, &user, &app, (&code, year), back, None).await?).into_response())
}

const fn done(transition: Transition) -> Done {
    match transition {
        Transition::Submission => Done::DialogueSubmitted,
        Transition::Recall => Done::DialogueRecalled,
        Transition::Review => Done::DialogueInReview,
        Transition::Return => Done::DialogueReturned,
        Transition::Validation => Done::DialogueValidated,
        Transition::Reopening => Done::DialogueReopened,
        Transition::Closure => Done::DialogueClosed,
        Transition::Opening | Transition::Resumption => Done::NothingChanged,
    }
}
