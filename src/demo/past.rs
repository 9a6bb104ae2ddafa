//! The two years before the demo's own: their campaigns, through the doors that people use, so that a meeting has
//! predecessors and every state of a dialogue is on screen.
//!
//! Everything is relative to the clock's year. What was entered, when, and what was said of it is invented, and marked.

use anyhow::Context;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use sqlx::PgConnection;

use super::{avenant, told};
use crate::access::{Who, store as access};
use crate::accounts::demo::{OTHERS, PEOPLE};
use crate::accounts::model::{Grant, Reach, Role, Scope, User};
use crate::dialogue::model::machine::Typed;
use crate::dialogue::model::{Campaign, Transition};
use crate::dialogue::passage::Loaded;
use crate::dialogue::store::{campaign as campaigns, open_campaign};
use crate::dialogue::{Asked, meeting, pass};
use crate::document::model::Document;
use crate::document::{self, store as documents};
use crate::followups::Followup;
use crate::followups::model::State as FollowupState;
use crate::indicators::model::{Cell, Status};
use crate::jalons::model::{Jalon, State};
use crate::journal::model::{Act, Actor, Source};
use crate::kernel::clock::{self, Clock};
use crate::kernel::ids::Code;
use crate::kernel::period::Period;
use crate::plans::store::{self as plans, Header};

/// The mark of what is invented.
const MARK: &str = "donnée fictive";
/// The function that opens campaigns, and the one that holds the meetings.
const PILOTAGE: &str = "SAPCG — pilotage";
const DIRECTOIRE: &str = "Directoire";
/// The contract that is over, and that its last campaign closes.
const OVER: &str = "uca-deg-2018-2022";

fn at(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default()).and_utc()
}

/// A day that every year has.
fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn act(function: &str, at: DateTime<Utc>) -> Act {
    let actor = Actor { account_id: None, function: function.to_owned() };
    Act { actor, at, source: Source::Command, import_id: None, reason: None }
}

/// Which figures of a document are known on a day.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Those that were due by a day.
    By(NaiveDate),
    /// All of them.
    All,
}

/// A contract whose figures come in year after year.
struct Story {
    code: String,
    /// With all its figures.
    whole: Document,
    header: Header,
    /// Its direction.
    director: String,
}

impl Story {
    async fn of(conn: &mut PgConnection, whole: Document) -> anyhow::Result<Self> {
        let code = whole.plan.code.to_string();
        let header = plans::header(conn, &code).await?.ok_or_else(|| anyhow::anyhow!("{code} n’est pas là"))?;
        let structure = header.structure.code.as_str();
        let known = PEOPLE.iter().chain(OTHERS).find(|it| it.role == Role::Director && it.scope == Some(structure));
        let director = known.map_or_else(|| format!("Direction : {}", header.structure.label), |it| it.function.into());
        Ok(Self { code, whole, header, director })
    }

    fn plan(&self) -> &str {
        &self.code
    }

    async fn document(&self, conn: &mut PgConnection) -> anyhow::Result<Document> {
        let found = documents::load(conn, self.plan()).await?;
        found.map(|(_, document)| document).ok_or_else(|| anyhow::anyhow!("{} n’est plus là", self.code))
    }

    /// Writes a document over what is there, as a file that this function sends.
    async fn send(
        &self,
        conn: &mut PgConnection,
        function: &str,
        at: DateTime<Utc>,
        document: &Document,
    ) -> anyhow::Result<()> {
        told(document::import(conn, &act(function, at), &document.to_bytes(), true).await)?;
        Ok(())
    }

    /// When the figure of a cell is due.
    fn due_on(&self, measure: &Code, period: Period) -> Option<NaiveDate> {
        let measure = self.whole.measures.iter().find(|it| it.code == *measure)?;
        let indicator = self.whole.indicators.iter().find(|it| it.code == measure.indicator)?;
        Some(indicator.availability.due_window(period).closes)
    }

    /// Adds to a document the figures that have become known, where nothing was answered.
    fn learn(&self, document: &mut Document, known: Known) {
        for cell in &self.whole.cells {
            let is_known = match known {
                Known::By(day) => self.due_on(&cell.measure, cell.period).is_some_and(|due_on| due_on <= day),
                Known::All => true,
            };
            if is_known {
                let kept = place(document, &cell.measure, cell.period);
                if kept.answer().is_none() {
                    *kept = cell.clone();
                }
            }
        }
    }

