//! In which quality a person edits a thing, whatever the moment; and the refusal of those who never do.

use super::{Means, Party, Thing, Verdict, Who};
use crate::accounts::model::{Role, Scope, User};

/// In which quality someone edits a thing, whatever the moment; or the refusal of those who never do.
pub(super) fn quality(who: Who<'_>, thing: &Thing<'_>) -> Result<&'static str, Verdict> {
    let Who::User(user) = who else { return Ok("commande") };
    let refuse = |reason: &str, unlock| Err(Verdict::Refused { reason: reason.to_owned(), unlock });
    match *thing {
        Thing::Cell { plan_id, structure_id, indicator, measure, by_pilotage, .. } => match () {
            () if user.directs(structure_id) => Ok("direction de la structure"),
            () if user.contributes_to(plan_id, &[indicator, measure]) => Ok("contribution confiée"),
            () if by_pilotage && user.has(Role::Pilotage) => Ok("indicateur produit par le pilotage"),
            () => refuse(
                "Cette valeur est saisie par la direction de la structure.",
                Some("Elle peut confier l’indicateur à votre compte."),
            ),
        },
        Thing::Jalon { plan_id, structure_id, code, group, .. } => match () {
            () if user.directs(structure_id) => Ok("direction de la structure"),
            () if user.contributes_to(plan_id, &[code, group.unwrap_or(code)]) => Ok("contribution confiée"),
            () => refuse(
                "Ce jalon est suivi par la direction de la structure.",
                Some("Elle peut le confier à votre compte."),
            ),
        },
        Thing::Action { structure_id, .. } if user.directs(structure_id) => Ok("direction de la structure"),
        Thing::Action { .. } => refuse("Les actions sont mises à jour par la direction de la structure.", None),
        Thing::Commitment { .. } if user.has(Role::Pilotage) || user.has(Role::Directoire) => {
            Ok("engagement de l’établissement")
        }
        Thing::Commitment { .. } => {
            refuse("Les engagements de l’établissement sont renseignés par le pilotage ou le directoire.", None)
        }
        Thing::PostLine { .. } if user.has(Role::Rh) => Ok("ressources humaines"),
        Thing::PostLine { .. } => {
            refuse("Les postes sont tenus par les ressources humaines.", Some("Signalez-leur ce qui est à corriger."))
        }
        Thing::BudgetLine { .. } if user.has(Role::Finance) => Ok("finances"),
        Thing::BudgetLine { .. } => {
            refuse("L’échéancier et l’exécution sont tenus par la direction des finances.", None)
        }
        Thing::Decision { on, .. } => decides(user, on),
        Thing::Condition { .. } if user.has(Role::Directoire) => Ok("décision du directoire"),
        Thing::Condition { .. } => refuse("L’état d’une condition est dit par le directoire.", None),
        Thing::Opinion { on, .. } => opines(user, on),
        Thing::Demand { structure_id, .. } if user.directs(structure_id) => Ok("dialogue ouvert"),
        Thing::Demand { .. } => refuse("Les demandes sont celles de la direction de la structure.", None),
        Thing::Followup { .. } if user.has(Role::Directoire) => Ok("directoire, au dialogue"),
        Thing::Followup { .. } if user.has(Role::Pilotage) => Ok("pilotage, au dialogue"),
        Thing::Followup { .. } => {
            refuse("Les suites d’un dialogue sont écrites par le directoire ou le pilotage.", None)
        }
        Thing::FollowupState { structure_id, .. } if user.directs(structure_id) => Ok("suite suivie par la direction"),
        Thing::FollowupState { .. } if user.has(Role::Directoire) => Ok("suite suivie par le directoire"),
        Thing::FollowupState { .. } => {
            refuse("Où en est une suite se dit par la direction de la structure ou par le directoire.", None)
        }
        Thing::Dialogue { structure_id, party: Party::Director } if user.directs(structure_id) => {
            Ok("direction de la structure")
        }
        Thing::Dialogue { party: Party::Director, .. } => {
            refuse("Cet acte revient à la direction de la structure.", None)
        }
        Thing::Dialogue { party: Party::Directoire, .. } | Thing::Accord { party: Party::Directoire, .. }
            if user.has(Role::Directoire) =>
        {
            Ok("directoire")
        }
        Thing::Dialogue { party: Party::Directoire, .. } => refuse("Cet acte revient au directoire.", None),
        Thing::Accord { structure_id, party: Party::Director, .. } if user.directs(structure_id) => {
            Ok("direction de la structure")
        }
        Thing::Accord { party: Party::Director, .. } => {
            refuse("Cet accord est celui de la direction de la structure.", None)
        }
        Thing::Accord { party: Party::Directoire, .. } => refuse("Cet accord est celui du directoire.", None),
        Thing::Avenant { .. } if user.has(Role::Pilotage) || user.has(Role::Directoire) => Ok("avenants"),
        Thing::Avenant { .. } => refuse("Un avenant est préparé par le pilotage ou le directoire.", None),
        Thing::Step { .. } if user.has(Role::Pilotage) => Ok("pilotage"),
        Thing::Step { .. } => refuse("Les étapes d’adoption sont enregistrées par le pilotage.", None),
        Thing::Campaign if user.has(Role::Pilotage) || user.has(Role::Directoire) => Ok("campagnes"),
        // A draft is pilotage's to write and its director's to correct (docs/regles.md §9).
        Thing::Definition { .. } | Thing::Signature { .. } | Thing::Establishment | Thing::Reserve
            if user.has(Role::Pilotage) =>
        {
            Ok("pilotage")
        }
        Thing::Definition { structure_id, .. } if user.directs(structure_id) => Ok("direction de la structure"),
        Thing::Definition { .. } => {
            refuse("Un brouillon est écrit par le pilotage et par la direction de la structure.", None)
        }
        Thing::Signature { .. } => refuse("La signature d’un contrat est enregistrée par le pilotage.", None),
        Thing::Establishment => refuse("Le cadre et les structures sont tenus par le pilotage.", None),
        Thing::Reserve => refuse(
            "Une réserve de lecture est réglée par le pilotage.",
            Some("Signalez-lui la lecture qui vous paraît juste."),
        ),
        Thing::Campaign => refuse("Les campagnes sont tenues par le pilotage et le directoire.", None),
    }
}

