//! The pages of avenants and of adoption steps.

mod accord;
mod change;
mod content;
mod removal;
mod show;
mod step;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, Transaction};

use super::ground::Ground;
use super::model::{AVENANT_KIND, Avenant};
use super::store::{self, Kept};
use super::views::avenant::{AvenantPage, Back};
use crate::access::{self, Party, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::indicators::store as indicators;
use crate::jalons::store as jalons;
use crate::journal::model::{Change as Journaled, Entry};
use crate::journal::store::{self as journal, Filter};
use crate::kernel::canonical::Canonical;
use crate::plans::readable_plan;
use crate::plans::store::{self as plans, Header, Outline};
use crate::plans::views::{PlanPage, within_plan};
use crate::web::flash::{self, Done};
use crate::web::page::Page;
use crate::web::{App, Error, Result, Routes};

/// Most journal entries that the page of an avenant tells; the journal has the rest.
const HISTORY_MAX: i64 = 50;

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/avenants", show::all)
        .get("/plans/{code}/avenants/new", content::new)
        .post("/plans/{code}/avenants", content::prepare)
        .get("/plans/{code}/avenants/{avenant}", show::one)
        .post("/plans/{code}/avenants/{avenant}", content::save)
        .post("/plans/{code}/avenants/{avenant}/accord", accord::agree)
        .post("/plans/{code}/avenants/{avenant}/accord/end", accord::withdraw)
        .post("/plans/{code}/avenants/{avenant}/abandonment", accord::abandon)
        .get("/plans/{code}/avenants/{avenant}/changes", change::pick)
        .get("/plans/{code}/avenants/{avenant}/changes/{kind}/{element}", change::show)
        .post("/plans/{code}/avenants/{avenant}/changes/{kind}/{element}", change::save)
        .post("/plans/{code}/avenants/{avenant}/changes/{kind}/{element}/removal", change::remove)
        .get("/plans/{code}/steps/new", step::new)
        .post("/plans/{code}/steps", step::add)
        .get("/plans/{code}/steps/{step}", step::show)
        .post("/plans/{code}/steps/{step}", step::save)
        .post("/plans/{code}/steps/{step}/removal", removal::remove)
}

