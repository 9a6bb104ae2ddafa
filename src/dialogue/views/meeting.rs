//! The meeting of a dialogue: what is under its state on the page, and what its printed minutes are made of.

use chrono::NaiveDate;

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::accounts::model::User;
use crate::arbitrages::entry::{DECIDES, TEXT_MAX};
use crate::arbitrages::model::{Arbitrage, ConditionState, State, Subject};
use crate::arbitrages::store::Inbox;
use crate::arbitrages::views::details;
use crate::arbitrages::web::sees;
use crate::budget::sums::Totals;
use crate::budget::views::{euros, keur};
use crate::dialogue::meeting::{self, Due, Followed, Means, Tally};
use crate::dialogue::model::Completeness;
use crate::dialogue::passage::Loaded;
use crate::document::model::Document;
use crate::followups::entry::{TEXT_MAX as FOLLOWUP_MAX, TaskTyped, proposed_day};
use crate::followups::views::Row as FollowupRow;
use crate::followups::web::Returned;
use crate::indicators::progress::State as Standing;
use crate::indicators::sheet::{Line, provenances};
use crate::indicators::shown;
use crate::jalons::model::{Calendar, Jalon};
use crate::jalons::store::Kept as KeptJalon;
use crate::jalons::summary::Summary;
use crate::jalons::views::list::Row as JalonRow;
use crate::kernel::date;
use crate::plans::store::Header;
use crate::plans::views::OnDay;
use crate::printed::{Outcome, Verdict};
use crate::reserves::model::Origin;
use crate::reserves::store::Kept as KeptReserve;
use crate::reserves::{Dates, Reserves};
use crate::web::page::Choice;

/// What the meeting is made of.
pub struct Shown<'a> {
    /// Who looks.
    pub user: &'a CurrentUser,
    /// The dialogue.
    pub loaded: &'a Loaded,
    /// The plan: today, or as the closing of the dialogue left it.
    pub document: &'a Document,
    /// What is still to be decided; nothing once the dialogue is closed.
    pub inbox: Inbox,
    /// The controls that this person sees; nothing once the dialogue is closed.
    pub outcomes: Vec<Outcome>,
    /// The day it is looked at from: today, or that of the closing.
    pub day: NaiveDate,
    /// It is closed: the page is its minutes.
    pub over: bool,
    /// This person may write follow-ups.
    pub writes: bool,
    /// A new follow-up that came back.
    pub back: Option<Returned>,
}

/// A measure.
pub struct MeasureRow {
    pub(super) code: String,
    pub(super) href: String,
    pub(super) label: String,
    pub(super) slug: &'static str,
    pub(super) state: &'static str,
    pub(super) word: String,
    pub(super) provisional: bool,
    pub(super) value: String,
    pub(super) period: String,
    pub(super) expected: String,
    pub(super) target: String,
    pub(super) said: Option<(String, String)>,
    /// Nothing was said, and something is asked.
    pub(super) silent: bool,
}

/// A jalon, with what was said of it.
pub struct Jalonned {
    pub(super) row: JalonRow,
    pub(super) comment: String,
}

/// A means on the agenda, and the short form that decides on it.
pub struct AgendaRow {
    pub(super) href: String,
    pub(super) action: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) asked: String,
    pub(super) why: &'static str,
    pub(super) slug: &'static str,
    pub(super) state: &'static str,
    pub(super) session: String,
    pub(super) decides: bool,
    pub(super) rank: i32,
}

/// How many means have this decision.
pub struct TallyRow {
    pub(super) slug: &'static str,
    pub(super) state: &'static str,
    pub(super) requests: String,
    pub(super) posts: String,
    pub(super) lines: String,
    pub(super) participation: String,
}

/// A decision of the meeting.
pub struct DecisionRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) slug: &'static str,
    pub(super) state: &'static str,
    pub(super) session: String,
    pub(super) by: String,
    pub(super) details: Vec<String>,
    pub(super) granted: String,
}

