//! An avenant: what it changes, who agreed to it, where it stands (docs/regles.md §9).

use std::collections::HashSet;

use chrono::NaiveDate;

use crate::access::Party;
use crate::kernel::canonical::Fields;
use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of an avenant in the journal, which the document's kinds share.
pub const AVENANT_KIND: &str = "avenant";
/// Longest reason, in characters; the forms' `maxlength` and the checks share it.
pub const TEXT_MAX: usize = 2_000;
/// What stands in addresses where a code would: no avenant is called so.
const RESERVED: &str = "new";

words! {
    /// What a change is about.
    pub enum Subject {
        /// The target of a measure, its yearly ones included.
        Target = "cible",
        /// The date of a jalon.
        Jalon = "jalon",
        /// The definition of an indicator.
        Indicator = "indicateur",
        /// The definition of a measure.
        Measure = "mesure",
    }
}

impl Subject {
    /// Heading of a list of them.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Target => "Cibles",
            Self::Jalon => "Échéances des jalons",
            Self::Indicator => "Définitions des indicateurs",
            Self::Measure => "Définitions des mesures",
        }
    }

    /// « Cible de la mesure 13.a », « Échéance du jalon J3 ».
    pub fn name(self, code: &str) -> String {
        match self {
            Self::Target => format!("Cible de la mesure {code}"),
            Self::Jalon => format!("Échéance du jalon {code}"),
            Self::Indicator => format!("Définition de l’indicateur {code}"),
            Self::Measure => format!("Définition de la mesure {code}"),
        }
    }

    /// The same within a sentence: « cible de la mesure 13.a ».
    pub fn within(self, code: &str) -> String {
        let name = self.name(code);
        let mut chars = name.chars();
        chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
    }

    /// The fields that an avenant may change, as the shape writes them. Others, a period kind, a numerator, decide which
    /// figures there are: changing them would leave those already entered without meaning.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Target => &["figure", "yearly"],
            Self::Jalon => &["precision", "due_on"],
            Self::Indicator => {
                &["label", "unit", "scope", "calculation", "source", "availability", "origin", "referents", "comment"]
            }
            Self::Measure => &[
                "label",
                "unit",
                "unit_kind",
                "scope",
                "calculation",
                "reference",
                "nature",
                "direction",
                "tolerance",
                "better_side",
            ],
        }
    }
}

record! {
    /// One thing that an avenant changes, field by field: two avenants that change two fields of one thing both hold.
    pub struct Change {
        /// What it is about.
        pub kind: Subject,
        /// Code of the measure, the jalon or the indicator.
        pub code: Code,
        /// The fields that change, as they were; one that was not there is not there.
        pub before: Fields,
        /// As they become; one that goes is not there.
        pub after: Fields,
    }
}

impl Change {
    /// The fields that change.
    pub fn keys(&self) -> Vec<&str> {
        let known = self.kind.fields().iter().copied();
        known.filter(|key| self.before.0.contains_key(*key) || self.after.0.contains_key(*key)).collect()
    }
}

record! {
    /// What one of the two parties agreed to.
    pub struct Accord {
        /// When.
        pub on: NaiveDate,
        /// Who, by function.
        pub by: String,
    }
}

record! {
    /// Why an avenant goes no further.
    pub struct Abandonment {
        /// When.
        pub on: NaiveDate,
        /// Who, by function.
        pub by: String,
        /// Why.
        pub reason: String,
    }
}

record! {
    /// What is said of an avenant, its changes apart: the form of its page.
    pub struct Content {
        /// Reference of the act.
        pub reference: Option<String>,
        /// Its date.
        pub dated_on: Option<NaiveDate>,
        /// Why.
        pub reason: String,
        /// The deliberation, when there was one.
        pub deliberation: Option<String>,
    }
}

record! {
    /// An avenant of a signed contract.
    pub struct Avenant {
        /// 1, 2, 3…: « avenant 1 ».
        pub code: Code,
        /// Reference of the act.
        pub reference: Option<String>,
        /// Its date.
        pub dated_on: Option<NaiveDate>,
        /// Why.
        pub reason: String,
        /// The deliberation, when there was one.
        pub deliberation: Option<String>,
        /// What it changes.
        pub changes: Vec<Change>,
        /// The accord of the structure's direction.
        pub director: Option<Accord>,
        /// The accord of the directoire.
        pub directoire: Option<Accord>,
        /// The campaign whose opening brought it into force.
        pub since: Option<i32>,
        /// Why it goes no further.
        pub abandoned: Option<Abandonment>,
    }
}

/// Where an avenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Written, and not agreed by both.
    Prepared,
    /// Agreed by both: the next campaign opened brings it into force.
    Agreed,
    /// In force since the campaign of this year.
    InForce(i32),
    /// Given up.
    Abandoned,
}

