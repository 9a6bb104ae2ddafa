//! A réserve de lecture: what it touches, its readings, the one in use, and how it is settled (docs/regles.md §7).

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};

use crate::accounts::model::User;
use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of a réserve in the journal, which the document's kinds share.
pub const RESERVE_KIND: &str = "reserve";
/// Longest reason, in characters; the forms' `maxlength` and the checks share it.
pub const REASON_MAX: usize = 2_000;
/// How long the director finds a settlement in the inbox, in days.
pub const TOLD_DAYS: i64 = 60;

words! {
    /// What caused the inconsistency.
    pub enum Origin {
        /// The document itself.
        Document = "document",
        /// The conversion of its file into text.
        Conversion = "conversion",
        /// One of the two, nobody knows which.
        Undetermined = "indeterminee",
    }
}

impl Origin {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Document => "le document",
            Self::Conversion => "la conversion du fichier",
            Self::Undetermined => "indéterminée",
        }
    }
}

words! {
    /// What kind of thing a réserve touches.
    pub enum Subject {
        /// The document as a whole.
        Document = "document",
        /// A level of the tree.
        Node = "objectif",
        /// A fiche.
        Indicator = "indicateur",
        /// A jalon, or a group of them.
        Jalon = "jalon",
        /// A post line.
        Post = "poste",
        /// A printed table of posts.
        PostTable = "tableau_postes",
        /// Recruitment potential.
        Potential = "potentiel",
        /// A heading of the structure's commitments.
        Heading = "volet",
        /// A means asked for.
        Request = "demande",
        /// What the establishment commits to.
        Commitment = "engagement",
        /// A line of Annexe 3.
        BudgetLine = "ligne_budgetaire",
        /// A step of the adoption.
        Step = "adoption",
    }
}

impl Subject {
    /// « Jalon », « Jalons », before the codes.
    pub const fn label(self, several: bool) -> &'static str {
        match (self, several) {
            (Self::Document, _) => "Le document entier",
            (Self::Node, _) => "Arbre",
            (Self::Indicator, false) => "Indicateur",
            (Self::Indicator, true) => "Indicateurs",
            (Self::Jalon, false) => "Jalon",
            (Self::Jalon, true) => "Jalons",
            (Self::Post, false) => "Poste",
            (Self::Post, true) => "Postes",
            (Self::PostTable, false) => "Tableau de postes",
            (Self::PostTable, true) => "Tableaux de postes",
            (Self::Potential, _) => "Potentiel",
            (Self::Heading, false) => "Volet",
            (Self::Heading, true) => "Volets",
            (Self::Request, false) => "Demande",
            (Self::Request, true) => "Demandes",
            (Self::Commitment, false) => "Engagement",
            (Self::Commitment, true) => "Engagements",
            (Self::BudgetLine, false) => "Ligne budgétaire",
            (Self::BudgetLine, true) => "Lignes budgétaires",
            (Self::Step, _) => "Adoption",
        }
    }
}

words! {
    /// How precisely a reading says when.
    pub enum Precision {
        /// By the month's last day.
        Month = "mois",
        /// By 31 December.
        Year = "annee",
    }
}

record! {
    /// A thing that a réserve touches.
    pub struct Touched {
        /// What kind of thing.
        pub subject: Subject,
        /// Its code; absent for the document as a whole.
        pub code: Option<Code>,
    }
}

record! {
    /// The date that a reading gives to a jalon.
    pub struct DateRead {
        /// The jalon.
        pub jalon: Code,
        /// The last day that still keeps it.
        pub due_on: NaiveDate,
        /// How precisely it is said.
        pub precision: Precision,
    }
}

record! {
    /// One way to read the document.
    pub struct Reading {
        /// `a`, `b`: its code in the réserve.
        pub code: Code,
        /// What is read.
        pub text: String,
        /// Where: « corps, ligne 286 ».
        pub place: Option<String>,
        /// The dates it gives to jalons, when it is about dates.
        pub dates: Vec<DateRead>,
    }
}

record! {
    /// How a réserve was settled.
    pub struct Settlement {
        /// The reading chosen.
        pub reading: Code,
        /// Why.
        pub reason: String,
        /// When.
        pub settled_on: NaiveDate,
        /// By which function.
        pub settled_by: String,
    }
}

