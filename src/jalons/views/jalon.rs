//! One jalon: what its template asks.

use askama::Template;
use askama_web::WebTemplate;

use super::list::{Row, due, href, since};
use crate::access::Verdict;
use crate::jalons::entry::{Act, Fields};
use crate::jalons::model::{At, Calendar, Jalon, Precision, Refused, Standing, State, TEXT_MAX, group_standing};
use crate::jalons::store::Kept;
use crate::jalons::telling::{self, Told};
use crate::journal::model::Entry;
use crate::kernel::date;
use crate::plans::store::Header;
use crate::plans::views::OnDay;
use crate::reserves::model::Subject;
use crate::reserves::{Dates, Mark, Reserves};
use crate::web::page::Page;

/// What a person tried, kept beside its sentences; nothing yet when the page is first shown.
#[derive(Debug, Clone)]
pub struct Attempt {
    act: Option<Act>,
    fields: Fields,
    refused: Refused,
    conflict: bool,
}

impl Attempt {
    /// Nothing yet.
    pub fn none(fields: Fields) -> Self {
        Self { act: None, fields, refused: Refused::default(), conflict: false }
    }

    /// An act that the rules refuse.
    pub fn refused(act: Act, fields: Fields, refused: Refused) -> Self {
        Self { act: Some(act), fields, refused, conflict: false }
    }

    /// An act that came after somebody else's.
    pub fn conflict(act: Act, fields: Fields) -> Self {
        Self { act: Some(act), fields, refused: Refused::default(), conflict: true }
    }
}

/// A line of the definition list; an address is a link.
pub struct Fact {
    label: &'static str,
    text: String,
    is_link: bool,
}

/// A form of the page.
pub struct ActForm {
    act: Act,
    title: &'static str,
    open: bool,
}

/// A group the jalon belongs to.
pub struct Above {
    code: String,
    href: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "jalons/jalon.html")]
pub struct JalonPage {
    page: Page,
    plan: String,
    plan_name: String,
    code: String,
    label: String,
    objective: String,
    objective_href: String,
    above: Option<Above>,
    standing: Standing,
    since: String,
    provenance: Option<String>,
    marks: Vec<Mark>,
    facts: Vec<Fact>,
    leaves: Vec<Row>,
    editable: bool,
    verdict: String,
    forms: Vec<ActForm>,
    not_begun: &'static str,
    fields: Fields,
    refused: Refused,
    conflict: bool,
    history: Vec<Told>,
    /// Where an avenant that changes its date is prepared, for those who may.
    amends: Option<String>,
    on: OnDay,
}

fn fact(label: &'static str, text: Option<String>) -> Option<Fact> {
    let text = text.filter(|text| !text.is_empty())?;
    let is_link =
        ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) && !text.contains(char::is_whitespace);
    Some(Fact { label, text, is_link })
}