impl State {
    /// As shown.
    pub fn label(self) -> String {
        match self {
            Self::Prepared => "Préparé".into(),
            Self::Agreed => "Accordé".into(),
            Self::InForce(year) => format!("En vigueur depuis la campagne {year}"),
            Self::Abandoned => "Abandonné".into(),
        }
    }

    /// Name of its pill and icon.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Prepared => "saisie",
            Self::Agreed => "valide",
            Self::InForce(_) => "atteinte",
            Self::Abandoned => "abandonne",
        }
    }

    /// Its content may still change, and its accords be given or withdrawn.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Prepared | Self::Agreed)
    }
}

/// « l’accord de la direction », « l’accord du directoire ».
pub const fn accord_of(party: Party) -> &'static str {
    match party {
        Party::Director => "l’accord de la direction",
        Party::Directoire => "l’accord du directoire",
    }
}

impl Avenant {
    /// One that begins.
    pub fn new(code: Code, content: Content) -> Self {
        let Content { reference, dated_on, reason, deliberation } = content;
        Self {
            code,
            reference,
            dated_on,
            reason,
            deliberation,
            changes: Vec::new(),
            director: None,
            directoire: None,
            since: None,
            abandoned: None,
        }
    }

    /// « Avenant 1 ».
    pub fn name(&self) -> String {
        format!("Avenant {}", self.code)
    }

    /// Why the changes that it brings are made, for the journal.
    pub fn why(&self) -> String {
        format!("{} : {}", self.name(), self.reason)
    }

    /// Where it stands.
    pub const fn state(&self) -> State {
        match (&self.abandoned, self.since) {
            (Some(_), _) => State::Abandoned,
            (None, Some(year)) => State::InForce(year),
            (None, None) if self.director.is_some() && self.directoire.is_some() => State::Agreed,
            (None, None) => State::Prepared,
        }
    }

    /// The accord of a party.
    pub const fn accord(&self, party: Party) -> Option<&Accord> {
        match party {
            Party::Director => self.director.as_ref(),
            Party::Directoire => self.directoire.as_ref(),
        }
    }

    /// Whether it waits for the accord of a party: there is something to agree to, and it is not agreed yet.
    pub const fn waits_for(&self, party: Party) -> bool {
        self.state().is_open() && self.accord(party).is_none() && self.lacks().is_none()
    }

    /// What it says, its changes apart.
    pub fn content(&self) -> Content {
        Content {
            reference: self.reference.clone(),
            dated_on: self.dated_on,
            reason: self.reason.clone(),
            deliberation: self.deliberation.clone(),
        }
    }

    /// With another content. An accord is on what was read: whatever changes of it takes back those already given.
    #[must_use]
    pub fn with_content(&self, content: Content) -> Self {
        let Content { reference, dated_on, reason, deliberation } = content;
        self.revised(Self { reference, dated_on, reason, deliberation, ..self.clone() })
    }

    /// With this change in the place of the one about the same thing; `None` takes it away.
    #[must_use]
    pub fn with_change(&self, kind: Subject, code: &Code, change: Option<Change>) -> Self {
        let mut changes = self.changes.clone();
        let at = changes.iter().position(|it| it.kind == kind && it.code == *code);
        match (at, change) {
            (Some(at), Some(change)) => changes[at] = change,
            (Some(at), None) => drop(changes.remove(at)),
            (None, Some(change)) => changes.push(change),
            (None, None) => {}
        }
        self.revised(Self { changes, ..self.clone() })
    }

    fn revised(&self, after: Self) -> Self {
        if after == *self { after } else { Self { director: None, directoire: None, ..after } }
    }

    /// Whether an edit took accords back.
    pub const fn lost_accords(&self, after: &Self) -> bool {
        (self.director.is_some() && after.director.is_none())
            || (self.directoire.is_some() && after.directoire.is_none())
    }

    /// The change about a thing.
    pub fn change(&self, kind: Subject, code: &str) -> Option<&Change> {
        self.changes.iter().find(|it| it.kind == kind && it.code.as_str() == code)
    }

