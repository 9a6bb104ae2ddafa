//! Finance: every budget line of every contract.

use std::sync::Arc;

use askama::Template;
use askama_web::WebTemplate;

use super::{euros, keur, lines as counted};
use crate::accounts::CurrentUser;
use crate::budget::finance::{self, Contract, Dimension, Filter, Item, PAGE};
use crate::budget::sums::{Figures, Sum, Totals};
use crate::printed::Verdict;
use crate::web::error::url_encode;
use crate::web::page::Page;

/// A select of the filter.
pub struct Select {
    name: &'static str,
    label: &'static str,
    choices: Vec<(String, String, bool)>,
}

/// A group of lines.
pub struct GroupRow {
    label: String,
    address: String,
    count: usize,
    cost: String,
    asked: String,
    printed: String,
    exact: String,
    aside: String,
}

/// The groups of one dimension.
pub struct GroupTable {
    word: &'static str,
    label: &'static str,
    rows: Vec<GroupRow>,
}

/// What a year carries.
pub struct YearRow {
    label: String,
    address: String,
    count: usize,
    own: String,
    granted: String,
    opened: String,
    executed: String,
}

/// A line.
pub struct LineRow {
    structure: String,
    plan: String,
    code: String,
    address: String,
    label: String,
    category: String,
    objectives: String,
    cost: String,
    asked: String,
    of: String,
    own: String,
    slug: &'static str,
    state: &'static str,
    printed: String,
    exact: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "budget/finance.html")]
pub struct FinancePage {
    page: Page,
    selects: Vec<Select>,
    filtered: String,
    query: String,
    total: GroupRow,
    own: String,
    unscheduled: String,
    unscheduled_count: usize,
    years: Vec<YearRow>,
    tables: Vec<GroupTable>,
    rows: Vec<LineRow>,
    /// The budget's controls of each contract kept, and how many are in gap.
    controls: Vec<Arc<Contract>>,
    gaps: usize,
    range: String,
    previous: Option<String>,
    next: Option<String>,
}

/// `/finance` with a filter, and a page when it is not the first.
fn address(filter: &Filter, page: usize) -> String {
    let query = query(filter);
    let joint = if query.is_empty() { '?' } else { '&' };
    if page > 0 { format!("/finance{query}{joint}page={}", page + 1) } else { format!("/finance{query}") }
}

