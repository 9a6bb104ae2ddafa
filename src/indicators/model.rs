//! Indicators, their measures, targets and cells: the elements of the document that carry figures.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use super::progress::{Direction, Nature, Side};
use crate::kernel::canonical::{Canonical, Fields, Reader};
use crate::kernel::figure::Answer;
use crate::kernel::ids::Code;
use crate::kernel::period::{Availability, Period, PeriodKind};
use crate::{record, words};

/// Longest comment of a cell, in characters; the form's `maxlength` and the check share it.
pub const COMMENT_MAX: usize = 2_000;

/// The word of a cell in the journal, which the document's kinds share.
pub const CELL_KIND: &str = "situation";

words! {
    /// Who produces the figures of an indicator.
    pub enum Origin {
        /// The structure itself.
        Structure = "institut",
        /// The establishment's steering service: its values are pilotage's to enter.
        Sapcg = "sapcg",
        /// Pedagogical innovation centre.
        Ippa = "ippa",
        /// Another service.
        Other = "autre",
        /// The document does not say.
        Unstated = "non_precisee",
    }
}

impl Origin {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Structure => "institut",
            Self::Sapcg => "SAPCG",
            Self::Ippa => "IPPA",
            Self::Other => "autre",
            Self::Unstated => "non précisée",
        }
    }
}

words! {
    /// How a figure is shown.
    pub enum UnitKind {
        /// A count.
        Count = "nombre",
        /// A rate, in points.
        Rate = "taux",
        /// Euros.
        Euros = "euros",
    }
}

impl UnitKind {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Count => "nombre",
            Self::Rate => "taux, en points",
            Self::Euros => "euros",
        }
    }
}

record! {
    /// A figure of the document: what it is, and how it was printed when that differs from the figure itself.
    pub struct Figure {
        /// `valeur`, `NR` or `NA`.
        pub status: Status,
        /// Present exactly when the status is `valeur`.
        pub value: Option<Decimal>,
        /// As printed.
        pub printed: Option<String>,
    }
}

words! {
    /// What was answered.
    pub enum Status {
        /// A value; 0 is one.
        Value = "valeur",
        /// Non renseigné: missing, still due.
        NotProvided = "NR",
        /// Non applicable: answered.
        NotApplicable = "NA",
    }
}

/// The answer of a status and its value; `None` when they contradict each other.
pub fn answer(status: Status, value: Option<Decimal>) -> Option<Answer> {
    match (status, value) {
        (Status::Value, Some(value)) => Some(Answer::Value(value)),
        (Status::NotProvided, None) => Some(Answer::NotProvided),
        (Status::NotApplicable, None) => Some(Answer::NotApplicable),
        _ => None,
    }
}

/// The two halves of an answer, as the document and the database keep them.
pub fn parts(answer: Answer) -> (Status, Option<Decimal>) {
    match answer {
        Answer::Value(value) => (Status::Value, Some(value)),
        Answer::NotProvided => (Status::NotProvided, None),
        Answer::NotApplicable => (Status::NotApplicable, None),
    }
}

impl Figure {
    /// The answer; `None` only for a figure whose halves contradict each other, which an import refuses.
    pub fn answer(&self) -> Option<Answer> {
        answer(self.status, self.value)
    }
}

record! {
    /// A definition that an avenant changed: what it said before stays readable beside what it says (docs/regles.md §9).
    pub struct Amended {
        /// The avenant.
        pub avenant: Code,
        /// The campaign since which it is in force.
        pub since: i32,
        /// The fields that it changed.
        pub fields: Vec<String>,
        /// As they were, with what was printed of them; one that was not there is not there.
        pub was: Fields,
    }
}

record! {
    /// A fiche of Annexe 1.b.
    pub struct Indicator {
        /// The number.
        pub code: Code,
        /// The node it hangs from.
        pub node: Code,
        /// Label as printed.
        pub label: String,
        /// A group has no value of its own.
        pub is_group: bool,
        /// Unit as printed.
        pub unit: String,
        /// Civil or academic.
        pub period_kind: PeriodKind,
        /// Périmètre.
        pub scope: Option<String>,
        /// How it is computed.
        pub calculation: Option<String>,
        /// Where the figures come from.
        pub source: Option<String>,
        /// When a period's figure falls due.
        pub availability: Availability,
        /// As printed.
        pub availability_printed: Option<String>,
        /// Who produces it.
        pub origin: Origin,
        /// As printed.
        pub origin_printed: Option<String>,
        /// Services and functions, never persons.
        pub referents: Vec<String>,
        /// Comment of the fiche.
        pub comment: Option<String>,
        /// Columns the printed form has.
        pub columns_printed: Vec<Period>,
        /// What avenants changed of it, and what it said before each.
        pub amended: Vec<Amended>,
    }
}

