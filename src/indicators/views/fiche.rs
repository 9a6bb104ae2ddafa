//! How a fiche looks.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use super::cell::CellForm;
use crate::access::{self, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::indicators::aim;
use crate::indicators::chart::Chart;
use crate::indicators::entry::{Key, Outcome};
use crate::indicators::explanation::{Explanation, explain};
use crate::indicators::model::{Indicator, Target};
use crate::indicators::progress::{Direction, Nature, State};
use crate::indicators::sheet::Line;
use crate::indicators::shown;
use crate::indicators::store::KeptCell;
use crate::indicators::telling::{self, Told};
use crate::journal::model::Entry;
use crate::kernel::{clock, date, figure};
use crate::plans::model::Node;
use crate::plans::store::{Header, Outline};
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves::Mark;
use crate::web::page::{Flash, Page};

/// A line of a definition list.
pub struct Fact {
    label: String,
    text: String,
}

/// What an avenant may change of the fiche.
pub struct Amends {
    href: String,
    label: String,
}

/// A measure with its chart.
pub struct MeasureCard {
    code: String,
    heading: String,
    state: State,
    progress: String,
    provisional: bool,
    chart: Option<Chart>,
    explanation: Explanation,
}

/// A cell of the table of situations.
pub struct Situation {
    key: String,
    name: String,
    answer: String,
    /// Said instead of an answer: « attendue pour le 31 déc. 2026 ».
    due: String,
    printed: Option<String>,
    editable: bool,
}

/// A line of the table of situations.
pub struct SituationRow {
    heading: String,
    unit: String,
    reference: String,
    situations: Vec<Situation>,
    target: String,
    /// « avenant 1, 2027 ; origine : 25 »; empty for the contract's own.
    aim: String,
    progress: Option<Bar>,
}

/// Progress on a bar.
pub struct Bar {
    width: String,
    label: String,
    mark: Option<String>,
    mark_label: String,
}

/// A comment under the table.
pub struct Remark {
    name: String,
    text: String,
    by: String,
}

/// The cell whose form is open.
pub struct Open {
    form: CellForm,
    verdict: String,
    editable: bool,
    numerator_hint: String,
    history: Vec<Told>,
    printed: Option<String>,
}

/// Changes of one cell.
pub struct CellHistory {
    name: String,
    address: String,
    told: Vec<Told>,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "indicators/fiche.html")]
pub struct FichePage {
    page: Page,
    code: String,
    years: String,
    number: String,
    label: String,
    subtitle: String,
    crumbs: Vec<String>,
    fictive: bool,
    definition: Vec<Fact>,
    targets: Vec<Fact>,
    cards: Vec<MeasureCard>,
    reference_period: String,
    periods: Vec<Column>,
    rows: Vec<SituationRow>,
    comment: Option<String>,
    remarks: Vec<Remark>,
    open: Option<Open>,
    histories: Vec<CellHistory>,
    marks: Vec<Mark>,
    amends: Vec<Amends>,
}

/// A period of the table, and whether the printed form forgot it.
pub struct Column {
    period: String,
    forgotten: bool,
}

/// How many cells the history card tells when none is open.
const HISTORIES_MAX: usize = 6;

