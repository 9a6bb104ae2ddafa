//! Jalons counted: « 2 atteints, 1 en retard ».

use super::model::{Calendar, Jalon, Standing};

/// How many jalons stand where; groups do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Standings present with their counts, in the order of [`Standing::ALL`].
    pub counts: Vec<(Standing, usize)>,
    /// All of them.
    pub total: usize,
}

impl Summary {
    /// Counts some jalons on a day.
    pub fn of<'a>(jalons: impl IntoIterator<Item = &'a Jalon>, calendar: &Calendar) -> Self {
        let all: Vec<Standing> =
            jalons.into_iter().filter(|it| it.is_leaf()).map(|leaf| leaf.standing(calendar)).collect();
        let count = |standing| all.iter().filter(|it| **it == standing).count();
        Self {
            counts: Standing::ALL.into_iter().map(|it| (it, count(it))).filter(|(_, count)| *count > 0).collect(),
            total: all.len(),
        }
    }

    /// How many stand there.
    pub fn count(&self, standing: Standing) -> usize {
        self.counts.iter().find(|(it, _)| *it == standing).map_or(0, |(_, count)| *count)
    }

    /// « 2 atteints, 3 en retard dont 1 selon la lecture »; empty when there is none.
    pub fn words(&self) -> String {
        let (late, by_reading) = (self.count(Standing::Late), self.count(Standing::LateByReading));
        let told: Vec<String> = self
            .counts
            .iter()
            .filter_map(|(standing, count)| match standing {
                Standing::Late if by_reading > 0 => {
                    Some(format!("{} dont {by_reading} selon la lecture", Standing::Late.counted(late + by_reading)))
                }
                // Told with the late ones, when there are some.
                Standing::LateByReading if late > 0 => None,
                _ => Some(standing.counted(*count)),
            })
            .collect();
        told.join(", ")
    }

    /// « 3 jalons : 2 atteints, 1 en retard »; empty when there is none.
    pub fn sentence(&self) -> String {
        match self.total {
            0 => String::new(),
            1 => format!("1 jalon : {}", self.words()),
            total => format!("{total} jalons : {}", self.words()),
        }
    }
}

/// The late ones, the oldest date first; those that are late by one reading only come last.
pub fn late<'a>(jalons: impl IntoIterator<Item = &'a Jalon>, calendar: &Calendar) -> Vec<(&'a Jalon, Standing)> {
    let standing = |it: &'a Jalon| (it, it.standing(calendar));
    let mut late: Vec<(&Jalon, Standing)> =
        jalons.into_iter().filter(|it| it.is_late(calendar)).map(standing).collect();
    late.sort_by_key(|(it, standing)| (*standing, it.due(&calendar.dates)));
    late
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::reserves::Dates;
    use crate::reserves::model::Reserve;

    #[test]
    fn leaves_are_counted_by_where_they_stand() {
        let document: serde_json::Value =
            serde_json::from_str(include_str!("../../demo/situations-fictives.json")).unwrap();
        let all: Vec<Jalon> = canonical::from_text(&document["jalons"].to_string()).unwrap();
        let reserves: Vec<Reserve> = canonical::from_text(&document["reserves"].to_string()).unwrap();
        let today = "2025-09-12".parse().unwrap();
        let calendar = Calendar::new(today, Dates::of(&reserves));
        let summary = Summary::of(&all, &calendar);
        assert_eq!(summary.total, 24);
        assert_eq!(
            summary.sentence(),
            "24 jalons : 11 atteints, 7 en retard dont 2 selon la lecture, 2 en cours, 2 reportés, 1 à venir, 1 abandonné"
        );
        let found = late(&all, &calendar);
        let codes: Vec<&str> = found.iter().map(|(it, _)| it.code.as_str()).collect();
        assert_eq!(codes, ["J16.c", "J3", "J9", "J2", "J15", "J19", "J21"]);
        assert_eq!(found.iter().filter(|(_, standing)| *standing == Standing::LateByReading).count(), 2);
        assert_eq!(Summary::of([], &calendar).sentence(), "");
        let alone = all.iter().filter(|it| it.code.as_str() == "J19");
        assert_eq!(Summary::of(alone, &calendar).sentence(), "1 jalon : 1 en retard selon la lecture");
        // Without the réserves, the date in use is the only one.
        let plain = Calendar::new(today, Dates::default());
        assert_eq!(Summary::of(&all, &plain).count(Standing::Late), 5);
    }
}
