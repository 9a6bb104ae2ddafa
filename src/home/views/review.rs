//! « À examiner »: what the directoire has to do, dialogue by dialogue.

use super::contracts::Contract;
use super::item::{Action, Item, plural};
use super::{HomePage, dialogue_href};
use crate::access::DialogueState;
use crate::dialogue::store::Part;
use crate::kernel::{clock, date};

impl HomePage {
    /// What the directoire has to do: dialogues to examine, then those under review and those to close.
    pub(super) fn to_review(&self) -> Vec<Item> {
        let submitted = self.standing(DialogueState::Submitted);
        let none = Item {
            class: "is-done",
            heading: "dialogue soumis à examiner".into(),
            sentence: "Aucune structure n’attend votre lecture.".into(),
            ..Item::default()
        };
        let others = [DialogueState::InReview, DialogueState::Validated];
        [submitted.unwrap_or(none)].into_iter().chain(others.into_iter().filter_map(|it| self.standing(it))).collect()
    }

    /// The latest dialogues that stand somewhere, when there are some.
    fn standing(&self, state: DialogueState) -> Option<Item> {
        let there: Vec<(&Contract, &Part)> = self
            .contracts
            .iter()
            .filter_map(|contract| Some((contract, contract.part.as_ref()?)))
            .filter(|(_, part)| part.state == state)
            .collect();
        let (first, part) = there.first()?;
        let (one, many, verb, label, rest) = match state {
            DialogueState::Submitted => {
                ("dialogue soumis à examiner", "dialogues soumis à examiner", "soumis", "Examiner", " le dialogue : ")
            }
            DialogueState::InReview => {
                ("dialogue en revue", "dialogues en revue", "en revue depuis", "Poursuivre", " la revue : ")
            }
            _ => ("dialogue validé à clore", "dialogues validés à clore", "validé", "Clore", " le dialogue : "),
        };
        let told: Vec<String> = there
            .iter()
            .map(|(contract, part)| {
                format!(
                    "{}, {verb} le {} ({} sur {})",
                    contract.header.structure.label,
                    date::short(clock::day(part.since)),
                    part.completeness.answered(),
                    part.completeness.expected
                )
            })
            .collect();
        Some(Item {
            class: if state == DialogueState::Submitted { "is-urgent" } else { "" },
            count: there.len(),
            heading: plural(there.len(), one, many).into(),
            sentence: format!("{}.", told.join(" ; ")),
            action: Some(Action {
                href: dialogue_href(&first.header, part),
                label,
                secondary: state != DialogueState::Submitted,
                rest: format!("{rest}{}", first.header.structure.label),
            }),
            ..Item::default()
        })
    }
}
