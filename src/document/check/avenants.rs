//! Avenants whole, about what is there; and what says that it comes from one names one that is in force.

use crate::document::model::Document;
use crate::kernel::canonical::Reader;
use crate::kernel::ids::Code;

impl Document {
    pub(super) fn check_avenants(&self, reader: &mut Reader) {
        if self.plan.draft && !self.avenants.is_empty() {
            reader.problem_at("avenants".into(), "un brouillon n’a pas d’avenant : ses définitions s’y écrivent.");
        }
        let ground = self.ground();
        for (index, avenant) in self.avenants.iter().enumerate() {
            let place = |field: &str| format!("avenants[{index}] ({}).{field}", avenant.code);
            for (field, sentence) in avenant.incoherences() {
                reader.problem_at(place(&field), sentence);
            }
            for (rank, change) in avenant.changes.iter().enumerate() {
                if ground.present(change.kind, change.code.as_str()).is_none() {
                    let what = change.kind.within(change.code.as_str());
                    reader.problem_at(place(&format!("changes[{rank}].code")), format!("{what} : il n’y en a pas."));
                }
            }
        }
        let known = |code: &Code| self.avenants.iter().find(|it| it.code == *code);
        let mut named = |place: String, code: &Code, since: i32| {
            if known(code).is_none_or(|it| it.since != Some(since)) {
                reader.problem_at(
                    place,
                    format!("l’avenant « {code} » n’est pas en vigueur depuis la campagne {since}."),
                );
            }
        };
        for (index, it) in self.targets.iter().enumerate() {
            if let (Some(code), Some(since)) = (&it.avenant, it.since) {
                named(format!("targets[{index}] ({}).avenant", it.measure), code, since);
            }
        }
        for (index, it) in self.indicators.iter().enumerate() {
            it.amended
                .iter()
                .for_each(|by| named(format!("indicators[{index}] ({}).amended", it.code), &by.avenant, by.since));
        }
        for (index, it) in self.measures.iter().enumerate() {
            it.amended
                .iter()
                .for_each(|by| named(format!("measures[{index}] ({}).amended", it.code), &by.avenant, by.since));
        }
        for (index, it) in self.jalons.iter().enumerate() {
            it.redated
                .iter()
                .for_each(|by| named(format!("jalons[{index}] ({}).redated", it.code), &by.avenant, by.since));
        }
        for (index, it) in self.targets.iter().enumerate() {
            if it.avenant.is_some() != it.since.is_some() || it.avenant.is_some() && it.rank < 1 {
                let place = format!("targets[{index}] ({}).avenant", it.measure);
                reader.problem_at(place, "une cible d’avenant a un rang, son avenant et sa campagne.");
            }
        }
        for (index, it) in self.steps.iter().enumerate() {
            if let Some(code) = it.avenant.as_ref().filter(|code| known(code).is_none()) {
                let place = format!("steps[{index}] ({}).avenant", it.code);
                reader.problem_at(place, format!("l’avenant « {code} » n’existe pas."));
            }
        }
    }
}
