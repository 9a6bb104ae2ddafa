//! How Saisie looks.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::access::{DialogueState, Verdict};
use crate::accounts::CurrentUser;
use crate::dialogue::model::Completeness;
use crate::dialogue::store::{Part, Sheet};
use crate::indicators::entry::{Back, Key, Outcome, Posted};
use crate::indicators::progress::State;
use crate::indicators::sheet::Line;
use crate::indicators::store::KeptCell;
use crate::indicators::views::cell::CellForm;
use crate::indicators::{aim, shown};
use crate::kernel::clock::Clock;
use crate::kernel::date;
use crate::kernel::period::Period;
use crate::plans::model::Node;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::{Flash, Page};
use crate::words;

words! {
    /// Which lines the grid shows, as its address says.
    pub enum Show {
        /// All of them.
        All = "all",
        /// Those without an answer.
        Due = "due",
        /// Those that an explanation is asked of.
        Gaps = "gaps",
        /// Those that somebody else answered: the director countersigns them by submitting.
        Others = "others",
    }
}

impl Show {
    /// What an address asks; all by default.
    pub fn asked(word: &str) -> Self {
        Self::from_word(word).unwrap_or(Self::All)
    }
}

/// A figure of an earlier period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// `2021-2022`, or `réf. 2020-2021`.
    pub when: String,
    /// As shown; empty for no answer.
    pub figure: String,
}

/// One expected cell.
#[derive(Debug, Clone)]
pub struct Row {
    key: Key,
    /// Its fields.
    pub form: CellForm,
    /// The two periods before, the older first; `None` before the reference.
    pub past: [Option<Past>; 2],
    /// Last day of its due window.
    pub due_on: NaiveDate,
    /// That day is past and nothing was answered.
    pub late: bool,
    /// What is expected at this period.
    pub expected: Option<String>,
    /// Value less expected, signed.
    pub gap: Option<String>,
    /// Where the value stands.
    pub state: Option<State>,
    /// What is kept, as shown when it cannot be edited.
    pub answer: String,
    /// The two numbers of a rate.
    pub parts: String,
    /// Something was answered.
    pub answered: bool,
    /// An explanation is asked and none is given.
    pub to_explain: bool,
    /// Who answered, when it was somebody else than the reader.
    pub by_other: Option<String>,
    /// Why it cannot be edited; `None` when it can.
    pub locked: Option<String>,
    /// Just saved, at this time.
    pub saved_at: Option<String>,
    /// Invented, or transcribed from elsewhere.
    pub provenance: Option<String>,
}

impl Row {
    /// Classes of the row.
    pub const fn class(&self) -> &'static str {
        match (&self.locked, &self.form.refusal, &self.form.conflict, &self.saved_at) {
            (Some(_), ..) => "entry is-frozen",
            (_, Some(_), ..) => "entry is-refused",
            (_, _, Some(_), _) => "entry is-conflict",
            (.., Some(_)) => "entry is-saved",
            _ => "entry",
        }
    }

    /// « échéance 31 déc. 2022 », « échue le 31 déc. 2022 ».
    pub fn due(&self) -> String {
        format!("{} {}", if self.late { "échue le" } else { "échéance" }, date::short(self.due_on))
    }

    /// It came back: nothing of it is saved.
    pub const fn kept_back(&self) -> bool {
        self.form.refusal.is_some() || self.form.conflict.is_some()
    }

    fn is_shown(&self, show: Show) -> bool {
        // What came back is shown whatever the filter: what was typed must not vanish.
        self.kept_back()
            || match show {
                Show::All => true,
                Show::Due => !self.answered,
                Show::Gaps => self.to_explain,
                Show::Others => self.by_other.is_some(),
            }
    }
}

