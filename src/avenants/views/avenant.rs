//! One avenant: what it says, what it changes, who agreed, how it was adopted.

use askama::Template;
use askama_web::WebTemplate;
use serde_json::Value;

use crate::access::{Party, Verdict};
use crate::avenants::fields::CONTENT;
use crate::avenants::ground::Ground;
use crate::avenants::model::{Avenant, State, Subject, TEXT_MAX, accord_of};
use crate::avenants::store::Kept;
use crate::avenants::telling::{Row, rows};
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::date;
use crate::plans::model::{AdoptionStep, Vote};
use crate::plans::store::Header;
use crate::plans::vote::{Identity, identities};
use crate::web::fields::{Form, Options};
use crate::web::page::Page;

/// What a person tried and did not do.
pub enum Back {
    /// Nothing.
    None,
    /// The form of its content.
    Content(Box<Form>),
    /// An accord, and why it is not given.
    Accord(String),
    /// An abandonment.
    Abandonment {
        /// As typed.
        reason: String,
        /// Why it is refused.
        sentence: String,
    },
    /// It stands elsewhere, or changed since it was read.
    Stale(String),
}

impl Back {
    /// Somebody wrote between the reading and the act.
    pub fn meanwhile() -> Self {
        Self::Stale(
            "Cet avenant a changé depuis que vous l’avez lu. Rien n’est enregistré : relisez-le, puis recommencez."
                .into(),
        )
    }

    /// Something was tried.
    pub const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// A change in the list.
pub struct ChangeCard {
    name: String,
    label: String,
    href: String,
    rows: Vec<Row>,
    /// What it says now is not what it said when the change was written.
    moved: bool,
}

/// One of the two accords.
pub struct AccordCard {
    word: &'static str,
    title: &'static str,
    given: Option<(String, String)>,
    /// This person may give it, or take it back.
    may: bool,
    sentence: String,
}

/// A thing that may be changed.
pub struct Choice {
    value: String,
    label: String,
}

/// One entry of its history.
pub struct Told {
    change: String,
    iso: String,
    when: String,
    who: String,
    why: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "avenants/avenant.html")]
