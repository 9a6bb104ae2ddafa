//! The meeting of a dialogue, on paper: what it looks at, the most urgent first (docs/regles.md §9).

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::model::Completeness;
use crate::arbitrages::amendment::{Course, Quantity};
use crate::arbitrages::model::{Arbitrage, State, Subject, current, ledger};
use crate::budget::sums::Asked;
use crate::document::model::Document;
use crate::followups::Followup;
use crate::indicators::progress::State as Standing;
use crate::indicators::sheet::{self, Line};
use crate::indicators::store::Definitions;
use crate::jalons::model::{Calendar, Jalon};
use crate::jalons::summary::late;
use crate::kernel::ids::Code;
use crate::kernel::period::Period;
use crate::posts::demand::counted;

/// The lines of a dialogue with the figures that a document holds: what they were when it was written.
pub fn as_kept(lines: &[Line], document: &Document) -> Vec<Line> {
    let mut definitions = Definitions::default();
    let mut cells = Vec::new();
    for line in lines {
        if !definitions.indicators.contains(&line.indicator) {
            definitions.indicators.push(line.indicator.clone());
        }
        definitions.measures.push(line.measure.clone());
        definitions.targets.extend(line.targets.iter().cloned());
        for kept in &line.cells {
            let mut kept = kept.clone();
            let then =
                document.cells.iter().find(|cell| cell.measure == kept.cell.measure && cell.period == kept.cell.period);
            kept.cell = then
                .cloned()
                .unwrap_or_else(|| crate::indicators::model::Cell::empty(kept.cell.measure.clone(), kept.cell.period));
            cells.push(kept);
        }
    }
    sheet::lines(document.plan.first_year, document.plan.last_year, definitions, &cells)
}

/// How complete the expected cells of these lines are.
pub fn completeness(lines: &[Line]) -> Completeness {
    let expected = lines.iter().flat_map(|line| &line.cells).filter(|kept| kept.due_on.is_some());
    Completeness::of(expected.map(|kept| kept.cell.answer()))
}

/// How far a value is from what was expected, against the way to go; `None` where that means nothing.
fn gap(line: &Line) -> Option<Decimal> {
    let progress = &line.progress;
    let ((_, value), expected) = (progress.current?, progress.expected?);
    let way = match (progress.from, progress.to) {
        (Some(from), Some(to)) if from != to => (to - from).abs(),
        (_, Some(to)) => to.abs(),
        _ => return None,
    };
    (value - expected).abs().checked_div(way)
}

/// Worst first: by state, then the farthest from what was expected, then in the order of the contract.
pub fn worst_first(lines: &[Line]) -> Vec<&Line> {
    let mut sorted: Vec<&Line> = lines.iter().collect();
    sorted.sort_by_cached_key(|line| (line.progress.state, std::cmp::Reverse(gap(line))));
    sorted
}

/// The director is asked about it: it is not where it should be, or nothing is known of it.
pub const fn calls_for_words(state: Standing) -> bool {
    matches!(state, Standing::Receding | Standing::Late | Standing::NotAssessable | Standing::NoData)
}

/// What was said of a measure: of its latest value, or else the last thing said of any of its periods.
pub fn explanation(line: &Line) -> Option<(Period, &str)> {
    let of_value = line.progress.current.and_then(|(period, _)| line.cell(period));
    let said = |kept: &&crate::indicators::store::KeptCell| kept.cell.comment.is_some();
    let found = of_value.filter(said).or_else(|| line.cells.iter().rev().find(said))?;
    Some((found.cell.period, found.cell.comment.as_deref()?))
}

/// The jalons that a meeting looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due<'a> {
    /// Past their date, the oldest first.
    pub late: Vec<&'a Jalon>,
    /// Due in the year of the campaign, and not late, the earliest first.
    pub this_year: Vec<&'a Jalon>,
    /// Of no date, and not over.
    pub conditional: Vec<&'a Jalon>,
}

impl Due<'_> {
    /// Out of those of a plan.
    pub fn of<'a>(jalons: &'a [Jalon], calendar: &Calendar, year: i32) -> Due<'a> {
        let late: Vec<&Jalon> = late(jalons, calendar).into_iter().map(|(jalon, _)| jalon).collect();
        let due = |jalon: &Jalon| jalon.due(&calendar.dates);
        let mut this_year: Vec<&Jalon> = jalons
            .iter()
            .filter(|jalon| jalon.is_leaf() && due(jalon).is_some_and(|day| day.year() == year))
            .filter(|jalon| !late.iter().any(|it| it.code == jalon.code))
            .collect();
        this_year.sort_by_key(|jalon| due(jalon));
        let conditional =
            jalons.iter().filter(|jalon| jalon.is_leaf() && jalon.is_conditional() && !jalon.state().is_over());
        Due { conditional: conditional.collect(), late, this_year }
    }
}