/// A condition that waits.
pub struct ConditionRow {
    pub(super) href: String,
    pub(super) code: String,
    pub(super) text: String,
}

/// A réserve that nobody settled.
pub struct ReserveRow {
    pub(super) href: String,
    pub(super) code: String,
    pub(super) label: String,
}

/// All of it.
#[expect(clippy::struct_excessive_bools, reason = "what a person sees of a meeting is told kind by kind")]
pub struct Meeting {
    /// The dialogue is closed: everything is as its closing left it.
    pub over: bool,
    pub(super) day: String,
    pub(super) complete: Completeness,
    pub(super) provenances: Vec<String>,
    pub(super) counts: Vec<(&'static str, String)>,
    pub(super) worst: Vec<MeasureRow>,
    pub(super) fine: Vec<MeasureRow>,
    pub(super) jalons: String,
    pub(super) late: Vec<Jalonned>,
    pub(super) this_year: Vec<Jalonned>,
    pub(super) conditional: Vec<Jalonned>,
    /// Means of some kind are shown to this person.
    pub(super) sees_means: bool,
    pub(super) sees_requests: bool,
    pub(super) sees_posts: bool,
    pub(super) sees_budget: bool,
    pub(super) agenda: Vec<AgendaRow>,
    pub(super) tallies: Vec<TallyRow>,
    pub(super) sums: Vec<(&'static str, String)>,
    pub(super) decisions: Vec<DecisionRow>,
    pub(super) conditions: Vec<ConditionRow>,
    pub(super) reserves: Vec<ReserveRow>,
    pub(super) reserves_href: String,
    pub(super) gaps: Vec<Outcome>,
    pub(super) holding: usize,
    pub(super) followed: Vec<FollowupRow>,
    pub(super) settled: Vec<FollowupRow>,
    pub(super) own: Vec<FollowupRow>,
    pub(super) writes: bool,
    pub(super) new: TaskTyped,
    pub(super) returned: Option<Returned>,
    pub(super) states: Vec<Choice>,
    pub(super) today: String,
}

impl Meeting {
    /// Out of what it is made of, as this person sees it.
    pub fn new(shown: Shown<'_>) -> Self {
        let Shown { user, loaded, document, inbox, outcomes, day, over, writes, back } = shown;
        let (header, part) = (&loaded.header, &loaded.part);
        let plan = header.plan.code.as_str();
        // While it goes on, figures and jalons are those that its own checks read; once closed, those it closed on.
        let lines = if over { meeting::as_kept(&loaded.sheet.lines, document) } else { loaded.sheet.lines.clone() };
        let jalons: Vec<Jalon> =
            if over { document.jalons.clone() } else { loaded.jalons.iter().map(|kept| kept.jalon.clone()).collect() };
        let calendar = Calendar::new(day, Dates::of(&document.reserves));
        let reserves = kept_reserves(user, header, document);
        let due = Due::of(&jalons, &calendar, part.year);
        // Links lead to the jalons as they are now, whatever the day of the meeting.
        let on = OnDay::new(plan, "/jalons", day, "");
        let jalon = |jalon: &&Jalon| jalonned(jalon, document, &reserves, &calendar, (plan, &on));
        let complete = meeting::completeness(&lines);
        let sorted = meeting::worst_first(&lines);
        let (worst, fine): (Vec<&Line>, Vec<&Line>) =
            sorted.into_iter().partition(|line| meeting::calls_for_words(line.progress.state));
        let reads = |subject: Subject| sees(user, header.structure_id, subject);
        let means = meeting::means(document, reads);
        let tallies = meeting::tally(&means);
        let until = if over { day } else { NaiveDate::MAX };
        let decided = meeting::decided(document, part.opens_on, until, reads);
        let followed = Followed::of(&document.followups, part.year, part.opens_on);
        let followup = |it: &&crate::followups::Followup| FollowupRow::of(plan, it, day);
        Self {
            over,
            day: date::short(day),
            complete,
            provenances: provenances(&lines).into_iter().map(str::to_owned).collect(),
            counts: Standing::ALL
                .iter()
                .map(|state| (state, lines.iter().filter(|line| line.progress.state == *state).count()))
                .filter(|(_, count)| *count > 0)
                .map(|(state, count)| (state.word(), state.counted(count)))
                .collect(),
            worst: worst.into_iter().map(|line| measure(plan, line)).collect(),
            fine: fine.into_iter().map(|line| measure(plan, line)).collect(),
            jalons: Summary::of(&jalons, &calendar).sentence(),
            late: due.late.iter().map(jalon).collect(),
            this_year: due.this_year.iter().map(jalon).collect(),
            conditional: due.conditional.iter().map(jalon).collect(),
            sees_means: Subject::ALL.iter().any(|subject| reads(*subject)),
            sees_requests: reads(Subject::Request),
            sees_posts: reads(Subject::Post),
            sees_budget: reads(Subject::BudgetLine),
            agenda: agenda(user, header, &means, &inbox, part.year, day),
            tallies: tallies.iter().map(tallied).collect(),
            sums: sums(document, reads),
            decisions: decided.into_iter().map(|it| decision(plan, it, document, &means)).collect(),
            conditions: document
                .conditions
                .iter()
                .filter(|it| it.state == ConditionState::Waiting)
                .map(|it| ConditionRow {
                    href: format!("/plans/{plan}/conditions/{}", it.code),
                    code: it.code.to_string(),
                    text: it.text.clone(),
                })
                .collect(),
            reserves_href: reserves.href(),
            reserves: reserves
                .seen()
                .iter()
                .filter(|kept| kept.reserve.is_open() && kept.reserve.origin == Origin::Document)
                .map(|kept| ReserveRow {
                    href: format!("{}/{}", reserves.href(), kept.reserve.code),
                    code: kept.reserve.code.to_string(),
                    label: kept.reserve.label.clone(),
                })
                .collect(),
            holding: outcomes.iter().filter(|it| it.verdict == Verdict::Holds).count(),
            gaps: outcomes.into_iter().filter(|it| it.verdict == Verdict::Gap).collect(),
            followed: followed.earlier.iter().map(followup).collect(),
            settled: followed.settled.iter().map(followup).collect(),
            own: followed.own.iter().map(followup).collect(),
            writes,
            new: back.as_ref().map_or_else(
                || TaskTyped { due_on: proposed_day(day).to_string(), ..TaskTyped::default() },
                |back| back.typed.clone(),
            ),
            returned: back,
            states: Choice::list(State::ALL, State::word, State::label, ""),
            today: part.session_on.unwrap_or(day).to_string(),
        }
    }

    pub(super) fn answered(&self) -> String {
        format!("{} sur {}", self.complete.answered(), self.complete.expected)
    }

    pub(super) fn provided(&self) -> String {
        format!("{} sur {}", self.complete.values, self.complete.due())
    }

    pub(super) fn answered_percent(&self) -> usize {
        self.complete.answered_percent()
    }

    pub(super) fn percent(&self) -> String {
        format!("{}\u{202f}%", self.answered_percent())
    }

    /// « 3 NR, 1 NA »; empty when every answer is a value.
    pub(super) fn others(&self) -> String {
        let told = [(self.complete.not_provided, "NR"), (self.complete.not_applicable, "NA")];
        let told: Vec<String> =
            told.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        told.join(", ")
    }

    pub(super) fn no_jalon(&self) -> bool {
        self.late.is_empty() && self.this_year.is_empty() && self.conditional.is_empty()
    }

    pub(super) fn no_followup(&self) -> bool {
        self.followed.is_empty() && self.settled.is_empty() && self.own.is_empty()
    }

    pub(super) fn refused(&self) -> crate::followups::entry::TaskRefused {
        self.returned.as_ref().map(|back| back.refused.clone()).unwrap_or_default()
    }

    pub(super) fn conflict(&self) -> bool {
        self.returned.as_ref().is_some_and(|back| back.conflict)
    }

    /// A new follow-up came back refused.
    pub fn is_refused(&self) -> bool {
        self.returned.as_ref().is_some_and(|back| !back.conflict)
    }

    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) const fn decides(&self) -> &'static str {
        DECIDES
    }

    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) const fn text_max(&self) -> usize {
        TEXT_MAX
    }

    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) const fn followup_max(&self) -> usize {
        FOLLOWUP_MAX
    }
}

