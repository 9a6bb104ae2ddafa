//! How campaigns look: all of them, the opening in two steps, one of them, what it asks of one plan.

use std::collections::{HashMap, HashSet};

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use crate::avenants::telling;
use crate::dialogue::model::campaign::{Refused, Typed};
use crate::dialogue::model::machine::REASON_MAX;
use crate::dialogue::model::{Campaign, Candidate, Expecting};
use crate::dialogue::store::Part;
use crate::dialogue::store::campaign::Counted;
use crate::dialogue::window::window;
use crate::kernel::{date, figure};
use crate::plans::store::Header;
use crate::web::page::Page;

/// « 12,5 % », or each contract's own.
fn threshold_words(campaign: &Campaign) -> String {
    campaign.deviation_threshold.map_or_else(
        || "celui de chaque contrat".into(),
        |threshold| format!("{}\u{202f}% du chemin à parcourir", figure::show(threshold)),
    )
}

/// All campaigns.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/campaigns.html")]
pub struct CampaignsPage {
    /// Frame.
    pub page: Page,
    /// The latest first.
    pub campaigns: Vec<Counted>,
    /// Today.
    pub today: NaiveDate,
}

impl CampaignsPage {
    fn window(campaign: &Campaign) -> String {
        format!("du {} au {}", date::short(campaign.opens_on), date::short(campaign.closes_on))
    }

    fn relative(&self, campaign: &Campaign) -> String {
        match (self.today < campaign.opens_on, self.today <= campaign.closes_on) {
            (true, _) => format!("ouvre {}", date::relative(campaign.opens_on, self.today)),
            (_, true) => format!("ferme {}", date::relative(campaign.closes_on, self.today)),
            _ => "fermée".into(),
        }
    }
}

/// What is asked otherwise than by the rule, as chosen in the second step of an opening.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// `plan/measure/period` of the cells turned: exempted when expected, added when not.
    pub turned: HashSet<String>,
    /// Why, by plan, as typed.
    pub reasons: HashMap<String, String>,
    /// What is wrong with it, by plan.
    pub refused: HashMap<String, String>,
    /// The plans that this campaign is the last of.
    pub last: HashSet<String>,
}

/// The cells of a measure that a campaign would, or would not, ask.
#[derive(Debug, Clone)]
pub struct PreviewMeasure {
    /// Its code.
    pub measure: String,
    /// Its label.
    pub label: String,
    /// Each of its periods.
    pub cells: Vec<PreviewCell>,
}

/// A cell of the preview.
#[derive(Debug, Clone)]
pub struct PreviewCell {
    /// Its period.
    pub period: String,
    /// Its value in the form.
    pub value: String,
    /// « due depuis le 31 déc. 2024 », « déjà répondue ».
    pub when: String,
    /// Turned: exempted, or added.
    pub turned: bool,
}

/// What a campaign would ask of a plan.
#[derive(Debug, Clone)]
pub struct Preview {
    code: String,
    structure: String,
    name: String,
    expected: usize,
    arrears: usize,
    /// The avenants that the opening brings into force: code, reason, changes.
    avenants: Vec<(String, String, Vec<String>)>,
    asked: Vec<PreviewMeasure>,
    others: Vec<PreviewMeasure>,
    others_count: usize,
    reason: String,
    error: String,
    is_last: bool,
    /// A cell was turned, or the reason is refused: shown unfolded.
    open: bool,
}

impl Preview {
    fn new(header: &Header, expecting: &Expecting, campaign: &Campaign, chosen: &Chosen) -> Self {
        let code = header.plan.code.to_string();
        let candidates = expecting.candidates();
        let (asked, others): (Vec<&Candidate>, Vec<&Candidate>) =
            candidates.iter().partition(|cell| cell.is_expected(campaign.closes_on));
        let arrears = asked.iter().filter(|cell| cell.due_on < campaign.opens_on).count();
        let error = chosen.refused.get(&code).cloned().unwrap_or_default();
        let prefix = format!("{code}/");
        Self {
            structure: header.structure.label.clone(),
            name: header.plan.name(),
            expected: asked.len(),
            arrears,
            avenants: expecting
                .avenants
                .iter()
                .map(|it| (it.code.to_string(), it.reason.clone(), it.changes.iter().map(telling::line).collect()))
                .collect(),
            others_count: others.len(),
            asked: by_measure(&asked, &code, campaign, chosen),
            others: by_measure(&others, &code, campaign, chosen),
            reason: chosen.reasons.get(&code).cloned().unwrap_or_default(),
            open: !error.is_empty() || chosen.turned.iter().any(|it| it.starts_with(&prefix)),
            error,
            is_last: chosen.last.contains(&code),
            code,
        }
    }