record! {
    /// An inconsistency of the document, the readings, the one in use.
    pub struct Reserve {
        /// `R02`.
        pub code: Code,
        /// What caused it.
        pub origin: Origin,
        /// What does not agree, in a few words.
        pub label: String,
        /// What it touches.
        pub touches: Vec<Touched>,
        /// Lines of the source document, in order.
        pub lines: Vec<i32>,
        /// The ways to read it.
        pub readings: Vec<Reading>,
        /// The one that serves while nobody settled it.
        pub in_use: Code,
        /// Why that one serves.
        pub why: Option<String>,
        /// How it was settled; absent while it is open.
        pub settlement: Option<Settlement>,
    }
}

/// What one must read to see some things (docs/regles.md §8): posts, commitments and budget have their readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sight {
    posts: bool,
    commitments: bool,
    budget: bool,
}

impl Sight {
    /// Of all these things at once.
    pub fn of(things: &[Touched]) -> Self {
        let mut sight = Self::default();
        for it in things {
            match it.subject {
                Subject::Post | Subject::PostTable | Subject::Potential => sight.posts = true,
                Subject::Heading | Subject::Request | Subject::Commitment => sight.commitments = true,
                Subject::BudgetLine => sight.budget = true,
                Subject::Document | Subject::Node | Subject::Indicator | Subject::Jalon | Subject::Step => {}
            }
        }
        sight
    }

    /// A person reads all that it takes.
    pub fn is_of(self, user: &User, structure_id: i64) -> bool {
        (!self.posts || user.reads_posts(structure_id))
            && (!self.commitments || user.reads_commitments(structure_id))
            && (!self.budget || user.reads_budget(structure_id))
    }
}

/// Whether a person sees all of these things.
pub fn sees(user: &User, structure_id: i64, things: &[Touched]) -> bool {
    Sight::of(things).is_of(user, structure_id)
}

/// Which field a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The reading chosen.
    Reading,
    /// Why.
    Reason,
}

/// Why a réserve is not settled or reopened: a French sentence a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused(Vec<(At, String)>);

impl Refused {
    /// The sentence of a field; `""` when there is none.
    pub fn at(&self, at: At) -> &str {
        self.0.iter().find(|(place, _)| *place == at).map_or("", |(_, sentence)| sentence.as_str())
    }

    /// Nothing is refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first field to take up again.
    pub fn first(&self) -> Option<At> {
        self.0.first().map(|(at, _)| *at)
    }

    fn note(&mut self, at: At, sentence: impl Into<String>) {
        self.0.push((at, sentence.into()));
    }

    fn or<T>(self, it: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(it) } else { Err(self) }
    }
}

fn check_reason(refused: &mut Refused, reason: &str, missing: &str) {
    if reason.is_empty() {
        refused.note(At::Reason, missing);
    } else if reason.chars().count() > REASON_MAX {
        refused.note(At::Reason, format!("Le texte dépasse {REASON_MAX} caractères."));
    } else if reason.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        refused.note(At::Reason, "Le texte contient un caractère qui ne peut pas être conservé.");
    }
}

impl Reserve {
    /// Nobody settled it yet.
    pub const fn is_open(&self) -> bool {
        self.settlement.is_none()
    }

    /// The reading in force: the one chosen, or the one in use meanwhile. The document's checks keep it among the
    /// readings.
    pub fn reading(&self) -> Option<&Reading> {
        let code = self.settlement.as_ref().map_or(&self.in_use, |it| &it.reading);
        self.readings.iter().find(|it| it.code == *code)
    }

    /// It touches this thing.
    pub fn is_on(&self, subject: Subject, code: Option<&str>) -> bool {
        self.touches.iter().any(|it| it.subject == subject && it.code.as_ref().map(AsRef::as_ref) == code)
    }

    /// Its readings give a jalon different dates.
    pub fn has_dates(&self) -> bool {
        self.readings.iter().any(|it| !it.dates.is_empty())
    }

    /// It shows beside what it touches: the document caused it, or lateness depends on it. The others are in one
    /// folded list.
    pub fn is_shown_beside(&self) -> bool {
        self.origin == Origin::Document || self.has_dates()
    }

    /// Sees it who sees all that it touches.
    pub fn is_seen_by(&self, user: &User, structure_id: i64) -> bool {
        sees(user, structure_id, &self.touches)
    }

