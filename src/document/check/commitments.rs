//! Headings, the actions and requests under them, and what the establishment commits to.

use std::collections::HashSet;

use crate::document::model::Document;
use crate::kernel::canonical::Reader;
use crate::kernel::ids::Code;

impl Document {
    pub(super) fn check_commitments(&self, reader: &mut Reader) {
        let headings: HashSet<&Code> = self.headings.iter().map(|it| &it.code).collect();
        let nodes = self.node_codes();
        let requests: HashSet<&Code> = self.requests.iter().map(|it| &it.code).collect();
        let years = self.plan.first_year..=self.plan.last_year;
        for (index, action) in self.actions.iter().enumerate() {
            if !headings.contains(&action.heading) {
                let place = format!("actions[{index}] ({}).heading", action.code);
                reader.problem_at(place, format!("le volet « {} » n’existe pas.", action.heading));
            }
        }
        for (index, request) in self.requests.iter().enumerate() {
            let place = |field: &str| format!("requests[{index}] ({}).{field}", request.code);
            if let Some(heading) = request.heading.as_ref().filter(|heading| !headings.contains(heading)) {
                reader.problem_at(place("heading"), format!("le volet « {heading} » n’existe pas."));
            }
            if let Some(node) = request.node.as_ref().filter(|node| !nodes.contains(node)) {
                reader.problem_at(place("node"), format!("l’objectif « {node} » n’existe pas."));
            }
            if request.quantities.iter().any(|it| it.value.is_some() == it.printed.is_some()) {
                reader.problem_at(place("quantities"), "une quantité a une valeur ou un texte imprimé, l’un des deux.");
            }
        }
        for (index, envelope) in self.envelopes.iter().enumerate() {
            let place = |field: &str| format!("envelopes[{index}] ({}).{field}", envelope.code);
            if !requests.contains(&envelope.request) {
                reader.problem_at(place("request"), format!("la demande « {} » n’existe pas.", envelope.request));
            }
            if envelope.ceiling.is_sign_negative() {
                reader.problem_at(place("ceiling"), "un plafond ne peut pas être négatif.");
            }
        }
        for (index, commitment) in self.commitments.iter().enumerate() {
            if commitment.years.iter().any(|it| !years.contains(&it.year)) {
                let place = format!("commitments[{index}] ({}).years", commitment.code);
                reader.problem_at(place, "cette année est en dehors du contrat.");
            }
        }
    }
}