    /// What it lacks before anyone may agree to it.
    pub const fn lacks(&self) -> Option<&'static str> {
        if self.changes.is_empty() {
            Some("Cet avenant ne change encore rien : ajoutez-lui un changement avant de l’accorder.")
        } else if self.reference.is_none() || self.dated_on.is_none() {
            Some("Indiquez la référence et la date de l’avenant avant de l’accorder.")
        } else {
            None
        }
    }

    /// Agreed by a party. Agreeing again changes nothing.
    ///
    /// # Errors
    /// A sentence: it is not open any more, it lacks something, or the same person already gave the other accord.
    pub fn agree(&self, party: Party, today: NaiveDate, by: &str) -> Result<Self, String> {
        self.open()?;
        if let Some(lacks) = self.lacks() {
            return Err(lacks.into());
        }
        let other = match party {
            Party::Director => Party::Directoire,
            Party::Directoire => Party::Director,
        };
        if self.accord(other).is_some_and(|it| it.by == by) {
            let given = accord_of(other);
            return Err(format!("Les deux accords viennent de deux personnes : {given} a été donné par « {by} »."));
        }
        if self.accord(party).is_some() {
            return Ok(self.clone());
        }
        let accord = Some(Accord { on: today, by: by.to_owned() });
        Ok(match party {
            Party::Director => Self { director: accord, ..self.clone() },
            Party::Directoire => Self { directoire: accord, ..self.clone() },
        })
    }

    /// A party takes its accord back.
    ///
    /// # Errors
    /// A sentence: it is not open any more.
    pub fn withdraw(&self, party: Party) -> Result<Self, String> {
        self.open()?;
        Ok(match party {
            Party::Director => Self { director: None, ..self.clone() },
            Party::Directoire => Self { directoire: None, ..self.clone() },
        })
    }

    /// Given up, for a reason.
    ///
    /// # Errors
    /// A sentence: it is not open any more, or there is no reason.
    pub fn abandon(&self, today: NaiveDate, by: &str, reason: &str) -> Result<Self, String> {
        self.open()?;
        let reason = checked(reason, "Indiquez pourquoi cet avenant est abandonné.")?;
        Ok(Self { abandoned: Some(Abandonment { on: today, by: by.to_owned(), reason }), ..self.clone() })
    }

    /// Whether it may still change.
    ///
    /// # Errors
    /// A sentence.
    pub fn open(&self) -> Result<(), String> {
        match self.state() {
            State::Prepared | State::Agreed => Ok(()),
            State::InForce(year) => Err(format!(
                "Cet avenant est en vigueur depuis la campagne {year} : il ne change plus. Un autre avenant peut le suivre."
            )),
            State::Abandoned => Err("Cet avenant est abandonné : il ne change plus. Préparez-en un autre.".into()),
        }
    }

    /// What does not hold together, as field and sentence: what the document's checks report.
    pub fn incoherences(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut say = |field: &str, sentence: &str| found.push((field.to_owned(), sentence.to_owned()));
        if self.code.as_str() == RESERVED {
            say("code", "ce code est réservé.");
        }
        if self.since.is_some() && (self.director.is_none() || self.directoire.is_none()) {
            say("since", "un avenant en vigueur a les deux accords.");
        }
        if self.since.is_some() && self.abandoned.is_some() {
            say("abandoned", "un avenant en vigueur n’est pas abandonné.");
        }
        let mut seen = HashSet::new();
        for (index, it) in self.changes.iter().enumerate() {
            let keys = it.before.0.keys().chain(it.after.0.keys());
            if !seen.insert((it.kind, &it.code)) {
                say(&format!("changes[{index}]"), "ce qu’il change y est deux fois.");
            }
            if let Some(key) = keys.into_iter().find(|key| !it.kind.fields().contains(&key.as_str())) {
                let shown: String = key.chars().take(60).collect();
                say(&format!("changes[{index}]"), &format!("un avenant ne change pas le champ « {shown} »."));
            }
            if it.keys().is_empty() || it.before == it.after {
                say(&format!("changes[{index}]"), "ce changement ne change rien.");
            }
        }
        found
    }
}

/// A text that must be said: neither empty nor endless.
///
/// # Errors
/// A sentence.
pub fn checked(text: &str, missing: &str) -> Result<String, String> {
    let text = text.trim().replace("\r\n", "\n");
    match text.chars().count() {
        0 => Err(missing.into()),
        count if count > TEXT_MAX => Err(format!("Le texte dépasse {TEXT_MAX} caractères.")),
        _ if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') => {
            Err("Le texte contient un caractère qui ne peut pas être conservé.".into())
        }
        _ => Ok(text),
    }
}