    /// Settled by choosing a reading, for a reason. A settled réserve is reopened first: what was decided is not
    /// replaced in passing.
    ///
    /// # Errors
    /// A reading that is not one of its own; no reason; settled already.
    pub fn settle(&self, reading: &str, reason: &str, today: NaiveDate, by: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        let chosen = self.readings.iter().find(|it| it.code.as_str() == reading);
        if !self.is_open() {
            refused.note(At::Reading, "Cette réserve est déjà réglée : rouvrez-la d’abord.");
        } else if chosen.is_none() {
            refused.note(At::Reading, "Choisissez la lecture à retenir.");
        }
        check_reason(&mut refused, reason, "Indiquez pourquoi cette lecture est retenue.");
        let settlement = chosen.map(|it| Settlement {
            reading: it.code.clone(),
            reason: reason.to_owned(),
            settled_on: today,
            settled_by: by.to_owned(),
        });
        refused.or(Self { settlement, ..self.clone() })
    }

    /// Open again, for a reason: the reading in use meanwhile serves once more.
    ///
    /// # Errors
    /// No reason; open already.
    pub fn reopen(&self, reason: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        if self.is_open() {
            refused.note(At::Reason, "Cette réserve est déjà ouverte.");
        } else {
            check_reason(&mut refused, reason, "Indiquez pourquoi la réserve est rouverte.");
        }
        refused.or(Self { settlement: None, ..self.clone() })
    }

    /// Settled recently enough for the director to be told.
    pub fn is_told(&self, today: NaiveDate) -> bool {
        self.settlement.as_ref().is_some_and(|it| (today - it.settled_on).num_days() <= TOLD_DAYS)
    }

    /// What does not hold together, as field and sentence: what the document's checks report.
    pub fn incoherences(&self) -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        let known = |code: &Code| self.readings.iter().any(|it| it.code == *code);
        let codes: HashSet<&Code> = self.readings.iter().map(|it| &it.code).collect();
        if codes.len() != self.readings.len() {
            found.push(("readings", "deux lectures ont le même code."));
        }
        if !known(&self.in_use) {
            found.push(("in_use", "la lecture en usage est l’une des lectures."));
        }
        if self.touches.is_empty() {
            found.push(("touches", "une réserve porte sur quelque chose, au moins sur le document."));
        }
        if self.touches.iter().any(|it| it.code.is_none() != (it.subject == Subject::Document)) {
            found.push(("touches", "un code accompagne tout objet, sauf le document lui-même."));
        }
        if self.lines.iter().any(|line| *line < 1) {
            found.push(("lines", "une ligne du document est un nombre positif."));
        }
        let on: HashSet<&Code> =
            self.touches.iter().filter(|it| it.subject == Subject::Jalon).filter_map(|it| it.code.as_ref()).collect();
        for reading in &self.readings {
            let jalons: HashSet<&Code> = reading.dates.iter().map(|it| &it.jalon).collect();
            if jalons.len() != reading.dates.len() {
                found.push(("readings", "une lecture donne deux dates au même jalon."));
            }
            if !jalons.is_subset(&on) {
                found.push(("readings", "une date est lue pour un jalon sur lequel la réserve ne porte pas."));
            }
            if !reading.dates.iter().all(DateRead::is_last_day) {
                found.push(("readings", "la date lue est le dernier jour du mois, ou le 31 décembre pour une année."));
            }
        }
        if let Some(it) = &self.settlement {
            if !known(&it.reading) {
                found.push(("settlement", "la lecture retenue est l’une des lectures."));
            }
            if it.reason.chars().count() > REASON_MAX {
                found.push(("settlement", "le motif est trop long."));
            }
        }
        found
    }
}

