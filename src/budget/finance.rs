//! Every budget line of every contract: which ones a filter keeps, and what they add up to by group.
//!
//! A filter keeps whole lines: a line of 2024 and 2025 found by its year 2024 counts for all its cost. What each year
//! carries is the table by year's to say.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;

use super::model::{BudgetTotals, Nature, ScheduleKind};
use super::sums::{self, Asked, Figures, Sum, Totals};
use crate::arbitrages::model::State;
use crate::plans::store::Header;
use crate::printed::{Mentions, Shortlist};

/// Lines a page.
pub const PAGE: usize = 100;
/// The group of lines that serve no objective of their contract.
pub const UNATTACHED: &str = "non-rattache";
/// The group of lines that serve several: each is counted once, here.
pub const SEVERAL: &str = "plusieurs";
/// The group of lines whose year is « à définir ».
pub const NO_YEAR: &str = "a-definir";
/// The group of lines that name no service.
pub const NO_SERVICE: &str = "non-precise";

/// A contract, as the lines name it.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// Code of the plan.
    pub plan: String,
    /// « Contrat 2021-2026 ».
    pub plan_name: String,
    /// Code of the structure.
    pub structure: String,
    /// Its short name.
    pub acronym: String,
    /// Its sites, by code.
    pub sites: HashMap<String, String>,
    /// Labels of the objectives that lines serve, by code.
    pub objectives: HashMap<String, String>,
}

impl Place {
    /// Of a plan, with the labels of the objectives that its lines serve.
    pub fn of(header: &Header, objectives: HashMap<String, String>) -> Self {
        Self {
            plan: header.plan.code.to_string(),
            plan_name: header.plan.name(),
            structure: header.structure.code.to_string(),
            acronym: header.structure.acronym.clone(),
            sites: header.structure.sites.iter().map(|it| (it.code.to_string(), it.label.clone())).collect(),
            objectives,
        }
    }
}

/// A group: its value in the URL, and its label.
pub type Key = (String, String);

/// A line and its contract.
#[derive(Debug, Clone)]
pub struct Item {
    /// Whose.
    pub place: Arc<Place>,
    /// The line and its decisions.
    pub asked: Asked,
    /// What it adds to every sum that it is in.
    figures: Figures,
    /// Its group in each of [`Dimension::GROUPS`].
    groups: [Key; Dimension::GROUPS.len()],
}

impl Item {
    /// A line of a contract.
    pub fn new(place: Arc<Place>, asked: Asked) -> Self {
        let groups = Dimension::GROUPS.map(|dimension| dimension.group(&place, &asked));
        let figures = Figures::of(&Totals::of([&asked]));
        Self { place, asked, figures, groups }
    }

    /// The site's name.
    pub fn site(&self) -> Option<&str> {
        let code = self.asked.line.site.as_ref()?.as_str();
        Some(self.place.sites.get(code).map_or(code, String::as_str))
    }

    /// The labels of the objectives it serves.
    pub fn objectives(&self) -> Vec<&str> {
        objectives(&self.place, &self.asked)
    }

    /// Its group; by year a line has several, and none here.
    fn key(&self, dimension: Dimension) -> Option<&Key> {
        Dimension::GROUPS.iter().zip(&self.groups).find(|(it, _)| **it == dimension).map(|(_, key)| key)
    }
}

fn objectives<'a>(place: &'a Place, asked: &'a Asked) -> Vec<&'a str> {
    let label = |code: &'a str| place.objectives.get(code).map_or(code, String::as_str);
    asked.line.nodes.iter().map(|code| label(code.as_str())).collect()
}

/// What the document of a contract prints of its budget, its lines apart.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    /// The totals.
    pub totals: Option<BudgetTotals>,
    /// Where it says what no other element holds.
    pub mentions: Mentions,
}

