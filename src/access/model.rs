//! The one editing function, and the state of a dialogue on which it depends.

use chrono::NaiveDate;

use crate::accounts::model::{Role, Scope, User};
use crate::kernel::date;
use crate::words;

words! {
    /// Where a dialogue stands (docs/regles.md §9).
    pub enum DialogueState {
        /// Not opened yet.
        ToOpen = "a_ouvrir",
        /// The director enters.
        Entry = "saisie",
        /// Submitted by the director.
        Submitted = "soumis",
        /// Under review.
        InReview = "en_revue",
        /// Sent back with a reason.
        Returned = "retourne",
        /// Validated by the directoire.
        Validated = "valide",
        /// Over.
        Closed = "clos",
    }
}

impl DialogueState {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToOpen => "À ouvrir",
            Self::Entry => "Saisie",
            Self::Submitted => "Soumis",
            Self::InReview => "En revue",
            Self::Returned => "Retourné",
            Self::Validated => "Validé",
            Self::Closed => "Clos",
        }
    }

    /// Name of its pill and icon: `a-ouvrir`, `en-revue`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::ToOpen => "a-ouvrir",
            Self::Entry => "saisie",
            Self::Submitted => "soumis",
            Self::InReview => "en-revue",
            Self::Returned => "retourne",
            Self::Validated => "valide",
            Self::Closed => "clos",
        }
    }

    /// The director may work: nothing is waiting for the directoire.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Entry | Self::Returned)
    }

    /// What a submission received stays as it was received.
    pub const fn freezes(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview | Self::Validated | Self::Closed)
    }
}

/// The dialogue that last asked for a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The campaign's year.
    pub year: i32,
    /// Its last day for this structure: the campaign's closing day, or the end of an extension.
    pub closes_on: NaiveDate,
    /// Where it stands.
    pub state: DialogueState,
    /// The submission received this very thing.
    pub received: bool,
}

/// Who asks to edit.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    /// A signed-in person, on a page.
    User(&'a User),
    /// The person at the server's terminal: all rights of a role, none over what is frozen.
    Command,
}