/// The directoire decides; finance records a decision on a request or a budget line, human resources one on a post, each
/// by naming the date of its séance (docs/regles.md §6, §8).
fn decides(user: &User, on: Means) -> Result<&'static str, Verdict> {
    let (recorder, unlock) = match on {
        Means::Post => (Role::Rh, "Les ressources humaines peuvent l’enregistrer en nommant la date de la séance."),
        Means::Request | Means::BudgetLine => {
            (Role::Finance, "La direction des finances peut l’enregistrer en nommant la date de la séance.")
        }
    };
    match () {
        () if user.has(Role::Directoire) => Ok("décision du directoire"),
        () if user.has(recorder) => Ok("décision dont vous nommez la séance"),
        () => Err(Verdict::Refused {
            reason: match on {
                Means::BudgetLine => "Un accord ne change que par une décision datée du directoire.".into(),
                Means::Request | Means::Post => "Un arbitrage est une décision datée du directoire.".into(),
            },
            unlock: Some(unlock),
        }),
    }
}

/// Finance gives its avis on requests and budget lines, human resources on requests and posts (docs/regles.md §8).
fn opines(user: &User, on: Means) -> Result<&'static str, Verdict> {
    match () {
        () if user.has(Role::Finance) && on != Means::Post => Ok("avis des finances"),
        () if user.has(Role::Rh) && on != Means::BudgetLine => Ok("avis des ressources humaines"),
        () => Err(Verdict::Refused {
            reason: match on {
                Means::Request => "Les finances et les ressources humaines donnent leur avis sur une demande.".into(),
                Means::Post => "Les ressources humaines donnent leur avis sur un poste.".into(),
                Means::BudgetLine => "La direction des finances donne son avis sur une ligne budgétaire.".into(),
            },
            unlock: None,
        }),
    }
}

/// Has something to enter in a plan, whatever its present state: Saisie is a page of theirs.
pub fn enters(user: &User, plan_id: i64, structure_id: i64) -> bool {
    user.directs(structure_id)
        || user.has(Role::Pilotage)
        || user.grants.iter().any(|grant| {
            grant.role == Role::Contributor
                && matches!(&grant.scope, Scope::Items { plan_id: id, .. } if *id == plan_id)
        })
}