/// The réserves of a document as this person sees them.
fn kept_reserves(user: &User, header: &Header, document: &Document) -> Reserves {
    let kept = document.reserves.iter().zip(0..).map(|(reserve, position)| KeptReserve {
        reserve: reserve.clone(),
        version: 0,
        position,
    });
    Reserves::of(header, user, kept.collect())
}

fn measure(plan: &str, line: &Line) -> MeasureRow {
    let unit = line.measure.unit_kind;
    let progress = &line.progress;
    let said = meeting::explanation(line).map(|(period, text)| (period.to_string(), text.to_owned()));
    let answer = line.cells.iter().rev().find_map(|kept| Some((kept.cell.period, kept.cell.answer()?)));
    MeasureRow {
        code: line.measure.code.to_string(),
        href: format!("/plans/{plan}/indicators/{}", line.indicator.code),
        label: line.measure.label.clone(),
        slug: progress.state.word(),
        state: progress.state.label(),
        word: progress.word(line.measure.direction).unwrap_or_default(),
        provisional: progress.provisional,
        value: match (progress.current, answer) {
            (Some((_, value)), _) => shown::value(value, unit),
            (None, Some((_, answer))) => shown::answer(Some(answer), unit),
            (None, None) => String::new(),
        },
        period: progress
            .current
            .map(|(period, _)| period)
            .or(answer.map(|(period, _)| period))
            .map(|period| period.to_string())
            .unwrap_or_default(),
        expected: progress.expected.map(|expected| shown::expected(expected, unit)).unwrap_or_default(),
        target: shown::answer(line.facts.target, unit),
        silent: said.is_none() && meeting::calls_for_words(progress.state),
        said,
    }
}

