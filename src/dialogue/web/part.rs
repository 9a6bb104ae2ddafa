//! What a campaign asks of one plan, changed after its opening: more time, a cell more or less, the last campaign.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::campaign::runs;
use crate::access::DialogueState;
use crate::accounts::CurrentUser;
use crate::dialogue::model::campaign::{extension, reason};
use crate::dialogue::model::{Campaign, Candidate, Expecting};
use crate::dialogue::store::{self, OpenError, Part, campaign as campaigns, open as openings};
use crate::dialogue::views::campaign::{Back, PlanPage};
use crate::journal::model::Act;
use crate::plans::store::{self as plans, Header};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

type Place = Path<(i32, String)>;

/// A plan in a campaign.
struct Asked {
    campaign: Campaign,
    header: Header,
    /// Its dialogue, and every cell it could expect, with whether it does; `None` when it has none yet.
    dialogue: Option<(Part, Vec<(Candidate, bool)>)>,
}

impl Asked {
    /// In six statements.
    async fn load(conn: &mut PgConnection, user: &CurrentUser, app: &App, year: i32, code: &str) -> Result<Self> {
        runs(user, app)?;
        let (_, campaign) = campaigns::campaign(conn, year).await?.ok_or(Error::NotFound)?;
        let header = plans::header(conn, code).await?.ok_or(Error::NotFound)?;
        let dialogue = match store::parts(conn, &[header.id], Some(year)).await?.pop() {
            None => None,
            Some(part) => {
                let opening = store::opening(conn, part.dialogue_id).await?;
                let expected = campaigns::expected(conn, part.dialogue_id).await?;
                let cells = Expecting::of(&opening.plan, &opening.indicators, &opening.measures).candidates();
                let cells = cells.into_iter().map(|cell| {
                    let asked = expected.contains(&(cell.measure.clone(), cell.period.start_year));
                    (cell, asked)
                });
                Some((part, cells.collect()))
            }
        };
        Ok(Self { campaign, header, dialogue })
    }

    /// The dialogue, and the cells it could expect.
    fn open(&self) -> Result<&(Part, Vec<(Candidate, bool)>)> {
        self.dialogue.as_ref().ok_or(Error::NotFound)
    }

    fn page(self, user: &CurrentUser, app: &App, back: Back) -> PlanPage {
        let title = format!("Campagne {} · {}", self.campaign.year, self.header.plan.name());
        let page = user.page(title, "/admin/campaigns");
        PlanPage::new(page, self.campaign, &self.header, self.dialogue, back, app.clock.today())
    }

    fn refused(self, user: &CurrentUser, app: &App, status: StatusCode, back: Back) -> Response {
        (status, self.page(user, app, back)).into_response()
    }
}

fn done(app: &App, done: Done, year: i32, code: &str) -> Response {
    flash::redirect(&app.settings, done, &format!("/admin/campaigns/{year}/plans/{code}"))
}

/// What is asked of a structure is changed while it works on it.
fn while_open(part: &Part) -> Option<String> {
    (!part.state.is_open()).then(|| {
        format!(
            "Le dialogue est « {} » : délai et situations attendues se règlent pendant la saisie. Rien n’a changé.",
            part.state.label().to_lowercase()
        )
    })
}

/// `GET /admin/campaigns/{year}/plans/{code}`
pub async fn show(user: CurrentUser, State(app): State<App>, Path((year, code)): Place) -> Result<PlanPage> {
    let mut conn = app.conn().await?;
    let asked = Asked::load(&mut conn, &user, &app, year, &code).await?;
    Ok(asked.page(&user, &app, Back::default()))
}

/// `POST /admin/campaigns/{year}/plans/{code}/opening`: a plan that came after the campaign opened.
pub async fn open(user: CurrentUser, State(app): State<App>, Path((year, code)): Place) -> Result<Response> {
    let mut conn = app.conn().await?;
    let asked = Asked::load(&mut conn, &user, &app, year, &code).await?;
    let stale = match openings::open_late(&mut conn, &user.act(app.clock.now()), year, &code).await {
        Ok(true) => return Ok(done(&app, Done::DialogueOpened, year, &code)),
        Ok(false) => {
            "Ce contrat a déjà son dialogue, ou cette campagne ne lui demande rien. Rien n’a changé.".to_owned()
        }
        Err(OpenError::Sql(error)) => return Err(error.into()),
        Err(error) => format!("Le dialogue n’est pas ouvert : {error}."),
    };
    Ok(asked.refused(&user, &app, StatusCode::CONFLICT, Back { stale, ..Back::default() }))
}