/// The filter as a query, with its `?` when it says something.
fn query(filter: &Filter) -> String {
    let pairs: Vec<String> =
        filter.pairs().iter().map(|(name, value)| format!("{name}={}", url_encode(value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn optional(sum: &Sum) -> String {
    euros(sum.shown())
}

fn group(label: String, address: String, count: usize, figures: Figures) -> GroupRow {
    let mut asides = Vec::new();
    if figures.known_to_the_keur > 0 {
        asides.push(format!("{} au k€ seulement", figures.known_to_the_keur));
    }
    if figures.unknown_cost > 0 {
        asides.push(format!("{} sans coût", figures.unknown_cost));
    }
    GroupRow {
        label,
        address,
        count,
        cost: euros(figures.cost),
        asked: euros(figures.asked),
        printed: keur(figures.printed),
        exact: euros(figures.exact),
        aside: asides.join(", "),
    }
}

fn line(item: &Item) -> LineRow {
    let (asked, line) = (&item.asked, &item.asked.line);
    let objectives = item.objectives();
    LineRow {
        structure: item.place.acronym.clone(),
        plan: item.place.plan_name.clone(),
        code: line.code.to_string(),
        address: format!("/plans/{}/budget/{}", item.place.plan, line.code),
        label: line.label.clone(),
        category: line.category.clone(),
        objectives: if objectives.is_empty() { "non rattaché".into() } else { objectives.join(" + ") },
        cost: line.cost.map_or_else(
            || line.cost_printed.clone().unwrap_or_else(|| "Estimation en cours".into()),
            |cost| euros(Some(cost)),
        ),
        asked: euros(line.participation),
        of: line.participation_of.clone().unwrap_or_default(),
        own: euros((!line.self_financing.is_empty()).then(|| line.self_financed())),
        slug: asked.state().slug(),
        state: asked.state().label(),
        printed: keur(asked.granted_printed()),
        exact: euros(asked.granted()),
    }
}

impl FinancePage {
    /// How many controls of a contract turn out so.
    fn turned(it: &Contract, verdict: Verdict) -> usize {
        it.list.count(verdict)
    }

    /// The page `number` (the first is 0) of what the filter keeps; totals are over all of it.
    pub fn new(user: &CurrentUser, contracts: &[Arc<Contract>], filter: &Filter, number: usize) -> Self {
        let items: Vec<&Item> = contracts.iter().flat_map(|contract| &contract.items).collect();
        let kept: Vec<&Item> = items.iter().copied().filter(|item| filter.keeps(item)).collect();
        let kept_in = |contract: &&Arc<Contract>| contract.items.iter().any(|item| filter.keeps(item));
        let controls: Vec<Arc<Contract>> = contracts.iter().filter(kept_in).cloned().collect();
        let totals = Totals::of(kept.iter().map(|item| &item.asked));
        let last = kept.len().saturating_sub(1) / PAGE;
        let number = number.min(last);
        let shown: Vec<LineRow> = kept.iter().skip(number * PAGE).take(PAGE).map(|item| line(item)).collect();
        let first = number * PAGE + 1;
        let selects = std::iter::once(Dimension::Year)
            .chain(Dimension::GROUPS)
            .map(|dimension| Select {
                name: dimension.word(),
                label: dimension.label(),
                choices: finance::choices(&items, dimension)
                    .into_iter()
                    .map(|(key, label)| {
                        let chosen = filter.value(dimension) == key;
                        (key, label, chosen)
                    })
                    .collect(),
            })
            .collect();
        let filtered: Vec<String> = std::iter::once(Dimension::Year)
            .chain(Dimension::GROUPS)
            .filter(|dimension| !filter.value(*dimension).is_empty())
            .map(|dimension| {
                let value = finance::shown(dimension, filter.value(dimension));
                format!("{} : {value}", dimension.label().to_lowercase())
            })
            .collect();
        Self {
            page: user.page("Finance", "/finance"),
            selects,
            filtered: filtered.join(" ; "),
            query: query(filter),
            total: group("Toutes les lignes retenues".into(), address(filter, 0), kept.len(), Figures::of(&totals)),
            own: optional(&totals.self_financing),
            unscheduled: optional(&totals.unscheduled),
            unscheduled_count: totals.unscheduled.terms.len(),
            years: finance::by_year(&kept)
                .into_iter()
                .map(|it| YearRow {
                    label: it.year.to_string(),
                    address: address(&filter.with(Dimension::Year, &it.year.to_string()), 0),
                    count: it.count,
                    own: optional(&it.self_financing),
                    granted: optional(&it.granted),
                    opened: optional(&it.opened),
                    executed: optional(&it.executed),
                })
                .collect(),
            tables: Dimension::GROUPS
                .into_iter()
                .map(|dimension| GroupTable {
                    word: dimension.word(),
                    label: dimension.label(),
                    rows: finance::groups(&kept, dimension)
                        .into_iter()
                        .map(|it| {
                            let address = address(&filter.with(dimension, it.key), 0);
                            group(it.label.to_owned(), address, it.count, it.figures)
                        })
                        .collect(),
                })
                .collect(),
            range: match shown.len() {
                0 => String::new(),
                len if len == kept.len() => counted(len),
                len => format!("Lignes {first} à {} sur {}", first + len - 1, kept.len()),
            },
            gaps: controls.iter().map(|it| it.list.gaps()).sum(),
            controls,
            previous: (number > 0).then(|| address(filter, number - 1)),
            next: (number < last).then(|| address(filter, number + 1)),
            rows: shown,
        }
    }
}