fn facts(jalon: &Jalon, dates: &Dates) -> Vec<Fact> {
    let precision = match (jalon.precision, &jalon.due_printed) {
        (Some(Precision::Month | Precision::Year), Some(printed)) => {
            let set_aside = jalon.first_due(dates) != jalon.due_on;
            Some(format!("« {printed} » au contrat{}", if set_aside { ", lecture écartée" } else { "" }))
        }
        _ => None,
    };
    let first = jalon.is_moved().then(|| jalon.first_due(dates).map(date::short)).flatten();
    let given = jalon.redated.iter().map(|it| {
        format!("{} : avenant {}, en vigueur depuis la campagne {}", date::short(it.due_on), it.avenant, it.since)
    });
    let given: Vec<String> = given.collect();
    let reason = match jalon.state() {
        State::Abandoned => "Raison de l’abandon",
        _ => "Raison du report",
    };
    [
        fact("Échéance", Some(due(jalon, dates)).filter(|_| !jalon.is_conditional())),
        fact("Première échéance", first),
        fact("Par avenant", Some(given.join(" ; "))),
        fact("Imprimé", precision),
        fact("Condition", jalon.condition.clone()),
        fact("Responsable", Some(jalon.owners.join(", "))),
        fact("Atteint le", jalon.reached_on.map(date::short)),
        fact("Preuve", jalon.evidence.clone()),
        fact(reason, jalon.reason.clone()),
        fact("Commentaire", jalon.comment.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn forms(jalon: &Jalon, tried: Option<Act>) -> Vec<ActForm> {
    Act::ALL
        .into_iter()
        .filter(|act| *act != Act::Postponement || !jalon.is_conditional())
        .map(|act| ActForm {
            act,
            title: match (act, jalon.state()) {
                (Act::Progress, State::Reached | State::Abandoned) => "Revenir sur cet état",
                (Act::Progress, _) => "Dire où il en est",
                (Act::Closure, State::Reached) => "Corriger la date ou la preuve",
                (Act::Closure, _) => "Le déclarer atteint",
                (Act::Postponement, _) => "Reporter l’échéance",
                (Act::Abandonment, _) => "L’abandonner",
            },
            open: tried == Some(act),
        })
        .collect()
}

impl JalonPage {
    /// The page of a jalon, or of a group.
    #[expect(clippy::too_many_arguments, reason = "a page is where everything known of a jalon meets")]
    pub fn new(
        page: Page,
        header: &Header,
        jalons: &[Kept],
        reserves: &Reserves,
        kept: &Kept,
        history: &[Entry],
        verdict: &Verdict,
        attempt: Attempt,
        calendar: &Calendar,
        on: OnDay,
    ) -> Self {
        let jalon = &kept.jalon;
        let plan = header.plan.code.to_string();
        let below = || jalons.iter().filter(|leaf| leaf.jalon.parent.as_ref() == Some(&jalon.code));
        let standing = if jalon.is_group {
            group_standing(below().map(|leaf| &leaf.jalon), calendar)
        } else {
            jalon.standing(calendar)
        };
        let Attempt { act, fields, refused, conflict } = attempt;
        Self {
            page,
            plan_name: header.plan.name(),
            code: jalon.code.to_string(),
            label: jalon.label.clone().unwrap_or_else(|| format!("groupe de {} jalons", below().count())),
            objective: kept.objective.clone(),
            objective_href: format!("/plans/{plan}{}#n-{}", on.query(), jalon.node),
            above: jalons
                .iter()
                .find(|group| Some(&group.jalon.code) == jalon.parent.as_ref())
                .map(|group| Above { code: group.jalon.code.to_string(), href: href(&plan, &group.jalon, &on) }),
            standing,
            since: match (since(jalon, standing, calendar), jalon.readings(&calendar.dates).is_empty()) {
                (since, true) if !since.is_empty() => format!("échéance passée {since}"),
                (since, _) => since,
            },
            marks: reserves.on(Subject::Jalon, jalon.code.as_str()),
            provenance: jalon.provenance.clone(),
            facts: facts(jalon, &calendar.dates),
            leaves: below().map(|leaf| Row::of(&plan, leaf, reserves, calendar, &on)).collect(),
            editable: verdict.allowed(),
            verdict: match verdict {
                Verdict::Allowed { because, .. } => format!("Vous pouvez modifier ce jalon ({because})."),
                Verdict::Refused { .. } => verdict.sentence(),
            },
            forms: forms(jalon, act),
            not_begun: if jalon.postponed_to.is_some() { "Reporté, pas encore commencé" } else { "À venir" },
            fields,
            refused,
            conflict,
            history: history.iter().map(telling::told).collect(),
            amends: None,
            plan,
            on,
        }
    }

    /// Leads those who prepare avenants to one about its date.
    #[must_use]
    pub fn amendable(mut self, amends: bool) -> Self {
        let open = !self.leaves.is_empty() || matches!(self.standing, Standing::Reached | Standing::Abandoned);
        self.amends =
            (amends && !open).then(|| format!("/plans/{}/avenants/new?element=jalon/{}", self.plan, self.code));
        self
    }

    fn action(&self, form: &ActForm) -> String {
        let act = form.act.path();
        format!("/plans/{}/jalons/{}/{act}#{act}", self.plan, self.code)
    }

    fn is_refused(&self) -> bool {
        !self.refused.0.is_empty()
    }

    /// The first field to take up again.
    fn first_field(&self) -> &'static str {
        match self.refused.0.first() {
            Some((At::ReachedOn, _)) => "reached_on",
            Some((At::Evidence, _)) => "evidence",
            Some((At::PostponedTo, _)) => "postponed_to",
            Some((At::Reason, _)) if self.forms.iter().any(|form| form.open && form.act == Act::Abandonment) => {
                "abandonment-reason"
            }
            Some((At::Reason, _)) => "postponement-reason",
            Some((At::Comment, _)) => "comment",
            Some((At::State, _)) | None => "state-a-venir",
        }
    }

    fn error(&self, at: At) -> &str {
        self.refused.at(at).unwrap_or_default()
    }

    /// The sentence about a reason, for the form that was tried.
    fn reason_error(&self, form: &ActForm) -> &str {
        if form.open { self.error(At::Reason) } else { "" }
    }

    /// The reason typed, in the form where it was.
    fn reason(&self, form: &ActForm) -> &str {
        if form.open { &self.fields.reason } else { "" }
    }

    fn begun(&self) -> bool {
        self.fields.state == State::InProgress.word()
    }

    const fn text_max() -> usize {
        TEXT_MAX
    }

    /// The last change, which a conflict shows.
    fn last(&self) -> Option<&Told> {
        self.history.first()
    }
}
