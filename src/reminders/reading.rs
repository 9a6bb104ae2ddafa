//! What waits for everyone, read in one go through the statements that the pages use: the counts agree.

use sqlx::PgConnection;

use super::model::{self, Contract, Task};
use super::store;
use crate::accounts::model::{Grant, Reach, User};
use crate::accounts::store::account;
use crate::accounts::store::grant::{self as grants, Filter};
use crate::dialogue::store as dialogues;
use crate::followups::store as followups;
use crate::jalons::store as jalons;
use crate::kernel::clock::Clock;
use crate::plans::store as plans;
use crate::reserves::{Dates, store as reserves};

/// Those who take mail, and the plans.
pub struct Reading {
    /// Each with the grants in force.
    pub people: Vec<User>,
    contracts: Vec<Contract>,
}

impl Reading {
    /// Two statements for the people, four for the list of plans, at most four a plan: a round is no page, and reads
    /// the same whatever the number of people.
    pub async fn take(conn: &mut PgConnection, clock: &Clock) -> sqlx::Result<Self> {
        let people = people(conn, clock).await?;
        let everything = Reach { everything: true, ..Reach::default() };
        let headers = plans::list(conn, &everything).await?;
        let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
        let parts = dialogues::parts(conn, &ids, None).await?;
        let handed_back = store::handed_back(conn).await?;
        let open = followups::open(conn, &ids).await?;
        let mut contracts = Vec::with_capacity(headers.len());
        for header in headers {
            let part = parts.iter().find(|part| part.plan_id == header.id).cloned();
            let sheet = match &part {
                Some(part) if part.state.is_open() => Some(dialogues::sheet(conn, part).await?),
                _ => None,
            };
            let handed_back = part.as_ref().and_then(|part| handed_back.get(&part.dialogue_id).copied());
            let jalons = jalons::all(conn, header.id).await?.into_iter().map(|kept| kept.jalon).collect();
            let reserves = reserves::of_plan(conn, header.id).await?;
            let dates = Dates::of(reserves.iter().map(|kept| &kept.reserve));
            let followups = open.iter().filter(|kept| kept.plan_id == header.id).map(|kept| kept.followup.clone());
            let followups = followups.collect();
            contracts.push(Contract { header, part, sheet, handed_back, jalons, dates, followups });
        }
        Ok(Self { people, contracts })
    }

    /// Someone who takes mail.
    pub fn person(&self, account_id: i64) -> Option<&User> {
        self.people.iter().find(|user| user.account_id == account_id)
    }

    /// Everything that waits for a person.
    pub fn tasks(&self, user: &User, clock: &Clock) -> Vec<Task> {
        self.contracts.iter().flat_map(|contract| model::tasks(user, contract, clock)).collect()
    }

    /// Name of the university; empty before anything was imported.
    pub fn establishment(&self) -> &str {
        self.contracts.first().map_or("", |contract| contract.header.establishment.name.as_str())
    }
}

async fn people(conn: &mut PgConnection, clock: &Clock) -> sqlx::Result<Vec<User>> {
    let accounts = account::list(conn).await?;
    let held = grants::list(conn, &Filter::default()).await?;
    let today = clock.today();
    let in_force = |account_id: i64| -> Vec<Grant> {
        let of_account = held.iter().filter(|held| held.account_id == account_id);
        of_account.map(|held| held.grant.clone()).filter(|grant| grant.holds_on(today)).collect()
    };
    Ok(accounts
        .into_iter()
        .filter(|account| model::receives(account, clock.now()))
        .map(|account| User {
            account_id: account.id,
            grants: in_force(account.id),
            email: account.email,
            function: account.function,
        })
        .collect())
}