/// The signed contract of an address: what this person does not read is not there, and a draft has no avenant.
async fn signed(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<Header> {
    let header = readable_plan(conn, user, code).await?;
    if header.plan.draft { Err(Error::NotFound) } else { Ok(header) }
}

/// May this person do this now?
fn verdict(user: &CurrentUser, app: &App, thing: &Thing<'_>) -> Verdict {
    access::may_edit(Who::User(user), thing, app.clock.today())
}

/// Refuses with the reason those who may not.
fn allowed(verdict: &Verdict) -> Result<()> {
    if verdict.allowed() { Ok(()) } else { Err(Error::Forbidden(verdict.sentence())) }
}

/// The frame of a page of this plan.
async fn frame(conn: &mut PgConnection, user: &CurrentUser, header: &Header, title: String) -> Result<Page> {
    let enters = access::enters(user, header.id, header.structure_id);
    let year = if enters { plans::campaign_year(conn, header.id).await? } else { None };
    let code = header.plan.code.as_str();
    Ok(within_plan(user.page(title, ""), user, header.structure_id, code, year, PlanPage::Contract))
}

/// Definitions and jalons of a plan, and its outline, in two statements.
async fn ground(conn: &mut PgConnection, plan_id: i64) -> Result<(Ground, Outline)> {
    let outline = plans::outline(conn, plan_id).await?;
    let definitions = indicators::definitions(conn, plan_id, None).await?;
    let jalons = jalons::of_outline(&outline)?;
    let indicators::Definitions { indicators, measures, targets } = definitions;
    Ok((Ground { indicators, measures, targets, jalons }, outline))
}

/// An avenant with all that its pages show of it.
struct Found {
    header: Header,
    kept: Kept,
    ground: Ground,
    outline: Outline,
    history: Vec<Entry>,
}

impl Found {
    /// The avenant of an address, in six statements.
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str, avenant: &str) -> Result<Self> {
        let header = signed(conn, user, code).await?;
        let all = store::of_plan(conn, header.id).await?;
        let kept = all.into_iter().find(|it| it.avenant.code.as_str() == avenant).ok_or(Error::NotFound)?;
        let (ground, outline) = ground(conn, header.id).await?;
        let filter = Filter { kind: Some(AVENANT_KIND.into()), code: Some(avenant.into()), ..Filter::default() };
        let history = journal::entries(conn, header.id, &filter, HISTORY_MAX).await?;
        Ok(Self { header, kept, ground, outline, history })
    }

    /// The same, its plan held for the transaction of an act.
    async fn hold(conn: &mut PgConnection, user: &CurrentUser, code: &str, avenant: &str) -> Result<Self> {
        access::store::hold(conn, code).await?;
        Self::load(conn, user, code, avenant).await
    }

    /// Who wrote it last, and when.
    fn latest(&self) -> Option<(String, DateTime<Utc>)> {
        self.history.first().map(|entry| (entry.actor.clone(), entry.at))
    }

    const fn prepares(&self) -> Thing<'static> {
        Thing::Avenant { closed: self.header.closed }
    }

    const fn accord(&self, party: Party) -> Thing<'static> {
        Thing::Accord { structure_id: self.header.structure_id, party, closed: self.header.closed }
    }

    fn address(&self) -> String {
        format!("/plans/{}/avenants/{}", self.header.plan.code, self.kept.avenant.code)
    }

    /// The page, with what came back.
    async fn page(&self, conn: &mut PgConnection, user: &CurrentUser, app: &App, back: Back) -> Result<AvenantPage> {
        let name = format!("{} · {}", self.kept.avenant.name(), self.header.plan.name());
        let title = if back.is_some() { format!("Erreur : {name}") } else { name };
        let page = frame(conn, user, &self.header, title).await?;
        let may = |thing: Thing<'_>| verdict(user, app, &thing);
        Ok(AvenantPage::new(
            page,
            &self.header,
            &self.kept,
            &self.ground,
            &self.outline.steps,
            &self.history,
            &may(self.prepares()),
            [Party::Director, Party::Directoire].map(|party| (party, may(self.accord(party)))),
            may(Thing::Step { draft: false, closed: self.header.closed }).allowed(),
            back,
        ))
    }

    /// The page with why nothing was done.
    async fn refused(
        &self,
        conn: &mut PgConnection,
        user: &CurrentUser,
        app: &App,
        status: StatusCode,
        back: Back,
    ) -> Result<Response> {
        Ok((status, self.page(conn, user, app, back).await?).into_response())
    }

    /// Writes what became of it and journals it, an abandonment with its reason; then goes back to its page, at `place`.
    /// When somebody else wrote meanwhile, nothing is written, and the page shows what they did.
    async fn write(
        &self,
        mut tx: Transaction<'_, Postgres>,
        user: &CurrentUser,
        app: &App,
        after: &Avenant,
        (done, place): (Done, &str),
    ) -> Result<Response> {
        if *after != self.kept.avenant {
            let Some(version) = store::save(&mut tx, self.header.id, after, &self.kept).await? else {
                let (plan, code) = (self.header.plan.code.as_str(), after.code.as_str());
                let fresh = Self::load(&mut tx, user, plan, code).await?;
                return fresh.refused(&mut tx, user, app, StatusCode::CONFLICT, Back::meanwhile()).await;
            };
            let mut act = user.act(app.clock.now());
            act.reason = after.abandoned.as_ref().map(|it| it.reason.clone());
            let entry = Journaled {
                plan_id: Some(self.header.id),
                kind: AVENANT_KIND,
                code: after.code.as_str(),
                version,
                before: Some(self.kept.avenant.write()),
                after: Some(after.write()),
                position: Some(self.kept.position),
            };
            journal::append(&mut tx, &act, entry).await?;
        }
        tx.commit().await?;
        Ok(to(app, done, &format!("{}{place}", self.address())))
    }

    /// What is announced after an edit: that it took accords back, when it did.
    fn done(&self, after: &Avenant) -> Done {
        match () {
            () if *after == self.kept.avenant => Done::NothingChanged,
            () if self.kept.avenant.lost_accords(after) => Done::AvenantReopened,
            () => Done::AvenantSaved,
        }
    }
}

/// Back to a page, with the sentence of what was done.
fn to(app: &App, done: Done, address: &str) -> Response {
    flash::redirect(&app.settings, done, address)
}
