//! A request in money, as the document writes it, and the totals printed under them all.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::arbitrages::amendment::MoneyAsked;
pub use crate::arbitrages::amendment::YearAmount;
use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of a budget line in the journal, which the document's kinds share.
pub const BUDGET_KIND: &str = "budget";
/// The word of the printed totals in the journal.
pub const TOTALS_KIND: &str = "totaux_budget";
/// The words of what shows a budget, in the journal: whoever does not read it does not read these.
pub const KINDS: &[&str] =
    &[BUDGET_KIND, TOTALS_KIND, "arbitrage/ligne_budgetaire", "amendement/ligne_budgetaire", "avis/ligne_budgetaire"];
/// The code of the printed totals: a plan has one set.
pub const TOTALS_CODE: &str = "annexe-3";

words! {
    /// What the money is for.
    pub enum Nature {
        /// Fonctionnement.
        Operating = "fonctionnement",
        /// Investissement.
        Investment = "investissement",
        /// The document does not say.
        Unstated = "non_precisee",
    }
}

impl Nature {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Operating => "Fonctionnement",
            Self::Investment => "Investissement",
            Self::Unstated => "Non précisée",
        }
    }
}

words! {
    /// What a scheduled amount is (docs/regles.md §6).
    pub enum ScheduleKind {
        /// The part of the grant given to a year.
        Granted = "accorde",
        /// Opened in the year's budget.
        Opened = "ouvert",
        /// Spent.
        Executed = "execute",
    }
}

impl ScheduleKind {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Granted => "Accordé",
            Self::Opened => "Ouvert",
            Self::Executed => "Exécuté",
        }
    }
}

record! {
    /// What is granted, opened or spent in one year: one entry a year and kind, the journal keeps the earlier ones.
    pub struct Scheduled {
        /// Civil year.
        pub year: i32,
        /// Accordé, ouvert or exécuté.
        pub kind: ScheduleKind,
        /// Euros.
        pub amount: Decimal,
        /// Where the figure comes from.
        pub source: String,
        /// When it was read there.
        pub dated_on: NaiveDate,
        /// « donnée fictive » for an invented one.
        pub provenance: Option<String>,
    }
}

record! {
    /// A line of Annexe 3.
    pub struct BudgetLine {
        /// B1, B2…
        pub code: Code,
        /// The objective as printed; it may be none of the contract's.
        pub objective_printed: Option<String>,
        /// The printed cell spans the lines above.
        pub objective_inherited: bool,
        /// The nodes it serves, by code: none is « non rattaché ».
        pub nodes: Vec<Code>,
        /// Fonctionnement or investissement.
        pub nature: Nature,
        /// As printed.
        pub category: String,
        /// As printed.
        pub subcategory: Option<String>,
        /// What is asked for.
        pub label: String,
        /// Code of one of the structure's sites, when the request names one.
        pub site: Option<Code>,
        /// Years concerned; none is « à définir ».
        pub years: Vec<i32>,
        /// As printed, when that is no list of years.
        pub years_printed: Option<String>,
        /// Euros; absent is « estimation en cours ».
        pub cost: Option<Decimal>,
        /// As printed.
        pub cost_printed: Option<String>,
        /// Euros asked of the establishment; absent is nothing asked, or not known yet.
        pub participation: Option<Decimal>,
        /// Of which service.
        pub participation_of: Option<String>,
        /// As printed.
        pub participation_printed: Option<String>,
        /// By year, in order.
        pub self_financing: Vec<YearAmount>,
        /// As printed, when that is no list of amounts.
        pub self_financing_printed: Option<String>,
        /// In order of years, then accordé, ouvert, exécuté.
        pub schedule: Vec<Scheduled>,
        /// « donnée fictive », or where a transcribed line comes from.
        pub provenance: Option<String>,
    }
}

impl BudgetLine {
    /// What it asks, apart from what it is.
    pub fn asked(&self) -> MoneyAsked {
        MoneyAsked {
            label: self.label.clone(),
            years: self.years.clone(),
            cost: self.cost,
            participation: self.participation,
            participation_of: self.participation_of.clone(),
            self_financing: self.self_financing.clone(),
        }
    }

    /// Puts what is by year in its one order.
    pub fn sort(&mut self) {
        self.self_financing.sort_by_key(|it| it.year);
        self.schedule.sort_by_key(|it| (it.year, it.kind));
    }

    /// What the structure pays itself, over all years.
    pub fn self_financed(&self) -> Decimal {
        self.self_financing.iter().map(|it| it.amount).sum()
    }

    /// What it pays itself in one year; blank is not zero.
    pub fn self_financed_in(&self, year: i32) -> Option<Decimal> {
        self.self_financing.iter().find(|it| it.year == year).map(|it| it.amount)
    }

    /// The part of the cost that no year carries: « non ventilé ». `None` for an unknown cost.
    pub fn unscheduled(&self) -> Option<Decimal> {
        Some(self.cost? - self.self_financed())
    }

    /// Cost − (participation + self-financing): 0 when the line adds up, `None` when the cost is unknown
    /// (docs/regles.md §6).
    pub fn imbalance(&self) -> Option<Decimal> {
        Some(self.cost? - self.participation.unwrap_or_default() - self.self_financed())
    }

    /// Nothing is asked: there is nothing to decide.
    pub fn asks(&self) -> bool {
        self.participation.is_some()
    }

    /// The scheduled amount of a year.
    pub fn scheduled(&self, year: i32, kind: ScheduleKind) -> Option<&Scheduled> {
        self.schedule.iter().find(|it| it.year == year && it.kind == kind)
    }

    /// The scheduled amounts of one kind, over all years; `None` when there is none.
    pub fn scheduled_total(&self, kind: ScheduleKind) -> Option<Decimal> {
        self.schedule.iter().filter(|it| it.kind == kind).map(|it| it.amount).reduce(|sum, one| sum + one)
    }
}

record! {
    /// The totals as the document prints them, kept beside the computed ones and never replacing them.
    pub struct BudgetTotals {
        /// Euros.
        pub cost: Option<Decimal>,
        /// As printed.
        pub cost_printed: Option<String>,
        /// Euros.
        pub participation: Option<Decimal>,
        /// As printed.
        pub participation_printed: Option<String>,
        /// Euros.
        pub self_financing: Option<Decimal>,
        /// As printed.
        pub self_financing_printed: Option<String>,
        /// Self-financing in percent of the cost.
        pub self_financing_percent: Option<Decimal>,
        /// As printed.
        pub self_financing_percent_printed: Option<String>,
        /// Granted, in k€.
        pub granted_keur: Option<Decimal>,
        /// As printed.
        pub granted_printed: Option<String>,
        /// The sentences around the table.
        pub statement: Option<String>,
        /// Lines of the source document.
        pub lines: Vec<i32>,
    }
}