impl FichePage {
    /// The page of an indicator; `open` is the cell whose form is shown.
    #[expect(clippy::too_many_arguments, reason = "a page is where everything known of an indicator meets")]
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        outline: &Outline,
        lines: &[Line],
        history: &[Entry],
        open: Option<&Key>,
        mut outcome: Outcome,
        today: NaiveDate,
        may: impl Fn(&Line, &KeptCell) -> Verdict,
    ) -> Self {
        // The caller gives at least one line.
        let indicator = &lines[0].indicator;
        let plan = &header.plan;
        let year = lines.iter().flat_map(|line| &line.cells).filter_map(|kept| kept.asking).map(|it| it.year).max();
        let title = format!("{} · {}", indicator.code, indicator.label);
        let page =
            within_plan(user.page(title, ""), user, header.structure_id, plan.code.as_str(), year, PlanPage::Contract);
        let open = open.and_then(|key| {
            let line = lines.iter().find(|line| line.measure.code == key.measure)?;
            let kept = line.cell(key.period)?;
            Some(open_cell(line, kept, outcome.kept_back.remove(key), &may(line, kept), history))
        });
        let all = || lines.iter().flat_map(|line| line.cells.iter().map(move |kept| (line, kept)));
        Self {
            page,
            code: plan.code.to_string(),
            years: format!("{}-{}", plan.first_year, plan.last_year),
            number: indicator.code.to_string(),
            label: indicator.label.clone(),
            subtitle: subtitle(indicator, lines.len()),
            crumbs: crumbs(&outline.nodes, indicator),
            fictive: all().any(|(_, kept)| kept.cell.provenance.is_some()),
            definition: definition(indicator, lines),
            targets: lines
                .iter()
                .flat_map(|line| line.targets.iter().map(|target| target_fact(line, target)))
                .collect(),
            cards: lines.iter().map(|line| card(line, lines.len() > 1)).collect(),
            reference_period: lines[0].facts.reference_period.to_string(),
            periods: lines[0]
                .cells
                .iter()
                .map(|kept| Column {
                    period: kept.cell.period.to_string(),
                    forgotten: !indicator.columns_printed.is_empty()
                        && !indicator.columns_printed.contains(&kept.cell.period),
                })
                .collect(),
            rows: lines.iter().map(|line| situations(line, today, &may)).collect(),
            comment: indicator.comment.clone(),
            remarks: all().filter_map(|(line, kept)| remark(line, kept)).collect(),
            marks: Vec::new(),
            amends: amends(user, header, lines, today),
            histories: if open.is_some() { Vec::new() } else { histories(lines, history, plan.code.as_str()) },
            open,
        }
    }

    /// Shows the réserves that touch the indicator.
    #[must_use]
    pub fn marked(self, marks: Vec<Mark>) -> Self {
        Self { marks, ..self }
    }

    /// « Atteinte, 109 % ».
    fn with_progress(&self, card: &MeasureCard) -> String {
        format!("{}, {}", card.state.label(), card.progress)
    }

    /// Announces what was just saved.
    #[must_use]
    pub fn saved(mut self, saved: Option<u16>) -> Self {
        if let Some(saved) = saved {
            self.page.flash = Some(match saved {
                0 => Flash { kind: "info", text: "Aucune modification à enregistrer.".into() },
                _ => Flash::success("Réponse enregistrée."),
            });
        }
        self
    }
}

fn subtitle(indicator: &Indicator, measures: usize) -> String {
    let count = if measures > 1 { format!("{measures} mesures") } else { "Une mesure".into() };
    let available = indicator.availability_printed.clone().unwrap_or_else(|| indicator.availability.label().to_owned());
    format!("{count} · {} · {available}", indicator.period_kind.label())
}

fn crumbs(nodes: &[Node], indicator: &Indicator) -> Vec<String> {
    let mut crumbs = Vec::new();
    let mut next = Some(&indicator.node);
    while let Some(node) = next.and_then(|code| nodes.iter().find(|node| node.code == *code)) {
        crumbs.push(node.label.clone());
        next = node.parent.as_ref();
    }
    crumbs.reverse();
    crumbs
}

fn definition(indicator: &Indicator, lines: &[Line]) -> Vec<Fact> {
    let several = lines.len() > 1;
    let mut facts: Vec<Fact> = Vec::new();
    let mut add = |label: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            facts.push(Fact { label: label.to_owned(), text });
        }
    };
    add("Périmètre", indicator.scope.clone());
    for line in lines {
        let of = if several { format!(" {}", line.measure.code) } else { String::new() };
        add(&format!("Périmètre{of}"), line.measure.scope.clone());
    }
    if several {
        for line in lines {
            add(&format!("Calcul {}", line.measure.code), line.measure.calculation.clone());
        }
    } else {
        add("Calcul", lines[0].measure.calculation.clone().or_else(|| indicator.calculation.clone()));
    }
    add("Source", indicator.source.clone());
    add("Origine", indicator.origin_printed.clone());
    add("Référents", Some(indicator.referents.join(" · ")));
    add("Disponible", indicator.availability_printed.clone());
    let confirmed = |confirmed: bool| if confirmed { " (confirmé par le pilotage)" } else { ", à confirmer" };
    shared_or_each(&mut add, "Nature", lines, |line| match (line.measure.nature, line.measure.nature_confirmed) {
        (Nature::ToConfirm, false) => Nature::ToConfirm.label().to_owned(),
        (nature, is_confirmed) => format!("{}{}", nature.label(), confirmed(is_confirmed)),
    });
    shared_or_each(&mut add, "Sens", lines, |line| match (line.measure.direction, line.measure.direction_confirmed) {
        (Direction::ToChoose, false) => Direction::ToChoose.label().to_owned(),
        (direction, false) => format!("{}, proposé d’après la cible, à confirmer", direction.label()),
        (direction, true) => format!("{}{}", direction.label(), confirmed(true)),
    });
    let amended = aim::definition(&indicator.amended).into_iter().map(|(label, text)| Fact { label, text });
    facts.extend(amended);
    for line in lines {
        let of = |label: String| if several { format!("{label}, {}", line.measure.code) } else { label };
        let amended = aim::definition(&line.measure.amended).into_iter();
        facts.extend(amended.map(|(label, text)| Fact { label: of(label), text }));
    }
    facts
}

