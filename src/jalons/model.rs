//! A jalon, where it stands, and how it moves (docs/regles.md §5).
//!
//! Lateness is never kept: it is read from the clock that the caller passes in.

use chrono::{Datelike, NaiveDate};

use crate::kernel::date;
use crate::kernel::ids::Code;
use crate::plans::model::Plan;
use crate::reserves::Dates;
use crate::{record, words};

/// The word of a jalon in the journal, which the document's kinds share.
pub const JALON_KIND: &str = "jalon";
/// Longest evidence, reason or comment, in characters; the forms' `maxlength` and the checks share it.
pub const TEXT_MAX: usize = 2_000;

words! {
    /// How precisely the document says when.
    pub enum Precision {
        /// « Déc. 2023 »: by the month's last day.
        Month = "mois",
        /// « 2023 »: by 31 December.
        Year = "annee",
        /// « en fonction de l’UCA »: no date, never late.
        Condition = "condition",
    }
}

impl Precision {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Month => "au mois",
            Self::Year => "à l’année",
            Self::Condition => "sous condition",
        }
    }
}

words! {
    /// What was said of a jalon.
    pub enum State {
        /// Nothing yet.
        ToCome = "a_venir",
        /// Begun.
        InProgress = "en_cours",
        /// Reached, on a date and with evidence.
        Reached = "atteint",
        /// Given up, for a reason.
        Abandoned = "abandonne",
        /// Put off to a later date, for a reason.
        Postponed = "reporte",
    }
}

impl State {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ToCome => "À venir",
            Self::InProgress => "En cours",
            Self::Reached => "Atteint",
            Self::Abandoned => "Abandonné",
            Self::Postponed => "Reporté",
        }
    }

    /// Nothing more is expected.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Reached | Self::Abandoned)
    }
}

record! {
    /// A jalon, or a group of them. A group has leaves and nothing else of its own.
    pub struct Jalon {
        /// `J1`, `J16.a`.
        pub code: Code,
        /// Its group.
        pub parent: Option<Code>,
        /// The node it hangs from.
        pub node: Code,
        /// What is to be done; a group may be printed as a number alone.
        pub label: Option<String>,
        /// A group's state is that of its leaves.
        pub is_group: bool,
        /// How precisely its date is known; absent for a group.
        pub precision: Option<Precision>,
        /// The first date: the last day that still keeps it.
        pub due_on: Option<NaiveDate>,
        /// The date as printed.
        pub due_printed: Option<String>,
        /// What it depends on, instead of a date.
        pub condition: Option<String>,
        /// Services and functions, never persons.
        pub owners: Vec<String>,
        /// What was said of it; absent for a group.
        pub state: Option<State>,
        /// When it was reached.
        pub reached_on: Option<NaiveDate>,
        /// What proves it: a text or an address.
        pub evidence: Option<String>,
        /// Why it was put off or given up.
        pub reason: Option<String>,
        /// The date it was put off to.
        pub postponed_to: Option<NaiveDate>,
        /// Where it is.
        pub comment: Option<String>,
        /// « donnée fictive », or where a transcribed state comes from.
        pub provenance: Option<String>,
        /// The dates that avenants gave it, in order; the last is the contract's, and the first one stays.
        pub redated: Vec<Redated>,
    }
}

record! {
    /// A date that an avenant gave to a jalon.
    pub struct Redated {
        /// The avenant.
        pub avenant: Code,
        /// The campaign since which it is in force.
        pub since: i32,
        /// How precisely.
        pub precision: Precision,
        /// The last day that keeps it.
        pub due_on: NaiveDate,
    }
}

/// What lateness is read from: a day, and the dates that the réserves of the plan give to its jalons.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The day.
    pub today: NaiveDate,
    /// What the réserves say.
    pub dates: Dates,
}

impl Calendar {
    /// On a day, with these dates.
    pub const fn new(today: NaiveDate, dates: Dates) -> Self {
        Self { today, dates }
    }
}