impl DateRead {
    fn is_last_day(&self) -> bool {
        match self.precision {
            Precision::Month => self.due_on.succ_opt().is_some_and(|next| next.day() == 1),
            Precision::Year => (self.due_on.month(), self.due_on.day()) == (12, 31),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::accounts::model::{Grant, Role, Scope};
    use crate::kernel::canonical;
    use rstest::rstest;

    const TODAY: &str = "2025-09-12";

    pub fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The réserves of the signed contract, for the tests of several rooms.
    pub fn signed() -> Vec<Reserve> {
        let document: serde_json::Value = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        canonical::from_text(&document["reserves"].to_string()).unwrap()
    }

    fn reserve(code: &str) -> Reserve {
        signed().into_iter().find(|it| it.code.as_str() == code).unwrap()
    }

    /// One of them, once a reading was chosen.
    pub fn settled(code: &str, reading: &str) -> Reserve {
        reserve(code).settle(reading, "Vérifié au registre", day(TODAY), "SAPCG").unwrap()
    }

    #[test]
    fn the_signed_contract_has_its_reserves() {
        let all = signed();
        let of = |origin| all.iter().filter(|it| it.origin == origin).count();
        assert_eq!(all.len(), 89);
        assert_eq!((of(Origin::Document), of(Origin::Conversion), of(Origin::Undetermined)), (70, 12, 7));
        for it in &all {
            assert_eq!(it.incoherences(), [], "{}", it.code);
            assert!(it.is_open() && it.reading().is_some() && !it.lines.is_empty(), "{}", it.code);
        }
        let dated: Vec<&str> = all.iter().filter(|it| it.has_dates()).map(|it| it.code.as_str()).collect();
        assert_eq!(dated, ["R01", "R02", "R03"]);
    }

    #[test]
    fn settling_needs_one_of_the_readings_and_a_reason() {
        let it = settled("R02", "a");
        assert_eq!((it.is_open(), it.reading().map(|it| it.code.as_str())), (false, Some("a")));
        assert_eq!(it.settlement.as_ref().map(|it| it.settled_by.as_str()), Some("SAPCG"));
        let refused = reserve("R02").settle("z", "", day(TODAY), "SAPCG").unwrap_err();
        assert!(!refused.at(At::Reading).is_empty() && !refused.at(At::Reason).is_empty());
        assert_eq!(refused.first(), Some(At::Reading));
        let long = "x".repeat(REASON_MAX + 1);
        assert_eq!(reserve("R02").settle("a", &long, day(TODAY), "SAPCG").unwrap_err().first(), Some(At::Reason));
        assert!(it.settle("b", "Autre avis", day(TODAY), "SAPCG").unwrap_err().at(At::Reading).contains("rouvrez"));
    }

    #[test]
    fn reopening_needs_a_reason_and_takes_the_settlement_back() {
        let it = settled("R02", "a");
        assert_eq!(it.reopen("Nouvelle pièce").unwrap(), reserve("R02"));
        assert_eq!(it.reopen("").unwrap_err().first(), Some(At::Reason));
        assert!(reserve("R02").reopen("Nouvelle pièce").is_err());
    }

    #[rstest]
    #[case("2025-09-12", true)]
    #[case("2025-11-11", true)]
    #[case("2025-11-12", false)]
    fn the_director_is_told_for_sixty_days(#[case] today: &str, #[case] told: bool) {
        assert_eq!(settled("R02", "a").is_told(day(today)), told);
        assert!(!reserve("R02").is_told(day(today)));
    }

    #[test]
    fn a_reserve_is_seen_by_those_who_see_all_that_it_touches() {
        let seen = |role, code: &str| {
            let scope = Scope::Establishment;
            let grants = vec![Grant { role, scope, starts_on: None, ends_on: None }];
            let user = User { account_id: 1, email: "x@demo.invalid".into(), function: "Fonction".into(), grants };
            reserve(code).is_seen_by(&user, 7)
        };
        // R02: a jalon; R77: a budget line; R62: posts; R67: posts and a request.
        for (role, expected) in [
            (Role::Pilotage, [true, true, true, true]),
            (Role::Directoire, [true, true, true, true]),
            (Role::Finance, [true, true, false, false]),
            (Role::Rh, [true, false, true, true]),
        ] {
            assert_eq!(["R02", "R77", "R62", "R67"].map(|code| seen(role, code)), expected, "{role:?}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let told = |it: &Reserve| it.incoherences().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        let sound = reserve("R02");
        assert_eq!(told(&Reserve { in_use: Code::new("z").unwrap(), ..sound.clone() }), ["in_use"]);
        assert_eq!(told(&Reserve { touches: Vec::new(), ..sound.clone() }), ["touches", "readings", "readings"]);
        let mut twice = sound.clone();
        twice.readings[1].code = twice.readings[0].code.clone();
        assert_eq!(told(&twice), ["readings", "in_use"]);
        let mut early = sound.clone();
        early.readings[0].dates[0].due_on = day("2024-12-30");
        assert_eq!(told(&early), ["readings"]);
        let mut whole = sound;
        whole.touches.push(Touched { subject: Subject::Document, code: Code::new("x") });
        assert_eq!(told(&whole), ["touches"]);
    }
}
