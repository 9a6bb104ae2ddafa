//! The comparison: what its template asks.

use askama::Template;
use askama_web::WebTemplate;

use super::said::{Said, measure_of};
use crate::contract::compare::{Difference, Group, Side, Snapshot, TODAY};
use crate::contract::telling::{name, thing};
use crate::indicators::model::Measure;
use crate::kernel::date;
use crate::plans::model::Plan;
use crate::web::page::Page;

/// One end of the comparison, as asked.
pub struct End {
    /// `from` or `to`.
    pub name: &'static str,
    /// « De », « À ».
    pub label: &'static str,
    /// As typed in the list.
    pub chosen: String,
    /// As typed in the date.
    pub day: String,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// What it is, when it reads.
    pub side: Option<Side>,
}

/// What was found.
pub struct Found {
    /// Grouped by objective.
    pub groups: Vec<Group>,
    /// Things that only changed place.
    pub moved: usize,
    /// Measures of both sides, for their units and labels.
    pub measures: Vec<Measure>,
}

/// Two states of a plan, side by side.
#[derive(Template, WebTemplate)]
#[template(path = "contract/compare.html")]
pub struct ComparePage {
    /// Frame.
    pub page: Page,
    /// The plan.
    pub plan: Plan,
    /// What may be compared, newest first.
    pub snapshots: Vec<Snapshot>,
    /// Both ends, the earlier first.
    pub ends: [End; 2],
    /// The differences; `None` while an end does not read.
    pub found: Option<Found>,
    /// Latest day that may be asked.
    pub today: String,
}

/// An option of a list.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

impl ComparePage {
    fn address(&self) -> String {
        format!("/plans/{}/compare", self.plan.code)
    }

    fn choices(&self, end: &End) -> Vec<Choice> {
        let of = |value: String, label: String| Choice { chosen: value == end.chosen, value, label };
        std::iter::once(of(TODAY.into(), "Aujourd’hui".into()))
            .chain(self.snapshots.iter().map(|it| {
                let label = format!("{}, {}", it.label(), date::time(it.taken_at));
                of(it.key(), label)
            }))
            .collect()
    }

    /// « Ouverture 2026 (21 nov. 2026, 09:00) ».
    fn name(side: &Side) -> String {
        match side {
            Side::Snapshot(it) => format!("{} ({})", it.label(), date::time(it.taken_at)),
            Side::Day(day) => format!("au soir du {}", date::short(*day)),
            Side::Today => "aujourd’hui".into(),
        }
    }

    fn between(&self) -> String {
        let names: Vec<String> = self.ends.iter().filter_map(|end| end.side.as_ref()).map(Self::name).collect();
        names.join(" → ")
    }

    /// The days compared, and where the contract of each is.
    fn days(&self) -> Vec<(String, String)> {
        let day = |end: &End| match end.side {
            Some(Side::Day(day)) => Some((date::short(day), format!("/plans/{}?on={day}", self.plan.code))),
            _ => None,
        };
        self.ends.iter().filter_map(day).collect()
    }

    fn counted(found: &Found) -> String {
        match found.groups.iter().map(|group| group.differences.len()).sum() {
            0 => "Aucune différence".into(),
            1 => "1 différence".into(),
            n => format!("{n} différences"),
        }
    }

    fn moved(found: &Found) -> Option<String> {
        match found.moved {
            0 => None,
            1 => Some("1 élément a seulement changé de place.".into()),
            n => Some(format!("{n} éléments ont seulement changé de place.")),
        }
    }

    fn title(&self, group: &Group) -> String {
        match &group.node {
            None => self.plan.kind.short().into(),
            Some((code, label)) => format!("{code} · {label}"),
        }
    }

    fn thing(&self, it: &Difference) -> String {
        thing(&it.entry, &self.plan)
    }

    fn about(found: &Found, it: &Difference) -> String {
        measure_of(&it.entry, &found.measures).map_or_else(|| name(&it.entry), |measure| measure.label.clone())
    }

    fn said(found: &Found, it: &Difference) -> Said {
        Said::of(&it.entry, measure_of(&it.entry, &found.measures))
    }

    /// All the changes of the thing.
    fn history(&self, it: &Difference) -> String {
        let code = crate::web::error::url_encode(&it.entry.code);
        format!("/plans/{}/journal?kind={}&code={code}", self.plan.code, it.entry.kind)
    }

    fn iso(it: &Difference) -> String {
        date::machine(it.entry.at)
    }

    fn when(it: &Difference) -> String {
        date::time(it.entry.at)
    }

    fn taken(it: &Snapshot) -> String {
        date::time(it.taken_at)
    }
}
