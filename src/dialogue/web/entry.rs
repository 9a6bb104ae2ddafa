//! Saisie: the cells a campaign expects, as one grid. Labels, targets and references are those of its opening.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use crate::access;
use crate::accounts::CurrentUser;
use crate::dialogue::store::{self, Part};
use crate::dialogue::views::entry::{EntryPage, Grid, RowFragment, Show};
use crate::indicators::entry::{Outcome, read_form};
use crate::indicators::{save_cells, status_of, verdict};
use crate::kernel::clock::Clock;
use crate::kernel::date;
use crate::plans::readable_plan;
use crate::plans::store::Header;
use crate::web::extract::Path;
use crate::web::{App, Error, Result, is_htmx};

/// Which lines are shown, and how many were just saved.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
    saved: Option<u16>,
}

/// All that the grid is made of.
struct Sheet {
    header: Header,
    part: Part,
    seen: store::Sheet,
}

impl Sheet {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str, year: i32) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        let part = store::parts(conn, &[header.id], Some(year)).await?.pop().ok_or(Error::NotFound)?;
        let seen = store::sheet(conn, &part).await?;
        Ok(Self { header, part, seen })
    }

    fn grid(&self, user: &CurrentUser, clock: &Clock, outcome: Outcome) -> Grid {
        Grid::new(user, &self.header, self.part.clone(), &self.seen, outcome, clock, |line, kept| {
            verdict(user, &self.header, line, kept, clock)
        })
    }
}

/// `GET /plans/{code}/entry/{year}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, year)): Path<(String, i32)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let sheet = Sheet::load(&mut conn, &user, &code, year).await?;
    let grid = sheet.grid(&user, &app.clock, Outcome::default());
    Ok(EntryPage::new(&user, grid, Show::asked(&asked.show), asked.saved).into_response())
}

/// `POST /plans/{code}/entry/{year}`: the whole grid, or one row of it when htmx asks.
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, year)): Path<(String, i32)>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let posted = read_form(pairs).ok_or(Error::Malformed("entry grid"))?;
    let first = posted.keys().next().cloned();
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    access::store::hold(&mut tx, &code).await?;
    let sheet = Sheet::load(&mut tx, &user, &code, year).await?;
    let outcome = save_cells(&mut tx, &user, &sheet.header, &sheet.seen.lines, posted, &app.clock).await?;
    tx.commit().await?;
    let (saved, status) = (outcome.saved, status_of(&outcome));
    let show = Show::asked(&asked.show);
    let one_row = first.filter(|_| is_htmx(&headers));
    if one_row.is_none() && status == StatusCode::OK {
        let address = format!("/plans/{code}/entry/{year}?show={}&saved={saved}", show.word());
        return Ok(Redirect::to(&address).into_response());
    }
    // Read again: what was just written, by this person and by others.
    let sheet = Sheet::load(&mut conn, &user, &code, year).await?;
    let grid = sheet.grid(&user, &app.clock, outcome);
    let Some(key) = one_row else {
        return Ok((status, EntryPage::new(&user, grid, show, None)).into_response());
    };
    let row = grid.row(&key).cloned().ok_or(Error::NotFound)?;
    let saved_at = (saved > 0).then(|| date::clock_time(app.clock.now()));
    Ok((status, RowFragment::new(row, grid, saved_at)).into_response())
}