/// Where a jalon stands on a day: its state, or its lateness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Reached.
    Reached,
    /// Past its date, however the document is read.
    Late,
    /// Past the date of one reading, and not of another: nobody settled which one holds.
    LateByReading,
    /// Begun.
    InProgress,
    /// Put off, and not past its new date.
    Postponed,
    /// Nothing yet.
    ToCome,
    /// Given up.
    Abandoned,
}

impl Standing {
    /// In the order in which they are counted.
    pub const ALL: [Self; 7] = [
        Self::Reached,
        Self::Late,
        Self::LateByReading,
        Self::InProgress,
        Self::Postponed,
        Self::ToCome,
        Self::Abandoned,
    ];

    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Late => "En retard",
            Self::LateByReading => "En retard selon la lecture",
            Self::Reached => State::Reached.label(),
            Self::InProgress => State::InProgress.label(),
            Self::Postponed => State::Postponed.label(),
            Self::ToCome => State::ToCome.label(),
            Self::Abandoned => State::Abandoned.label(),
        }
    }

    /// Name of its pill and icon.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Reached => "atteinte",
            Self::Late => "en-retard",
            Self::LateByReading => "selon-lecture",
            Self::InProgress => "en-cours",
            Self::Postponed => "reporte",
            Self::ToCome => "a-venir",
            Self::Abandoned => "abandonne",
        }
    }

    /// « 2 atteints », « 1 en retard ».
    pub fn counted(self, count: usize) -> String {
        let plural = match self {
            Self::Reached | Self::Postponed | Self::Abandoned if count > 1 => "s",
            _ => "",
        };
        format!("{count} {}{plural}", self.label().to_lowercase())
    }
}

/// Which field a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The day it was reached.
    ReachedOn,
    /// What proves it.
    Evidence,
    /// Why.
    Reason,
    /// The new date.
    PostponedTo,
    /// À venir or en cours.
    State,
    /// The comment.
    Comment,
}

/// Why a jalon does not move: a French sentence a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused(pub Vec<(At, String)>);

impl Refused {
    /// The sentence of a field.
    pub fn at(&self, at: At) -> Option<&str> {
        self.0.iter().find(|(place, _)| *place == at).map(|(_, sentence)| sentence.as_str())
    }

    /// Notes one more.
    pub fn note(&mut self, at: At, sentence: impl Into<String>) {
        self.0.push((at, sentence.into()));
    }

    fn or<T>(self, it: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(it) } else { Err(self) }
    }
}

/// Dates that make sense for a plan: from the year before its first to the second after its last.
pub fn is_sane(plan: &Plan, day: NaiveDate) -> bool {
    (plan.first_year.saturating_sub(1)..=plan.last_year.saturating_add(2)).contains(&day.year())
}

/// Refuses a date far from the plan.
fn far(plan: &Plan) -> String {
    format!("La date doit être comprise entre {} et {}.", plan.first_year - 1, plan.last_year + 2)
}

/// A required text: neither empty nor endless.
fn check_text(refused: &mut Refused, at: At, text: &str, missing: &str) {
    if text.is_empty() {
        refused.note(at, missing);
    } else {
        check_length(refused, at, text);
    }
}

fn check_length(refused: &mut Refused, at: At, text: &str) {
    if text.chars().count() > TEXT_MAX {
        refused.note(at, format!("Le texte dépasse {TEXT_MAX} caractères."));
    } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        refused.note(at, "Le texte contient un caractère qui ne peut pas être conservé.");
    }
}

impl Jalon {
    /// Something to be reached, not a group.
    pub const fn is_leaf(&self) -> bool {
        !self.is_group
    }

    /// What was said of it; nothing yet for a group.
    pub fn state(&self) -> State {
        self.state.unwrap_or(State::ToCome)
    }

    /// The date that counts: the new one when it was put off, else the contract's. `None` for a condition.
    pub fn due(&self, dates: &Dates) -> Option<NaiveDate> {
        self.postponed_to.or_else(|| self.agreed_due(dates))
    }