    /// Brings the jalons to where they were on a day; `keep` tells those that are not to be touched.
    fn advance(&self, document: &mut Document, by: Option<NaiveDate>, keep: impl Fn(&Jalon) -> bool) {
        for jalon in &mut document.jalons {
            let Some(whole) = self.whole.jalons.iter().find(|it| it.code == jalon.code) else { continue };
            let known = match (by, whole.state) {
                (None, _) => true,
                (Some(day), Some(State::Reached)) => whole.reached_on.is_some_and(|on| on <= day),
                _ => false,
            };
            if known && !keep(jalon) {
                *jalon = whole.clone();
            }
        }
    }

    /// Enters what a campaign asks, by a day: known figures, an NR explained where there is none, a word on what strays and
    /// on what is late. All that a submission demands.
    async fn enter(&self, conn: &mut PgConnection, year: i32, at: DateTime<Utc>, known: Known) -> anyhow::Result<()> {
        let on = clock::day(at);
        let mut document = self.document(conn).await?;
        self.learn(&mut document, known);
        let loaded = self.loaded(conn, year).await?;
        for kept in loaded.sheet.lines.iter().flat_map(|line| &line.cells).filter(|kept| kept.due_on.is_some()) {
            let cell = place(&mut document, &kept.cell.measure, kept.cell.period);
            if cell.answer().is_none() {
                cell.status = Some(Status::NotProvided);
                cell.comment = Some("Chiffre pas encore consolidé par le service qui le produit.".into());
                cell.provenance = Some(MARK.into());
            }
        }
        let lines = meeting::as_kept(&loaded.sheet.lines, &document);
        for line in &lines {
            for kept in line.cells.iter().filter(|kept| kept.due_on.is_some()) {
                if line.asks_explanation(kept, loaded.sheet.threshold) {
                    let cell = place(&mut document, &kept.cell.measure, kept.cell.period);
                    cell.comment = Some("Écart lié au calendrier de l’année, examiné en conseil.".into());
                    cell.provenance.get_or_insert_with(|| MARK.into());
                }
            }
        }
        self.advance(&mut document, Some(on), |jalon| !jalon.is_leaf() || jalon.state().is_over());
        let late: Vec<String> = {
            let jalons: Vec<Jalon> = document.jalons.clone();
            let calendar = crate::jalons::model::Calendar::new(on, loaded.dates.clone());
            jalons.iter().filter(|it| it.is_late(&calendar)).map(|it| it.code.to_string()).collect()
        };
        for jalon in document.jalons.iter_mut().filter(|it| late.iter().any(|code| code == it.code.as_str())) {
            let said = format!("Point fait pour le dialogue {year} : le retard est expliqué, le travail continue.");
            jalon.comment = Some(said);
            jalon.provenance = Some(MARK.into());
        }
        self.send(conn, &self.director, at, &document).await
    }

    /// Explains whatever a submission would still ask: what is late has grown since the entry, when it comes again.
    async fn complete(&self, conn: &mut PgConnection, year: i32, at: DateTime<Utc>) -> anyhow::Result<()> {
        let missing = self.loaded(conn, year).await?.checklist(clock::day(at));
        if missing.count() == 0 {
            return Ok(());
        }
        let mut document = self.document(conn).await?;
        for key in missing.not_provided.iter().chain(&missing.gaps) {
            let cell = place(&mut document, &key.measure, key.period);
            cell.comment = Some("Expliqué à la direction du pilotage, examiné en conseil.".into());
            cell.provenance.get_or_insert_with(|| MARK.into());
        }
        let asked = |jalon: &&mut Jalon| missing.jalons.iter().any(|it| it.code == jalon.code.as_str());
        for jalon in document.jalons.iter_mut().filter(asked) {
            jalon.comment = Some(format!("Examiné en conseil pour le dialogue {year} : le travail continue."));
            jalon.provenance = Some(MARK.into());
        }
        self.send(conn, &self.director, at, &document).await
    }

    async fn loaded(&self, conn: &mut PgConnection, year: i32) -> anyhow::Result<Loaded> {
        let loaded = Loaded::load(conn, self.header.clone(), year).await?;
        loaded.ok_or_else(|| anyhow::anyhow!("{} n’a pas de dialogue {year}", self.code))
    }

    async fn takes_part(&self, conn: &mut PgConnection, year: i32) -> anyhow::Result<bool> {
        Ok(Loaded::load(conn, self.header.clone(), year).await?.is_some())
    }