/// What may be changed by an avenant from here, for those who prepare them.
fn amends(user: &CurrentUser, header: &Header, lines: &[Line], today: NaiveDate) -> Vec<Amends> {
    let thing = Thing::Avenant { closed: header.closed };
    if header.plan.draft || !access::may_edit(Who::User(user), &thing, today).allowed() {
        return Vec::new();
    }
    let link = |element: String, label: String| Amends {
        href: format!("/plans/{}/avenants/new?element={element}", header.plan.code),
        label,
    };
    let indicator = &lines[0].indicator.code;
    let targets = lines.iter().map(|it| &it.measure.code);
    let measures = targets.clone();
    targets
        .map(|code| link(format!("cible/{code}"), format!("Cible de la mesure {code}")))
        .chain(measures.map(|code| link(format!("mesure/{code}"), format!("Définition de la mesure {code}"))))
        .chain([link(format!("indicateur/{indicator}"), format!("Définition de l’indicateur {indicator}"))])
        .collect()
}

/// What all the measures of a group share is said once.
fn shared_or_each(
    add: &mut impl FnMut(&str, Option<String>),
    label: &str,
    lines: &[Line],
    tell: impl Fn(&Line) -> String,
) {
    let told: Vec<String> = lines.iter().map(tell).collect();
    if told.iter().all(|text| *text == told[0]) {
        add(label, told.into_iter().next());
    } else {
        for (line, text) in lines.iter().zip(told) {
            add(&format!("{label} {}", line.measure.code), Some(text));
        }
    }
}

fn target_fact(line: &Line, target: &Target) -> Fact {
    let shown = shown::answer(target.figure.answer(), line.measure.unit_kind);
    let origin = aim::source(target);
    let printed = target
        .figure
        .printed
        .as_ref()
        .filter(|printed| !same_text(printed, &shown))
        .map(|printed| format!(", imprimé « {printed} »"))
        .unwrap_or_default();
    let reason = target.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
    let text = format!("{shown} en {}, {origin}{printed}{reason}", line.facts.last_period);
    Fact { label: line.measure.code.to_string(), text }
}

fn card(line: &Line, several: bool) -> MeasureCard {
    let label = &line.measure.label;
    let code = line.measure.code.to_string();
    MeasureCard {
        heading: if several { format!("{code} {label}") } else { label.clone() },
        state: line.progress.state,
        progress: line
            .progress
            .word(line.measure.direction)
            .into_iter()
            .chain(line.progress.raw.ok().map(|raw| figure::show_percent(raw, 1)))
            .collect::<Vec<_>>()
            .join(", "),
        provisional: line.progress.provisional,
        chart: Chart::of(
            &line.facts,
            line.measure.unit_kind,
            aim::original(&line.targets).and_then(|it| it.figure.answer()),
        ),
        explanation: explain(line),
        code,
    }
}

/// A width or a place on a bar, with a point for decimals.
fn percent(points: rust_decimal::Decimal) -> String {
    figure::round(points, 1).to_string()
}

impl Bar {
    /// The bar of a line; `None` when progress is not computed.
    pub fn of(line: &Line) -> Option<Self> {
        let progress = &line.progress;
        Some(Self {
            width: percent(progress.clamped()?),
            label: figure::show_percent(progress.raw.ok()?, 1),
            mark: progress.expected_mark().map(percent),
            mark_label: progress
                .expected
                .map(|expected| shown::expected(expected, line.measure.unit_kind))
                .unwrap_or_default(),
        })
    }
}

