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

/// What one of them is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The votes are the voters'.
    Votes,
    /// Those who vote, and those who take no part, are there or represented.
    Room,
    /// Nobody is there who is no member.
    Office,
    /// More for than against.
    Majority,
}

/// Counts of a vote that add up, as a deliberation names them: « Pour » 23, « Contre » 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side(pub Vec<(&'static str, i32)>);

impl Side {
    /// Of counts that are all recorded. An unrecorded one is no zero: nothing is said of their sum.
    fn of(counts: &[(&'static str, Option<i32>)]) -> Option<Self> {
        counts.iter().map(|(label, count)| Some((*label, (*count)?))).collect::<Option<_>>().map(Self)
    }

    /// « pour + contre + abstentions ».
    pub fn words(&self) -> String {
        self.0.iter().map(|(label, _)| label.to_lowercase()).collect::<Vec<_>>().join(" + ")
    }

    /// Their sum; counts of a hostile file do not overflow it.
    pub fn sum(&self) -> i64 {
        self.0.iter().map(|(_, count)| i64::from(*count)).sum()
    }
}

/// An identity between the counts of a vote, which a record lets one verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What it is about: a vote has one of each at most.
    pub check: Check,
    /// « pour + contre + abstentions ».
    pub left: Side,
    /// How they should compare.
    pub relation: Relation,
    /// « votants ».
    pub right: Side,
}

impl Identity {
    /// It holds.
    pub fn holds(&self) -> bool {
        let (left, right) = (self.left.sum(), self.right.sum());
        match self.relation {
            Relation::Equal => left == right,
            Relation::AtMost => left <= right,
            Relation::MoreThan => left > right,
        }
    }

    /// « pour + contre + abstentions = votants ».
    pub fn rule(&self) -> String {
        format!("{} {} {}", self.left.words(), self.relation.sign(), self.right.words())
    }

    /// « pour + contre + abstentions (28) = votants (28) ».
    pub fn words(&self) -> String {
        let told = |side: &Side| format!("{} ({})", side.words(), side.sum());
        format!("{} {} {}", told(&self.left), self.relation.sign(), told(&self.right))
    }
}

/// The identities that the counts recorded let one verify, in the order of a deliberation; one whose counts are not all
/// recorded is not told. Pages and controls both ask here.
pub fn identities(act: Act, vote: &Vote) -> Vec<Identity> {
    let voters = ("Votants", vote.voters);
    let (present, represented) = (("Présents", vote.present), ("Représentés", vote.represented));
    let (favour, against) = (("Pour", vote.in_favour), ("Contre", vote.against));
    let tell = |check, left: Option<Side>, relation, right: Option<Side>| {
        Some(Identity { check, left: left?, relation, right: right? })
    };
    // Those who take no part are not always recorded: the voters alone have to be there all the same.
    let apart = Side::of(&[voters, ("Ne prend pas part", vote.no_part)]).or_else(|| Side::of(&[voters]));
    let there = Side::of(&[present, represented]);
    // The nearest to the members in office of what is recorded.
    let nearest = there.clone().or_else(|| Side::of(&[voters])).or_else(|| Side::of(&[present]));
    let adopts = matches!(act, Act::Adoption | Act::Vote);
    [
        tell(
            Check::Votes,
            Side::of(&[favour, against, ("Abstentions", vote.abstentions)]),
            Relation::Equal,
            Side::of(&[voters]),
        ),
        tell(Check::Room, apart, Relation::AtMost, there),
        tell(Check::Office, nearest, Relation::AtMost, Side::of(&[("Membres en exercice", vote.in_office)])),
        tell(Check::Majority, Side::of(&[favour]).filter(|_| adopts), Relation::MoreThan, Side::of(&[against])),
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

    fn faults(act: Act, vote: &Vote) -> Vec<String> {
        told(act, vote).into_iter().filter(|(_, holds)| !holds).map(|(words, _)| words).collect()
    }

    #[test]
    fn each_fault_is_seen() {
        let vote = Vote { present: Some(20), represented: Some(5), no_part: Some(2), abstentions: Some(5), ..uca() };
        assert_eq!(
            faults(Act::Vote, &vote),
            [
                "pour + contre + abstentions (29) = votants (28)",
                "votants + ne prend pas part (30) ≤ présents + représentés (25)"
            ]
        );
        let crowded = Vote { present: Some(50), represented: Some(0), ..uca() };
        assert_eq!(faults(Act::Vote, &crowded), ["présents + représentés (50) ≤ membres en exercice (41)"]);
        let tied = Vote { in_favour: Some(1), against: Some(1), ..none() };
        assert_eq!(faults(Act::Adoption, &tied), ["pour (1) > contre (1)"]);
        assert_eq!(told(Act::Opinion, &tied), [], "an avis adopts nothing");
    }

    #[test]
    fn those_who_left_before_the_vote_are_no_fault() {
        let vote = Vote { present: Some(30), represented: Some(2), no_part: Some(1), ..uca() };
        assert_eq!(faults(Act::Vote, &vote), Vec::<String>::new());
    }

    #[test]
    fn proxies_that_are_not_recorded_are_not_none() {
        let vote = Vote { present: Some(20), ..uca() };
        assert_eq!(told(Act::Vote, &vote), told(Act::Vote, &uca()), "8 of the 28 may have been represented");
        let none_given = Vote { represented: Some(0), ..vote };
        assert_eq!(faults(Act::Vote, &none_given), ["votants (28) ≤ présents + représentés (20)"]);
    }

    #[test]
    fn what_is_not_recorded_is_not_told() {
        assert_eq!(identities(Act::Adoption, &none()), []);
        assert_eq!(identities(Act::Adoption, &Vote { voters: Some(28), in_favour: Some(23), ..none() }), []);
    }
}