    /// A move of the dialogue of a year, by whom it belongs to.
    async fn pass(
        &self,
        conn: &mut PgConnection,
        year: i32,
        transition: Transition,
        at: DateTime<Utc>,
        (reason, session_on): (&str, Option<NaiveDate>),
    ) -> anyhow::Result<()> {
        if transition == Transition::Submission {
            self.complete(conn, year, at).await?;
        }
        let function = match transition {
            Transition::Submission | Transition::Recall => self.director.as_str(),
            _ => DIRECTOIRE,
        };
        let session_on = session_on.map(|day| day.to_string()).unwrap_or_default();
        let asked = Asked { transition, version: None, typed: Typed { reason: reason.to_owned(), session_on } };
        let passed = pass(conn, Who::Command, &act(function, at), self.plan(), year, &asked).await;
        passed.with_context(|| format!("{} {year}, {}", self.code, transition.label()))
    }

    /// Corrects one explanation, as its director does: the first edit after a return resumes the entry.
    async fn correct(&self, conn: &mut PgConnection, year: i32, at: DateTime<Utc>, said: &str) -> anyhow::Result<()> {
        let loaded = self.loaded(conn, year).await?;
        let mut document = self.document(conn).await?;
        let asked = loaded.sheet.lines.iter().flat_map(|line| &line.cells).find(|kept| kept.due_on.is_some());
        if let Some(kept) = asked {
            let cell = place(&mut document, &kept.cell.measure, kept.cell.period);
            cell.comment = Some(said.to_owned());
            cell.provenance.get_or_insert_with(|| MARK.into());
        }
        self.send(conn, &self.director, at, &document).await?;
        let scope = Scope::Structure { id: self.header.structure_id, code: self.header.structure.code.to_string() };
        let grants = vec![Grant { role: Role::Director, scope, starts_on: None, ends_on: None }];
        let director = User { account_id: 0, email: String::new(), function: self.director.clone(), grants };
        let act = act(&self.director, at);
        access::edited(conn, &director, &act, self.header.id, self.header.structure_id).await?;
        Ok(())
    }

    /// What the meeting of a year asks, and what becomes of what earlier ones asked.
    async fn follow_up(
        &self,
        conn: &mut PgConnection,
        function: &str,
        at: DateTime<Utc>,
        write: impl FnOnce(&mut Vec<Followup>),
    ) -> anyhow::Result<()> {
        let mut document = self.document(conn).await?;
        write(&mut document.followups);
        self.send(conn, function, at, &document).await
    }
}

/// A contract as it stood before any campaign: the figures it prints, and the jalons reached by then.
fn at_first(whole: &Document, day: NaiveDate) -> Document {
    let mut document = whole.clone();
    document.cells.retain(|cell| cell.printed.is_some());
    for jalon in document.jalons.iter_mut().filter(|jalon| jalon.is_leaf()) {
        if jalon.reached_on.is_none_or(|on| on > day) {
            jalon.state = Some(State::ToCome);
            (jalon.reached_on, jalon.evidence, jalon.reason) = (None, None, None);
            (jalon.postponed_to, jalon.comment, jalon.provenance) = (None, None, None);
        }
    }
    document
}

/// The cell of a measure and a period in a document, made when it is not there.
fn place<'a>(document: &'a mut Document, measure: &Code, period: Period) -> &'a mut Cell {
    let cells = &mut document.cells;
    let found = cells.iter().position(|cell| cell.measure == *measure && cell.period == period);
    let index = found.unwrap_or_else(|| {
        cells.push(Cell::empty(measure.clone(), period));
        cells.len() - 1
    });
    &mut cells[index]
}

fn task(all: &mut Vec<Followup>, year: i32, text: &str, owner: &str, due_on: NaiveDate) {
    let Some(code) = Followup::next_code(year, all) else { return };
    all.push(Followup {
        code,
        year,
        text: text.into(),
        owner: owner.into(),
        due_on,
        state: FollowupState::ToDo,
        said_on: None,
        note: None,
        provenance: Some(MARK.into()),
    });
}

fn settle(all: &mut [Followup], year: i32, number: usize, state: FollowupState, said_on: NaiveDate, note: &str) {
    let code = format!("S{year}-{number}");
    for it in all.iter_mut().filter(|it| it.code.as_str() == code) {
        (it.state, it.said_on, it.note) = (state, Some(said_on), Some(note.to_owned()));
    }
}

