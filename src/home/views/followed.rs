//! « À suivre »: follow-ups of dialogues and jalons under a condition, over every contract this person reads.

use super::HomePage;
use super::item::{Action, Item, listed, plural};
use crate::kernel::date;
use crate::plans::store::Header;

/// Where a contract is, and whose.
#[derive(Debug, Clone)]
pub struct Place {
    /// Address of the plan.
    pub href: String,
    /// Whose contract.
    pub structure: String,
}

impl Place {
    /// That of a plan.
    pub fn of(header: &Header) -> Self {
        Self { href: format!("/plans/{}", header.plan.code), structure: header.structure.label.clone() }
    }
}

impl HomePage {
    /// Conditional jalons, follow-ups and demands sent back that wait for this person, each with its one link.
    pub(super) fn followed(&self) -> Vec<Item> {
        self.conditional().into_iter().chain(self.followups()).chain(self.rework()).collect()
    }

    /// Where these things are when they are all of one contract; the first one's contract otherwise.
    fn place(&self, plans: &[i64]) -> Option<&Place> {
        self.places.get(plans.first()?)
    }

    /// « (IUT 2, École 1) », for someone who reads several contracts; empty for the others.
    fn told_by_structure(&self, plans: &[i64]) -> String {
        if self.places.len() < 2 {
            return String::new();
        }
        let mut counts: Vec<(i64, usize)> = Vec::new();
        for plan in plans {
            match counts.iter_mut().find(|(known, _)| known == plan) {
                Some((_, count)) => *count += 1,
                None => counts.push((*plan, 1)),
            }
        }
        let told: Vec<String> = counts
            .into_iter()
            .filter_map(|(plan, count)| Some(format!("{} ({count})", self.places.get(&plan)?.structure)))
            .collect();
        format!(" {}.", told.join(", "))
    }

    /// Once a year: what depends on something else than a date.
    fn conditional(&self) -> Option<Item> {
        let jalons = &self.waits.jalons;
        let plans: Vec<i64> = jalons.iter().map(|it| it.plan_id).collect();
        let place = self.place(&plans)?;
        let href = match jalons.as_slice() {
            [only] => format!("{}/jalons/{}", place.href, only.code),
            _ => format!("{}/jalons", place.href),
        };
        let codes: Vec<&str> = jalons.iter().map(|it| it.code.as_str()).collect();
        let said = match jalons.as_slice() {
            [only] if !only.condition.is_empty() => format!("{} : « {} ».", only.code, only.condition),
            _ if self.places.len() < 2 => format!("{}.", listed(&codes)),
            _ => String::new(),
        };
        Some(Item {
            count: jalons.len(),
            heading: format!("{} sous condition", plural(jalons.len(), "jalon", "jalons")),
            sentence: format!("Rien n’en a été dit cette année. {said}{}", self.told_by_structure(&plans)),
            action: Some(Action {
                href,
                label: "Faire le point",
                secondary: true,
                rest: format!(" sur les jalons sous condition : {}", place.structure),
            }),
            ..Item::default()
        })
    }

    /// What the meetings asked, and is still to be done.
    fn followups(&self) -> Option<Item> {
        let all = &self.waits.followups;
        let plans: Vec<i64> = all.iter().map(|it| it.plan_id).collect();
        let (first, place) = (all.first()?, self.place(&plans)?);
        let late = all.iter().filter(|it| it.due_on < self.today).count();
        let href = match all.as_slice() {
            [only] => format!("{}/followups/{}", place.href, only.code),
            _ => "/followups".to_owned(),
        };
        let due = format!(
            "{} : « {} », pour le {}.",
            first.code,
            first.text.trim_end_matches('.'),
            date::short(first.due_on)
        );
        let overdue = match late {
            0 => String::new(),
            late => format!(" {late} en retard."),
        };
        Some(Item {
            class: if late > 0 { "is-late" } else { "" },
            count: all.len(),
            heading: format!("{} à faire", plural(all.len(), "suite de dialogue", "suites de dialogues")),
            sentence: format!("{due}{overdue}{}", self.told_by_structure(&plans)),
            action: Some(Action { href, label: "Suivre", secondary: true, rest: " les suites des dialogues".into() }),
            ..Item::default()
        })
    }
}
