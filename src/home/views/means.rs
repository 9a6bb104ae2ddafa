//! « Moyens et décisions »: what is to be decided, what was decided lately, what waits on a condition.

use super::HomePage;
use super::item::{Action, Item, listed, plural};
use crate::arbitrages::views::decisions::{Item as Means, News};

/// Leads to the only one, or to their list.
fn to(items: &[Means], label: &'static str, rest: &str, anchor: &str) -> Action {
    let href = match items {
        [only] => only.href.clone(),
        _ => format!("/decisions#{anchor}"),
    };
    Action { href, label, secondary: true, rest: rest.to_owned() }
}

impl HomePage {
    /// What their director has to ask for otherwise: among what is to do, not among what is told.
    pub(super) fn rework(&self) -> Option<Item> {
        let items = &self.news.rework;
        (!items.is_empty()).then(|| Item {
            count: items.len(),
            heading: format!("{} à retravailler", plural(items.len(), "moyen", "moyens")),
            sentence: format!("Le directoire attend une autre demande : {}.", News::words(items)),
            action: Some(to(items, "Reprendre", " des moyens à retravailler", "a-retravailler")),
            ..Item::default()
        })
    }

    /// What is to be decided, what was decided lately, what waits on a condition: each with its one link.
    pub(super) fn means(&self) -> Vec<Item> {
        let news = &self.news;
        let pending = news.decides.then(|| {
            let count = news.pending.len();
            let heading = format!("{} à décider", plural(count, "moyen", "moyens"));
            if count == 0 {
                let sentence = "Chaque moyen demandé a sa décision.".to_owned();
                return Item { class: "is-done", heading, sentence, ..Item::default() };
            }
            let sentence = format!("{}.", News::words(&news.pending));
            let action = Some(to(&news.pending, "Décider", " des moyens demandés", "a-decider"));
            Item { class: "is-late", count, heading, sentence, action, ..Item::default() }
        });
        let again = (!news.again.is_empty()).then(|| {
            let count = news.again.len();
            Item {
                count,
                heading: format!("{} à revoir", plural(count, "moyen", "moyens")),
                sentence: format!("À l’ordre du jour du dialogue en cours : {}.", News::words(&news.again)),
                action: Some(to(&news.again, "Revoir", " des moyens laissés à ce dialogue", "a-revoir")),
                ..Item::default()
            }
        });
        let recent = (!news.recent.is_empty()).then(|| {
            let count = news.recent.len();
            let told: Vec<String> = news
                .recent
                .iter()
                .take(3)
                .map(|it| {
                    let session = if it.session.is_empty() { String::new() } else { format!(", {}", it.session) };
                    format!("{} {} : {}{session}", it.subject.label(), it.code, it.state.to_lowercase())
                })
                .collect();
            Item {
                count,
                heading: plural(count, "décision récente", "décisions récentes").into(),
                sentence: format!("{}{}", told.join(" ; "), if count > told.len() { "…" } else { "." }),
                action: Some(to(&news.recent, "Voir", " les décisions récentes", "recentes")),
                ..Item::default()
            }
        });
        let conditions = (news.keeps_conditions && !news.conditions.is_empty()).then(|| {
            let count = news.conditions.len();
            let codes: Vec<&str> = news.conditions.iter().map(|it| it.code.as_str()).collect();
            Item {
                count,
                heading: format!("{} en attente", plural(count, "condition", "conditions")),
                sentence: format!("Des décisions en dépendent : {}.", listed(&codes)),
                action: Some(Action {
                    href: "/decisions#conditions".into(),
                    label: "Suivre",
                    secondary: true,
                    rest: " les conditions en attente".into(),
                }),
                ..Item::default()
            }
        });
        pending.into_iter().chain(again).chain(recent).chain(conditions).collect()
    }
}
