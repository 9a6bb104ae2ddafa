//! The differences between two documents, and between two lists of elements.

use std::collections::{HashMap, HashSet};

use super::{Document, Element, Kind, Placed};

/// One difference between two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Kind of the element.
    pub kind: Kind,
    /// Its code.
    pub code: String,
    /// As it was; `None` when it was not there.
    pub before: Option<Element>,
    /// As it becomes; `None` when it goes.
    pub after: Option<Placed>,
}

impl Document {
    /// What must change to go from `before` (nothing for a new plan) to this document.
    pub fn changes_from(&self, before: &[Placed]) -> Vec<Change> {
        changes(before, self.elements())
    }
}

/// The elements of one list, each at its place.
pub fn placed<T>(list: impl IntoIterator<Item = T>, wrap: fn(T) -> Element) -> Vec<Placed> {
    list.into_iter().zip(0..).map(|(it, position)| Placed { element: wrap(it), position }).collect()
}

/// What must change to go from some elements to others, in writing order: what is put first, parents before children,
/// then what goes, children before parents. Elements are matched by kind and code.
pub fn changes(before: &[Placed], after: Vec<Placed>) -> Vec<Change> {
    let key = |placed: &Placed| (placed.element.kind(), placed.element.code());
    let old: HashMap<_, _> = before.iter().map(|placed| (key(placed), placed)).collect();
    let kept: HashSet<_> = after.iter().map(key).collect();
    let moves = |kind| !matches!(kind, Kind::Target | Kind::Cell | Kind::Arbitrage | Kind::Amendment | Kind::Opinion);
    let put = after.into_iter().filter_map(|placed| {
        let (kind, code) = key(&placed);
        let was = old.get(&(kind, code.clone())).copied();
        let same =
            was.is_some_and(|was| was.element == placed.element && (was.position == placed.position || !moves(kind)));
        (!same).then(|| Change { kind, code, before: was.map(|was| was.element.clone()), after: Some(placed) })
    });
    let gone = before.iter().rev().filter_map(|placed| {
        let (kind, code) = key(placed);
        (!kept.contains(&(kind, code.clone()))).then(|| Change {
            kind,
            code,
            before: Some(placed.element.clone()),
            after: None,
        })
    });
    put.chain(gone).collect()
}
