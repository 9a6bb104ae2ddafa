//! The pages of jalons: all of them, one of them, and the four acts.

mod acts;
mod show;

use axum::response::Response;
use sqlx::PgConnection;

use super::model::{Calendar, JALON_KIND};
use super::store::{self, Kept};
use crate::access::{self, Season, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::kernel::clock::Clock;
use crate::plans::model::{NODE_KIND, Node};
use crate::plans::past::{Asked, Shown, TITLE};
use crate::plans::store::{Header, Past};
use crate::plans::views::{OnDay, PlanPage, within_plan};
use crate::plans::{self, readable_plan};
use crate::reserves::model::RESERVE_KIND;
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

/// What an earlier day is made of, out of the journal.
const PAST_KINDS: &[&str] = &[NODE_KIND, JALON_KIND, RESERVE_KIND];

/// The plan of an address with its jalons and its réserves, in four statements. What this person does not read is not
/// there.
struct Plan {
    header: Header,
    jalons: Vec<Kept>,
    reserves: Reserves,
    season: Season,
    on: OnDay,
    /// The last instant of the earlier day that is shown.
    past: Option<Past>,
}

impl Plan {
    /// As it is now.
    async fn load(conn: &mut PgConnection, user: &CurrentUser, code: &str, clock: &Clock) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        let on = OnDay::new(code, "/jalons", clock.today(), "");
        Self::present(conn, user, header, on).await
    }

    async fn present(conn: &mut PgConnection, user: &CurrentUser, header: Header, on: OnDay) -> Result<Self> {
        let jalons = store::all(conn, header.id).await?;
        let reserves = reserves::of_plan(conn, user, &header).await?;
        let season = access::store::season(conn, header.id).await?;
        Ok(Self { header, jalons, reserves, season, on, past: None })
    }

    /// As the address asks: now, or on an earlier day; otherwise the page that says why there is none. `end` is the end of
    /// the page's address.
    async fn look(
        conn: &mut PgConnection,
        user: &CurrentUser,
        code: &str,
        asked: &Asked,
        end: &str,
        clock: &Clock,
    ) -> Result<Result<Self, Response>> {
        let header = readable_plan(conn, user, code).await?;
        let (on, shown) = plans::look(conn, user, &header, asked, PAST_KINDS, end, clock).await?;
        let past = match shown {
            Shown::Present => return Ok(Ok(Self::present(conn, user, header, on).await?)),
            Shown::Nothing(why) => {
                let season = access::store::season(conn, header.id).await?;
                let page = frame(user, &header, &season, TITLE.into());
                return Ok(Err(plans::no_past(page, &header, on, why)));
            }
            Shown::Past(past) => *past,
        };
        let nodes: Vec<Node> = past.things(NODE_KIND)?;
        let jalons = past.things(JALON_KIND)?.into_iter().map(|jalon| Kept::of(jalon, &nodes)).collect();
        let reserves = reserves::of_past(user, &past)?;
        let season = access::store::season(conn, header.id).await?;
        Ok(Ok(Self { header: past.header.clone(), jalons, reserves, season, on, past: Some(past) }))
    }

    fn find(&self, code: &str) -> Result<&Kept> {
        self.jalons.iter().find(|kept| kept.jalon.code.as_str() == code).ok_or(Error::NotFound)
    }

    /// The day shown is the one whose lateness is told.
    fn calendar(&self, clock: &Clock) -> Calendar {
        let day = self.past.as_ref().map_or_else(|| clock.today(), |past| past.day);
        Calendar::new(day, self.reserves.dates().clone())
    }

    fn page(&self, user: &CurrentUser, title: String) -> Page {
        self.on.keep(frame(user, &self.header, &self.season, title))
    }

    /// May this person prepare an avenant of the plan?
    fn may_amend(&self, user: &CurrentUser, clock: &Clock) -> bool {
        let thing = Thing::Avenant { closed: self.season.closed };
        !self.on.is_past()
            && !self.header.plan.draft
            && access::may_edit(Who::User(user), &thing, clock.today()).allowed()
    }

    /// May this person say something of this jalon now?
    fn verdict(&self, user: &CurrentUser, kept: &Kept, clock: &Clock) -> Verdict {
        if self.on.is_past() {
            return Verdict::past();
        }
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

fn frame(user: &CurrentUser, header: &Header, season: &Season, title: String) -> Page {
    within_plan(
        user.page(title, ""),
        user,
        header.structure_id,
        header.plan.code.as_str(),
        season.year().filter(|_| access::enters(user, header.id, header.structure_id)),
        PlanPage::Jalons,
    )
}