/// A measure with its expected cells.
#[derive(Debug, Clone)]
pub struct MeasureRows {
    /// Code of the measure.
    pub code: String,
    /// Its label.
    pub label: String,
    /// Number of its indicator.
    pub indicator: String,
    /// « nombre · référence 8 (2020-2021) · cible 11 ».
    pub summary: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// The measures of a node.
#[derive(Debug, Clone)]
pub struct Group {
    /// « Thématique — objectif ».
    pub label: String,
    /// Its measures.
    pub measures: Vec<MeasureRows>,
}

/// The expected cells of a campaign, grouped.
#[derive(Debug, Clone)]
pub struct Grid {
    code: String,
    structure_id: i64,
    years: String,
    part: Part,
    completeness: Completeness,
    today: NaiveDate,
    groups: Vec<Group>,
    saved: usize,
    fictive: bool,
    /// The reader directs the structure.
    directs: bool,
}

impl Grid {
    /// Puts the grid together; `verdict` says who may edit what.
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        part: Part,
        sheet: &Sheet,
        mut outcome: Outcome,
        clock: &Clock,
        verdict: impl Fn(&Line, &KeptCell) -> Verdict,
    ) -> Self {
        let today = clock.today();
        let mut groups: Vec<Group> = Vec::new();
        for line in &sheet.lines {
            let rows: Vec<Row> = line
                .cells
                .iter()
                .filter_map(|kept| {
                    let due_on = kept.due_on?;
                    let key = Key { measure: line.measure.code.clone(), period: kept.cell.period };
                    let back = outcome.kept_back.remove(&key);
                    let verdict = verdict(line, kept);
                    Some(row(line, kept, key, due_on, &verdict, back, sheet.threshold, user, today))
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let label = path(&sheet.nodes, line);
            let measure = MeasureRows {
                code: line.measure.code.to_string(),
                label: line.measure.label.clone(),
                indicator: line.indicator.code.to_string(),
                summary: summary(line),
                rows,
            };
            match groups.last_mut() {
                Some(group) if group.label == label => group.measures.push(measure),
                _ => groups.push(Group { label, measures: vec![measure] }),
            }
        }
        let all = || groups.iter().flat_map(|group| &group.measures).flat_map(|measure| &measure.rows);
        Self {
            structure_id: header.structure_id,
            code: header.plan.code.to_string(),
            years: format!("{}-{}", header.plan.first_year, header.plan.last_year),
            completeness: part.completeness,
            part,
            today,
            fictive: all().any(|row| row.provenance.is_some()),
            groups,
            saved: outcome.saved,
            directs: user.directs(header.structure_id),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.groups.iter().flat_map(|group| &group.measures).flat_map(|measure| &measure.rows)
    }

    /// One row.
    pub fn row(&self, key: &Key) -> Option<&Row> {
        self.rows().find(|row| row.key == *key)
    }

    /// « 60 sur 89 répondues. »
    pub fn status(&self) -> String {
        let Completeness { expected, .. } = self.completeness;
        let answered = self.completeness.answered();
        format!("{answered} sur {expected} répondue{}.", if answered > 1 { "s" } else { "" })
    }

    fn count(&self, show: Show) -> usize {
        self.rows().filter(|row| row.is_shown(show)).count()
    }

    /// The same with only the rows of a filter.
    fn filtered(mut self, show: Show) -> Self {
        for group in &mut self.groups {
            for measure in &mut group.measures {
                measure.rows.retain(|row| row.is_shown(show));
            }
            group.measures.retain(|measure| !measure.rows.is_empty());
        }
        self.groups.retain(|group| !group.measures.is_empty());
        self
    }
}

/// « Thématique — objectif », of the node a line hangs from.
fn path(nodes: &[Node], line: &Line) -> String {
    let node = nodes.iter().find(|node| node.code == line.indicator.node);
    let parent = node.and_then(|node| nodes.iter().find(|it| Some(&it.code) == node.parent.as_ref()));
    match (parent, node) {
        (Some(parent), Some(node)) => format!("{} — {}", parent.label, node.label),
        (None, Some(node)) => node.label.clone(),
        _ => String::new(),
    }
}

fn summary(line: &Line) -> String {
    let unit = line.measure.unit_kind;
    format!(
        "{} · référence {} ({}) · cible {} ({})",
        line.measure.unit.to_lowercase(),
        shown::answer(line.facts.reference, unit),
        line.facts.reference_period,
        shown::answer(line.facts.target, unit),
        aim::which(&line.targets, unit),
    )
}

fn past(line: &Line, period: Period) -> Option<Past> {
    let unit = line.measure.unit_kind;
    if period == line.facts.reference_period {
        let figure = shown::answer(line.facts.reference, unit);
        return Some(Past { when: format!("réf. {period}"), figure });
    }
    let kept = line.cell(period)?;
    let figure = kept.cell.answer().map(|answer| shown::answer(Some(answer), unit)).unwrap_or_default();
    Some(Past { when: period.to_string(), figure })
}

#[expect(clippy::too_many_arguments, reason = "a row is where everything known of a cell meets")]
fn row(
    line: &Line,
    kept: &KeptCell,
    key: Key,
    due_on: NaiveDate,
    verdict: &Verdict,
    back: Option<(Posted, Back)>,
    threshold: Decimal,
    user: &CurrentUser,
    today: NaiveDate,
) -> Row {
    let unit = line.measure.unit_kind;
    let period = kept.cell.period;
    let answer = kept.cell.answer();
    let expected = line.facts.expected_at(period);
    let form = match back {
        Some((posted, back)) => CellForm::back(line, kept, posted, back),
        None => CellForm::kept(line, kept),
    };
    Row {
        past: [past(line, period.previous().previous()), past(line, period.previous())],
        late: answer.is_none() && due_on < today,
        expected: expected.map(|value| shown::expected(value, unit)),
        gap: line.facts.value_at(period).zip(expected).map(|(value, expected)| shown::gap(value - expected, unit)),
        state: line.facts.state_at(period),
        answer: answer.map(|answer| shown::answer(Some(answer), unit)).unwrap_or_default(),
        parts: kept
            .cell
            .numerator
            .zip(kept.cell.denominator)
            .map(|(numerator, denominator)| {
                let show = crate::kernel::figure::show;
                format!("{} / {}", show(numerator), show(denominator))
            })
            .unwrap_or_default(),
        answered: answer.is_some(),
        to_explain: line.asks_explanation(kept, threshold),
        by_other: kept
            .changed
            .as_ref()
            .filter(|(_, by)| answer.is_some() && *by != user.function)
            .map(|(_, by)| by.clone()),
        locked: (!verdict.allowed()).then(|| verdict.sentence()),
        saved_at: None,
        provenance: kept.cell.provenance.clone(),
        key,
        form,
        due_on,
    }
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/entry.html")]
pub struct EntryPage {
    page: Page,
    grid: Grid,
    show: Show,
    tabs: Vec<Tab>,
    back: Vec<BackLine>,
}

/// A filter, as a link.
pub struct Tab {
    word: &'static str,
    label: String,
    current: bool,
}

/// A cell that came back, in the list at the top of the page.
pub struct BackLine {
    field: String,
    name: String,
    sentence: String,
}

impl EntryPage {
    /// The grid as filtered; `saved` is how many cells the visitor just saved.
    pub fn new(user: &CurrentUser, grid: Grid, show: Show, saved: Option<u16>) -> Self {
        let title = format!("Saisie {}", grid.part.year);
        let mut page = within_plan(
            user.page(title, ""),
            user,
            grid.structure_id,
            &grid.code,
            Some(grid.part.year),
            PlanPage::Entry,
        );
        let tabs = [
            (Show::All, "Toutes"),
            (Show::Due, "À répondre"),
            (Show::Gaps, "Écarts à expliquer"),
            (Show::Others, "Saisies par d’autres"),
        ];
        let tabs = tabs
            .into_iter()
            .filter(|(one, _)| grid.directs || *one != Show::Others || show == Show::Others)
            .map(|(one, label)| Tab {
                word: one.word(),
                label: format!("{label} ({})", grid.count(one)),
                current: one == show,
            })
            .collect();
        let back: Vec<BackLine> = grid
            .rows()
            .filter(|row| row.kept_back())
            .map(|row| BackLine {
                field: row.form.first_field(),
                name: row.form.name.clone(),
                sentence: row.form.refusal.as_ref().map_or_else(
                    || "modifiée par quelqu’un d’autre pendant votre saisie.".into(),
                    |refusal| refusal.sentence.clone(),
                ),
            })
            .collect();
        if let (Some(saved), true) = (saved, back.is_empty()) {
            page.flash = Some(match saved {
                0 => Flash { kind: "info", text: "Aucune modification à enregistrer.".into() },
                1 => Flash::success("1 réponse enregistrée."),
                saved => Flash::success(format!("{saved} réponses enregistrées.")),
            });
        }
        Self { page, grid: grid.filtered(show), show, tabs, back }
    }

    /// « 2 réponses enregistrées, 1 refusée, 1 en conflit. »
    fn outcome(&self) -> String {
        let count = |count: usize, one: &str| format!("{count} {one}{}", if count > 1 { "s" } else { "" });
        let conflicts = self.grid.rows().filter(|row| row.form.conflict.is_some()).count();
        let refused = self.back.len() - conflicts;
        let mut told = vec![format!(
            "{} enregistrée{}",
            count(self.grid.saved, "réponse"),
            if self.grid.saved > 1 { "s" } else { "" }
        )];
        if refused > 0 {
            told.push(count(refused, "refusée"));
        }
        if conflicts > 0 {
            told.push(format!("{conflicts} en conflit"));
        }
        told.join(", ") + "."
    }

    fn subtitle(&self) -> String {
        let part = &self.grid.part;
        let closing = date::short(part.until());
        let relative = date::relative(part.until(), self.grid.today);
        let more = if part.extension.is_some() { ", délai accordé" } else { "" };
        if part.state.is_open() && self.grid.today <= part.until() {
            format!("à compléter avant le {closing}, {relative}{more}")
        } else if part.state.is_open() {
            format!("campagne fermée depuis le {closing} ; la saisie reste possible")
        } else {
            format!("campagne du {} au {closing}", date::short(part.opens_on))
        }
    }

    /// Why it came back, for whoever works on it.
    fn came_back(&self) -> Option<(&'static str, &str)> {
        let reason = self.grid.part.reason.as_deref().filter(|_| self.grid.part.state.is_open())?;
        let heading = match self.grid.part.state {
            DialogueState::Returned => "Retourné par le directoire.",
            _ => "À reprendre, à la demande du directoire.",
        };
        Some((heading, reason))
    }

    /// The address of the dialogue.
    fn dialogue_href(&self) -> String {
        format!("/plans/{}/dialogues/{}", self.grid.code, self.grid.part.year)
    }

    /// Nothing can be edited by this person: said once at the top.
    fn locked(&self) -> Option<&str> {
        let mut rows = self.grid.rows();
        let first = rows.next()?.locked.as_deref()?;
        rows.all(|row| row.locked.is_some()).then_some(first)
    }
}

/// One row, as htmx swaps it, with the line that says what became of it.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/row_fragment.html")]
pub struct RowFragment {
    row: Row,
    grid: Grid,
    status: String,
}

impl RowFragment {
    /// The row of a grid.
    pub fn new(row: Row, grid: Grid, saved_at: Option<String>) -> Self {
        let name = &row.form.name;
        let status = if row.form.conflict.is_some() {
            format!("{name} : quelqu’un d’autre l’a modifiée, choisissez laquelle garder.")
        } else if row.form.refusal.is_some() {
            format!("{name} : refusée, rien n’est enregistré pour cette ligne.")
        } else if saved_at.is_some() {
            format!("{name} enregistrée. {}", grid.status())
        } else {
            format!("{name} : rien n’a changé. {}", grid.status())
        };
        Self { row: Row { saved_at, ..row }, grid, status }
    }
}