/// A means that is asked for, and the decision in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Means {
    /// Its kind.
    pub subject: Subject,
    /// Its code.
    pub code: Code,
    /// What it is.
    pub label: String,
    /// How much is asked, in words; empty when the label says it.
    pub quantities: Vec<Quantity>,
    /// How many posts.
    pub posts: i32,
    /// Asked of the establishment, in euros.
    pub participation: Option<Decimal>,
    /// The decision in force; `None` for a post that the signed contract lists, and that nothing changed since.
    pub state: Option<State>,
    /// That decision, its own or its heading's.
    pub decision: Option<Arbitrage>,
    /// It is its heading's.
    pub inherited: bool,
    /// The rank that the next decision takes.
    pub next_rank: i32,
    /// Asked no more.
    pub withdrawn: bool,
}

/// What a document asks for, of the kinds that `sees` keeps, in the order of the document.
pub fn means(document: &Document, sees: impl Fn(Subject) -> bool) -> Vec<Means> {
    let course = |subject: Subject, code: &Code| Course {
        steps: document.amendments.iter().filter(|it| it.subject == subject && it.code == *code).cloned().collect(),
    };
    let blank = |subject: Subject, code: &Code, label: String, course: &Course| {
        let own = ledger(&document.arbitrages, subject, code);
        let decision = own.last().map(|it| (*it).clone());
        Means {
            subject,
            code: code.clone(),
            label,
            quantities: Vec::new(),
            posts: 0,
            participation: None,
            state: Some(decision.as_ref().map_or(State::Undecided, |it| it.state)),
            next_rank: decision.as_ref().map_or(1, |it| it.rank + 1),
            decision,
            inherited: false,
            withdrawn: course.withdrawn().is_some(),
        }
    };
    let mut found = Vec::new();
    for request in document.requests.iter().filter(|_| sees(Subject::Request)) {
        let course = course(Subject::Request, &request.code);
        let asked = request.amended(&course);
        let mut it = blank(Subject::Request, &request.code, asked.label, &course);
        it.quantities = asked.quantities;
        let above = request.heading.as_ref().and_then(|code| current(&document.arbitrages, Subject::Heading, code));
        if let (None, Some(above)) = (&it.decision, above) {
            (it.state, it.inherited, it.decision) = (Some(above.state), true, Some(above.clone()));
        }
        found.push(it);
    }
    for line in document.posts.iter().filter(|_| sees(Subject::Post)) {
        let course = course(Subject::Post, &line.code);
        let asked = line.amended(&course);
        let year = asked.year.map(|year| format!(", {year}")).unwrap_or_default();
        let label = format!("{} {}{year}", asked.count, asked.corps.short());
        let mut it = blank(Subject::Post, &line.code, label, &course);
        it.posts = asked.count;
        if it.decision.is_none() && course.added().is_none() && course.amended().is_none() {
            it.state = None;
        }
        found.push(it);
    }
    for line in document.budget.iter().filter(|_| sees(Subject::BudgetLine)) {
        let course = course(Subject::BudgetLine, &line.code);
        let asked = Asked::new(line.clone(), 0, Vec::new(), course.clone(), &document.conditions).line;
        let mut it = blank(Subject::BudgetLine, &line.code, asked.label, &course);
        it.participation = asked.participation;
        found.push(it);
    }
    found
}

/// The lines of a budget with what became of each.
pub fn budget(document: &Document) -> Vec<Asked> {
    let of = |line: &crate::budget::model::BudgetLine| {
        let own = ledger(&document.arbitrages, Subject::BudgetLine, &line.code);
        let steps = document.amendments.iter().filter(|it| it.subject == Subject::BudgetLine && it.code == line.code);
        let course = Course { steps: steps.cloned().collect() };
        Asked::new(line.clone(), 0, own.into_iter().cloned().collect(), course, &document.conditions)
    };
    document.budget.iter().map(of).collect()
}

/// How many posts are asked, and how many of them are granted, by the signature or by a decision.
pub fn posts(document: &Document) -> (i32, i32) {
    let mut sums = (0, 0);
    for line in &document.posts {
        let steps = document.amendments.iter().filter(|it| it.subject == Subject::Post && it.code == line.code);
        let course = Course { steps: steps.cloned().collect() };
        let own: Vec<Arbitrage> =
            ledger(&document.arbitrages, Subject::Post, &line.code).into_iter().cloned().collect();
        if course.withdrawn().is_none() {
            sums.0 += line.amended(&course).count;
        }
        sums.1 += counted(line, &own, &course).map_or(0, |line| line.count);
    }
    sums
}

