//! What the forms of a follow-up say: read whole, either what they mean, or every sentence that refuses them
//! (docs/regles.md §9).

use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use super::model::{Followup, State};
use crate::kernel::ids::Code;
use crate::kernel::typed::{kept, past_day, required, text};

/// Longest text or note, in characters; the forms' `maxlength` and the checks share it.
pub const TEXT_MAX: usize = 2_000;
/// Longest owner.
pub const OWNER_MAX: usize = 120;
/// The latest day that a meeting may name, in years after it.
const YEARS_MAX: i32 = 10;

/// What there is to do, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct TaskTyped {
    pub text: String,
    pub owner: String,
    pub due_on: String,
    /// The version that its author had under their eyes; empty for a new one.
    pub version: String,
}

/// Why it is refused, field by field; empty where nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct TaskRefused {
    pub text: String,
    pub owner: String,
    pub due_on: String,
}

impl TaskTyped {
    /// What stands in the form of one that is kept.
    pub fn of(it: &Followup, version: i32) -> Self {
        Self {
            text: it.text.clone(),
            owner: it.owner.clone(),
            due_on: it.due_on.to_string(),
            version: version.to_string(),
        }
    }
}

fn task(typed: &TaskTyped, year: i32) -> Result<(String, String, NaiveDate), TaskRefused> {
    let mut refused = TaskRefused::default();
    let text = kept(required(&typed.text, TEXT_MAX, "Dites ce qu’il y a à faire."), &mut refused.text);
    let owner = required(&typed.owner, OWNER_MAX, "Dites qui s’en charge : une fonction ou un service.");
    let owner = kept(owner, &mut refused.owner);
    let due_on = match typed.due_on.trim().parse::<NaiveDate>() {
        Err(_) => Err("Indiquez l’échéance.".to_owned()),
        Ok(day) if !(year..=year + YEARS_MAX).contains(&day.year()) => {
            Err(format!("L’échéance va de {year} à {}.", year + YEARS_MAX))
        }
        Ok(day) => Ok(day),
    };
    let due_on = kept(due_on, &mut refused.due_on);
    match (text, owner, due_on) {
        (Some(text), Some(owner), Some(due_on)) => Ok((text, owner, due_on)),
        _ => Err(refused),
    }
}

/// Reads a new one, written at the meeting of a year.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_new(typed: &TaskTyped, year: i32, code: Code) -> Result<Followup, TaskRefused> {
    let (text, owner, due_on) = task(typed, year)?;
    Ok(Followup { code, year, text, owner, due_on, state: State::ToDo, said_on: None, note: None, provenance: None })
}

/// Reads what one is corrected to.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_task(typed: &TaskTyped, before: &Followup) -> Result<Followup, TaskRefused> {
    let (text, owner, due_on) = task(typed, before.year)?;
    // What a person writes is no invented follow-up any more.
    let same = (&text, &owner, due_on) == (&before.text, &before.owner, before.due_on);
    let provenance = before.provenance.clone().filter(|_| same);
    Ok(Followup { text, owner, due_on, provenance, ..before.clone() })
}

/// Where it stands, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct StateTyped {
    pub state: String,
    pub said_on: String,
    pub note: String,
    /// The version that its author had under their eyes.
    pub version: String,
}

/// Why it is refused, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct StateRefused {
    pub state: String,
    pub said_on: String,
    pub note: String,
}

/// Reads where it stands: done or given up on a day already come, given up for a reason; to do again takes the day back.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_state(typed: &StateTyped, before: &Followup, today: NaiveDate) -> Result<Followup, StateRefused> {
    let mut refused = StateRefused::default();
    let state = State::from_word(&typed.state).ok_or_else(|| "Choisissez où elle en est.".to_owned());
    let state = kept(state, &mut refused.state);
    let note = kept(text(&typed.note, TEXT_MAX), &mut refused.note).flatten();
    let said_on = match state {
        Some(State::Done | State::Dropped) => {
            // Left empty, it is said today.
            let typed = typed.said_on.trim();
            let day = if typed.is_empty() { Ok(today) } else { past_day(typed, today, "La date") };
            kept(day, &mut refused.said_on)
        }
        Some(State::ToDo) | None => None,
    };
    if state == Some(State::Dropped) && note.is_none() && refused.note.is_empty() {
        refused.note = "Dites pourquoi elle est abandonnée.".into();
    }
    match state {
        Some(state) if refused == StateRefused::default() => {
            let same = (state, said_on, &note) == (before.state, before.said_on, &before.note);
            let provenance = before.provenance.clone().filter(|_| same);
            Ok(Followup { state, said_on, note, provenance, ..before.clone() })
        }
        _ => Err(refused),
    }
}

/// The day proposed for a new one: half a year on, the pace of a dialogue.
pub fn proposed_day(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(182)).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::followups::model::tests::followup;
    use rstest::rstest;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn typed(text: &str, owner: &str, due_on: &str) -> TaskTyped {
        TaskTyped { text: text.into(), owner: owner.into(), due_on: due_on.into(), version: String::new() }
    }

    #[test]
    fn a_new_one_says_what_who_and_when() {
        let read = |it: &TaskTyped| read_new(it, 2025, Code::new("S2025-1").unwrap());
        let it = read(&typed(" Chiffrer la salle ", "Direction des finances", "2026-03-31")).unwrap();
        assert_eq!((it.text.as_str(), it.state, it.year), ("Chiffrer la salle", State::ToDo, 2025));
        let refused = read(&typed(" ", "", "bientôt")).unwrap_err();
        assert!([refused.text, refused.owner, refused.due_on].iter().all(|sentence| !sentence.is_empty()));
        for far in ["2024-12-31", "2036-01-01"] {
            assert!(read(&typed("a", "b", far)).unwrap_err().due_on.contains("2025 à 2035"), "{far}");
        }
        assert!(read(&typed("a", &"x".repeat(OWNER_MAX + 1), "2026-01-01")).is_err());
    }

    #[test]
    fn a_correction_keeps_its_mark_until_something_changes() {
        let before = Followup { provenance: Some("donnée fictive".into()), ..followup("S2025-1", "2025-12-31") };
        let same = read_task(&TaskTyped::of(&before, 1), &before).unwrap();
        assert_eq!(same, before);
        let other = TaskTyped { text: "Autre chose".into(), ..TaskTyped::of(&before, 1) };
        assert_eq!(read_task(&other, &before).unwrap().provenance, None);
    }

    #[rstest]
    #[case("fait", "", "", true)]
    #[case("fait", "2025-09-10", "présenté au conseil", true)]
    #[case("fait", "2025-09-13", "", false)]
    #[case("abandonne", "", "", false)]
    #[case("abandonne", "", "sans objet", true)]
    #[case("a_faire", "", "", true)]
    #[case("ailleurs", "", "", false)]
    fn a_state_is_dated_and_giving_up_explained(
        #[case] state: &str,
        #[case] said_on: &str,
        #[case] note: &str,
        #[case] taken: bool,
    ) {
        let today = day("2025-09-12");
        let typed = StateTyped { state: state.into(), said_on: said_on.into(), note: note.into(), version: "1".into() };
        let read = read_state(&typed, &followup("S2025-1", "2025-12-31"), today);
        assert_eq!(read.is_ok(), taken, "{read:?}");
        if let Ok(it) = read {
            assert_eq!(it.incoherences(), []);
            assert_eq!(it.said_on.is_none(), state == "a_faire");
        }
    }
}
