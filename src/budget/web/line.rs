//! A budget line, and what its page shows when a form comes back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use super::{readable_budget, verdict};
use crate::accounts::CurrentUser;
use crate::arbitrages::model::Arbitrage;
use crate::arbitrages::store as arbitrages;
use crate::arbitrages::views::Rights;
use crate::budget::entry::find;
use crate::budget::store;
use crate::budget::views::line::{Back, Line, LinePage, LineRights};
use crate::journal::store::{self as journal, Filter};
use crate::reserves;
use crate::reserves::model::Subject;
use crate::web::extract::Path;
use crate::web::{App, Error, Result};

/// Most journal entries that the page tells; the journal has the rest.
const HISTORY_MAX: i64 = 100;

impl Line {
    /// The line of an address, for someone who reads the budget; 404 otherwise.
    pub async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str, line: &str) -> Result<Self> {
        let header = readable_budget(conn, user, code).await?;
        let dossier = arbitrages::dossier(conn, header.id).await?;
        let lines = store::asked(conn, header.id, &dossier).await?;
        let asked = find(&lines, line).ok_or(Error::NotFound)?.clone();
        let around = store::surroundings(conn, header.id).await?;
        let marks = reserves::of_plan(conn, user, &header).await?.on(Subject::BudgetLine, line);
        Ok(Self { header, asked, around, dossier, marks })
    }

    /// The page, with the form that came back.
    pub async fn page(&self, conn: &mut PgConnection, user: &CurrentUser, app: &App, back: Back) -> Result<LinePage> {
        let codes = self.asked.ledger.iter().map(Arbitrage::key).chain([self.asked.line.code.to_string()]).collect();
        let filter = Filter { codes: Some(codes), ..Filter::default() };
        let entries = journal::entries(conn, self.header.id, &filter, HISTORY_MAX).await?;
        let keep = verdict(user, self.header.closed, app);
        let rights = LineRights { shared: Rights::of(user, &self.case(), app), keep };
        Ok(LinePage::new(user, self, &entries, rights, back))
    }

    /// The page again with what was typed; in conflict it is read again, with what the other person wrote.
    pub async fn returned(
        self,
        conn: &mut PgConnection,
        user: &CurrentUser,
        app: &App,
        conflict: bool,
        back: Back,
    ) -> Result<Response> {
        if !conflict {
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, self.page(conn, user, app, back).await?).into_response());
        }
        let (plan, line) = (self.header.plan.code.as_str(), self.asked.line.code.as_str());
        let fresh = Self::load(conn, user, plan, line).await?;
        Ok((StatusCode::CONFLICT, fresh.page(conn, user, app, back).await?).into_response())
    }
}

/// `GET /plans/{code}/budget/{line}`.
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
) -> Result<LinePage> {
    let mut conn = app.conn().await?;
    let line = Line::load(&mut conn, &user, &code, &line).await?;
    line.page(&mut conn, &user, &app, Back::default()).await
}
