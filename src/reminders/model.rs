//! What is recalled to whom, and what becomes of a message (docs/regles.md §9).

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::schedule::{self, Stage, stage};
use crate::access::DialogueState;
use crate::accounts::model::{Account, AccountState, Role, User};
use crate::dialogue::store::{Part, Sheet};
use crate::followups::Followup;
use crate::home::model::{Waiting, own_followup, own_jalons};
use crate::indicators::verdict;
use crate::jalons::model::Jalon;
use crate::kernel::clock::{self, Clock};
use crate::mail::Failure;
use crate::plans::store::Header;
use crate::reserves::Dates;
use crate::words;

/// How long the rows of a message are kept, in days: far beyond what its deadlines can call for.
pub const KEPT_DAYS: u64 = 400;
/// Where nothing is ever received (RFC 2606): the demo's addresses.
const NOWHERE: &str = ".invalid";

/// What was read of a plan, in one go for everyone.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The plan.
    pub header: Header,
    /// Its latest dialogue.
    pub part: Option<Part>,
    /// What that dialogue asks, while it is open.
    pub sheet: Option<Sheet>,
    /// It was handed back to the director, and not submitted since.
    pub handed_back: Option<HandedBack>,
    /// Its jalons.
    pub jalons: Vec<Jalon>,
    /// The dates that its réserves give to them.
    pub dates: Dates,
    /// Its follow-ups still to be done.
    pub followups: Vec<Followup>,
}

/// A dialogue that the directoire gave back to the director.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedBack {
    /// When.
    pub at: DateTime<Utc>,
    /// It had been validated.
    pub reopened: bool,
}

words! {
    /// What kind of thing is recalled.
    pub enum Kind {
        /// A dialogue came back to the director.
        Returned = "retour",
        /// A dialogue waits for the directoire.
        Review = "relecture",
        /// A dialogue is ready and not submitted.
        Submission = "soumission",
        /// Expected cells without an answer.
        Entry = "saisie",
        /// Deviations and NR without a comment.
        Explanation = "explication",
        /// A jalon neither reached nor given up.
        Jalon = "jalon",
        /// A follow-up still to be done.
        Followup = "suite",
    }
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A dialogue came back.
    Returned {
        /// It had been validated.
        reopened: bool,
    },
    /// A dialogue is in the directoire's hands.
    Review {
        /// To be examined, under review, or to be closed.
        state: DialogueState,
    },
    /// Everything is answered and explained.
    Submission,
    /// Cells without an answer.
    Entry {
        /// How many, as Accueil counts them.
        missing: usize,
    },
    /// Answers to explain.
    Explanation {
        /// Deviations without a comment.
        gaps: usize,
        /// NR without a comment.
        not_provided: usize,
    },
    /// A jalon to be said something of.
    Jalon {
        /// Its code.
        code: String,
        /// What is to be done.
        label: Option<String>,
    },
    /// A follow-up to be done: its text may hold a figure, and stays out of mail.
    Followup {
        /// Its code.
        code: String,
    },
}

/// One thing that waits for one person, with its deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What there is to do.
    pub what: What,
    /// Code of the plan.
    pub plan: String,
    /// Name of the plan and of its structure.
    pub place: String,
    /// The campaign's year; `None` for a jalon or a follow-up.
    pub year: Option<i32>,
    /// The day by which, or since which for a dialogue that changed hands.
    pub deadline: NaiveDate,
}

/// What makes a reminder the same one: it leaves once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// What kind of thing.
    pub kind: Kind,
    /// Which one.
    pub subject: String,
    /// Its deadline; moved, it is recalled again.
    pub deadline: NaiveDate,
    /// How far the deadline was.
    pub stage: Stage,
}

impl What {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Returned { .. } => Kind::Returned,
            Self::Review { .. } => Kind::Review,
            Self::Submission => Kind::Submission,
            Self::Entry { .. } => Kind::Entry,
            Self::Explanation { .. } => Kind::Explanation,
            Self::Jalon { .. } => Kind::Jalon,
            Self::Followup { .. } => Kind::Followup,
        }
    }
}

impl Task {
    /// Which one, among those of its kind.
    pub fn subject(&self) -> String {
        match (&self.what, self.year) {
            (What::Jalon { code, .. } | What::Followup { code }, _) => format!("{}/{code}", self.plan),
            (_, Some(year)) => format!("{}/{year}", self.plan),
            (_, None) => self.plan.clone(),
        }
    }

