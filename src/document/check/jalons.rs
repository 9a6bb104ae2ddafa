//! Jalons under their groups, and what meetings asked someone to do.

use std::collections::HashSet;

use crate::document::model::Document;
use crate::kernel::canonical::Reader;
use crate::kernel::ids::Code;
use crate::reserves::Dates;

impl Document {
    pub(super) fn check_jalons(&self, reader: &mut Reader) {
        let nodes = self.node_codes();
        let dates = Dates::of(&self.reserves);
        let mut groups: HashSet<&Code> = HashSet::new();
        let filled: HashSet<&Code> = self.jalons.iter().filter_map(|leaf| leaf.parent.as_ref()).collect();
        for (index, jalon) in self.jalons.iter().enumerate() {
            let place = |field: &str| format!("jalons[{index}] ({}).{field}", jalon.code);
            if jalon.parent.as_ref().is_some_and(|parent| !groups.contains(parent)) {
                reader.problem_at(
                    place("parent"),
                    "ce groupe n’existe pas, ou il vient après ses jalons ; les groupes précèdent leurs jalons.",
                );
            }
            if !nodes.contains(&jalon.node) {
                reader.problem_at(place("node"), format!("l’objectif « {} » n’existe pas.", jalon.node));
            }
            if jalon.is_group && !self.plan.draft && !filled.contains(&jalon.code) {
                reader.problem_at(place("is_group"), "un groupe a au moins un jalon.");
            }
            for (field, sentence) in jalon.incoherences(&self.plan, &dates) {
                reader.problem_at(place(field), sentence);
            }
            if jalon.is_group {
                groups.insert(&jalon.code);
            }
        }
    }

    pub(super) fn check_followups(&self, reader: &mut Reader) {
        for (index, it) in self.followups.iter().enumerate() {
            let place = |field: &str| format!("followups[{index}] ({}).{field}", it.code);
            for (field, sentence) in it.incoherences() {
                reader.problem_at(place(field), sentence);
            }
        }
    }
}