/// The code of the next avenant of a plan.
pub fn next_code<'a>(taken: impl Iterator<Item = &'a Code>) -> Option<Code> {
    let last = taken.filter_map(|code| code.as_str().parse::<u32>().ok()).max().unwrap_or(0);
    Code::new(&last.checked_add(1)?.to_string())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::{Map, Value, json};

    /// A code.
    pub fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    /// Fields of a shape.
    pub fn fields(value: &Value) -> Fields {
        Fields(value.as_object().cloned().unwrap_or_else(Map::new))
    }

    /// A change.
    pub fn change(kind: Subject, of: &str, before: &Value, after: &Value) -> Change {
        Change { kind, code: code(of), before: fields(before), after: fields(after) }
    }

    /// An avenant that changes the label of an indicator.
    pub fn avenant() -> Avenant {
        let content = Content {
            reference: Some("CA 2026-31".into()),
            dated_on: NaiveDate::from_ymd_opt(2026, 6, 12),
            reason: "Ouverture d’un troisième parcours".into(),
            deliberation: None,
        };
        let label = change(Subject::Indicator, "4", &json!({"label": "Alternants"}), &json!({"label": "Apprentis"}));
        Avenant::new(code("1"), content).with_change(Subject::Indicator, &code("4"), Some(label))
    }

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 20).unwrap();

    fn agreed() -> Avenant {
        let half = avenant().agree(Party::Director, TODAY, "Direction de l’IUT").unwrap();
        assert_eq!(half.state(), State::Prepared);
        half.agree(Party::Directoire, TODAY, "Directoire").unwrap()
    }

    #[test]
    fn two_people_agree_and_either_may_take_it_back() {
        let it = agreed();
        assert_eq!(it.state(), State::Agreed);
        assert_eq!(it.withdraw(Party::Director).unwrap().state(), State::Prepared);
        assert_eq!(it.agree(Party::Director, TODAY.succ_opt().unwrap(), "Direction de l’IUT").unwrap(), it);
        let alone = avenant().agree(Party::Director, TODAY, "Présidence").unwrap();
        let refused = alone.agree(Party::Directoire, TODAY, "Présidence").unwrap_err();
        assert!(refused.contains("deux personnes"), "{refused}");
        assert!(alone.waits_for(Party::Directoire) && !alone.waits_for(Party::Director));
    }

    #[test]
    fn nobody_agrees_to_nothing() {
        let empty = avenant().with_change(Subject::Indicator, &code("4"), None);
        assert!(empty.agree(Party::Director, TODAY, "x").unwrap_err().contains("ne change encore rien"));
        assert!(!empty.waits_for(Party::Director));
        let undated = avenant().with_content(Content { dated_on: None, ..avenant().content() });
        assert!(undated.agree(Party::Director, TODAY, "x").unwrap_err().contains("la date"));
    }

    #[test]
    fn whatever_is_edited_takes_the_accords_back_and_nothing_edited_does_not() {
        let it = agreed();
        let same = it.with_content(it.content());
        assert_eq!((same.state(), it.lost_accords(&same)), (State::Agreed, false));
        let edited = it.with_content(Content { reason: "Autre raison".into(), ..it.content() });
        assert_eq!((edited.state(), it.lost_accords(&edited)), (State::Prepared, true));
        let more = change(Subject::Target, "4", &json!({}), &json!({"figure": {"status": "NR"}}));
        let changed = it.with_change(Subject::Target, &code("4"), Some(more));
        assert_eq!((changed.changes.len(), changed.state()), (2, State::Prepared));
        let kept = it.with_change(Subject::Indicator, &code("4"), it.change(Subject::Indicator, "4").cloned());
        assert_eq!(kept, it);
    }

    #[test]
    fn what_is_in_force_or_given_up_does_not_move() {
        let in_force = Avenant { since: Some(2027), ..agreed() };
        assert_eq!(in_force.state(), State::InForce(2027));
        assert!(in_force.withdraw(Party::Director).unwrap_err().contains("campagne 2027"));
        assert!(in_force.abandon(TODAY, "x", "y").is_err());
        assert!(avenant().abandon(TODAY, "x", "  ").is_err());
        let abandoned = avenant().abandon(TODAY, "SAPCG", "Devenu inutile").unwrap();
        assert_eq!(abandoned.state(), State::Abandoned);
        assert!(abandoned.agree(Party::Director, TODAY, "x").unwrap_err().contains("abandonné"));
    }

    #[test]
    fn the_check_of_a_document_sees_what_does_not_hold() {
        assert_eq!(avenant().incoherences(), []);
        let told = |it: Avenant| it.incoherences().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(told(Avenant { since: Some(2027), ..avenant() }), ["since"]);
        assert_eq!(told(Avenant { code: code("new"), ..avenant() }), ["code"]);
        let mut odd = avenant();
        odd.changes.push(change(Subject::Measure, "4", &json!({}), &json!({"is_quotient": true})));
        assert_eq!(told(odd), ["changes[1]", "changes[1]"]);
        let mut twice = avenant();
        twice.changes.push(twice.changes[0].clone());
        assert_eq!(told(twice), ["changes[1]"]);
    }

    #[test]
    fn a_thing_keeps_the_case_of_its_code_within_a_sentence() {
        assert_eq!(Subject::Jalon.name("J3"), "Échéance du jalon J3");
        assert_eq!(Subject::Jalon.within("J3"), "échéance du jalon J3");
    }

    #[test]
    fn avenants_are_numbered() {
        let taken = [code("1"), code("ancien"), code("4")];
        assert_eq!(next_code(taken.iter()), Some(code("5")));
        assert_eq!(next_code([].iter()), Some(code("1")));
    }
}
