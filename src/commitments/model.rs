//! Headings, actions, requests, envelopes, the establishment's commitments, and who may move them.

use rust_decimal::Decimal;

use crate::arbitrages::amendment::{Course, RequestAsked};
pub use crate::arbitrages::amendment::{Quantity, QuantityRole};
use crate::kernel::ids::Code;
use crate::{record, words};

/// Words of these elements in the journal, which the document's kinds share.
pub const ACTION_KIND: &str = "action";
/// See [`ACTION_KIND`].
pub const REQUEST_KIND: &str = "demande";
/// See [`ACTION_KIND`].
pub const COMMITMENT_KIND: &str = "engagement";

/// The words of what Engagements shows, in the journal: whoever does not read it does not read these.
pub const KINDS: &[&str] = &[
    ACTION_KIND,
    REQUEST_KIND,
    COMMITMENT_KIND,
    "volet",
    "enveloppe",
    "condition",
    "arbitrage/demande",
    "arbitrage/volet",
    "amendement/demande",
    "avis/demande",
];

/// Longest note or owner, in characters.
pub const NOTE_MAX: usize = 1_000;

record! {
    /// A heading of the structure's commitments: its decision, when there is one, is its requests' too.
    pub struct Heading {
        /// Stable code.
        pub code: Code,
        /// Title as printed.
        pub title: String,
    }
}

words! {
    /// Where an action stands.
    pub enum ActionState {
        /// Not begun.
        Planned = "prevue",
        /// Going on.
        Ongoing = "en_cours",
        /// Done.
        Done = "faite",
        /// Given up.
        Dropped = "abandonnee",
    }
}

impl ActionState {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Planned => "Prévue",
            Self::Ongoing => "En cours",
            Self::Done => "Faite",
            Self::Dropped => "Abandonnée",
        }
    }

    /// Its pill, one of the states that mean the same to a reader.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Planned => "sans-donnee",
            Self::Ongoing => "conforme",
            Self::Done => "atteinte",
            Self::Dropped => "non-applicable",
        }
    }
}

record! {
    /// What the structure does under a heading.
    pub struct Action {
        /// Stable code.
        pub code: Code,
        /// Its heading.
        pub heading: Code,
        /// As printed.
        pub label: String,
        /// A service or a function.
        pub owner: Option<String>,
        /// Where it stands.
        pub state: ActionState,
        /// What to say of it.
        pub note: Option<String>,
        /// « donnée fictive », or where it comes from.
        pub provenance: Option<String>,
    }
}

record! {
    /// A means asked for.
    pub struct Request {
        /// Stable code, by which arbitrages name it.
        pub code: Code,
        /// Its heading, when it hangs from one.
        pub heading: Option<Code>,
        /// Its objective, when it hangs from one.
        pub node: Option<Code>,
        /// As printed.
        pub label: String,
        /// How much.
        pub quantities: Vec<Quantity>,
    }
}

impl Request {
    /// What it asks, apart from where it hangs.
    pub fn asked(&self) -> RequestAsked {
        RequestAsked { label: self.label.clone(), quantities: self.quantities.clone() }
    }

    /// The request as it is asked now.
    #[must_use]
    pub fn amended(&self, course: &Course) -> Self {
        match course.amended().and_then(|it| it.request.clone()) {
            Some(RequestAsked { label, quantities }) => Self { label, quantities, ..self.clone() },
            None => self.clone(),
        }
    }
}

record! {
    /// What was used of an envelope in a year.
    pub struct EnvelopeUse {
        /// The year.
        pub year: i32,
        /// In the envelope's unit.
        pub amount: Decimal,
    }
}

record! {
    /// A ceiling in another unit than euros.
    pub struct Envelope {
        /// Stable code.
        pub code: Code,
        /// The request it answers.
        pub request: Code,
        /// What it is for.
        pub label: String,
        /// The ceiling.
        pub ceiling: Decimal,
        /// Its unit: h éq TD.
        pub unit: String,
        /// From what it is counted.
        pub baseline: Option<String>,
        /// How it is revised.
        pub revision: Option<String>,
        /// What was used, year by year.
        pub used: Vec<EnvelopeUse>,
    }
}

words! {
    /// Whether the establishment kept its word in a year.
    pub enum Kept {
        /// Yes.
        Yes = "tenu",
        /// In part.
        Partly = "tenu_en_partie",
        /// No.
        No = "non_tenu",
    }
}

impl Kept {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Yes => "Tenu",
            Self::Partly => "Tenu en partie",
            Self::No => "Non tenu",
        }
    }

    /// Its pill.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Yes => "atteinte",
            Self::Partly => "en-retard",
            Self::No => "en-recul",
        }
    }
}