#[cfg(test)]
mod tests {
    use super::super::may_edit;
    use super::super::people::{TODAY, cell, director, user, with};
    use super::*;

    #[test]
    fn the_two_parties_of_a_dialogue_and_those_who_run_campaigns() {
        for role in Role::ALL {
            let user = with(*role);
            let may = |thing| may_edit(Who::User(&user), &thing, TODAY).allowed();
            let party = |party| Thing::Dialogue { structure_id: 7, party };
            assert_eq!(may(party(Party::Director)), *role == Role::Director, "{role:?}");
            assert_eq!(may(party(Party::Directoire)), *role == Role::Directoire, "{role:?}");
            assert_eq!(may(Thing::Campaign), matches!(role, Role::Directoire | Role::Pilotage), "{role:?}");
        }
        let elsewhere = Thing::Dialogue { structure_id: 8, party: Party::Director };
        assert!(!may_edit(Who::User(&director()), &elsewhere, TODAY).allowed());
    }

    #[test]
    fn avenants_are_prepared_by_some_and_agreed_to_by_two() {
        for role in Role::ALL {
            let user = with(*role);
            let may = |thing| may_edit(Who::User(&user), &thing, TODAY).allowed();
            let accord = |party| Thing::Accord { structure_id: 7, party, closed: None };
            assert_eq!(
                may(Thing::Avenant { closed: None }),
                matches!(role, Role::Directoire | Role::Pilotage),
                "{role:?}"
            );
            assert_eq!(may(accord(Party::Director)), *role == Role::Director, "{role:?}");
            assert_eq!(may(accord(Party::Directoire)), *role == Role::Directoire, "{role:?}");
            assert_eq!(may(Thing::Step { draft: false, closed: None }), *role == Role::Pilotage, "{role:?}");
            assert!(!may(Thing::Step { draft: true, closed: None }), "{role:?}");
            assert!(
                !may(Thing::Avenant { closed: Some(2027) }) && !may(Thing::Step { draft: false, closed: Some(2027) })
            );
        }
        let elsewhere = Thing::Accord { structure_id: 8, party: Party::Director, closed: None };
        assert!(!may_edit(Who::User(&director()), &elsewhere, TODAY).allowed());
    }

    #[test]
    fn a_contributor_edits_what_was_given() {
        let given = |item: &str| {
            user(Role::Contributor, Scope::Items { plan_id: 3, plan: "p".into(), items: vec![item.into()] })
        };
        for (item, allowed) in [("13", true), ("13.a", true), ("13.b", false), ("J16.a", false)] {
            let verdict = may_edit(Who::User(&given(item)), &cell(false, None), TODAY);
            assert_eq!(verdict.allowed(), allowed, "{item}");
        }
    }

    #[test]
    fn a_jalon_is_for_the_director_and_whoever_was_given_it_or_its_group() {
        let thing =
            |group| Thing::Jalon { plan_id: 3, structure_id: 7, code: "J16.a", group, asking: None, closed: None };
        let may = |user: &User, group| may_edit(Who::User(user), &thing(group), TODAY).allowed();
        let given = |item: &str| {
            user(Role::Contributor, Scope::Items { plan_id: 3, plan: "p".into(), items: vec![item.into()] })
        };
        assert!(may(&director(), Some("J16")) && may_edit(Who::Command, &thing(None), TODAY).allowed());
        assert!(!may(&user(Role::Director, Scope::Structure { id: 8, code: "droit".into() }), Some("J16")));
        for (item, allowed) in [("J16.a", true), ("J16", true), ("J16.b", false), ("13", false)] {
            assert_eq!(may(&given(item), Some("J16")), allowed, "{item}");
        }
        for role in Role::ALL.iter().filter(|role| !matches!(role, Role::Director | Role::Contributor)) {
            let other = user(*role, Scope::Establishment);
            let verdict = may_edit(Who::User(&other), &thing(None), TODAY);
            assert!(verdict.sentence().contains("direction de la structure"), "{role:?}");
            assert!(!verdict.allowed(), "{role:?}");
        }
    }

