//! What a contract defines and an avenant may change, and what it becomes when one comes into force (docs/regles.md §9).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::model::{Avenant, Change, Subject};
use crate::indicators::model::{Amended, Figure, Indicator, Measure, Target, YearlyTarget};
use crate::indicators::progress::{Direction, Nature};
use crate::jalons::model::{Jalon, Precision, Redated};
use crate::kernel::canonical::{Canonical, Fields, Problem, Reader};
use crate::kernel::ids::Code;
use crate::kernel::period;
use crate::plans::model::Plan;
use crate::record;
use crate::reserves::Dates;

/// The definitions of a contract that avenants change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ground {
    /// Fiches.
    pub indicators: Vec<Indicator>,
    /// Measures.
    pub measures: Vec<Measure>,
    /// Target ledgers, each in the order of its ranks.
    pub targets: Vec<Target>,
    /// Jalons.
    pub jalons: Vec<Jalon>,
}

record! {
    /// The part of a target that an avenant says.
    pub struct Aim {
        /// What is aimed at in the last period.
        pub figure: Figure,
        /// Yearly targets.
        pub yearly: Vec<YearlyTarget>,
    }
}

record! {
    /// The part of a jalon that an avenant says.
    pub struct Due {
        /// How precisely.
        pub precision: Precision,
        /// The last day that keeps it.
        pub due_on: chrono::NaiveDate,
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// The fields of a shape that an avenant may change.
fn part(kind: Subject, shape: Value) -> Fields {
    Fields(object(shape).into_iter().filter(|(key, _)| kind.fields().contains(&key.as_str())).collect())
}

/// Fields as a change leaves them.
pub fn changed(present: &Fields, change: &Change) -> Fields {
    let mut fields = present.0.clone();
    for key in change.keys() {
        match change.after.0.get(key) {
            Some(value) => drop(fields.insert(key.to_owned(), value.clone())),
            None => drop(fields.remove(key)),
        }
    }
    Fields(fields)
}

/// The change that leads from some fields to others; `None` when they are the same.
pub fn difference(kind: Subject, code: &Code, from: &Fields, to: &Fields) -> Option<Change> {
    let keys: Vec<&str> = kind.fields().iter().copied().filter(|key| from.0.get(*key) != to.0.get(*key)).collect();
    let of = |fields: &Fields| {
        Fields(keys.iter().filter_map(|key| Some(((*key).to_owned(), fields.0.get(*key)?.clone()))).collect())
    };
    (!keys.is_empty()).then(|| Change { kind, code: code.clone(), before: of(from), after: of(to) })
}

/// A definition with some fields changed, and what it said of them before.
fn amended<T: Canonical>(shape: &T, change: &Change, reader: &mut Reader) -> Option<(T, Fields)> {
    let mut state = object(shape.write());
    let mut was = Map::new();
    for key in change.keys() {
        // What was printed, or confirmed, said the other value.
        for beside in [key.to_owned(), format!("{key}_printed"), format!("{key}_confirmed")] {
            if let Some(value) = state.remove(&beside) {
                was.insert(beside, value);
            }
        }
        if let Some(value) = change.after.0.get(key) {
            state.insert(key.to_owned(), value.clone());
        }
    }
    // What two parties agreed to needs no other confirmation.
    for (key, open) in [("nature", Nature::ToConfirm.word()), ("direction", Direction::ToChoose.word())] {
        if change.after.0.get(key).is_some_and(|value| value.as_str() != Some(open)) {
            state.insert(format!("{key}_confirmed"), true.into());
        }
    }
    Some((T::read(&Value::Object(state), reader)?, Fields(was)))
}

fn gone(code: &Code) -> Problem {
    Problem { place: String::new(), sentence: format!("« {code} » n’est plus au contrat.") }
}

impl Ground {
    /// What a thing says now, of what an avenant may change; `None` for one that is not there, or is a group of jalons.
    pub fn present(&self, kind: Subject, code: &str) -> Option<Fields> {
        match kind {
            Subject::Target => {
                self.measure(code)?;
                Some(self.target(code).map_or_else(Fields::default, |target| part(kind, target.write())))
            }
            Subject::Jalon => {
                let jalon = self.jalons.iter().find(|it| it.code.as_str() == code && !it.is_group)?;
                let mut fields = part(kind, jalon.write());
                if let Some(given) = jalon.redated.last() {
                    fields = part(kind, given.write());
                }
                Some(fields)
            }
            Subject::Indicator => Some(part(kind, self.indicators.iter().find(|it| it.code.as_str() == code)?.write())),
            Subject::Measure => Some(part(kind, self.measure(code)?.write())),
        }
    }