/// Means counted by the decision in force: how many of each kind, and what the budget lines among them ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The decision; `None` is the signed contract's list of posts.
    pub state: Option<State>,
    /// Requests.
    pub requests: usize,
    /// Posts, not lines of them.
    pub posts: i32,
    /// Budget lines.
    pub lines: usize,
    /// Asked of the establishment by these lines, in euros.
    pub participation: Decimal,
}

/// Counts means by decision, in the order of decisions, the signed contract's posts first; what is asked no more is left
/// out.
pub fn tally(means: &[Means]) -> Vec<Tally> {
    let states = [None].into_iter().chain(State::ALL.iter().copied().map(Some));
    states
        .filter_map(|state| {
            let there: Vec<&Means> = means.iter().filter(|it| it.state == state && !it.withdrawn).collect();
            let count = |subject| there.iter().filter(|it| it.subject == subject).count();
            (!there.is_empty()).then(|| Tally {
                state,
                requests: count(Subject::Request),
                posts: there.iter().map(|it| it.posts).sum(),
                lines: count(Subject::BudgetLine),
                participation: there.iter().filter_map(|it| it.participation).sum(),
            })
        })
        .collect()
}

/// The decisions of a meeting: those of a séance held since its campaign opened, up to a day.
pub fn decided(
    document: &Document,
    from: NaiveDate,
    until: NaiveDate,
    sees: impl Fn(Subject) -> bool,
) -> Vec<&Arbitrage> {
    let mut found: Vec<&Arbitrage> = document
        .arbitrages
        .iter()
        .filter(|it| it.rank > 0 && sees(it.subject))
        .filter(|it| it.session_on.is_some_and(|day| (from..=until).contains(&day)))
        .collect();
    found.sort_by_key(|it| it.session_on);
    found
}

/// The follow-ups that a meeting looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Followed<'a> {
    /// Of earlier meetings, still to be done.
    pub earlier: Vec<&'a Followup>,
    /// Of earlier meetings, done or given up since the campaign opened.
    pub settled: Vec<&'a Followup>,
    /// Its own.
    pub own: Vec<&'a Followup>,
}

