//! What the form of a decision says, the same for a request, a heading, a post line and a budget line: read whole,
//! either what it means, or every sentence that refuses it (docs/regles.md §6).

use chrono::NaiveDate;
use serde::Deserialize;

use crate::arbitrages::model::{Arbitrage, Condition, ConditionState, Scope, State, Subject};
use crate::kernel::date;
use crate::kernel::ids::{CODE_MAX, Code};
use crate::kernel::typed::{euros, kept, past_day, required, text};

/// Longest text of a decision, in characters; the form's `maxlength` shares it.
pub const TEXT_MAX: usize = 2_000;
/// Longest name of a body or of a source of funding.
pub const NAME_MAX: usize = 120;
/// Who decides, unless the form says otherwise.
pub const DECIDES: &str = "Directoire";
/// The choice of a condition that the form itself writes.
pub const NEW_CONDITION: &str = "nouvelle";

/// What is decided on, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// Its kind.
    pub subject: Subject,
    /// Its code.
    pub code: &'a Code,
    /// The decisions on it, oldest first.
    pub ledger: &'a [Arbitrage],
    /// The conditions of its plan, in order.
    pub conditions: &'a [Condition],
}

impl Matter<'_> {
    /// The rank that the next decision takes: 0 is the signed document's, whether it says something or not.
    pub fn next_rank(&self) -> i32 {
        self.ledger.last().map_or(1, |decision| decision.rank + 1)
    }
}

/// A decision as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct DecisionTyped {
    pub state: String,
    pub granted: String,
    pub session_on: String,
    pub decided_by: String,
    pub wording: String,
    pub set_aside: String,
    pub funding: String,
    pub condition: String,
    pub condition_text: String,
    pub condition_scope: String,
    pub reason: String,
    /// The rank that its author expects it to take: another one is there when someone decided in between.
    pub rank: String,
    /// The year of the dialogue on whose page it was typed, where its author goes on; empty elsewhere.
    pub dialogue: String,
}

impl DecisionTyped {
    /// Where its author goes once it is written: back to the meeting, or to the page of the thing.
    pub fn next(&self, plan: &str, page: String) -> String {
        self.dialogue.parse::<i32>().map_or(page, |year| format!("/plans/{plan}/dialogues/{year}#decisions"))
    }
}

/// Why a decision is refused, field by field; empty where nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct DecisionRefused {
    pub state: String,
    pub granted: String,
    pub session_on: String,
    pub decided_by: String,
    pub wording: String,
    pub set_aside: String,
    pub funding: String,
    pub condition: String,
    pub condition_text: String,
    pub reason: String,
}

/// A decision that may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The next rank of the ledger.
    pub arbitrage: Arbitrage,
    /// The condition that it brings with it, at the end of the plan's.
    pub condition: Option<Condition>,
}

/// The first of `stem`, `stem-2`, `stem-3`… that is no code yet.
fn free_code(stem: &str, taken: &[Condition]) -> Option<Code> {
    let cut: String = stem.chars().take(CODE_MAX - 6).collect();
    (1..=9_999)
        .map(|number| if number == 1 { cut.clone() } else { format!("{cut}-{number}") })
        .find(|code| !taken.iter().any(|it| it.code.as_str() == code))
        .and_then(|code| Code::new(&code))
}

/// The condition that a decision is under: one that the plan has, or one that the form writes.
fn read_condition(
    typed: &DecisionTyped,
    matter: &Matter<'_>,
    state: Option<State>,
    refused: &mut DecisionRefused,
) -> (Option<Code>, Option<Condition>) {
    let written = kept(text(&typed.condition_text, TEXT_MAX), &mut refused.condition_text).flatten();
    let chosen = typed.condition.trim();
    let conditional = state == Some(State::Conditional);
    if !conditional && state.is_some() && (!chosen.is_empty() || written.is_some()) {
        refused.condition = "Une condition va avec « Favorable sous condition ».".into();
        return (None, None);
    }
    match (chosen, written) {
        ("" | NEW_CONDITION, Some(text)) => {
            let code = free_code(&format!("C-{}", matter.code), matter.conditions);
            let scope = Scope::from_word(&typed.condition_scope).unwrap_or(Scope::Decision);
            let new = code.clone().map(|code| Condition {
                code,
                text,
                scope,
                state: ConditionState::Waiting,
                dated_on: None,
                note: None,
            });
            (code, new)
        }
        ("", None) => {
            if conditional {
                refused.condition = "Choisissez la condition, ou écrivez-en une.".into();
            }
            (None, None)
        }
        (NEW_CONDITION, None) => {
            if refused.condition_text.is_empty() {
                refused.condition_text = "Écrivez la condition.".into();
            }
            (None, None)
        }
        (_, Some(_)) => {
            refused.condition = "Choisissez une condition du contrat ou écrivez-en une, pas les deux.".into();
            (None, None)
        }
        (code, None) => {
            let known = matter.conditions.iter().find(|it| it.code.as_str() == code).map(|it| it.code.clone());
            let known = known.ok_or_else(|| "Cette condition n’existe pas dans le contrat.".into());
            (kept(known, &mut refused.condition), None)
        }
    }
}

