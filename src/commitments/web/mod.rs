//! Engagements: the page, the pages of its requests and headings, what is moved and decided there.

mod demand;
mod means;
mod moves;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use super::store;
use super::views::sheet::{Back, CommitmentsPage, Rights, Sheet};
use crate::access::{self, Season, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::store as arbitrages;
use crate::plans::readable_plan;
use crate::reserves;
use crate::web::extract::Path;
use crate::web::{App, Error, Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/commitments", show)
        .post("/plans/{code}/commitments/actions/{action}", moves::update_action)
        .post("/plans/{code}/commitments/{commitment}/years", moves::say_year)
        .get("/plans/{code}/requests/{request}", means::request)
        .post("/plans/{code}/requests/{request}/arbitrages", means::decide_request)
        .post("/plans/{code}/requests/{request}/opinions", means::opine)
        .post("/plans/{code}/requests/{request}/amendments", demand::amend)
        .post("/plans/{code}/requests/{request}/withdrawal", means::withdraw)
        .get("/plans/{code}/demands/requests", demand::form)
        .post("/plans/{code}/demands/requests", demand::add)
        .get("/plans/{code}/headings/{heading}", means::heading)
        .post("/plans/{code}/headings/{heading}/arbitrages", means::decide_heading)
}

impl Sheet {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        if !user.reads_commitments(header.structure_id) {
            return Err(Error::NotFound);
        }
        let all = store::all(conn, header.id).await?;
        let dossier = arbitrages::dossier(conn, header.id).await?;
        let reserves = reserves::of_plan(conn, user, &header).await?;
        let season = access::store::season(conn, header.id).await?;
        Ok(Self { header, all, dossier, reserves, season })
    }

    fn demand(&self) -> Thing<'static> {
        let (structure_id, closed) = (self.header.structure_id, self.season.closed);
        Thing::Demand { structure_id, dialogue: self.dossier.dialogue, closed }
    }

    fn on_action(&self, code: &str) -> Thing<'static> {
        let Season { closed, .. } = self.season;
        Thing::Action { structure_id: self.header.structure_id, asking: self.season.action(code), closed }
    }

    const fn on_commitments(&self) -> Thing<'static> {
        Thing::Commitment { closed: self.season.closed }
    }

    fn page(&self, user: &CurrentUser, app: &App, back: Option<Back>) -> CommitmentsPage {
        let may = |thing: &Thing<'_>| verdict(user, app, thing).allowed();
        let rights = Rights { ask: may(&self.demand()), say: may(&self.on_commitments()) };
        let on_action = |code: &str| verdict(user, app, &self.on_action(code));
        CommitmentsPage::new(user, self, on_action, rights, back)
    }
}

/// `GET /plans/{code}/commitments`
async fn show(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let sheet = Sheet::load(&mut conn, &user, &code).await?;
    Ok(sheet.page(&user, &app, None).into_response())
}

fn verdict(user: &CurrentUser, app: &App, thing: &Thing<'_>) -> Verdict {
    access::may_edit(Who::User(user), thing, app.clock.today())
}

fn allowed(verdict: &Verdict) -> Result<()> {
    if verdict.allowed() { Ok(()) } else { Err(Error::Forbidden(verdict.sentence())) }
}
