//! What the board shows of a contract, whatever the filter: made once, as long as nothing is written of it and the day is
//! the same.

use super::column::{self, Column, Crossing};
use crate::budget::sums::{Asked, Figures, Totals};
use crate::indicators::aim;
use crate::indicators::progress::Summary;
use crate::indicators::sheet::{self, Line};
use crate::indicators::tree::hangs;
use crate::jalons::model::{Calendar, Jalon, Standing};
use crate::jalons::summary::late;
use crate::kernel::ids::Code;
use crate::plans::model::{FrameworkRow, Node};

/// All of a contract that a digest is made of.
#[derive(Debug, Clone)]
pub struct Content {
    /// Its tree.
    pub nodes: Vec<Node>,
    /// Its measures with their figures of today.
    pub lines: Vec<Line>,
    /// Its jalons.
    pub jalons: Vec<Jalon>,
    /// What their lateness is read from.
    pub calendar: Calendar,
    /// Its budget lines.
    pub asked: Vec<Asked>,
}

impl Content {
    /// The rows of the framework under which a node falls: its own, or those of the nearest node above that has some.
    fn framework_rows(&self, node: &Code) -> &[Code] {
        let mut current = self.nodes.iter().find(|it| it.code == *node);
        // Bounded, like every walk up a tree.
        for _ in 0..=self.nodes.len() {
            match current {
                Some(node) if node.framework_rows.is_empty() => {
                    current = node.parent.as_ref().and_then(|parent| self.nodes.iter().find(|it| it.code == *parent));
                }
                Some(node) => return &node.framework_rows,
                None => break,
            }
        }
        &[]
    }

    /// The columns under which a node falls, each once; outside the framework when it links to nothing.
    fn columns_of(&self, node: &Code, framework: &[FrameworkRow]) -> Vec<Column> {
        let rows = self.framework_rows(node);
        let columns = column::of_rows(framework.iter().filter(|row| rows.contains(&row.code)));
        if columns.is_empty() { vec![Column::Outside] } else { columns }
    }

    /// The nodes that carry something: those without a node below, and those with indicators of their own.
    fn bearing(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| {
            self.lines.iter().any(|line| line.indicator.node == node.code)
                || !self.nodes.iter().any(|below| below.parent.as_ref() == Some(&node.code))
        })
    }

    /// The narrowest node above all of these, themselves included; the first of them when their roots differ.
    fn entrance(&self, under: &[&Node]) -> Option<Code> {
        let first = under.first()?;
        let above = self
            .nodes
            .iter()
            .filter(|node| under.iter().all(|it| hangs(&self.nodes, &it.code, &node.code)))
            .max_by_key(|node| node.level);
        Some(above.unwrap_or(first).code.clone())
    }

    fn crossing(&self, under: &[&Node]) -> Option<Crossing> {
        let node = self.entrance(under)?;
        let lines: Vec<&Line> =
            self.lines.iter().filter(|line| under.iter().any(|node| line.indicator.node == node.code)).collect();
        Some(Crossing {
            node,
            provisional: lines.iter().any(|line| line.progress.provisional),
            summary: Summary::of(lines.into_iter().map(|line| &line.progress)),
        })
    }

    /// Every column that something of it falls under, in the framework's order; what is outside comes last.
    fn crossings(&self, framework: &[FrameworkRow]) -> Vec<(Column, Crossing)> {
        let placed: Vec<(&Node, Vec<Column>)> =
            self.bearing().map(|node| (node, self.columns_of(&node.code, framework))).collect();
        let crossing = |column: Column| {
            let under: Vec<&Node> =
                placed.iter().filter(|(_, columns)| columns.contains(&column)).map(|(node, _)| *node).collect();
            Some((column, self.crossing(&under)?))
        };
        column::of_rows(framework).into_iter().chain([Column::Outside]).filter_map(crossing).collect()
    }
}

/// What the board shows of a contract on a day, its dialogue apart.
#[derive(Debug, Clone)]
pub struct Digest {
    /// All its measures.
    pub whole: Summary,
    /// Some of them wait for their direction or nature to be confirmed.
    pub provisional: bool,
    /// Where it crosses the framework, in the framework's order; what is outside comes last.
    pub crossings: Vec<(Column, Crossing)>,
    /// Jalons past their date.
    pub late_jalons: usize,
    /// Those of them that are late by one reading of the document only.
    pub late_by_reading: usize,
    /// What its budget adds up to.
    pub budget: Figures,
    /// The measures compared with the target of an avenant: « 4 (avenant 1, 2027 ; origine : 25) ».
    pub amended: Vec<String>,
    /// Where its figures come from when a person did not enter them.
    pub provenances: Vec<String>,
}

impl Digest {
    /// Of a contract, beside the framework.
    pub fn of(content: &Content, framework: &[FrameworkRow]) -> Self {
        let late = late(&content.jalons, &content.calendar);
        let amended = |line: &Line| {
            let beside = aim::beside(&line.targets, line.measure.unit_kind)?;
            Some(format!("{} ({beside})", line.measure.code))
        };
        Self {
            whole: Summary::of(content.lines.iter().map(|line| &line.progress)),
            provisional: content.lines.iter().any(|line| line.progress.provisional),
            crossings: content.crossings(framework),
            late_jalons: late.len(),
            late_by_reading: late.iter().filter(|(_, standing)| *standing == Standing::LateByReading).count(),
            budget: Figures::of(&Totals::of(&content.asked)),
            amended: content.lines.iter().filter_map(amended).collect(),
            provenances: sheet::provenances(&content.lines).into_iter().map(str::to_owned).collect(),
        }
    }

    /// Where it crosses a column; none where it has no objective.
    pub fn crossing(&self, column: &Column) -> Option<&Crossing> {
        self.crossings.iter().find(|(known, _)| known == column).map(|(_, crossing)| crossing)
    }
}
