//! Contrat: what its template asks.

use askama::Template;
use askama_web::WebTemplate;

use crate::avenants::model::Avenant;
use crate::dialogue::store::Part;
use crate::dialogue::window::window;
use crate::indicators::model::Figure;
use crate::indicators::progress::Nature;
use crate::indicators::sheet::{Line, provenances};
use crate::indicators::store::Definitions;
use crate::indicators::tree::{Branch, branches, hangs};
use crate::indicators::{aim, shown};
use crate::jalons::model::{Calendar, Jalon};
use crate::jalons::summary::Summary;
use crate::kernel::period::{PeriodKind, reference};
use crate::kernel::{date, figure};
use crate::plans::model::{AdoptionStep, Fact, FrameworkRow, Plan, Section, Vote};
use crate::plans::store::{Header, Outline};
use crate::plans::views::OnDay;
use crate::plans::vote::{Identity, identities};
use crate::printed::{Shortlist, Verdict};
use crate::reserves::model::Subject;
use crate::reserves::{Beside, Mark, Reserves};
use crate::web::page::Page;

/// How many of the worst states a branch of the tree shows beside its name.
const PILLS: usize = 2;

/// What the contract holds, counted.
#[derive(Debug, Clone, Copy)]
pub struct Contents {
    objectives: usize,
    indicators: usize,
    groups: usize,
    measures: usize,
    jalons: usize,
}

impl Contents {
    /// Of a plan's definitions and jalons, a group counting for one; objectives are the nodes of its last level.
    pub fn of(plan: &Plan, outline: &Outline, definitions: &Definitions, jalons: &[Jalon]) -> Self {
        let last = i32::try_from(plan.levels.len()).unwrap_or(i32::MAX);
        Self {
            objectives: outline.nodes.iter().filter(|node| node.level == last).count(),
            indicators: definitions.indicators.len(),
            groups: definitions.indicators.iter().filter(|indicator| indicator.is_group).count(),
            measures: definitions.measures.len(),
            jalons: jalons.iter().filter(|jalon| jalon.parent.is_none()).count(),
        }
    }
}

/// The contract on one page.
#[derive(Template, WebTemplate)]
#[template(path = "contract/contract.html")]
#[expect(clippy::struct_excessive_bools, reason = "a reader holds any of the roles, each opens something here")]
pub struct ContractPage {
    /// Frame.
    pub page: Page,
    /// The plan and its structure.
    pub header: Header,
    /// Its latest dialogue.
    pub part: Option<Part>,
    /// Texts, adoption, tree.
    pub outline: Outline,
    /// Its measures with their figures.
    pub lines: Vec<Line>,
    /// Its jalons.
    pub jalons: Vec<Jalon>,
    /// What it holds.
    pub contents: Contents,
    /// Saisie is open to this person.
    pub enters: bool,
    /// What the document says in several ways.
    pub reserves: Reserves,
    /// What its figures should satisfy.
    pub controls: Shortlist,
    /// They follow its dialogues.
    pub follows: bool,
    /// What changed it since it was signed, or may.
    pub avenants: Vec<Avenant>,
    /// They prepare avenants.
    pub amends: bool,
    /// They record the steps of its adoption.
    pub records: bool,
    /// The day shown, and the dates that the réserves give to jalons.
    pub calendar: Calendar,
    /// Today, or an earlier day out of the journal.
    pub on: OnDay,
}

/// A state with its count.
pub struct Pill {
    slug: &'static str,
    label: String,
}

/// The tree, flat: a branch opens, its children follow, it closes.
pub enum Step<'a> {
    /// A branch begins.
    Open(Box<Opened<'a>>),
    /// The last branch opened ends.
    Close,
}

/// A branch as its summary and its body show it.
pub struct Opened<'a> {
    anchor: String,
    /// 3, 4, 5…: headings follow the levels.
    heading: usize,
    level: String,
    label: &'a str,
    printed: Option<&'a str>,
    pills: Vec<Pill>,
    open: bool,
    /// Nothing hangs below.
    leaf: bool,
    caption: String,
    /// « 3 jalons : 2 atteints, 1 en retard », here and below.
    jalons: String,
    statement: Vec<&'a str>,
    declines: Vec<&'a FrameworkRow>,
    rows: Vec<Row<'a>>,
    marks: Vec<Mark>,
}

impl Opened<'_> {
    fn has_body(&self) -> bool {
        self.leaf
            || self.printed.is_some()
            || !self.statement.is_empty()
            || !self.declines.is_empty()
            || !self.rows.is_empty()
            || !self.marks.is_empty()
    }
}

