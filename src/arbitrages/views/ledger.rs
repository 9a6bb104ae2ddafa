//! The ledger of a thing and the form that adds to it, as any page includes them
//! (`templates/arbitrages/ledger.html`, `templates/arbitrages/decide.html`).

use crate::access::Verdict;
use crate::arbitrages::case::Case;
use crate::arbitrages::entry::{DECIDES, DecisionRefused, DecisionTyped, NEW_CONDITION, TEXT_MAX};
use crate::arbitrages::model::{Arbitrage, Condition, Scope, State, Subject};
use crate::arbitrages::web::Back;
use crate::kernel::{date, figure, money};
use crate::web::page::Choice;

/// A decision of a ledger.
pub struct Row {
    /// Its rank; 0 is the signed document's.
    pub rank: i32,
    /// Its pill.
    pub slug: &'static str,
    /// As shown.
    pub state: &'static str,
    /// As printed, or as decided; empty when nothing is.
    pub wording: String,
    /// What else is said.
    pub details: Vec<String>,
    /// Date of the séance.
    pub session: String,
    /// By whom.
    pub by: String,
    /// Granted, as printed.
    pub printed: String,
    /// Granted, in euros.
    pub exact: String,
    /// It is the last.
    pub in_force: bool,
}

/// The decisions on a thing.
pub struct Ledger {
    /// « de la ligne B1 », for those who hear tables out of their context.
    pub of: String,
    /// Oldest first.
    pub rows: Vec<Row>,
    /// Amounts are granted here.
    pub money: bool,
    /// The decision on its heading, when it has none of its own.
    pub inherited: Option<String>,
}

/// What is said of a decision beside its state.
pub fn details(it: &Arbitrage, conditions: &[Condition]) -> Vec<String> {
    let told = |label: &str, text: &Option<String>| text.as_ref().map(|text| format!("{label} : {text}"));
    let condition = it.condition.as_ref().map(|code| {
        conditions.iter().find(|known| known.code == *code).map_or_else(
            || format!("Condition : {code}"),
            |known| format!("Condition ({}) : {}", known.state.label().to_lowercase(), known.text),
        )
    });
    [told("Part écartée", &it.set_aside), told("Financement", &it.funding), condition].into_iter().flatten().collect()
}

impl Row {
    fn of(it: &Arbitrage, conditions: &[Condition], in_force: bool) -> Self {
        let mut details = details(it, conditions);
        details.extend(it.reason.as_ref().map(|reason| format!("Motif : {reason}")));
        Self {
            rank: it.rank,
            slug: it.state.slug(),
            state: it.state.label(),
            wording: it.wording.clone().unwrap_or_default(),
            details,
            session: it.session_on.map(date::short).unwrap_or_default(),
            by: it.decided_by.clone().unwrap_or_default(),
            printed: it
                .granted_printed_keur
                .map(|amount| format!("{}\u{202f}k€", figure::show(amount)))
                .unwrap_or_default(),
            exact: it.granted.map(money::show_euros).unwrap_or_default(),
            in_force,
        }
    }
}

impl Ledger {
    /// The ledger of a case.
    pub fn new(case: &Case<'_>) -> Self {
        let matter = &case.matter;
        let last = matter.ledger.len();
        let rows = matter.ledger.iter().zip(1..).map(|(it, place)| Row::of(it, matter.conditions, place == last));
        Self {
            of: case.of.clone(),
            rows: rows.collect(),
            money: matter.subject == Subject::BudgetLine,
            inherited: None,
        }
    }

    /// With what its heading says, while nothing was decided on the thing itself.
    #[must_use]
    pub fn inheriting(mut self, heading: Option<String>) -> Self {
        self.inherited = heading.filter(|_| self.rows.is_empty());
        self
    }
}

/// The form of the next decision, for those who may make it; the others read why they may not.
pub struct Deciding {
    /// Where it posts.
    pub action: String,
    /// This person may decide.
    pub allowed: bool,
    /// Why they may, or may not.
    pub sentence: String,
    /// Amounts are granted here.
    pub money: bool,
    /// The rank the decision will take.
    pub rank: i32,
    /// What stands in the fields.
    pub typed: DecisionTyped,
    /// Beside the fields.
    pub refused: DecisionRefused,
    /// It came back refused.
    pub is_refused: bool,
    /// What was decided in between, beside what was typed.
    pub conflict: Option<(String, String)>,
    /// What may be decided.
    pub states: Vec<Choice>,
    /// The conditions of the plan, and a new one.
    pub conditions: Vec<Choice>,
    /// What a new condition may bear on.
    pub scopes: Vec<Choice>,
}

impl Deciding {
    /// The form of a case, with what came back.
    pub fn new(case: &Case<'_>, verdict: &Verdict, back: Option<Back>) -> Self {
        let matter = &case.matter;
        let is_refused = back.as_ref().is_some_and(|back| !back.conflict);
        let in_conflict = back.as_ref().is_some_and(|back| back.conflict);
        let Back { typed, refused, .. } = back.unwrap_or_else(|| Back {
            typed: DecisionTyped { decided_by: DECIDES.into(), ..DecisionTyped::default() },
            ..Back::default()
        });
        let mine = State::from_word(&typed.state).map_or_else(String::new, |state| {
            let day = typed.session_on.parse().map(date::short).unwrap_or_default();
            format!("{}, séance du {day}", state.label())
        });
        let theirs = matter.ledger.last().map_or_else(String::new, |it| {
            let day = it.session_on.map(date::short).unwrap_or_default();
            format!("{}, séance du {day}", it.state.label())
        });
        Self {
            action: format!("{}/arbitrages", case.address),
            allowed: verdict.allowed(),
            sentence: verdict.sentence(),
            money: matter.subject == Subject::BudgetLine,
            rank: matter.next_rank(),
            states: Choice::list(State::ALL, State::word, State::label, &typed.state),
            conditions: matter
                .conditions
                .iter()
                .map(|it| Choice::new(it.code.as_str(), &it.text, &typed.condition))
                .chain([Choice::new(NEW_CONDITION, "Une nouvelle condition, écrite ci-dessous", &typed.condition)])
                .collect(),
            scopes: Choice::list(Scope::ALL, Scope::word, Scope::label, &typed.condition_scope),
            conflict: in_conflict.then_some((mine, theirs)),
            typed,
            refused,
            is_refused,
        }
    }

    /// What a decision in part or under a condition says holds something, or is refused: it does not fold.
    pub fn has_terms(&self) -> bool {
        let (typed, refused) = (&self.typed, &self.refused);
        let said = [&typed.set_aside, &typed.condition, &typed.condition_text];
        let refused = [&refused.set_aside, &refused.condition, &refused.condition_text];
        said.into_iter().chain(refused).any(|text| !text.is_empty())
    }

    /// Its wording or its funding holds something, or is refused.
    pub fn has_words(&self) -> bool {
        let (typed, refused) = (&self.typed, &self.refused);
        [&typed.wording, &typed.funding, &refused.wording, &refused.funding].into_iter().any(|text| !text.is_empty())
    }

    /// Longest text, for the fields.
    pub const fn text_max(&self) -> usize {
        TEXT_MAX
    }
}
