//! The one editing function: what nobody edits any more, what waits for another moment, and otherwise in which quality.

use chrono::NaiveDate;

use super::quality::quality;
use super::{Asking, DialogueState, Thing, Verdict, Who};

/// May this person edit this thing now? Pages, imports and commands all ask here.
///
/// Visibility comes first and elsewhere ([`reads_plan`](crate::accounts::model::User::reads_plan)): what is not visible
/// is 404, not a refusal. What a submission received, and what a closed plan holds, is edited by nobody.
pub fn may_edit(who: Who<'_>, thing: &Thing<'_>, today: NaiveDate) -> Verdict {
    if matches!(thing, Thing::Definition { draft: false, .. } | Thing::Signature { draft: false }) {
        let reason = "Les définitions d’un contrat signé ne changent que par avenant.".into();
        return Verdict::Refused { reason, unlock: None };
    }
    if matches!(thing, Thing::Step { draft: true, .. }) {
        let reason = "Les étapes d’un brouillon s’écrivent dans son atelier.".into();
        return Verdict::Refused { reason, unlock: None };
    }
    let because = match quality(who, thing) {
        Ok(because) => because,
        Err(refused) => return refused,
    };
    if let Some(year) = thing.closed() {
        let reason =
            format!("Ce contrat est clos depuis le bilan de la campagne {year} : il n’accepte plus de saisie.");
        return Verdict::Refused { reason, unlock: None };
    }
    let asking = thing.asking();
    if let Some(asking) = asking.filter(|asking| asking.received && asking.state.freezes()) {
        return received(thing, asking);
    }
    if let Thing::Demand { dialogue, .. } = thing
        && !dialogue.is_some_and(DialogueState::is_open)
    {
        return not_open(*dialogue);
    }
    if let Thing::Followup { dialogue, .. } = thing
        && matches!(dialogue, None | Some(DialogueState::ToOpen | DialogueState::Closed))
    {
        let reason = match dialogue {
            Some(DialogueState::Closed) => "Le dialogue est clos : son relevé ne change plus.",
            _ => "Ce contrat n’a pas de dialogue cette année-là.",
        };
        return Verdict::Refused { reason: reason.into(), unlock: None };
    }
    let until = asking.filter(|it| it.state.is_open() && today <= it.closes_on).map(|it| it.closes_on);
    Verdict::Allowed { because, until }
}

/// A demand changes while the dialogue is open: what was submitted is no more its director's to change (docs/regles.md
/// §8).
fn not_open(dialogue: Option<DialogueState>) -> Verdict {
    let (reason, unlock) = match dialogue {
        Some(state) => (
            format!("Une demande change pendant que le dialogue est ouvert ; il est « {} ».", state.label()),
            "Le directoire peut le retourner ou le rouvrir.",
        ),
        None => (
            "Une demande change pendant que le dialogue est ouvert, et ce contrat n’en a pas encore eu.".into(),
            "Une campagne en ouvre un.",
        ),
    };
    Verdict::Refused { reason, unlock: Some(unlock) }
}

