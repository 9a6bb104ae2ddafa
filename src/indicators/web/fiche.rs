//! Fiche indicateur: the definition, the figures, their progress, and the form of one cell.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::save::{save as save_cells, status};
use super::{lines, verdict};
use crate::access;
use crate::accounts::CurrentUser;
use crate::indicators::entry::{Key, Outcome, read_form};
use crate::indicators::model::CELL_KIND;
use crate::indicators::sheet::Line;
use crate::indicators::views::fiche::FichePage;
use crate::journal::model::Entry;
use crate::journal::store::{self as journal, Filter};
use crate::kernel::clock::Clock;
use crate::plans::readable_plan;
use crate::plans::store::{self as plans, Header, Outline};
use crate::reserves::model::Subject;
use crate::reserves::{self, Reserves};
use crate::web::extract::Path;
use crate::web::{App, Error, Result};

/// Most journal entries a fiche shows; the journal's own pages have the rest.
const HISTORY_MAX: i64 = 200;

/// Which cell is open for editing, and whether one was just saved.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    cell: String,
    saved: Option<u16>,
}

/// All that a fiche is made of.
struct Fiche {
    header: Header,
    outline: Outline,
    lines: Vec<Line>,
    history: Vec<Entry>,
    reserves: Reserves,
}

impl Fiche {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str, number: &str) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        let lines = lines(conn, &header, Some(number), None).await?;
        if lines.is_empty() {
            return Err(Error::NotFound);
        }
        let outline = plans::outline(conn, header.id).await?;
        let codes = lines
            .iter()
            .flat_map(|line| line.cells.iter().map(|kept| format!("{}/{}", line.measure.code, kept.cell.period)))
            .collect();
        let filter = Filter { kind: Some(CELL_KIND.into()), codes: Some(codes), ..Filter::default() };
        let history = journal::entries(conn, header.id, &filter, HISTORY_MAX).await?;
        let reserves = reserves::of_plan(conn, user, &header).await?;
        Ok(Self { header, outline, lines, history, reserves })
    }

    fn page(self, user: &CurrentUser, open: Option<&Key>, outcome: Outcome, clock: &Clock) -> FichePage {
        let Self { header, outline, lines, history, reserves } = self;
        let may = |line: &Line, kept: &_| verdict(user, &header, line, kept, clock);
        let marks = reserves.on(Subject::Indicator, lines[0].indicator.code.as_str());
        FichePage::new(user, &header, &outline, &lines, &history, open, outcome, clock.today(), may).marked(marks)
    }
}

/// `GET /plans/{code}/indicators/{number}`; `?cell=13.a/2023-2024` opens the form of that cell.
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, number)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let fiche = Fiche::load(&mut conn, &user, &code, &number).await?;
    let page = fiche.page(&user, Key::parse(&asked.cell).as_ref(), Outcome::default(), &app.clock);
    Ok(page.saved(asked.saved).into_response())
}

/// `POST /plans/{code}/indicators/{number}`: the cells of its form.
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, number)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let posted = read_form(pairs).ok_or(Error::Malformed("fiche"))?;
    let open = posted.keys().next().cloned();
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    access::store::hold(&mut tx, &code).await?;
    let fiche = Fiche::load(&mut tx, &user, &code, &number).await?;
    let outcome = save_cells(&mut tx, &user, &fiche.header, &fiche.lines, posted, &app.clock).await?;
    tx.commit().await?;
    let status = status(&outcome);
    if status == StatusCode::OK {
        let cell = open.map(|key| format!("&cell={key}")).unwrap_or_default();
        let address = format!("/plans/{code}/indicators/{number}?saved={}{cell}", outcome.saved);
        return Ok(Redirect::to(&address).into_response());
    }
    let fiche = Fiche::load(&mut conn, &user, &code, &number).await?;
    Ok((status, fiche.page(&user, open.as_ref(), outcome, &app.clock)).into_response())
}