fn jalonned(
    jalon: &Jalon,
    document: &Document,
    reserves: &Reserves,
    calendar: &Calendar,
    (plan, on): (&str, &OnDay),
) -> Jalonned {
    let objective = document.nodes.iter().find(|node| node.code == jalon.node);
    let kept = KeptJalon {
        jalon: jalon.clone(),
        version: 0,
        position: 0,
        objective: objective.map(|node| node.label.clone()).unwrap_or_default(),
    };
    let said = jalon.comment.clone().or_else(|| jalon.reason.clone()).unwrap_or_default();
    Jalonned { row: JalonRow::of(plan, &kept, reserves, calendar, on), comment: said }
}

/// « Demande M5.2 ».
fn name(subject: Subject, code: &str) -> String {
    format!("{} {code}", subject.label())
}

fn asked(it: &Means) -> String {
    let quantities: Vec<String> = it.quantities.iter().map(crate::arbitrages::amendment::Quantity::words).collect();
    match it.subject {
        Subject::BudgetLine => euros(it.participation),
        _ => quantities.join(" ; "),
    }
}

/// What is to be decided, and what comes back: in the order of the inbox, each with what is asked.
fn agenda(user: &User, header: &Header, means: &[Means], inbox: &Inbox, year: i32, day: NaiveDate) -> Vec<AgendaRow> {
    let plan = header.plan.code.as_str();
    let of = |subject: Subject, code: &crate::kernel::ids::Code| {
        means.iter().find(|it| it.subject == subject && it.code == *code)
    };
    let row = |it: &Means, why: &'static str| {
        let state = it.state.unwrap_or(State::Undecided);
        let href = it.subject.address(plan, it.code.as_str());
        let decision = Thing::Decision { on: it.subject.means(), closed: header.closed };
        AgendaRow {
            action: format!("{href}/arbitrages"),
            href,
            id: format!("{}-{}", it.subject.word(), it.code),
            name: name(it.subject, it.code.as_str()),
            label: it.label.clone(),
            asked: asked(it),
            why,
            slug: state.slug(),
            state: state.label(),
            session: it
                .decision
                .as_ref()
                .and_then(|it| it.session_on)
                .map(|day| format!("séance du {}", date::short(day)))
                .unwrap_or_default(),
            decides: access::may_edit(Who::User(user), &decision, day).allowed(),
            rank: it.next_rank,
        }
    };
    let pending = inbox.pending.iter().filter_map(|it| Some(row(of(it.subject, &it.code)?, "à décider")));
    let again = inbox.again.iter().filter(|it| it.year == year);
    let again = again.filter_map(|it| Some(row(of(it.subject, &it.code)?, "à revoir à ce dialogue")));
    let mut rows: Vec<AgendaRow> = pending.collect();
    for it in again {
        if rows.iter().all(|known| known.id != it.id) {
            rows.push(it);
        }
    }
    rows
}