/// A contract's lines, and how the controls of its budget turn out: over all of its lines, since a total knows no filter.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Whose.
    pub place: Arc<Place>,
    /// Its lines, in order.
    pub items: Vec<Item>,
    /// Its controls.
    pub list: Shortlist,
}

impl Contract {
    /// Of a contract's lines and of what its document prints of them.
    pub fn new(place: Place, lines: Vec<Asked>, printed: &Printed) -> Self {
        let place = Arc::new(place);
        let list = Shortlist::of(super::controls::outcomes(&lines, printed.totals.as_ref(), &printed.mentions));
        let items = lines.into_iter().map(|asked| Item::new(Arc::clone(&place), asked)).collect();
        Self { place, items, list }
    }
}

/// By what lines are filtered and grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is a column of the page")]
pub enum Dimension {
    Year,
    Structure,
    Service,
    Category,
    State,
    Nature,
    Objective,
}

impl Dimension {
    /// Those that put a line in one group exactly: their totals add up to the whole.
    pub const GROUPS: [Self; 6] =
        [Self::Structure, Self::Service, Self::Category, Self::State, Self::Nature, Self::Objective];

    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Year => "Année",
            Self::Structure => "Structure",
            Self::Service => "Service sollicité",
            Self::Category => "Catégorie",
            Self::State => "Arbitrage",
            Self::Nature => "Nature",
            Self::Objective => "Objectif",
        }
    }

    /// Its parameter in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Structure => "structure",
            Self::Service => "service",
            Self::Category => "category",
            Self::State => "state",
            Self::Nature => "nature",
            Self::Objective => "objective",
        }
    }

    /// The group of a line. By year a line has several, and is never grouped so.
    fn group(self, place: &Place, asked: &Asked) -> Key {
        let line = &asked.line;
        match self {
            Self::Year => (NO_YEAR.into(), "À définir".into()),
            Self::Structure => (place.structure.clone(), place.acronym.clone()),
            Self::Service => match &line.participation_of {
                Some(service) => (service.clone(), service.clone()),
                None => (NO_SERVICE.into(), "Aucun service nommé".into()),
            },
            Self::Category => (line.category.clone(), line.category.clone()),
            Self::State => (asked.state().word().into(), asked.state().label().into()),
            Self::Nature => (line.nature.word().into(), line.nature.label().into()),
            Self::Objective => match (line.nodes.as_slice(), objectives(place, asked).as_slice()) {
                ([], _) => (UNATTACHED.into(), "Non rattaché".into()),
                ([one], [label]) => {
                    (format!("{}/{one}", place.plan), format!("{one} {label} ({}, {})", place.acronym, place.plan_name))
                }
                _ => (SEVERAL.into(), "Plusieurs objectifs".into()),
            },
        }
    }
}

/// The filter, as the URL says it; what is empty filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is a dimension")]
pub struct Filter {
    pub year: String,
    pub structure: String,
    pub service: String,
    pub category: String,
    pub state: String,
    pub nature: String,
    pub objective: String,
}

impl Filter {
    /// What it says of a dimension.
    pub fn value(&self, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Year => &self.year,
            Dimension::Structure => &self.structure,
            Dimension::Service => &self.service,
            Dimension::Category => &self.category,
            Dimension::State => &self.state,
            Dimension::Nature => &self.nature,
            Dimension::Objective => &self.objective,
        }
    }

    /// The same, with another value for a dimension.
    #[must_use]
    pub fn with(&self, dimension: Dimension, value: &str) -> Self {
        let mut other = self.clone();
        let field = match dimension {
            Dimension::Year => &mut other.year,
            Dimension::Structure => &mut other.structure,
            Dimension::Service => &mut other.service,
            Dimension::Category => &mut other.category,
            Dimension::State => &mut other.state,
            Dimension::Nature => &mut other.nature,
            Dimension::Objective => &mut other.objective,
        };
        value.clone_into(field);
        other
    }

    /// The parameters that say something, in order.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        std::iter::once(Dimension::Year)
            .chain(Dimension::GROUPS)
            .map(|dimension| (dimension.word(), self.value(dimension)))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// Whether a line is kept.
    pub fn keeps(&self, item: &Item) -> bool {
        let by_year = match self.year.as_str() {
            "" => true,
            NO_YEAR => item.asked.line.years.is_empty(),
            year => year.parse().is_ok_and(|year| item.asked.line.years.contains(&year)),
        };
        by_year
            && Dimension::GROUPS.into_iter().zip(&item.groups).all(|(dimension, (key, _))| {
                let wanted = self.value(dimension);
                wanted.is_empty() || key == wanted
            })
    }
}