    /// What makes it the same reminder.
    pub fn key(&self, stage: Stage) -> Key {
        Key { kind: self.what.kind(), subject: self.subject(), deadline: self.deadline, stage }
    }

    /// The page where it is done.
    pub fn path(&self) -> String {
        let plan = format!("/plans/{}", self.plan);
        match (&self.what, self.year) {
            (What::Jalon { code, .. }, _) => format!("{plan}/jalons/{code}"),
            (What::Followup { code }, _) => format!("{plan}/followups/{code}"),
            (What::Entry { .. }, Some(year)) => format!("{plan}/entry/{year}?show=due"),
            (What::Explanation { .. }, Some(year)) => format!("{plan}/entry/{year}?show=gaps"),
            (What::Returned { .. }, Some(year)) => format!("{plan}/entry/{year}"),
            (What::Review { .. } | What::Submission, Some(year)) => format!("{plan}/dialogues/{year}"),
            (_, None) => plan,
        }
    }

    /// Its deadline is past; a dialogue that changed hands has none.
    pub fn is_late(&self, today: NaiveDate) -> bool {
        !self.changed_hands() && self.deadline < today
    }

    /// Its day is the one it came, not one by which it is due.
    pub const fn changed_hands(&self) -> bool {
        matches!(self.what, What::Returned { .. } | What::Review { .. })
    }

    /// It recalls what a message was taken in hand for.
    pub fn is_of(&self, key: &Key) -> bool {
        self.what.kind() == key.kind && self.deadline == key.deadline && self.subject() == key.subject
    }
}

/// Whether mail may be sent to an account at all.
pub fn receives(account: &Account, now: DateTime<Utc>) -> bool {
    account.reminders && !account.demo && account.state(now) == AccountState::Active && is_reachable(&account.email)
}

/// An address that can receive something.
pub fn is_reachable(email: &str) -> bool {
    !email.ends_with(NOWHERE)
}

/// Everything that waits for a person in a plan, as its pages count it.
pub fn tasks(user: &User, contract: &Contract, clock: &Clock) -> Vec<Task> {
    let header = &contract.header;
    let place = format!("{}, {}", header.structure.label, header.plan.name());
    let code = header.plan.code.to_string();
    let task = |(what, year, deadline)| Task { what, plan: code.clone(), place: place.clone(), year, deadline };
    let mut found = Vec::new();
    if let Some(part) = contract.part.as_ref().filter(|part| part.opens_on <= clock.today()) {
        let of_part = of_dialogue(user, contract, part, clock);
        found.extend(of_part.into_iter().map(|(what, deadline)| (what, Some(part.year), deadline)));
    }
    if user.reads_plan(header.id, header.structure_id) {
        let of_jalons = of_jalons(user, contract, clock.today());
        found.extend(of_jalons.into_iter().map(|(what, deadline)| (what, None, deadline)));
    }
    let followups = contract.followups.iter().filter(|_| header.closed.is_none());
    let own = followups.filter(|it| own_followup(user, header.structure_id, &it.owner));
    found.extend(own.map(|it| (What::Followup { code: it.code.to_string() }, None, it.due_on)));
    found.into_iter().map(task).collect()
}

fn of_dialogue(user: &User, contract: &Contract, part: &Part, clock: &Clock) -> Vec<(What, NaiveDate)> {
    let header = &contract.header;
    let directs = user.directs(header.structure_id);
    let mut found = Vec::new();
    if user.has(Role::Directoire)
        && matches!(part.state, DialogueState::Submitted | DialogueState::InReview | DialogueState::Validated)
    {
        found.push((What::Review { state: part.state }, clock::day(part.since)));
    }
    let Some(sheet) = contract.sheet.as_ref().filter(|_| part.state.is_open()) else { return found };
    if let Some(back) = contract.handed_back.filter(|_| directs) {
        found.push((What::Returned { reopened: back.reopened }, clock::day(back.at)));
    }
    let waiting = Waiting::of(&sheet.lines, sheet.threshold, clock.today(), |line, kept| {
        verdict(user, header, line, kept, clock).allowed()
    });
    let (missing, gaps, not_provided) = (waiting.missing(), waiting.gaps.len(), waiting.not_provided.len());
    if missing > 0 {
        found.push((What::Entry { missing }, part.until()));
    }
    if gaps + not_provided > 0 {
        found.push((What::Explanation { gaps, not_provided }, part.until()));
    }
    if directs && part.state == DialogueState::Entry && missing + gaps + not_provided == 0 {
        found.push((What::Submission, part.until()));
    }
    found
}

