//! The journal of a budget line in a reader's terms: what was scheduled, what was decided, by whom, when.

use super::model::{BUDGET_KIND, BudgetLine};
use crate::arbitrages::model::{ARBITRAGE_KIND, Arbitrage};
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::{date, money};

/// One thing that changed; empty is `""`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// « Ouvert 2024 ».
    pub label: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// One entry, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What changed.
    pub changes: Vec<Changed>,
    /// When, for machines.
    pub iso: String,
    /// When, as shown.
    pub when: String,
    /// Who, by function.
    pub who: String,
    /// « page », « import n° 2 », « commande ».
    pub origin: String,
    /// Why, when it was said.
    pub reason: String,
}

fn state<T: Canonical>(state: Option<&serde_json::Value>) -> Option<T> {
    T::read(state?, &mut Reader::default())
}

/// Tells the entries that speak of this line, newest first.
pub fn history(entries: &[Entry], line: &BudgetLine) -> Vec<Told> {
    let prefix = format!("ligne_budgetaire/{}/", line.code);
    entries
        .iter()
        .filter_map(|entry| {
            let changes = match entry.kind.as_str() {
                BUDGET_KIND if entry.code == line.code.as_str() => line_changes(entry),
                ARBITRAGE_KIND if entry.code.starts_with(&prefix) => decision_changes(entry),
                _ => return None,
            };
            Some(Told {
                changes,
                iso: date::machine(entry.at),
                when: date::time(entry.at),
                who: entry.actor.clone(),
                origin: entry.source_label(),
                reason: entry.reason.clone().unwrap_or_default(),
            })
        })
        .collect()
}

fn line_changes(entry: &Entry) -> Vec<Changed> {
    let (before, after) = (state::<BudgetLine>(entry.before.as_ref()), state::<BudgetLine>(entry.after.as_ref()));
    let made = |what: &str| vec![Changed { label: what.into(), before: String::new(), after: String::new() }];
    let (Some(before), Some(after)) = (&before, &after) else {
        return made(if after.is_some() { "Ligne créée" } else { "Ligne retirée" });
    };
    let shown = |line: &BudgetLine, year, kind| {
        line.scheduled(year, kind)
            .map(|it| format!("{}, {}", money::show_euros(it.amount), it.source))
            .unwrap_or_default()
    };
    let mut places: Vec<_> = before.schedule.iter().chain(&after.schedule).map(|it| (it.year, it.kind)).collect();
    places.sort_unstable();
    places.dedup();
    let mut changes: Vec<Changed> = places
        .into_iter()
        .filter(|(year, kind)| before.scheduled(*year, *kind) != after.scheduled(*year, *kind))
        .map(|(year, kind)| Changed {
            label: format!("{} {year}", kind.label()),
            before: shown(before, year, kind),
            after: shown(after, year, kind),
        })
        .collect();
    let euros = |amount: Option<_>| amount.map(money::show_euros).unwrap_or_default();
    if before.cost != after.cost {
        changes.push(Changed { label: "Coût estimé".into(), before: euros(before.cost), after: euros(after.cost) });
    }
    if before.participation != after.participation {
        let (before, after) = (euros(before.participation), euros(after.participation));
        changes.push(Changed { label: "Participation demandée".into(), before, after });
    }
    if changes.is_empty() { made("Autres champs de la ligne") } else { changes }
}

fn decision_changes(entry: &Entry) -> Vec<Changed> {
    let shown = |decision: Option<Arbitrage>| {
        decision.map_or_else(String::new, |it| {
            let granted = it.granted.map(|granted| format!(", {} accordés", money::show_euros(granted)));
            let session = it.session_on.map(|day| format!(", séance du {}", date::short(day)));
            format!("{}{}{}", it.state.label(), granted.unwrap_or_default(), session.unwrap_or_default())
        })
    };
    let (before, after) = (state::<Arbitrage>(entry.before.as_ref()), state::<Arbitrage>(entry.after.as_ref()));
    let rank = after.as_ref().or(before.as_ref()).map_or(0, |it| it.rank);
    let label = if rank == 0 { "Arbitrage du document".into() } else { format!("Décision {rank}") };
    vec![Changed { label, before: shown(before), after: shown(after) }]
}