/// A group of lines and what they add up to.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// Its value in the URL.
    pub key: &'a str,
    /// As shown.
    pub label: &'a str,
    /// How many lines.
    pub count: usize,
    /// What they add up to.
    pub figures: Figures,
}

/// The lines by group, in the order in which groups are met; each line is in one.
pub fn groups<'a>(items: &[&'a Item], dimension: Dimension) -> Vec<Group<'a>> {
    let mut found: IndexMap<&str, Group<'a>> = IndexMap::new();
    for item in items {
        let Some((key, label)) = item.key(dimension) else { continue };
        let group = found.entry(key).or_insert_with(|| Group { key, label, count: 0, figures: Figures::default() });
        group.count += 1;
        group.figures = group.figures.and(item.figures);
    }
    found.into_values().collect()
}

/// The values that a filter may take over all lines, with their labels.
pub fn choices(items: &[&Item], dimension: Dimension) -> Vec<Key> {
    if dimension == Dimension::Year {
        let known = years(items.iter().map(|item| &item.asked)).into_iter().map(|year| year.to_string());
        let unknown = items.iter().find(|item| item.asked.line.years.is_empty());
        return known
            .map(|year| (year.clone(), year))
            .chain(unknown.map(|item| dimension.group(&item.place, &item.asked)))
            .collect();
    }
    let groups = items.iter().filter_map(|item| item.key(dimension));
    let found: IndexMap<&str, &str> = groups.map(|(key, label)| (key.as_str(), label.as_str())).collect();
    found.into_iter().map(|(key, label)| (key.to_owned(), label.to_owned())).collect()
}

/// Every year that a line names, carries or schedules.
pub fn years<'a>(lines: impl IntoIterator<Item = &'a Asked>) -> Vec<i32> {
    let mut years: Vec<i32> = lines
        .into_iter()
        .flat_map(|asked| {
            let line = &asked.line;
            let carried = line.self_financing.iter().map(|it| it.year);
            line.years.iter().copied().chain(carried).chain(line.schedule.iter().map(|it| it.year))
        })
        .collect();
    years.sort_unstable();
    years.dedup();
    years
}

/// What a year carries.
#[derive(Debug, Clone)]
pub struct YearSums {
    /// The year.
    pub year: i32,
    /// How many lines name it.
    pub count: usize,
    /// Paid by structures.
    pub self_financing: Sum,
    /// Scheduled out of grants.
    pub granted: Sum,
    /// Opened.
    pub opened: Sum,
    /// Spent.
    pub executed: Sum,
}

/// What each year carries, over the lines kept.
pub fn by_year(items: &[&Item]) -> Vec<YearSums> {
    let lines: Vec<&Asked> = items.iter().map(|item| &item.asked).collect();
    let scheduled = |year, kind| sums::scheduled_in(lines.iter().copied(), year, kind);
    years(lines.iter().copied())
        .into_iter()
        .map(|year| YearSums {
            year,
            count: lines.iter().filter(|asked| asked.line.years.contains(&year)).count(),
            self_financing: sums::in_year(lines.iter().copied(), year),
            granted: scheduled(year, ScheduleKind::Granted),
            opened: scheduled(year, ScheduleKind::Opened),
            executed: scheduled(year, ScheduleKind::Executed),
        })
        .collect()
}

