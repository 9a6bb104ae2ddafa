//! A budget line, and what its page shows when a form comes back.

use axum::extract::State;
use sqlx::PgConnection;

use super::{readable_budget, verdict};
use crate::access::BudgetAct;
use crate::accounts::CurrentUser;
use crate::arbitrages::Arbitrage;
use crate::budget::entry::find;
use crate::budget::store::{self, Surroundings};
use crate::budget::sums::Asked;
use crate::budget::views::line::{Back, LinePage};
use crate::journal::store::{self as journal, Filter};
use crate::plans::store::Header;
use crate::reserves::model::Subject;
use crate::reserves::{self, Mark};
use crate::web::extract::Path;
use crate::web::{App, Error, Result};

/// Most journal entries that the page tells; the journal has the rest.
const HISTORY_MAX: i64 = 100;

/// What every act on a line begins with.
pub struct Line {
    /// Its plan.
    pub header: Header,
    /// The line and its decisions.
    pub asked: Asked,
    /// Conditions, tree, year.
    pub around: Surroundings,
    /// What the document says of it in several ways.
    pub marks: Vec<Mark>,
}

impl Line {
    /// The line of an address, for someone who reads the budget; 404 otherwise.
    pub async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str, line: &str) -> Result<Self> {
        let header = readable_budget(conn, user, code).await?;
        let lines = store::asked(conn, header.id).await?;
        let asked = find(&lines, line).ok_or(Error::NotFound)?.clone();
        let around = store::surroundings(conn, header.id).await?;
        let marks = reserves::of_plan(conn, user, &header).await?.on(Subject::BudgetLine, line);
        Ok(Self { header, asked, around, marks })
    }

    /// The page, with the form that came back.
    pub async fn page(&self, conn: &mut PgConnection, user: &CurrentUser, app: &App, back: Back) -> Result<LinePage> {
        let codes = self.asked.ledger.iter().map(Arbitrage::key).chain([self.asked.line.code.to_string()]).collect();
        let filter = Filter { codes: Some(codes), ..Filter::default() };
        let entries = journal::entries(conn, self.header.id, &filter, HISTORY_MAX).await?;
        let may = |act| verdict(user, self.header.closed, act, app);
        let (decide, schedule) = (may(BudgetAct::Decide), may(BudgetAct::Schedule));
        let page = LinePage::new(user, &self.header, &self.asked, &self.around, &entries, decide, schedule, back);
        Ok(page.marked(self.marks.clone()))
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("/plans/{}/budget/{}", self.header.plan.code, self.asked.line.code)
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
