//! The form of a request, new or amended.

use askama::Template;
use askama_web::WebTemplate;

use super::sheet::Sheet;
use crate::accounts::CurrentUser;
use crate::arbitrages::amendment::QuantityRole;
use crate::commitments::entry::{LABEL_MAX, RequestRefused, RequestTyped, UNIT_MAX};
use crate::plans::model::Node;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::{Choice, Page};

/// Rows left blank after those that hold a quantity.
const BLANK_ROWS: usize = 2;

/// A quantity of the form.
pub struct QuantityRow {
    /// Its number, counted from 1.
    pub place: usize,
    /// How much.
    pub number: String,
    /// Of what.
    pub unit: String,
    /// What it is to the request.
    pub roles: Vec<Choice>,
}

/// The fields of a request (`templates/commitments/request_fields.html`).
pub struct RequestForm {
    /// What stands in the fields.
    pub typed: RequestTyped,
    /// Beside the fields.
    pub refused: RequestRefused,
    /// Quantities, and blank rows after them.
    pub rows: Vec<QuantityRow>,
}

impl RequestForm {
    /// The fields with what was typed.
    pub fn new(typed: RequestTyped, refused: RequestRefused) -> Self {
        let blank = std::iter::repeat_n((String::new(), String::new(), String::new()), BLANK_ROWS);
        let rows = typed.rows().chain(blank).zip(1..);
        let rows = rows.map(|((number, unit, role), place)| QuantityRow {
            place,
            number,
            unit,
            roles: Choice::list(QuantityRole::ALL, QuantityRole::word, QuantityRole::label, &role),
        });
        Self { rows: rows.collect(), typed, refused }
    }

    /// Longest request.
    pub const fn label_max(&self) -> usize {
        LABEL_MAX
    }

    /// Longest unit.
    pub const fn unit_max(&self) -> usize {
        UNIT_MAX
    }

    /// Something is refused.
    pub fn is_refused(&self) -> bool {
        self.refused != RequestRefused::default()
    }
}

/// The page of a new request.
#[derive(Template, WebTemplate)]
#[template(path = "commitments/new_request.html")]
pub struct NewRequestPage {
    page: Page,
    code: String,
    plan_name: String,
    asking: RequestForm,
    headings: Vec<Choice>,
    nodes: Vec<Choice>,
    conflict: bool,
}

impl NewRequestPage {
    /// The page, with what was typed.
    pub fn new(
        user: &CurrentUser,
        sheet: &Sheet,
        nodes: &[Node],
        typed: RequestTyped,
        refused: RequestRefused,
        conflict: bool,
    ) -> Self {
        let header = &sheet.header;
        let code = header.plan.code.to_string();
        let title = format!("Nouvelle demande · {}", header.plan.name());
        let headings = sheet.all.headings.iter();
        Self {
            page: within_plan(user.page(title, ""), user, header.structure_id, &code, None, PlanPage::Commitments),
            plan_name: header.plan.name(),
            headings: headings
                .map(|it| Choice::new(it.code.as_str(), &format!("{} · {}", it.code, it.title), &typed.heading))
                .collect(),
            nodes: nodes
                .iter()
                .map(|it| Choice::new(it.code.as_str(), &format!("{} · {}", it.code, it.label), &typed.node))
                .collect(),
            asking: RequestForm::new(typed, refused),
            conflict,
            code,
        }
    }
}
