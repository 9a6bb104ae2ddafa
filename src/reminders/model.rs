//! What is recalled to whom, and what becomes of a message (docs/regles.md §9).

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::schedule::{self, Stage, stage};
use crate::access::DialogueState;
use crate::accounts::model::{Account, AccountState, Role, User};
use crate::dialogue::store::Part;
use crate::home::model::{Waiting, own_jalons};
use crate::indicators::sheet::Line;
use crate::indicators::verdict;
use crate::jalons::model::Jalon;
use crate::kernel::clock::{self, Clock};
use crate::mail::Failure;
use crate::plans::store::Header;
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
    /// Its measures with what that dialogue expects; empty when it expects nothing now.
    pub lines: Vec<Line>,
    /// Its jalons.
    pub jalons: Vec<Jalon>,
}

words! {
    /// What kind of thing is recalled.
    pub enum Kind {
        /// A dialogue came back to the director.
        Returned = "retour",
        /// A dialogue waits for the directoire.
        Review = "relecture",
        /// Expected cells without an answer.
        Entry = "saisie",
        /// Deviations and NR without a comment.
        Explanation = "explication",
        /// A jalon neither reached nor given up.
        Jalon = "jalon",
    }
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A dialogue came back.
    Returned,
    /// A dialogue is to be read.
    Review,
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
    /// The campaign's year; `None` for a jalon.
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
            Self::Returned => Kind::Returned,
            Self::Review => Kind::Review,
            Self::Entry { .. } => Kind::Entry,
            Self::Explanation { .. } => Kind::Explanation,
            Self::Jalon { .. } => Kind::Jalon,
        }
    }
}

impl Task {
    /// Which one, among those of its kind.
    pub fn subject(&self) -> String {
        match (&self.what, self.year) {
            (What::Jalon { code, .. }, _) => format!("{}/{code}", self.plan),
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
            (What::Entry { .. }, Some(year)) => format!("{plan}/entry/{year}?show=due"),
            (What::Explanation { .. }, Some(year)) => format!("{plan}/entry/{year}?show=gaps"),
            (What::Returned, Some(year)) => format!("{plan}/entry/{year}"),
            _ => plan,
        }
    }

    /// Its deadline is past; a dialogue that changed hands has none.
    pub fn is_late(&self, today: NaiveDate) -> bool {
        !matches!(self.what, What::Returned | What::Review) && self.deadline < today
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
    let Contract { header, part, lines, jalons } = contract;
    let today = clock.today();
    let place = format!("{}, {}", header.structure.label, header.plan.name());
    let task =
        |what, year, deadline| Task { what, plan: header.plan.code.to_string(), place: place.clone(), year, deadline };
    let mut tasks = Vec::new();
    if let Some(part) = part.as_ref().filter(|part| part.opens_on <= today) {
        let since = clock::day(part.since);
        let of_part = |what, deadline| task(what, Some(part.year), deadline);
        match part.state {
            DialogueState::Submitted | DialogueState::InReview if user.has(Role::Directoire) => {
                tasks.push(of_part(What::Review, since));
            }
            DialogueState::Returned if user.directs(header.structure_id) => {
                tasks.push(of_part(What::Returned, since));
            }
            _ => {}
        }
        if part.state.is_open() {
            let waiting = Waiting::of(lines, header.plan.deviation_threshold, today, |line, kept| {
                verdict(user, header, line, kept, clock).allowed()
            });
            if waiting.missing() > 0 {
                tasks.push(of_part(What::Entry { missing: waiting.missing() }, part.closes_on));
            }
            let (gaps, not_provided) = (waiting.gaps.len(), waiting.not_provided.len());
            if gaps + not_provided > 0 {
                tasks.push(of_part(What::Explanation { gaps, not_provided }, part.closes_on));
            }
        }
    }
    if user.reads_plan(header.id, header.structure_id) {
        for jalon in own_jalons(user, header, jalons, today) {
            let Some(due) = jalon.due().filter(|_| jalon.is_leaf() && !jalon.state().is_over()) else { continue };
            tasks.push(task(What::Jalon { code: jalon.code.to_string(), label: jalon.label.clone() }, None, due));
        }
    }
    tasks
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
