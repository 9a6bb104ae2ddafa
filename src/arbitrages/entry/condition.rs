//! Where a condition stands, as the directoire says it.

use chrono::NaiveDate;
use serde::Deserialize;

use super::TEXT_MAX;
use crate::arbitrages::model::{Condition, ConditionState};
use crate::kernel::typed::{kept, past_day, text};

/// As typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct StateTyped {
    pub state: String,
    pub dated_on: String,
    pub note: String,
    /// The condition's version that its author had under their eyes.
    pub version: String,
}

/// Why it is refused, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct StateRefused {
    pub state: String,
    pub dated_on: String,
    pub note: String,
}

/// The condition in the state that a form says: dated, and explained when it will not be met or waits again.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_state(typed: &StateTyped, condition: &Condition, today: NaiveDate) -> Result<Condition, StateRefused> {
    let mut refused = StateRefused::default();
    let state = ConditionState::from_word(&typed.state).ok_or_else(|| "Choisissez un état dans la liste.".into());
    let state = kept(state, &mut refused.state);
    let dated_on = kept(past_day(&typed.dated_on, today, "La date"), &mut refused.dated_on);
    let note = kept(text(&typed.note, TEXT_MAX), &mut refused.note).flatten();
    if note.is_none() && refused.note.is_empty() {
        refused.note = match state {
            Some(ConditionState::Unmet) => "Dites pourquoi la condition n’est pas réalisée.".into(),
            Some(ConditionState::Waiting) if condition.state != ConditionState::Waiting => {
                "Dites pourquoi la condition attend de nouveau.".into()
            }
            _ => String::new(),
        };
    }
    match (state, dated_on) {
        (Some(state), Some(dated_on)) if refused == StateRefused::default() => {
            Ok(Condition { state, dated_on: Some(dated_on), note, ..condition.clone() })
        }
        _ => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrages::model::Scope;
    use crate::kernel::ids::Code;
    use rstest::rstest;

    #[rstest]
    #[case("levee", "2025-09-01", "", true)]
    #[case("levee", "", "", false)]
    #[case("levee", "2025-10-01", "", false)]
    #[case("non_realisee", "2025-09-01", "", false)]
    #[case("non_realisee", "2025-09-01", "l’AAP n’a pas été obtenu", true)]
    #[case("ailleurs", "2025-09-01", "", false)]
    fn a_state_is_dated_and_a_failure_explained(
        #[case] state: &str,
        #[case] dated_on: &str,
        #[case] note: &str,
        #[case] taken: bool,
    ) {
        let condition = Condition {
            code: Code::new("C-H1").unwrap(),
            text: "selon les effectifs".into(),
            scope: Scope::Decision,
            state: ConditionState::Waiting,
            dated_on: None,
            note: None,
        };
        let typed =
            StateTyped { state: state.into(), dated_on: dated_on.into(), note: note.into(), version: "1".into() };
        let read = read_state(&typed, &condition, "2025-09-12".parse().unwrap());
        assert_eq!(read.is_ok(), taken, "{read:?}");
        // What was lifted waits again for a reason only.
        if let Ok(lifted) = read {
            let again = StateTyped { state: "en_attente".into(), note: String::new(), ..typed };
            assert!(!read_state(&again, &lifted, "2025-09-12".parse().unwrap()).unwrap_err().note.is_empty());
        }
    }
}