    #[test]
    fn entry_is_for_those_who_have_something_to_enter() {
        let given = user(Role::Contributor, Scope::Items { plan_id: 3, plan: "p".into(), items: vec!["13".into()] });
        assert!(enters(&director(), 3, 7) && !enters(&director(), 3, 8));
        assert!(enters(&given, 3, 7) && !enters(&given, 4, 7));
        for role in Role::ALL.iter().filter(|role| !matches!(role, Role::Director | Role::Contributor)) {
            assert_eq!(enters(&user(*role, Scope::Establishment), 3, 7), *role == Role::Pilotage, "{role:?}");
        }
    }

    #[test]
    fn posts_are_kept_by_human_resources() {
        for role in Role::ALL {
            let user = with(*role);
            let may = may_edit(Who::User(&user), &Thing::PostLine { closed: None }, TODAY).allowed();
            assert_eq!(may, *role == Role::Rh, "{role:?}");
        }
        assert!(may_edit(Who::Command, &Thing::PostLine { closed: None }, TODAY).allowed());
    }

    #[test]
    fn reserves_are_settled_by_pilotage() {
        for role in Role::ALL {
            let verdict = may_edit(Who::User(&user(*role, Scope::Establishment)), &Thing::Reserve, TODAY);
            assert_eq!(verdict.allowed(), *role == Role::Pilotage, "{role:?}");
        }
        assert!(!may_edit(Who::User(&director()), &Thing::Reserve, TODAY).allowed());
        assert!(may_edit(Who::Command, &Thing::Reserve, TODAY).allowed());
    }

    #[test]
    fn finance_schedules_and_the_directoire_decides_or_has_it_recorded() {
        for role in Role::ALL {
            let someone = user(*role, Scope::Establishment);
            let may = |thing: Thing<'_>| may_edit(Who::User(&someone), &thing, TODAY).allowed();
            let decides = |on| may(Thing::Decision { on, closed: None });
            assert_eq!(may(Thing::BudgetLine { closed: None }), *role == Role::Finance, "{role:?}");
            assert_eq!(decides(Means::BudgetLine), matches!(role, Role::Finance | Role::Directoire), "{role:?}");
            assert_eq!(decides(Means::Request), matches!(role, Role::Finance | Role::Directoire), "{role:?}");
            assert_eq!(decides(Means::Post), matches!(role, Role::Rh | Role::Directoire), "{role:?}");
            assert_eq!(may(Thing::Condition { closed: None }), *role == Role::Directoire, "{role:?}");
            assert!(!may(Thing::Decision { on: Means::Post, closed: Some(2027) }), "{role:?}");
        }
        for on in [Means::Request, Means::Post, Means::BudgetLine] {
            let thing = Thing::Decision { on, closed: None };
            let refused = may_edit(Who::User(&director()), &thing, TODAY);
            assert!(refused.sentence().contains("en nommant la date de la séance"), "{on:?}");
            assert!(may_edit(Who::Command, &thing, TODAY).allowed());
        }
    }

    #[test]
    fn finance_and_human_resources_give_their_avis_each_on_its_own() {
        for role in Role::ALL {
            let someone = user(*role, Scope::Establishment);
            let may = |on| may_edit(Who::User(&someone), &Thing::Opinion { on, closed: None }, TODAY).allowed();
            assert_eq!(may(Means::Request), matches!(role, Role::Finance | Role::Rh), "{role:?}");
            assert_eq!(may(Means::BudgetLine), *role == Role::Finance, "{role:?}");
            assert_eq!(may(Means::Post), *role == Role::Rh, "{role:?}");
        }
    }

    #[test]
    fn pilotage_edits_its_own_indicators_and_the_others_read() {
        let pilotage = user(Role::Pilotage, Scope::Establishment);
        assert!(may_edit(Who::User(&pilotage), &cell(true, None), TODAY).allowed());
        assert!(!may_edit(Who::User(&pilotage), &cell(false, None), TODAY).allowed());
        for role in [Role::Directoire, Role::Finance, Role::Rh, Role::Reader, Role::Admin] {
            let other = user(role, Scope::Establishment);
            assert!(!may_edit(Who::User(&other), &cell(true, None), TODAY).allowed(), "{role:?}");
        }
    }
}