record! {
    /// What is measured.
    pub struct Measure {
        /// `13.a`, or the indicator's number when it has one measure.
        pub code: Code,
        /// Its indicator.
        pub indicator: Code,
        /// Label.
        pub label: String,
        /// Unit as printed.
        pub unit: String,
        /// How it is shown.
        pub unit_kind: UnitKind,
        /// Entered as numerator and denominator, never as a value.
        pub is_quotient: bool,
        /// Périmètre.
        pub scope: Option<String>,
        /// How it is computed.
        pub calculation: Option<String>,
        /// Stock, flux annuel, cumul (docs/regles.md §4).
        pub nature: Nature,
        /// Confirmed by pilotage.
        pub nature_confirmed: bool,
        /// Hausse, baisse, maintien.
        pub direction: Direction,
        /// Confirmed by pilotage.
        pub direction_confirmed: bool,
        /// For maintien, in the measure's unit; absent is 0.
        pub tolerance: Option<Decimal>,
        /// For maintien, the better side when one is said.
        pub better_side: Option<Side>,
        /// The figure of the period before the plan.
        pub reference: Option<Figure>,
        /// What avenants changed of it, and what it said before each.
        pub amended: Vec<Amended>,
    }
}

record! {
    /// The target of one year.
    pub struct YearlyTarget {
        /// The period.
        pub period: Period,
        /// The value aimed at.
        pub value: Decimal,
    }
}

record! {
    /// One entry of a measure's target ledger.
    pub struct Target {
        /// The measure.
        pub measure: Code,
        /// 0 is the original; avenants follow.
        pub rank: i32,
        /// What is aimed at in the last period.
        pub figure: Figure,
        /// Yearly targets, when there are some.
        pub yearly: Vec<YearlyTarget>,
        /// Date of the decision.
        pub decided_on: Option<NaiveDate>,
        /// Why.
        pub reason: Option<String>,
        /// The avenant it comes from; absent for the original.
        pub avenant: Option<Code>,
        /// The campaign since which it is in force.
        pub since: Option<i32>,
    }
}

record! {
    /// A situation: one measure, one period. A cell with nothing in it is not written at all.
    pub struct Cell {
        /// The measure.
        pub measure: Code,
        /// The period.
        pub period: Period,
        /// What was answered; absent is empty.
        pub status: Option<Status>,
        /// Present exactly when the status is `valeur`.
        pub value: Option<Decimal>,
        /// For a quotient.
        pub numerator: Option<Decimal>,
        /// For a quotient.
        pub denominator: Option<Decimal>,
        /// The explanation.
        pub comment: Option<String>,
        /// What the signed document printed.
        pub printed: Option<Figure>,
        /// « donnée fictive », or where a transcribed figure comes from.
        pub provenance: Option<String>,
    }
}

impl Cell {
    /// A cell with nothing in it.
    pub fn empty(measure: Code, period: Period) -> Self {
        Self {
            measure,
            period,
            status: None,
            value: None,
            numerator: None,
            denominator: None,
            comment: None,
            printed: None,
            provenance: None,
        }
    }

    /// What was answered; `None` is empty.
    pub fn answer(&self) -> Option<Answer> {
        answer(self.status?, self.value)
    }

    /// Whether the document leaves it out.
    pub fn is_blank(&self) -> bool {
        self.status.is_none()
            && self.numerator.is_none()
            && self.denominator.is_none()
            && self.comment.is_none()
            && self.printed.is_none()
            && self.provenance.is_none()
    }
}

impl Canonical for Period {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let period = value.as_str().and_then(|text| text.parse().ok());
        if period.is_none() {
            reader.problem("une période est attendue ici, par exemple \"2023\" ou \"2022-2023\".");
        }
        period
    }
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }
}