/// A dialogue of a year gone by: entered, submitted, reviewed, validated, closed, with what happened on the way.
async fn told_year(conn: &mut PgConnection, story: &Story, year: i32, is_last: bool) -> anyhow::Result<()> {
    use Transition::{Closure, Reopening, Return, Review, Submission, Validation};
    let nothing = ("", None);
    let on = |month, date| at(day(year, month, date));
    let structure = story.header.structure.code.as_str();
    if (structure, is_last) == ("viv", true) {
        let loaded = story.loaded(conn, year).await?;
        let why = "Arrivée tardive des chiffres de l’année (donnée fictive).";
        let act = Act { reason: Some(why.into()), ..act(PILOTAGE, on(9, 25)) };
        campaigns::extend(conn, &act, loaded.part.dialogue_id, day(year, 10, 15), why).await?;
    }
    story.enter(conn, year, on(9, 18), Known::By(day(year, 9, 30))).await?;
    story.pass(conn, year, Submission, on(9, 22), nothing).await?;
    story.pass(conn, year, Review, on(10, 1), nothing).await?;
    if (structure, is_last) == ("eng", false) {
        let why = "Précisez la première situation : l’explication ne dit pas d’où vient l’écart (donnée fictive).";
        story.pass(conn, year, Return, on(10, 3), (why, None)).await?;
        let said = "Précisé après le retour du directoire : une promotion ouverte un an plus tard que prévu.";
        story.correct(conn, year, on(10, 6), said).await?;
        story.pass(conn, year, Submission, on(10, 7), nothing).await?;
        story.pass(conn, year, Review, on(10, 8), nothing).await?;
    }
    story.pass(conn, year, Validation, on(10, 15), ("", Some(day(year, 10, 14)))).await?;
    if (structure, is_last) == ("hum", true) {
        let why = "Une situation a été corrigée par son service après la séance (donnée fictive).";
        story.pass(conn, year, Reopening, on(10, 20), (why, None)).await?;
        story.correct(conn, year, on(10, 22), "Corrigé après la réouverture, sur relevé du service.").await?;
        story.pass(conn, year, Submission, on(10, 23), nothing).await?;
        story.pass(conn, year, Review, on(10, 24), nothing).await?;
        story.pass(conn, year, Validation, on(10, 29), ("", Some(day(year, 10, 28)))).await?;
    }
    followed(conn, story, year, is_last).await?;
    // One is left to be closed: « validé » is on screen too.
    if (structure, is_last) != ("viv", true) {
        story.pass(conn, year, Closure, on(11, 20), nothing).await?;
    }
    if (structure, is_last) == ("iut", false) {
        let settled = |all: &mut Vec<Followup>| {
            let done = "Calendrier présenté au conseil de mars.";
            settle(all, year, 1, FollowupState::Done, day(year + 1, 3, 20), done);
            let why = "Sans objet : l’enquête nationale couvre désormais ce suivi.";
            settle(all, year, 3, FollowupState::Dropped, day(year + 1, 3, 20), why);
        };
        story.follow_up(conn, &story.director, at(day(year + 1, 3, 25)), settled).await?;
    }
    Ok(())
}

/// What the meetings asked, in two contracts.
async fn followed(conn: &mut PgConnection, story: &Story, year: i32, is_last: bool) -> anyhow::Result<()> {
    let seance = at(day(year, 10, 30));
    let director = story.director.as_str();
    match (story.header.structure.code.as_str(), is_last) {
        ("iut", false) => {
            story
                .follow_up(conn, DIRECTOIRE, seance, |all| {
                    let finance = "Direction des finances";
                    task(
                        all,
                        year,
                        "Présenter au conseil un calendrier des jalons en retard.",
                        director,
                        day(year + 1, 3, 31),
                    );
                    task(
                        all,
                        year,
                        "Chiffrer le coût complet de la plateforme partagée.",
                        finance,
                        day(year + 1, 6, 30),
                    );
                    task(
                        all,
                        year,
                        "Réunir les services autour du suivi des diplômés.",
                        director,
                        day(year + 1, 2, 28),
                    );
                })
                .await
        }
        ("iut", true) => {
            story
                .follow_up(conn, DIRECTOIRE, seance, |all| {
                    let text = "Proposer une cible révisée pour les mesures en recul.";
                    task(all, year, text, director, day(year + 1, 12, 15));
                })
                .await
        }
        ("eng", true) => {
            story
                .follow_up(conn, DIRECTOIRE, seance, |all| {
                    let text = "Remettre le plan de charge des ateliers à la direction du pilotage.";
                    task(all, year, text, director, day(year + 1, 1, 31));
                })
                .await
        }
        _ => Ok(()),
    }
}

