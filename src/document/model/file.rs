//! The document as a file: read and checked whole, written canonically, always in the same order.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Document, Schema};
use crate::arbitrages::Arbitrage;
use crate::arbitrages::model::place;
use crate::budget::model::BudgetLine;
use crate::indicators::model::{Indicator, Measure, Target};
use crate::indicators::progress::{Direction, Nature};
use crate::kernel::canonical::{Canonical, Problem, Reader};
use crate::kernel::ids::Code;
use crate::kernel::json;
use crate::plans::model::{Node, Plan};

/// Largest file accepted, in bytes: fifty times the real contract.
pub const FILE_MAX: usize = 16 * 1024 * 1024;
/// Most JSON values in it: fifty times those of the real contract, which has some 6 000.
pub const VALUES_MAX: usize = 300_000;

impl Document {
    /// Parses a file and checks it whole.
    ///
    /// # Errors
    /// Every problem found, each with its place, in French.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let whole = |sentence: String| vec![Problem { place: "fichier".into(), sentence }];
        if bytes.len() > FILE_MAX {
            return Err(whole(format!("le fichier dépasse {} Mo.", FILE_MAX / 1024 / 1024)));
        }
        let mut value = json::read(bytes, VALUES_MAX).map_err(whole)?;
        propose(&mut value);
        let mut reader = Reader::default();
        let document = Self::read(&value, &mut reader);
        if let Some(document) = &document {
            document.check(&mut reader);
        }
        let problems = reader.into_problems();
        match document {
            Some(mut document) if problems.is_empty() => {
                document.sort();
                // Whatever version came in, what is written is the latest.
                document.schema = Schema::CURRENT;
                Ok(document)
            }
            _ => Err(problems),
        }
    }

    /// The canonical bytes: two-space indentation, fixed key order, final newline.
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{:#}\n", self.write()).into_bytes()
    }

    /// Targets and cells follow their measures: the one order that is computed, whatever the file's.
    pub fn sort(&mut self) {
        let rank: HashMap<&Code, usize> =
            self.measures.iter().enumerate().map(|(rank, measure)| (&measure.code, rank)).collect();
        let of = |measure: &Code| rank.get(measure).copied().unwrap_or(usize::MAX);
        self.targets.sort_by_key(|target| (of(&target.measure), target.rank));
        self.cells.sort_by_key(|cell| (of(&cell.measure), cell.period));
        self.cells.retain(|cell| !cell.is_blank());
        self.budget.iter_mut().for_each(BudgetLine::sort);
        Arbitrage::sort(&mut self.arbitrages);
        self.amendments.sort_by_cached_key(|it| place(it.subject, &it.code, it.rank));
        self.opinions.sort_by_cached_key(|it| place(it.subject, &it.code, it.rank));
    }

    /// Every fault of a document made here, with its place; none when it may be kept.
    pub fn problems(&self) -> Vec<Problem> {
        let mut reader = Reader::default();
        self.check(&mut reader);
        reader.into_problems()
    }
}

/// A measure that says neither nature nor direction gets a proposal, to be confirmed by pilotage: the direction from the
/// sign of target − reference, « à choisir » without two numbers (docs/regles.md §4).
fn propose(document: &mut Value) {
    let number = |figure: &Value| -> Option<Decimal> { figure.get("value")?.as_str()?.parse().ok() };
    let targets: HashMap<String, Decimal> = document
        .get("targets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|target| target.get("rank").and_then(Value::as_i64) == Some(0))
        .filter_map(|target| Some((target.get("measure")?.as_str()?.to_owned(), number(target.get("figure")?)?)))
        .collect();
    let Some(measures) = document.get_mut("measures").and_then(Value::as_array_mut) else { return };
    for measure in measures.iter_mut().filter_map(Value::as_object_mut) {
        if !measure.contains_key("nature") {
            measure.insert("nature".into(), Nature::ToConfirm.word().into());
        }
        if !measure.contains_key("direction") {
            let reference = measure.get("reference").and_then(number);
            let target = measure.get("code").and_then(Value::as_str).and_then(|code| targets.get(code));
            let direction = Direction::proposed(reference, target.copied());
            measure.insert("direction".into(), direction.word().into());
        }
    }
}

/// What a campaign reads of a kept document: the definitions and the tree of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    /// The plan.
    pub plan: Plan,
    /// Its tree.
    pub nodes: Vec<Node>,
    /// Its fiches.
    pub indicators: Vec<Indicator>,
    /// Its measures.
    pub measures: Vec<Measure>,
    /// Their targets.
    pub targets: Vec<Target>,
}

impl Extract {
    /// Reads the bytes of a snapshot, whatever the schema it was written in; they were checked when they were kept.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        fn part<T: Canonical>(value: &Value, key: &str) -> Option<T> {
            let reader = &mut Reader::default();
            // An empty list is not written.
            value.get(key).map_or_else(|| T::missing(&mut Reader::default()), |value| T::read(value, reader))
        }
        let value: Value = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            plan: part(&value, "plan")?,
            nodes: part(&value, "nodes")?,
            indicators: part(&value, "indicators")?,
            measures: part(&value, "measures")?,
            targets: part(&value, "targets")?,
        })
    }
}