/// A line of a table of indicators.
pub enum Row<'a> {
    /// A group, which has no value of its own.
    Group(&'a Line),
    /// A measure.
    Measure(Measured<'a>),
}

/// A measure in its table.
pub struct Measured<'a> {
    line: &'a Line,
}

/// A progress bar.
pub struct Bar {
    width: String,
    label: String,
    expected: Option<(String, String)>,
}

impl Measured<'_> {
    fn figure(&self, figure: Option<&Figure>) -> String {
        shown::answer(figure.and_then(Figure::answer), self.line.measure.unit_kind)
    }

    fn reference(&self) -> String {
        self.figure(self.line.measure.reference.as_ref())
    }

    fn target(&self) -> String {
        self.figure(self.line.target().map(|target| &target.figure))
    }

    /// « avenant 1, 2027 ; origine : 25 », beside the target of an avenant.
    fn aim(&self) -> Option<String> {
        aim::beside(&self.line.targets, self.line.measure.unit_kind)
    }

    /// The latest value, or the latest answer when there is no value, with its period; `None` when nothing was said.
    fn latest(&self) -> Option<(String, String)> {
        let unit = self.line.measure.unit_kind;
        match self.line.progress.current {
            Some((period, value)) => {
                let what = if self.line.facts.nature == Nature::Cumulative {
                    format!("cumul à {period}")
                } else {
                    period.to_string()
                };
                Some((shown::value(value, unit), what))
            }
            None => self
                .line
                .facts
                .answers
                .last()
                .map(|(period, answer)| (shown::answer(Some(*answer), unit), period.to_string())),
        }
    }

    fn bar(&self) -> Option<Bar> {
        let progress = &self.line.progress;
        let raw = progress.raw.ok()?;
        let expected = progress
            .expected_mark()
            .zip(progress.expected)
            .map(|(mark, value)| (point(mark), shown::expected(value, self.line.measure.unit_kind)));
        Some(Bar { width: point(progress.clamped()?), label: figure::show_percent(raw, 1), expected })
    }

    fn why_not(&self) -> String {
        self.line.progress.raw.err().map_or_else(String::new, |reason| reason.to_string())
    }
}

/// For an SVG attribute: one decimal, with a point.
fn point(value: rust_decimal::Decimal) -> String {
    figure::round(value, 1).to_string()
}

/// Blank lines separate paragraphs.
fn paragraphs(text: &str) -> Vec<&str> {
    text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).collect()
}

impl ContractPage {
    fn plan(&self) -> &Plan {
        &self.header.plan
    }

    fn period(&self) -> String {
        let plan = self.plan();
        format!(
            "{} à {} ; référence {} ou {}",
            plan.first_year,
            plan.last_year,
            reference(PeriodKind::Civil, plan.first_year),
            reference(PeriodKind::Academic, plan.first_year)
        )
    }

    fn contents(&self) -> String {
        let plural = |count: usize, one: &str, many: &str| format!("{count} {}", if count > 1 { many } else { one });
        let Contents { objectives, indicators, groups, measures, jalons } = self.contents;
        let last = self.plan().levels.last().map_or_else(|| "objectif".into(), |level| level.to_lowercase());
        let grouped = if groups > 0 { format!(" dont {}", plural(groups, "groupe", "groupes")) } else { String::new() };
        let milestones = if jalons > 0 { format!(", {}", plural(jalons, "jalon", "jalons")) } else { String::new() };
        format!(
            "{}, {}{grouped}, {}{milestones}",
            plural(objectives, &last, &format!("{last}s")),
            plural(indicators, "indicateur", "indicateurs"),
            plural(measures, "mesure", "mesures")
        )
    }

    fn provenances(&self) -> Vec<&str> {
        provenances(&self.lines)
    }

    fn entry_href(&self, part: &Part) -> String {
        format!("/plans/{}/entry/{}", self.plan().code, part.year)
    }

    fn window(&self, part: &Part) -> String {
        window(part, self.calendar.today)
    }

    fn provided(part: &Part) -> String {
        let it = &part.completeness;
        let value = if it.values > 1 { "valeurs" } else { "valeur" };
        format!("{} {value} sur {} (NA déduits)", it.values, it.due())
    }

    fn missing(part: &Part) -> String {
        match part.completeness.missing() {
            0 => "rien : toutes les situations attendues ont une réponse".into(),
            1 => "1 situation à saisir".into(),
            count => format!("{count} situations à saisir"),
        }
    }