    /// « 67 situations attendues, dont 60 arriérées ».
    fn summary(&self) -> String {
        let s = |count: usize| if count > 1 { "s" } else { "" };
        let arrears = match self.arrears {
            0 => String::new(),
            count => format!(", dont {count} due{} avant l’ouverture", s(count)),
        };
        format!("{} situation{n} attendue{n}{arrears}", self.expected, n = s(self.expected))
    }
}

fn by_measure(cells: &[&Candidate], code: &str, campaign: &Campaign, chosen: &Chosen) -> Vec<PreviewMeasure> {
    let mut measures: Vec<PreviewMeasure> = Vec::new();
    for cell in cells {
        let value = format!("{code}/{}", cell.key());
        let shown = PreviewCell {
            period: cell.period.to_string(),
            when: match (cell.settled, cell.due_on < campaign.opens_on) {
                (true, _) => "déjà répondue".into(),
                (_, true) => format!("due depuis le {}", date::short(cell.due_on)),
                _ => format!("due le {}", date::short(cell.due_on)),
            },
            turned: chosen.turned.contains(&value),
            value,
        };
        match measures.last_mut().filter(|last| last.measure == cell.measure) {
            Some(last) => last.cells.push(shown),
            None => measures.push(PreviewMeasure {
                measure: cell.measure.clone(),
                label: cell.label.clone(),
                cells: vec![shown],
            }),
        }
    }
    measures
}

/// Opening a campaign: its window, then what each plan is asked.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/new_campaign.html")]
pub struct NewPage {
    page: Page,
    typed: Typed,
    refused: Refused,
    previews: Option<Vec<Preview>>,
    late: bool,
}

impl NewPage {
    /// The first step.
    pub const fn window(page: Page, typed: Typed, refused: Refused) -> Self {
        Self { page, typed, refused, previews: None, late: false }
    }

    /// The second step.
    pub fn plans(
        page: Page,
        typed: Typed,
        refused: Refused,
        campaign: &Campaign,
        asked: &[(Header, Expecting)],
        chosen: &Chosen,
    ) -> Self {
        let previews =
            asked.iter().map(|(header, expecting)| Preview::new(header, expecting, campaign, chosen)).collect();
        Self { page, typed, refused, previews: Some(previews), late: !chosen.refused.is_empty() }
    }

    fn total(&self) -> usize {
        self.previews.iter().flatten().map(|preview| preview.expected).sum()
    }

    const fn reason_max(&self) -> usize {
        REASON_MAX
    }

    fn is_refused(&self) -> bool {
        self.late || self.refused != Refused::default()
    }
}

/// The threshold that came back.
#[derive(Debug, Clone, Default)]
pub struct ThresholdField {
    /// As typed.
    pub typed: String,
    /// What is wrong with it.
    pub error: String,
}

/// A plan in a campaign.
#[derive(Debug, Clone)]
pub struct Row {
    header: Header,
    part: Option<Part>,
}

/// One campaign.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/campaign.html")]
pub struct CampaignPage {
    page: Page,
    campaign: Campaign,
    rows: Vec<Row>,
    field: ThresholdField,
    today: NaiveDate,
}

impl CampaignPage {
    /// With the dialogue of each plan that it asks something of.
    pub fn new(
        page: Page,
        campaign: Campaign,
        headers: Vec<Header>,
        mut parts: Vec<Part>,
        field: Option<ThresholdField>,
        today: NaiveDate,
    ) -> Self {
        let rows = headers
            .into_iter()
            .map(|header| {
                let place = parts.iter().position(|part| part.plan_id == header.id);
                Row { part: place.map(|place| parts.swap_remove(place)), header }
            })
            .filter(|row| row.part.is_some() || row.header.takes_part(campaign.year))
            .collect();
        let field = field.unwrap_or_else(|| ThresholdField {
            typed: campaign.deviation_threshold.map(figure::show).unwrap_or_default(),
            error: String::new(),
        });
        Self { page, campaign, rows, field, today }
    }

