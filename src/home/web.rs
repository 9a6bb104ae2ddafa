//! Accueil.

use std::collections::HashMap;

use axum::extract::State;
use sqlx::PgConnection;

use super::model::{Waiting, Waits, own_jalons};
use super::store::{self, new_year};
use super::views::{Contract, Focus, HomePage, Place, ToAgree, ToSettle};
use crate::access;
use crate::accounts::CurrentUser;
use crate::accounts::model::Role;
use crate::arbitrages::web::news;
use crate::avenants::model::Avenant;
use crate::avenants::store as avenants;
use crate::controls;
use crate::dialogue;
use crate::dialogue::store::{Part, Sheet};
use crate::document::model::Extract;
use crate::indicators::store::{self as indicators, CellFilter};
use crate::indicators::{sheet, verdict};
use crate::jalons::model::Calendar;
use crate::jalons::store as jalons;
use crate::plans::store::{self as plans, Header, Outline};
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves;
use crate::web::{App, Result, Routes};

/// The room's routes.
pub fn router() -> Routes {
    Routes::new().get("/", home)
}

/// `GET /`: ten statements at most, whatever the number of contracts.
async fn home(user: CurrentUser, State(app): State<App>) -> Result<HomePage> {
    let mut conn = app.conn().await?;
    let headers = plans::list(&mut conn, &user.reach()).await?;
    // What is being written is no contract yet: nothing is expected of it.
    let (drafts, headers): (Vec<Header>, Vec<Header>) = headers.into_iter().partition(|header| header.plan.draft);
    // Those who decide, and those whose demands are decided.
    let told = [Role::Director, Role::Directoire, Role::Finance, Role::Rh].into_iter().any(|role| user.has(role));
    let news = if told { news(&mut conn, &app, &user, &headers).await? } else { None };
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let parts = dialogue::parts(&mut conn, &app, &headers).await?;
    let mut contracts: Vec<Contract> = headers
        .into_iter()
        .map(|header| Contract {
            part: parts.get(&header.id).and_then(|parts| parts.first()).cloned(),
            enters: access::enters(&user, header.id, header.structure_id),
            header,
        })
        .collect();
    let place = focus(&user, &contracts);
    let today = app.clock.today();
    let (waits, opening) = if has_to_do(&user) {
        let dialogue = place.and_then(|place| contracts[place].part.as_ref()).map(|part| part.dialogue_id);
        let (waits, opening) = store::waits(&mut conn, &ids, new_year(today), dialogue).await?;
        let listed: Vec<&Header> = contracts.iter().map(|contract| &contract.header).collect();
        (waits.of(&user, &listed, today), opening)
    } else {
        (Waits::default(), None)
    };
    let mut outlines = match place {
        // All of them at once: the avenants of each are asked for below.
        Some(_) => plans::outlines(&mut conn, &ids).await?,
        None => HashMap::new(),
    };
    let accords = accords(&mut conn, &user, &contracts, &outlines).await?;
    let focus = match place {
        Some(place) => {
            let outline = outlines.remove(&contracts[place].header.id).unwrap_or_default();
            Some(load(&mut conn, &app, &user, &contracts[place], outline, opening).await?)
        }
        None => None,
    };
    let to_settle = match &focus {
        _ if !user.has(Role::Pilotage) => None,
        // The only contract is loaded whole: it knows its own.
        Some(focus) if contracts.len() == 1 => {
            let counts = HashMap::from([(focus.header.id, focus.reserves.open_of_document())]);
            Some(to_settle(&contracts, &counts))
        }
        _ => Some(to_settle(&contracts, &reserves::store::open_counts(&mut conn, &ids).await?)),
    };
    let places = contracts.iter().map(|it| (it.header.id, Place::of(&it.header))).collect();
    // Those who answer for figures are told when these do not add up.
    let answers =
        [Role::Director, Role::Directoire, Role::Finance, Role::Pilotage].into_iter().any(|role| user.has(role));
    let in_gap = if answers {
        let all: Vec<&Header> = contracts.iter().map(|it| &it.header).collect();
        Some(in_gap(&contracts, &controls::gaps(&mut conn, &app, &user, &all).await?))
    } else {
        None
    };
    let mut page = user.page("Accueil", "/");
    if let [only] = contracts.as_slice() {
        let year = only.part.as_ref().map(|part| part.year).filter(|_| only.enters);
        page = within_plan(
            page,
            &user,
            only.header.structure_id,
            only.header.plan.code.as_str(),
            year,
            PlanPage::Elsewhere,
        );
    }
    // Whoever works in one contract only has it whole above: a list of one would say it twice.
    let reads_all = user.reach().everything;
    if focus.is_some() && contracts.len() == 1 && !reads_all {
        contracts.clear();
    }
    Ok(HomePage {
        page,
        focus,
        contracts,
        drafts,
        news: news.unwrap_or_default(),
        waits,
        places,
        accords,
        reads_all,
        directoire: user.has(Role::Directoire),
        to_settle,
        in_gap,
        admin: user.has(Role::Admin),
        reader: user.has(Role::Reader),
        expects_plans: reads_all || user.has(Role::Director) || user.has(Role::Contributor),
        today,
    })
}