/// A filter's value as read on screen, for the title of a page.
pub fn shown(dimension: Dimension, value: &str) -> String {
    let known = match dimension {
        Dimension::State => State::from_word(value).map(State::label),
        Dimension::Nature => Nature::from_word(value).map(Nature::label),
        Dimension::Objective if value == UNATTACHED => Some("non rattaché"),
        Dimension::Objective if value == SEVERAL => Some("plusieurs"),
        Dimension::Year if value == NO_YEAR => Some("à définir"),
        Dimension::Service if value == NO_SERVICE => Some("aucun"),
        _ => None,
    };
    known.unwrap_or(value).to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::budget::sums::tests::annexe;
    use crate::kernel::ids::Code;
    use proptest::prelude::*;

    /// The real lines, in two contracts; B3 serves one objective, B1 two.
    pub fn two_plans() -> Vec<Item> {
        ["iut", "inspe"]
            .into_iter()
            .flat_map(|structure| {
                let place = Arc::new(Place {
                    plan: format!("uca-{structure}"),
                    plan_name: "Contrat 2021-2026".into(),
                    structure: structure.into(),
                    acronym: structure.to_uppercase(),
                    sites: HashMap::new(),
                    objectives: HashMap::from([("O3".into(), "Proximité".into())]),
                });
                annexe().into_iter().map(move |mut asked| {
                    let code = |text| Code::new(text).unwrap();
                    match asked.line.code.as_str() {
                        "B3" => asked.line.nodes = vec![code("O3")],
                        "B1" => asked.line.nodes = vec![code("O3"), code("O7")],
                        _ => {}
                    }
                    Item::new(Arc::clone(&place), asked)
                })
            })
            .collect()
    }

    fn kept<'a>(items: &'a [Item], filter: &Filter) -> Vec<&'a Item> {
        items.iter().filter(|item| filter.keeps(item)).collect()
    }

    #[test]
    fn a_line_is_in_one_group_and_several_objectives_have_their_own() {
        let items = two_plans();
        let all = kept(&items, &Filter::default());
        let groups = groups(&all, Dimension::Objective);
        let shown: Vec<(&str, usize)> = groups.iter().map(|group| (group.key, group.count)).collect();
        assert_eq!(shown, [("plusieurs", 2), ("non-rattache", 12), ("uca-iut/O3", 1), ("uca-inspe/O3", 1)]);
    }

    #[test]
    fn filters_meet() {
        let items = two_plans();
        let filter = Filter { structure: "iut".into(), state: "favorable".into(), ..Filter::default() };
        assert_eq!(kept(&items, &filter).len(), 4);
        let filter = Filter { year: NO_YEAR.into(), ..Filter::default() };
        assert_eq!(kept(&items, &filter).len(), 4);
        assert_eq!(kept(&items, &Filter { year: "2022".into(), ..Filter::default() }).len(), 6);
        assert_eq!(kept(&items, &Filter { category: "=1+1".into(), ..Filter::default() }).len(), 0);
    }

    proptest! {
        #[test]
        fn groups_add_up_to_the_whole_whatever_the_filter(state in 0..=State::ALL.len(), year in 2020..2028_i32) {
            let items = two_plans();
            let filter = Filter {
                state: State::ALL.get(state).map_or_else(String::new, |state| state.word().into()),
                year: if year == 2020 { String::new() } else { year.to_string() },
                ..Filter::default()
            };
            let kept = kept(&items, &filter);
            let whole = Totals::of(kept.iter().map(|item| &item.asked));
            for dimension in Dimension::GROUPS {
                let groups = groups(&kept, dimension);
                let sum = groups.iter().fold(Figures::default(), |sum, group| sum.and(group.figures));
                prop_assert_eq!(sum, Figures::of(&whole));
                prop_assert_eq!(groups.iter().map(|group| group.count).sum::<usize>(), kept.len());
            }
        }
    }
}
