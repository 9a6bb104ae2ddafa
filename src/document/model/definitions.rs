//! What the signature settles of a document, and what an avenant may change of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Document, Element, Kind};
use crate::avenants::ground::Ground;
use crate::avenants::model::Avenant;
use crate::kernel::canonical::{Canonical, Problem};

impl Document {
    /// What avenants may change of it.
    pub fn ground(&self) -> Ground {
        Ground {
            indicators: self.indicators.clone(),
            measures: self.measures.clone(),
            targets: self.targets.clone(),
            jalons: self.jalons.clone(),
        }
    }

    /// The same with an avenant in force since the campaign of a year.
    ///
    /// # Errors
    /// What does not hold; the document is as it was.
    pub fn enforced(&self, avenant: &Avenant, year: i32) -> Result<Self, Vec<Problem>> {
        let mut ground = self.ground();
        let in_force = ground.enforce(avenant, year)?;
        let Ground { indicators, measures, targets, jalons } = ground;
        let mut after = Self { indicators, measures, targets, jalons, ..self.clone() };
        after.avenants.iter_mut().filter(|it| it.code == avenant.code).for_each(|it| it.clone_from(&in_force));
        after.sort();
        let problems = after.problems();
        if problems.is_empty() { Ok(after) } else { Err(problems) }
    }

    /// What the signature settled of each definition that an avenant may change, by kind and code: its fields, what was
    /// printed aside, and the nature or direction that waits for its confirmation in `open` aside.
    pub fn definitions(&self, open: &Self) -> BTreeMap<(Kind, String), Value> {
        let bare = |state: Value, left: &[&str]| match state {
            Value::Object(object) => Value::Object(
                object
                    .into_iter()
                    .filter(|(key, _)| !key.ends_with("printed") && !left.contains(&key.as_str()))
                    .map(|(key, value)| match value {
                        // A figure is the same however it was printed.
                        Value::Object(mut figure) => {
                            figure.remove("printed");
                            (key, Value::Object(figure))
                        }
                        value => (key, value),
                    })
                    .collect(),
            ),
            other => other,
        };
        let mut found = BTreeMap::new();
        let plan = ["code", "title", "parties", "annexes", "notice", "deviation_threshold", "draft"];
        found.insert((Kind::Plan, self.plan.code.to_string()), bare(self.plan.write(), &plan));
        let nodes = self.nodes.iter().map(|it| Element::Node(it.clone()));
        let indicators = self.indicators.iter().map(|it| Element::Indicator(it.clone()));
        let targets = self.targets.iter().map(|it| Element::Target(it.clone()));
        for element in nodes.chain(indicators).chain(targets) {
            found.insert((element.kind(), element.code()), bare(element.state(), &[]));
        }
        for it in &self.measures {
            let mut left = Vec::new();
            let waits = open.measures.iter().find(|open| open.code == it.code);
            if waits.is_some_and(|it| !it.nature_confirmed) {
                left.extend(["nature", "nature_confirmed"]);
            }
            if waits.is_some_and(|it| !it.direction_confirmed) {
                left.extend(["direction", "direction_confirmed"]);
            }
            found.insert((Kind::Measure, it.code.to_string()), bare(it.write(), &left));
        }
        // What is said of a jalon is its director's, all year.
        let said = ["state", "reached_on", "evidence", "reason", "postponed_to", "comment", "provenance", "owners"];
        for it in &self.jalons {
            found.insert((Kind::Jalon, it.code.to_string()), bare(it.write(), &said));
        }
        found
    }
}
