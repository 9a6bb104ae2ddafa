//! The machine of a dialogue: which moves there are, from where to where, whose they are, what they ask
//! (docs/regles.md §9).

use chrono::NaiveDate;

use crate::access::{DialogueState, Party};
use crate::kernel::date;
use crate::kernel::typed::plain;
use crate::words;

/// Longest reason, in characters.
pub const REASON_MAX: usize = 2_000;

words! {
    /// What moves a dialogue.
    pub enum Transition {
        /// A campaign opens it.
        Opening = "ouverture",
        /// The director submits.
        Submission = "soumission",
        /// The director takes the submission back before the review.
        Recall = "rappel",
        /// The directoire begins to read.
        Review = "revue",
        /// The directoire sends back, with a reason.
        Return = "retour",
        /// The director's first edit after a return: nobody asks for it.
        Resumption = "reprise",
        /// The directoire validates, naming the séance.
        Validation = "validation",
        /// The directoire opens again what was validated, with a reason.
        Reopening = "reouverture",
        /// It is over.
        Closure = "cloture",
    }
}

impl Transition {
    /// The state it starts from, and the one it leads to.
    pub const fn path(self) -> (DialogueState, DialogueState) {
        use DialogueState::{Closed, Entry, InReview, Returned, Submitted, ToOpen, Validated};
        match self {
            Self::Opening => (ToOpen, Entry),
            Self::Submission => (Entry, Submitted),
            Self::Recall => (Submitted, Entry),
            Self::Review => (Submitted, InReview),
            Self::Return => (InReview, Returned),
            Self::Resumption => (Returned, Entry),
            Self::Validation => (InReview, Validated),
            Self::Reopening => (Validated, Entry),
            Self::Closure => (Validated, Closed),
        }
    }

    /// Whose act it is; `None` for what a campaign or an edit brings by itself.
    pub const fn party(self) -> Option<Party> {
        match self {
            Self::Opening | Self::Resumption => None,
            Self::Submission | Self::Recall => Some(Party::Director),
            Self::Review | Self::Return | Self::Validation | Self::Reopening | Self::Closure => Some(Party::Directoire),
        }
    }

    /// It is refused without a reason.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Return | Self::Reopening)
    }

    /// It is refused without the day of a séance.
    pub const fn needs_session(self) -> bool {
        matches!(self, Self::Validation)
    }

    /// What was received can be edited again.
    pub const fn unfreezes(self) -> bool {
        matches!(self, Self::Recall | Self::Return | Self::Reopening)
    }

    /// The word of the snapshot that is taken with it.
    pub const fn snapshot(self) -> Option<&'static str> {
        match self {
            Self::Opening => Some("ouverture"),
            Self::Submission => Some("soumission"),
            Self::Validation => Some("validation"),
            Self::Closure => Some("cloture"),
            _ => None,
        }
    }

    /// As the history of a dialogue tells it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Opening => "Ouverture de la saisie",
            Self::Submission => "Soumission au directoire",
            Self::Recall => "Rappel de la soumission",
            Self::Review => "Passage en revue",
            Self::Return => "Retour à la direction",
            Self::Resumption => "Reprise de la saisie",
            Self::Validation => "Validation",
            Self::Reopening => "Réouverture",
            Self::Closure => "Clôture",
        }
    }

    /// The noun that its address ends with; `None` for what nobody asks for.
    pub const fn noun(self) -> Option<&'static str> {
        match self {
            Self::Opening | Self::Resumption => None,
            Self::Submission => Some("submission"),
            Self::Recall => Some("recall"),
            Self::Review => Some("review"),
            Self::Return => Some("return"),
            Self::Validation => Some("validation"),
            Self::Reopening => Some("reopening"),
            Self::Closure => Some("closure"),
        }
    }

    /// The moves that someone can ask for where a dialogue stands.
    pub fn from_state(state: DialogueState) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |it| it.party().is_some() && it.path().0 == state)
    }

    /// Why it cannot be made where a dialogue stands.
    pub fn stale(self, state: DialogueState) -> Option<String> {
        let (from, _) = self.path();
        (state != from).then(|| {
            format!(
                "Le dialogue est maintenant « {} » : cet acte se fait quand il est « {} ». Rien n’a changé.",
                state.label().to_lowercase(),
                from.label().to_lowercase()
            )
        })
    }

    /// Reads what comes with it.
    ///
    /// # Errors
    /// A sentence beside each field that is missing or does not hold.
    pub fn read(self, typed: &Typed, opens_on: NaiveDate, today: NaiveDate) -> Result<Said, Refused> {
        let mut refused = Refused::default();
        let reason = plain(&typed.reason);
        if self.needs_reason() && reason.is_empty() {
            refused.reason = "Donnez le motif : la direction le verra en premier.".into();
        } else if reason.chars().count() > REASON_MAX {
            refused.reason = format!("Ce motif dépasse {REASON_MAX} caractères.");
        } else if reason.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            refused.reason = "Ce motif contient un caractère qui ne peut pas être conservé.".into();
        }
        let session_on = typed.session_on.trim().parse::<NaiveDate>().ok().filter(|_| self.needs_session());
        if self.needs_session() {
            refused.session_on = match session_on {
                None => "Indiquez le jour de la séance du directoire.".into(),
                Some(day) if day > today => "Cette séance n’a pas encore eu lieu.".into(),
                Some(day) if day < opens_on => {
                    format!("La campagne ne s’est ouverte que le {}.", date::short(opens_on))
                }
                Some(_) => String::new(),
            };
        }
        if refused == Refused::default() {
            Ok(Said { reason: Some(reason).filter(|reason| !reason.is_empty()), session_on })
        } else {
            Err(refused)
        }
    }
}

