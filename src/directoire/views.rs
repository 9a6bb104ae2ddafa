//! How the Directoire page looks.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::model::{Board, Column, Crossing, Filter, OUTSIDE, Parameter, Row, Sort, added, filled_percent};
use crate::access::DialogueState;
use crate::accounts::CurrentUser;
use crate::budget::sums::Figures;
use crate::budget::views::{euros, keur};
use crate::contract::views::contract::anchor;
use crate::dialogue::model::Completeness;
use crate::dialogue::window::window;
use crate::indicators::progress::{State, Summary};
use crate::kernel::figure;
use crate::plans::model::StructureKind;
use crate::plans::store::Header;
use crate::web::error::url_encode;
use crate::web::page::Page;

/// A select of the filter: its choices in groups, a group without a name standing alone.
pub struct Select {
    name: &'static str,
    label: &'static str,
    /// What the empty choice says.
    all: &'static str,
    groups: Vec<(String, Vec<Choice>)>,
}

/// A choice of a select.
pub struct Choice {
    key: String,
    label: String,
    chosen: bool,
}

/// A state of dialogues, with how many stand there: one click keeps only those.
pub struct Tab {
    href: String,
    label: String,
    count: usize,
    current: bool,
}

/// Two bars and their counts.
pub struct Filled {
    answered: (usize, String, String),
    values: (usize, String, String),
}

/// Asked and granted, each of its own kind: never mixed.
pub struct Money {
    asked: String,
    printed: String,
    exact: String,
    /// Grants known to the k€ only.
    rounded: usize,
}

/// Where a dialogue stands.
pub struct Standing {
    year: Option<i32>,
    slug: &'static str,
    label: &'static str,
    href: Option<String>,
    window: String,
}

/// A contract of the first table.
pub struct ContractRow {
    href: String,
    structure: String,
    plan: String,
    standing: Standing,
    filled: Option<Filled>,
    late_jalons: usize,
    late_by_reading: usize,
    overdue: usize,
    money: Money,
}