    fn window(&self) -> String {
        CampaignsPage::window(&self.campaign)
    }

    fn threshold(&self) -> String {
        threshold_words(&self.campaign)
    }

    fn part_window(&self, part: &Part) -> String {
        window(part, self.today)
    }

    fn percent(part: &Part) -> String {
        format!("{}\u{202f}%", part.completeness.answered_percent())
    }
}

/// What an act on a plan's part left to show.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// It is not the moment; empty when it is.
    pub stale: String,
    /// End of the extension, as typed.
    pub to: String,
    /// What is wrong with it.
    pub to_error: String,
    /// Reason of the extension, as typed.
    pub reason: String,
    /// What is wrong with it.
    pub extension_error: String,
    /// The cell chosen.
    pub cell: String,
    /// To add; otherwise to exempt.
    pub is_added: bool,
    /// What is wrong with the cell.
    pub cell_error: String,
    /// Reason of the adjustment, as typed.
    pub adjust_reason: String,
    /// What is wrong with it.
    pub adjust_error: String,
}

/// One of the two forms that adjust what is expected.
#[derive(Debug, Clone)]
pub struct AdjustForm {
    act: &'static str,
    title: &'static str,
    button: &'static str,
    /// Value and words of each cell, and whether it was chosen.
    cells: Vec<(String, String, bool)>,
    cell_error: String,
    reason: String,
    reason_error: String,
}

/// What a campaign asks of one plan.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/campaign_plan.html")]
pub struct PlanPage {
    page: Page,
    campaign: Campaign,
    code: String,
    name: String,
    structure: String,
    part: Option<Part>,
    expected: usize,
    candidates: usize,
    forms: Vec<AdjustForm>,
    back: Back,
    today: NaiveDate,
}

impl PlanPage {
    /// The page, with the form that came back.
    pub fn new(
        page: Page,
        campaign: Campaign,
        header: &Header,
        dialogue: Option<(Part, Vec<(Candidate, bool)>)>,
        back: Back,
        today: NaiveDate,
    ) -> Self {
        let (part, cells) = dialogue.map_or((None, Vec::new()), |(part, cells)| (Some(part), cells));
        let form = |act, title, button, is_added: bool| {
            let came_back = !back.cell_error.is_empty() || !back.adjust_error.is_empty();
            let mine = came_back && back.is_added == is_added;
            let cells = cells.iter().filter(|(_, asked)| *asked != is_added).map(|(cell, _)| {
                let words =
                    format!("{}, {} · {} (due le {})", cell.measure, cell.period, cell.label, date::short(cell.due_on));
                (cell.key(), words, mine && cell.key() == back.cell)
            });
            let text = |text: &String| if mine { text.clone() } else { String::new() };
            AdjustForm {
                act,
                title,
                button,
                cells: cells.collect(),
                cell_error: text(&back.cell_error),
                reason: text(&back.adjust_reason),
                reason_error: text(&back.adjust_error),
            }
        };
        let forms = vec![
            form("exempt", "Dispenser d’une situation", "Dispenser", false),
            form("add", "Demander une situation de plus", "Demander", true),
        ];
        Self {
            page,
            campaign,
            code: header.plan.code.to_string(),
            name: header.plan.name(),
            structure: header.structure.label.clone(),
            part,
            expected: cells.iter().filter(|(_, asked)| *asked).count(),
            candidates: cells.len(),
            forms,
            back,
            today,
        }
    }

    /// Its address.
    fn at(&self) -> String {
        format!("/admin/campaigns/{}/plans/{}", self.campaign.year, self.code)
    }

    fn window(&self, part: &Part) -> String {
        window(part, self.today)
    }

    const fn reason_max(&self) -> usize {
        REASON_MAX
    }
}