/// What the form of a transition holds, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The reason.
    pub reason: String,
    /// The day of the séance.
    pub session_on: String,
}

/// The same, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Why.
    pub reason: Option<String>,
    /// The séance.
    pub session_on: Option<NaiveDate>,
}

/// What is wrong with each field; empty for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// Of the reason.
    pub reason: String,
    /// Of the day of the séance.
    pub session_on: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Thing, Who, may_edit};
    use crate::accounts::model::{Grant, Role, Scope, User};

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 9, 12).unwrap();
    const OPENING: NaiveDate = NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();

    fn user(role: Role) -> User {
        let scope = match role {
            Role::Director => Scope::Structure { id: 7, code: "iut".into() },
            Role::Contributor => Scope::Items { plan_id: 3, plan: "p".into(), items: vec!["13".into()] },
            _ => Scope::Establishment,
        };
        let grants = vec![Grant { role, scope, starts_on: None, ends_on: None }];
        User { account_id: 1, email: "a@demo.invalid".into(), function: "Fonction".into(), grants }
    }

    /// What each role may do somewhere.
    type Moves = &'static [(Role, &'static [Transition])];

    /// Every state, with what each role may do there.
    const TABLE: &[(DialogueState, Moves)] = {
        use Transition::{Closure, Recall, Reopening, Return, Review, Submission, Validation};
        &[
            (DialogueState::ToOpen, &[]),
            (DialogueState::Entry, &[(Role::Director, &[Submission])]),
            (DialogueState::Submitted, &[(Role::Director, &[Recall]), (Role::Directoire, &[Review])]),
            (DialogueState::InReview, &[(Role::Directoire, &[Return, Validation])]),
            (DialogueState::Returned, &[]),
            (DialogueState::Validated, &[(Role::Directoire, &[Reopening, Closure])]),
            (DialogueState::Closed, &[]),
        ]
    };

    #[test]
    fn every_state_and_role_has_its_moves_and_no_other() {
        assert_eq!(TABLE.len(), DialogueState::ALL.len());
        for (state, may) in TABLE {
            for role in Role::ALL {
                let user = user(*role);
                let allowed: Vec<Transition> = Transition::ALL
                    .iter()
                    .copied()
                    .filter(|it| it.stale(*state).is_none())
                    .filter(|it| {
                        it.party().is_some_and(|party| {
                            may_edit(Who::User(&user), &Thing::Dialogue { structure_id: 7, party }, TODAY).allowed()
                        })
                    })
                    .collect();
                let expected = may.iter().find(|(who, _)| who == role).map_or(&[][..], |(_, moves)| moves);
                assert_eq!(allowed, expected, "{state:?} {role:?}");
            }
            let offered: Vec<Transition> = Transition::from_state(*state).collect();
            assert_eq!(offered.len(), may.iter().map(|(_, moves)| moves.len()).sum::<usize>(), "{state:?}");
        }
    }

    #[test]
    fn nothing_leaves_what_is_closed_and_only_what_is_open_is_edited() {
        assert!(Transition::ALL.iter().all(|it| it.path().0 != DialogueState::Closed));
        for it in Transition::ALL {
            let (from, to) = it.path();
            // What unfreezes leads to an open dialogue, out of one that was not.
            assert_eq!(it.unfreezes(), from.freezes() && to.is_open(), "{it:?}");
        }
    }

    #[test]
    fn what_someone_asks_for_has_an_address() {
        assert!(Transition::ALL.iter().all(|it| it.noun().is_some() == it.party().is_some()));
    }

    #[test]
    fn a_return_and_a_reopening_say_why_and_a_validation_names_its_seance() {
        let read = |it: Transition, reason: &str, session_on: &str| {
            it.read(&Typed { reason: reason.into(), session_on: session_on.into() }, OPENING, TODAY)
        };
        for it in Transition::ALL {
            assert_eq!(read(*it, " ", "").is_err(), it.needs_reason() || it.needs_session(), "{it:?}");
        }
        assert_eq!(read(Transition::Return, " à revoir ", "").unwrap().reason.as_deref(), Some("à revoir"));
        assert!(read(Transition::Return, &"x".repeat(REASON_MAX + 1), "").is_err());
        assert!(read(Transition::Validation, "", "2025-09-13").unwrap_err().session_on.contains("pas encore"));
        assert!(read(Transition::Validation, "", "2025-08-31").unwrap_err().session_on.contains("1er sept. 2025"));
        assert_eq!(read(Transition::Validation, "", "2025-09-12").unwrap().session_on, Some(TODAY));
        assert_eq!(read(Transition::Closure, "", "2025-09-12").unwrap(), Said::default());
    }
}
