//! The réserves of a plan, and one of them: what their templates ask.

use askama::Template;
use askama_web::WebTemplate;

use super::marks::{Mark, Reserves, href, mark};
use super::model::{At, Origin, REASON_MAX, Reading, Refused, Reserve, Settlement, Subject, Touched};
use super::store::Kept;
use crate::access::Verdict;
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::date;
use crate::plans::store::Header;
use crate::web::page::Page;

/// Things of one kind that a réserve touches: « Indicateurs 9, 10 ».
pub struct Touching {
    label: &'static str,
    links: Vec<Link>,
}

/// One of them, with its page.
pub struct Link {
    code: String,
    href: String,
}

/// What a réserve touches, by kind.
fn touching(plan: &str, touches: &[Touched]) -> Vec<Touching> {
    let mut groups: Vec<(Subject, Vec<Link>)> = Vec::new();
    for touched in touches {
        let code = touched.code.as_ref().map_or("", |code| code.as_str());
        let link = Link { code: code.to_owned(), href: href(plan, touched.subject, code) };
        match groups.iter_mut().find(|(subject, _)| *subject == touched.subject) {
            Some((_, links)) => links.push(link),
            None => groups.push((touched.subject, vec![link])),
        }
    }
    groups.into_iter().map(|(subject, links)| Touching { label: subject.label(links.len() > 1), links }).collect()
}

/// A réserve in the list.
pub struct Row {
    mark: Mark,
    touches: Vec<Touching>,
    origin: &'static str,
    reading: String,
    /// « le 12 sept. 2025, par le pilotage »; empty while it is open.
    settled: String,
}

/// The list, without a frame.
pub struct ListView {
    open: Vec<Row>,
    settled: Vec<Row>,
    folded: Vec<Row>,
}

impl ListView {
    /// What a person sees of the réserves of a plan: those of the document first, the open ones before the settled.
    pub fn new(plan: &str, reserves: &Reserves) -> Self {
        let rows = |pick: &dyn Fn(&Reserve) -> bool| {
            reserves
                .seen()
                .iter()
                .filter(|kept| pick(&kept.reserve))
                .map(|kept| Row {
                    mark: mark(plan, kept),
                    touches: touching(plan, &kept.reserve.touches),
                    origin: kept.reserve.origin.label(),
                    reading: kept.reserve.reading().map(|it| it.text.clone()).unwrap_or_default(),
                    settled: kept.reserve.settlement.as_ref().map_or_else(String::new, |it| {
                        format!("le {}, par {}", date::short(it.settled_on), it.settled_by)
                    }),
                })
                .collect::<Vec<_>>()
        };
        let of_document = |it: &Reserve| it.origin == Origin::Document;
        Self {
            open: rows(&|it| of_document(it) && it.is_open()),
            settled: rows(&|it| of_document(it) && !it.is_open()),
            folded: rows(&|it| !of_document(it)),
        }
    }

    fn is_empty(&self) -> bool {
        self.open.is_empty() && self.settled.is_empty() && self.folded.is_empty()
    }
}

/// The page of the list.
#[derive(Template, WebTemplate)]
#[template(path = "reserves/page.html")]
pub struct ListPage {
    /// Frame.
    pub page: Page,
    /// The plan's code.
    pub plan: String,
    /// The plan's name.
    pub plan_name: String,
    /// The list.
    pub reserves: ListView,
}

impl ListPage {
    fn subtitle(&self) -> String {
        let of_document = self.reserves.open.len() + self.reserves.settled.len();
        let settled = match self.reserves.settled.len() {
            0 => "aucune réglée".to_owned(),
            1 => "1 réglée".to_owned(),
            count => format!("{count} réglées"),
        };
        format!("{of_document} du document, {settled} ; {} d’une autre cause", self.reserves.folded.len())
    }
}

/// What a person tried, kept beside its sentences; nothing yet when the page is first shown.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// The reading chosen.
    pub reading: String,
    /// Why.
    pub reason: String,
    /// What the rules refuse.
    pub refused: Refused,
    /// Somebody else was first.
    pub conflict: bool,
}

