//! What became of a demand: asked during a dialogue, amended, withdrawn, costed by finance. The original stays where it
//! is, and each step is a rank of its own (docs/regles.md §8).

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::model::Subject;
use crate::kernel::ids::Code;
use crate::kernel::{figure, money};
use crate::{record, words};

/// The word of an amendment in the journal, which the document's kinds share.
pub const AMENDMENT_KIND: &str = "amendement";

words! {
    /// What a step does.
    pub enum Step {
        /// The director asks for something new: its element holds what is asked.
        Added = "ajout",
        /// The director asks for something else.
        Amended = "amendement",
        /// The director asks no more.
        Withdrawn = "retrait",
        /// Finance says what it costs, beside what is asked.
        Costed = "chiffrage",
    }
}

impl Step {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Added => "Demande ajoutée",
            Self::Amended => "Demande modifiée",
            Self::Withdrawn => "Demande retirée",
            Self::Costed => "Chiffrage des finances",
        }
    }
}

words! {
    /// What a quantity is to its request.
    pub enum QuantityRole {
        /// What is asked.
        Asked = "demande",
        /// A part of what is asked.
        Part = "partie",
        /// A moment at which a part is asked.
        Phase = "phase",
        /// How long, or on which funding.
        Duration = "duree",
        /// On each site of the structure.
        PerSite = "par_site",
    }
}

impl QuantityRole {
    /// As a form names it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Asked => "demandée",
            Self::Part => "dont",
            Self::Phase => "par étape",
            Self::Duration => "durée",
            Self::PerSite => "par site",
        }
    }
}

record! {
    /// How much is asked: 3 ETP, 4 000 h éq TD.
    pub struct Quantity {
        /// The number; absent when the document says « 2 ou 3 ».
        pub value: Option<Decimal>,
        /// As printed, when it is no number.
        pub printed: Option<String>,
        /// Of what.
        pub unit: String,
        /// What it is to the request.
        pub role: QuantityRole,
    }
}

record! {
    /// What the structure pays itself in one year.
    pub struct YearAmount {
        /// Civil year.
        pub year: i32,
        /// Euros.
        pub amount: Decimal,
    }
}

record! {
    /// What a request asks, whole.
    pub struct RequestAsked {
        /// For what.
        pub label: String,
        /// How much.
        pub quantities: Vec<Quantity>,
    }
}

record! {
    /// What a budget line asks, or costs, whole.
    pub struct MoneyAsked {
        /// For what.
        pub label: String,
        /// Years concerned; none is « à définir ».
        pub years: Vec<i32>,
        /// Euros; absent is « estimation en cours ».
        pub cost: Option<Decimal>,
        /// Euros asked of the establishment; absent is nothing asked.
        pub participation: Option<Decimal>,
        /// Of which service.
        pub participation_of: Option<String>,
        /// What the structure pays itself, by year, in order.
        pub self_financing: Vec<YearAmount>,
    }
}

record! {
    /// What a post line asks, whole. Another corps or another part is another post.
    pub struct PostAsked {
        /// How many posts.
        pub count: i32,
        /// Year of recruitment; absent is « non connue ».
        pub year: Option<i32>,
        /// What is said of it.
        pub qualifier: Option<String>,
        /// Who pays.
        pub funding: Option<String>,
    }
}

impl Quantity {
    /// « dont 3 postes d’enseignants ».
    pub fn words(&self) -> String {
        let number = self.value.map(figure::show).or_else(|| self.printed.clone()).unwrap_or_default();
        let role = match self.role {
            QuantityRole::Asked | QuantityRole::Duration => "",
            QuantityRole::Part => "dont ",
            QuantityRole::Phase => "en deux temps : ",
            QuantityRole::PerSite => return format!("{number} {} par site", self.unit),
        };
        format!("{role}{number} {}", self.unit)
    }
}

