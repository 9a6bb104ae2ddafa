//! Contrôles: what its template asks.

use askama::Template;
use askama_web::WebTemplate;

use super::model::Filter;
use crate::plans::store::Header;
use crate::printed::outcome::shown_at;
use crate::printed::{Family, Outcome, Verdict};
use crate::reserves::marks::mark;
use crate::reserves::model::Touched;
use crate::reserves::{Mark, Reserves};
use crate::web::page::Page;

/// The controls of one family that turn out alike.
pub struct Group {
    family: Family,
    outcomes: Vec<Outcome>,
}

/// The controls that turn out alike, by family.
pub struct Section {
    verdict: Verdict,
    count: usize,
    groups: Vec<Group>,
    /// Nobody looks for what holds first: it is folded, unless that is what was asked for.
    folded: bool,
}

/// A choice of the filter: its word, its label with its count, and whether it is the one made.
type Choice = (&'static str, String, bool);

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "controls/controls.html")]
pub struct ControlsPage {
    page: Page,
    plan: String,
    plan_name: String,
    subtitle: String,
    /// How many there are, whatever the filter.
    total: usize,
    filtered: bool,
    families: Vec<Choice>,
    verdicts: Vec<Choice>,
    sections: Vec<Section>,
    open_reserves: usize,
    /// The réserves that nobody settled.
    marks: Vec<Mark>,
}

impl ControlsPage {
    /// The controls that a person sees, filtered, with the réserves beside.
    pub fn new(page: Page, header: &Header, outcomes: Vec<Outcome>, filter: Filter, reserves: &Reserves) -> Self {
        let plan = header.plan.code.to_string();
        let of = |verdict: Verdict| outcomes.iter().filter(|it| it.verdict == verdict).count();
        let told: Vec<String> = Verdict::ALL
            .iter()
            .filter_map(|verdict| Some(of(*verdict)).filter(|count| *count > 0).map(|count| verdict.counted(count)))
            .collect();
        let families = Family::ALL
            .iter()
            .map(|family| (*family, outcomes.iter().filter(|it| it.family == *family).count()))
            .filter(|(family, count)| *count > 0 || filter.family == Some(*family))
            .map(|(family, count)| {
                (family.word(), format!("{} ({count})", family.label()), filter.family == Some(family))
            })
            .collect();
        let verdicts = Verdict::ALL
            .iter()
            .map(|verdict| {
                (verdict.word(), format!("{} ({})", verdict.label(), of(*verdict)), filter.verdict == Some(*verdict))
            })
            .collect();
        Self {
            page,
            plan_name: header.plan.name(),
            subtitle: told.join(", "),
            total: outcomes.len(),
            filtered: filter != Filter::default(),
            families,
            verdicts,
            sections: sections(outcomes, filter),
            open_reserves: reserves.open_of_document(),
            marks: reserves.seen().iter().filter(|it| it.reserve.is_open()).map(|it| mark(&plan, it)).collect(),
            plan,
        }
    }

    /// The page of the thing that an input belongs to.
    fn shown_at(&self, it: &Touched) -> String {
        shown_at(&self.plan, it)
    }

    /// Of which thing a link leads to the figure: « Ligne budgétaire B1 ».
    fn figure(outcome: &Outcome) -> String {
        outcome.about.first().map_or_else(String::new, |it| match &it.code {
            Some(code) => format!("{} {code}", it.subject.label(false)),
            None => it.subject.label(true).to_owned(),
        })
    }

    fn settle(&self) -> String {
        match self.open_reserves {
            0 => "toutes les réserves du document sont réglées".into(),
            1 => "une réserve du document est à régler".into(),
            count => format!("{count} réserves du document sont à régler"),
        }
    }
}

/// What the filter keeps, what fails first.
fn sections(outcomes: Vec<Outcome>, filter: Filter) -> Vec<Section> {
    let mut sections: Vec<Section> = Verdict::ALL
        .iter()
        .map(|verdict| Section {
            verdict: *verdict,
            count: 0,
            groups: Vec::new(),
            folded: *verdict == Verdict::Holds && filter.verdict.is_none(),
        })
        .collect();
    for outcome in outcomes.into_iter().filter(|it| filter.keeps(it)) {
        let Some(section) = sections.iter_mut().find(|it| it.verdict == outcome.verdict) else { continue };
        section.count += 1;
        match section.groups.last_mut() {
            Some(group) if group.family == outcome.family => group.outcomes.push(outcome),
            _ => section.groups.push(Group { family: outcome.family, outcomes: vec![outcome] }),
        }
    }
    sections.retain(|it| it.count > 0);
    sections
}
