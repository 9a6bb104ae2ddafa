//! What is asked, on a page of its own: a request, or a heading whose requests inherit what is decided on it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::PgConnection;

use crate::accounts::CurrentUser;
use crate::arbitrages::Subject;
use crate::arbitrages::entry::{DecisionTyped, OpinionTyped, WithdrawalTyped};
use crate::arbitrages::views::{Backs, Rights};
use crate::arbitrages::web::{self as deciding, record};
use crate::commitments::views::means::{Back, Means, MeansPage};
use crate::commitments::views::sheet::Sheet;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

impl Means {
    /// The request or heading of an address, for someone who reads Engagements; 404 otherwise.
    pub async fn load(
        conn: &mut PgConnection,
        user: &CurrentUser,
        plan: &str,
        subject: Subject,
        code: &str,
    ) -> Result<Self> {
        let sheet = Sheet::load(conn, user, plan).await?;
        Self::of(sheet, subject, code).ok_or(Error::NotFound)
    }

    /// Its page, with the form that came back.
    pub fn page(&self, user: &CurrentUser, app: &App, back: Back) -> MeansPage {
        MeansPage::new(user, self, &Rights::of(user, &self.case(), app), back)
    }
}

/// The page again with what was typed; in conflict it is read again, with what the other person wrote.
async fn returned(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    found: Means,
    (conflict, back): (bool, Back),
) -> Result<Response> {
    if !conflict {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, found.page(user, app, back)).into_response());
    }
    let (plan, matter) = (found.sheet.header.plan.code.as_str(), found.matter());
    let fresh = Means::load(conn, user, plan, matter.subject, matter.code.as_str()).await?;
    Ok((StatusCode::CONFLICT, fresh.page(user, app, back)).into_response())
}

async fn show(user: &CurrentUser, app: &App, plan: &str, subject: Subject, code: &str) -> Result<MeansPage> {
    let mut conn = app.conn().await?;
    Ok(Means::load(&mut conn, user, plan, subject, code).await?.page(user, app, Back::default()))
}

async fn decide(
    user: &CurrentUser,
    app: &App,
    plan: &str,
    subject: Subject,
    code: &str,
    typed: DecisionTyped,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Means::load(&mut conn, user, plan, subject, code).await?;
    let next = typed.next(plan, found.address());
    match record(&mut conn, app, user, &found.case(), typed).await? {
        None => Ok(flash::redirect(&app.settings, Done::Decided, &next)),
        Some(back) => {
            let conflict = back.conflict;
            let back = Back { shared: Backs { decision: Some(back), ..Backs::default() }, ..Back::default() };
            returned(&mut conn, user, app, found, (conflict, back)).await
        }
    }
}

/// `POST /plans/{code}/requests/{request}/opinions`
pub async fn opine(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<OpinionTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Means::load(&mut conn, &user, &plan, Subject::Request, &code).await?;
    match deciding::opine(&mut conn, &app, &user, &found.case(), typed).await? {
        None => Ok(flash::redirect(&app.settings, Done::OpinionGiven, &found.address())),
        Some(back) => {
            let conflict = back.conflict;
            let back = Back { shared: Backs { opinion: Some(back), ..Backs::default() }, ..Back::default() };
            returned(&mut conn, &user, &app, found, (conflict, back)).await
        }
    }
}

/// `POST /plans/{code}/requests/{request}/withdrawal`
pub async fn withdraw(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<WithdrawalTyped>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let found = Means::load(&mut conn, &user, &plan, Subject::Request, &code).await?;
    match deciding::withdraw(&mut conn, &app, &user, &found.case(), typed).await? {
        None => Ok(flash::redirect(&app.settings, Done::DemandWithdrawn, &found.address())),
        Some(back) => {
            let conflict = back.conflict;
            let back = Back { shared: Backs { withdrawal: Some(back), ..Backs::default() }, ..Back::default() };
            returned(&mut conn, &user, &app, found, (conflict, back)).await
        }
    }
}

/// `GET /plans/{code}/requests/{request}`
pub async fn request(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
) -> Result<MeansPage> {
    show(&user, &app, &plan, Subject::Request, &code).await
}

/// `POST /plans/{code}/requests/{request}/arbitrages`
pub async fn decide_request(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<DecisionTyped>,
) -> Result<Response> {
    decide(&user, &app, &plan, Subject::Request, &code, typed).await
}

/// `GET /plans/{code}/headings/{heading}`
pub async fn heading(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
) -> Result<MeansPage> {
    show(&user, &app, &plan, Subject::Heading, &code).await
}

/// `POST /plans/{code}/headings/{heading}/arbitrages`
pub async fn decide_heading(
    user: CurrentUser,
    State(app): State<App>,
    Path((plan, code)): Path<(String, String)>,
    Form(typed): Form<DecisionTyped>,
) -> Result<Response> {
    decide(&user, &app, &plan, Subject::Heading, &code, typed).await
}
