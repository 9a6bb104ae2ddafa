//! What a reminder says, and the page of those who administer.

use askama::Template;
use askama_web::WebTemplate;
use chrono::{DateTime, NaiveDate, Utc};

use super::model::{MailState, Round, Task, What};
use super::schedule;
use super::store::Trouble;
use crate::accounts::model::User;
use crate::kernel::date;
use crate::mail::{Message, Relay};
use crate::web::page::{NO_ESTABLISHMENT, Page};

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count > 1 { many } else { one }
}

/// A thing in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What there is to do.
    pub heading: String,
    /// Where, and by when.
    pub sentence: String,
    /// Whole address of the page where it is done.
    pub address: String,
}

/// A message to one person: everything that leaves for them today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    to: String,
    function: String,
    establishment: String,
    home: String,
    account: String,
    late: usize,
    /// Headings with what stands under each, none of them empty.
    groups: Vec<(&'static str, Vec<Item>)>,
}

#[derive(Template)]
#[template(path = "reminders/letter.txt")]
struct LetterText<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "reminders/letter.html")]
struct LetterHtml<'a> {
    letter: &'a Letter,
}

impl Letter {
    /// What waits for a person, on a day; `url` is the public address, without a final slash.
    pub fn new(establishment: &str, url: &str, user: &User, tasks: Vec<Task>, today: NaiveDate) -> Self {
        let (mut came, mut late, mut coming) = (Vec::new(), Vec::new(), Vec::new());
        for task in tasks {
            let item = Item {
                heading: heading(&task),
                sentence: sentence(&task, today),
                address: format!("{url}{}", task.path()),
            };
            match task.what {
                What::Returned | What::Review => came.push(item),
                _ if task.is_late(today) => late.push(item),
                _ => coming.push(item),
            }
        }
        let late_count = late.len();
        let mut groups = vec![("En attente de vous", came), ("En retard", late), ("À venir", coming)];
        groups.retain(|(_, items)| !items.is_empty());
        Self {
            to: user.email.clone(),
            function: user.function.clone(),
            establishment: if establishment.is_empty() { NO_ESTABLISHMENT } else { establishment }.to_owned(),
            home: format!("{url}/"),
            account: format!("{url}/account"),
            late: late_count,
            groups,
        }
    }

    /// Each thing, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.groups.iter().flat_map(|(_, items)| items)
    }

    /// « CPOM : 3 choses vous attendent, dont 2 en retard ».
    pub fn subject(&self) -> String {
        format!("CPOM : {}", self.count())
    }

    fn count(&self) -> String {
        let count = self.items().count();
        let late = match self.late {
            0 => String::new(),
            late if late == count => format!(", {}", plural(count, "en retard", "toutes en retard")),
            late => format!(", dont {late} en retard"),
        };
        format!("{count} {}{late}", plural(count, "chose vous attend", "choses vous attendent"))
    }

    /// As it is sent.
    ///
    /// # Errors
    /// None that these templates can raise.
    pub fn message(&self, id: String, at: DateTime<Utc>) -> askama::Result<Message> {
        Ok(Message {
            to: self.to.clone(),
            subject: self.subject(),
            text: LetterText { letter: self }.render()?,
            html: LetterHtml { letter: self }.render()?,
            at,
            id,
        })
    }
}

#[derive(Template)]
#[template(path = "reminders/trial.txt")]
struct TrialText<'a> {
    page: &'a str,
}

#[derive(Template)]
#[template(path = "reminders/trial.html")]
struct TrialHtml<'a> {
    page: &'a str,
}

/// A message that says only that messages arrive; `url` is the public address, without a final slash.
///
/// # Errors
/// None that these templates can raise.
pub fn trial(to: &str, url: &str, at: DateTime<Utc>) -> askama::Result<Message> {
    let page = format!("{url}/admin/reminders");
    Ok(Message {
        to: to.to_owned(),
        subject: "CPOM : courriel d’essai".into(),
        text: TrialText { page: &page }.render()?,
        html: TrialHtml { page: &page }.render()?,
        at,
        id: format!("essai-{}", at.timestamp_millis()),
    })
}

