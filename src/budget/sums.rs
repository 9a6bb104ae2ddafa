//! What the lines of a budget add up to (docs/regles.md §2, §6): every sum keeps its terms, so that a page can open it.
//!
//! Asked, granted as printed in k€, and granted in exact euros are three sums, never mixed. An unknown cost or year is
//! counted, outside every sum.

use rust_decimal::Decimal;

use super::model::{BudgetLine, BudgetTotals, ScheduleKind};
use crate::arbitrages::amendment::{Course, MoneyAsked};
use crate::arbitrages::model::{Arbitrage, Condition, State, is_firm};
use crate::kernel::figure;
use crate::kernel::ids::Code;

/// The printed figure is rounded to the k€: past this, a gap is no rounding.
const KEUR: Decimal = Decimal::ONE_THOUSAND;

/// A line as it is asked now, what it was, and the decisions on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// As it is asked now.
    pub line: BudgetLine,
    /// As the document holds it: the original of what was amended.
    pub original: BudgetLine,
    /// What an editor has under their eyes.
    pub version: i32,
    /// Oldest first.
    pub ledger: Vec<Arbitrage>,
    /// What became of the demand.
    pub course: Course,
    /// The decision in force is under no condition, or under one that is lifted.
    pub firm: bool,
}

/// The line that an amendment asks for: what was printed spoke of the original's figures, and stays with them.
fn amended(original: &BudgetLine, asked: &MoneyAsked) -> BudgetLine {
    let unless = |changed: bool, printed: &Option<String>| printed.clone().filter(|_| !changed);
    BudgetLine {
        label: asked.label.clone(),
        years_printed: unless(asked.years != original.years, &original.years_printed),
        years: asked.years.clone(),
        cost_printed: unless(asked.cost != original.cost, &original.cost_printed),
        cost: asked.cost,
        participation_printed: unless(asked.participation != original.participation, &original.participation_printed),
        participation: asked.participation,
        participation_of: asked.participation_of.clone(),
        self_financing_printed: unless(
            asked.self_financing != original.self_financing,
            &original.self_financing_printed,
        ),
        self_financing: asked.self_financing.clone(),
        ..original.clone()
    }
}

impl Asked {
    /// A line of the document with what became of it.
    pub fn new(
        original: BudgetLine,
        version: i32,
        ledger: Vec<Arbitrage>,
        course: Course,
        conditions: &[Condition],
    ) -> Self {
        let asked = course.amended().and_then(|it| it.money.as_ref());
        let line = asked.map_or_else(|| original.clone(), |asked| amended(&original, asked));
        let firm = ledger.last().is_some_and(|decision| is_firm(decision, conditions));
        Self { line, original, version, ledger, course, firm }
    }

    /// It is asked no more: listed and counted, outside the sums of what is asked.
    pub fn withdrawn(&self) -> bool {
        self.course.withdrawn().is_some()
    }

    /// The signed document asks it; others came later.
    fn is_signed(&self) -> bool {
        self.course.added().is_none()
    }

    /// The line as the signed document asks it; `None` for one that came later.
    pub fn signed(&self) -> Option<Self> {
        let line = || self.original.clone();
        self.is_signed().then(|| Self { line: line(), course: Course::default(), ..self.clone() })
    }

    /// The decision in force.
    pub fn decision(&self) -> Option<&Arbitrage> {
        self.ledger.last()
    }

    /// What it says; nothing written is « non arbitré ».
    pub fn state(&self) -> State {
        self.decision().map_or(State::Undecided, |decision| decision.state)
    }

    /// The signed document's decision is favourable.
    pub fn was_favourable(&self) -> bool {
        self.ledger.first().is_some_and(|decision| decision.rank == 0 && decision.state.is_favourable())
    }

    /// Granted as the document printed it, in k€: a later decision does not rewrite it.
    pub fn granted_printed(&self) -> Option<Decimal> {
        self.ledger.iter().rev().find_map(|decision| decision.granted_printed_keur)
    }

    /// Granted in exact euros by the decision in force.
    pub fn granted(&self) -> Option<Decimal> {
        self.decision().filter(|decision| decision.state.is_favourable())?.granted
    }

