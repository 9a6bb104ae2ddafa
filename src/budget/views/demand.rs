//! The form of a demand in money: new, amended, or costed by finance.

use std::ops::RangeInclusive;

use askama::Template;
use askama_web::WebTemplate;

use crate::accounts::CurrentUser;
use crate::budget::entry::{LABEL_MAX, MoneyRefused, MoneyTyped};
use crate::budget::model::Nature;
use crate::plans::model::Node;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::{Choice, Page};

/// The fields of money (`templates/budget/money_fields.html`).
pub struct MoneyForm {
    /// What makes the ids of its fields its own.
    pub prefix: &'static str,
    /// What stands in the fields.
    pub typed: MoneyTyped,
    /// Beside the fields.
    pub refused: MoneyRefused,
    /// Each year of the contract: chosen or not, and what the structure pays itself.
    pub years: Vec<(i32, bool, String)>,
    /// It came back.
    pub opened: bool,
}

impl MoneyForm {
    /// The fields with what was typed.
    pub fn new(
        prefix: &'static str,
        typed: MoneyTyped,
        refused: MoneyRefused,
        years: RangeInclusive<i32>,
        opened: bool,
    ) -> Self {
        let years = years
            .enumerate()
            .map(|(place, year)| {
                let chosen = typed.year.iter().any(|it| *it == year.to_string());
                (year, chosen, typed.own.get(place).cloned().unwrap_or_default())
            })
            .collect();
        Self { prefix, typed, refused, years, opened }
    }

    /// Something is refused.
    pub fn is_refused(&self) -> bool {
        self.refused != MoneyRefused::default()
    }

    /// It came back because someone else was first.
    pub fn in_conflict(&self) -> bool {
        self.opened && !self.is_refused()
    }

    /// Longest label.
    pub const fn label_max(&self) -> usize {
        LABEL_MAX
    }
}

/// The page of a new line.
#[derive(Template, WebTemplate)]
#[template(path = "budget/new_line.html")]
pub struct NewLinePage {
    page: Page,
    code: String,
    plan_name: String,
    money: MoneyForm,
    natures: Vec<Choice>,
    nodes: Vec<Choice>,
    conflict: bool,
}

impl NewLinePage {
    /// The page, with what was typed.
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        nodes: &[Node],
        typed: MoneyTyped,
        refused: MoneyRefused,
        conflict: bool,
    ) -> Self {
        let code = header.plan.code.to_string();
        let title = format!("Nouvelle demande financière · {}", header.plan.name());
        let years = header.plan.first_year..=header.plan.last_year;
        let node = |it: &Node| Choice {
            value: it.code.to_string(),
            label: format!("{} · {}", it.code, it.label),
            chosen: typed.node.iter().any(|node| node == it.code.as_str()),
        };
        let deepest = header.plan.levels.len();
        Self {
            page: within_plan(user.page(title, ""), user, header.structure_id, &code, None, PlanPage::Budget),
            plan_name: header.plan.name(),
            natures: Choice::list(Nature::ALL, Nature::word, Nature::label, &typed.nature),
            nodes: nodes.iter().filter(|it| usize::try_from(it.level) == Ok(deepest)).map(node).collect(),
            money: MoneyForm::new("demande-", typed, refused, years, false),
            conflict,
            code,
        }
    }
}
