//! Indicators with their measures, targets and cells.

use std::collections::{HashMap, HashSet};

use crate::document::model::Document;
use crate::indicators::model::{COMMENT_MAX, Figure, Measure};
use crate::kernel::canonical::Reader;
use crate::kernel::figure;
use crate::kernel::ids::Code;
use crate::kernel::period::{self, Period};

impl Document {
    pub(super) fn check_indicators(&self, reader: &mut Reader) {
        let nodes = self.node_codes();
        let mut counts: HashMap<&Code, usize> = HashMap::new();
        for measure in &self.measures {
            *counts.entry(&measure.indicator).or_default() += 1;
        }
        for (index, indicator) in self.indicators.iter().enumerate() {
            let place = |field: &str| format!("indicators[{index}] ({}).{field}", indicator.code);
            if !nodes.contains(&indicator.node) {
                reader.problem_at(place("node"), format!("l’objectif « {} » n’existe pas.", indicator.node));
            }
            let measures = counts.get(&indicator.code).copied().unwrap_or_default();
            // A draft may be incomplete; what is there must hold together.
            let begun = self.plan.draft && measures == 0;
            if indicator.is_group && measures == 0 && !begun {
                reader.problem_at(place("is_group"), "un groupe a au moins une mesure.");
            }
            if !indicator.is_group && measures != 1 && !begun {
                reader.problem_at(
                    place("is_group"),
                    format!("un indicateur qui n’est pas un groupe a une seule mesure ; celui-ci en a {measures}."),
                );
            }
            if indicator.columns_printed.iter().any(|period| period.kind != indicator.period_kind) {
                reader.problem_at(
                    place("columns_printed"),
                    "une colonne imprimée n’est pas du genre de période de l’indicateur.",
                );
            }
        }
        let indicators: HashSet<&Code> = self.indicators.iter().map(|it| &it.code).collect();
        for (index, measure) in self.measures.iter().enumerate() {
            let place = |field: &str| format!("measures[{index}] ({}).{field}", measure.code);
            if !indicators.contains(&measure.indicator) {
                reader.problem_at(place("indicator"), format!("l’indicateur « {} » n’existe pas.", measure.indicator));
            }
            if let Some(reference) = &measure.reference {
                check_figure(reader, reference, || place("reference"));
            }
            if measure.tolerance.is_some_and(|tolerance| tolerance.is_sign_negative()) {
                reader.problem_at(place("tolerance"), "la tolérance ne peut pas être négative.");
            }
        }
    }

    pub(super) fn check_targets(&self, reader: &mut Reader) {
        let measures: HashSet<&Code> = self.measures.iter().map(|it| &it.code).collect();
        for (index, target) in self.targets.iter().enumerate() {
            let place = |field: &str| format!("targets[{index}] ({}).{field}", target.measure);
            if !measures.contains(&target.measure) {
                reader.problem_at(place("measure"), format!("la mesure « {} » n’existe pas.", target.measure));
            }
            if target.rank < 0 {
                reader.problem_at(place("rank"), "le rang 0 est la cible d’origine ; les avenants suivent.");
            }
            check_figure(reader, &target.figure, || place("figure"));
        }
    }

    pub(super) fn check_cells(&self, reader: &mut Reader) {
        let years = self.plan.first_year..=self.plan.last_year;
        // Years out of bounds are a problem already told; their columns would be endless.
        let columns = |kind| match years.clone().count() {
            1..=21 => period::columns(kind, self.plan.first_year, self.plan.last_year),
            _ => Vec::new(),
        };
        let columns: HashMap<&Code, Vec<Period>> =
            self.indicators.iter().map(|it| (&it.code, columns(it.period_kind))).collect();
        let measures: HashMap<&Code, &Measure> = self.measures.iter().map(|it| (&it.code, it)).collect();
        for (index, cell) in self.cells.iter().enumerate() {
            let place = |field: &str| format!("cells[{index}] ({} {}).{field}", cell.measure, cell.period);
            let Some(measure) = measures.get(&cell.measure) else {
                reader.problem_at(place("measure"), format!("la mesure « {} » n’existe pas.", cell.measure));
                continue;
            };
            if columns.get(&measure.indicator).is_some_and(|columns| !columns.contains(&cell.period)) {
                reader
                    .problem_at(place("period"), "cette période n’est pas une colonne du contrat pour cet indicateur.");
            }
            if cell.status.is_some() != cell.answer().is_some() || (cell.status.is_none() && cell.value.is_some()) {
                reader.problem_at(place("value"), "la valeur et le statut se contredisent.");
            }
            match (cell.numerator, cell.denominator) {
                (None, None) => {}
                (Some(numerator), Some(denominator)) => match figure::rate(numerator, denominator) {
                    Ok(rate) if measure.is_quotient && cell.value == Some(rate) => {}
                    Ok(_) if !measure.is_quotient => {
                        reader.problem_at(place("numerator"), "cette mesure n’a ni numérateur ni dénominateur.");
                    }
                    Ok(rate) => reader
                        .problem_at(place("value"), format!("la valeur doit être le quotient, {}.", rate.normalize())),
                    Err(error) => reader.problem_at(place("denominator"), error.to_string()),
                },
                _ => reader.problem_at(place("numerator"), "le numérateur et le dénominateur vont ensemble."),
            }
            if cell.comment.as_ref().is_some_and(|it| it.chars().count() > COMMENT_MAX) {
                reader.problem_at(place("comment"), format!("le commentaire dépasse {COMMENT_MAX} caractères."));
            }
            if let Some(printed) = &cell.printed {
                check_figure(reader, printed, || place("printed"));
                if printed.printed.is_none() {
                    reader.problem_at(place("printed.printed"), "le texte imprimé est obligatoire ici.");
                }
            }
        }
    }
}

fn check_figure(reader: &mut Reader, figure: &Figure, place: impl Fn() -> String) {
    if figure.answer().is_none() {
        reader.problem_at(place(), "une valeur accompagne le statut « valeur », et lui seul.");
    }
}