    /// What a thing is called.
    pub fn label(&self, kind: Subject, code: &str) -> Option<&str> {
        match kind {
            Subject::Target | Subject::Measure => self.measure(code).map(|it| it.label.as_str()),
            Subject::Jalon => self.jalons.iter().find(|it| it.code.as_str() == code)?.label.as_deref(),
            Subject::Indicator => {
                self.indicators.iter().find(|it| it.code.as_str() == code).map(|it| it.label.as_str())
            }
        }
    }

    /// The codes of what an avenant may change.
    pub fn codes(&self, kind: Subject) -> Vec<&Code> {
        match kind {
            Subject::Target | Subject::Measure => self.measures.iter().map(|it| &it.code).collect(),
            Subject::Jalon => {
                let open = self.jalons.iter().filter(|it| !it.is_group && !it.state().is_over());
                open.map(|it| &it.code).collect()
            }
            Subject::Indicator => self.indicators.iter().map(|it| &it.code).collect(),
        }
    }

    fn measure(&self, code: &str) -> Option<&Measure> {
        self.measures.iter().find(|it| it.code.as_str() == code)
    }

    fn target(&self, measure: &str) -> Option<&Target> {
        self.targets.iter().rfind(|it| it.measure.as_str() == measure)
    }

    /// Brings an avenant into force with the campaign of a year; returns it in force, what each change replaced being
    /// what it really found.
    ///
    /// # Errors
    /// What does not hold, a change that applies nothing having been written.
    pub fn enforce(&mut self, avenant: &Avenant, year: i32) -> Result<Avenant, Vec<Problem>> {
        let mut after = self.clone();
        let mut in_force = Avenant { since: Some(year), ..avenant.clone() };
        for change in &mut in_force.changes {
            let present = after.present(change.kind, change.code.as_str()).ok_or_else(|| vec![gone(&change.code)])?;
            let keys = change.keys().into_iter().map(str::to_owned).collect::<Vec<_>>();
            change.before = Fields(present.0.into_iter().filter(|(key, _)| keys.contains(key)).collect());
            after.apply(avenant, change, year)?;
        }
        *self = after;
        Ok(in_force)
    }

    fn apply(&mut self, avenant: &Avenant, change: &Change, year: i32) -> Result<(), Vec<Problem>> {
        let mut reader = Reader::default();
        let code = &change.code;
        let said = || {
            Value::Object(self.present(change.kind, code.as_str()).map(|it| changed(&it, change)).unwrap_or_default().0)
        };
        let done = match change.kind {
            Subject::Target => Aim::read(&said(), &mut reader).map(|aim| {
                let last = self.targets.iter().rposition(|it| it.measure == *code);
                let rank = last.map_or(1, |last| self.targets[last].rank + 1);
                let target = Target {
                    measure: code.clone(),
                    rank,
                    figure: aim.figure,
                    yearly: aim.yearly,
                    decided_on: avenant.dated_on,
                    reason: Some(avenant.reason.clone()),
                    avenant: Some(avenant.code.clone()),
                    since: Some(year),
                };
                self.targets.insert(last.map_or(self.targets.len(), |last| last + 1), target);
            }),
            Subject::Jalon => Due::read(&said(), &mut reader).and_then(|due| {
                let jalon = self.jalons.iter_mut().find(|it| it.code == *code)?;
                let Due { precision, due_on } = due;
                *jalon = jalon.redate(Redated { avenant: avenant.code.clone(), since: year, precision, due_on });
                Some(())
            }),
            Subject::Indicator => self.indicators.iter_mut().find(|it| it.code == *code).and_then(|it| {
                let (after, was) = amended(it, change, &mut reader)?;
                *it = after;
                let fields = change.keys().into_iter().map(str::to_owned).collect();
                it.amended.push(Amended { avenant: avenant.code.clone(), since: year, fields, was });
                Some(())
            }),
            Subject::Measure => self.measures.iter_mut().find(|it| it.code == *code).and_then(|it| {
                let (after, was) = amended(it, change, &mut reader)?;
                *it = after;
                let fields = change.keys().into_iter().map(str::to_owned).collect();
                it.amended.push(Amended { avenant: avenant.code.clone(), since: year, fields, was });
                Some(())
            }),
        };
        match done {
            Some(()) => Ok(()),
            None => Err(reader.into_problems()),
        }
    }

