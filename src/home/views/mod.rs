//! Accueil: what its template asks, a file for each of its sections.

mod accords;
mod contracts;
mod faults;
mod focus;
mod followed;
mod inbox;
mod item;
mod means;
mod review;

use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use self::item::plural;
use super::model::Waits;
use crate::arbitrages::views::decisions::News;
use crate::dialogue::store::Part;
use crate::plans::store::Header;
use crate::web::page::Page;

pub use accords::ToAgree;
pub use contracts::Contract;
pub use faults::ToSettle;
pub use focus::Focus;
pub use followed::Place;

/// Accueil.
#[derive(Template, WebTemplate)]
#[template(path = "home/home.html")]
#[expect(clippy::struct_excessive_bools, reason = "a person holds any of the roles, each opens its own section")]
pub struct HomePage {
    /// Frame.
    pub page: Page,
    /// The contract they work in.
    pub focus: Option<Focus>,
    /// The contracts they read, unless the focus says it all.
    pub contracts: Vec<Contract>,
    /// Those being written that they read.
    pub drafts: Vec<Header>,
    /// Decisions to take, taken lately, or under a condition.
    pub news: News,
    /// Follow-ups and conditional jalons that wait for them.
    pub waits: Waits,
    /// The contracts they read, by database id.
    pub places: HashMap<i64, Place>,
    /// Avenants that wait for their accord.
    pub accords: Vec<ToAgree>,
    /// They read every contract.
    pub reads_all: bool,
    /// Submitted dialogues wait for them.
    pub directoire: bool,
    /// Réserves wait for them, by contract; `None` when they settle none.
    pub to_settle: Option<Vec<ToSettle>>,
    /// Controls in gap, by contract, for those who answer for them; `None` for the others.
    pub in_gap: Option<Vec<ToSettle>>,
    /// Accounts are theirs.
    pub admin: bool,
    /// They read what is published.
    pub reader: bool,
    /// Their role opens contracts, whether or not there are some.
    pub expects_plans: bool,
    /// Today.
    pub today: NaiveDate,
}

/// Where a dialogue stands, on a page of its own.
fn dialogue_href(header: &Header, part: &Part) -> String {
    format!("/plans/{}/dialogues/{}", header.plan.code, part.year)
}

impl HomePage {
    /// The year of the latest campaign.
    fn year(&self) -> Option<i32> {
        self.contracts.iter().filter_map(|contract| contract.part.as_ref()).map(|part| part.year).max()
    }

    fn heading(&self) -> String {
        if let Some(focus) = &self.focus {
            return focus.header.structure.label.clone();
        }
        match (self.year(), self.admin) {
            (Some(year), _) => format!("Contrats et dialogues {year}"),
            (None, _) if !self.contracts.is_empty() => "Contrats".into(),
            (None, true) => "Administration".into(),
            (None, false) => "Accueil".into(),
        }
    }

    fn subtitle(&self) -> String {
        let count = self.contracts.len();
        match (&self.focus, count) {
            (Some(_), _) | (None, 0) if self.admin && count == 0 => {
                "Les comptes et leurs droits. Ce rôle n’ouvre aucune donnée de contrat.".into()
            }
            (Some(_), _) | (None, 0) => String::new(),
            (None, _) => format!("{count} {}", plural(count, "contrat", "contrats")),
        }
    }

    /// No inbox of a contract holds what comes from everywhere: follow-ups, réserves and controls stand apart.
    fn apart(&self) -> bool {
        self.focus.as_ref().is_none_or(|focus| focus.part.is_none())
    }

    /// No role opens anything here.
    fn has_nothing(&self) -> bool {
        !self.admin && !self.reader && !self.expects_plans
    }

    fn has_no_plan(&self) -> bool {
        self.expects_plans && self.focus.is_none() && self.contracts.is_empty() && self.drafts.is_empty()
    }
}