    /// Granted, and known to the k€ only: a dated decision has yet to say how much.
    pub fn known_to_the_keur(&self) -> bool {
        self.state().is_favourable() && self.granted().is_none() && self.granted_printed().is_some()
    }
}

/// One term of a sum: the line's code and its amount.
pub type Term = (Code, Decimal);

/// A sum with its terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// In the order of lines.
    pub terms: Vec<Term>,
}

impl Sum {
    /// The sum of what each line has to add, those that have nothing left out.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Asked>, amount: impl Fn(&Asked) -> Option<Decimal>) -> Self {
        let terms = lines.into_iter().filter_map(|it| Some((it.line.code.clone(), amount(it)?))).collect();
        Self { terms }
    }

    /// The total.
    pub fn total(&self) -> Decimal {
        self.terms.iter().map(|(_, amount)| *amount).sum()
    }

    /// The total, blank rather than 0 when nothing is added.
    pub fn shown(&self) -> Option<Decimal> {
        (!self.is_empty()).then(|| self.total())
    }

    /// Nothing is added: the total is blank rather than 0.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// Everything that a list of lines adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Estimated cost, where it is known.
    pub cost: Sum,
    /// Asked of the establishment.
    pub participation: Sum,
    /// Paid by the structure.
    pub self_financing: Sum,
    /// Cost that no year carries.
    pub unscheduled: Sum,
    /// Asked by the lines whose decision in force is favourable.
    pub favourable: Sum,
    /// Of these, asked by those whose decision is under a condition that still waits, or will not be met.
    pub conditional: Sum,
    /// Asked by the lines that the signed document favours: what its printed grants are compared with.
    pub favourable_signed: Sum,
    /// Granted as printed, in k€.
    pub granted_printed: Sum,
    /// Granted, in exact euros.
    pub granted: Sum,
    /// Grants known to the k€ only.
    pub known_to_the_keur: Vec<String>,
    /// Lines whose cost is not known.
    pub unknown_cost: Vec<String>,
    /// Lines whose year is not known.
    pub unknown_year: Vec<String>,
    /// Lines asked no more.
    pub withdrawn: Vec<String>,
}

impl Totals {
    /// Adds up.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Asked>) -> Self {
        let all: Vec<&Asked> = lines.into_iter().collect();
        let (withdrawn, lines): (Vec<&Asked>, Vec<&Asked>) = all.iter().copied().partition(|it| it.withdrawn());
        // What was granted stays granted, whatever its director asks since.
        let granted = |amount: fn(&Asked) -> Option<Decimal>| Sum::of(all.iter().copied(), amount);
        let sum = |amount: fn(&Asked) -> Option<Decimal>| Sum::of(lines.iter().copied(), amount);
        let codes =
            |keep: fn(&Asked) -> bool| lines.iter().filter(|it| keep(it)).map(|it| it.line.code.to_string()).collect();
        Self {
            cost: sum(|it| it.line.cost),
            participation: sum(|it| it.line.participation),
            self_financing: sum(|it| (!it.line.self_financing.is_empty()).then(|| it.line.self_financed())),
            unscheduled: sum(|it| it.line.unscheduled().filter(|rest| !rest.is_zero())),
            favourable: sum(|it| it.line.participation.filter(|_| it.state().is_favourable())),
            conditional: sum(|it| it.line.participation.filter(|_| it.state().is_favourable() && !it.firm)),
            favourable_signed: granted(|it| {
                it.original.participation.filter(|_| it.is_signed() && it.was_favourable())
            }),
            granted_printed: granted(Asked::granted_printed),
            granted: granted(Asked::granted),
            known_to_the_keur: codes(Asked::known_to_the_keur),
            unknown_cost: codes(|it| it.line.cost.is_none()),
            unknown_year: codes(|it| it.line.years.is_empty()),
            withdrawn: withdrawn.iter().map(|it| it.line.code.to_string()).collect(),
        }
    }

    /// Self-financing in percent of the cost, exact; `None` without a cost.
    pub fn self_financing_percent(&self) -> Option<Decimal> {
        figure::rate(self.self_financing.total(), self.cost.total()).ok()
    }

    /// Cost − (participation + self-financing), over the lines whose cost is known.
    pub fn imbalance(&self) -> Decimal {
        self.cost.total() - self.participation.total() - self.self_financing.total()
    }
}

