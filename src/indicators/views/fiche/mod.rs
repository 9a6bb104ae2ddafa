//! How a fiche looks, a file for each of its parts.

mod cards;
mod changes;
mod definition;
mod situations;

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use self::cards::{MeasureCard, card};
use self::changes::{CellHistory, Open, histories, open_cell};
use self::definition::{Amends, Fact, amends, definition, target_fact};
use self::situations::{Remark, SituationRow, remark, situations};
use crate::access::Verdict;
use crate::accounts::CurrentUser;
use crate::indicators::entry::{Key, Outcome};
use crate::indicators::model::Indicator;
use crate::indicators::sheet::Line;
use crate::indicators::store::KeptCell;
use crate::journal::model::Entry;
use crate::plans::model::Node;
use crate::plans::store::{Header, Outline};
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves::Mark;
use crate::web::page::{Flash, Page};

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
