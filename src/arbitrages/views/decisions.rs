//! What is to be decided, what is to be asked otherwise, what was decided lately, what waits on a condition.

use askama::Template;
use askama_web::WebTemplate;

use crate::arbitrages::model::{RECENT_DAYS, State, Subject};
use crate::arbitrages::store::{Again, Inbox, Open, Pending};
use crate::kernel::{clock, date};
use crate::plans::store::Header;
use crate::web::page::Page;

/// A thing on which something is, or was, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it is.
    pub href: String,
    /// Its kind.
    pub subject: Subject,
    /// Its code.
    pub code: String,
    /// What it is.
    pub label: String,
    /// Whose.
    pub structure: String,
    /// Its pill.
    pub slug: &'static str,
    /// The decision in force, or the one taken.
    pub state: &'static str,
    /// « séance du 10 sept. 2025 »; empty when no séance is named.
    pub session: String,
    /// When it was recorded; empty for what is to be decided.
    pub recorded: String,
}

/// A condition that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Where it is.
    pub href: String,
    /// Its code.
    pub code: String,
    /// What it says.
    pub text: String,
    /// Whose.
    pub structure: String,
}

/// All of them, as a person sees them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// What they may decide.
    pub pending: Vec<Item>,
    /// What they may decide again, at the dialogue going on.
    pub again: Vec<Item>,
    /// What they are asked to ask otherwise.
    pub rework: Vec<Item>,
    /// What was decided lately.
    pub recent: Vec<Item>,
    /// Conditions that wait.
    pub conditions: Vec<Waiting>,
    /// They decide on something.
    pub decides: bool,
    /// They say where conditions stand.
    pub keeps_conditions: bool,
}

impl News {
    /// Out of an inbox: what this person sees, and may decide.
    pub fn new(
        headers: &[&Header],
        inbox: Inbox,
        sees: impl Fn(&Header, Subject) -> bool,
        decides: impl Fn(Subject) -> bool,
        directs: impl Fn(&Header) -> bool,
        keeps_conditions: bool,
    ) -> Self {
        let of = |plan_id: i64| headers.iter().find(|header| header.id == plan_id);
        let item = |header: &Header, subject: Subject, code: String, label: String, state: State| Item {
            href: subject.address(header.plan.code.as_str(), &code),
            subject,
            code,
            label,
            structure: header.structure.label.clone(),
            slug: state.slug(),
            state: state.label(),
            session: String::new(),
            recorded: String::new(),
        };
        let pending = inbox.pending.into_iter().filter_map(|it| {
            let header = of(it.plan_id).filter(|_| decides(it.subject))?;
            Some(item(header, it.subject, it.code.to_string(), it.label, it.state))
        });
        let recent = inbox.recent.into_iter().filter_map(|it| {
            let header = of(it.plan_id).filter(|header| sees(header, it.subject))?;
            Some(Item {
                session: it.session_on.map(|day| format!("séance du {}", date::short(day))).unwrap_or_default(),
                recorded: date::short(clock::day(it.at)),
                ..item(header, it.subject, it.code.to_string(), it.label, it.state)
            })
        });
        let again = |it: Again| {
            let header = of(it.plan_id).filter(|_| decides(it.subject))?;
            Some(Item {
                session: it.session_on.map(|day| format!("séance du {}", date::short(day))).unwrap_or_default(),
                ..item(header, it.subject, it.code.to_string(), it.label, State::Review)
            })
        };
        let rework = |it: Pending| {
            let header = of(it.plan_id).filter(|header| directs(header))?;
            Some(item(header, it.subject, it.code.to_string(), it.label, it.state))
        };
        let waiting = |it: Open| {
            let header = of(it.plan_id)?;
            Some(Waiting {
                href: format!("/plans/{}/conditions/{}", header.plan.code, it.code),
                code: it.code.to_string(),
                text: it.text,
                structure: header.structure.label.clone(),
            })
        };
        Self {
            pending: pending.collect(),
            rework: inbox.rework.into_iter().filter_map(rework).collect(),
            again: inbox.again.into_iter().filter_map(again).collect(),
            recent: recent.collect(),
            conditions: inbox.conditions.into_iter().filter_map(waiting).collect(),
            decides: Subject::ALL.iter().any(|subject| decides(*subject)),
            keeps_conditions,
        }
    }

    /// « 2 demandes (M4.4, O4.1), 1 poste (P56) ».
    pub fn words(items: &[Item]) -> String {
        const SHOWN: usize = 6;
        let words = Subject::ALL.iter().filter_map(|subject| {
            let codes: Vec<&str> =
                items.iter().filter(|it| it.subject == *subject).map(|it| it.code.as_str()).collect();
            let more = if codes.len() > SHOWN { "…" } else { "" };
            let listed = codes.get(..SHOWN).unwrap_or(&codes).join(", ");
            (!codes.is_empty()).then(|| format!("{} ({listed}{more})", subject.counted(codes.len())))
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "arbitrages/decisions.html")]
pub struct DecisionsPage {
    /// Frame.
    pub page: Page,
    /// What it shows.
    pub news: News,
}

impl DecisionsPage {
    const fn days(&self) -> i64 {
        RECENT_DAYS
    }
}