    /// The contract's date: that of the last avenant, else the first.
    pub fn agreed_due(&self, dates: &Dates) -> Option<NaiveDate> {
        self.redated.last().map(|it| it.due_on).or_else(|| self.first_due(dates))
    }

    /// Its date is not the first one any more.
    pub const fn is_moved(&self) -> bool {
        self.postponed_to.is_some() || !self.redated.is_empty()
    }

    /// The date before any avenant and any postponement: that of the reading retained, else the one in use.
    pub fn first_due(&self, dates: &Dates) -> Option<NaiveDate> {
        dates.settled(&self.code).or(self.due_on)
    }

    /// The dates between which nobody chose, in order; none when the document says one, or when the jalon was put off
    /// since, or is over.
    pub fn readings(&self, dates: &Dates) -> Vec<NaiveDate> {
        // An avenant says one date, whatever the document meant.
        if self.is_group || self.postponed_to.is_some() || !self.redated.is_empty() || self.state().is_over() {
            return Vec::new();
        }
        let mut readings: Vec<NaiveDate> = dates.open(&self.code).chain(self.first_due(dates)).collect();
        readings.sort_unstable();
        readings.dedup();
        if readings.len() > 1 { readings } else { Vec::new() }
    }

    /// Depends on something else than a date.
    pub fn is_conditional(&self) -> bool {
        self.precision == Some(Precision::Condition) && self.redated.is_empty()
    }

    /// With the date that an avenant gives it: it prevails over a postponement, which the journal keeps.
    #[must_use]
    pub fn redate(&self, to: Redated) -> Self {
        let mut it = self.clone();
        if it.postponed_to.take().is_some() && !it.state().is_over() {
            it.reason = None;
        }
        if it.state == Some(State::Postponed) {
            it.state = Some(State::ToCome);
        }
        it.redated.push(to);
        it
    }

    /// [`Standing::Late`] or [`Standing::LateByReading`] when it is past its date, and neither reached nor given up.
    fn lateness(&self, calendar: &Calendar) -> Option<Standing> {
        if self.is_group || self.state().is_over() {
            return None;
        }
        let is_past = |day: &NaiveDate| *day < calendar.today;
        let readings = self.readings(&calendar.dates);
        match (readings.first(), readings.last()) {
            (Some(earliest), Some(latest)) if is_past(earliest) && !is_past(latest) => Some(Standing::LateByReading),
            (Some(_), Some(latest)) => is_past(latest).then_some(Standing::Late),
            _ => self.due(&calendar.dates).filter(is_past).map(|_| Standing::Late),
        }
    }

    /// Past its date, at least by one reading.
    pub fn is_late(&self, calendar: &Calendar) -> bool {
        self.lateness(calendar).is_some()
    }

    /// Where it stands on a day.
    pub fn standing(&self, calendar: &Calendar) -> Standing {
        let late = self.lateness(calendar);
        match self.state() {
            State::Reached => Standing::Reached,
            State::Abandoned => Standing::Abandoned,
            state => late.unwrap_or(match state {
                State::InProgress => Standing::InProgress,
                State::Postponed => Standing::Postponed,
                _ => Standing::ToCome,
            }),
        }
    }