pub struct AvenantPage {
    page: Page,
    plan: String,
    plan_name: String,
    code: String,
    state: State,
    facts: Vec<(&'static str, String)>,
    changes: Vec<ChangeCard>,
    accords: Vec<AccordCard>,
    lacks: Option<&'static str>,
    /// It may still change.
    is_open: bool,
    prepares: bool,
    verdict: String,
    picks: Vec<(&'static str, Vec<Choice>)>,
    content: Form,
    steps: Vec<AdoptionStep>,
    records: bool,
    history: Vec<Told>,
    version: i32,
    back: Back,
}

fn facts(it: &Avenant) -> Vec<(&'static str, String)> {
    let abandoned = it.abandoned.as_ref();
    let all = [
        ("Référence", it.reference.clone()),
        ("Date", it.dated_on.map(date::short)),
        ("Raison", Some(it.reason.clone())),
        ("Délibération", it.deliberation.clone()),
        (
            "En vigueur",
            it.since
                .map(|year| format!("depuis l’ouverture de la campagne {year} ; les précédentes gardent l’original")),
        ),
        ("Abandonné", abandoned.map(|it| format!("le {}, par {} : {}", date::short(it.on), it.by, it.reason))),
    ];
    all.into_iter().filter_map(|(label, text)| Some((label, text?))).collect()
}

fn told(entry: &Entry) -> Told {
    let read = |state: Option<&Value>| state.and_then(|state| Avenant::read(state, &mut Reader::default()));
    let (before, after) = (read(entry.before.as_ref()), read(entry.after.as_ref()));
    Told {
        change: match (&before, &after) {
            (None, Some(_)) => "Préparé".into(),
            (Some(before), Some(after)) => moved(before, after),
            _ => "illisible".into(),
        },
        iso: date::machine(entry.at),
        when: date::time(entry.at),
        who: entry.actor.clone(),
        why: entry.reason.clone().unwrap_or_default(),
    }
}

/// What happened between two states, in a sentence.
fn moved(before: &Avenant, after: &Avenant) -> String {
    let mut told: Vec<String> = Vec::new();
    if let (None, Some(year)) = (before.since, after.since) {
        return format!("Entré en vigueur à l’ouverture de la campagne {year}");
    }
    if before.abandoned.is_none() && after.abandoned.is_some() {
        return "Abandonné".into();
    }
    if before.content() != after.content() {
        told.push("Texte modifié".into());
    }
    for change in &after.changes {
        match before.change(change.kind, change.code.as_str()) {
            None => told.push(format!("Changement ajouté : {}", change.kind.within(change.code.as_str()))),
            Some(was) if was != change => {
                told.push(format!("Changement modifié : {}", change.kind.within(change.code.as_str())));
            }
            Some(_) => {}
        }
    }
    for change in &before.changes {
        if after.change(change.kind, change.code.as_str()).is_none() {
            told.push(format!("Changement retiré : {}", change.kind.within(change.code.as_str())));
        }
    }
    let edited = !told.is_empty();
    for party in [Party::Director, Party::Directoire] {
        let who = accord_of(party);
        match (before.accord(party), after.accord(party)) {
            (None, Some(_)) => told.push(format!("Donné : {who}")),
            (Some(_), None) if edited => told.push(format!("Annulé par cette modification : {who}")),
            (Some(_), None) => told.push(format!("Retiré : {who}")),
            _ => {}
        }
    }
    told.join(". ")
}

impl AvenantPage {
    /// The page; `back` is what was tried and not done.
    #[expect(clippy::too_many_arguments, reason = "a page is where everything known of an avenant meets")]
    pub fn new(
        page: Page,
        header: &Header,
        kept: &Kept,
        ground: &Ground,
        steps: &[AdoptionStep],
        history: &[Entry],
        prepares: &Verdict,
        accords: [(Party, Verdict); 2],
        records: bool,
        back: Back,
    ) -> Self {
        let it = &kept.avenant;
        let plan = header.plan.code.to_string();
        let state = it.state();
        let is_open = state.is_open();
        let content = match &back {
            Back::Content(form) => (**form).clone(),
            _ => Form::of(CONTENT, &it.content().write(), &Options::new()),
        };
        Self {
            page,
            plan_name: header.plan.name(),
            code: it.code.to_string(),
            facts: facts(it),
            changes: it
                .changes
                .iter()
                .map(|change| {
                    let code = change.code.as_str();
                    let now = ground.present(change.kind, code).unwrap_or_default();
                    ChangeCard {
                        name: change.kind.name(code),
                        label: ground.label(change.kind, code).unwrap_or_default().to_owned(),
                        href: format!("/plans/{plan}/avenants/{}/changes/{}/{code}", it.code, change.kind.word()),
                        rows: rows(change),
                        moved: is_open && change.keys().iter().any(|key| now.0.get(*key) != change.before.0.get(*key)),
                    }
                })
                .collect(),
            accords: accords
                .into_iter()
                .map(|(party, may)| AccordCard {
                    word: if party == Party::Director { "direction" } else { "directoire" },
                    title: if party == Party::Director { "Direction de la structure" } else { "Directoire" },
                    given: it.accord(party).map(|accord| (date::short(accord.on), accord.by.clone())),
                    may: is_open && may.allowed(),
                    sentence: if may.allowed() { String::new() } else { may.sentence() },
                })
                .collect(),
            lacks: it.lacks().filter(|_| is_open),
            is_open,
            prepares: is_open && prepares.allowed(),
            verdict: if is_open && !prepares.allowed() { prepares.sentence() } else { String::new() },
            picks: Subject::ALL
                .iter()
                .map(|kind| {
                    let choices = ground.codes(*kind).into_iter().map(|code| Choice {
                        value: format!("{}/{code}", kind.word()),
                        label: format!("{code} · {}", ground.label(*kind, code.as_str()).unwrap_or_default()),
                    });
                    (kind.label(), choices.collect())
                })
                .collect(),
            content,
            steps: steps.iter().filter(|step| step.avenant.as_ref() == Some(&it.code)).cloned().collect(),
            records,
            history: history.iter().map(told).collect(),
            version: kept.version,
            state,
            back,
            plan,
        }
    }

    fn stale(&self) -> &str {
        match &self.back {
            Back::Stale(sentence) => sentence,
            _ => "",
        }
    }

    fn accord_error(&self) -> &str {
        match &self.back {
            Back::Accord(sentence) => sentence,
            _ => "",
        }
    }

    fn abandonment(&self) -> (&str, &str) {
        match &self.back {
            Back::Abandonment { reason, sentence } => (reason, sentence),
            _ => ("", ""),
        }
    }

    const fn content_back(&self) -> bool {
        matches!(self.back, Back::Content(_))
    }

    const fn text_max(&self) -> usize {
        TEXT_MAX
    }

    fn held(step: &AdoptionStep) -> String {
        step.held_on.map(date::short).or_else(|| step.date_printed.clone()).unwrap_or_default()
    }

    fn transmitted(step: &AdoptionStep) -> String {
        step.transmitted_on.map(date::short).unwrap_or_default()
    }

    fn published(step: &AdoptionStep) -> String {
        step.published_on.map(date::short).unwrap_or_default()
    }

    fn identities(step: &AdoptionStep, vote: &Vote) -> Vec<Identity> {
        identities(step.act, vote)
    }
}