/// Reads the next decision on a matter: it is dated, says what its state asks for, and a grant goes with a favourable
/// one on a budget line (docs/regles.md §6).
///
/// # Errors
/// Every sentence, at its field.
pub fn read_decision(
    typed: &DecisionTyped,
    matter: &Matter<'_>,
    today: NaiveDate,
) -> Result<Decided, Box<DecisionRefused>> {
    let mut refused = DecisionRefused::default();
    let state =
        kept(State::from_word(&typed.state).ok_or_else(|| "Choisissez ce qui est décidé.".into()), &mut refused.state);
    let session_on = kept(past_day(&typed.session_on, today, "La date de la séance"), &mut refused.session_on);
    let granted = kept(euros(&typed.granted), &mut refused.granted).flatten();
    let body = required(&typed.decided_by, NAME_MAX, "Dites quelle instance décide, par exemple Directoire.");
    let decided_by = kept(body, &mut refused.decided_by);
    let wording = kept(text(&typed.wording, TEXT_MAX), &mut refused.wording).flatten();
    let set_aside = kept(text(&typed.set_aside, TEXT_MAX), &mut refused.set_aside).flatten();
    let funding = kept(text(&typed.funding, NAME_MAX), &mut refused.funding).flatten();
    let reason = kept(text(&typed.reason, TEXT_MAX), &mut refused.reason).flatten();
    let (condition, new_condition) = read_condition(typed, matter, state, &mut refused);
    if granted.is_some() && matter.subject != Subject::BudgetLine {
        refused.granted = "Un montant s’accorde sur une ligne budgétaire.".into();
    } else if granted.is_some() && state.is_some_and(|state| !state.is_favourable()) {
        refused.granted = "Un montant accordé va avec une décision favorable.".into();
    }
    if state == Some(State::Partly) && set_aside.is_none() && refused.set_aside.is_empty() {
        refused.set_aside = "Dites quelle part est écartée.".into();
    }
    if state.is_some_and(|state| state != State::Partly) && set_aside.is_some() {
        refused.set_aside = "Une part écartée va avec « Favorable en partie ».".into();
    }
    let last = matter.ledger.last();
    if let (Some(day), Some(before)) = (session_on, last.and_then(|it| it.session_on))
        && day < before
    {
        let before = date::short(before);
        refused.session_on =
            format!("La décision en vigueur est du {before} : une séance plus ancienne ne la revoit pas.");
    }
    let turned = last.is_some_and(|it| it.state.is_settled() && Some(it.state) != state);
    if turned && reason.is_none() && refused.reason.is_empty() {
        refused.reason = "Dites pourquoi la décision en vigueur est revue.".into();
    }
    match (state, session_on, decided_by) {
        (Some(state), Some(session_on), Some(decided_by)) if refused == DecisionRefused::default() => Ok(Decided {
            arbitrage: Arbitrage {
                subject: matter.subject,
                code: matter.code.clone(),
                rank: matter.next_rank(),
                state,
                wording,
                set_aside,
                funding,
                condition,
                granted,
                granted_printed_keur: None,
                decided_by: Some(decided_by),
                session_on: Some(session_on),
                reason,
            },
            condition: new_condition,
        }),
        _ => Err(Box::new(refused)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrages::model::tests::decision;
    use rstest::rstest;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 9, 12).unwrap();

    fn typed(state: &str) -> DecisionTyped {
        DecisionTyped {
            state: state.into(),
            session_on: "2025-09-10".into(),
            decided_by: DECIDES.into(),
            ..DecisionTyped::default()
        }
    }

    fn known() -> Vec<Condition> {
        vec![Condition {
            code: Code::new("C-B1").unwrap(),
            text: "sur l’AAP CAR ART".into(),
            scope: Scope::Decision,
            state: ConditionState::Waiting,
            dated_on: None,
            note: None,
        }]
    }

    fn read_on(
        subject: Subject,
        ledger: &[Arbitrage],
        change: impl FnOnce(&mut DecisionTyped),
    ) -> Result<Decided, Box<DecisionRefused>> {
        let mut typed = typed("favorable");
        change(&mut typed);
        let code = Code::new("B1").unwrap();
        read_decision(&typed, &Matter { subject, code: &code, ledger, conditions: &known() }, TODAY)
    }

    fn read(change: impl FnOnce(&mut DecisionTyped)) -> Result<Decided, Box<DecisionRefused>> {
        read_on(Subject::BudgetLine, &[decision("B1", 0, State::Rework)], change)
    }

    #[test]
    fn a_decision_typed_at_a_meeting_leads_back_to_it() {
        let next = |dialogue: &str| {
            DecisionTyped { dialogue: dialogue.into(), ..typed("favorable") }.next("p", "/plans/p/budget/B1".into())
        };
        assert_eq!(next("2025"), "/plans/p/dialogues/2025#decisions");
        for elsewhere in ["", "//ailleurs", "2025/../.."] {
            assert_eq!(next(elsewhere), "/plans/p/budget/B1", "{elsewhere}");
        }
    }

    #[test]
    fn an_exact_grant_comes_with_a_dated_favourable_decision() {
        let decided = read(|it| it.granted = "389 280 €".into()).unwrap().arbitrage;
        assert_eq!((decided.rank, decided.granted), (1, Some(389_280.into())));
        assert_eq!(decided.granted_printed_keur, None, "what was printed stays with what printed it");
        assert!(read(|it| it.granted = "390 k€".into()).unwrap_err().granted.contains("390 000"));
        assert!(!read(|it| it.session_on.clear()).unwrap_err().session_on.is_empty());
        assert!(read(|it| it.session_on = "2025-09-13".into()).unwrap_err().session_on.contains("à venir"));
        let unfavourable = read(|it| (it.state, it.granted) = ("defavorable".into(), "1".into()));
        assert!(unfavourable.unwrap_err().granted.contains("favorable"));
        let on_a_post = read_on(Subject::Post, &[], |it| it.granted = "1".into());
        assert!(on_a_post.unwrap_err().granted.contains("ligne budgétaire"));
    }

    #[rstest]
    #[case("favorable_en_partie", "", false)]
    #[case("favorable_en_partie", "le référentiel", true)]
    #[case("favorable", "le référentiel", false)]
    fn a_part_set_aside_goes_with_a_decision_in_part(#[case] state: &str, #[case] part: &str, #[case] taken: bool) {
        let decided = read(|it| (it.state, it.set_aside) = (state.into(), part.into()));
        assert_eq!(decided.is_ok(), taken, "{decided:?}");
        assert!(taken || !decided.unwrap_err().set_aside.is_empty());
    }

    #[test]
    fn a_condition_is_one_of_the_plan_s_or_written_with_the_decision() {
        let conditional = |condition: &str, text: &str, scope: &str| {
            read(|it| {
                it.state = "favorable_sous_condition".into();
                it.condition = condition.into();
                it.condition_text = text.into();
                it.condition_scope = scope.into();
            })
        };
        assert!(conditional("", "", "").unwrap_err().condition.contains("Choisissez"));
        assert!(conditional("C-9", "", "").unwrap_err().condition.contains("n’existe pas"));
        assert!(conditional("C-B1", "autre", "").unwrap_err().condition.contains("pas les deux"));
        assert!(!conditional(NEW_CONDITION, " ", "").unwrap_err().condition_text.is_empty());
        let chosen = conditional("C-B1", "", "").unwrap();
        assert_eq!((chosen.arbitrage.condition.unwrap().as_str(), chosen.condition), ("C-B1", None));
        let written = conditional("", "si les effectifs se maintiennent", "creations").unwrap();
        let condition = written.condition.unwrap();
        assert_eq!((condition.code.as_str(), condition.scope), ("C-B1-2", Scope::Creations));
        assert_eq!(written.arbitrage.condition, Some(condition.code));
        let firm = read(|it| it.condition = "C-B1".into());
        assert!(firm.unwrap_err().condition.contains("sous condition"));
    }

    #[test]
    fn a_settled_decision_is_reviewed_for_a_reason_and_not_by_an_older_seance() {
        let settled =
            Arbitrage { session_on: NaiveDate::from_ymd_opt(2025, 9, 1), ..decision("B1", 3, State::Unfavourable) };
        let review = |reason: &str, day: &str| {
            read_on(Subject::BudgetLine, std::slice::from_ref(&settled), |it| {
                (it.reason, it.session_on) = (reason.into(), day.into());
            })
        };
        assert!(review("", "2025-09-10").unwrap_err().reason.contains("pourquoi"));
        assert!(review("crédits retrouvés", "2025-08-31").unwrap_err().session_on.contains("1er sept. 2025"));
        assert_eq!(review("crédits retrouvés", "2025-09-10").unwrap().arbitrage.rank, 4);
    }

    #[test]
    fn an_empty_form_is_refused_everywhere_at_once() {
        let code = Code::new("M5.2").unwrap();
        let matter = Matter { subject: Subject::Request, code: &code, ledger: &[], conditions: &[] };
        let refused = read_decision(&DecisionTyped::default(), &matter, TODAY).unwrap_err();
        assert!(!refused.state.is_empty() && !refused.session_on.is_empty() && !refused.decided_by.is_empty());
        assert_eq!(matter.next_rank(), 1);
    }
}
