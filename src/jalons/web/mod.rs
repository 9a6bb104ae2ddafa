//! The pages of jalons: all of them, one of them, and the four acts.

mod acts;
mod show;

use sqlx::PgConnection;

use super::model::Calendar;
use super::store::{self, Kept};
use crate::access::{self, Season, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::kernel::clock::Clock;
use crate::plans::readable_plan;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves::{self, Reserves};
use crate::web::page::Page;
use crate::web::{Error, Result, Routes};

/// The routes of this room.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}/jalons", show::all)
        .get("/plans/{code}/jalons/{jalon}", show::one)
        .post("/plans/{code}/jalons/{jalon}/closure", acts::close)
        .post("/plans/{code}/jalons/{jalon}/abandonment", acts::abandon)
        .post("/plans/{code}/jalons/{jalon}/postponement", acts::postpone)
        .post("/plans/{code}/jalons/{jalon}/progress", acts::progress)
}

/// The plan of an address with its jalons and its réserves, in four statements. What this person does not read is not
/// there.
struct Plan {
    header: Header,
    jalons: Vec<Kept>,
    reserves: Reserves,
    season: Season,
}

impl Plan {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        let jalons = store::all(conn, header.id).await?;
        let reserves = reserves::of_plan(conn, user, &header).await?;
        let season = access::store::season(conn, header.id).await?;
        Ok(Self { header, jalons, reserves, season })
    }

    fn find(&self, code: &str) -> Result<&Kept> {
        self.jalons.iter().find(|kept| kept.jalon.code.as_str() == code).ok_or(Error::NotFound)
    }

    fn calendar(&self, clock: &Clock) -> Calendar {
        Calendar::new(clock.today(), self.reserves.dates().clone())
    }

    fn page(&self, user: &CurrentUser, title: String) -> Page {
        within_plan(
            user.page(title, ""),
            user,
            self.header.structure_id,
            self.header.plan.code.as_str(),
            self.season.year().filter(|_| access::enters(user, self.header.id, self.header.structure_id)),
            PlanPage::Jalons,
        )
    }

    /// May this person prepare an avenant of the plan?
    fn may_amend(&self, user: &CurrentUser, clock: &Clock) -> bool {
        let thing = Thing::Avenant { closed: self.season.closed };
        !self.header.plan.draft && access::may_edit(Who::User(user), &thing, clock.today()).allowed()
    }

    /// May this person say something of this jalon now?
    fn verdict(&self, user: &CurrentUser, kept: &Kept, clock: &Clock) -> Verdict {
        if kept.jalon.is_group {
            let reason = "L’état d’un groupe est celui de ses jalons : il ne se saisit pas.".into();
            return Verdict::Refused { reason, unlock: None };
        }
        let thing = Thing::Jalon {
            plan_id: self.header.id,
            structure_id: self.header.structure_id,
            code: kept.jalon.code.as_str(),
            group: kept.jalon.parent.as_ref().map(AsRef::as_ref),
            asking: self.season.jalon(kept.jalon.code.as_str()),
            closed: self.season.closed,
        };
        access::may_edit(Who::User(user), &thing, clock.today())
    }
}
