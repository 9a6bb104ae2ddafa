//! What is asked, on a page of its own: a request, or a heading whose requests inherit what is decided on it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;

use crate::accounts::CurrentUser;
use crate::arbitrages::Subject;
use crate::arbitrages::entry::DecisionTyped;
use crate::arbitrages::web::{self as deciding, record};
use crate::commitments::views::means::{Back, Means, MeansPage};
use crate::commitments::views::sheet::Sheet;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

impl Means {
    /// The request or heading of an address, for someone who reads Engagements; 404 otherwise.
    async fn load(user: &CurrentUser, app: &App, plan: &str, subject: Subject, code: &str) -> Result<Self> {
        let mut conn = app.conn().await?;
        let sheet = Sheet::load(&mut conn, user, plan).await?;
        Self::of(sheet, subject, code).ok_or(Error::NotFound)
    }

    fn page(&self, user: &CurrentUser, app: &App, back: Back) -> MeansPage {
        MeansPage::new(user, self, &deciding::verdict(user, &self.matter(), app), back)
    }
}

async fn show(user: &CurrentUser, app: &App, plan: &str, subject: Subject, code: &str) -> Result<MeansPage> {
    Ok(Means::load(user, app, plan, subject, code).await?.page(user, app, Back::default()))
}

async fn decide(
    user: &CurrentUser,
    app: &App,
    plan: &str,
    subject: Subject,
    code: &str,
    typed: DecisionTyped,
) -> Result<Response> {
    let found = Means::load(user, app, plan, subject, code).await?;
    let mut conn = app.conn().await?;
    let Some(back) = record(&mut conn, app, user, found.sheet.header.id, &found.matter(), typed).await? else {
        return Ok(flash::redirect(&app.settings, Done::Decided, &found.address()));
    };
    drop(conn);
    let found = if back.conflict { Means::load(user, app, plan, subject, code).await? } else { found };
    let status = back.status();
    Ok((status, found.page(user, app, Back { decision: Some(back) })).into_response())
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