/// The latest date of the readings between which nobody chose: before it, nothing is late for sure.
fn of_jalons(user: &User, contract: &Contract, today: NaiveDate) -> Vec<(What, NaiveDate)> {
    let Contract { header, part, jalons, dates, .. } = contract;
    let season = part.as_ref().map(|part| part.season(header.closed)).unwrap_or_default();
    own_jalons(user, header, &season, jalons, today)
        .into_iter()
        .filter(|jalon| jalon.is_leaf() && !jalon.state().is_over())
        .filter_map(|jalon| {
            let due = jalon.readings(dates).last().copied().or_else(|| jalon.due(dates))?;
            Some((What::Jalon { code: jalon.code.to_string(), label: jalon.label.clone() }, due))
        })
        .collect()
}

/// Those whose reminder leaves on a day and was not taken in hand yet, the oldest deadline first.
pub fn due(tasks: Vec<Task>, today: NaiveDate, taken: impl Fn(&Key) -> bool) -> Vec<(Task, Key)> {
    let mut due: Vec<(Task, Key)> = tasks
        .into_iter()
        .filter_map(|task| {
            let key = task.key(stage(task.deadline, today)?);
            (!taken(&key)).then_some((task, key))
        })
        .collect();
    // Stable: things of one day stay in the order of their pages.
    due.sort_by_key(|(task, _)| task.deadline);
    due
}

/// What was taken in hand, for whom.
pub type Taken = HashSet<(i64, Key)>;

words! {
    /// Where a message stands.
    pub enum MailState {
        /// In the hands of a server.
        InHand = "en_cours",
        /// The mail server accepted it.
        Sent = "envoye",
        /// Refused for now: it will be tried again.
        Again = "a_reprendre",
        /// Refused for good, or too often.
        Failed = "echec",
        /// It may have left; only a person may send it again.
        Uncertain = "incertain",
        /// Nothing of it waits any more, or its reader takes no mail now.
        Moot = "sans_objet",
    }
}

impl MailState {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::InHand => "En cours d’envoi",
            Self::Sent => "Envoyé",
            Self::Again => "À reprendre",
            Self::Failed => "Échec",
            Self::Uncertain => "Incertain",
            Self::Moot => "Sans objet",
        }
    }

    /// An administrator may ask for it to leave again.
    pub const fn may_leave_again(self) -> bool {
        matches!(self, Self::Failed | Self::Uncertain | Self::Again)
    }
}

/// What becomes of a message after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// Where it stands now.
    pub state: MailState,
    /// Tries that count.
    pub tries: i32,
    /// When it is tried again, for [`MailState::Again`].
    pub next_at: Option<DateTime<Utc>>,
    /// Why it did not leave.
    pub failure: Option<String>,
}

impl Fate {
    /// Nothing was left to recall.
    pub const fn moot(tries: i32) -> Self {
        Self { state: MailState::Moot, tries, next_at: None, failure: None }
    }

    /// After the answer to a try; `tries` counts this one.
    pub fn of(answer: Result<(), Failure>, tries: i32, now: DateTime<Utc>) -> Self {
        let fate = |state, tries, next_at, failure| Self { state, tries, next_at, failure };
        match answer {
            Ok(()) => fate(MailState::Sent, tries, None, None),
            // Not this message's fault: the try does not count, and the next round takes it up.
            Err(Failure::Relay(told)) => fate(MailState::Again, tries - 1, Some(now), Some(told)),
            Err(Failure::Temporary(told)) => match schedule::again(tries, now) {
                Some(at) => fate(MailState::Again, tries, Some(at), Some(told)),
                None => fate(MailState::Failed, tries, None, Some(told)),
            },
            Err(Failure::Permanent(told)) => fate(MailState::Failed, tries, None, Some(told)),
            Err(Failure::Uncertain(told)) => fate(MailState::Uncertain, tries, None, Some(told)),
        }
    }
}

