//! What holds between the elements of a document, once each is well-formed by itself: codes that exist, levels that
//! follow, figures that agree. Every problem is told with its place.

mod avenants;
mod commitments;
mod indicators;
mod jalons;
mod means;
mod plan;
mod posts;
mod readings;

use std::collections::HashSet;
use std::hash::Hash;

use super::model::Document;
use crate::kernel::canonical::Reader;

impl Document {
    /// What holds between elements, once each is well-formed by itself.
    pub(super) fn check(&self, reader: &mut Reader) {
        for (kind, codes) in self.codes() {
            unique(reader, kind.field(), &codes);
        }
        let sites: Vec<String> = self.structure.sites.iter().map(|it| it.code.to_string()).collect();
        unique(reader, "structure.sites", &sites);
        self.check_plan(reader);
        self.check_tree(reader);
        self.check_indicators(reader);
        self.check_targets(reader);
        self.check_cells(reader);
        self.check_posts(reader);
        self.check_post_tables(reader);
        self.check_commitments(reader);
        self.check_budget(reader);
        self.check_arbitrages(reader);
        self.check_courses(reader);
        self.check_followups(reader);
        self.check_jalons(reader);
        self.check_reserves(reader);
        self.check_avenants(reader);
        self.check_mentions(reader);
    }
}

/// Each code is taken once in its list.
fn unique(reader: &mut Reader, list: &str, codes: &[String]) {
    let mut seen = HashSet::new();
    for (index, code) in codes.iter().enumerate() {
        if !seen.insert(code) {
            reader
                .problem_at(format!("{list}[{index}]"), format!("le code « {code} » est déjà pris dans cette liste."));
        }
    }
}

fn duplicated<T: Eq + Hash>(list: &[T]) -> bool {
    let mut seen = HashSet::new();
    !list.iter().all(|item| seen.insert(item))
}
