//! The doors of drafts. A signed contract has none: its definitions change by avenant.

mod begin;
mod element;
mod order;
mod sign;

use axum::extract::State;
use sqlx::PgConnection;

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::document::model::Document;
use crate::document::store as documents;
use crate::drafts::views::workshop::WorkshopPage;
use crate::establishment::store as establishment;
use crate::plans::readable_plan;
use crate::plans::store::{self as plans, Header};
use crate::web::extract::Path;
use crate::web::{App, Error, Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/admin/plans/new", begin::form)
        .post("/admin/plans", begin::begin)
        .get("/plans/{code}/draft", workshop)
        .post("/plans/{code}/draft/signature", sign::sign)
        .get("/plans/{code}/draft/{list}/new", element::new)
        .post("/plans/{code}/draft/{list}", element::add)
        .get("/plans/{code}/draft/{list}/{element}", element::show)
        .post("/plans/{code}/draft/{list}/{element}", element::save)
        .post("/plans/{code}/draft/{list}/{element}/move", order::shift)
        .post("/plans/{code}/draft/{list}/{element}/removal", order::remove)
}

/// The draft of an address, for someone who reads it: unseen is 404, signed is refused with the reason.
async fn seen(conn: &mut PgConnection, user: &CurrentUser, app: &App, code: &str) -> Result<Header> {
    let header = readable_plan(conn, user, code).await?;
    if header.plan.draft { Ok(header) } else { Err(Error::Forbidden(refusal(user, app, &header))) }
}

fn thing(header: &Header) -> Thing<'static> {
    Thing::Definition { structure_id: header.structure_id, draft: header.plan.draft }
}

fn refusal(user: &CurrentUser, app: &App, header: &Header) -> String {
    access::may_edit(Who::User(user), &thing(header), app.clock.today()).sentence()
}

/// The same, for someone who may also edit it.
async fn editable(conn: &mut PgConnection, user: &CurrentUser, app: &App, code: &str) -> Result<Header> {
    let header = seen(conn, user, app, code).await?;
    let verdict = access::may_edit(Who::User(user), &thing(&header), app.clock.today());
    if verdict.allowed() { Ok(header) } else { Err(Error::Forbidden(verdict.sentence())) }
}

/// A draft held for a transaction: nobody else writes it, nor what it shares with others, until the end.
struct Held {
    header: Header,
    document: Document,
}

impl Held {
    async fn take(conn: &mut PgConnection, user: &CurrentUser, app: &App, code: &str) -> Result<Self> {
        establishment::hold(conn).await?;
        plans::lock_plan(conn, code).await?;
        let header = editable(conn, user, app, code).await?;
        let document = documents::whole(conn, header.clone()).await?;
        Ok(Self { header, document })
    }

    /// Writes what changed; `false` when nothing did.
    async fn write(&self, conn: &mut PgConnection, user: &CurrentUser, app: &App, after: &Document) -> Result<bool> {
        let changes = after.changes_from(&self.document.elements());
        if changes.is_empty() {
            return Ok(false);
        }
        documents::write(conn, &user.act(app.clock.now()), after, &changes).await?;
        Ok(true)
    }

    /// The workshop again, with why nothing was done.
    fn refused(&self, user: &CurrentUser, refused: Vec<String>) -> WorkshopPage {
        WorkshopPage::new(user, &self.header, &self.document, None, refused)
    }
}

/// `GET /plans/{code}/draft`
async fn workshop(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<WorkshopPage> {
    let mut conn = app.conn().await?;
    let header = seen(&mut conn, &user, &app, &code).await?;
    let document = documents::definitions(&mut conn, header.clone(), |_| true).await?;
    Ok(WorkshopPage::new(&user, &header, &document, None, Vec::new()))
}