/// What is to be edited, with the facts the answer depends on.
#[derive(Debug, Clone, Copy)]
pub enum Thing<'a> {
    /// A cell and its comment.
    Cell {
        /// Its plan.
        plan_id: i64,
        /// The plan's structure.
        structure_id: i64,
        /// Number of the indicator.
        indicator: &'a str,
        /// Code of the measure.
        measure: &'a str,
        /// Pilotage produces the indicator's figures.
        by_pilotage: bool,
        /// The last dialogue that expects the cell.
        asking: Option<Asking>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A post line: its figures, its realisation, its confidential fields.
    PostLine {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// An action of the structure's headings.
    Action {
        /// The plan's structure.
        structure_id: i64,
        /// The plan's last dialogue ([`Season::action`](super::Season::action)).
        asking: Option<Asking>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// How the establishment kept one of its own commitments.
    Commitment {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A jalon and what is said of it.
    Jalon {
        /// Its plan.
        plan_id: i64,
        /// The plan's structure.
        structure_id: i64,
        /// Its code.
        code: &'a str,
        /// The code of its group: who was given the group was given its jalons.
        group: Option<&'a str>,
        /// The plan's last dialogue ([`Season::jalon`](super::Season::jalon)).
        asking: Option<Asking>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// What a plan is made of: its texts, its tree, its indicators…
    Definition {
        /// The plan's structure.
        structure_id: i64,
        /// Still being written.
        draft: bool,
    },
    /// The signature that makes a contract of a draft.
    Signature {
        /// Still being written.
        draft: bool,
    },
    /// What an avenant says: its content, its changes, its abandonment.
    Avenant {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// The accord of a party to an avenant.
    Accord {
        /// The plan's structure.
        structure_id: i64,
        /// Whose accord it is.
        party: Party,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A step of the adoption of a plan or of an avenant.
    Step {
        /// Still being written: its steps are in its workshop.
        draft: bool,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// What every plan shares: the establishment, its framework, its structures.
    Establishment,
    /// A réserve de lecture: which reading is retained.
    Reserve,
    /// What finance keeps of a budget line: accordé, ouvert and exécuté of each year, and its costing.
    BudgetLine {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A decision on a means asked for: the only way a grant changes.
    Decision {
        /// On what.
        on: Means,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// Where a condition stands.
    Condition {
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// An avis on a means asked for.
    Opinion {
        /// On what.
        on: Means,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// A demand of a structure: what it asks, amends or withdraws.
    Demand {
        /// The plan's structure.
        structure_id: i64,
        /// Where the plan's latest dialogue stands; `None` when it never had one.
        dialogue: Option<DialogueState>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// What a meeting asks someone to do: written and corrected as long as the dialogue of the meeting is not closed.
    Followup {
        /// Where that dialogue stands; `None` when the plan has none of that year.
        dialogue: Option<DialogueState>,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// Where a follow-up stands.
    FollowupState {
        /// The plan's structure.
        structure_id: i64,
        /// The campaign that closed the plan.
        closed: Option<i32>,
    },
    /// The state of a dialogue, by the party whose turn it is: whether the state allows it is the machine's answer.
    Dialogue {
        /// The plan's structure.
        structure_id: i64,
        /// Whose act it is.
        party: Party,
    },
    /// A campaign: its window, what it expects, extensions.
    Campaign,
}

/// The two parties of a dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The structure's direction.
    Director,
    /// The directoire.
    Directoire,
}

/// A means asked for, whatever its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A request, or the heading whose requests inherit what is decided on it.
    Request,
    /// A post line.
    Post,
    /// A line of Annexe 3.
    BudgetLine,
}

/// The answer, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// May edit.
    Allowed {
        /// In which quality.
        because: &'static str,
        /// Last day on which the entry serves the campaign; editing goes on after it.
        until: Option<NaiveDate>,
    },
    /// May not.
    Refused {
        /// A sentence.
        reason: String,
        /// Who can change that.
        unlock: Option<&'static str>,
    },
}

impl Verdict {
    /// An earlier day is shown, out of the journal (docs/regles.md §10).
    pub fn past() -> Self {
        Self::Refused { reason: "Un état passé ne se modifie pas.".into(), unlock: None }
    }

    /// May edit.
    pub const fn allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The whole answer as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Allowed { because, until: Some(day) } => {
                format!(
                    "Vous pouvez modifier cette valeur ({because}), pour la campagne jusqu’au {}.",
                    date::short(*day)
                )
            }
            Self::Allowed { because, until: None } => format!("Vous pouvez modifier cette valeur ({because})."),
            Self::Refused { reason, unlock: Some(unlock) } => format!("{reason} {unlock}"),
            Self::Refused { reason, unlock: None } => reason.clone(),
        }
    }
}

/// May this person edit this thing now? Pages, imports and commands all ask here.
///
/// Visibility comes first and elsewhere ([`User::reads_plan`]): what is not visible is 404, not a refusal. What a
/// submission received, and what a closed plan holds, is edited by nobody.
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
    let (asking, closed) = match *thing {
        Thing::Cell { asking, closed, .. }
        | Thing::Jalon { asking, closed, .. }
        | Thing::Action { asking, closed, .. } => (asking, closed),
        Thing::PostLine { closed }
        | Thing::Commitment { closed }
        | Thing::BudgetLine { closed }
        | Thing::Decision { closed, .. }
        | Thing::Condition { closed }
        | Thing::Opinion { closed, .. }
        | Thing::Demand { closed, .. }
        | Thing::Followup { closed, .. }
        | Thing::FollowupState { closed, .. }
        | Thing::Avenant { closed }
        | Thing::Accord { closed, .. }
        | Thing::Step { closed, .. } => (None, closed),
        Thing::Dialogue { .. }
        | Thing::Campaign
        | Thing::Reserve
        | Thing::Definition { .. }
        | Thing::Signature { .. }
        | Thing::Establishment => (None, None),
    };
    if let Some(year) = closed {
        let reason =
            format!("Ce contrat est clos depuis le bilan de la campagne {year} : il n’accepte plus de saisie.");
        return Verdict::Refused { reason, unlock: None };
    }
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

/// In which quality someone edits a thing, whatever the moment; or the refusal of those who never do.
fn quality(who: Who<'_>, thing: &Thing<'_>) -> Result<&'static str, Verdict> {
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
    use super::*;
    use crate::accounts::model::Grant;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    const CLOSING: NaiveDate = NaiveDate::from_ymd_opt(2026, 12, 21).unwrap();

    fn user(role: Role, scope: Scope) -> User {
        let grants = vec![Grant { role, scope, starts_on: None, ends_on: None }];
        User { account_id: 1, email: "a@demo.invalid".into(), function: "Fonction".into(), grants }
    }

    fn director() -> User {
        user(Role::Director, Scope::Structure { id: 7, code: "iut".into() })
    }

    fn cell(by_pilotage: bool, asking: Option<Asking>) -> Thing<'static> {
        Thing::Cell { plan_id: 3, structure_id: 7, indicator: "13", measure: "13.a", by_pilotage, asking, closed: None }
    }

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
        let everyone: Vec<User> = Role::ALL
            .iter()
            .map(|role| match role {
                Role::Director => director(),
                role => user(*role, Scope::Establishment),
            })
            .collect();
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
    fn the_two_parties_of_a_dialogue_and_those_who_run_campaigns() {
        for role in Role::ALL {
            let user = if *role == Role::Director { director() } else { user(*role, Scope::Establishment) };
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
            let user = if *role == Role::Director { director() } else { user(*role, Scope::Establishment) };
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
            let scope = if *role == Role::Director {
                Scope::Structure { id: 7, code: "iut".into() }
            } else {
                Scope::Establishment
            };
            let user = user(*role, scope);
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
            let someone = if *role == Role::Director { director() } else { user(*role, Scope::Establishment) };
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