/// A reading in the table and in the form.
pub struct ReadingRow {
    code: String,
    text: String,
    place: Option<String>,
    dates: Vec<String>,
    in_use: bool,
    chosen: bool,
}

/// A change, told.
pub struct Told {
    before: String,
    after: String,
    iso: String,
    when: String,
    who: String,
    origin: String,
    reason: String,
}

/// « Ouverte », or the reading retained.
fn stands(state: Option<&serde_json::Value>) -> String {
    match state.map(|state| Reserve::read(state, &mut Reader::default())) {
        None => String::new(),
        Some(None) => "illisible".into(),
        Some(Some(it)) if it.is_open() => "Ouverte".into(),
        Some(Some(it)) => format!("Réglée : {}", it.reading().map_or("", |reading| reading.text.as_str())),
    }
}

fn told(entry: &Entry) -> Told {
    Told {
        before: stands(entry.before.as_ref()),
        after: stands(entry.after.as_ref()),
        iso: date::machine(entry.at),
        when: date::time(entry.at),
        who: entry.actor.clone(),
        origin: entry.source_label(),
        reason: entry.reason.clone().unwrap_or_default(),
    }
}

/// The page of a réserve.
#[derive(Template, WebTemplate)]
#[template(path = "reserves/reserve.html")]
pub struct ReservePage {
    page: Page,
    plan: String,
    plan_name: String,
    reserve: Reserve,
    version: i32,
    touches: Vec<Touching>,
    readings: Vec<ReadingRow>,
    editable: bool,
    verdict: String,
    attempt: Attempt,
    history: Vec<Told>,
}

impl ReservePage {
    /// Of a réserve, with what an act did not save.
    pub fn new(
        page: Page,
        header: &Header,
        kept: &Kept,
        history: &[Entry],
        verdict: &Verdict,
        attempt: Attempt,
    ) -> Self {
        let reserve = kept.reserve.clone();
        let plan = header.plan.code.to_string();
        let in_use = reserve.reading().map(|it| it.code.clone());
        let row = |it: &Reading| ReadingRow {
            code: it.code.to_string(),
            text: it.text.clone(),
            place: it.place.clone(),
            dates: it.dates.iter().map(|read| format!("{} : {}", read.jalon, date::short(read.due_on))).collect(),
            in_use: in_use.as_ref() == Some(&it.code),
            chosen: attempt.reading == it.code.as_str(),
        };
        Self {
            page,
            plan_name: header.plan.name(),
            version: kept.version,
            touches: touching(&plan, &reserve.touches),
            readings: reserve.readings.iter().map(row).collect(),
            editable: verdict.allowed(),
            verdict: match verdict {
                Verdict::Allowed { because, .. } => format!("Vous pouvez régler cette réserve ({because})."),
                Verdict::Refused { .. } => verdict.sentence(),
            },
            attempt,
            history: history.iter().map(told).collect(),
            reserve,
            plan,
        }
    }

    fn lines(&self) -> String {
        let lines: Vec<String> = self.reserve.lines.iter().map(i32::to_string).collect();
        lines.join(", ")
    }

    fn settled_on(settlement: &Settlement) -> String {
        date::short(settlement.settled_on)
    }

    fn has_dates(&self) -> bool {
        self.reserve.has_dates()
    }

    fn error(&self, at: At) -> &str {
        self.attempt.refused.at(at)
    }

    fn first_field(&self) -> &'static str {
        match self.attempt.refused.first() {
            Some(At::Reading) if self.reserve.is_open() => "readings",
            _ => "reason",
        }
    }

    /// What the rules say of the act itself, when the form it came from is not on the page any more.
    fn elsewhere(&self) -> &str {
        if self.reserve.is_open() { "" } else { self.error(At::Reading) }
    }

    const fn reason_max() -> usize {
        REASON_MAX
    }

    /// The last change, which a conflict shows.
    fn last(&self) -> Option<&Told> {
        self.history.first()
    }
}