/// What the forms of the page post; each posts its own fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    to: String,
    cell: String,
    act: String,
    reason: String,
    is_final: String,
}

fn because(user: &CurrentUser, app: &App, reason: &str) -> Act {
    Act { reason: Some(reason.to_owned()), ..user.act(app.clock.now()) }
}

/// `POST /admin/campaigns/{year}/plans/{code}/extension`
pub async fn extend(
    user: CurrentUser,
    State(app): State<App>,
    Path((year, code)): Place,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    plans::lock_plan(&mut tx, &code).await?;
    let asked = Asked::load(&mut tx, &user, &app, year, &code).await?;
    let (part, _) = asked.open()?;
    let mut back = Back { to: posted.to, reason: posted.reason, ..Back::default() };
    if let Some(stale) = while_open(part) {
        back.stale = stale;
        return Ok(asked.refused(&user, &app, StatusCode::CONFLICT, back));
    }
    let to = extension(&back.to, part.closes_on, app.clock.today());
    let why = reason(&back.reason);
    match (to, why) {
        (Ok(to), Ok(why)) => {
            campaigns::extend(&mut tx, &because(&user, &app, &why), part.dialogue_id, to, &why).await?;
            tx.commit().await?;
            Ok(done(&app, Done::Extended, year, &code))
        }
        (to, why) => {
            back.to_error = to.err().unwrap_or_default();
            back.extension_error = why.err().unwrap_or_default();
            Ok(asked.refused(&user, &app, StatusCode::UNPROCESSABLE_ENTITY, back))
        }
    }
}

/// `POST /admin/campaigns/{year}/plans/{code}/expected`: a cell more (`act=add`), or one less (`act=exempt`).
pub async fn adjust(
    user: CurrentUser,
    State(app): State<App>,
    Path((year, code)): Place,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    plans::lock_plan(&mut tx, &code).await?;
    let asked = Asked::load(&mut tx, &user, &app, year, &code).await?;
    let (part, cells) = asked.open()?;
    let is_added = posted.act == "add";
    let mut back = Back { cell: posted.cell, is_added, adjust_reason: posted.reason, ..Back::default() };
    if let Some(stale) = while_open(part) {
        back.stale = stale;
        return Ok(asked.refused(&user, &app, StatusCode::CONFLICT, back));
    }
    let found = cells.iter().find(|(cell, asked)| cell.key() == back.cell && *asked != is_added);
    let why = reason(&back.adjust_reason);
    match (found, why) {
        (Some((cell, _)), Ok(why)) => {
            let act = because(&user, &app, &why);
            campaigns::adjust(&mut tx, &act, part.dialogue_id, cell, is_added, &why).await?;
            tx.commit().await?;
            Ok(done(&app, Done::ExpectedAdjusted, year, &code))
        }
        (found, why) => {
            if found.is_none() {
                back.cell_error = "Choisissez une situation de la liste.".into();
            }
            back.adjust_error = why.err().unwrap_or_default();
            Ok(asked.refused(&user, &app, StatusCode::UNPROCESSABLE_ENTITY, back))
        }
    }
}

/// `POST /admin/campaigns/{year}/plans/{code}/final`
pub async fn set_final(
    user: CurrentUser,
    State(app): State<App>,
    Path((year, code)): Place,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    plans::lock_plan(&mut tx, &code).await?;
    let asked = Asked::load(&mut tx, &user, &app, year, &code).await?;
    let (part, _) = asked.open()?;
    if part.state == DialogueState::Closed {
        let stale = "Le dialogue est clos : il ne change plus. Rien n’a changé.".to_owned();
        return Ok(asked.refused(&user, &app, StatusCode::CONFLICT, Back { stale, ..Back::default() }));
    }
    let is_final = match posted.is_final.as_str() {
        "1" => true,
        "0" => false,
        _ => return Err(Error::Malformed("last campaign of a plan")),
    };
    if part.is_final != is_final {
        campaigns::set_final(&mut tx, &user.act(app.clock.now()), part.dialogue_id, is_final).await?;
    }
    tx.commit().await?;
    Ok(done(&app, Done::FinalSet, year, &code))
}