/// How a round went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Messages that the mail server accepted.
    pub sent: i32,
    /// Messages that did not leave, or may not have.
    pub failed: i32,
    /// Why it stopped short.
    pub problem: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2025-09-12T08:42:00Z";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn task(what: What, deadline: &str) -> Task {
        let year = (!matches!(what.kind(), Kind::Jalon | Kind::Followup)).then_some(2025);
        Task { what, plan: "uca-iut".into(), place: "IUT, Contrat".into(), year, deadline: day(deadline) }
    }

    fn jalon(code: &str, deadline: &str) -> Task {
        task(What::Jalon { code: code.into(), label: None }, deadline)
    }

    #[test]
    fn what_leaves_is_what_a_deadline_calls_for_the_oldest_first() {
        let all = vec![jalon("J1", "2025-09-20"), jalon("J2", "2026-01-01"), jalon("J3", "2025-09-01")];
        let codes = |due: Vec<(Task, Key)>| due.into_iter().map(|(task, _)| task.subject()).collect::<Vec<_>>();
        let today = day("2025-09-12");
        assert_eq!(codes(due(all.clone(), today, |_| false)), ["uca-iut/J3", "uca-iut/J1"]);
        assert_eq!(codes(due(all, today, |key| key.subject.ends_with("J3"))), ["uca-iut/J1"]);
    }

    #[test]
    fn a_moved_deadline_and_another_stage_are_other_reminders() {
        let first = jalon("J1", "2025-09-20").key(Stage::FarBefore);
        assert_ne!(first, jalon("J1", "2025-10-20").key(Stage::FarBefore));
        assert_ne!(first, jalon("J1", "2025-09-20").key(Stage::JustBefore));
        assert!(jalon("J1", "2025-09-20").is_of(&first) && !jalon("J1", "2025-10-20").is_of(&first));
        assert!(!task(What::Submission, "2025-09-20").is_of(&first));
    }

    #[test]
    fn each_thing_leads_to_the_page_where_it_is_done() {
        let path = |what| task(what, "2025-09-30").path();
        assert_eq!(path(What::Entry { missing: 2 }), "/plans/uca-iut/entry/2025?show=due");
        assert_eq!(path(What::Explanation { gaps: 1, not_provided: 0 }), "/plans/uca-iut/entry/2025?show=gaps");
        assert_eq!(path(What::Returned { reopened: false }), "/plans/uca-iut/entry/2025");
        assert_eq!(path(What::Submission), "/plans/uca-iut/dialogues/2025");
        assert_eq!(path(What::Review { state: DialogueState::Submitted }), "/plans/uca-iut/dialogues/2025");
        assert_eq!(path(What::Followup { code: "S2025-1".into() }), "/plans/uca-iut/followups/S2025-1");
        assert_eq!(jalon("J16.a", "2025-09-30").path(), "/plans/uca-iut/jalons/J16.a");
    }

    #[test]
    fn only_whoever_can_read_mail_and_come_in_receives_some() {
        let now = NOW.parse().unwrap();
        let account = Account {
            id: 1,
            version: 1,
            email: "direction@univ.example".into(),
            function: "Direction".into(),
            demo: false,
            has_password: true,
            suspended_at: None,
            last_sign_in_at: None,
            invited_until: None,
            reminders: true,
        };
        assert!(receives(&account, now));
        for other in [
            Account { demo: true, ..account.clone() },
            Account { has_password: false, ..account.clone() },
            Account { suspended_at: Some(now), ..account.clone() },
            Account { reminders: false, ..account.clone() },
            Account { email: "direction@demo.invalid".into(), ..account },
        ] {
            assert!(!receives(&other, now), "{other:?}");
        }
    }

    #[test]
    fn a_try_ends_in_one_of_few_ways() {
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let fate = |answer, tries| {
            let fate = Fate::of(answer, tries, now);
            (fate.state, fate.tries, fate.next_at.map(|at| (at - now).num_minutes()))
        };
        let told = || "réponse".to_owned();
        assert_eq!(fate(Ok(()), 2), (MailState::Sent, 2, None));
        assert_eq!(fate(Err(Failure::Temporary(told())), 1), (MailState::Again, 1, Some(20)));
        assert_eq!(fate(Err(Failure::Temporary(told())), 3), (MailState::Failed, 3, None));
        assert_eq!(fate(Err(Failure::Permanent(told())), 1), (MailState::Failed, 1, None));
        assert_eq!(fate(Err(Failure::Uncertain(told())), 1), (MailState::Uncertain, 1, None));
        assert_eq!(fate(Err(Failure::Relay(told())), 1), (MailState::Again, 0, Some(0)));
    }
}
