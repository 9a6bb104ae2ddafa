//! « À régler » and « À vérifier »: where a document contradicts itself, contract by contract.

use super::HomePage;
use super::item::{Action, Item, plural};

/// How many contracts with controls in gap are named; the others are counted with them.
const TOLD_MAX: usize = 6;

/// How many réserves or controls of a contract wait for someone.
#[derive(Debug, Clone)]
pub struct ToSettle {
    /// Where they are listed.
    pub href: String,
    /// Whose contract.
    pub structure: String,
    /// How many réserves the document caused and nobody settled, or how many controls are in gap.
    pub count: usize,
}

impl HomePage {
    /// Réserves that pilotage has to settle; nothing when no contract has any.
    pub(super) fn reserves(&self) -> Option<Item> {
        let all = self.to_settle.as_deref()?;
        let first = all.first()?;
        let count: usize = all.iter().map(|it| it.count).sum();
        let told: Vec<String> = all.iter().map(|it| format!("{} ({})", it.structure, it.count)).collect();
        Some(Item {
            count,
            heading: format!("{} à régler", plural(count, "réserve de lecture", "réserves de lecture")),
            sentence: format!("Le document signé se contredit : {}.", told.join(", ")),
            action: Some(Action {
                href: first.href.clone(),
                label: "Régler",
                secondary: true,
                rest: format!(" les réserves : {}", first.structure),
            }),
            ..Item::default()
        })
    }

    /// Controls that do not hold, when there are some: they warn, and the contract with most of them comes first.
    pub(super) fn controls(&self) -> Option<Item> {
        let all = self.in_gap.as_deref()?;
        let first = all.first()?;
        let count: usize = all.iter().map(|it| it.count).sum();
        let told: Vec<String> =
            all.iter().take(TOLD_MAX).map(|it| format!("{} ({})", it.structure, it.count)).collect();
        let more = if all.len() > TOLD_MAX { "…" } else { "" };
        Some(Item {
            count,
            heading: format!("{} en écart", plural(count, "contrôle", "contrôles")),
            sentence: format!("Ce qui est imprimé et ce qui est calculé diffèrent : {}{more}.", told.join(", ")),
            action: Some(Action {
                href: first.href.clone(),
                label: "Examiner",
                secondary: true,
                rest: format!(" les contrôles : {}", first.structure),
            }),
            ..Item::default()
        })
    }
}