fn heading(task: &Task) -> String {
    let year = task.year.unwrap_or_default();
    match &task.what {
        What::Returned => format!("Dialogue {year} retourné par le directoire"),
        What::Review => format!("Dialogue {year} à relire"),
        What::Entry { missing } => format!("{missing} {} à saisir", plural(*missing, "situation", "situations")),
        What::Explanation { gaps, not_provided } => {
            let gaps = (*gaps > 0).then(|| format!("{gaps} {}", plural(*gaps, "écart", "écarts")));
            let not_provided = (*not_provided > 0).then(|| format!("{not_provided} NR"));
            let told: Vec<String> = gaps.into_iter().chain(not_provided).collect();
            format!("{} à expliquer", told.join(" et "))
        }
        What::Jalon { code, label: Some(label) } => format!("Jalon {code} : {label}"),
        What::Jalon { code, label: None } => format!("Jalon {code}"),
    }
}

fn sentence(task: &Task, today: NaiveDate) -> String {
    let when = format!("{}, {}", date::long(task.deadline), date::relative(task.deadline, today));
    let said = match task.what {
        What::Returned => format!("retour du {when}"),
        What::Review => format!("depuis le {when}"),
        What::Entry { .. } | What::Explanation { .. } if task.deadline < today => {
            format!("la campagne a fermé le {when} ; la saisie reste possible")
        }
        What::Entry { .. } | What::Explanation { .. } => format!("la campagne ferme le {when}"),
        What::Jalon { .. } if task.deadline < today => format!("il était attendu pour le {when}"),
        What::Jalon { .. } => format!("il est attendu pour le {when}"),
    };
    format!("{} : {said}.", task.place)
}

/// Rappels, for those who administer.
#[derive(Template, WebTemplate)]
#[template(path = "reminders/reminders.html")]
pub struct RemindersPage {
    /// Frame.
    pub page: Page,
    /// Where mail goes through, if it goes at all.
    pub relay: Option<Relay>,
    /// The last round of any server.
    pub last: Option<(DateTime<Utc>, Round)>,
    /// Messages that left in the last thirty days.
    pub sent: i64,
    /// Those that did not leave.
    pub troubles: Vec<Trouble>,
    /// Where a message for trial would go.
    pub email: String,
    /// Why the last act was refused.
    pub refused: Option<String>,
    /// Now.
    pub now: DateTime<Utc>,
}

impl RemindersPage {
    /// The instant of the next round.
    fn next(&self) -> String {
        let after = self.last.as_ref().map_or(self.now, |(at, _)| (*at + schedule::EVERY).max(self.now));
        date::time(schedule::next_opening(after))
    }

    fn last_sentence(&self) -> String {
        let Some((at, round)) = &self.last else { return "aucune encore".into() };
        format!("{}, {}", date::time(*at), round.sentence())
    }

    fn problem(&self) -> Option<&str> {
        self.last.as_ref()?.1.problem.as_deref()
    }
}

impl Round {
    /// « 3 courriels envoyés, 1 non parti ».
    pub fn sentence(&self) -> String {
        let sent = match (self.sent, self.failed > 0 || self.problem.is_some()) {
            (0, false) => "rien à envoyer".to_owned(),
            (0, true) => "rien n’est parti".to_owned(),
            (1, _) => "1 courriel envoyé".to_owned(),
            (sent, _) => format!("{sent} courriels envoyés"),
        };
        match self.failed {
            0 => sent,
            failed => format!("{sent}, {failed} {}", if failed > 1 { "non partis" } else { "non parti" }),
        }
    }
}

impl Trouble {
    fn day(&self) -> String {
        date::short(self.day)
    }

    fn content(&self) -> String {
        format!("{} {}", self.things, if self.things > 1 { "choses" } else { "chose" })
    }

    fn why(&self) -> &str {
        self.failure.as_deref().unwrap_or_default()
    }

    fn next(&self) -> Option<String> {
        self.next_at.map(date::time)
    }

    fn tries(&self) -> String {
        format!("{} {}", self.tries, if self.tries > 1 { "essais" } else { "essai" })
    }
}

impl MailState {
    /// Name of its pill and icon.
    const fn slug(self) -> &'static str {
        match self {
            Self::InHand => "en-cours",
            Self::Sent => "valide",
            Self::Again => "reporte",
            Self::Failed => "en-recul",
            Self::Uncertain => "non-evaluable",
            Self::Moot => "clos",
        }
    }
}