/// What some lines come to, for pages that show many such sums at once: each opens elsewhere on its terms. A sum to which
/// nothing adds is none, rather than 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Estimated cost, in euros.
    pub cost: Option<Decimal>,
    /// Asked of the establishment, in euros.
    pub asked: Option<Decimal>,
    /// Granted as printed, in k€.
    pub printed: Option<Decimal>,
    /// Granted, in exact euros.
    pub exact: Option<Decimal>,
    /// How many grants are known to the k€ only.
    pub known_to_the_keur: usize,
    /// How many lines have no known cost.
    pub unknown_cost: usize,
}

impl Figures {
    /// Those of some totals.
    pub fn of(totals: &Totals) -> Self {
        Self {
            cost: totals.cost.shown(),
            asked: totals.participation.shown(),
            printed: totals.granted_printed.shown(),
            exact: totals.granted.shown(),
            known_to_the_keur: totals.known_to_the_keur.len(),
            unknown_cost: totals.unknown_cost.len(),
        }
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |one: Option<Decimal>, other: Option<Decimal>| {
            one.map_or(other, |one| Some(one + other.unwrap_or_default()))
        };
        Self {
            cost: sum(self.cost, other.cost),
            asked: sum(self.asked, other.asked),
            printed: sum(self.printed, other.printed),
            exact: sum(self.exact, other.exact),
            known_to_the_keur: self.known_to_the_keur + other.known_to_the_keur,
            unknown_cost: self.unknown_cost + other.unknown_cost,
        }
    }
}

/// Self-financing of one year.
pub fn in_year<'a>(lines: impl IntoIterator<Item = &'a Asked>, year: i32) -> Sum {
    Sum::of(lines, |it| it.line.self_financed_in(year).filter(|_| !it.withdrawn()))
}

/// Scheduled in one year: accordé, ouvert or exécuté.
pub fn scheduled_in<'a>(lines: impl IntoIterator<Item = &'a Asked>, year: i32, kind: ScheduleKind) -> Sum {
    Sum::of(lines, |it| it.line.scheduled(year, kind).map(|it| it.amount))
}

/// Scheduled over all years.
pub fn scheduled<'a>(lines: impl IntoIterator<Item = &'a Asked>, kind: ScheduleKind) -> Sum {
    Sum::of(lines, |it| it.line.scheduled_total(kind))
}

/// How a printed figure stands to the computed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The same.
    None,
    /// Within a rounding, which is named: at most 1 €, 1 k€ or 1 point.
    Rounding(Decimal),
    /// More than a rounding explains; printed − computed.
    Real(Decimal),
}

impl Gap {
    fn of(printed: Decimal, computed: Decimal, rounding: Decimal) -> Self {
        let gap = printed - computed;
        match () {
            () if gap.is_zero() => Self::None,
            () if gap.abs() <= rounding => Self::Rounding(gap),
            () => Self::Real(gap),
        }
    }

    /// Of two amounts in euros, one of them printed to the euro.
    pub fn euros(printed: Decimal, computed: Decimal) -> Self {
        Self::of(printed, computed, Decimal::ONE)
    }

    /// Of an amount printed in k€ and one in euros; the gap is in euros.
    pub fn keur(printed: Decimal, computed: Decimal) -> Self {
        Self::of(printed * KEUR, computed, KEUR)
    }

    /// Of two shares, one of them printed to the point.
    pub fn points(printed: Decimal, computed: Decimal) -> Self {
        Self::of(printed, computed, Decimal::ONE)
    }
}

/// A printed total beside the computed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// What is added up.
    pub label: &'static str,
    /// The key by which a page opens the sum; empty when it is none.
    pub key: &'static str,
    /// As printed.
    pub printed: String,
    /// Computed; in euros, or in percent.
    pub computed: Decimal,
    /// The figures are shares.
    pub is_share: bool,
    /// Between them.
    pub gap: Gap,
}