/// Something may wait for them outside the figures of a dialogue: they say something of jalons, or follow dialogues.
fn has_to_do(user: &CurrentUser) -> bool {
    user.reach().everything || user.has(Role::Director) || user.has(Role::Contributor)
}

/// The avenants that wait for this person's accord: out of the outlines, when there are some, else in one statement for
/// those who may give one.
async fn accords(
    conn: &mut PgConnection,
    user: &CurrentUser,
    contracts: &[Contract],
    outlines: &HashMap<i64, Outline>,
) -> Result<Vec<ToAgree>> {
    if !user.has(Role::Director) && !user.has(Role::Directoire) {
        return Ok(Vec::new());
    }
    let mut open: HashMap<i64, Vec<Avenant>> = HashMap::new();
    if outlines.is_empty() {
        let ids: Vec<i64> = contracts.iter().map(|contract| contract.header.id).collect();
        for (id, kept) in avenants::open(conn, &ids).await? {
            open.insert(id, kept.into_iter().map(|kept| kept.avenant).collect());
        }
    } else {
        for (id, outline) in outlines {
            open.insert(*id, avenants::of_outline(outline)?);
        }
    }
    let found = contracts.iter().filter(|it| it.header.closed.is_none()).flat_map(|Contract { header, .. }| {
        let avenants = open.get(&header.id).into_iter().flatten();
        avenants.flat_map(|it| ToAgree::of(user, header, it)).collect::<Vec<_>>()
    });
    Ok(found.collect())
}

/// The contracts with réserves that wait for pilotage, the most of them first.
fn to_settle(contracts: &[Contract], counts: &HashMap<i64, usize>) -> Vec<ToSettle> {
    waiting(contracts, counts, "reserves")
}

/// The contracts with controls in gap, the most of them first.
fn in_gap(contracts: &[Contract], counts: &HashMap<i64, usize>) -> Vec<ToSettle> {
    waiting(contracts, counts, "controls?verdict=ecart")
}

fn waiting(contracts: &[Contract], counts: &HashMap<i64, usize>, page: &str) -> Vec<ToSettle> {
    let mut found: Vec<ToSettle> = contracts
        .iter()
        .filter_map(|contract| {
            let count = counts.get(&contract.header.id).copied().filter(|count| *count > 0)?;
            let structure = contract.header.structure.label.clone();
            Some(ToSettle { href: format!("/plans/{}/{page}", contract.header.plan.code), structure, count })
        })
        .collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.count));
    found
}

/// The contract this person works in: the one they direct or contribute to; for pilotage, the only one there is.
fn focus(user: &CurrentUser, contracts: &[Contract]) -> Option<usize> {
    let works_in = |contract: &Contract| {
        contract.enters && (contracts.len() == 1 || !user.has(Role::Pilotage) || own(user, &contract.header))
    };
    contracts.iter().position(works_in)
}

/// Entry comes from this very contract, not from a role over all of them.
fn own(user: &CurrentUser, header: &Header) -> bool {
    let reach = user.reach();
    reach.structures.contains(&header.structure_id) || reach.plans.contains(&header.id)
}

/// `opening` is what the contract's dialogue reads, when it has one.
async fn load(
    conn: &mut PgConnection,
    app: &App,
    user: &CurrentUser,
    contract: &Contract,
    outline: Outline,
    opening: Option<Extract>,
) -> Result<Focus> {
    let Contract { header, part, .. } = contract;
    let season = part.as_ref().map(|part| part.season(header.closed)).unwrap_or_default();
    let definitions = indicators::definitions(conn, header.id, None).await?;
    let filter = CellFilter { year: part.as_ref().map(|part: &Part| part.year), ..CellFilter::default() };
    let cells = indicators::cells(conn, header.id, filter).await?;
    let today = app.clock.today();
    // What waits is read as the campaign reads it; where the contract stands, as it is today.
    let waiting = match (part, opening) {
        (Some(part), Some(opening)) => {
            let asked = Sheet::of(opening, part, &cells);
            let mine = |line: &_, kept: &_| verdict(user, header, line, kept, &app.clock).allowed();
            Waiting::of(&asked.lines, asked.threshold, today, mine)
        }
        _ => Waiting::default(),
    };
    let lines = sheet::lines(header.plan.first_year, header.plan.last_year, definitions, &cells);
    let jalons = jalons::of_outline(&outline)?;
    let reserves = reserves::of_plan(conn, user, header).await?;
    let own_jalons = own_jalons(user, header, &season, &jalons, today).into_iter().cloned().collect();
    Ok(Focus {
        jalons,
        own_jalons,
        directs: user.directs(header.structure_id),
        header: header.clone(),
        part: part.clone(),
        outline,
        lines,
        waiting,
        calendar: Calendar::new(today, reserves.dates().clone()),
        reserves,
    })
}
