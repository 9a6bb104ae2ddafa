//! The contract itself and its tree.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use crate::document::model::Document;
use crate::kernel::canonical::Reader;
use crate::kernel::ids::Code;

impl Document {
    pub(super) fn check_plan(&self, reader: &mut Reader) {
        let plan = &self.plan;
        if !(1990..=2100).contains(&plan.first_year) {
            reader.problem_at("plan.first_year".into(), "l’année doit être comprise entre 1990 et 2100.");
        }
        if !(plan.first_year..=plan.first_year.saturating_add(20)).contains(&plan.last_year) {
            reader.problem_at(
                "plan.last_year".into(),
                "la dernière année doit suivre la première, de vingt ans au plus.",
            );
        }
        if !(1..=6).contains(&plan.levels.len()) {
            reader.problem_at("plan.levels".into(), "un contrat a de un à six niveaux.");
        }
        if plan.deviation_threshold <= Decimal::ZERO {
            reader.problem_at("plan.deviation_threshold".into(), "le seuil doit être positif.");
        }
        if plan.code.as_str().chars().any(|c| c.is_ascii_uppercase() || c == '.' || c == '_')
            || plan.code.as_str().len() < 2
        {
            reader.problem_at(
                "plan.code".into(),
                "le code d’un contrat s’écrit en minuscules, chiffres et tirets, deux caractères au moins.",
            );
        }
        for (index, step) in self.steps.iter().enumerate() {
            let negative = step.vote.as_ref().is_some_and(|vote| vote.counts().iter().any(|(_, count)| *count < 0));
            if negative {
                reader.problem_at(format!("steps[{index}].vote"), "un décompte de voix ne peut pas être négatif.");
            }
        }
    }

    pub(super) fn check_tree(&self, reader: &mut Reader) {
        let rows: HashSet<&Code> = self.framework.iter().map(|row| &row.code).collect();
        let mut levels: HashMap<&Code, i32> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let place = |field: &str| format!("nodes[{index}] ({}).{field}", node.code);
            let above = match &node.parent {
                None => Some(0),
                Some(parent) => levels.get(parent).copied(),
            };
            match above {
                None => reader.problem_at(
                    place("parent"),
                    "ce parent n’existe pas, ou il vient après son enfant ; les parents précèdent leurs enfants.",
                ),
                Some(above) if node.level != above + 1 => {
                    reader.problem_at(place("level"), format!("le niveau attendu sous ce parent est {}.", above + 1));
                }
                Some(_) if usize::try_from(node.level).map_or(true, |level| level > self.plan.levels.len()) => {
                    reader.problem_at(place("level"), "le contrat n’a pas tant de niveaux.");
                }
                Some(_) => {}
            }
            for code in node.framework_rows.iter().filter(|code| !rows.contains(code)) {
                reader.problem_at(place("framework_rows"), format!("le cadre n’a pas de ligne « {code} »."));
            }
            levels.insert(&node.code, node.level);
        }
    }

    /// The codes of its tree: what other elements hang from, or serve.
    pub(super) fn node_codes(&self) -> HashSet<&Code> {
        self.nodes.iter().map(|it| &it.code).collect()
    }
}
