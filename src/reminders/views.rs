//! What a reminder says, and the page of those who administer.

use askama::Template;
use askama_web::WebTemplate;
use chrono::{DateTime, NaiveDate, Utc};

use super::model::{MailState, Round, Task, What};
use super::schedule;
use super::store::Trouble;
use crate::access::DialogueState;
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
            let group = if task.changed_hands() {
                &mut came
            } else if task.is_late(today) {
                &mut late
            } else {
                &mut coming
            };
            group.push(item);
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
        What::Returned { reopened: false } => format!("Dialogue {year} retourné par le directoire"),
        What::Returned { reopened: true } => format!("Dialogue {year} rouvert par le directoire"),
        What::Review { state: DialogueState::Submitted } => format!("Dialogue {year} à examiner"),
        What::Review { state: DialogueState::Validated } => format!("Dialogue {year} validé, à clore"),
        What::Review { .. } => format!("Dialogue {year} en revue"),
        What::Submission => format!("Dialogue {year} à soumettre : tout a sa réponse"),
        What::Entry { missing } => format!("{missing} {} à saisir", plural(*missing, "situation", "situations")),
        What::Explanation { gaps, not_provided } => {
            let gaps = (*gaps > 0).then(|| format!("{gaps} {}", plural(*gaps, "écart", "écarts")));
            let not_provided = (*not_provided > 0).then(|| format!("{not_provided} NR"));
            let told: Vec<String> = gaps.into_iter().chain(not_provided).collect();
            format!("{} à expliquer", told.join(" et "))
        }
        What::Jalon { code, label: Some(label) } => format!("Jalon {code} : {label}"),
        What::Jalon { code, label: None } => format!("Jalon {code}"),
        What::Followup { code } => format!("Suite de dialogue {code} à faire"),
    }
}

fn sentence(task: &Task, today: NaiveDate) -> String {
    let when = format!("{}, {}", date::long(task.deadline), date::relative(task.deadline, today));
    let said = match task.what {
        What::Returned { reopened: false } => format!("retour du {when}"),
        What::Returned { reopened: true } => format!("rouvert le {when}"),
        What::Review { .. } => format!("depuis le {when}"),
        What::Entry { .. } | What::Explanation { .. } | What::Submission if task.deadline < today => {
            format!("le dernier jour était le {when} ; la saisie reste possible")
        }
        What::Entry { .. } | What::Explanation { .. } | What::Submission => format!("jusqu’au {when}"),
        What::Jalon { .. } if task.deadline < today => format!("il était attendu pour le {when}"),
        What::Jalon { .. } => format!("il est attendu pour le {when}"),
        What::Followup { .. } if task.deadline < today => format!("elle était attendue pour le {when}"),
        What::Followup { .. } => format!("elle est attendue pour le {when}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(tasks: &[(What, &str)]) -> Letter {
        let user = User {
            account_id: 1,
            email: "direction@univ.example".into(),
            function: "Direction de l’IUT".into(),
            grants: Vec::new(),
        };
        let tasks = tasks
            .iter()
            .map(|(what, deadline)| Task {
                what: what.clone(),
                plan: "uca-iut".into(),
                place: "IUT, Contrat <2021>".into(),
                year: Some(2025),
                deadline: deadline.parse().unwrap(),
            })
            .collect();
        Letter::new("", "https://cpom.univ.example", &user, tasks, "2025-10-01".parse().unwrap())
    }

    #[test]
    fn a_subject_counts_what_waits_and_what_is_late() {
        let entry = |missing| What::Entry { missing };
        let subject = |tasks: &[(What, &str)]| letter(tasks).subject();
        assert_eq!(subject(&[(entry(3), "2025-10-04")]), "CPOM : 1 chose vous attend");
        assert_eq!(subject(&[(entry(3), "2025-09-20")]), "CPOM : 1 chose vous attend, en retard");
        let submission = (What::Submission, "2025-10-04");
        assert_eq!(
            subject(&[(entry(3), "2025-09-20"), submission.clone()]),
            "CPOM : 2 choses vous attendent, dont 1 en retard"
        );
        assert_eq!(
            subject(&[(entry(3), "2025-09-20"), (entry(1), "2025-09-20")]),
            "CPOM : 2 choses vous attendent, toutes en retard"
        );
        // What changed hands has a day, not a deadline.
        let returned = (What::Returned { reopened: false }, "2025-09-20");
        assert_eq!(subject(&[returned, submission]), "CPOM : 2 choses vous attendent");
    }

    #[test]
    fn a_letter_groups_what_came_what_is_late_and_what_comes() {
        let letter = letter(&[
            (What::Explanation { gaps: 2, not_provided: 1 }, "2025-09-20"),
            (What::Entry { missing: 1 }, "2025-10-04"),
            (What::Returned { reopened: true }, "2025-09-30"),
        ]);
        let groups: Vec<&str> = letter.groups.iter().map(|(title, _)| *title).collect();
        assert_eq!(groups, ["En attente de vous", "En retard", "À venir"]);
        let headings: Vec<&str> = letter.items().map(|item| item.heading.as_str()).collect();
        assert_eq!(
            headings,
            ["Dialogue 2025 rouvert par le directoire", "2 écarts et 1 NR à expliquer", "1 situation à saisir"]
        );
        let message = letter.message("rappel-1".into(), DateTime::UNIX_EPOCH).unwrap();
        // Nothing is escaped in a plain text, everything is in the other one.
        assert!(message.text.contains("IUT, Contrat <2021> : rouvert le 30 septembre 2025, hier."), "{}", message.text);
        assert!(!message.html.contains("<2021>") && message.html.contains("rouvert le 30 septembre 2025, hier."));
    }
}
