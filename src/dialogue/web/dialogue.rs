//! A dialogue: where it stands, what is missing, and the moves.

use axum::extract::{MatchedPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::PgConnection;

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::dialogue::model::Transition;
use crate::dialogue::model::machine::{Refused, Typed};
use crate::dialogue::passage::{self, Asked, Loaded, PassageError};
use crate::dialogue::store;
use crate::dialogue::views::dialogue::{Back, DialoguePage, ListPage};
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

/// The plan of an address, for someone who follows its dialogue; 404 otherwise.
async fn followed(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<Header> {
    let header = plans::header(conn, code).await?.ok_or(Error::NotFound)?;
    if user.reads_dialogues(header.structure_id) { Ok(header) } else { Err(Error::NotFound) }
}

/// `GET /plans/{code}/dialogues`
pub async fn list(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<ListPage> {
    let mut conn = app.conn().await?;
    let header = followed(&mut conn, &user, &code).await?;
    let parts = store::all_parts(&mut conn, header.id).await?;
    Ok(ListPage::new(&user, &header, parts, app.clock.today()))
}

/// `GET /plans/{code}/dialogues/{year}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, year)): Path<(String, i32)>,
) -> Result<DialoguePage> {
    let mut conn = app.conn().await?;
    page(&mut conn, &user, &app, &code, year, Back::default()).await
}

async fn page(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    code: &str,
    year: i32,
    back: Back,
) -> Result<DialoguePage> {
    let header = followed(conn, user, code).await?;
    let structure_id = header.structure_id;
    let loaded = Loaded::load(conn, header, year).await?.ok_or(Error::NotFound)?;
    let today = app.clock.today();
    let may = |transition: Transition| {
        let party = transition.party()?;
        Some(access::may_edit(Who::User(user), &Thing::Dialogue { structure_id, party }, today))
    };
    Ok(DialoguePage::new(user, &loaded, may, back, today))
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
    Ok((status, page(&mut conn, &user, &app, &code, year, back).await?).into_response())
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