/// The printed totals, each beside the one computed from the lines as the signed document asks them; those not printed
/// are left out.
pub fn compared(printed: &BudgetTotals, lines: &[Asked]) -> Vec<Compared> {
    let signed: Vec<Asked> = lines.iter().filter_map(Asked::signed).collect();
    let (totals, now) = (&Totals::of(&signed), &Totals::of(lines));
    // A total that amendments moved is not the one that the page opens.
    let euros = |label, key, value: Option<Decimal>, text: &Option<String>, sum: &Sum, now: &Sum| {
        let computed = sum.total();
        Some(Compared {
            label,
            key: if sum == now { key } else { "" },
            printed: text.clone()?,
            computed,
            is_share: false,
            gap: Gap::euros(value?, computed),
        })
    };
    let share = || {
        let computed = totals.self_financing_percent()?;
        Some(Compared {
            label: "Part d’autofinancement",
            key: "",
            printed: printed.self_financing_percent_printed.clone()?,
            computed,
            is_share: true,
            gap: Gap::points(printed.self_financing_percent?, computed),
        })
    };
    let granted = || {
        let computed = totals.favourable_signed.total();
        Some(Compared {
            label: "Accordé, et demandes favorables",
            key: "favorables",
            printed: printed.granted_printed.clone()?,
            computed,
            is_share: false,
            gap: Gap::keur(printed.granted_keur?, computed),
        })
    };
    [
        euros("Coût estimé", "cout", printed.cost, &printed.cost_printed, &totals.cost, &now.cost),
        euros(
            "Participation demandée",
            "participation",
            printed.participation,
            &printed.participation_printed,
            &totals.participation,
            &now.participation,
        ),
        euros(
            "Autofinancement",
            "autofinancement",
            printed.self_financing,
            &printed.self_financing_printed,
            &totals.self_financing,
            &now.self_financing,
        ),
        share(),
        granted(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::arbitrages::amendment::{Amendment, Step};
    use crate::arbitrages::model::{Subject, tests::decision};
    use crate::budget::model::{Nature, Scheduled, YearAmount};
    use crate::kernel::ids::Code;

    fn euros(amount: i64) -> Decimal {
        Decimal::from(amount)
    }

    /// A line of the real contract: code, cost, participation, self-financing from its first year on, state, k€.
    fn line(
        code: &str,
        cost: Option<i64>,
        participation: Option<i64>,
        first_year: i32,
        own: &[i64],
        state: State,
        keur: Option<i64>,
    ) -> Asked {
        let self_financing: Vec<YearAmount> =
            (first_year..).zip(own).map(|(year, amount)| YearAmount { year, amount: euros(*amount) }).collect();
        let line = BudgetLine {
            code: Code::new(code).unwrap(),
            objective_printed: None,
            objective_inherited: false,
            nodes: Vec::new(),
            nature: Nature::Unstated,
            category: "INFORMATIQUE".into(),
            subcategory: None,
            label: "Achats".into(),
            site: None,
            years: self_financing.iter().map(|it| it.year).collect(),
            years_printed: None,
            cost: cost.map(euros),
            cost_printed: None,
            participation: participation.map(euros),
            participation_of: None,
            participation_printed: None,
            self_financing,
            self_financing_printed: None,
            schedule: Vec::new(),
            provenance: None,
        };
        let signed = Arbitrage { granted_printed_keur: keur.map(euros), ..decision(code, 0, state) };
        Asked::new(line, 1, vec![signed], Course::default(), &[])
    }

    /// Annexe 3 of the real contract.
    pub fn annexe() -> Vec<Asked> {
        let own = [345_920, 389_600, 309_600, 231_200, 280_800];
        let (yes, review) = (State::Favourable, State::Review);
        vec![
            line("B1", Some(1_946_400), Some(389_280), 2022, &own, yes, Some(390)),
            line("B2", Some(3_000_000), None, 2022, &[600_000; 5], State::NothingAsked, None),
            line("B3", Some(195_000), Some(78_000), 2023, &[29_250; 4], State::CallForProjects, None),
            line("B4", Some(40_000), Some(20_000), 2024, &[10_000; 2], yes, Some(20)),
            line("B5", Some(80_000), Some(40_000), 2022, &[40_000], yes, Some(40)),
            line("B6", Some(786_000), Some(157_000), 2023, &[157_250; 4], yes, Some(157)),
            line("B7", None, None, 2022, &[], review, None),
            line("B8", None, None, 2022, &[], review, None),
        ]
    }

    pub fn printed() -> BudgetTotals {
        let text = |text: &str| Some(text.to_owned());
        BudgetTotals {
            cost: Some(euros(6_047_400)),
            cost_printed: text("6 047 400 €"),
            participation: Some(euros(684_280)),
            participation_printed: text("684 280 €"),
            self_financing: Some(euros(5_363_120)),
            self_financing_printed: text("5 363 120 €"),
            self_financing_percent: Some(euros(89)),
            self_financing_percent_printed: text("89%"),
            granted_keur: Some(euros(607)),
            granted_printed: text("Tot 607k€"),
            statement: None,
            lines: Vec::new(),
        }
    }

    #[test]
    fn each_line_costs_what_is_asked_and_what_it_pays_itself() {
        for asked in annexe() {
            assert_eq!(asked.line.imbalance().unwrap_or_default(), Decimal::ZERO, "{}", asked.line.code);
        }
    }

    #[test]
    fn the_real_totals_add_up() {
        let totals = Totals::of(&annexe());
        assert_eq!(totals.cost.total(), euros(6_047_400));
        assert_eq!(totals.participation.total(), euros(684_280));
        assert_eq!(totals.self_financing.total(), euros(5_363_120));
        assert_eq!(totals.imbalance(), Decimal::ZERO);
        assert_eq!(figure::round(totals.self_financing_percent().unwrap(), 2).to_string(), "88.68");
    }

    #[test]
    fn unknown_costs_and_years_are_counted_outside_the_sums() {
        let totals = Totals::of(&annexe());
        assert_eq!(totals.unknown_cost, ["B7", "B8"]);
        assert_eq!(totals.unknown_year, ["B7", "B8"]);
        assert_eq!(totals.cost.terms.len(), 6);
    }

    #[test]
    fn asked_printed_and_exact_are_three_sums() {
        let mut lines = annexe();
        let totals = Totals::of(&lines);
        assert_eq!(totals.favourable.total(), euros(606_280));
        assert_eq!(totals.granted_printed.total(), euros(607));
        assert!(totals.granted.is_empty());
        assert_eq!(totals.known_to_the_keur, ["B1", "B4", "B5", "B6"]);
        // A dated decision states the exact grant of B1: the printed figure stays what it was.
        let exact = Arbitrage { granted: Some(euros(389_280)), ..decision("B1", 1, State::Favourable) };
        lines[0].ledger.push(exact);
        let totals = Totals::of(&lines);
        assert_eq!(totals.granted.terms, [(Code::new("B1").unwrap(), euros(389_280))]);
        assert_eq!(totals.granted_printed.total(), euros(607));
        assert_eq!(totals.known_to_the_keur, ["B4", "B5", "B6"]);
    }

    #[test]
    fn a_grant_withdrawn_leaves_the_exact_sum_and_not_the_printed_one() {
        let mut lines = annexe();
        lines[3].ledger.push(decision("B4", 1, State::Unfavourable));
        let totals = Totals::of(&lines);
        assert_eq!(totals.favourable.total(), euros(586_280));
        assert_eq!(totals.favourable_signed.total(), euros(606_280));
        assert_eq!(totals.granted_printed.total(), euros(607));
        assert_eq!(totals.known_to_the_keur, ["B1", "B5", "B6"]);
    }

    #[test]
    fn what_no_year_carries_is_not_spread() {
        let lines = annexe();
        assert_eq!(in_year(&lines, 2022).total(), euros(345_920 + 600_000 + 40_000));
        assert!(in_year(&lines, 2021).is_empty());
        let by_year: Decimal = (2021..=2026).map(|year| in_year(&lines, year).total()).sum();
        let totals = Totals::of(&lines);
        assert_eq!(totals.unscheduled.total(), euros(684_280));
        assert_eq!(by_year + totals.unscheduled.total(), totals.cost.total());
    }

    #[test]
    fn printed_totals_stand_beside_computed_ones_with_the_gap_named() {
        let compared = compared(&printed(), &annexe());
        let gaps: Vec<Gap> = compared.iter().map(|it| it.gap).collect();
        assert_eq!(gaps[..3], [Gap::None; 3]);
        assert!(matches!(gaps[3], Gap::Rounding(gap) if figure::round(gap, 2).to_string() == "0.32"));
        assert_eq!(gaps[4], Gap::Rounding(euros(720)));
        assert_eq!(Gap::keur(euros(609), euros(606_280)), Gap::Real(euros(2_720)));
    }

    #[test]
    fn what_is_scheduled_is_added_by_year_and_kind() {
        let mut lines = annexe();
        let entry = |year, kind, amount| Scheduled {
            year,
            kind,
            amount: euros(amount),
            source: "Budget initial".into(),
            dated_on: chrono::NaiveDate::from_ymd_opt(2024, 1, 15).unwrap(),
            provenance: None,
        };
        lines[0].line.schedule.push(entry(2024, ScheduleKind::Opened, 78_000));
        lines[5].line.schedule.push(entry(2024, ScheduleKind::Opened, 39_000));
        lines[5].line.schedule.push(entry(2025, ScheduleKind::Executed, 38_500));
        assert_eq!(scheduled_in(&lines, 2024, ScheduleKind::Opened).total(), euros(117_000));
        assert!(scheduled_in(&lines, 2024, ScheduleKind::Executed).is_empty());
        assert_eq!(scheduled(&lines, ScheduleKind::Executed).total(), euros(38_500));
    }

    #[test]
    fn an_amended_line_counts_as_it_is_asked_now_and_a_withdrawn_one_no_more() {
        let step = |rank, step, money: Option<MoneyAsked>| Amendment {
            subject: Subject::BudgetLine,
            code: Code::new("B3").unwrap(),
            rank,
            step,
            dated_on: "2025-09-12".parse().unwrap(),
            reason: Some("devis revu".into()),
            answers: Some(0),
            request: None,
            money,
            post: None,
        };
        let after = |steps: Vec<Amendment>| {
            let mut lines = annexe();
            let b3 = lines.remove(2);
            lines.insert(2, Asked::new(b3.original, 1, b3.ledger, Course { steps }, &[]));
            lines
        };
        let asked = MoneyAsked {
            label: "Achats, devis revu".into(),
            years: vec![2023],
            cost: Some(euros(200_000)),
            participation: Some(euros(80_000)),
            participation_of: None,
            self_financing: vec![YearAmount { year: 2023, amount: euros(120_000) }],
        };
        let lines = after(vec![step(1, Step::Amended, Some(asked.clone()))]);
        assert_eq!(Totals::of(&lines).participation.total(), euros(684_280 - 78_000 + 80_000));
        assert_eq!((lines[2].line.label.as_str(), lines[2].original.label.as_str()), ("Achats, devis revu", "Achats"));
        // What the document prints is compared with what it asks.
        assert!(compared(&printed(), &lines).iter().all(|it| !matches!(it.gap, Gap::Real(_))));
        let lines = after(vec![step(1, Step::Amended, Some(asked)), step(2, Step::Withdrawn, None)]);
        let totals = Totals::of(&lines);
        assert_eq!(totals.participation.total(), euros(684_280 - 78_000));
        assert_eq!(
            (totals.withdrawn, in_year(&lines, 2023).terms.iter().any(|(code, _)| code.as_str() == "B3")),
            (vec!["B3".to_owned()], false)
        );
        assert!(compared(&printed(), &lines).iter().all(|it| !matches!(it.gap, Gap::Real(_))));
    }
}
