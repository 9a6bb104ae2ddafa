//! Two states of a plan, side by side: which things differ, under which objective, and who changed them last.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::document::model::{Document, Element};
use crate::journal::model::{Entry, Source};
use crate::kernel::clock;
use crate::kernel::ids::Code;
use crate::plans::past::{self, Unread};
use crate::words;

words! {
    /// When a snapshot was taken (docs/regles.md §9).
    pub enum Occasion {
        /// At the opening of the campaign.
        Opening = "ouverture",
        /// At a submission.
        Submission = "soumission",
        /// At the validation.
        Validation = "validation",
        /// At the closing.
        Closing = "cloture",
    }
}

impl Occasion {
    /// As read on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Opening => "Ouverture",
            Self::Submission => "Soumission",
            Self::Validation => "Validation",
            Self::Closing => "Clôture",
        }
    }
}

/// A snapshot without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The campaign's year.
    pub year: i32,
    /// When in the dialogue.
    pub occasion: Occasion,
    /// 1 for the first of its occasion in a dialogue, 2 for the one after a return…
    pub rank: i64,
    /// The instant.
    pub taken_at: DateTime<Utc>,
    /// SHA-256 of the canonical bytes, in hexadecimal.
    pub sha256: String,
}

impl Snapshot {
    /// Its name in an address: `2026-soumission`, `2026-soumission-2`.
    pub fn key(&self) -> String {
        let first = format!("{}-{}", self.year, self.occasion.word());
        if self.rank == 1 { first } else { format!("{first}-{}", self.rank) }
    }

    /// « Soumission 2026 », « Soumission 2026 (n° 2) ».
    pub fn label(&self) -> String {
        let first = format!("{} {}", self.occasion.label(), self.year);
        if self.rank == 1 { first } else { format!("{first} (n° {})", self.rank) }
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A snapshot.
    Snapshot(Snapshot),
    /// The end of a day, out of the journal.
    Day(NaiveDate),
    /// Now.
    Today,
}

/// The word of the present in an address.
pub const TODAY: &str = "aujourdhui";

impl Side {
    /// Reads an address or what was typed: a snapshot's key, a day (`2026-09-12`), or `aujourdhui`.
    ///
    /// # Errors
    /// A French sentence.
    pub fn read(text: &str, snapshots: &[Snapshot], today: NaiveDate) -> Result<Self, String> {
        if text == TODAY {
            return Ok(Self::Today);
        }
        if let Some(found) = snapshots.iter().find(|it| it.key() == text) {
            return Ok(Self::Snapshot(found.clone()));
        }
        match past::day(text, today) {
            Ok(day) => Ok(day.map_or(Self::Today, Self::Day)),
            Err(Unread::NotADay) => Err("Choisissez un instantané de la liste, ou une date.".into()),
            Err(unread) => Err(unread.sentence().into()),
        }
    }

    /// Its name in an address.
    pub fn key(&self) -> String {
        match self {
            Self::Snapshot(snapshot) => snapshot.key(),
            Self::Day(day) => day.to_string(),
            Self::Today => TODAY.into(),
        }
    }

    /// The instant it shows.
    pub fn instant(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Snapshot(snapshot) => snapshot.taken_at,
            Self::Day(day) => clock::end_of(*day),
            Self::Today => now,
        }
    }
}

/// The last of the changes that lie behind a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by function.
    pub actor: String,
    /// From where.
    pub source: Source,
    /// The import's number.
    pub import_id: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// How many changes in all.
    pub count: i64,
}

/// Changes behind differences, by kind and code.
pub type Authors = HashMap<(String, String), Author>;

/// A thing that differs.
#[derive(Debug, Clone)]
pub struct Difference {
    /// As the journal tells a change: both states, and the last author when one is known.
    pub entry: Entry,
    /// How many changes lead from one state to the other; 0 when the journal knows of none.
    pub changes: i64,
}

/// Differences under one objective, or those of the plan itself.
#[derive(Debug, Clone)]
pub struct Group {
    /// The objective's code and label; `None` for what hangs from none.
    pub node: Option<(Code, String)>,
    /// In the document's order.
    pub differences: Vec<Difference>,
}

/// Where an element of these two documents hangs.
struct Places<'a> {
    documents: [&'a Document; 2],
}

impl Places<'_> {
    /// The later document first: a thing that is still there is where it is now.
    fn find<T>(&self, look: impl Fn(&Document) -> Option<T>) -> Option<T> {
        self.documents.iter().find_map(|document| look(document))
    }

    fn of_indicator(&self, code: &Code) -> Option<Code> {
        self.find(|it| it.indicators.iter().find(|it| it.code == *code).map(|it| it.node.clone()))
    }

    fn of_measure(&self, code: &Code) -> Option<Code> {
        let indicator =
            self.find(|it| it.measures.iter().find(|it| it.code == *code).map(|it| it.indicator.clone()))?;
        self.of_indicator(&indicator)
    }

    /// The objective an element serves: the first, when it serves several.
    fn node(&self, element: &Element) -> Option<Code> {
        match element {
            Element::Node(it) => Some(it.code.clone()),
            Element::Indicator(it) => Some(it.node.clone()),
            Element::Measure(it) => self.of_indicator(&it.indicator),
            Element::Target(it) => self.of_measure(&it.measure),
            Element::Cell(it) => self.of_measure(&it.measure),
            Element::Jalon(it) => Some(it.node.clone()),
            Element::PostLine(it) => it.objectives.first().cloned(),
            Element::BudgetLine(it) => it.nodes.first().cloned(),
            Element::Request(it) => it.node.clone(),
            _ => None,
        }
    }

    fn label(&self, code: &Code) -> String {
        self.find(|it| it.nodes.iter().find(|it| it.code == *code).map(|it| it.label.clone())).unwrap_or_default()
    }
}