record! {
    /// The state of a commitment in a year.
    pub struct CommitmentYear {
        /// The year.
        pub year: i32,
        /// Kept or not.
        pub kept: Kept,
        /// Why, or how much.
        pub note: Option<String>,
    }
}

record! {
    /// What the establishment commits to.
    pub struct Commitment {
        /// Stable code.
        pub code: Code,
        /// Emplois, budget, méthode…
        pub volet: String,
        /// In the contract's terms.
        pub text: String,
        /// How much; absent is NR.
        pub quantity: Option<Quantity>,
        /// From what it is counted; absent is NR.
        pub baseline: Option<String>,
        /// The service that answers for it.
        pub owner: Option<String>,
        /// Its state each year.
        pub years: Vec<CommitmentYear>,
    }
}

/// Why a form comes back: at which field, and a French sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Name of the field.
    pub field: &'static str,
    /// What is expected.
    pub sentence: String,
}

fn refused(field: &'static str, sentence: impl Into<String>) -> Refused {
    Refused { field, sentence: sentence.into() }
}

/// A short text of a form: trimmed, bounded, no control characters; empty is none.
fn short(field: &'static str, text: &str) -> Result<Option<String>, Refused> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > NOTE_MAX {
        return Err(refused(field, format!("Ce texte dépasse {NOTE_MAX} caractères.")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(refused(field, "Ce texte contient un caractère qui ne peut pas être conservé."));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

impl Action {
    /// The action as a director's form says it. Giving up asks why.
    pub fn updated(&self, state: &str, owner: &str, note: &str) -> Result<Self, Refused> {
        let state =
            ActionState::from_word(state).ok_or_else(|| refused("state", "Choisissez un état dans la liste."))?;
        let (owner, note) = (short("owner", owner)?, short("note", note)?);
        if state == ActionState::Dropped && note.is_none() {
            return Err(refused("note", "Dites pourquoi l’action est abandonnée."));
        }
        let changed = Self { owner, state, note, ..self.clone() };
        let provenance = if changed == *self { self.provenance.clone() } else { None };
        Ok(Self { provenance, ..changed })
    }
}

impl Commitment {
    /// The commitment with its state for a year; a year has one state, the last said.
    pub fn in_year(
        &self,
        year: &str,
        kept: &str,
        note: &str,
        years: std::ops::RangeInclusive<i32>,
    ) -> Result<Self, Refused> {
        let year = year.trim().parse().ok().filter(|year| years.contains(year)).ok_or_else(|| {
            refused("year", format!("Une année du contrat est attendue, de {} à {}.", years.start(), years.end()))
        })?;
        let kept = Kept::from_word(kept).ok_or_else(|| refused("kept", "Choisissez un état dans la liste."))?;
        let note = short("note", note)?;
        if kept != Kept::Yes && note.is_none() {
            return Err(refused("note", "Dites ce qui manque."));
        }
        let mut changed = self.clone();
        changed.years.retain(|it| it.year != year);
        changed.years.push(CommitmentYear { year, kept, note });
        changed.years.sort_by_key(|it| it.year);
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn action() -> Action {
        Action {
            code: Code::new("A1.1").unwrap(),
            heading: Code::new("V1").unwrap(),
            label: "Travailler avec les partenaires locaux".into(),
            owner: None,
            state: ActionState::Planned,
            note: None,
            provenance: None,
        }
    }

    #[test]
    fn an_action_given_up_says_why() {
        assert_eq!(action().updated("abandonnee", "", " ").unwrap_err().field, "note");
        let dropped = action().updated("abandonnee", "Direction", "plus de partenaire").unwrap();
        assert_eq!((dropped.state, dropped.owner.as_deref()), (ActionState::Dropped, Some("Direction")));
        assert_eq!(action().updated("inconnu", "", "").unwrap_err().field, "state");
    }

    #[rstest]
    #[case("2023", "tenu", "", None)]
    #[case("2019", "tenu", "", Some("year"))]
    #[case("demain", "tenu", "", Some("year"))]
    #[case("2023", "oui", "", Some("kept"))]
    #[case("2023", "non_tenu", "", Some("note"))]
    fn a_year_of_the_contract_has_one_state(
        #[case] year: &str,
        #[case] kept: &str,
        #[case] note: &str,
        #[case] field: Option<&str>,
    ) {
        let commitment = Commitment {
            code: Code::new("E1").unwrap(),
            volet: "Emplois".into(),
            text: "Maintenir le nombre global d’emplois".into(),
            quantity: None,
            baseline: None,
            owner: None,
            years: vec![CommitmentYear { year: 2023, kept: Kept::No, note: Some("un poste de moins".into()) }],
        };
        let changed = commitment.in_year(year, kept, note, 2021..=2026);
        assert_eq!(changed.as_ref().err().map(|refused| refused.field), field);
        if let Ok(changed) = changed {
            assert_eq!(changed.years.len(), 1);
        }
    }
}