    /// Reached on a day, with what proves it. Closing again corrects both.
    ///
    /// # Errors
    /// A day to come or far from the plan; no evidence.
    pub fn close(
        &self,
        plan: &Plan,
        today: NaiveDate,
        reached_on: Option<NaiveDate>,
        evidence: &str,
    ) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        match reached_on {
            None => refused.note(At::ReachedOn, "Indiquez le jour où le jalon a été atteint."),
            Some(day) if day > today => {
                refused.note(
                    At::ReachedOn,
                    format!("Ce jour n’est pas encore venu : au plus tard {}.", date::short(today)),
                );
            }
            Some(day) if !is_sane(plan, day) => refused.note(At::ReachedOn, far(plan)),
            Some(_) => {}
        }
        check_text(
            &mut refused,
            At::Evidence,
            evidence,
            "Indiquez ce qui le prouve : un document, une décision, une adresse.",
        );
        refused.or(Self {
            state: Some(State::Reached),
            reached_on,
            evidence: Some(evidence.to_owned()),
            ..self.moved()
        })
    }

    /// Given up, for a reason.
    ///
    /// # Errors
    /// No reason.
    pub fn abandon(&self, reason: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        check_text(&mut refused, At::Reason, reason, "Indiquez pourquoi le jalon est abandonné.");
        refused.or(Self { state: Some(State::Abandoned), reason: Some(reason.to_owned()), ..self.moved() })
    }

    /// Put off to a later date, for a reason; the first date stays.
    ///
    /// # Errors
    /// A date that is not later than the present one, or far from the plan; no reason; a jalon without a date.
    pub fn postpone(&self, plan: &Plan, dates: &Dates, to: Option<NaiveDate>, reason: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        match (to, self.due(dates)) {
            (_, None) => {
                refused.note(At::PostponedTo, "Ce jalon dépend d’une condition : il n’a pas de date à reporter.");
            }
            (None, _) => refused.note(At::PostponedTo, "Indiquez la nouvelle échéance."),
            (Some(day), Some(due)) if day <= due => {
                refused.note(
                    At::PostponedTo,
                    format!("La nouvelle échéance doit suivre la présente, {}.", date::short(due)),
                );
            }
            (Some(day), _) if !is_sane(plan, day) => refused.note(At::PostponedTo, far(plan)),
            _ => {}
        }
        check_text(&mut refused, At::Reason, reason, "Indiquez pourquoi l’échéance est reportée.");
        refused.or(Self {
            state: Some(State::Postponed),
            postponed_to: to,
            reason: Some(reason.to_owned()),
            ..self.moved()
        })
    }

    /// Begun, or not yet, with a comment. It also takes back a closure or an abandonment said by mistake: the dates stay
    /// in force, the journal keeps what was said. A postponed jalon that has not begun stays « reporté ».
    ///
    /// # Errors
    /// Another state; a comment too long.
    pub fn progress(&self, state: Option<State>, comment: &str) -> Result<Self, Refused> {
        let mut refused = Refused::default();
        if !matches!(state, Some(State::ToCome | State::InProgress)) {
            refused.note(At::State, "Choisissez « À venir » ou « En cours ».");
        }
        check_length(&mut refused, At::Comment, comment);
        let postponed = self.postponed_to.is_some() && self.reason.is_some();
        let state = if postponed && state == Some(State::ToCome) { Some(State::Postponed) } else { state };
        let comment = Some(comment.to_owned()).filter(|comment| !comment.is_empty());
        // The reason of an abandonment goes with it; that of a postponement holds as long as its date.
        let reason = self.reason.clone().filter(|_| self.postponed_to.is_some());
        refused.or(Self { state, reason, comment, ..self.moved() })
    }

    /// What a person says of it is no invented state any more, and it is reached no longer unless said again.
    fn moved(&self) -> Self {
        Self { reached_on: None, evidence: None, provenance: None, ..self.clone() }
    }

    /// What does not hold together, as field and sentence: what the document's checks report.
    pub fn incoherences(&self, plan: &Plan, dates: &Dates) -> Vec<(&'static str, String)> {
        let mut found: Vec<(&'static str, String)> = Vec::new();
        let mut say = |field, sentence: &str| found.push((field, sentence.to_owned()));
        if self.is_group {
            if self.state.is_some() || self.precision.is_some() {
                say("is_group", "un groupe n’a ni échéance ni état : ce sont ceux de ses jalons.");
            }
            if self.parent.is_some() {
                say("parent", "un groupe n’appartient pas à un autre groupe.");
            }
        } else {
            if self.label.is_none() {
                say("label", "un jalon a un libellé.");
            }
            if self.state.is_none() {
                say("state", "un jalon a un état.");
            }
            if self.precision.is_none() {
                say("precision", "un jalon a une échéance au mois, à l’année, ou une condition.");
            }
        }
        if self.condition.is_some() != (self.precision == Some(Precision::Condition)) {
            say("condition", "la condition accompagne la précision « condition », et elle seule.");
        }
        let given = self.redated.iter().map(|it| ("redated", Some(it.precision), Some(it.due_on)));
        for (field, precision, due_on) in std::iter::once(("due_on", self.precision, self.due_on)).chain(given) {
            match (precision, due_on) {
                (Some(Precision::Month | Precision::Year), None) => say(field, "l’échéance manque."),
                (Some(Precision::Condition) | None, Some(_)) => say(field, "il n’y a pas d’échéance datée ici."),
                (Some(Precision::Month), Some(day)) if day.succ_opt().is_some_and(|next| next.day() != 1) => {
                    say(field, "au mois, l’échéance est le dernier jour du mois.");
                }
                (Some(Precision::Year), Some(day)) if (day.month(), day.day()) != (12, 31) => {
                    say(field, "à l’année, l’échéance est le 31 décembre.");
                }
                _ => {}
            }
        }
        if self.is_group && !self.redated.is_empty() {
            say("redated", "un groupe n’a pas d’échéance : un avenant change celle de ses jalons.");
        }
        if (self.state == Some(State::Reached)) != self.reached_on.is_some() {
            say("reached_on", "la date d’atteinte accompagne l’état « atteint », et lui seul.");
        }
        if self.reached_on.is_some() != self.evidence.is_some() {
            say("evidence", "la preuve accompagne la date d’atteinte.");
        }
        if matches!(self.state, Some(State::Abandoned | State::Postponed)) && self.reason.is_none() {
            say("reason", "un jalon abandonné ou reporté a une raison.");
        }
        if self.state == Some(State::Postponed) && self.postponed_to.is_none() {
            say("postponed_to", "un jalon reporté a une nouvelle échéance.");
        }
        // Where readings differ, the first date may have changed since the jalon was put off.
        let follows = |to: NaiveDate| match self.redated.last() {
            Some(given) => given.due_on < to,
            None => self.due_on.is_some_and(|due| due < to || dates.speaks_of(&self.code)),
        };
        if self.postponed_to.is_some_and(|to| !follows(to)) {
            say("postponed_to", "la nouvelle échéance suit la première.");
        }
        let given = self.redated.iter().map(|it| ("redated", Some(it.due_on)));
        let days = [("due_on", self.due_on), ("reached_on", self.reached_on), ("postponed_to", self.postponed_to)];
        for (field, day) in days.into_iter().chain(given) {
            if day.is_some_and(|day| !is_sane(plan, day)) {
                say(field, "cette date est trop loin des années du contrat.");
            }
        }
        for (field, text) in [("evidence", &self.evidence), ("reason", &self.reason), ("comment", &self.comment)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
                say(field, "le texte est trop long.");
            }
        }
        found
    }
}