/// What is asked, field by field, in words; empty is `""`.
pub type Named = Vec<(&'static str, String)>;

impl RequestAsked {
    /// In words.
    pub fn named(&self) -> Named {
        let quantities: Vec<String> = self.quantities.iter().map(Quantity::words).collect();
        vec![("Demande", self.label.clone()), ("Quantités", quantities.join(" ; "))]
    }
}

impl MoneyAsked {
    /// In words.
    pub fn named(&self) -> Named {
        let years: Vec<String> = self.years.iter().map(i32::to_string).collect();
        let euros = |amount: Option<Decimal>| amount.map(money::show_euros).unwrap_or_default();
        let own: Vec<String> =
            self.self_financing.iter().map(|it| format!("{} : {}", it.year, money::show_euros(it.amount))).collect();
        vec![
            ("Demande", self.label.clone()),
            ("Années", years.join(", ")),
            ("Coût estimé", euros(self.cost)),
            ("Participation demandée", euros(self.participation)),
            ("Service sollicité", self.participation_of.clone().unwrap_or_default()),
            ("Autofinancement", own.join(" ; ")),
        ]
    }
}

impl PostAsked {
    /// In words.
    pub fn named(&self) -> Named {
        vec![
            ("Nombre", self.count.to_string()),
            ("Année", self.year.map(|year| year.to_string()).unwrap_or_default()),
            ("Précision", self.qualifier.clone().unwrap_or_default()),
            ("Financement", self.funding.clone().unwrap_or_default()),
        ]
    }
}

record! {
    /// One step of a demand.
    pub struct Amendment {
        /// What kind of thing is asked: a request, a post line or a budget line.
        pub subject: Subject,
        /// Its code.
        pub code: Code,
        /// 1, 2, 3…: the original has none.
        pub rank: i32,
        /// What it does.
        pub step: Step,
        /// The day it was made.
        pub dated_on: NaiveDate,
        /// Why.
        pub reason: Option<String>,
        /// Rank of the decision in force then: a later one has answered it.
        pub answers: Option<i32>,
        /// What a request asks from then on.
        pub request: Option<RequestAsked>,
        /// What a budget line asks, or costs, from then on.
        pub money: Option<MoneyAsked>,
        /// What a post line asks from then on.
        pub post: Option<PostAsked>,
    }
}

impl Amendment {
    /// Its code in the document and the journal: `demande/M5.2/1`.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.subject.word(), self.code, self.rank)
    }

    /// What it asks or costs, in words; `None` when it holds nothing.
    pub fn named(&self) -> Option<Named> {
        let request = self.request.as_ref().map(RequestAsked::named);
        request
            .or_else(|| self.money.as_ref().map(MoneyAsked::named))
            .or_else(|| self.post.as_ref().map(PostAsked::named))
    }

    /// It holds what its step and its subject ask for, and nothing else.
    pub fn is_whole(&self) -> bool {
        let held = [self.request.is_some(), self.post.is_some(), self.money.is_some()];
        match (self.step, self.subject) {
            (Step::Added | Step::Withdrawn, Subject::Request | Subject::Post | Subject::BudgetLine) => {
                held == [false; 3]
            }
            (Step::Amended, Subject::Request) => held == [true, false, false],
            (Step::Amended, Subject::Post) => held == [false, true, false],
            (Step::Amended | Step::Costed, Subject::BudgetLine) => held == [false, false, true],
            (Step::Costed, _) | (_, Subject::Heading) => false,
        }
    }
}

/// The steps of one demand, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// Each step.
    pub steps: Vec<Amendment>,
}

impl Course {
    /// The last step of a kind.
    fn last(&self, step: Step) -> Option<&Amendment> {
        self.steps.iter().rev().find(|it| it.step == step)
    }

    /// The director asked for it during a dialogue: the signed document does not hold it.
    pub fn added(&self) -> Option<&Amendment> {
        self.last(Step::Added)
    }

    /// What is asked now, when it is not the original any more.
    pub fn amended(&self) -> Option<&Amendment> {
        self.last(Step::Amended)
    }

    /// It is asked no more: it leaves the sums of what is asked, and is still listed.
    pub fn withdrawn(&self) -> Option<&Amendment> {
        self.last(Step::Withdrawn)
    }

    /// What finance says it costs.
    pub fn costed(&self) -> Option<&Amendment> {
        self.last(Step::Costed)
    }

    /// The director added or amended it, and nothing was decided since: `decision` is the rank of the one in force.
    pub fn is_pending(&self, decision: Option<i32>) -> bool {
        let asked = self.steps.iter().rev().find(|it| matches!(it.step, Step::Added | Step::Amended));
        self.withdrawn().is_none() && asked.is_some_and(|it| it.answers == decision)
    }

    /// What became of it, a word a tag.
    pub fn tags(&self) -> Vec<&'static str> {
        let tag = |found: bool, word| found.then_some(word);
        let asked_more = [
            tag(self.added().is_some(), "demande ajoutée"),
            tag(self.amended().is_some(), "demande modifiée"),
            tag(self.withdrawn().is_some(), "demande retirée"),
        ];
        asked_more.into_iter().flatten().collect()
    }

    /// The rank that the next step takes.
    pub fn next_rank(&self) -> i32 {
        self.steps.last().map_or(1, |it| it.rank + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(rank: i32, step: Step, answers: Option<i32>) -> Amendment {
        Amendment {
            subject: Subject::Request,
            code: Code::new("M5.2").unwrap(),
            rank,
            step,
            dated_on: "2025-09-12".parse().unwrap(),
            reason: None,
            answers,
            request: (step == Step::Amended)
                .then(|| RequestAsked { label: format!("demande {rank}"), quantities: Vec::new() }),
            money: None,
            post: None,
        }
    }

    #[test]
    fn the_last_amendment_says_what_is_asked_until_it_is_withdrawn() {
        let mut course = Course::default();
        assert_eq!((course.next_rank(), course.is_pending(None)), (1, false));
        course.steps = vec![step(1, Step::Amended, Some(0)), step(2, Step::Amended, Some(0))];
        assert_eq!(course.amended().unwrap().request.as_ref().unwrap().label, "demande 2");
        assert!(course.is_pending(Some(0)), "the decision in force is older");
        assert!(!course.is_pending(Some(1)), "it was decided since");
        course.steps.push(step(3, Step::Withdrawn, Some(0)));
        assert!(course.withdrawn().is_some() && !course.is_pending(Some(0)));
        assert_eq!(course.next_rank(), 4);
    }

    #[test]
    fn what_was_added_waits_for_its_first_decision() {
        let course = Course { steps: vec![step(1, Step::Added, None)] };
        assert!(course.added().is_some() && course.is_pending(None) && !course.is_pending(Some(1)));
    }

    #[test]
    fn a_step_holds_what_its_subject_asks() {
        assert!(step(1, Step::Amended, None).is_whole() && step(1, Step::Withdrawn, None).is_whole());
        assert!(!Amendment { request: None, ..step(1, Step::Amended, None) }.is_whole());
        assert!(!step(1, Step::Costed, None).is_whole(), "only money is costed");
        assert!(!Amendment { subject: Subject::Heading, ..step(1, Step::Withdrawn, None) }.is_whole());
    }
}