/// What a node, or a whole contract, shows of its measures.
pub struct Shown {
    href: String,
    pill: (&'static str, String),
    mean: String,
    computable: String,
    provisional: bool,
}

/// A contract of the matrix.
pub struct CrossRow {
    href: String,
    structure: String,
    acronym: String,
    plan: String,
    whole: Shown,
    cells: Vec<(String, Option<Shown>)>,
}

/// A column of the matrix.
pub struct Head {
    label: String,
    /// In full, when the label is not.
    full: Option<String>,
    href: String,
}

/// The foot of a column.
struct Sum {
    label: String,
    /// The worst state there, as its pill: slug and words.
    worst: Option<(&'static str, String)>,
    measures: usize,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "directoire/directoire.html")]
pub struct DirectoirePage {
    page: Page,
    subtitle: String,
    tabs: Vec<Tab>,
    selects: Vec<Select>,
    state: String,
    late_only: bool,
    filtered: bool,
    sorts: Vec<(Sort, String, bool)>,
    provenances: Vec<String>,
    contracts: Vec<ContractRow>,
    filled: Filled,
    late_jalons: usize,
    money: Money,
    domains: Vec<(Head, usize)>,
    themes: Vec<Head>,
    crossings: Vec<CrossRow>,
    sums: Vec<Sum>,
    structures: usize,
    /// Measures compared with the target of an avenant, by structure: « IUT 2 ».
    amended: String,
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count > 1 { many } else { one }
}

/// `/directoire` with a filter.
fn address(filter: &Filter) -> String {
    let pairs: Vec<String> =
        filter.pairs().iter().map(|(name, value)| format!("{name}={}", url_encode(value))).collect();
    if pairs.is_empty() { "/directoire".into() } else { format!("/directoire?{}", pairs.join("&")) }
}

fn percent(percent: usize) -> String {
    format!("{percent}\u{202f}%")
}

fn filled(it: Completeness) -> Filled {
    let (answered, values) = (it.answered_percent(), filled_percent(it));
    Filled {
        answered: (answered, percent(answered), format!("{} sur {}", it.answered(), it.expected)),
        values: (values, percent(values), format!("{} sur {}", it.values, it.due())),
    }
}

fn money(budget: Figures) -> Money {
    Money {
        asked: euros(budget.asked),
        printed: keur(budget.printed),
        exact: euros(budget.exact),
        rounded: budget.known_to_the_keur,
    }
}

/// The worst state and its count; an objective without indicator has none.
fn pill(summary: &Summary) -> (&'static str, String) {
    summary.worst().map_or(("sans-mesure", "Sans mesure".into()), |(state, count)| {
        (State::word(state), state.counted(count).replacen(' ', "\u{a0}", 1))
    })
}

fn shown(href: String, summary: &Summary, provisional: bool) -> Shown {
    let mean = |mean: Decimal| figure::show_percent(mean, 1);
    Shown {
        href,
        pill: pill(summary),
        mean: summary.mean.map(mean).unwrap_or_default(),
        computable: match summary.measures {
            0 => String::new(),
            measures => format!("{} sur {measures}", summary.computable),
        },
        provisional: provisional && summary.mean.is_some(),
    }
}

fn plan_href(header: &Header) -> String {
    format!("/plans/{}", header.plan.code)
}

fn standing(row: &Row<'_>, today: NaiveDate) -> Standing {
    let (header, state) = (&row.contract.header, row.contract.state());
    Standing {
        year: row.contract.part.as_ref().map(|part| part.year),
        slug: state.slug(),
        label: state.label(),
        href: row.contract.part.as_ref().map(|part| format!("{}/dialogues/{}", plan_href(header), part.year)),
        window: match &row.contract.part {
            Some(part) => window(part, today),
            None if header.plan.first_year > chrono::Datelike::year(&today) => {
                format!("le contrat commence en {}", header.plan.first_year)
            }
            None => "aucune campagne ne l’a encore ouvert".into(),
        },
    }
}

fn contract_row(row: &Row<'_>, today: NaiveDate) -> ContractRow {
    let (header, digest) = (&row.contract.header, row.digest());
    ContractRow {
        href: plan_href(header),
        structure: header.structure.label.clone(),
        plan: header.plan.name(),
        standing: standing(row, today),
        filled: row.contract.part.as_ref().map(|part| filled(part.completeness)),
        late_jalons: digest.late_jalons,
        late_by_reading: digest.late_by_reading,
        overdue: row.overdue,
        money: money(digest.budget),
    }
}

fn cross_row(row: &Row<'_>, columns: &[Column]) -> CrossRow {
    let header = &row.contract.header;
    let cell = |it: &Crossing| {
        let href = format!("{}#{}", plan_href(header), anchor(it.node.as_str()));
        shown(href, &it.summary, it.provisional)
    };
    CrossRow {
        href: plan_href(header),
        structure: header.structure.label.clone(),
        acronym: header.structure.acronym.clone(),
        plan: header.plan.years(),
        whole: shown(plan_href(header), &row.digest().whole, row.digest().provisional),
        cells: columns
            .iter()
            .zip(&row.crossings)
            .map(|(column, crossing)| (column.short().to_owned(), crossing.map(cell)))
            .collect(),
    }
}

/// The domaines with how many columns each spans.
fn domains(board: &Board<'_>, filter: &Filter) -> Vec<(Head, usize)> {
    let mut found: Vec<(Head, usize)> = Vec::new();
    for column in &board.columns {
        match found.last_mut() {
            Some((head, span)) if head.label == column.domain() => *span += 1,
            _ => {
                let wanted = if *column == Column::Outside { OUTSIDE } else { column.domain() };
                let href = address(&filter.with(Parameter::Theme, wanted));
                found.push((Head { label: column.domain().to_owned(), full: None, href }, 1));
            }
        }
    }
    found
}

fn selects(board: &Board<'_>, filter: &Filter, years: &[i32]) -> Vec<Select> {
    let choice = |parameter: Parameter, key: &str, label: &str| Choice {
        chosen: filter.value(parameter) == key,
        key: key.to_owned(),
        label: label.to_owned(),
    };
    let plain = |choices: Vec<Choice>| vec![(String::new(), choices)];
    let mut themes: Vec<(String, Vec<Choice>)> = Vec::new();
    for column in &board.every_column {
        if *column == Column::Outside {
            themes.push((String::new(), vec![choice(Parameter::Theme, OUTSIDE, "Hors cadre")]));
            continue;
        }
        if themes.last().is_none_or(|(domain, _)| domain != column.domain()) {
            let whole = choice(Parameter::Theme, column.domain(), &format!("{} : tout le domaine", column.domain()));
            themes.push((column.domain().to_owned(), vec![whole]));
        }
        if let Some((_, choices)) = themes.last_mut() {
            choices.push(choice(Parameter::Theme, column.theme(), column.theme()));
        }
    }
    vec![
        Select {
            name: Parameter::Year.word(),
            label: "Campagne",
            all: "Dernier dialogue",
            groups: plain(years.iter().map(|it| choice(Parameter::Year, &it.to_string(), &it.to_string())).collect()),
        },
        Select {
            name: Parameter::Kind.word(),
            label: "Sorte de structure",
            all: "Toutes",
            groups: plain(StructureKind::ALL.iter().map(|it| choice(Parameter::Kind, it.word(), it.label())).collect()),
        },
        Select { name: Parameter::Theme.word(), label: "Thématique", all: "Toutes", groups: themes },
        Select {
            name: Parameter::Sort.word(),
            label: "Ordre",
            all: Sort::Structure.label(),
            groups: plain(
                Sort::ALL
                    .iter()
                    .filter(|it| **it != Sort::Structure)
                    .map(|it| choice(Parameter::Sort, it.word(), it.label()))
                    .collect(),
            ),
        },
    ]
}

fn tabs(board: &Board<'_>, filter: &Filter) -> Vec<Tab> {
    let tab = |state: Option<DialogueState>, count| Tab {
        href: address(&filter.with(Parameter::State, state.map_or("", DialogueState::word))),
        label: state.map_or("Tous les dialogues", DialogueState::label).to_owned(),
        count,
        current: filter.state == state.map_or("", DialogueState::word),
    };
    let all = board.states.iter().map(|(_, count)| count).sum();
    let states = board.states.iter().map(|(state, count)| tab(Some(*state), *count));
    std::iter::once(tab(None, all)).chain(states).collect()
}

/// The measures compared with the target of an avenant, contract by contract: « IUT 4 (avenant 1, 2027 ; origine : 25) ».
fn amended(board: &Board<'_>) -> String {
    let told = board.rows.iter().filter(|row| !row.digest().amended.is_empty()).map(|row| {
        let header = &row.contract.header;
        let measures = row.digest().amended.join(", ");
        format!("{} {}, mesures {measures}", header.structure.acronym, header.plan.years())
    });
    told.collect::<Vec<_>>().join(" ; ")
}

impl DirectoirePage {
    /// The page of what the filter keeps.
    pub fn new(user: &CurrentUser, board: &Board<'_>, filter: &Filter, years: &[i32], today: NaiveDate) -> Self {
        let mut structures: Vec<i64> = board.rows.iter().map(|row| row.contract.header.structure_id).collect();
        structures.sort_unstable();
        structures.dedup();
        let mut said: Vec<String> = board.rows.iter().flat_map(|row| &row.digest().provenances).cloned().collect();
        said.sort_unstable();
        said.dedup();
        let subtitle = match (filter.year(), board.aside) {
            (None, _) => "Chaque contrat avec son dernier dialogue.".to_owned(),
            (Some(year), 0) => format!("Campagne {year}."),
            (Some(year), aside) => format!(
                "Campagne {year}, à laquelle {aside} {} pas part.",
                plural(aside, "contrat ne prend", "contrats ne prennent")
            ),
        };
        let sums =
            std::iter::once(("Tout le contrat".to_owned(), added(board.rows.iter().map(|row| &row.digest().whole))))
                .chain(board.columns.iter().enumerate().map(|(place, column)| {
                    let crossings = board.rows.iter().filter_map(|row| row.crossings[place]);
                    (column.short().to_owned(), added(crossings.map(|it| &it.summary)))
                }))
                .map(|(label, sum)| Sum {
                    label,
                    worst: (sum.measures > 0).then(|| pill(&sum)),
                    measures: sum.measures,
                })
                .collect();
        Self {
            page: user.page("Directoire", "/directoire"),
            subtitle,
            tabs: tabs(board, filter),
            selects: selects(board, filter, years),
            state: filter.state.clone(),
            late_only: !filter.late.is_empty(),
            filtered: filter.pairs().iter().any(|(name, _)| *name != Parameter::Sort.word()),
            sorts: Sort::ALL
                .iter()
                .map(|it| {
                    let word = if *it == Sort::Structure { "" } else { it.word() };
                    (*it, address(&filter.with(Parameter::Sort, word)), filter.sort() == *it)
                })
                .collect(),
            provenances: said,
            contracts: board.rows.iter().map(|row| contract_row(row, today)).collect(),
            filled: filled(board.completeness()),
            late_jalons: board.rows.iter().map(|row| row.digest().late_jalons).sum(),
            money: money(board.budget()),
            domains: domains(board, filter),
            themes: board
                .columns
                .iter()
                .map(|column| Head {
                    label: column.short().to_owned(),
                    full: (column.short() != column.theme()).then(|| column.theme().to_owned()),
                    href: match column {
                        Column::Theme { theme, .. } => address(&filter.with(Parameter::Theme, theme)),
                        Column::Outside => address(&filter.with(Parameter::Theme, OUTSIDE)),
                    },
                })
                .collect(),
            crossings: board.rows.iter().map(|row| cross_row(row, &board.columns)).collect(),
            sums,
            structures: structures.len(),
            amended: amended(board),
        }
    }

    /// The heading of a column that sorts: its address, and whether it sorts now.
    fn sort(&self, word: &str) -> (&str, bool) {
        self.sorts.iter().find(|(sort, ..)| sort.word() == word).map_or(("", false), |(_, href, now)| (href, *now))
    }

    /// « 6 contrats de 6 structures ».
    fn kept(&self) -> String {
        format!(
            "{} {} de {} {}",
            self.contracts.len(),
            plural(self.contracts.len(), "contrat", "contrats"),
            self.structures,
            plural(self.structures, "structure", "structures"),
        )
    }
}