impl Followed<'_> {
    /// Out of those of a plan, for the meeting of a year whose campaign opened on a day.
    pub fn of(all: &[Followup], year: i32, opens_on: NaiveDate) -> Followed<'_> {
        let mut followed = Followed::default();
        for it in all {
            match () {
                () if it.year == year => followed.own.push(it),
                // A later meeting's is not this one's.
                () if it.year > year => {}
                () if it.is_open() => followed.earlier.push(it),
                () if it.said_on.is_some_and(|day| day >= opens_on) => followed.settled.push(it),
                () => {}
            }
        }
        followed.earlier.sort_by_key(|it| it.due_on);
        followed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::followups::model::State as FollowupState;
    use crate::reserves::Dates;

    fn invented() -> Document {
        Document::parse(include_bytes!("../../demo/situations-fictives.json")).unwrap()
    }

    fn invented_lines(document: &Document) -> Vec<Line> {
        let definitions = Definitions {
            indicators: document.indicators.clone(),
            measures: document.measures.clone(),
            targets: document.targets.clone(),
        };
        let cells: Vec<_> = document.cells.iter().cloned().map(crate::indicators::store::KeptCell::alone).collect();
        sheet::lines(document.plan.first_year, document.plan.last_year, definitions, &cells)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_worst_comes_first_and_nothing_is_left_out() {
        let document = invented();
        let lines = invented_lines(&document);
        let sorted = worst_first(&lines);
        assert_eq!(sorted.len(), 22);
        assert!(sorted.is_sorted_by_key(|line| line.progress.state));
        let receding: Vec<Option<Decimal>> =
            sorted.iter().take_while(|it| it.progress.state == Standing::Receding).map(|it| gap(it)).collect();
        assert!(receding.is_sorted_by(|a, b| a >= b), "{receding:?}");
    }

    #[test]
    fn what_is_said_of_the_latest_value_comes_before_what_is_said_of_another() {
        let document = invented();
        let mut lines = invented_lines(&document);
        let line = &mut lines[0];
        let (period, _) = line.progress.current.unwrap();
        for kept in &mut line.cells {
            kept.cell.comment = Some(format!("dit de {}", kept.cell.period));
        }
        assert_eq!(explanation(line), Some((period, format!("dit de {period}").as_str())));
        for kept in line.cells.iter_mut().filter(|kept| kept.cell.period == period) {
            kept.cell.comment = None;
        }
        let last = line.cells.last().unwrap().cell.period;
        assert_eq!(explanation(line).map(|(at, _)| at), Some(last));
        for kept in &mut line.cells {
            kept.cell.comment = None;
        }
        assert_eq!(explanation(line), None);
    }

    #[test]
    fn a_document_gives_back_the_figures_of_its_day() {
        let document = invented();
        let lines = invented_lines(&document);
        let blank = Document { cells: Vec::new(), ..document.clone() };
        let then = as_kept(&lines, &blank);
        assert!(then.iter().all(|line| line.progress.current.is_none()));
        let again = as_kept(&then, &document);
        let states = |lines: &[Line]| lines.iter().map(|line| line.progress.state).collect::<Vec<_>>();
        assert_eq!(states(&again), states(&lines));
    }

    #[test]
    fn jalons_are_late_due_this_year_or_conditional() {
        let document = invented();
        let calendar = Calendar::new(day("2025-09-12"), Dates::of(&document.reserves));
        let due = Due::of(&document.jalons, &calendar, 2025);
        let codes = |list: &[&Jalon]| list.iter().map(|it| it.code.to_string()).collect::<Vec<_>>();
        assert_eq!(codes(&due.late), ["J16.c", "J3", "J9", "J2", "J15", "J19", "J21"]);
        assert!(codes(&due.conditional).contains(&"J10".to_owned()));
        assert!(due.this_year.iter().all(|it| it.due(&calendar.dates).is_some_and(|day| day.year() == 2025)));
        assert!(due.this_year.iter().all(|it| !it.is_late(&calendar)));
    }

    #[test]
    fn means_are_counted_by_decision_and_only_those_that_are_seen() {
        let document = invented();
        let all = means(&document, |_| true);
        let tallies = tally(&all);
        let posts: i32 = tallies.iter().map(|it| it.posts).sum();
        assert_eq!(posts, document.posts.iter().map(|line| line.count).sum::<i32>());
        let asked: Decimal = tallies.iter().map(|it| it.participation).sum();
        assert_eq!(asked, 684_280.into(), "what the lines of the contract ask");
        let favourable = tallies.iter().find(|it| it.state == Some(State::Favourable)).unwrap();
        assert!(favourable.lines > 0 && favourable.requests > 0);
        // Nothing of a kind that a role does not see.
        let without_posts = means(&document, |subject| subject != Subject::Post);
        assert!(without_posts.iter().all(|it| it.subject != Subject::Post));
        assert_eq!(tally(&without_posts).iter().map(|it| it.posts).sum::<i32>(), 0);
        // A heading's decision is its requests'.
        assert!(all.iter().any(|it| it.inherited && it.subject == Subject::Request));
    }

    #[test]
    fn a_meeting_decides_between_its_opening_and_a_day() {
        let mut document = invented();
        let first = document.arbitrages[0].clone();
        let on = |rank, session: &str| Arbitrage { rank, session_on: Some(day(session)), ..first.clone() };
        document.arbitrages = vec![on(0, "2025-09-10"), on(1, "2025-08-31"), on(2, "2025-09-01"), on(3, "2025-10-01")];
        let found = decided(&document, day("2025-09-01"), day("2025-09-30"), |_| true);
        assert_eq!(found.iter().map(|it| it.rank).collect::<Vec<_>>(), [2]);
        assert_eq!(decided(&document, day("2025-09-01"), day("2025-09-30"), |_| false), Vec::<&Arbitrage>::new());
    }

    #[test]
    fn what_an_earlier_meeting_asked_comes_back_until_it_is_settled() {
        let it = |code: &str, year, state, said_on: Option<&str>| Followup {
            year,
            state,
            said_on: said_on.map(day),
            note: Some("dit".into()),
            ..crate::followups::model::tests::followup(code, "2025-06-30")
        };
        let all = [
            it("S2023-1", 2023, FollowupState::ToDo, None),
            it("S2024-1", 2024, FollowupState::Done, Some("2025-09-02")),
            it("S2024-2", 2024, FollowupState::Dropped, Some("2025-03-02")),
            it("S2025-1", 2025, FollowupState::Done, Some("2025-09-10")),
            it("S2026-1", 2026, FollowupState::ToDo, None),
        ];
        let followed = Followed::of(&all, 2025, day("2025-09-01"));
        let codes = |list: &[&Followup]| list.iter().map(|it| it.code.to_string()).collect::<Vec<_>>();
        assert_eq!(codes(&followed.earlier), ["S2023-1"]);
        assert_eq!(codes(&followed.settled), ["S2024-1"]);
        assert_eq!(codes(&followed.own), ["S2025-1"]);
    }
}