/// Where a group stands: reached when every leaf is reached or given up and one at least is reached.
pub fn group_standing<'a>(leaves: impl Iterator<Item = &'a Jalon>, calendar: &Calendar) -> Standing {
    let all: Vec<Standing> = leaves.map(|leaf| leaf.standing(calendar)).collect();
    let any = |standing| all.contains(&standing);
    match () {
        () if any(Standing::Late) => Standing::Late,
        () if any(Standing::LateByReading) => Standing::LateByReading,
        () if !all.is_empty() && all.iter().all(|it| matches!(it, Standing::Reached | Standing::Abandoned)) => {
            if any(Standing::Reached) { Standing::Reached } else { Standing::Abandoned }
        }
        () if any(Standing::InProgress) || any(Standing::Reached) => Standing::InProgress,
        () if any(Standing::Postponed) => Standing::Postponed,
        () => Standing::ToCome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::reserves::model::tests as reserves;
    use rstest::rstest;

    const TODAY: &str = "2025-09-12";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn document() -> serde_json::Value {
        serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap()
    }

    fn plan() -> Plan {
        canonical::from_text(&document()["plan"].to_string()).unwrap()
    }

    fn all() -> Vec<Jalon> {
        canonical::from_text(&document()["jalons"].to_string()).unwrap()
    }

    fn calendar(today: &str) -> Calendar {
        Calendar::new(day(today), Dates::default())
    }

    /// On a day, with the réserves of the signed contract.
    fn read(today: &str) -> Calendar {
        Calendar::new(day(today), Dates::of(&reserves::signed()))
    }

    /// The same once pilotage chose a reading.
    fn settled(today: &str, reserve: &str, reading: &str) -> Calendar {
        let mut all = reserves::signed();
        let it = all.iter_mut().find(|it| it.code.as_str() == reserve).unwrap();
        *it = it.settle(reading, "Vérifié", day(today), "SAPCG").unwrap();
        Calendar::new(day(today), Dates::of(&all))
    }

    fn jalon(code: &str) -> Jalon {
        all().into_iter().find(|it| it.code.as_str() == code).unwrap()
    }

    fn fields(refused: Result<Jalon, Refused>) -> Vec<At> {
        refused.unwrap_err().0.into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn the_date_of_an_avenant_counts_and_the_first_one_stays() {
        let dates = Dates::default();
        let given = Redated {
            avenant: Code::new("1").unwrap(),
            since: 2026,
            precision: Precision::Year,
            due_on: day("2025-12-31"),
        };
        let first = jalon("J3");
        let moved = first.redate(given.clone());
        assert_eq!((moved.first_due(&dates), moved.due(&dates)), (first.due_on, Some(day("2025-12-31"))));
        let calendar = Calendar::new(day(TODAY), dates.clone());
        assert_eq!((first.standing(&calendar), moved.standing(&calendar)), (Standing::Late, Standing::ToCome));
        // It may still be put off, after the avenant's date.
        assert!(moved.postpone(&plan(), &dates, Some(day("2025-06-30")), "x").is_err());
        let later = moved.postpone(&plan(), &dates, Some(day("2026-06-30")), "x").unwrap();
        assert_eq!((later.due(&dates), later.incoherences(&plan(), &dates)), (Some(day("2026-06-30")), vec![]));
        // A condition becomes a date.
        let conditional =
            Jalon { precision: Some(Precision::Condition), due_on: None, condition: Some("si".into()), ..first };
        assert!(conditional.is_conditional());
        let given_one = conditional.redate(given);
        assert_eq!((given_one.is_conditional(), given_one.incoherences(&plan(), &dates)), (false, vec![]));
    }

    #[test]
    fn the_signed_contract_has_its_counts() {
        let all = all();
        assert_eq!(all.iter().filter(|it| it.parent.is_none()).count(), 21);
        assert_eq!(all.iter().filter(|it| it.is_group).count(), 2);
        assert_eq!(all.iter().filter(|it| it.is_leaf()).count(), 24);
        let dates = Dates::of(&reserves::signed());
        assert!(all.iter().all(|it| it.incoherences(&plan(), &dates).is_empty()));
    }

    #[rstest]
    #[case("J3", "2022-12-31", false)]
    #[case("J3", "2023-01-01", true)]
    #[case("J17.a", "2023-12-31", false)]
    #[case("J17.a", "2024-01-01", true)]
    #[case("J17.b", "2022-09-30", false)]
    #[case("J17.b", "2022-10-01", true)]
    #[case("J10", "2099-01-01", false)]
    #[case("J16", "2099-01-01", false)]
    fn lateness_is_read_from_the_clock(#[case] code: &str, #[case] today: &str, #[case] late: bool) {
        assert_eq!(jalon(code).is_late(&calendar(today)), late);
    }

    #[rstest]
    // J19 : 2024 au texte, déc. 2026 à l’annexe. J21 : 2023 et déc. 2026. J17.b : sept. 2022 et 2023.
    #[case("J19", "2024-12-31", Standing::ToCome)]
    #[case("J19", "2025-01-01", Standing::LateByReading)]
    #[case("J19", "2026-12-31", Standing::LateByReading)]
    #[case("J19", "2027-01-01", Standing::Late)]
    #[case("J21", "2024-01-01", Standing::LateByReading)]
    #[case("J17.b", "2022-10-01", Standing::LateByReading)]
    #[case("J17.b", "2024-01-01", Standing::Late)]
    #[case("J17.a", "2023-06-01", Standing::LateByReading)]
    #[case("J18", "2025-01-01", Standing::ToCome)]
    fn lateness_says_by_which_reading(#[case] code: &str, #[case] today: &str, #[case] standing: Standing) {
        assert_eq!(jalon(code).standing(&read(today)), standing);
    }

    #[test]
    fn the_reading_retained_governs_until_the_jalon_is_put_off_or_over() {
        let j19 = jalon("J19");
        let (earlier, later) = (settled("2025-09-12", "R02", "a"), settled("2025-09-12", "R02", "b"));
        assert_eq!(j19.standing(&earlier), Standing::Late);
        assert_eq!((j19.due(&earlier.dates), j19.due_on), (Some(day("2024-12-31")), Some(day("2026-12-31"))));
        assert_eq!((j19.standing(&later), j19.due(&later.dates)), (Standing::ToCome, Some(day("2026-12-31"))));
        // Put off from the date retained, to before the date transcribed.
        let put_off = j19.postpone(&plan(), &earlier.dates, Some(day("2026-06-30")), "Terrain").unwrap();
        assert_eq!(put_off.standing(&earlier), Standing::Postponed);
        assert_eq!(put_off.incoherences(&plan(), &earlier.dates), []);
        assert_eq!(put_off.standing(&read("2025-09-12")), Standing::Postponed);
        let refused = j19.postpone(&plan(), &later.dates, Some(day("2026-06-30")), "Terrain");
        assert_eq!(fields(refused), [At::PostponedTo]);
        let reached = j19.close(&plan(), day("2025-09-12"), Some(day("2025-09-01")), "Bilan").unwrap();
        assert_eq!(reached.standing(&read("2025-09-12")), Standing::Reached);
        assert!(reached.readings(&read("2025-09-12").dates).is_empty());
    }

    #[test]
    fn closing_needs_a_past_day_and_evidence() {
        let (jalon, plan, today) = (jalon("J3"), plan(), day(TODAY));
        let closed = jalon.close(&plan, today, Some(day("2023-05-02")), "Bilan").unwrap();
        assert_eq!((closed.state(), closed.standing(&calendar(TODAY))), (State::Reached, Standing::Reached));
        assert_eq!(closed.due_on, jalon.due_on);
        assert_eq!(fields(jalon.close(&plan, today, None, "")), [At::ReachedOn, At::Evidence]);
        assert_eq!(fields(jalon.close(&plan, today, Some(day("2025-09-13")), "Bilan")), [At::ReachedOn]);
        assert_eq!(fields(jalon.close(&plan, today, Some(day("2019-12-31")), "Bilan")), [At::ReachedOn]);
        assert!(jalon.close(&plan, today, Some(day("2020-01-01")), "Bilan").is_ok());
    }

    #[test]
    fn giving_up_needs_a_reason() {
        assert_eq!(jalon("J3").abandon("Sans suite").unwrap().state(), State::Abandoned);
        assert_eq!(fields(jalon("J3").abandon("")), [At::Reason]);
    }

    #[test]
    fn postponing_keeps_the_first_date_and_moves_lateness() {
        let (jalon, plan, none) = (jalon("J3"), plan(), Dates::default());
        let put_off = jalon.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain").unwrap();
        assert_eq!((put_off.due_on, put_off.due(&none)), (Some(day("2022-12-31")), Some(day("2025-12-31"))));
        assert_eq!(put_off.standing(&calendar(TODAY)), Standing::Postponed);
        assert_eq!(put_off.standing(&calendar("2026-01-01")), Standing::Late);
        assert_eq!(fields(put_off.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain")), [At::PostponedTo]);
        assert_eq!(fields(jalon.postpone(&plan, &none, Some(day("2022-12-31")), "")), [At::PostponedTo, At::Reason]);
        assert_eq!(fields(jalon.postpone(&plan, &none, Some(day("2029-01-01")), "Terrain")), [At::PostponedTo]);
        let conditional = all().into_iter().find(Jalon::is_conditional).unwrap();
        assert_eq!(fields(conditional.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain")), [At::PostponedTo]);
        assert_eq!(put_off.incoherences(&plan, &none), []);
    }

    #[test]
    fn progress_takes_a_closure_back_and_keeps_a_postponement() {
        let (jalon, plan) = (jalon("J3"), plan());
        let closed = jalon.close(&plan, day(TODAY), Some(day("2023-05-02")), "Bilan").unwrap();
        let back = closed.progress(Some(State::InProgress), "Pas tout à fait").unwrap();
        assert_eq!((back.state(), back.reached_on, back.evidence.as_deref()), (State::InProgress, None, None));
        let none = Dates::default();
        let put_off = jalon.postpone(&plan, &none, Some(day("2025-12-31")), "Terrain").unwrap();
        let begun = put_off.progress(Some(State::InProgress), "").unwrap();
        assert_eq!((begun.state(), begun.due(&none)), (State::InProgress, Some(day("2025-12-31"))));
        assert_eq!(begun.progress(Some(State::ToCome), "").unwrap(), put_off);
        assert_eq!(jalon.abandon("Non").unwrap().progress(Some(State::ToCome), "").unwrap(), jalon);
        assert_eq!(fields(jalon.progress(Some(State::Reached), &"x".repeat(TEXT_MAX + 1))), [At::State, At::Comment]);
    }

    #[test]
    fn a_group_follows_its_leaves() {
        let (plan, today) = (plan(), day("2021-10-01"));
        let leaf = jalon("J16.a");
        let reached = leaf.close(&plan, today, Some(today), "Preuve").unwrap();
        let given_up = leaf.abandon("Non").unwrap();
        let begun = leaf.progress(Some(State::InProgress), "").unwrap();
        let of = |leaves: &[&Jalon]| group_standing(leaves.iter().copied(), &calendar("2021-10-01"));
        assert_eq!(of(&[&reached, &given_up]), Standing::Reached);
        assert_eq!(of(&[&given_up, &given_up]), Standing::Abandoned);
        assert_eq!(of(&[&reached, &leaf]), Standing::InProgress);
        assert_eq!(of(&[&begun, &leaf]), Standing::InProgress);
        assert_eq!(of(&[&leaf, &leaf]), Standing::ToCome);
        assert_eq!(group_standing([&reached, &leaf].into_iter(), &calendar(TODAY)), Standing::Late);
        let (b, c) = (jalon("J17.b"), jalon("J17.a"));
        assert_eq!(group_standing([&b, &c].into_iter(), &read("2023-06-01")), Standing::LateByReading);
        assert_eq!(group_standing([&b, &c].into_iter(), &read(TODAY)), Standing::Late);
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let told = |it: &Jalon| {
            it.incoherences(&plan(), &Dates::default()).into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        let sound = jalon("J3");
        assert_eq!(told(&Jalon { due_on: Some(day("2022-12-30")), ..sound.clone() }), ["due_on"]);
        assert_eq!(told(&Jalon { condition: Some("si".into()), ..sound.clone() }), ["condition"]);
        assert_eq!(told(&Jalon { state: Some(State::Reached), ..sound.clone() }), ["reached_on"]);
        assert_eq!(told(&Jalon { state: Some(State::Postponed), ..sound.clone() }), ["reason", "postponed_to"]);
        assert_eq!(told(&Jalon { precision: Some(Precision::Condition), ..sound.clone() }), ["condition", "due_on"]);
        assert_eq!(told(&Jalon { label: None, state: None, ..sound }), ["label", "state"]);
        assert_eq!(told(&Jalon { state: Some(State::ToCome), ..jalon("J16") }), ["is_group"]);
    }

    #[test]
    fn standings_are_counted_in_french() {
        assert_eq!(Standing::Reached.counted(2), "2 atteints");
        assert_eq!(Standing::Late.counted(2), "2 en retard");
        assert_eq!(Standing::Abandoned.counted(1), "1 abandonné");
    }
}
