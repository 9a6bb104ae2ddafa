//! The facts that the controls of a plan read, the whole catalogue, and what a person sees of it (docs/regles.md §7).
//!
//! Pure: the same facts give the same outcomes, whoever asks and whenever.

mod commitments;
mod contract;
mod indicators;
mod jalons;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::accounts::model::User;
use crate::budget::model::BudgetTotals;
use crate::budget::sums::Asked;
use crate::commitments::model::{Envelope, Heading, Request};
use crate::indicators::progress::{Direction, Nature};
use crate::kernel::ids::Code;
use crate::kernel::period::{Period, PeriodKind};
use crate::plans::model::AdoptionStep;
use crate::posts::model::Posts;
use crate::printed::outcome::run;
use crate::printed::{self, Control, Family, Mentions, Outcome, Verdict};
use crate::record;
use crate::reserves::model::Sight;
use crate::{budget, posts};

record! {
    /// A fiche, as far as a control reads it.
    pub struct Fiche {
        /// Its number.
        pub code: Code,
        /// A group of lettered measures.
        pub is_group: bool,
        /// Civil or academic.
        pub period_kind: PeriodKind,
        /// Columns the printed form has.
        pub columns_printed: Vec<Period>,
    }
}

record! {
    /// A measure with what it aims at, as far as a control reads it.
    pub struct Aim {
        /// Its code.
        pub code: Code,
        /// Its indicator.
        pub indicator: Code,
        /// Stock, flux annuel, cumul.
        pub nature: Nature,
        /// Hausse, baisse, maintien.
        pub direction: Direction,
        /// The reference, when it is a number.
        pub reference: Option<Decimal>,
        /// The target in force, when it is a number.
        pub target: Option<Decimal>,
    }
}

record! {
    /// A jalon, as far as a control reads it.
    pub struct Due {
        /// Its code.
        pub code: Code,
        /// Its group.
        pub parent: Option<Code>,
        /// A group has leaves and no date.
        pub is_group: bool,
        /// The first date.
        pub due_on: Option<NaiveDate>,
        /// As printed.
        pub due_printed: Option<String>,
    }
}

/// A request as it is asked now, and whether its decision in force, its own or its heading's, is favourable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// As it is asked now.
    pub request: Request,
    /// Something is granted.
    pub favourable: bool,
}

/// What the controls of one plan read.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// First year.
    pub first_year: i32,
    /// Last year.
    pub last_year: i32,
    /// How many sites its structure has.
    pub sites: usize,
    /// Adoption.
    pub steps: Vec<AdoptionStep>,
    /// Fiches.
    pub fiches: Vec<Fiche>,
    /// Measures.
    pub aims: Vec<Aim>,
    /// Jalons, groups before their leaves.
    pub jalons: Vec<Due>,
    /// Headings.
    pub headings: Vec<Heading>,
    /// Requests not withdrawn.
    pub demands: Vec<Demand>,
    /// Envelopes.
    pub envelopes: Vec<Envelope>,
    /// Posts, their lines as the tables count them.
    pub posts: Posts,
    /// Budget lines with what became of each.
    pub budget: Vec<Asked>,
    /// The totals printed under them.
    pub totals: Option<BudgetTotals>,
    /// Where the document says what no other element holds.
    pub mentions: Mentions,
}

/// The controls that cross rooms, in the order of the page.
fn own() -> Vec<Control<Facts>> {
    [contract::CATALOGUE, commitments::CATALOGUE, indicators::CATALOGUE, jalons::CATALOGUE]
        .into_iter()
        .flat_map(|catalogue| catalogue.iter().map(|it| Control { ..*it }))
        .collect()
}

/// Every control of the catalogue: its word, its family, what kind of statement it checks and how.
pub fn catalogue() -> Vec<(&'static str, Family, printed::Nature, &'static str)> {
    let mut all: Vec<_> = own().iter().map(|it| (it.word, it.family, it.nature, it.rule)).collect();
    all.extend(budget::controls::catalogue().iter().map(|it| (it.word, it.family, it.nature, it.rule)));
    all.extend(posts::controls::catalogue().iter().map(|it| (it.word, it.family, it.nature, it.rule)));
    all.sort_by_key(|(_, family, ..)| *family);
    all
}

/// Every control of a plan, by family, in the order of the catalogue.
pub fn outcomes(facts: &Facts) -> Vec<Outcome> {
    let mut all = run(&own(), facts);
    all.extend(budget::controls::outcomes(&facts.budget, facts.totals.as_ref(), &facts.mentions));
    all.extend(posts::controls::outcomes(&facts.posts, &facts.mentions));
    all.sort_by_key(|it| it.family);
    all
}