    /// What keeps a change from being made, each problem at the field it is about; nothing when it may be.
    pub fn problems(&self, plan: &Plan, avenant: &Avenant, change: &Change) -> Vec<Problem> {
        let mut after = self.clone();
        let alone = Avenant { changes: vec![change.clone()], ..avenant.clone() };
        let year = plan.last_year;
        if let Err(problems) = after.enforce(&alone, year) {
            return problems;
        }
        let code = change.code.as_str();
        let mut found = Vec::new();
        let mut say = |field: &str, sentence: String| found.push(Problem { place: field.to_owned(), sentence });
        match change.kind {
            Subject::Target => {
                let (Some(target), Some(measure)) = (after.target(code), after.measure(code)) else { return found };
                if target.figure.answer().is_none() {
                    say("figure", "une valeur accompagne le statut « valeur », et lui seul.".into());
                }
                let kind = self.indicators.iter().find(|it| it.code == measure.indicator).map(|it| it.period_kind);
                let columns =
                    kind.map(|kind| period::columns(kind, plan.first_year, plan.last_year)).unwrap_or_default();
                let mut seen = HashSet::new();
                for (index, it) in target.yearly.iter().enumerate() {
                    let at = format!("yearly[{index}].period");
                    if !columns.contains(&it.period) {
                        say(&at, format!("« {} » n’est pas une période du contrat pour cette mesure.", it.period));
                    } else if !seen.insert(it.period) {
                        say(&at, "cette période y est deux fois.".into());
                    }
                }
            }
            Subject::Jalon => {
                let Some(jalon) = after.jalons.iter().find(|it| it.code.as_str() == code) else { return found };
                if jalon.state().is_over() {
                    say("", "ce jalon est atteint ou abandonné : son échéance ne change plus.".into());
                }
                let faults = jalon.incoherences(plan, &Dates::default());
                for (_, sentence) in faults.into_iter().filter(|(field, _)| *field == "redated") {
                    say("due_on", sentence);
                }
            }
            Subject::Measure => {
                let Some(measure) = after.measure(code) else { return found };
                if measure.tolerance.is_some_and(|it| it.is_sign_negative() && !it.is_zero()) {
                    say("tolerance", "la tolérance ne peut pas être négative.".into());
                }
                if measure.reference.as_ref().is_some_and(|it| it.answer().is_none()) {
                    say("reference", "une valeur accompagne le statut « valeur », et lui seul.".into());
                }
                let keys = change.keys();
                if keys.contains(&"nature") && measure.nature == Nature::ToConfirm {
                    say("nature", "un avenant dit la nature de la mesure.".into());
                }
                if keys.contains(&"direction") && measure.direction == Direction::ToChoose {
                    say("direction", "un avenant dit le sens de la mesure.".into());
                }
            }
            Subject::Indicator => {}
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::{avenant, change, code, fields};
    use super::*;
    use crate::kernel::canonical;
    use crate::kernel::figure::Answer;
    use serde_json::json;

    fn document() -> Value {
        serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap()
    }

    fn ground() -> Ground {
        fn list<T: Canonical>(key: &str) -> Vec<T> {
            canonical::from_text(&document()[key].to_string()).unwrap()
        }
        Ground {
            indicators: list("indicators"),
            measures: list("measures"),
            targets: list("targets"),
            jalons: list("jalons"),
        }
    }

    fn plan() -> Plan {
        canonical::from_text(&document()["plan"].to_string()).unwrap()
    }

    fn one(change: Change) -> Avenant {
        Avenant { changes: vec![change], ..avenant() }
    }

    fn told(change: &Change) -> Vec<String> {
        ground().problems(&plan(), &avenant(), change).into_iter().map(|it| it.place).collect()
    }

    #[test]
    fn a_target_takes_the_next_rank_and_the_original_stays() {
        let mut ground = ground();
        let before = ground.present(Subject::Target, "1").unwrap();
        let change = change(Subject::Target, "1", &json!({}), &json!({"figure": {"status": "valeur", "value": "14"}}));
        let in_force = ground.enforce(&one(change), 2027).unwrap();
        assert_eq!(in_force.since, Some(2027));
        assert_eq!(in_force.changes[0].before.0["figure"], before.0["figure"], "what it really replaced");
        let ledger: Vec<&Target> = ground.targets.iter().filter(|it| it.measure.as_str() == "1").collect();
        assert_eq!(ledger.iter().map(|it| it.rank).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(ledger[0].figure.answer(), Some(Answer::Value(11.into())));
        assert_eq!((ledger[1].avenant.as_ref(), ledger[1].since), (Some(&code("1")), Some(2027)));
    }

    #[test]
    fn a_jalon_keeps_its_first_date_and_leaves_its_postponement() {
        let mut ground = ground();
        let at = ground.jalons.iter().position(|it| it.code.as_str() == "J3").unwrap();
        let first = ground.jalons[at].due_on;
        ground.jalons[at].state = Some(crate::jalons::model::State::Postponed);
        ground.jalons[at].postponed_to = "2024-12-31".parse().ok();
        ground.jalons[at].reason = Some("Retard".into());
        let to = json!({"precision": "annee", "due_on": "2025-12-31"});
        ground.enforce(&one(change(Subject::Jalon, "J3", &json!({}), &to)), 2027).unwrap();
        let jalon = &ground.jalons[at];
        assert_eq!((jalon.due_on, jalon.due(&Dates::default())), (first, "2025-12-31".parse().ok()));
        assert_eq!((jalon.state(), jalon.postponed_to), (crate::jalons::model::State::ToCome, None));
        assert_eq!(jalon.incoherences(&plan(), &Dates::default()), []);
        let now = ground.present(Subject::Jalon, "J3").unwrap();
        assert_eq!(now, fields(&json!({"precision": "annee", "due_on": "2025-12-31"})));
    }

    #[test]
    fn a_definition_says_what_it_said_and_two_avenants_on_two_fields_both_hold() {
        let mut ground = ground();
        let label = ground.measures[0].label.clone();
        let first = one(change(
            Subject::Measure,
            "1",
            &json!({"label": "x"}),
            &json!({"label": "Autre", "direction": "baisse"}),
        ));
        ground.enforce(&first, 2027).unwrap();
        let second = one(change(Subject::Measure, "1", &json!({}), &json!({"scope": "BUT"})));
        ground.enforce(&second, 2028).unwrap();
        let measure = &ground.measures[0];
        assert_eq!((measure.label.as_str(), measure.scope.as_deref()), ("Autre", Some("BUT")));
        assert!(measure.direction_confirmed);
        assert_eq!(measure.amended.len(), 2);
        assert_eq!(measure.amended[0].was.0["label"], json!(label));
        assert_eq!(measure.amended[0].since, 2027);
    }

    #[test]
    fn an_availability_no_more_says_what_was_printed() {
        let mut ground = ground();
        let at = ground.indicators.iter().position(|it| it.availability_printed.is_some()).unwrap();
        let number = ground.indicators[at].code.to_string();
        let other =
            change(Subject::Indicator, &number, &json!({}), &json!({"availability": "fin_annee_universitaire"}));
        if ground.enforce(&one(other), 2027).is_ok() {
            assert_eq!(ground.indicators[at].availability_printed, None);
            assert!(ground.indicators[at].amended[0].was.0.contains_key("availability_printed"));
        } else {
            panic!("the word of an availability changed");
        }
    }

    #[test]
    fn what_does_not_hold_is_told_at_its_field() {
        let yearly = |period: &str| {
            let said =
                json!({"figure": {"status": "valeur", "value": "14"}, "yearly": [{"period": period, "value": "1"}]});
            told(&change(Subject::Target, "1", &json!({}), &said))
        };
        assert_eq!(yearly("2022-2023"), Vec::<String>::new());
        assert_eq!(yearly("2023"), ["yearly[0].period"]);
        assert_eq!(yearly("2031-2032"), ["yearly[0].period"]);
        let due =
            |day: &str| told(&change(Subject::Jalon, "J3", &json!({}), &json!({"precision": "annee", "due_on": day})));
        assert_eq!(due("2025-12-31"), Vec::<String>::new());
        assert_eq!((due("2025-12-30"), due("2099-12-31")), (vec!["due_on".to_owned()], vec!["due_on".to_owned()]));
        assert_eq!(told(&change(Subject::Indicator, "1", &json!({"label": "x"}), &json!({}))), ["label"]);
        assert_eq!(told(&change(Subject::Measure, "1", &json!({}), &json!({"tolerance": "-1"}))), ["tolerance"]);
        assert_eq!(told(&change(Subject::Target, "99", &json!({}), &json!({}))), [""]);
    }

    #[test]
    fn a_difference_leads_from_one_to_the_other() {
        let (from, to) = (fields(&json!({"label": "a", "unit": "b"})), fields(&json!({"label": "c", "scope": "d"})));
        let change = difference(Subject::Indicator, &code("4"), &from, &to).unwrap();
        assert_eq!(changed(&from, &change), to);
        assert_eq!(change.keys(), ["label", "unit", "scope"]);
        assert_eq!(difference(Subject::Indicator, &code("4"), &from, &from), None);
    }
}