    fn tree(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut first = true;
        for branch in branches(&self.outline.nodes, &self.lines, None) {
            self.walk(branch, 3, &mut first, &mut steps);
        }
        steps
    }

    /// The first branch of the last level is open, so that one sees what the others hold.
    fn walk<'a>(&'a self, branch: Branch<'a>, heading: usize, first: &mut bool, steps: &mut Vec<Step<'a>>) {
        let leaf = branch.children.is_empty();
        let level = usize::try_from(branch.node.level)
            .ok()
            .and_then(|level| self.plan().levels.get(level.checked_sub(1)?))
            .map_or("", String::as_str);
        let level = if leaf { format!("{level} {}", branch.rank) } else { level.to_owned() };
        let node = branch.node;
        let pills = branch
            .worst(PILLS)
            .iter()
            .map(|(state, count)| Pill { slug: state.word(), label: state.counted(*count) })
            .collect();
        let declines = self.outline.framework.iter().filter(|row| node.framework_rows.contains(&row.code)).collect();
        let below = self.jalons.iter().filter(|jalon| hangs(&self.outline.nodes, &jalon.node, &node.code));
        steps.push(Step::Open(Box::new(Opened {
            jalons: Summary::of(below, &self.calendar).sentence(),
            anchor: anchor(node.code.as_str()),
            heading,
            caption: format!("Indicateurs : {} {}", level.to_lowercase(), node.label),
            level,
            label: &node.label,
            printed: node.label_printed.as_deref(),
            pills,
            open: !leaf || std::mem::take(first),
            leaf,
            statement: node.statement.as_deref().map(paragraphs).unwrap_or_default(),
            declines,
            rows: rows(&branch.lines),
            marks: self.reserves.on(Subject::Node, node.code.as_str()),
        })));
        for child in branch.children {
            self.walk(child, (heading + 1).min(6), first, steps);
        }
        steps.push(Step::Close);
    }

    fn fiche(&self, line: &Line) -> String {
        format!("/plans/{}/indicators/{}", self.plan().code, line.indicator.code)
    }

    /// Beside an indicator: on the line of a group, or on that of its one measure.
    fn beside(&self, line: &Line) -> Option<Beside> {
        self.reserves.beside(Subject::Indicator, line.indicator.code.as_str())
    }

    fn beside_step(&self, step: &AdoptionStep) -> Option<Beside> {
        self.reserves.beside(Subject::Step, step.code.as_str())
    }

    fn open_reserves(&self) -> String {
        match self.reserves.open_of_document() {
            0 => "toutes ses réserves sont réglées".into(),
            1 => "une réserve est à régler".into(),
            count => format!("{count} réserves sont à régler"),
        }
    }

    fn gaps(&self) -> String {
        match self.controls.gaps() {
            0 => "aucun contrôle en écart".into(),
            1 => "1 contrôle en écart".into(),
            count => format!("{count} contrôles en écart"),
        }
    }

    /// The steps of the plan itself: those of an avenant are on its page.
    fn steps(&self) -> Vec<&AdoptionStep> {
        self.outline.steps.iter().filter(|step| step.avenant.is_none()).collect()
    }

    fn votes(&self) -> Vec<(&AdoptionStep, &Vote)> {
        self.steps().into_iter().filter_map(|step| Some((step, step.vote.as_ref()?))).collect()
    }

    fn identities(step: &AdoptionStep, vote: &Vote) -> Vec<Identity> {
        identities(step.act, vote)
    }

    fn held(step: &AdoptionStep) -> Option<String> {
        step.held_on.map(date::short).or_else(|| step.date_printed.clone())
    }

    fn transmitted(step: &AdoptionStep) -> Option<String> {
        step.transmitted_on.map(date::short)
    }

    fn published(step: &AdoptionStep) -> Option<String> {
        step.published_on.map(date::short)
    }

    fn text(section: &Section) -> Vec<&str> {
        paragraphs(&section.body)
    }

    fn parties(&self) -> &[Fact] {
        &self.plan().parties
    }
}

fn rows<'a>(lines: &[&'a Line]) -> Vec<Row<'a>> {
    let mut rows = Vec::with_capacity(lines.len());
    let mut group = None;
    for line in lines {
        if line.indicator.is_group && group != Some(&line.indicator.code) {
            group = Some(&line.indicator.code);
            rows.push(Row::Group(line));
        }
        rows.push(Row::Measure(Measured { line }));
    }
    rows
}

/// The place of a node on the page, for links from elsewhere.
pub fn anchor(node: &str) -> String {
    format!("n-{node}")
}