/// When the contracts arrived: at the beginning of the first of the two years.
pub fn arrival(clock: &Clock) -> DateTime<Utc> {
    at(day(clock.today().year() - 2, 1, 15))
}

/// Loads these documents as they stood, then the two years before the clock's, then what has become known since and the
/// campaign of the clock's year.
pub async fn load(conn: &mut PgConnection, clock: &Clock, documents: &[&[u8]]) -> anyhow::Result<()> {
    let (now, today) = (clock.now(), clock.today());
    let this_year = today.year();
    let arrived = arrival(clock);
    let mut stories = Vec::new();
    for bytes in documents {
        let whole =
            Document::parse(bytes).map_err(|_| anyhow::anyhow!("un document de démonstration ne se lit pas"))?;
        let first = at_first(&whole, clock::day(arrived)).to_bytes();
        told(document::import(conn, &Act::command("demo", arrived), &first, true).await)?;
        stories.push(Story::of(conn, whole).await?);
    }
    for year in [this_year - 2, this_year - 1] {
        let is_last = year == this_year - 1;
        let (opens_on, closes_on) = (day(year, 9, 1), day(year, 9, 30));
        let campaign = Campaign { year, opens_on, closes_on, deviation_threshold: None };
        let over = stories.iter().filter(|it| it.code == OVER && is_last && it.whole.plan.last_year <= year);
        let last: Vec<String> = over.map(|it| it.code.clone()).collect();
        open_campaign(conn, &act(PILOTAGE, at(opens_on)), &campaign, &[], &last).await?;
        for story in &stories {
            if story.takes_part(conn, year).await? {
                told_year(conn, story, year, is_last).await?;
            }
        }
    }
    let opens_on = today;
    let closes_on = today + chrono::Days::new(super::CAMPAIGN_DAYS);
    // What the last submission received stays frozen until the next campaign opens; the rest is known before it.
    for story in &stories {
        if !is_going_on(conn, story).await? {
            continue;
        }
        let mut document = story.document(conn).await?;
        story.learn(&mut document, Known::All);
        let season = access::season(conn, story.header.id).await?;
        let received = |jalon: &Jalon| season.jalon(jalon.code.as_str()).is_some_and(|asking| asking.received);
        story.advance(&mut document, None, received);
        story.send(conn, &story.director, now, &document).await?;
    }
    let campaign = Campaign { year: this_year, opens_on, closes_on, deviation_threshold: None };
    open_campaign(conn, &act(PILOTAGE, now), &campaign, &[], &[]).await?;
    for story in &stories {
        if is_going_on(conn, story).await? && story.takes_part(conn, this_year).await? {
            let mut document = story.document(conn).await?;
            let over = |jalon: &Jalon| {
                let whole = story.whole.jalons.iter().find(|it| it.code == jalon.code);
                !whole.is_some_and(|it| it.state().is_over() || it.state() == State::Postponed)
            };
            story.advance(&mut document, None, over);
            story.send(conn, &story.director, now, &document).await?;
            going_on(conn, story, this_year, now).await?;
        }
        if story.code == avenant::CONTRACT && is_going_on(conn, story).await? {
            let mut document = story.document(conn).await?;
            avenant::prepare(&mut document, &story.director, today)?;
            story.send(conn, PILOTAGE, now, &document).await?;
        }
    }
    Ok(())
}

async fn is_going_on(conn: &mut PgConnection, story: &Story) -> anyhow::Result<bool> {
    let header = plans::seen(conn, story.plan(), &Reach::all()).await?;
    Ok(header.is_some_and(|header| header.closed.is_none()))
}

/// Where the dialogues of the clock's year stand: the first one is being entered, the others have gone further.
async fn going_on(conn: &mut PgConnection, story: &Story, year: i32, now: DateTime<Utc>) -> anyhow::Result<()> {
    use Transition::{Return, Review, Submission};
    let nothing = ("", None);
    let structure = story.header.structure.code.as_str();
    if !matches!(structure, "eng" | "hum" | "viv") {
        return Ok(());
    }
    story.enter(conn, year, now, Known::All).await?;
    story.pass(conn, year, Submission, now, nothing).await?;
    if structure != "eng" {
        story.pass(conn, year, Review, now, nothing).await?;
    }
    if structure == "viv" {
        let why = "Dites où en est le jalon le plus ancien avant la séance (donnée fictive).";
        story.pass(conn, year, Return, now, (why, None)).await?;
    }
    Ok(())
}
