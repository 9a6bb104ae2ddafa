//! What must hold together in a jalon, whoever wrote it.

use chrono::{Datelike, NaiveDate};

use super::{Jalon, Precision, State, TEXT_MAX, is_sane};
use crate::plans::model::Plan;
use crate::reserves::Dates;

impl Jalon {
    /// What does not hold together, as field and sentence: what the document's checks report.
    pub fn incoherences(&self, plan: &Plan, dates: &Dates) -> Vec<(&'static str, String)> {
        let mut found: Vec<(&'static str, String)> = Vec::new();
        let mut say = |field, sentence: &str| found.push((field, sentence.to_owned()));
        if self.is_group {
            if self.state.is_some() || self.precision.is_some() {
                say("is_group", "un groupe n’a ni échéance ni état : ce sont ceux de ses jalons.");
            }
            if self.parent.is_some() {
                say("parent", "un groupe n’appartient pas à un autre groupe.");
            }
        } else {
            if self.label.is_none() {
                say("label", "un jalon a un libellé.");
            }
            if self.state.is_none() {
                say("state", "un jalon a un état.");
            }
            if self.precision.is_none() {
                say("precision", "un jalon a une échéance au mois, à l’année, ou une condition.");
            }
        }
        if self.condition.is_some() != (self.precision == Some(Precision::Condition)) {
            say("condition", "la condition accompagne la précision « condition », et elle seule.");
        }
        let given = self.redated.iter().map(|it| ("redated", Some(it.precision), Some(it.due_on)));
        for (field, precision, due_on) in std::iter::once(("due_on", self.precision, self.due_on)).chain(given) {
            match (precision, due_on) {
                (Some(Precision::Month | Precision::Year), None) => say(field, "l’échéance manque."),
                (Some(Precision::Condition) | None, Some(_)) => say(field, "il n’y a pas d’échéance datée ici."),
                (Some(Precision::Month), Some(day)) if day.succ_opt().is_some_and(|next| next.day() != 1) => {
                    say(field, "au mois, l’échéance est le dernier jour du mois.");
                }
                (Some(Precision::Year), Some(day)) if (day.month(), day.day()) != (12, 31) => {
                    say(field, "à l’année, l’échéance est le 31 décembre.");
                }
                _ => {}
            }
        }
        if self.is_group && !self.redated.is_empty() {
            say("redated", "un groupe n’a pas d’échéance : un avenant change celle de ses jalons.");
        }
        if (self.state == Some(State::Reached)) != self.reached_on.is_some() {
            say("reached_on", "la date d’atteinte accompagne l’état « atteint », et lui seul.");
        }
        if self.reached_on.is_some() != self.evidence.is_some() {
            say("evidence", "la preuve accompagne la date d’atteinte.");
        }
        if matches!(self.state, Some(State::Abandoned | State::Postponed)) && self.reason.is_none() {
            say("reason", "un jalon abandonné ou reporté a une raison.");
        }
        if self.state == Some(State::Postponed) && self.postponed_to.is_none() {
            say("postponed_to", "un jalon reporté a une nouvelle échéance.");
        }
        // Where readings differ, the first date may have changed since the jalon was put off.
        let follows = |to: NaiveDate| match self.redated.last() {
            Some(given) => given.due_on < to,
            None => self.due_on.is_some_and(|due| due < to || dates.speaks_of(&self.code)),
        };
        if self.postponed_to.is_some_and(|to| !follows(to)) {
            say("postponed_to", "la nouvelle échéance suit la première.");
        }
        let given = self.redated.iter().map(|it| ("redated", Some(it.due_on)));
        let days = [("due_on", self.due_on), ("reached_on", self.reached_on), ("postponed_to", self.postponed_to)];
        for (field, day) in days.into_iter().chain(given) {
            if day.is_some_and(|day| !is_sane(plan, day)) {
                say(field, "cette date est trop loin des années du contrat.");
            }
        }
        for (field, text) in [("evidence", &self.evidence), ("reason", &self.reason), ("comment", &self.comment)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
                say(field, "le texte est trop long.");
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::signed::{all, day, jalon, plan};
    use super::*;
    use crate::reserves::model::tests as reserves;

    #[test]
    fn the_signed_contract_has_its_counts() {
        let all = all();
        assert_eq!(all.iter().filter(|it| it.parent.is_none()).count(), 21);
        assert_eq!(all.iter().filter(|it| it.is_group).count(), 2);
        assert_eq!(all.iter().filter(|it| it.is_leaf()).count(), 24);
        let dates = Dates::of(&reserves::signed());
        assert!(all.iter().all(|it| it.incoherences(&plan(), &dates).is_empty()));
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let told = |it: &Jalon| {
            it.incoherences(&plan(), &Dates::default()).into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        let sound = jalon("J3");
        assert_eq!(told(&Jalon { due_on: Some(day("2022-12-30")), ..sound.clone() }), ["due_on"]);
        assert_eq!(told(&Jalon { condition: Some("si".into()), ..sound.clone() }), ["condition"]);
        assert_eq!(told(&Jalon { state: Some(State::Reached), ..sound.clone() }), ["reached_on"]);
        assert_eq!(told(&Jalon { state: Some(State::Postponed), ..sound.clone() }), ["reason", "postponed_to"]);
        assert_eq!(told(&Jalon { precision: Some(Precision::Condition), ..sound.clone() }), ["condition", "due_on"]);
        assert_eq!(told(&Jalon { label: None, state: None, ..sound }), ["label", "state"]);
        assert_eq!(told(&Jalon { state: Some(State::ToCome), ..jalon("J16") }), ["is_group"]);
    }
}
