//! The tree of a plan with its lines: what hangs under each node, and what the node shows of it.

use super::progress::{State, Summary};
use super::sheet::Line;
use crate::kernel::ids::Code;
use crate::plans::model::Node;

/// A node with all that hangs under it.
#[derive(Debug)]
pub struct Branch<'a> {
    /// The node.
    pub node: &'a Node,
    /// Its place among the nodes of its level, from 1: « Objectif 4 ».
    pub rank: usize,
    /// Nodes below, in order.
    pub children: Vec<Branch<'a>>,
    /// Lines of its own indicators.
    pub lines: Vec<&'a Line>,
    /// Of its lines and of those below.
    pub summary: Summary,
}

/// The branches under a node, or the roots; `nodes` has parents before children, as the document writes them.
pub fn branches<'a>(nodes: &'a [Node], lines: &'a [Line], parent: Option<&Code>) -> Vec<Branch<'a>> {
    nodes
        .iter()
        .filter(|node| node.parent.as_ref() == parent)
        .map(|node| Branch {
            node,
            rank: rank(nodes, node),
            children: branches(nodes, lines, Some(&node.code)),
            lines: lines.iter().filter(|line| line.indicator.node == node.code).collect(),
            summary: Summary::of(
                lines.iter().filter(|line| hangs(nodes, &line.indicator.node, &node.code)).map(|line| &line.progress),
            ),
        })
        .collect()
}

/// The branches of one level, whatever hangs above, in the order of the document.
pub fn level<'a>(nodes: &'a [Node], lines: &'a [Line], level: i32) -> Vec<Branch<'a>> {
    fn collect<'a>(branches: Vec<Branch<'a>>, level: i32, found: &mut Vec<Branch<'a>>) {
        for branch in branches {
            if branch.node.level == level {
                found.push(branch);
            } else {
                collect(branch.children, level, found);
            }
        }
    }
    let mut found = Vec::new();
    collect(branches(nodes, lines, None), level, &mut found);
    found
}

fn rank(nodes: &[Node], node: &Node) -> usize {
    nodes.iter().filter(|it| it.level == node.level).take_while(|it| it.code != node.code).count() + 1
}

/// Whether the first node is the second or hangs somewhere under it.
pub fn hangs(nodes: &[Node], from: &Code, under: &Code) -> bool {
    // Bounded by the number of nodes: a parent that would loop is refused by imports, not trusted here.
    let mut current = Some(from);
    for _ in 0..=nodes.len() {
        match current {
            Some(code) if code == under => return true,
            Some(code) => current = nodes.iter().find(|node| node.code == *code).and_then(|node| node.parent.as_ref()),
            None => return false,
        }
    }
    false
}

impl Branch<'_> {
    /// The worst states present with their counts, at most this many.
    pub fn worst(&self, most: usize) -> &[(State, usize)] {
        &self.summary.counts[..most.min(self.summary.counts.len())]
    }

    /// « 1 en recul, 2 conformes », every state; empty without measure.
    pub fn states(&self) -> String {
        // A count never stands on another line than its word.
        let counted = |(state, count): &(State, usize)| state.counted(*count).replacen(' ', "\u{a0}", 1);
        self.summary.counts.iter().map(counted).collect::<Vec<_>>().join(", ")
    }

    /// Some of its lines still wait for their direction or nature to be confirmed.
    pub fn is_provisional(&self) -> bool {
        self.lines.iter().any(|line| line.progress.provisional) || self.children.iter().any(Branch::is_provisional)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::sheet::lines;
    use crate::indicators::store::Definitions;
    use crate::kernel::canonical::{self, Canonical};

    fn signed() -> (Vec<Node>, Vec<Line>) {
        fn list<T: Canonical>(document: &serde_json::Value, key: &str) -> Vec<T> {
            canonical::from_text(&document[key].to_string()).unwrap()
        }
        let document = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        let definitions = Definitions {
            indicators: list(&document, "indicators"),
            measures: list(&document, "measures"),
            targets: list(&document, "targets"),
        };
        (list(&document, "nodes"), lines(2021, 2026, definitions, &[]))
    }

    #[test]
    fn a_node_sums_up_what_hangs_under_it() {
        let (nodes, lines) = signed();
        let roots = branches(&nodes, &lines, None);
        assert_eq!(roots.iter().map(|root| root.summary.measures).sum::<usize>(), 22);
        let first = &roots[0].children[0];
        assert_eq!((first.node.code.as_str(), first.summary.measures, first.lines.len()), ("T1.1", 5, 0));
        assert_eq!(first.children[1].rank, 2);
        assert_eq!(first.states(), "5\u{a0}sans donnée");
    }

    #[test]
    fn a_level_is_read_across_the_tree() {
        let (nodes, lines) = signed();
        let themes = level(&nodes, &lines, 2);
        assert_eq!(themes.len(), 8);
        assert_eq!(themes[2].summary.measures, 0);
        assert_eq!(themes[2].worst(2), []);
        assert_eq!(level(&nodes, &lines, 3).len(), 9);
    }
}