/// The controls of a plan that a person sees: one over something they do not see is left out (docs/regles.md §8).
pub fn seen(facts: &Facts, user: &User, structure_id: i64) -> Vec<Outcome> {
    let mut all = outcomes(facts);
    all.retain(|it| it.is_seen_by(user, structure_id));
    all
}

/// How many controls of a plan are in gap, by what one must read to see them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gaps(Vec<(Sight, usize)>);

impl Gaps {
    /// Of what the controls gave.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut counts: Vec<(Sight, usize)> = Vec::new();
        for sight in outcomes.iter().filter(|it| it.is_gap()).map(|it| Sight::of(&it.about)) {
            match counts.iter_mut().find(|(known, _)| *known == sight) {
                Some((_, count)) => *count += 1,
                None => counts.push((sight, 1)),
            }
        }
        Self(counts)
    }

    /// How many a person sees.
    pub fn seen_by(&self, user: &User, structure_id: i64) -> usize {
        self.0.iter().filter(|(sight, _)| sight.is_of(user, structure_id)).map(|(_, count)| count).sum()
    }
}

/// What the URL of the page keeps; what is empty or unreadable keeps all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this family.
    pub family: Option<Family>,
    /// That turn out so.
    pub verdict: Option<Verdict>,
}

impl Filter {
    /// As the URL says it.
    pub fn read(family: &str, verdict: &str) -> Self {
        Self { family: Family::from_word(family), verdict: Verdict::from_word(verdict) }
    }

    /// Whether it keeps an outcome.
    pub fn keeps(&self, outcome: &Outcome) -> bool {
        self.family.is_none_or(|family| family == outcome.family)
            && self.verdict.is_none_or(|verdict| verdict == outcome.verdict)
    }

    /// As a query, with its `?` when it says something.
    pub fn query(&self) -> String {
        let pairs: Vec<String> = [
            self.family.map(|it| format!("family={}", it.word())),
            self.verdict.map(|it| format!("verdict={}", it.word())),
        ]
        .into_iter()
        .flatten()
        .collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::accounts::model::{Grant, Role, Scope};
    use std::collections::HashSet;

    fn user(role: Role) -> User {
        let grants = vec![Grant { role, scope: Scope::Establishment, starts_on: None, ends_on: None }];
        User { account_id: 1, email: "x@demo.invalid".into(), function: "Fonction".into(), grants }
    }

    #[test]
    fn the_catalogue_has_no_double() {
        let all = catalogue();
        let words: HashSet<&str> = all.iter().map(|(word, ..)| *word).collect();
        assert_eq!(words.len(), all.len());
        assert!(all.iter().all(|(_, _, _, rule)| rule.ends_with('.')));
        assert_eq!(all.iter().map(|(_, family, ..)| family).collect::<HashSet<_>>().len(), Family::ALL.len());
    }

    #[test]
    fn a_control_over_something_unseen_is_left_out() {
        use crate::kernel::canonical;
        let file: serde_json::Value = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        let part = |key: &str| file[key].to_string();
        let facts = Facts {
            posts: Posts {
                lines: canonical::from_text(&part("posts")).unwrap(),
                tables: canonical::from_text(&part("post_tables")).unwrap(),
                potential: canonical::from_text(&part("potential")).unwrap(),
            },
            steps: canonical::from_text(&part("steps")).unwrap(),
            headings: canonical::from_text(&part("headings")).unwrap(),
            totals: canonical::from_text(&part("budget_totals")).unwrap(),
            mentions: Mentions(canonical::from_text(&part("mentions")).unwrap()),
            ..Facts::default()
        };
        let families = |role| seen(&facts, &user(role), 7).iter().map(|it| it.family).collect::<HashSet<_>>();
        assert!(
            families(Role::Pilotage).contains(&Family::Posts) && families(Role::Pilotage).contains(&Family::Budget)
        );
        assert!(!families(Role::Finance).contains(&Family::Posts) && families(Role::Finance).contains(&Family::Budget));
        assert!(families(Role::Rh).contains(&Family::Posts) && !families(Role::Rh).contains(&Family::Budget));
        let contributor = families(Role::Contributor);
        assert!(contributor.contains(&Family::Adoption));
        for family in [Family::Posts, Family::Budget, Family::Commitments] {
            assert!(!contributor.contains(&family), "{family:?}");
        }
    }

    #[test]
    fn a_filter_that_says_nothing_keeps_all() {
        assert_eq!(Filter::read("", "n’importe"), Filter::default());
        assert_eq!(Filter::default().query(), "");
        assert_eq!(Filter::read("budget", "ecart").query(), "?family=budget&verdict=ecart");
    }
}