/// What differs from `before` to `after`, grouped by objective in the tree's order, the plan's own things first. Things
/// that only moved among their kind are not differences of what the plan says: they are counted apart.
pub fn differences(
    before: &Document,
    after: &Document,
    authors: &Authors,
    shown: impl Fn(&str, &str) -> bool,
) -> (Vec<Group>, usize) {
    let places = Places { documents: [after, before] };
    let mut groups: Vec<Group> = vec![Group { node: None, differences: Vec::new() }];
    let order = after.nodes.iter().chain(&before.nodes);
    for node in order {
        if !groups.iter().any(|group| group.node.as_ref().is_some_and(|(code, _)| *code == node.code)) {
            groups.push(Group { node: Some((node.code.clone(), places.label(&node.code))), differences: Vec::new() });
        }
    }
    let mut moved = 0;
    for change in after.changes_from(&before.elements()) {
        if !shown(change.kind.word(), &change.code) {
            continue;
        }
        let (old, new) = (change.before.as_ref(), change.after.as_ref().map(|placed| &placed.element));
        if old == new {
            moved += 1;
            continue;
        }
        let place = new.or(old).and_then(|element| places.node(element));
        let author = authors.get(&(change.kind.word().to_owned(), change.code.clone()));
        let entry = Entry {
            id: 0,
            kind: change.kind.word().to_owned(),
            version: 0,
            before: old.map(Element::state),
            after: new.map(Element::state),
            at: author.map_or(DateTime::UNIX_EPOCH, |it| it.at),
            actor: author.map_or_else(String::new, |it| it.actor.clone()),
            source: author.map_or(Source::Command, |it| it.source),
            import_id: author.and_then(|it| it.import_id),
            reason: author.and_then(|it| it.reason.clone()),
            code: change.code,
        };
        let difference = Difference { entry, changes: author.map_or(0, |it| it.count) };
        let at = groups.iter().position(|group| group.node.as_ref().map(|(code, _)| code) == place.as_ref());
        // A node that neither document has cannot be: what names it would not have passed the check of a document.
        if let Some(group) = groups.get_mut(at.unwrap_or(0)) {
            group.differences.push(difference);
        }
    }
    groups.retain(|group| !group.differences.is_empty());
    (groups, moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn document(bytes: &[u8]) -> Document {
        Document::parse(bytes).unwrap()
    }

    fn signed() -> Document {
        document(include_bytes!("../../demo/contrat-signe.json"))
    }

    fn snapshot(occasion: Occasion, rank: i64) -> Snapshot {
        Snapshot { year: 2026, occasion, rank, taken_at: DateTime::UNIX_EPOCH, sha256: String::new() }
    }

    #[test]
    fn a_side_is_a_snapshot_a_past_day_or_the_present() {
        let list = [snapshot(Occasion::Opening, 1), snapshot(Occasion::Submission, 2)];
        let today = "2026-11-21".parse().unwrap();
        let read = |text| Side::read(text, &list, today);
        assert_eq!(read("aujourdhui"), Ok(Side::Today));
        assert_eq!(read("2026-ouverture"), Ok(Side::Snapshot(list[0].clone())));
        assert_eq!(read("2026-soumission-2"), Ok(Side::Snapshot(list[1].clone())));
        assert_eq!(read("2026-09-12").map(|side| side.key()), Ok("2026-09-12".into()));
        assert_eq!(read("2026-11-21"), Ok(Side::Today));
        assert!(read("2026-11-22").unwrap_err().contains("futur"));
        assert!(read("2026-soumission").is_err());
        assert!(read("hier").is_err());
    }

    #[test]
    fn a_document_does_not_differ_from_itself() {
        let (groups, moved) = differences(&signed(), &signed(), &Authors::new(), |_, _| true);
        assert_eq!((groups.len(), moved), (0, 0));
    }

    #[test]
    fn what_differs_stands_under_its_objective_with_its_author() {
        let before = signed();
        let mut file: Value = serde_json::from_slice(include_bytes!("../../demo/contrat-signe.json")).unwrap();
        file["plan"]["title"] = "CPOM, relu".into();
        file["jalons"][0]["label"] = "Relu".into();
        let after = document(file.to_string().as_bytes());
        let author = Author {
            at: "2026-09-12T08:00:00Z".parse().unwrap(),
            actor: "Direction de l’IUT".into(),
            source: Source::Page,
            import_id: None,
            reason: None,
            count: 2,
        };
        let code = before.jalons[0].code.to_string();
        let authors = Authors::from([(("jalon".to_owned(), code.clone()), author)]);
        let (groups, moved) = differences(&before, &after, &authors, |_, _| true);
        assert_eq!((groups.len(), moved), (2, 0));
        assert!(groups[0].node.is_none());
        assert_eq!((groups[0].differences[0].entry.kind.as_str(), groups[0].differences[0].changes), ("contrat", 0));
        assert_eq!(groups[1].node.as_ref().unwrap().0, before.jalons[0].node);
        let jalon = &groups[1].differences[0];
        assert_eq!(
            (jalon.entry.code.clone(), jalon.entry.actor.as_str(), jalon.changes),
            (code, "Direction de l’IUT", 2)
        );
        let (groups, _) = differences(&before, &after, &authors, |kind, _| kind != "jalon");
        assert_eq!(groups.len(), 1);
    }

    #[test]
    fn what_only_moved_is_counted_apart() {
        let before = signed();
        let mut after = before.clone();
        after.sections.reverse();
        let (groups, moved) = differences(&before, &after, &Authors::new(), |_, _| true);
        assert!(groups.is_empty());
        assert!(moved >= 2);
    }
}
