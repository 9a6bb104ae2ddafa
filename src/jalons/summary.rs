//! Jalons counted: « 2 atteints, 1 en retard ».

use chrono::NaiveDate;

use super::model::{Jalon, Standing};

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
    pub fn of<'a>(jalons: impl IntoIterator<Item = &'a Jalon>, today: NaiveDate) -> Self {
        let all: Vec<Standing> =
            jalons.into_iter().filter(|it| it.is_leaf()).map(|leaf| leaf.standing(today)).collect();
        let count = |standing| all.iter().filter(|it| **it == standing).count();
        Self {
            counts: Standing::ALL.into_iter().map(|it| (it, count(it))).filter(|(_, count)| *count > 0).collect(),
            total: all.len(),
        }
    }

    /// « 2 atteints, 1 en retard »; empty when there is none.
    pub fn words(&self) -> String {
        let told: Vec<String> = self.counts.iter().map(|(standing, count)| standing.counted(*count)).collect();
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

/// The late ones, the oldest date first.
pub fn late<'a>(jalons: impl IntoIterator<Item = &'a Jalon>, today: NaiveDate) -> Vec<&'a Jalon> {
    let mut late: Vec<&Jalon> = jalons.into_iter().filter(|it| it.is_late(today)).collect();
    late.sort_by_key(|it| it.due());
    late
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;

    #[test]
    fn leaves_are_counted_by_where_they_stand() {
        let document: serde_json::Value =
            serde_json::from_str(include_str!("../../demo/situations-fictives.json")).unwrap();
        let all: Vec<Jalon> = canonical::from_text(&document["jalons"].to_string()).unwrap();
        let today = "2025-09-12".parse().unwrap();
        let summary = Summary::of(&all, today);
        assert_eq!(summary.total, 24);
        assert_eq!(
            summary.sentence(),
            "24 jalons : 11 atteints, 5 en retard, 2 en cours, 2 reportés, 3 à venir, 1 abandonné"
        );
        let late: Vec<&str> = late(&all, today).into_iter().map(|it| it.code.as_str()).collect();
        assert_eq!(late, ["J16.c", "J3", "J9", "J2", "J15"]);
        assert_eq!(Summary::of([], today).sentence(), "");
    }
}