fn tallied(it: &Tally) -> TallyRow {
    let count = |count: usize| if count == 0 { String::new() } else { count.to_string() };
    TallyRow {
        slug: it.state.map_or("atteinte", State::slug),
        state: it.state.map_or("Au contrat signé", State::label),
        requests: count(it.requests),
        posts: count(usize::try_from(it.posts).unwrap_or(0)),
        lines: count(it.lines),
        participation: euros(Some(it.participation).filter(|amount| !amount.is_zero())),
    }
}

/// Asked and granted, in a few figures, of what this person sees.
fn sums(document: &Document, reads: impl Fn(Subject) -> bool) -> Vec<(&'static str, String)> {
    let mut sums = Vec::new();
    if reads(Subject::Post) && !document.posts.is_empty() {
        let (asked, granted) = meeting::posts(document);
        sums.push(("Postes demandés", asked.to_string()));
        sums.push(("Postes accordés", granted.to_string()));
    }
    if reads(Subject::BudgetLine) && !document.budget.is_empty() {
        let lines = meeting::budget(document);
        let totals = Totals::of(&lines);
        sums.push(("Participation demandée", euros(totals.participation.shown())));
        sums.push(("Accordé, tel qu’imprimé", keur(totals.granted_printed.shown())));
        sums.push(("Accordé exact", euros(totals.granted.shown())));
        let rounded = totals.known_to_the_keur.len();
        sums.push((
            "Lignes accordées au k€ seulement",
            Some(rounded).filter(|it| *it > 0).map_or_else(String::new, |it| it.to_string()),
        ));
        if !totals.conditional.is_empty() {
            sums.push(("Demandé sous condition", euros(totals.conditional.shown())));
        }
    }
    sums.retain(|(_, text)| !text.trim().is_empty());
    sums
}

fn decision(plan: &str, it: &Arbitrage, document: &Document, means: &[Means]) -> DecisionRow {
    let known = means.iter().find(|means| means.subject == it.subject && means.code == it.code);
    let heading = document.headings.iter().find(|heading| it.subject == Subject::Heading && heading.code == it.code);
    let mut told: Vec<String> = it.wording.iter().map(|wording| format!("« {wording} »")).collect();
    told.extend(details(it, &document.conditions));
    told.extend(it.reason.as_ref().map(|reason| format!("Motif : {reason}")));
    DecisionRow {
        href: it.subject.address(plan, it.code.as_str()),
        name: name(it.subject, it.code.as_str()),
        label: known
            .map(|it| it.label.clone())
            .or_else(|| heading.map(|heading| heading.title.clone()))
            .unwrap_or_default(),
        slug: it.state.slug(),
        state: it.state.label(),
        session: it.session_on.map(date::short).unwrap_or_default(),
        by: it.decided_by.clone().unwrap_or_default(),
        details: told,
        granted: euros(it.granted),
    }
}
