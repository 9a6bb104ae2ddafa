//! What the counts of a vote should satisfy (docs/regles.md §9). A fault warns: it never blocks, and never rewrites what
//! a deliberation printed.

use super::model::{Act, Vote};

/// How the two sides of an identity compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They are equal.
    Equal,
    /// The first is at most the second.
    AtMost,
    /// The first is more than the second.
    MoreThan,
}

impl Relation {
    /// As written between the two.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::AtMost => "≤",
            Self::MoreThan => ">",
        }
    }
}

/// An identity between the counts of a vote, which a record lets one verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// « pour + contre + abstentions ».
    pub left: &'static str,
    /// Its sum.
    pub left_sum: i64,
    /// How they should compare.
    pub relation: Relation,
    /// « votants ».
    pub right: &'static str,
    /// Its sum.
    pub right_sum: i64,
}

impl Identity {
    /// It holds.
    pub const fn holds(&self) -> bool {
        match self.relation {
            Relation::Equal => self.left_sum == self.right_sum,
            Relation::AtMost => self.left_sum <= self.right_sum,
            Relation::MoreThan => self.left_sum > self.right_sum,
        }
    }

    /// What lies between the two sides; 0 when they are equal.
    pub const fn gap(&self) -> i64 {
        self.left_sum - self.right_sum
    }

    /// « pour + contre + abstentions (28) = votants (28) ».
    pub fn words(&self) -> String {
        format!("{} ({}) {} {} ({})", self.left, self.left_sum, self.relation.sign(), self.right, self.right_sum)
    }
}

/// The identities that the counts recorded let one verify, in the order of a deliberation; one whose counts are not all
/// recorded is not told.
pub fn identities(act: Act, vote: &Vote) -> Vec<Identity> {
    let sum = |counts: &[Option<i32>]| counts.iter().try_fold(0_i64, |sum, count| Some(sum + i64::from((*count)?)));
    let tell = |left, left_sum: Option<i64>, relation, right, right_sum: Option<i64>| {
        Some(Identity { left, left_sum: left_sum?, relation, right, right_sum: right_sum? })
    };
    let said = sum(&[vote.in_favour, vote.against, vote.abstentions]);
    let voters = sum(&[vote.voters]);
    let there = sum(&[vote.present, vote.represented]);
    let office = sum(&[vote.in_office]);
    // A vote without proxies records none.
    let there = there.or_else(|| sum(&[vote.present]).filter(|_| vote.represented.is_none()));
    let apart = if vote.no_part.is_some() { sum(&[vote.voters, vote.no_part]) } else { None };
    let adopts = matches!(act, Act::Adoption | Act::Vote);
    [
        tell("pour + contre + abstentions", said, Relation::Equal, "votants", voters),
        tell("votants", voters, Relation::AtMost, "présents + représentés", there),
        tell("votants + ne prend pas part", apart, Relation::AtMost, "présents + représentés", there),
        tell("présents + représentés", there, Relation::AtMost, "membres en exercice", office),
        // Said only when nothing stands between the two.
        tell("votants", voters.filter(|_| there.is_none()), Relation::AtMost, "membres en exercice", office),
        tell("pour", sum(&[vote.in_favour]), Relation::MoreThan, "contre", sum(&[vote.against]).filter(|_| adopts)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> Vote {
        Vote {
            in_office: None,
            present: None,
            represented: None,
            voters: None,
            in_favour: None,
            against: None,
            abstentions: None,
            no_part: None,
            lines: Vec::new(),
        }
    }

    /// The council of the real contract.
    fn uca() -> Vote {
        Vote {
            in_office: Some(41),
            voters: Some(28),
            in_favour: Some(23),
            against: Some(1),
            abstentions: Some(4),
            ..none()
        }
    }

    fn told(act: Act, vote: &Vote) -> Vec<(String, bool)> {
        identities(act, vote).iter().map(|it| (it.words(), it.holds())).collect()
    }

    #[test]
    fn the_real_vote_holds() {
        let expected = [
            ("pour + contre + abstentions (28) = votants (28)", true),
            ("votants (28) ≤ membres en exercice (41)", true),
            ("pour (23) > contre (1)", true),
        ];
        assert_eq!(told(Act::Adoption, &uca()), expected.map(|(words, holds)| (words.to_owned(), holds)));
    }

    #[test]
    fn each_fault_is_seen() {
        let vote = Vote { present: Some(20), represented: Some(5), no_part: Some(2), abstentions: Some(5), ..uca() };
        let faults: Vec<String> =
            told(Act::Vote, &vote).into_iter().filter(|(_, holds)| !holds).map(|(words, _)| words).collect();
        assert_eq!(
            faults,
            [
                "pour + contre + abstentions (29) = votants (28)",
                "votants (28) ≤ présents + représentés (25)",
                "votants + ne prend pas part (30) ≤ présents + représentés (25)"
            ]
        );
        let crowded = Vote { present: Some(50), ..uca() };
        assert!(
            told(Act::Vote, &crowded)
                .contains(&("présents + représentés (50) ≤ membres en exercice (41)".into(), false))
        );
        let tied = Vote { in_favour: Some(1), against: Some(1), ..none() };
        assert_eq!(told(Act::Adoption, &tied), [("pour (1) > contre (1)".into(), false)]);
        assert_eq!(told(Act::Opinion, &tied), [], "an avis adopts nothing");
    }

    #[test]
    fn what_is_not_recorded_is_not_told() {
        assert_eq!(identities(Act::Adoption, &none()), []);
        assert_eq!(identities(Act::Adoption, &Vote { voters: Some(28), in_favour: Some(23), ..none() }), []);
    }
}
