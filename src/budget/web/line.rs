//! A budget line, and what its page shows when a form comes back.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgConnection;

use super::{readable_budget, verdict};
use crate::access::Verdict;
use crate::accounts::CurrentUser;
use crate::arbitrages::model::Arbitrage;
use crate::arbitrages::store as arbitrages;
use crate::arbitrages::views::Rights;
use crate::budget::entry::find;
use crate::budget::store;
use crate::budget::views::budget::BudgetPage;
use crate::budget::views::line::{Back, Line, LinePage, LineRights};
use crate::journal::store::{self as journal, Filter};
use crate::plans;
use crate::plans::past::{Asked as Day, Shown};
use crate::plans::store::{Header, Past};
use crate::plans::views::OnDay;
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
        Self::present(conn, user, header, line).await
    }

    async fn present(conn: &mut PgConnection, user: &CurrentUser, header: Header, line: &str) -> Result<Self> {
        let dossier = arbitrages::dossier(conn, header.id).await?;
        let lines = store::asked(conn, header.id, &dossier).await?;
        let asked = find(&lines, line).ok_or(Error::NotFound)?.clone();
        let around = store::surroundings(conn, header.id).await?;
        let marks = reserves::of_plan(conn, user, &header).await?.on(Subject::BudgetLine, line);
        Ok(Self { header, asked, around, dossier, marks, past: None })
    }

    /// The line on an earlier day; 404 when it was not there yet.
    fn earlier(user: &CurrentUser, past: &Past, on: OnDay, line: &str, year: Option<i32>) -> Result<Self> {
        let (lines, dossier, around) = store::past(past, year)?;
        let asked = find(&lines, line).ok_or(Error::NotFound)?.clone();
        let marks = reserves::of_past(user, past)?.on(Subject::BudgetLine, line);
        Ok(Self { header: past.header.clone(), asked, around, dossier, marks, past: Some((on, past.at)) })
    }

    /// The page, with the form that came back.
    pub async fn page(&self, conn: &mut PgConnection, user: &CurrentUser, app: &App, back: Back) -> Result<LinePage> {
        let codes = self.asked.ledger.iter().map(Arbitrage::key).chain([self.asked.line.code.to_string()]).collect();
        let until = self.past.as_ref().map(|(_, at)| *at);
        let filter = Filter { codes: Some(codes), until, ..Filter::default() };
        let entries = journal::entries(conn, self.header.id, &filter, HISTORY_MAX).await?;
        let (rights, on) = if let Some((on, _)) = &self.past {
            (LineRights { shared: Rights::past(), keep: Verdict::past() }, on.clone())
        } else {
            let keep = verdict(user, self.header.closed, app);
            let rights = LineRights { shared: Rights::of(user, &self.case(), app), keep };
            let end = format!("/budget/{}", self.asked.line.code);
            (rights, OnDay::new(self.header.plan.code.as_str(), &end, app.clock.today(), ""))
        };
        Ok(LinePage::new(user, self, &entries, rights, back, on))
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

/// `GET /plans/{code}/budget/{line}`; `?on=2025-09-12` shows the end of that day.
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Query(day): Query<Day>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let header = readable_budget(&mut conn, &user, &code).await?;
    let end = format!("/budget/{line}");
    let (on, shown) = plans::look(&mut conn, &user, &header, &day, store::PAST_KINDS, &end, &app.clock).await?;
    let found = match shown {
        Shown::Present => Line::present(&mut conn, &user, header, &line).await?,
        Shown::Past(past) => {
            let year = store::surroundings(&mut conn, header.id).await?.year;
            Line::earlier(&user, &past, on, &line, year)?
        }
        Shown::Nothing(why) => {
            let year = store::surroundings(&mut conn, header.id).await?.year;
            let page = BudgetPage::frame(&user, &header, plans::past::TITLE.into(), year);
            return Ok(plans::no_past(page, &header, on, why));
        }
    };
    Ok(found.page(&mut conn, &user, &app, Back::default()).await?.into_response())
}
