//! A decision, its rank in its ledger, and the condition it may be under.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::access::Means;
use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of a decision in the journal, which the document's kinds share.
pub const ARBITRAGE_KIND: &str = "arbitrage";
/// The word of a condition in the journal.
pub const CONDITION_KIND: &str = "condition";

/// How long a decision is news, in days: two months, a little more than the pause of a summer.
pub const RECENT_DAYS: i64 = 60;

words! {
    /// What is decided on.
    pub enum Subject {
        /// A means asked for.
        Request = "demande",
        /// A post line.
        Post = "poste",
        /// A line of Annexe 3.
        BudgetLine = "ligne_budgetaire",
        /// A heading of the establishment's or the structure's commitments: its requests inherit the decision.
        Heading = "volet",
    }
}

impl Subject {
    /// « Demande ».
    pub const fn label(self) -> &'static str {
        match self {
            Self::Request => "Demande",
            Self::Post => "Poste",
            Self::BudgetLine => "Ligne budgétaire",
            Self::Heading => "Volet",
        }
    }

    /// « 1 demande », « 3 lignes budgétaires ».
    pub fn counted(self, count: usize) -> String {
        let (one, many) = match self {
            Self::Request => ("demande", "demandes"),
            Self::Post => ("poste", "postes"),
            Self::BudgetLine => ("ligne budgétaire", "lignes budgétaires"),
            Self::Heading => ("volet", "volets"),
        };
        format!("{count} {}", if count > 1 { many } else { one })
    }

    /// What it is to the rights of those who decide and give their avis.
    pub const fn means(self) -> Means {
        match self {
            Self::Request | Self::Heading => Means::Request,
            Self::Post => Means::Post,
            Self::BudgetLine => Means::BudgetLine,
        }
    }
}

words! {
    /// What was decided (docs/regles.md §6).
    pub enum State {
        /// Favorable.
        Favourable = "favorable",
        /// Favorable, a part being set aside.
        Partly = "favorable_en_partie",
        /// Favorable, under a condition.
        Conditional = "favorable_sous_condition",
        /// Défavorable.
        Unfavourable = "defavorable",
        /// To be worked on again.
        Rework = "a_retravailler",
        /// To be seen again at the next dialogue: it enters the next campaign's agenda.
        Review = "a_revoir",
        /// Put off beyond the contract.
        Postponed = "reporte",
        /// Left to the establishment's policy.
        Policy = "renvoi_etablissement",
        /// Left to a call for projects.
        CallForProjects = "renvoi_aap",
        /// Nothing was asked.
        NothingAsked = "sans_objet",
        /// Not decided.
        Undecided = "non_arbitre",
    }
}

impl State {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Favourable => "Favorable",
            Self::Partly => "Favorable en partie",
            Self::Conditional => "Favorable sous condition",
            Self::Unfavourable => "Défavorable",
            Self::Rework => "À retravailler",
            Self::Review => "À revoir au prochain dialogue",
            Self::Postponed => "Reporté au-delà du contrat",
            Self::Policy => "Renvoi à la politique d’établissement",
            Self::CallForProjects => "Renvoi à un appel à projets",
            Self::NothingAsked => "Sans objet",
            Self::Undecided => "Non arbitré",
        }
    }

    /// Name of its pill and icon, borrowed from the states that mean the same to a reader: done, going on, waiting,
    /// refused, left aside.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Favourable => "atteinte",
            Self::Partly | Self::Conditional => "conforme",
            Self::Rework | Self::Review => "en-retard",
            Self::Unfavourable => "en-recul",
            Self::Postponed | Self::Policy | Self::CallForProjects => "non-evaluable",
            Self::NothingAsked => "non-applicable",
            Self::Undecided => "sans-donnee",
        }
    }

    /// Nothing more is expected of anyone: reviewing it asks for a reason.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Undecided | Self::Rework | Self::Review)
    }

    /// Something is granted, in whole, in part or under a condition: its amount enters the sums of grants.
    pub const fn is_favourable(self) -> bool {
        matches!(self, Self::Favourable | Self::Partly | Self::Conditional)
    }
}

record! {
    /// One decision of a ledger. Nothing is overwritten: a revision is a rank of its own.
    pub struct Arbitrage {
        /// What kind of thing it decides on.
        pub subject: Subject,
        /// Its code.
        pub code: Code,
        /// 0 is the signed document's; revisions follow.
        pub rank: i32,
        /// What was decided.
        pub state: State,
        /// As printed, or as the decision says it.
        pub wording: Option<String>,
        /// For a decision in part: what is set aside.
        pub set_aside: Option<String>,
        /// Where the money comes from: a field, not a state.
        pub funding: Option<String>,
        /// The condition it is under.
        pub condition: Option<Code>,
        /// Granted, in exact euros; absent while only a rounded figure is known.
        pub granted: Option<Decimal>,
        /// Granted as the document printed it, in k€.
        pub granted_printed_keur: Option<Decimal>,
        /// By whom: a body or a function, never a person.
        pub decided_by: Option<String>,
        /// Date of the séance.
        pub session_on: Option<NaiveDate>,
        /// Why.
        pub reason: Option<String>,
    }
}

impl Arbitrage {
    /// Its code in the document and the journal: `ligne_budgetaire/B1/0`.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.subject.word(), self.code, self.rank)
    }

    /// The one order of a list of decisions: by subject, then B2 before B10, then by rank.
    pub fn sort(list: &mut [Self]) {
        list.sort_by_cached_key(|it| place(it.subject, &it.code, it.rank));
    }
}

/// Where an entry of a ledger stands in its list: by subject, then B2 before B10, then by rank.
pub fn place(subject: Subject, code: &Code, rank: i32) -> (Subject, Vec<(String, u64)>, Code, i32) {
    (subject, natural(code.as_str()), code.clone(), rank)
}