/// The refusal of what a submission received, and who can change that.
fn received(thing: &Thing<'_>, asking: Asking) -> Verdict {
    let (what, later) = match thing {
        Thing::Jalon { .. } => ("Ce jalon a été soumis", "Il se mettra de nouveau à jour à la prochaine campagne."),
        Thing::Action { .. } => {
            ("Cette action a été soumise", "Elle se mettra de nouveau à jour à la prochaine campagne.")
        }
        _ => ("Cette valeur a été soumise", "Une prochaine campagne peut la redemander, avec un motif."),
    };
    let Asking { year, state, .. } = asking;
    Verdict::Refused {
        reason: format!("{what} pour le dialogue {year} ({}).", state.label().to_lowercase()),
        unlock: Some(match state {
            DialogueState::Submitted => "La direction peut rappeler sa soumission.",
            DialogueState::InReview => "Le directoire peut retourner le dialogue, avec un motif.",
            DialogueState::Closed => later,
            _ => "Le directoire peut rouvrir le dialogue, avec un motif.",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Means;
    use super::super::people::{TODAY, cell, director, user, with};
    use super::*;
    use crate::accounts::model::{Role, Scope, User};

    const CLOSING: NaiveDate = NaiveDate::from_ymd_opt(2026, 12, 21).unwrap();

    #[expect(clippy::unnecessary_wraps, reason = "a thing holds an optional asking")]
    fn asking(state: DialogueState, received: bool) -> Option<Asking> {
        Some(Asking { year: 2026, closes_on: CLOSING, state, received })
    }

    #[test]
    fn the_director_edits_all_year() {
        let verdict = may_edit(Who::User(&director()), &cell(false, None), TODAY);
        assert_eq!(verdict, Verdict::Allowed { because: "direction de la structure", until: None });
        let verdict = may_edit(Who::User(&director()), &cell(false, asking(DialogueState::Entry, false)), TODAY);
        assert_eq!(verdict, Verdict::Allowed { because: "direction de la structure", until: Some(CLOSING) });
    }

    #[test]
    fn what_a_submission_received_is_frozen_for_everyone_commands_included() {
        let director = director();
        for state in DialogueState::ALL {
            for who in [Who::User(&director), Who::Command] {
                let received = may_edit(who, &cell(false, asking(*state, true)), TODAY);
                assert_eq!(received.allowed(), !state.freezes(), "{state:?}");
                assert!(may_edit(who, &cell(false, asking(*state, false)), TODAY).allowed());
            }
        }
    }

    #[test]
    fn jalons_and_actions_are_frozen_as_cells_are() {
        let director = director();
        for state in DialogueState::ALL {
            for who in [Who::User(&director), Who::Command] {
                for received in [true, false] {
                    let asking = asking(*state, received);
                    let jalon =
                        Thing::Jalon { plan_id: 3, structure_id: 7, code: "J3", group: None, asking, closed: None };
                    let action = Thing::Action { structure_id: 7, asking, closed: None };
                    for thing in [jalon, action] {
                        let verdict = may_edit(who, &thing, TODAY);
                        assert_eq!(verdict.allowed(), !(received && state.freezes()), "{state:?} {received}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_closed_plan_is_edited_by_nobody() {
        let everyone: Vec<User> = Role::ALL.iter().map(|role| with(*role)).collect();
        let closed = Some(2026);
        let things = [
            Thing::Cell {
                plan_id: 3,
                structure_id: 7,
                indicator: "13",
                measure: "13.a",
                by_pilotage: true,
                asking: None,
                closed,
            },
            Thing::Jalon { plan_id: 3, structure_id: 7, code: "J3", group: None, asking: None, closed },
            Thing::Action { structure_id: 7, asking: None, closed },
            Thing::Commitment { closed },
            Thing::PostLine { closed },
            Thing::BudgetLine { closed },
            Thing::Decision { on: Means::BudgetLine, closed },
            Thing::Condition { closed },
            Thing::Followup { dialogue: Some(DialogueState::Validated), closed },
            Thing::FollowupState { structure_id: 7, closed },
        ];
        for thing in things {
            for who in everyone.iter().map(Who::User).chain([Who::Command]) {
                assert!(!may_edit(who, &thing, TODAY).allowed(), "{thing:?}");
            }
            assert!(may_edit(Who::Command, &thing, TODAY).sentence().contains("clos depuis le bilan"));
        }
    }

    #[test]
    fn the_director_asks_while_the_dialogue_is_open() {
        let may = |user: &User, dialogue, closed| {
            may_edit(Who::User(user), &Thing::Demand { structure_id: 7, dialogue, closed }, TODAY)
        };
        for state in DialogueState::ALL {
            assert_eq!(may(&director(), Some(*state), None).allowed(), state.is_open(), "{state:?}");
            assert!(!may(&director(), Some(*state), Some(2027)).allowed(), "{state:?}");
        }
        assert!(may(&director(), Some(DialogueState::Submitted), None).sentence().contains("« Soumis »"));
        assert!(may(&director(), None, None).sentence().contains("pas encore"));
        for role in Role::ALL.iter().filter(|role| **role != Role::Director) {
            let other = user(*role, Scope::Establishment);
            assert!(!may(&other, Some(DialogueState::Entry), None).allowed(), "{role:?}");
        }
    }

    #[test]
    fn a_followup_is_written_until_its_dialogue_is_closed_and_said_by_those_who_answer_for_it() {
        for role in Role::ALL {
            let someone = with(*role);
            let may = |thing| may_edit(Who::User(&someone), &thing, TODAY).allowed();
            for state in DialogueState::ALL {
                let writes = matches!(role, Role::Directoire | Role::Pilotage)
                    && !matches!(state, DialogueState::ToOpen | DialogueState::Closed);
                assert_eq!(may(Thing::Followup { dialogue: Some(*state), closed: None }), writes, "{role:?} {state:?}");
            }
            assert!(!may(Thing::Followup { dialogue: None, closed: None }), "{role:?}");
            let says = matches!(role, Role::Director | Role::Directoire);
            assert_eq!(may(Thing::FollowupState { structure_id: 7, closed: None }), says, "{role:?}");
        }
        let elsewhere = Thing::FollowupState { structure_id: 8, closed: None };
        assert!(!may_edit(Who::User(&director()), &elsewhere, TODAY).allowed());
        let over = Thing::Followup { dialogue: Some(DialogueState::Closed), closed: None };
        assert!(may_edit(Who::Command, &over, TODAY).sentence().contains("son relevé ne change plus"));
    }
}