fn situations(line: &Line, today: NaiveDate, may: &impl Fn(&Line, &KeptCell) -> Verdict) -> SituationRow {
    let unit = line.measure.unit_kind;
    SituationRow {
        heading: format!("{} {}", line.measure.code, line.measure.label),
        unit: line.measure.unit.to_lowercase(),
        reference: shown::answer(line.facts.reference, unit),
        situations: line
            .cells
            .iter()
            .map(|kept| {
                let period = kept.cell.period;
                let answer = kept.cell.answer();
                let due_on = line.due_on(period);
                let late = due_on < today;
                Situation {
                    key: format!("{}/{period}", line.measure.code),
                    name: format!("{} {period}", line.measure.code),
                    answer: answer.map(|answer| shown::answer(Some(answer), unit)).unwrap_or_default(),
                    due: format!(
                        "{} {}",
                        if late { "attendue depuis le" } else { "attendue pour le" },
                        date::short(due_on)
                    ),
                    printed: printed(line, kept),
                    editable: may(line, kept).allowed(),
                }
            })
            .collect(),
        target: shown::answer(line.facts.target, unit),
        aim: aim::beside(&line.targets, unit).unwrap_or_default(),
        progress: Bar::of(line),
    }
}

/// What the signed document printed, when the cell says something else now.
fn printed(line: &Line, kept: &KeptCell) -> Option<String> {
    let printed = kept.cell.printed.as_ref()?;
    let text = printed.printed.clone()?;
    let same = printed.answer() == kept.cell.answer();
    (!same || !same_text(&text, &shown::answer(printed.answer(), line.measure.unit_kind))).then_some(text)
}

/// « 40 % » and « 40% » say the same: only a difference that a reader would notice is told.
fn same_text(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    bare(one) == bare(other)
}

fn remark(line: &Line, kept: &KeptCell) -> Option<Remark> {
    let text = kept.cell.comment.clone()?;
    let by =
        kept.changed.as_ref().map(|(at, who)| format!("{who}, {}", date::short(clock::day(*at)))).unwrap_or_default();
    Some(Remark { name: format!("{}, {}", line.measure.code, kept.cell.period), text, by })
}

fn told_of(line: &Line, kept: &KeptCell, history: &[Entry]) -> Vec<Told> {
    let code = format!("{}/{}", line.measure.code, kept.cell.period);
    history
        .iter()
        .filter(|entry| entry.code == code)
        .map(|entry| telling::told(entry, line.measure.unit_kind))
        .collect()
}

fn open_cell(
    line: &Line,
    kept: &KeptCell,
    back: Option<(crate::indicators::entry::Posted, crate::indicators::entry::Back)>,
    verdict: &Verdict,
    history: &[Entry],
) -> Open {
    Open {
        form: match back {
            Some((posted, back)) => CellForm::back(line, kept, posted, back),
            None => CellForm::kept(line, kept),
        },
        verdict: verdict.sentence(),
        editable: verdict.allowed(),
        numerator_hint: line.measure.calculation.clone().unwrap_or_default(),
        history: told_of(line, kept, history),
        printed: kept.cell.printed.as_ref().and_then(|printed| printed.printed.clone()),
    }
}

/// The cells that changed last, each with its changes.
fn histories(lines: &[Line], history: &[Entry], code: &str) -> Vec<CellHistory> {
    let mut seen: Vec<&str> = Vec::new();
    for entry in history {
        if !seen.contains(&entry.code.as_str()) {
            seen.push(&entry.code);
        }
    }
    seen.into_iter()
        .filter_map(|cell| {
            let key = Key::parse(cell)?;
            let line = lines.iter().find(|line| line.measure.code == key.measure)?;
            let kept = line.cell(key.period)?;
            Some(CellHistory {
                name: format!("{}, {}", key.measure, key.period),
                address: format!("/plans/{code}/measures/{}/cells/{}/journal", key.measure, key.period),
                told: told_of(line, kept, history),
            })
        })
        .take(HISTORIES_MAX)
        .collect()
}