/// Digits compared as numbers, all else as text.
fn natural(code: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0_u64)];
    let mut in_digits = false;
    for c in code.chars() {
        let digit = c.to_digit(10);
        if digit.is_none() && in_digits {
            parts.push((String::new(), 0));
        }
        in_digits = digit.is_some();
        // There is always a last part: the list begins with one.
        if let Some((text, number)) = parts.last_mut() {
            match digit {
                Some(digit) => *number = number.saturating_mul(10).saturating_add(u64::from(digit)),
                None => text.push(c),
            }
        }
    }
    parts
}

words! {
    /// What a condition bears on.
    pub enum Scope {
        /// One decision.
        Decision = "decision",
        /// Every creation: they depend on the university's finances.
        Creations = "creations",
    }
}

impl Scope {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Decision => "Une décision",
            Self::Creations => "Toutes les créations",
        }
    }
}

words! {
    /// Where a condition stands.
    pub enum ConditionState {
        /// Open: it comes back each campaign.
        Waiting = "en_attente",
        /// Fulfilled.
        Lifted = "levee",
        /// Will not be.
        Unmet = "non_realisee",
    }
}

impl ConditionState {
    /// Its pill.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Waiting => "en-retard",
            Self::Lifted => "atteinte",
            Self::Unmet => "en-recul",
        }
    }

    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "En attente",
            Self::Lifted => "Levée",
            Self::Unmet => "Non réalisée",
        }
    }
}

record! {
    /// What a decision depends on.
    pub struct Condition {
        /// Stable code, by which decisions name it.
        pub code: Code,
        /// As printed.
        pub text: String,
        /// One decision, or all creations.
        pub scope: Scope,
        /// Where it stands.
        pub state: ConditionState,
        /// Since when it stands there.
        pub dated_on: Option<NaiveDate>,
        /// Why, or where that is written.
        pub note: Option<String>,
    }
}

/// The decisions on one thing, oldest first, out of the decisions of a plan.
pub fn ledger<'a>(list: &'a [Arbitrage], subject: Subject, code: &Code) -> Vec<&'a Arbitrage> {
    let mut found: Vec<&Arbitrage> = list.iter().filter(|it| it.subject == subject && it.code == *code).collect();
    found.sort_by_key(|it| it.rank);
    found
}

/// The decision in force on one thing: the last rank.
pub fn current<'a>(list: &'a [Arbitrage], subject: Subject, code: &Code) -> Option<&'a Arbitrage> {
    list.iter().filter(|it| it.subject == subject && it.code == *code).max_by_key(|it| it.rank)
}

/// Whether a decision holds without a doubt: it is under no condition, or its condition is lifted (docs/regles.md §6,
/// « ferme » and « conditionnel »). A conditional decision whose condition is not known stays conditional.
pub fn is_firm(decision: &Arbitrage, conditions: &[Condition]) -> bool {
    let condition = decision.condition.as_ref().and_then(|code| conditions.iter().find(|it| it.code == *code));
    match condition {
        Some(condition) => condition.state == ConditionState::Lifted,
        None => decision.state != State::Conditional,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A favourable decision on a budget line, for the tests of several rooms.
    pub fn decision(code: &str, rank: i32, state: State) -> Arbitrage {
        Arbitrage {
            subject: Subject::BudgetLine,
            code: Code::new(code).unwrap(),
            rank,
            state,
            wording: None,
            set_aside: None,
            funding: None,
            condition: None,
            granted: None,
            granted_printed_keur: None,
            decided_by: None,
            session_on: None,
            reason: None,
        }
    }

    #[test]
    fn the_last_rank_is_in_force() {
        let list = [
            decision("B1", 1, State::Favourable),
            decision("B1", 0, State::Rework),
            decision("B2", 2, State::Postponed),
        ];
        let b1 = Code::new("B1").unwrap();
        assert_eq!(current(&list, Subject::BudgetLine, &b1).map(|it| it.state), Some(State::Favourable));
        assert_eq!(current(&list, Subject::Post, &b1), None);
        let ranks: Vec<i32> = ledger(&list, Subject::BudgetLine, &b1).iter().map(|it| it.rank).collect();
        assert_eq!(ranks, [0, 1]);
    }

    #[test]
    fn b2_comes_before_b10() {
        let mut list = [
            decision("B10", 0, State::Undecided),
            decision("B2", 1, State::Undecided),
            decision("B2", 0, State::Undecided),
            Arbitrage { subject: Subject::Request, ..decision("Z", 0, State::Undecided) },
        ];
        Arbitrage::sort(&mut list);
        let keys: Vec<String> = list.iter().map(Arbitrage::key).collect();
        assert_eq!(keys, ["demande/Z/0", "ligne_budgetaire/B2/0", "ligne_budgetaire/B2/1", "ligne_budgetaire/B10/0"]);
    }

    #[test]
    fn a_conditional_decision_is_firm_once_its_condition_is_lifted() {
        let code = Code::new("K1").unwrap();
        let condition = |state| Condition {
            code: code.clone(),
            text: "selon les finances de l’université".into(),
            scope: Scope::Creations,
            state,
            dated_on: None,
            note: None,
        };
        let conditional = Arbitrage { condition: Some(code.clone()), ..decision("B1", 0, State::Conditional) };
        assert!(!is_firm(&conditional, &[condition(ConditionState::Waiting)]));
        assert!(is_firm(&conditional, &[condition(ConditionState::Lifted)]));
        assert!(!is_firm(&conditional, &[]));
        assert!(is_firm(&decision("B1", 0, State::Favourable), &[]));
    }
}
